// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the end of connections as programs see it: shutdown(),
 * close(), resets, lingering, and descriptors that are shared.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "peer.h"

static char buf[1 << 16];

static void read_eof(int fd)
{
	EQ(read(fd, buf, sizeof(buf)), 0);
	EQ(read(fd, buf, sizeof(buf)), 0);
}

static unsigned int lport(int fd)
{
	struct tt_addr a = tt_local(fd);

	return tt_port(&a);
}

/* Claim 36: read returns 0 when the peer has closed. */
static void close_is_eof(void)
{
	int c, s;

	tt_pair(&c, &s);
	tt_write_all(c, "last", 4);
	close(c);
	tt_read_all(s, buf, 4);
	read_eof(s);
}

/* Claim 19: after a half-close the other direction lives on. */
static void half_close(void)
{
	int c, s;

	tt_pair(&c, &s);
	tt_write_all(c, "question", 8);
	OK(shutdown(c, SHUT_WR));
	tt_read_all(s, buf, 8);
	read_eof(s);
	tt_until_state(c, TCP_FIN_WAIT2);
	EQ(tt_state(s), TCP_CLOSE_WAIT);
	tt_write_all(s, "answer", 6);
	tt_read_all(c, buf, 6);
	CHECK(!memcmp(buf, "answer", 6));
	close(s);
	read_eof(c);
	FAILS(send(c, "x", 1, MSG_NOSIGNAL), EPIPE);
}

static void shutdown_read(void)
{
	int c, s;

	tt_pair(&c, &s);
	tt_write_all(c, "kept", 4);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	OK(shutdown(s, SHUT_RD));
	/* what had come can still be read, then it is the end */
	tt_read_all(s, buf, 4);
	read_eof(s);
	tt_write_all(s, "back", 4);
	tt_read_all(c, buf, 4);
}

static void shutdown_both(void)
{
	int c, s;

	tt_pair(&c, &s);
	OK(shutdown(c, SHUT_RDWR));
	read_eof(c);
	FAILS(send(c, "x", 1, MSG_NOSIGNAL), EPIPE);
	read_eof(s);
	OK(shutdown(s, SHUT_RDWR));
	/* CLOSE at last on the passive side, TIME_WAIT on the active */
	UNTIL(tt_state(s) == TCP_CLOSE);
	FAILS(shutdown(s, SHUT_WR), ENOTCONN);
	FAILS(shutdown(c, 3), EINVAL);
}

static void shutdown_wakes_reader(void)
{
	int c, s;

	tt_pair(&c, &s);
	if (!OK(fork())) {
		usleep(100000);
		_exit(shutdown(s, SHUT_RD) != 0);
	}
	EQ(read(s, buf, 1), 0);
}

static void shutdown_wakes_accept(void)
{
	unsigned int port;
	int l = tt_listener(1, &port);

	if (!OK(fork())) {
		usleep(100000);
		_exit(shutdown(l, SHUT_RD) != 0);
	}
	FAILS(accept(l, NULL, NULL), EINVAL);
}

/* Claim 23: who closes first waits; the other is gone at once. */
static void time_wait_is_the_closers(void)
{
	int c, s;
	unsigned int cport, sport;

	tt_pair(&c, &s);
	cport = lport(c);
	sport = lport(s);
	close(c);
	read_eof(s);
	close(s);
	UNTIL(tt_count_state(TCP_TIME_WAIT, cport) == 1);
	EQ(tt_count_state(TCP_TIME_WAIT, sport), 0);
	UNTIL(tt_count_state(TCP_LAST_ACK, sport) == 0);
}

static void linger_zero_resets(void)
{
	unsigned int port;
	int c, s;

	tt_pair(&c, &s);
	port = lport(c);
	tt_write_all(s, "unread", 6);
	tt_abort(c);
	FAILS(read(s, buf, 1), ECONNRESET);
	/* told once; then it is just closed */
	EQ(read(s, buf, 1), 0);
	FAILS(send(s, "x", 1, MSG_NOSIGNAL), EPIPE);
	EQ(tt_state(s), TCP_CLOSE);
	EQ(tt_count_state(TCP_TIME_WAIT, port), 0);
}

/* RFC 2525 2.17: data that nobody will read must not look delivered. */
static void close_with_unread_data_resets(void)
{
	unsigned int port;
	int c, s;

	tt_pair(&c, &s);
	port = lport(s);
	tt_write_all(c, "unread", 6);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	close(s);
	FAILS(read(c, buf, 1), ECONNRESET);
	EQ(tt_count_state(TCP_TIME_WAIT, port), 0);
}

/* Claim 33: the first write is answered by RST, the next one fails. */
static void write_to_the_departed(void)
{
	int c, s;

	tt_pair(&c, &s);
	close(s);
	EQ(tt_poll(c, POLLIN, TT_DEADLINE), POLLIN);
	EQ(send(c, "one", 3, MSG_NOSIGNAL), 3);
	EQ(tt_poll(c, POLLERR, TT_DEADLINE) & POLLHUP, POLLHUP);
	FAILS(send(c, "two", 3, MSG_NOSIGNAL), EPIPE);
	EQ(read(c, buf, 1), 0);
}

/* Claim 32: the kernel says goodbye for a process that was killed. */
static void killed_process(bool unread)
{
	int c, s;
	pid_t pid;

	tt_pair(&c, &s);
	if (unread) {
		tt_write_all(c, "x", 1);
		EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	}
	pid = OK(fork());
	if (!pid)
		pause();
	close(s);
	kill(pid, SIGKILL);
	if (unread)
		FAILS(read(c, buf, 1), ECONNRESET);
	else
		read_eof(c);
}

static void killed_process_is_eof(void)
{
	killed_process(false);
}

static void killed_process_unread_is_reset(void)
{
	killed_process(true);
}

/* SO_LINGER with a time: close() waits for the data to be acknowledged. */
static void linger_waits(void)
{
	struct linger l = { 1, 1 };
	struct peer p = peer_new();
	long long t0;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	tt_write_all(fd, "data", 4);
	t0 = tt_now_ms();
	close(fd);
	CHECK(tt_now_ms() - t0 >= 500);

	p = peer_new();
	fd = peer_dial(&p);
	l.l_linger = 20;
	OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	tt_write_all(fd, "data", 4);
	peer_expect_data(&p, 4);
	if (!OK(fork())) {
		peer_expect(&p, F_FIN | F_ACK);
		peer_send(&p, F_ACK, 0);
		_exit(0);
	}
	t0 = tt_now_ms();
	close(fd);
	CHECK(tt_now_ms() - t0 < 15000);
}

/* close() without lingering returns at once and the data is still sent. */
static void close_sends_what_is_queued(void)
{
	size_t sent = 0, got = 0;
	ssize_t n;
	int c, s;

	tt_pair(&c, &s);
	tt_pattern(buf, sizeof(buf), 0);
	while ((n = send(c, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		sent += n;
	close(c);
	while ((n = OK(read(s, buf, sizeof(buf)))) > 0)
		got += n;
	EQ(got, sent);
}

static void listener_close_resets_pending(void)
{
	unsigned int port;
	int l = tt_listener(4, &port), one, two;

	one = tt_dial(port);
	two = tt_dial(port);
	/* both wait in the accept queue, nobody takes them */
	EQ(tt_poll(l, POLLIN, TT_DEADLINE), POLLIN);
	UNTIL(tt_count_state(TCP_ESTABLISHED, port) == 2);
	close(l);
	FAILS(read(one, buf, 1), ECONNRESET);
	FAILS(read(two, buf, 1), ECONNRESET);
}

/* A request that is not complete dies silently with its listener. */
static void listener_close_drops_requests(void)
{
	struct peer p = peer_new();
	int l;

	peer_open();
	l = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 1);
	close(l);
	UNTIL(tt_count_state(TCP_SYN_RECV, p.kport) == 0);
	peer_send(&p, F_ACK, 0);
	peer_expect(&p, F_RST);
}

static void accept_after_peer_left(void)
{
	unsigned int port;
	int l = tt_listener(4, &port), c = tt_dial(port), s;

	tt_write_all(c, "note", 4);
	close(c);
	UNTIL(tt_count_state(TCP_CLOSE_WAIT, port) == 1);
	s = OK(accept(l, NULL, NULL));
	tt_read_all(s, buf, 4);
	read_eof(s);
}

static void accept_after_reset(void)
{
	unsigned int port;
	int l = tt_listener(4, &port), c = tt_dial(port), s;

	EQ(tt_poll(l, POLLIN, TT_DEADLINE), POLLIN);
	tt_abort(c);
	UNTIL(tt_count_state(TCP_ESTABLISHED, port) == 0);
	s = OK(accept(l, NULL, NULL));
	FAILS(read(s, buf, 1), ECONNRESET);
}

/* Only the last of several descriptors closes. */
static void dup_and_fork_share(void)
{
	int c, s, d, status;
	pid_t pid;

	tt_pair(&c, &s);
	d = OK(dup(c));
	close(c);
	EQ(tt_poll(s, POLLIN, 50), 0);
	pid = OK(fork());
	if (!pid) {
		tt_read_all(d, buf, 2);
		tt_write_all(d, "child", 5);
		_exit(0);
	}
	close(d);
	EQ(tt_poll(s, POLLIN, 50), 0);
	tt_write_all(s, "go", 2);
	tt_read_all(s, buf, 5);
	OK(waitpid(pid, &status, 0));
	EQ(status, 0);
	read_eof(s);
}

/* shutdown() ends the stream for all who share it. */
static void shutdown_is_for_all(void)
{
	int c, s, d;

	tt_pair(&c, &s);
	d = OK(dup(c));
	OK(shutdown(d, SHUT_WR));
	FAILS(send(c, "x", 1, MSG_NOSIGNAL), EPIPE);
	read_eof(s);
}

static void descriptor_passes_processes(void)
{
	int c, s, channel[2], one = 1;
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { &one, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *cm = CMSG_FIRSTHDR(&msg);

	tt_pair(&c, &s);
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, channel));
	if (!OK(fork())) {
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cm), &c, sizeof(c));
		OK(sendmsg(channel[0], &msg, 0));
		_exit(0);
	}
	close(c);
	OK(recvmsg(channel[1], &msg, 0));
	memcpy(&c, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(c));
	tt_write_all(c, "passed", 6);
	tt_read_all(s, buf, 6);
}

/* Data for a socket that nobody has any more is answered by RST. */
static void data_for_an_orphan_resets(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = peer_dial(&p);
	close(fd);
	peer_expect(&p, F_FIN | F_ACK);
	peer_send(&p, F_ACK, 10);
	peer_expect_reset(&p);
}

/* A socket whose connection is over still tells what it was called. */
static void name_outlives_connection(void)
{
	struct tt_addr before, after;
	int c, s, i;

	for (i = 0; i < 2; i++) {
		tt_pair(&c, &s);
		before = tt_local(c);
		CHECK(tt_port(&before));
		if (i) {
			tt_abort(s);
		} else {
			OK(shutdown(c, SHUT_WR));
			close(s);
		}
		tt_until_state(c, TCP_CLOSE);
		after = tt_local(c);
		CHECK(tt_same_addr(&before, &after));
		close(c);
	}
}

static const struct tt_test tests[] = {
	TEST(close_is_eof),
	TEST(half_close),
	TEST(shutdown_read),
	TEST(shutdown_both),
	TEST(shutdown_wakes_reader),
	TEST(shutdown_wakes_accept),
	TEST(time_wait_is_the_closers),
	TEST(linger_zero_resets),
	TEST(close_with_unread_data_resets),
	TEST(write_to_the_departed),
	TEST(killed_process_is_eof),
	TEST(killed_process_unread_is_reset),
	TEST(linger_waits),
	TEST(close_sends_what_is_queued),
	TEST(listener_close_resets_pending),
	TEST(listener_close_drops_requests),
	TEST(accept_after_peer_left),
	TEST(accept_after_reset),
	TEST(dup_and_fork_share),
	TEST(shutdown_is_for_all),
	TEST(descriptor_passes_processes),
	TEST(data_for_an_orphan_resets),
	TEST(name_outlives_connection),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
