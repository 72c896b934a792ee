// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests TCP_USER_TIMEOUT (RFC 5482): how long a program waits for
 * its SYN, its data or the peer's window, and for a silent peer.
 */
#include <poll.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "reach.h"

/* Polls for the end; answers what comes as long as it does not. */
static void dies(int fd, struct peer *p, bool answers)
{
	long long end = tt_now_ms() + 3 * TT_DEADLINE;
	struct seg s;

	while (!(tt_poll(fd, 0, 0) & POLLERR)) {
		if (tt_now_ms() > end)
			FAIL("still in %s", tt_state_name(tt_state(fd)));
		if (peer_poll(&s, 20) && answers && s.dport == p->port)
			peer_send(p, F_ACK, 0);
	}
	EQ(tt_so_error(fd), ETIMEDOUT);
	EQ(tt_state(fd), TCP_CLOSE);
}

static void limit(int fd, int ms)
{
	tt_set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, ms);
}

/* retries2 and syn_retries would take minutes. */
static void bounds_data(void)
{
	struct peer p = peer_new();
	long long t0;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	limit(fd, 2000);
	t0 = tt_now_ms();
	tt_write_all(fd, "lost", 4);
	dies(fd, &p, false);
	CHECK(tt_now_ms() - t0 >= 1000);
}

static void bounds_syn(void)
{
	struct peer p = peer_new();
	struct tt_addr a;
	long long t0;
	int fd;

	peer_open();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	limit(fd, 3000);
	t0 = tt_now_ms();
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	dies(fd, &p, false);
	CHECK(tt_now_ms() - t0 >= 1500);
}

/*
 * Timeouts double: .2, .6, 1.4, 3, 6.2 s. The end is not slept over, unless
 * the machine sleeps, which it does not five times in a row.
 */
static void to_the_point(void)
{
	long long took = 0, t0;
	struct peer p;
	int i, fd;

	peer_open();
	for (i = 0; i < 5 && (!i || took > 5500); i++) {
		p = peer_new();
		fd = peer_answer(&p);
		limit(fd, 3100);
		t0 = tt_now_ms();
		tt_write_all(fd, "lost", 4);
		dies(fd, &p, false);
		took = tt_now_ms() - t0;
	}
	if (took > 5500)
		FAIL("given up after %lld ms, expected 3300", took);
}

/* A peer that answers, but takes nothing, is waited for no longer either. */
static void bounds_closed_window(void)
{
	struct peer p = peer_new();
	long long t0;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	limit(fd, 2000);
	p.win = 0;
	peer_send(&p, F_ACK, 0);
	t0 = tt_now_ms();
	tt_write_all(fd, "waiting", 7);
	dies(fd, &p, true);
	CHECK(tt_now_ms() - t0 >= 1000);
}

static void bounds_shrunk_window(void)
{
	struct peer p = peer_new();
	long long t0;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	limit(fd, 2000);
	t0 = tt_now_ms();
	tt_write_all(fd, "waiting", 7);
	peer_expect_data(&p, 7);
	p.rcv_nxt -= 7;
	p.win = 0;
	peer_send(&p, F_ACK, 0);
	dies(fd, &p, true);
	CHECK(tt_now_ms() - t0 >= 1000);
}

/* Each window that opens, if only a little, begins the time anew. */
static void progress_begins_anew(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd, i;

	peer_open();
	fd = peer_answer(&p);
	tt_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	limit(fd, 3000);
	p.win = 0;
	peer_send(&p, F_ACK, 0);
	for (i = 0; i < 4; i++) {
		tt_write_all(fd, "waiting", 7);
		do
			CHECK(peer_poll(&s, TT_DEADLINE));
		while (s.dport != p.port);
		usleep(1000000);
		p.win = 7;
		peer_send(&p, F_ACK, 0);
		do
			CHECK(peer_poll(&s, TT_DEADLINE));
		while (s.dport != p.port || s.len != 7);
		p.rcv_nxt += 7;
		p.win = 0;
		peer_send(&p, F_ACK, 0);
	}
	EQ(tt_state(fd), TCP_ESTABLISHED);
	EQ(tt_so_error(fd), 0);
}

static int keepalive(struct peer *p, int probes, int ms)
{
	int fd = peer_answer(p);

	tt_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	tt_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	tt_set(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
	limit(fd, ms);
	tt_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	return fd;
}

/* It beats TCP_KEEPCNT: a hundred probes are not sent. */
static void bounds_keepalive(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = keepalive(&p, 100, 3000);
	dies(fd, &p, false);
}

/* ... nor is it given up after one. */
static void extends_keepalive(void)
{
	struct peer p = peer_new();
	struct seg s;
	long long t0;
	int fd, n = 0;

	peer_open();
	fd = keepalive(&p, 1, 4500);
	t0 = tt_now_ms();
	while (!(tt_poll(fd, 0, 0) & POLLERR)) {
		n += peer_poll(&s, 20) && s.dport == p.port && s.flags == F_ACK;
		CHECK(tt_now_ms() - t0 < 3 * TT_DEADLINE);
	}
	EQ(tt_so_error(fd), ETIMEDOUT);
	if (n < 2)
		FAIL("given up after %d probes", n);
}

#define TIMED(fn)	TEST_FLAGS(fn, TT_PARALLEL | TT_SLOW)

static const struct tt_test tests[] = {
	TIMED(bounds_data),
	TIMED(bounds_syn),
	TIMED(bounds_closed_window),
	TIMED(bounds_shrunk_window),
	TIMED(progress_begins_anew),
	TIMED(bounds_keepalive),
	TIMED(extends_keepalive),
	TEST_FLAGS(to_the_point, TT_SLOW),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
