// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests net.ttp.tw_recycle: what 1 forgets, and whom that refuses,
 * but not 0 or 2.
 */
#include <poll.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "clocks.h"
#include "drops.h"

/* A call without timestamps. */
static void call_plainly(struct peer *p, int l)
{
	int fd;

	peer_send(p, F_SYN, 0);
	peer_expect(p, F_SYN | F_ACK);
	peer_send(p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	close(fd);
	peer_expect(p, F_FIN | F_ACK);
	peer_send(p, F_FIN | F_ACK, 0);
	peer_expect(p, F_ACK);
}

/* 3.5 timeouts of at least 200 ms; without timestamps, or with 0 or 2, not. */
static void only_1_is_over_early(void)
{
	struct peer p, q, r, s;
	int l = ts_scene(&p, 1);
	long long start;

	call_plainly(&p, l);
	q = ts_other_port(&p);
	tt_sysctl_set("tw_recycle", 0);
	ts_call(&q, l, T0);
	r = ts_other_port(&q);
	tt_sysctl_set("tw_recycle", 2);
	ts_call(&r, l, T0);
	s = ts_other_port(&r);
	tt_sysctl_set("tw_recycle", 1);
	start = tt_now_ms();
	ts_call(&s, l, T0);
	EQ(tt_count_state(TCP_TIME_WAIT, p.kport), 4);
	UNTIL(tt_count_state(TCP_TIME_WAIT, p.kport) == 3);
	CHECK(tt_now_ms() - start >= 700 / 2);
	/* which one was it? */
	p.snd_nxt--;
	peer_send(&p, F_FIN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	q.snd_nxt--;
	ts_send(&q, F_FIN | F_ACK, T0);
	ts_expect(&q, F_ACK);
	r.snd_nxt--;
	ts_send(&r, F_FIN | F_ACK, T0);
	ts_expect(&r, F_ACK);
	s.snd_nxt--;
	ts_send(&s, F_FIN | F_ACK, T0);
	peer_expect_reset(&s);
}

/* The FIN again: as long once more. */
static void fin_again_starts_anew(void)
{
	struct peer p;
	int l = ts_scene(&p, 1);
	long long start;

	ts_call(&p, l, T0);
	tt_sysctl_set("tw_timeout", 1200);
	p.snd_nxt--;
	start = tt_now_ms();
	ts_send(&p, F_FIN | F_ACK, T0 + 100);
	ts_expect(&p, F_ACK);
	UNTIL(!tt_count_state(TCP_TIME_WAIT, p.kport));
	CHECK(tt_now_ms() - start >= 700 / 2);
	/* and the host's clock has been seen to move */
	p = ts_other_port(&p);
	ts_send(&p, F_SYN, T0 + 98);
	peer_silent(&p, 50);
}

/* A SYN from another port of the host, with its clock at @val. */
static void is_refused(const struct peer *p, uint32_t val)
{
	long long paws = tt_counter("TtpPAWSPassive");
	long long missed = tt_counter("TtpListenDrops");
	struct peer q = ts_other_port(p);
	struct drops drops;

	read_drops(&drops);
	ts_send(&q, F_SYN, val);
	only_moved(&drops, "HostClock", 1);
	peer_silent(&q, 20);
	EQ(tt_counter("TtpPAWSPassive") - paws, 1);
	EQ(tt_counter("TtpListenDrops") - missed, 1);
	EQ(tt_count_state(TCP_SYN_RECV, p->kport), 0);
}

static void is_served(const struct peer *p, uint32_t val)
{
	long long paws = tt_counter("TtpPAWSPassive");
	struct peer q = ts_other_port(p);

	ts_send(&q, F_SYN, val);
	ts_expect(&q, F_SYN | F_ACK);
	ts_send(&q, F_RST, val);
	UNTIL(!tt_count_state(TCP_SYN_RECV, p->kport));
	EQ(tt_counter("TtpPAWSPassive"), paws);
}

/* The hazard: all connections of an address must share one clock. */
static void an_older_clock_is_refused(void)
{
	struct peer p, q;
	int l = ts_scene(&p, 1);

	is_served(&p, T0 - 1000);	/* nothing is known */
	ts_call(&p, l, T0);
	is_refused(&p, T0 - 2);
	is_refused(&p, T0 - 1000);
	is_refused(&p, T0 + 0x80000001u);
	is_served(&p, T0 - 1);
	is_served(&p, T0);
	is_served(&p, T0 + 1000);
	/* a request is no connection: its clock is not remembered */
	is_served(&p, T0);
	q = ts_other_port(&p);
	peer_send(&q, F_SYN, 0);
	peer_expect(&q, F_SYN | F_ACK);
	/* whoever it calls, and with cookies too */
	close(l);
	peer_listener(&p);
	is_refused(&p, T0 - 2);
	tt_sysctl_set("syncookies", 2);
	is_refused(&p, T0 - 2);
}

/* Who would take over an entry in TIME_WAIT has to be newer than the host. */
static void nor_does_it_end_time_wait(void)
{
	struct peer p, q;
	struct drops drops;
	int l;

	tt_sysctl_set("rto_min_us", LONG);
	l = ts_scene(&p, 1);
	ts_call(&p, l, T0);
	q = ts_other_port(&p);
	ts_call(&q, l, T0 + 1000);
	EQ(tt_count_state(TCP_TIME_WAIT, p.kport), 2);
	p.synced = false;
	p.snd_nxt += 1000;
	read_drops(&drops);
	ts_send(&p, F_SYN, T0 + 500);
	only_moved(&drops, "HostClock", 1);
	peer_silent(&p, 20);
	EQ(tt_count_state(TCP_TIME_WAIT, p.kport), 2);
	p.snd_nxt--;
	ts_send(&p, F_SYN, T0 + 1000);
	ts_expect(&p, F_SYN | F_ACK);
	EQ(tt_count_state(TCP_TIME_WAIT, p.kport), 1);
	EQ(tt_counter("TtpPAWSPassive"), 1);
}

/* With 0 and 2 no other connection's clock matters. */
static void nobody_is_refused(int recycle)
{
	struct peer p;
	int l = ts_scene(&p, recycle);

	ts_call(&p, l, T0);
	is_served(&p, T0 - 2);
	is_served(&p, T0 - 1000);
	is_served(&p, T0 + 0x80000001u);
}

static void nobody_is_refused_with_0(void)
{
	nobody_is_refused(0);
}

static void nobody_is_refused_with_2(void)
{
	nobody_is_refused(2);
}

/*
 * Without any address translation: TTP, like Linux since 4.10, gives each
 * connection a clock of its own, and half of them are older than the last.
 */
static void connections_with_own_clocks(void)
{
	unsigned int port;
	int l = tt_listener(8, &port), i, c, s;
	long long refused;

	tt_sysctl_set("tw_recycle", 1);
	tt_sysctl_set("tw_timeout", 600);
	tt_sysctl_set("timestamps", 1);
	for (i = 0; i < 64 && !tt_counter("TtpPAWSPassive"); i++) {
		struct tt_addr a = tt_loopback(port);

		c = tt_socket(SOCK_NONBLOCK);
		FAILS(tt_connect(c, &a), EINPROGRESS);
		UNTIL(tt_poll(c, POLLOUT, 0) || tt_counter("TtpPAWSPassive"));
		if (tt_poll(c, POLLOUT, 0)) {
			s = OK(accept(l, NULL, NULL));
			close(s);
			UNTIL(tt_state(c) == TCP_CLOSE_WAIT);
		}
		close(c);
	}
	refused = tt_counter("TtpPAWSPassive");
	CHECK(refused > 0);
	tt_sysctl_set("tw_recycle", 2);
	for (i = 0; i < 8; i++) {
		c = tt_dial(port);
		s = OK(accept(l, NULL, NULL));
		close(s);
		UNTIL(tt_state(c) == TCP_CLOSE_WAIT);
		close(c);
	}
	EQ(tt_counter("TtpPAWSPassive"), refused);
}

#define OURS(fn)	TEST_FLAGS(fn, TT_TTP_ONLY | TT_OWN_NET)

static const struct tt_test tests[] = {
	OURS(only_1_is_over_early),
	OURS(fin_again_starts_anew),
	OURS(an_older_clock_is_refused),
	OURS(nor_does_it_end_time_wait),
	OURS(nobody_is_refused_with_0),
	OURS(nobody_is_refused_with_2),
	OURS(connections_with_own_clocks),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
