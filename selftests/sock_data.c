// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests every call that moves data, its flags, and what it does
 * when there is nothing to read, no room to write, or nobody there.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>

#include "peer.h"

static char buf[1 << 16];

static void expect_text(int fd, const char *text)
{
	char got[64] = "";

	tt_read_all(fd, got, strlen(text));
	if (strcmp(got, text))
		FAIL("got '%s', expected '%s'", got, text);
}

static void every_send_call(void)
{
	struct iovec iov[3] = { { "sen", 3 }, { "dm", 2 }, { "sg", 2 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };
	struct mmsghdr mm[2] = { { .msg_hdr = msg }, { .msg_hdr = msg } };
	struct tt_addr a;
	int c, s;

	tt_pair(&c, &s);
	a = tt_remote(c);
	EQ(write(c, "write", 5), 5);
	expect_text(s, "write");
	EQ(send(c, "send", 4, 0), 4);
	expect_text(s, "send");
	EQ(sendto(c, "sendto", 6, 0, NULL, 0), 6);
	expect_text(s, "sendto");
	/* an address is ignored */
	EQ(sendto(c, "again", 5, 0, &a.sa, a.len), 5);
	expect_text(s, "again");
	EQ(writev(c, iov, 3), 7);
	expect_text(s, "sendmsg");
	EQ(sendmsg(c, &msg, 0), 7);
	expect_text(s, "sendmsg");
	EQ(sendmmsg(c, mm, 2, 0), 2);
	expect_text(s, "sendmsgsendmsg");
	EQ(mm[1].msg_len, 7);
}

static void every_recv_call(void)
{
	char x[4] = "", y[8] = "";
	struct iovec iov[2] = { { x, 2 }, { y, 8 } };
	struct sockaddr_storage ss;
	struct msghdr msg = {
		.msg_iov = iov, .msg_iovlen = 2,
		.msg_name = &ss, .msg_namelen = sizeof(ss),
	};
	socklen_t len = sizeof(ss);
	int c, s;

	tt_pair(&c, &s);
	tt_write_all(c, "abcdef", 6);
	EQ(readv(s, iov, 2), 6);
	CHECK(!strcmp(x, "ab") && !strcmp(y, "cdef"));
	tt_write_all(c, "ghijkl", 6);
	EQ(recvmsg(s, &msg, 0), 6);
	CHECK(!strcmp(x, "gh") && !strcmp(y, "ijkl"));
	/* a stream gives no source address */
	EQ(msg.msg_namelen, 0);
	EQ(msg.msg_flags, 0);
	tt_write_all(c, "mn", 2);
	EQ(recvfrom(s, buf, sizeof(buf), 0, (struct sockaddr *)&ss, &len), 2);
	EQ(len, 0);
	tt_write_all(c, "op", 2);
	EQ(read(s, buf, sizeof(buf)), 2);
}

/* Claim 8: a byte stream has no message boundaries. */
static void stream_has_no_boundaries(void)
{
	int c, s;

	tt_pair(&c, &s);
	tt_set(c, IPPROTO_TCP, TCP_NODELAY, 1);
	EQ(send(c, "one", 3, 0), 3);
	EQ(send(c, "two", 3, 0), 3);
	EQ(send(c, "three", 5, 0), 5);
	expect_text(s, "onetwothree");
	EQ(send(c, "onetwothree", 11, 0), 11);
	expect_text(s, "on");
	expect_text(s, "etwothree");
}

static void peek(void)
{
	int c, s;

	tt_pair(&c, &s);
	tt_write_all(c, "first", 5);
	EQ(recv(s, buf, 5, MSG_PEEK | MSG_WAITALL), 5);
	tt_write_all(c, "second", 6);
	UNTIL(recv(s, buf, sizeof(buf), MSG_PEEK) == 11);
	CHECK(!memcmp(buf, "firstsecond", 11));
	EQ(recv(s, buf, 3, MSG_PEEK), 3);
	EQ(tt_poll(s, POLLIN, 0), POLLIN);
	expect_text(s, "firstsecond");
	FAILS(recv(s, buf, 1, MSG_PEEK | MSG_DONTWAIT), EAGAIN);
	close(c);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	EQ(recv(s, buf, 1, MSG_PEEK), 0);
	EQ(recv(s, buf, 1, MSG_PEEK), 0);
}

static void waitall(void)
{
	int c, s;

	tt_pair(&c, &s);
	if (!OK(fork())) {
		tt_write_all(c, "abc", 3);
		usleep(50000);
		tt_write_all(c, "def", 3);
		usleep(50000);
		tt_write_all(c, "ghi", 3);
		_exit(0);
	}
	EQ(recv(s, buf, 8, MSG_WAITALL), 8);
	CHECK(!memcmp(buf, "abcdefgh", 8));
	/* the end of the stream ends the wait */
	OK(shutdown(c, SHUT_WR));
	EQ(recv(s, buf, 8, MSG_WAITALL), 1);
	EQ(recv(s, buf, 8, MSG_WAITALL), 0);
}

static void dontwait(void)
{
	int c, s;

	tt_pair(&c, &s);
	FAILS(recv(s, buf, 1, MSG_DONTWAIT), EAGAIN);
	OK(fcntl(s, F_SETFL, O_NONBLOCK));
	FAILS(read(s, buf, 1), EAGAIN);
	tt_write_all(c, "abc", 3);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	/* what is there, not what was asked for */
	EQ(recv(s, buf, 100, MSG_DONTWAIT | MSG_WAITALL), 3);
}

static size_t fill(int fd)
{
	size_t total = 0;
	ssize_t n;

	memset(buf, 'x', sizeof(buf));
	while ((n = send(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		total += n;
	EQ(errno, EAGAIN);
	return total;
}

static void full_then_drained(void)
{
	size_t total, got = 0;
	int c, s;

	tt_pair(&c, &s);
	tt_set(c, SOL_SOCKET, SO_SNDBUF, 32768);
	total = fill(c);
	CHECK(total > 16384);
	EQ(tt_poll(c, POLLOUT, 0), 0);
	while (got < total)
		got += OK(read(s, buf, sizeof(buf)));
	EQ(got, total);
	EQ(tt_poll(c, POLLOUT, TT_DEADLINE), POLLOUT);
}

static void ignore(int sig)
{
	(void)sig;
}

static pid_t interrupter(void)
{
	struct sigaction sa = { .sa_handler = ignore };
	pid_t parent = getpid(), pid;

	OK(sigaction(SIGUSR1, &sa, NULL));
	pid = OK(fork());
	while (!pid) {
		usleep(50000);
		kill(parent, SIGUSR1);
	}
	return pid;
}

/* Nothing moved: EINTR. Something moved: how much. */
static void interrupted_calls(void)
{
	size_t before;
	ssize_t n;
	int c, s;

	tt_pair(&c, &s);
	interrupter();
	FAILS(recv(s, buf, 1, 0), EINTR);
	UNTIL(send(c, "abc", 3, 0) == 3);
	UNTIL((n = recv(s, buf, 10, MSG_WAITALL)) > 0);
	EQ(n, 3);
	before = fill(c);
	FAILS(send(c, buf, sizeof(buf), 0), EINTR);
	CHECK(before > 0);
	close(c);
	close(s);
	tt_pair(&c, &s);
	n = send(c, mmap(NULL, 64 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0), 64 << 20, 0);
	CHECK(n > 0 && n < 64 << 20);
}

static void timeouts(void)
{
	struct timeval tv = { .tv_usec = 150000 }, got;
	socklen_t len = sizeof(got);
	int c, s;
	long long t0;

	tt_pair(&c, &s);
	OK(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	OK(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &got, &len));
	EQ(got.tv_usec / 10000, 15);
	t0 = tt_now_ms();
	FAILS(recv(s, buf, 1, 0), EAGAIN);
	CHECK(tt_now_ms() - t0 >= 75);
	tt_write_all(c, "abc", 3);
	EQ(recv(s, buf, 10, MSG_WAITALL), 3);
	fill(c);
	OK(setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	t0 = tt_now_ms();
	while (send(c, buf, sizeof(buf), 0) > 0)
		;
	EQ(errno, EAGAIN);
	CHECK(tt_now_ms() - t0 >= 75);
}

static volatile int sigpipes;

static void on_sigpipe(int sig)
{
	(void)sig;
	sigpipes++;
}

static void sigpipe_and_epipe(void)
{
	struct sigaction sa = { .sa_handler = on_sigpipe };
	int c, s;

	OK(sigaction(SIGPIPE, &sa, NULL));
	tt_pair(&c, &s);
	OK(shutdown(c, SHUT_WR));
	FAILS(write(c, "x", 1), EPIPE);
	EQ(sigpipes, 1);
	FAILS(send(c, "x", 1, MSG_NOSIGNAL), EPIPE);
	EQ(sigpipes, 1);
	FAILS(send(c, "x", 1, 0), EPIPE);
	EQ(sigpipes, 2);
}

static void not_connected(void)
{
	unsigned int port;
	int fd = tt_socket(0), l = tt_listener(1, &port);

	FAILS(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
	FAILS(recv(fd, buf, 1, 0), ENOTCONN);
	FAILS(send(l, "x", 1, MSG_NOSIGNAL), EPIPE);
	FAILS(recv(l, buf, 1, 0), ENOTCONN);
	FAILS(shutdown(fd, SHUT_WR), ENOTCONN);
}

/* MSG_TRUNC throws data away without copying it. */
static void trunc_discards(void)
{
	int c, s;

	tt_pair(&c, &s);
	tt_write_all(c, "junkgold", 8);
	EQ(recv(s, NULL, 4, MSG_TRUNC | MSG_WAITALL), 4);
	expect_text(s, "gold");
}

static void empty_writes(void)
{
	int c, s;

	tt_pair(&c, &s);
	EQ(write(c, "", 0), 0);
	EQ(send(c, NULL, 0, 0), 0);
	FAILS(recv(s, buf, 1, MSG_DONTWAIT), EAGAIN);
	tt_write_all(c, "x", 1);
	expect_text(s, "x");
}

/* A bad pointer costs the call, not the stream. */
static void bad_pointers(void)
{
	char *bad = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int c, s;

	OK(mprotect(bad + 4096, 4096, PROT_NONE));
	tt_pair(&c, &s);
	FAILS(send(c, bad + 4096, 10, 0), EFAULT);
	tt_write_all(c, "whole", 5);
	FAILS(recv(s, bad + 4096, 5, 0), EFAULT);
	expect_text(s, "whole");
	/* what could be copied counts */
	memset(bad, 'y', 4096);
	CHECK(send(c, bad, 8192, 0) <= 4096);
	OK(shutdown(c, SHUT_WR));
	while (OK(read(s, buf, sizeof(buf))) > 0)
		CHECK(buf[0] == 'y');
}

static void counters_of_queues(void)
{
	int c, s, n = -1;
	unsigned int port;
	struct peer p = peer_new();

	tt_pair(&c, &s);
	OK(ioctl(s, FIONREAD, &n));
	EQ(n, 0);
	tt_write_all(c, "12345", 5);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	OK(ioctl(s, SIOCINQ, &n));
	EQ(n, 5);
	expect_text(s, "12");
	OK(ioctl(s, FIONREAD, &n));
	EQ(n, 3);
	UNTIL(!ioctl(c, SIOCOUTQ, &n) && n == 0);
	close(c);
	expect_text(s, "345");
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	OK(ioctl(s, FIONREAD, &n));
	EQ(n, 0);
	FAILS(ioctl(tt_listener(1, &port), FIONREAD, &n), EINVAL);
	FAILS(ioctl(tt_listener(1, &port), SIOCOUTQ, &n), EINVAL);

	/* nobody acknowledges: it stays, sent or not sent */
	peer_open();
	p.win = 3;
	c = peer_dial(&p);
	tt_write_all(c, "abcdef", 6);
	peer_expect_data(&p, 3);
	OK(ioctl(c, SIOCOUTQ, &n));
	EQ(n, 6);
	OK(ioctl(c, SIOCOUTQNSD, &n));
	EQ(n, 3);
	peer_send(&p, F_ACK, 0);
	UNTIL(!ioctl(c, SIOCOUTQ, &n) && n == 3);
}

static void check_stream(int fd, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = OK(read(fd, buf, sizeof(buf)));

		if (!n || !tt_is_pattern(buf, n, got))
			FAIL("stream wrong or short at %zu", got);
		got += n;
	}
}

/* Pieces of every awkward size. */
static void odd_sizes(void)
{
	static const size_t sizes[] = { 1, 2, 535, 536, 537, 1447, 1448, 1449,
		1460, 4095, 4096, 4097, 16384, 32767, 65535, 65536 };
	size_t total = 0, i;
	int c, s;

	tt_pair(&c, &s);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		total += sizes[i];
	if (!OK(fork())) {
		size_t at = 0;

		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			tt_pattern(buf, sizes[i], at);
			tt_write_all(c, buf, sizes[i]);
			at += sizes[i];
		}
		_exit(0);
	}
	close(c);
	check_stream(s, total);
	EQ(read(s, buf, 1), 0);
}

#define FILE_SIZE	300001

static int pattern_file(void)
{
	int fd = OK(memfd_create("data", 0));
	static char data[FILE_SIZE];

	tt_pattern(data, FILE_SIZE, 0);
	tt_write_all(fd, data, FILE_SIZE);
	return fd;
}

static void sendfile_sends(void)
{
	int c, s, file = pattern_file();
	off_t at = 0;

	tt_pair(&c, &s);
	if (!OK(fork())) {
		while (at < FILE_SIZE)
			OK(sendfile(c, file, &at, FILE_SIZE - at));
		_exit(0);
	}
	close(c);
	check_stream(s, FILE_SIZE);
	EQ(read(s, buf, 1), 0);
}

static void splice_all(int from, int to, size_t len)
{
	size_t done = 0;
	int fds[2];
	ssize_t n, m;

	OK(pipe(fds));
	while (done < len) {
		n = OK(splice(from, NULL, fds[1], NULL, 65536, SPLICE_F_MOVE));
		if (!n)
			FAIL("splice: end of file at %zu", done);
		done += n;
		for (; n; n -= m)
			m = OK(splice(fds[0], NULL, to, NULL, n, 0));
	}
}

static void splice_both_ways(void)
{
	int c, s, in = pattern_file(), out = OK(memfd_create("copy", 0));

	OK(lseek(in, 0, SEEK_SET));
	tt_pair(&c, &s);
	if (!OK(fork())) {
		splice_all(in, c, FILE_SIZE);
		_exit(0);
	}
	close(c);
	splice_all(s, out, FILE_SIZE);
	OK(lseek(out, 0, SEEK_SET));
	check_stream(out, FILE_SIZE);
}

static const struct tt_test tests[] = {
	TEST(every_send_call),
	TEST(every_recv_call),
	TEST(stream_has_no_boundaries),
	TEST(peek),
	TEST(waitall),
	TEST(dontwait),
	TEST(full_then_drained),
	TEST(interrupted_calls),
	TEST(timeouts),
	TEST(sigpipe_and_epipe),
	TEST(not_connected),
	TEST(trunc_discards),
	TEST(empty_writes),
	TEST(bad_pointers),
	TEST(counters_of_queues),
	TEST(odd_sizes),
	TEST(sendfile_sends),
	TEST(splice_both_ways),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
