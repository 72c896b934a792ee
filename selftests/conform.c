// SPDX-License-Identifier: GPL-2.0
/*
 * This file shows requirements of RFC 9293 that take more than one
 * conversation: initial sequence numbers, OPEN calls beside each other,
 * every second segment, thresholds.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "forge.h"
#include "reach.h"

#define TICK_NS		64	/* of the clock in an initial number */

/* The initial number of a SYN from @port, and when it was seen, in ticks. */
static uint32_t isn_from(unsigned int port, struct peer *p, long long *tick)
{
	struct tt_addr from = peer_kaddr(port), to = peer_addr(p->port);
	int fd = tt_socket(SOCK_NONBLOCK);
	struct timespec ts;

	tt_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	OK(bind(fd, &from.sa, from.len));
	FAILS(tt_connect(fd, &to), EINPROGRESS);
	p->synced = false;
	p->kport = port;
	peer_expect(p, F_SYN);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	*tick = (ts.tv_sec * 1000000000LL + ts.tv_nsec) / TICK_NS;
	close(fd);
	return p->rcv_nxt - 1;
}

/* How far two numbers are apart that only a clock would have moved, in ticks. */
static uint32_t apart(uint32_t a, long long at, uint32_t b, long long bt)
{
	uint32_t d = b - a - (uint32_t)(bt - at);

	return (int32_t)d < 0 ? -d : d;
}

/* A second, for what is slow between the clock's reading and ours. */
#define NEAR	(1000000000 / TICK_NS)

/*
 * MUST-8: the same ports again, and the number has moved with the clock;
 * SHLD-1: other ports, and it is somewhere else.
 */
static void isn_is_a_clock_and_a_hash(void)
{
	struct peer p = peer_new();
	long long t0, t;
	uint32_t first, n;
	int i, far = 0;

	peer_open();
	first = isn_from(40000, &p, &t0);
	for (i = 1; i <= 3; i++) {
		n = isn_from(40000, &p, &t);
		if (!tt.ttp)	/* its clock is another */
			CHECK((int32_t)(n - first) > 0);
		else
			CHECK(apart(first, t0, n, t) < NEAR);
	}
	for (i = 1; i <= 8; i++) {
		n = isn_from(40000 + i, &p, &t);
		far += apart(first, t0, n, t) > 2 * NEAR;
	}
	/* by chance one of a hundred is near */
	CHECK(far >= 6);
}

/* MUST-9: another namespace, as another host, and nothing can be computed. */
static void isn_is_of_this_host(void)
{
	struct peer p = peer_new();
	long long t[4];
	uint32_t n[4];
	int i, j, far = 0;

	for (i = 0; i < 4; i++) {
		OK(unshare(CLONE_NEWNET));
		tt_run("ip link set lo up");
		peer_open();
		n[i] = isn_from(40000, &p, &t[i]);
		peer_close();
		for (j = 0; j < i; j++)
			far += apart(n[j], t[j], n[i], t[i]) > 2 * NEAR;
	}
	/* kernel TCP has one secret for all namespaces */
	CHECK(far >= (tt.ttp ? 5 : 0));
}

/*
 * MUST-42, MUST-41: a port can be listened on while a connection of it is in
 * SYN-SENT, and neither disturbs the other.
 */
static void listen_beside_syn_sent(void)
{
	struct peer p = peer_new(), q;
	struct tt_addr from = peer_kaddr(40000), to = peer_addr(p.port);
	int c = tt_socket(SOCK_NONBLOCK), l = tt_socket(0);

	peer_open();
	tt_set(c, SOL_SOCKET, SO_REUSEADDR, 1);
	tt_set(l, SOL_SOCKET, SO_REUSEADDR, 1);
	OK(bind(c, &from.sa, from.len));
	OK(bind(l, &from.sa, from.len));
	FAILS(tt_connect(c, &to), EINPROGRESS);
	peer_expect(&p, F_SYN);
	OK(listen(l, 5));
	EQ(tt_state(c), TCP_SYN_SENT);
	q = peer_new();
	q.kport = 40000;
	peer_send(&q, F_SYN, 0);
	peer_expect(&q, F_SYN | F_ACK);
	peer_send(&q, F_ACK, 0);
	OK(accept(l, NULL, NULL));
	peer_send(&p, F_SYN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	EQ(tt_state(c), TCP_ESTABLISHED);
	EQ(tt_state(l), TCP_LISTEN);
}

/* MUST-46: no connection with all or with a group. */
static void open_to_a_group(void)
{
	static const char * const v4[] = {
		"255.255.255.255", "10.254.0.255", "224.0.0.1",
	};
	static const char * const v6[] = { "ff02::1", "ff0e::1" };
	size_t i, n = tt.v6 ? ARRAY_SIZE(v6) : ARRAY_SIZE(v4);
	struct tt_addr a;
	int fd;

	peer_open();
	for (i = 0; i < n; i++) {
		fd = tt_socket(0);
		a = tt_parse(tt.v6 ? v6[i] : v4[i], 80);
		a.in6.sin6_scope_id = 0;
		CHECK(tt_connect(fd, &a) < 0);
		CHECK(errno == ENETUNREACH || errno == EACCES ||
		      errno == EINVAL);
		EQ(tt_state(fd), TCP_CLOSE);
		close(fd);
	}
}

/* Two full segments at once: did their ACK do without the timer? */
static bool second_needs_no_timer(struct peer *p, int fd)
{
	long long timers = count("DelayedAcks");
	char buf[2000];
	struct seg s;

	tt_set(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
	peer_send(p, F_ACK, 1000);
	peer_send(p, F_ACK, 1000);
	do
		CHECK(peer_poll(&s, TT_DEADLINE));
	while (s.dport != p->port || s.ack != p->snd_nxt);
	tt_read_all(fd, buf, sizeof(buf));
	return count("DelayedAcks") == timers;
}

/* SHLD-19; a machine that stands still between the two hides it, not often. */
static void second_segment(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = peer_dial(&p);
	UNTIL(second_needs_no_timer(&p, fd));
}

/* A request and its answer. */
static void ask(struct peer *p, int fd)
{
	struct seg s;

	tt_write_all(fd, "ask", 3);
	do
		CHECK(peer_poll(&s, TT_DEADLINE));
	while (s.dport != p->port || !s.len || s.seq != p->rcv_nxt);
	p->rcv_nxt += 3;
	peer_send(p, F_ACK | F_PSH, 5);
}

/* Is the third request the first that the peer hears after its second answer? */
static bool third_request_takes_the_ack(void)
{
	struct peer p = peer_new();
	bool alone = false;
	struct seg s;
	int fd;

	fd = peer_answer(&p);
	ask(&p, fd);
	ask(&p, fd);
	tt_write_all(fd, "again", 5);
	do {
		CHECK(peer_poll(&s, TT_DEADLINE));
		alone |= s.dport == p.port && s.ack == p.snd_nxt && !s.len;
	} while (s.dport != p.port || !s.len || s.seq != p.rcv_nxt);
	close(fd);
	return !alone;
}

/* Who asks again soon after an answer lets the next request take ACKs along. */
static void conversation(void)
{
	peer_open();
	UNTIL(third_request_takes_the_ack());
}

/* SHLD-10, SHLD-11, MUST-23: R1, R2 for data, R2 for SYN, as they come. */
static void thresholds(void)
{
	long syns = tt_sysctl("syn_retries"), r2 = tt_sysctl("retries2");
	long seconds = 0, ms = 0, step;
	int i;

	CHECK(tt_sysctl("retries1") >= 3);
	for (i = 0, step = 200; i <= r2; i++) {
		ms += step;
		step = step * 2 < 120000 ? step * 2 : 120000;
	}
	CHECK(ms >= 100 * 1000);
	for (i = 0; i <= syns; i++)
		seconds += 1 << i;
	/* kernel TCP gives up after 127 s */
	CHECK(seconds >= (tt.ttp ? 180 : 100));
}

static const struct tt_test tests[] = {
	TEST(isn_is_a_clock_and_a_hash),
	TEST(isn_is_of_this_host),
	TEST(listen_beside_syn_sent),
	TEST(open_to_a_group),
	TEST(second_segment),
	TEST(conversation),
	TEST_FLAGS(thresholds, TT_ONCE),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
