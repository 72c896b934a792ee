// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests SO_LINGER: whether close() waits until all is acknowledged,
 * what ends the wait, and what becomes of the connection then.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <netinet/tcp.h>

#include "peer.h"

/* Long beside all that the tests do: it must not end by itself. */
#define FOR_LONG	600	/* s */

static char buf[1 << 16];

static void linger(int fd, int on, int secs)
{
	struct linger l = { on, secs };

	OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
}

/* A process that has the last descriptor, and closes it. */
struct closer {
	pid_t pid;
	int done;	/* readable when close() has returned */
};

static void on_signal(int sig)
{
	(void)sig;
}

/* @leave: it does not close, but exits. */
static struct closer closes(int fd, bool leave)
{
	int go[2], done[2];
	struct closer c;

	OK(pipe(go));
	OK(pipe(done));
	c.done = done[0];
	c.pid = OK(fork());
	if (!c.pid) {
		struct sigaction act = { .sa_handler = on_signal };

		sigaction(SIGUSR1, &act, NULL);
		tt_read_all(go[0], buf, 1);
		if (leave)
			_exit(0);
		close(fd);
		tt_write_all(done[1], "x", 1);
		_exit(0);
	}
	close(fd);
	close(done[1]);
	tt_write_all(go[1], "x", 1);
	return c;
}

static bool returned(const struct closer *c, int ms)
{
	return tt_poll(c->done, POLLIN, ms) & POLLIN;
}

/* A connection with data that the peer has not acknowledged. */
static int with_data(struct peer *p)
{
	int fd;

	*p = peer_new();
	fd = peer_dial(p);
	tt_write_all(fd, "data", 4);
	return fd;
}

/* The same, and close() will wait. */
static int with_linger(struct peer *p)
{
	int fd;

	peer_open();
	fd = with_data(p);
	linger(fd, 1, FOR_LONG);
	return fd;
}

/* close() waits for the ACK of data and FIN, which the peer has got. */
static struct closer close_waits(struct peer *p)
{
	struct closer c = closes(with_linger(p), false);

	peer_expect_data(p, 4);
	peer_expect(p, F_FIN | F_ACK);
	CHECK(!returned(&c, 100));
	return c;
}

static void off(void)
{
	struct closer c;
	struct peer p;
	int fd;

	peer_open();
	fd = with_data(&p);
	/* the time alone does nothing */
	linger(fd, 0, FOR_LONG);
	c = closes(fd, false);
	CHECK(returned(&c, TT_DEADLINE));
	peer_expect_data(&p, 4);
	peer_expect(&p, F_FIN | F_ACK);
	peer_send(&p, F_ACK, 0);
	UNTIL(tt_count_state(TCP_FIN_WAIT2, p.kport) == 1 ||
	      tt_count_conn(TCP_TIME_WAIT, p.kport, p.port) == 1);
}

/* Data and FIN: the wait ends with the ACK of the FIN, not before. */
static void waits_for_both(struct peer *p, int fd)
{
	struct closer c = closes(fd, false);
	struct seg ack;

	peer_expect_data(p, 4);
	ack = peer_seg(p, F_ACK, 0);
	peer_expect(p, F_FIN | F_ACK);
	CHECK(!returned(&c, 100));
	peer_xmit(&ack);
	CHECK(!returned(&c, 100));
	peer_send(p, F_ACK, 0);
	CHECK(returned(&c, TT_DEADLINE));
}

static void waits(void)
{
	struct peer p;
	int fd = with_linger(&p);

	waits_for_both(&p, fd);
}

/* O_NONBLOCK is about other calls. */
static void waits_nonblocking(void)
{
	struct peer p;
	int fd;

	peer_open();
	fd = with_data(&p);
	OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	linger(fd, 1, FOR_LONG);
	waits_for_both(&p, fd);
}

static void waits_after_shutdown(void)
{
	struct peer p;
	int fd;

	peer_open();
	fd = with_data(&p);
	OK(shutdown(fd, SHUT_WR));
	linger(fd, 1, FOR_LONG);
	waits_for_both(&p, fd);
}

/* Who has been left by the peer waits in LAST_ACK. */
static void waits_as_second(void)
{
	struct peer p;
	int fd;

	peer_open();
	fd = with_data(&p);
	peer_send(&p, F_FIN | F_ACK, 0);
	tt_until_state(fd, TCP_CLOSE_WAIT);
	linger(fd, 1, FOR_LONG);
	waits_for_both(&p, fd);
	UNTIL(tt_count_state(TCP_LAST_ACK, p.kport) == 0);
}

/* When the time is over the connection goes on without a program. */
static void time_ends_it(void)
{
	long long start = tt_now_ms();
	struct closer c;
	struct peer p;
	int fd;

	peer_open();
	fd = with_data(&p);
	linger(fd, 1, 1);
	c = closes(fd, false);
	CHECK(returned(&c, TT_DEADLINE));
	CHECK(tt_now_ms() - start >= 500);
	EQ(tt_count_state(TCP_FIN_WAIT1, p.kport), 1);
	peer_expect_data(&p, 4);
	peer_expect(&p, F_FIN | F_ACK);
	peer_send(&p, F_ACK, 0);
	UNTIL(tt_count_state(TCP_FIN_WAIT1, p.kport) == 0);
}

static void reset_ends_it(void)
{
	struct peer p;
	struct closer c = close_waits(&p);

	peer_send(&p, F_RST, 0);
	CHECK(returned(&c, TT_DEADLINE));
	EQ(tt_count_state(TCP_FIN_WAIT1, p.kport), 0);
}

static void signal_ends_it(void)
{
	struct peer p;
	struct closer c = close_waits(&p);

	OK(kill(c.pid, SIGUSR1));
	CHECK(returned(&c, TT_DEADLINE));
	EQ(tt_count_state(TCP_FIN_WAIT1, p.kport), 1);
}

/* A process that ends does not wait for anything. */
static void not_at_exit(void)
{
	struct peer p;
	struct closer c = closes(with_linger(&p), true);

	/* its end of the pipe is closed with the rest */
	EQ(tt_poll(c.done, POLLIN, TT_DEADLINE) & POLLHUP, POLLHUP);
	OK(waitpid(c.pid, NULL, 0));
	EQ(tt_count_state(TCP_FIN_WAIT1, p.kport), 1);
}

static void not_when_killed(void)
{
	struct peer p;
	int fd = with_linger(&p);
	pid_t pid = OK(fork());

	if (!pid)
		for (;;)
			pause();
	close(fd);
	OK(kill(pid, SIGKILL));
	OK(waitpid(pid, NULL, 0));
	EQ(tt_count_state(TCP_FIN_WAIT1, p.kport), 1);
}

/* Only who closes last waits. */
static void other_descriptors(void)
{
	struct peer p;
	int fd, two;

	peer_open();
	fd = with_data(&p);
	two = OK(dup(fd));
	linger(fd, 1, FOR_LONG);
	close(fd);
	EQ(tt_state(two), TCP_ESTABLISHED);
	waits_for_both(&p, two);
}

/* Unread data: reset, and there is nothing to wait for. */
static void unread(void)
{
	struct closer c;
	struct peer p;
	int fd;

	peer_open();
	fd = with_data(&p);
	peer_send(&p, F_ACK, 10);
	EQ(tt_poll(fd, POLLIN, TT_DEADLINE), POLLIN);
	linger(fd, 1, FOR_LONG);
	c = closes(fd, false);
	CHECK(returned(&c, TT_DEADLINE));
	peer_expect_data(&p, 4);
	peer_expect_reset(&p);
}

/* No FIN, no data that still waits, no state: RST. */
static void zero_resets(void)
{
	long long before = tt.ttp ? tt_counter("TtpAbortOnData") : 0;
	struct peer p = peer_new();
	int fd;

	peer_open();
	p.win = 0;
	fd = peer_dial(&p);
	tt_write_all(fd, "data", 4);
	linger(fd, 1, 0);
	close(fd);
	peer_expect_reset(&p);
	EQ(tt_count_state(TCP_FIN_WAIT1, p.kport), 0);
	if (tt.ttp)
		EQ(tt_counter("TtpAbortOnData"), before + 1);
}

static void zero_after_shutdown(void)
{
	struct peer p;
	int fd;

	peer_open();
	fd = with_data(&p);
	OK(shutdown(fd, SHUT_WR));
	peer_expect_data(&p, 4);
	peer_expect(&p, F_FIN | F_ACK);
	peer_send(&p, F_ACK, 0);
	tt_until_state(fd, TCP_FIN_WAIT2);
	linger(fd, 1, 0);
	close(fd);
	peer_expect_reset(&p);
	EQ(tt_count_state(TCP_FIN_WAIT2, p.kport), 0);
}

/* An open in progress is just forgotten (RFC 9293 3.10.4). */
static void zero_while_connecting(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = peer_syn_sent(&p);
	linger(fd, 1, 0);
	close(fd);
	EQ(tt_count_state(TCP_SYN_SENT, p.kport), 0);
	peer_silent(&p, 100);
}

static const struct tt_test tests[] = {
	TEST(off),
	TEST(waits),
	TEST(waits_nonblocking),
	TEST(waits_after_shutdown),
	TEST(waits_as_second),
	TEST(time_ends_it),
	TEST(reset_ends_it),
	TEST(signal_ends_it),
	TEST(not_at_exit),
	TEST(not_when_killed),
	TEST(other_descriptors),
	TEST(unread),
	TEST(zero_resets),
	TEST(zero_after_shutdown),
	TEST(zero_while_connecting),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
