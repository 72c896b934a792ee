// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests sendfile() and splice(), to a socket and from it. That
 * nothing is copied shows when a page is written to after it has been sent:
 * the receiver finds what is there now, for it has the same page.
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
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>

#include "peer.h"

#define PAGE	4096
#define LEN	600		/* bytes of a page that is looked at */

static char buf[1 << 16];

static int file_of(size_t len)
{
	int fd = OK(memfd_create("data", 0));
	char *data = malloc(len);

	tt_pattern(data, len, 0);
	tt_write_all(fd, data, len);
	free(data);
	return fd;
}

static int file_with(char c)
{
	int fd = OK(memfd_create("data", 0));

	memset(buf, c, PAGE);
	tt_write_all(fd, buf, PAGE);
	return fd;
}

static void change(int file, char c)
{
	memset(buf, c, PAGE);
	EQ(pwrite(file, buf, PAGE, 0), PAGE);
}

static void send_page(int fd, int file, size_t len)
{
	off_t at = 100;

	EQ(sendfile(fd, file, &at, len), len);
}

static int unread(int fd)
{
	int n;

	OK(ioctl(fd, SIOCINQ, &n));
	return n;
}

/* The next @len bytes of @fd are all this one. */
static void expect_bytes(int fd, char c, size_t len)
{
	size_t i;

	tt_read_all(fd, buf, len);
	for (i = 0; i < len; i++) {
		if (buf[i] != c)
			FAIL("byte %zu is '%c', expected '%c'", i, buf[i], c);
	}
}

static void sendfile_copies_nothing(void)
{
	int c, s, file = file_with('a');

	tt_pair(&c, &s);
	send_page(c, file, LEN);
	UNTIL(unread(s) == LEN);
	change(file, 'b');
	expect_bytes(s, 'b', LEN);
}

/* Before, between and behind copied bytes, in one segment. */
static void shared_among_copied(void)
{
	int c, s, file = file_with('a');

	tt_pair(&c, &s);
	EQ(send(c, "one", 3, MSG_MORE), 3);
	tt_set(c, IPPROTO_TCP, TCP_CORK, 1);
	send_page(c, file, 100);
	EQ(send(c, "two", 3, 0), 3);
	send_page(c, file, 100);
	EQ(send(c, "three", 5, 0), 5);
	tt_set(c, IPPROTO_TCP, TCP_CORK, 0);
	UNTIL(unread(s) == 211);
	change(file, 'b');
	tt_read_all(s, buf, 3);
	CHECK(!memcmp(buf, "one", 3));
	expect_bytes(s, 'b', 100);
	tt_read_all(s, buf, 3);
	CHECK(!memcmp(buf, "two", 3));
	expect_bytes(s, 'b', 100);
	tt_read_all(s, buf, 5);
	CHECK(!memcmp(buf, "three", 5));
}

/* Memory of the program, by way of a pipe. */
static void vmsplice_copies_nothing(void)
{
	char *mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec iov = { mem, LEN };
	int c, s, fds[2];

	CHECK(mem != MAP_FAILED);
	tt_pair(&c, &s);
	OK(pipe(fds));
	memset(mem, 'a', LEN);
	EQ(vmsplice(fds[1], &iov, 1, 0), LEN);
	EQ(splice(fds[0], NULL, c, NULL, LEN, 0), LEN);
	UNTIL(unread(s) == LEN);
	memset(mem, 'b', LEN);
	expect_bytes(s, 'b', LEN);
}

static void splice_out_copies_nothing(void)
{
	int c, s, file = file_with('a'), fds[2];

	tt_pair(&c, &s);
	OK(pipe(fds));
	send_page(c, file, LEN);
	UNTIL(unread(s) == LEN);
	EQ(splice(s, NULL, fds[1], NULL, LEN, 0), LEN);
	EQ(unread(s), 0);
	change(file, 'b');
	expect_bytes(fds[0], 'b', LEN);
}

/* What is repeated, cut in other places than before, is still the page. */
static void repeated_and_cut(void)
{
	struct peer p = peer_new();
	int fd, file = file_of(PAGE);
	struct seg s;
	off_t at = 0;

	peer_open();
	fd = peer_answer(&p);
	EQ(sendfile(fd, file, &at, 3000), 3000);
	peer_expect_data(&p, 3000);
	/* a part of the first segment has arrived, the rest has not */
	p.rcv_nxt -= 2100;
	peer_send(&p, F_ACK, 0);
	for (at = 900; at < 3000; at += s.len) {
		do
			CHECK(peer_poll(&s, TT_DEADLINE));
		while (!s.len || s.seq != p.rcv_nxt);
		CHECK(tt_is_pattern(s.data, s.len, at));
		p.rcv_nxt += s.len;
		peer_send(&p, F_ACK, 0);
	}
}

static void device_fragments(bool on)
{
	struct ethtool_value v = { .cmd = ETHTOOL_SSG, .data = on };
	struct ifreq ifr = { .ifr_data = (void *)&v };
	int fd = OK(socket(AF_INET, SOCK_DGRAM, 0));
	struct if_nameindex *all = if_nameindex(), *i;

	for (i = all; i->if_index; i++) {
		if (!strcmp(i->if_name, "lo"))
			continue;
		strcpy(ifr.ifr_name, i->if_name);
		OK(ioctl(fd, SIOCETHTOOL, &ifr));
	}
	if_freenameindex(all);
	close(fd);
}

/* The page waits for a window, is written to, and then sent. */
static char sent_late(bool fragments)
{
	struct peer p = peer_new();
	int fd, file = file_with('a');
	struct seg s;

	peer_open();
	device_fragments(fragments);
	p.win = 0;
	fd = peer_answer(&p);
	send_page(fd, file, LEN);
	change(file, 'b');
	p.win = 30000;
	peer_send(&p, F_ACK, 0);
	do
		CHECK(peer_poll(&s, TT_DEADLINE));
	while (s.len != LEN);
	close(fd);
	peer_close();
	return s.data[LEN / 2];
}

/* A device that has no use for pages gets a copy, made when it was queued. */
static void device_without_fragments(void)
{
	EQ(sent_late(true), 'b');
	EQ(sent_late(false), 'a');
}

/* All sizes and places in a page, with copies in between. */
static void long_mixture(void)
{
	static const size_t steps[] = { 5000, 1, 4096, 70000, 333, 12288 };
	const size_t total = 2000000;
	size_t done, n, i = 0;
	int c, s, file = file_of(total);
	off_t at;

	tt_pair(&c, &s);
	tt_set(c, SOL_SOCKET, SO_SNDBUF, 100000);
	if (!OK(fork())) {
		for (done = 0; done < total; done = at) {
			n = steps[i++ % ARRAY_SIZE(steps)];
			if (n > total - done)
				n = total - done;
			at = done;
			if (i % 3) {
				OK(sendfile(c, file, &at, n));
				continue;
			}
			EQ(pread(file, buf, 1000, done), total - done < 1000 ?
			   total - done : 1000);
			at += OK(send(c, buf, total - done < 1000 ?
				      total - done : 1000, MSG_MORE));
		}
		_exit(0);
	}
	close(c);
	for (done = 0; done < total; done += n) {
		n = OK(read(s, buf, sizeof(buf)));
		CHECK(n);
		CHECK(tt_is_pattern(buf, n, done));
	}
	EQ(read(s, buf, 1), 0);
}

/* Pages count as what is queued: the buffer is full, and has room again. */
static void pages_fill_the_buffer(void)
{
	int c, s, file = file_of(1 << 20);
	off_t at = 0, got = 0;
	ssize_t n;

	tt_pair(&c, &s);
	tt_set(s, SOL_SOCKET, SO_RCVBUF, 32768);
	tt_set(c, SOL_SOCKET, SO_SNDBUF, 32768);
	OK(fcntl(c, F_SETFL, O_NONBLOCK));
	while ((n = sendfile(c, file, &at, 1 << 20)) > 0)
		;
	EQ(errno, EAGAIN);
	CHECK(at > 16384 && at < (1 << 20));
	EQ(tt_poll(c, POLLOUT, 0), 0);
	for (; got < at; got += n) {
		n = OK(read(s, buf, sizeof(buf)));
		CHECK(tt_is_pattern(buf, n, got));
	}
	EQ(tt_poll(c, POLLOUT, TT_DEADLINE), POLLOUT);
}

static void sendfile_fails_as_send_does(void)
{
	int c, s, file = file_of(PAGE), l;
	unsigned int port;
	off_t at = 0;

	OK(signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0);
	FAILS(sendfile(tt_socket(0), file, &at, 10), EPIPE);
	l = tt_listener(1, &port);
	FAILS(sendfile(l, file, &at, 10), EPIPE);
	tt_pair(&c, &s);
	OK(shutdown(c, SHUT_WR));
	FAILS(sendfile(c, file, &at, 10), EPIPE);
	tt_pair(&c, &s);
	tt_abort(s);
	EQ(tt_poll(c, POLLIN, TT_DEADLINE) & POLLERR, POLLERR);
	FAILS(sendfile(c, file, &at, 10), ECONNRESET);
	EQ(at, 0);
}

static void nothing_to_splice(void)
{
	int c, s, fds[2];
	unsigned int port;

	OK(pipe(fds));
	FAILS(splice(tt_socket(0), NULL, fds[1], NULL, 10, 0), ENOTCONN);
	FAILS(splice(tt_listener(1, &port), NULL, fds[1], NULL, 10, 0), ENOTCONN);
	tt_pair(&c, &s);
	OK(fcntl(s, F_SETFL, O_NONBLOCK));
	FAILS(splice(s, NULL, fds[1], NULL, 10, 0), EAGAIN);
	tt_write_all(c, "last", 4);
	OK(shutdown(c, SHUT_WR));
	tt_until_state(s, 8 /* CLOSE_WAIT */);
	EQ(splice(s, NULL, fds[1], NULL, 10, 0), 4);
	EQ(splice(s, NULL, fds[1], NULL, 10, 0), 0);
	tt_pair(&c, &s);
	tt_abort(c);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE) & POLLERR, POLLERR);
	FAILS(splice(s, NULL, fds[1], NULL, 10, 0), ECONNRESET);
	EQ(splice(s, NULL, fds[1], NULL, 10, 0), 0);
}

static void ignore(int sig)
{
	(void)sig;
}

static void splice_waits_for_data(void)
{
	struct sigaction sa = { .sa_handler = ignore };
	pid_t parent = getpid(), pid;
	int c, s, fds[2];

	OK(pipe(fds));
	tt_pair(&c, &s);
	if (!OK(fork())) {
		usleep(50000);
		tt_write_all(c, "late", 4);
		_exit(0);
	}
	EQ(splice(s, NULL, fds[1], NULL, 10, 0), 4);
	/* a signal ends the wait, as often as it takes */
	OK(sigaction(SIGUSR1, &sa, NULL));
	pid = OK(fork());
	if (!pid) {
		for (;;) {
			usleep(10000);
			kill(parent, SIGUSR1);
		}
	}
	FAILS(splice(s, NULL, fds[1], NULL, 10, 0), EINTR);
	kill(pid, SIGKILL);
}

/* SO_RCVLOWAT is for those who wait outside: what came is taken. */
static void splice_takes_little(void)
{
	int c, s, fds[2];

	OK(pipe(fds));
	tt_pair(&c, &s);
	tt_set(s, SOL_SOCKET, SO_RCVLOWAT, 1000);
	if (!OK(fork())) {
		usleep(50000);
		tt_write_all(c, "late", 4);
		_exit(0);
	}
	EQ(splice(s, NULL, fds[1], NULL, 10, 0), 4);
}

/* What does not fit stays in the socket, and is whole. */
static void pipe_too_small(void)
{
	const size_t total = 200000;
	int c, s, file = file_of(total), fds[2];
	size_t got = 0, in, n;
	ssize_t more;
	off_t at = 0;

	tt_pair(&c, &s);
	OK(pipe(fds));
	OK(fcntl(fds[1], F_SETPIPE_SZ, 2 * PAGE));
	if (!OK(fork())) {
		while (at < (off_t)total)
			OK(sendfile(c, file, &at, total - at));
		_exit(0);
	}
	close(c);
	while (got < total) {
		in = OK(splice(s, NULL, fds[1], NULL, total, 0));
		CHECK(in);
		while ((more = splice(s, NULL, fds[1], NULL, total,
				      SPLICE_F_NONBLOCK)) > 0)
			in += more;
		CHECK(more == 0 || errno == EAGAIN);
		for (; in; in -= n, got += n) {
			n = OK(read(fds[0], buf, in));
			CHECK(tt_is_pattern(buf, n, got));
		}
	}
	EQ(splice(s, NULL, fds[1], NULL, 1, 0), 0);
}

/* A writer that waits for the window hears that splice() has made room. */
static void splice_opens_the_window(void)
{
	const size_t total = 1000000;
	int c, s, fds[2];
	size_t got = 0;

	tt_pair(&c, &s);
	tt_set(s, SOL_SOCKET, SO_RCVBUF, 16384);
	OK(pipe(fds));
	if (!OK(fork())) {
		for (got = 0; got < total; got += 10000) {
			tt_pattern(buf, 10000, got);
			tt_write_all(c, buf, 10000);
		}
		_exit(0);
	}
	close(c);
	while (got < total) {
		size_t n = OK(splice(s, NULL, fds[1], NULL, sizeof(buf), 0));

		CHECK(n);
		tt_read_all(fds[0], buf, n);
		CHECK(tt_is_pattern(buf, n, got));
		got += n;
	}
}

/* As with read(): it stops at the mark, and the urgent byte is not for it. */
static void splice_stops_at_the_mark(void)
{
	int c, s, fds[2];
	char byte;

	tt_pair(&c, &s);
	OK(pipe(fds));
	EQ(send(c, "abc!", 4, MSG_OOB), 4);
	tt_write_all(c, "def", 3);
	UNTIL(unread(s) == 3 && tt_poll(s, POLLPRI, 0) == POLLPRI);
	EQ(recv(s, &byte, 1, MSG_OOB), 1);
	EQ(byte, '!');
	EQ(splice(s, NULL, fds[1], NULL, 10, 0), 3);
	tt_read_all(fds[0], buf, 3);
	CHECK(!memcmp(buf, "abc", 3));
	EQ(splice(s, NULL, fds[1], NULL, 10, 0), 3);
	tt_read_all(fds[0], buf, 3);
	CHECK(!memcmp(buf, "def", 3));
}

static const struct tt_test tests[] = {
	TEST(sendfile_copies_nothing),
	TEST(shared_among_copied),
	TEST(vmsplice_copies_nothing),
	TEST(splice_out_copies_nothing),
	TEST_FLAGS(repeated_and_cut, TT_TTP_ONLY),
	TEST_FLAGS(device_without_fragments, TT_TTP_ONLY),
	TEST(long_mixture),
	TEST(pages_fill_the_buffer),
	TEST(sendfile_fails_as_send_does),
	TEST(nothing_to_splice),
	TEST(splice_waits_for_data),
	TEST_FLAGS(splice_takes_little, TT_TTP_ONLY),
	TEST(pipe_too_small),
	TEST(splice_opens_the_window),
	TEST_FLAGS(splice_stops_at_the_mark, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
