// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the timestamps of RFC 7323: who offers them, what is echoed,
 * which segments their clock proves old, and the round trip they tell.
 */
#include <poll.h>
#include <time.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "options.h"
#include "peer.h"

#define T0	0xfffffff0u	/* the peer's clock: it wraps in every test */

/* The peer's clock, and what it has seen of the kernel's. */
static uint32_t clock_now, echo;

static struct seg ts_seg(const struct peer *p, unsigned int flags,
			 unsigned int len, uint32_t val)
{
	struct seg s = peer_seg(p, flags, len);

	opt_add_ts(&s, val, flags & F_ACK ? echo : 0);
	return s;
}

/* Send the next segment with the peer's clock at @val. */
static void ts_send(struct peer *p, unsigned int flags, unsigned int len,
		    uint32_t val)
{
	struct seg s = ts_seg(p, flags, len, val);

	peer_xmit(&s);
	p->snd_nxt += len + !!(flags & F_SYN) + !!(flags & F_FIN);
}

/* The next segment, which must carry timestamps and echo @ecr. */
static struct seg ts_expect(struct peer *p, unsigned int flags, uint32_t ecr)
{
	struct seg s = peer_expect(p, flags);
	uint32_t got;

	CHECK(opt_ts(&s, &echo, &got));
	EQ(got, ecr);
	return s;
}

/* The kernel opens, both offer timestamps. */
static int ts_dial_out(struct peer *p)
{
	struct tt_addr a;
	struct seg s;
	uint32_t ecr;
	int fd;

	peer_open();
	*p = peer_new();
	a = peer_addr(p->port);
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(p, F_SYN);
	CHECK(opt_ts(&s, &echo, &ecr));
	EQ(ecr, 0);
	clock_now = T0;
	ts_send(p, F_SYN | F_ACK, 0, clock_now);
	ts_expect(p, F_ACK, clock_now);
	return fd;
}

/* The peer opens, both offer timestamps. */
static int ts_dial_in(struct peer *p)
{
	int l, fd;

	peer_open();
	*p = peer_new();
	l = peer_listener(p);
	clock_now = T0;
	ts_send(p, F_SYN, 0, clock_now);
	ts_expect(p, F_SYN | F_ACK, clock_now);
	ts_send(p, F_ACK, 0, ++clock_now);
	fd = OK(accept(l, NULL, NULL));
	close(l);
	return fd;
}

static void in_every_segment(struct peer *p, int fd)
{
	struct seg s;
	char buf[100];

	ts_send(p, F_ACK | F_PSH, 100, clock_now += 20);
	tt_read_all(fd, buf, 100);
	ts_expect(p, F_ACK, clock_now);
	tt_write_all(fd, buf, 100);
	s = ts_expect(p, F_ACK, clock_now);
	EQ(s.len, 100);
	ts_send(p, F_ACK, 0, ++clock_now);
	close(fd);
	ts_expect(p, F_FIN | F_ACK, clock_now);
	ts_send(p, F_FIN | F_ACK, 0, ++clock_now);
	ts_expect(p, F_ACK, clock_now);
}

static void active_open(void)
{
	struct peer p;
	int fd = ts_dial_out(&p);

	in_every_segment(&p, fd);
}

static void passive_open(void)
{
	struct peer p;
	int fd = ts_dial_in(&p);

	in_every_segment(&p, fd);
}

/* TIME_WAIT answers a late segment with the clock of the connection. */
static void time_wait_echoes(void)
{
	struct peer p;
	int fd = ts_dial_out(&p);

	close(fd);
	ts_expect(&p, F_FIN | F_ACK, clock_now);
	ts_send(&p, F_FIN | F_ACK, 0, ++clock_now);
	ts_expect(&p, F_ACK, clock_now);
	p.snd_nxt--;
	/* TS.Recent moves on (RFC 7323 4.3); kernel TCP's stays here */
	ts_send(&p, F_FIN | F_ACK, 0, clock_now + 1);
	clock_now += tt.ttp;
	ts_expect(&p, F_ACK, clock_now);
	/* an older one proves nothing, and is told so */
	p.snd_nxt--;
	ts_send(&p, F_FIN | F_ACK, 0, clock_now - 10);
	ts_expect(&p, F_ACK, clock_now);
}

static bool has_ts(const struct seg *s)
{
	uint32_t val, ecr;

	return opt_ts(s, &val, &ecr);
}

static bool info_has_ts(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len));
	return info.tcpi_options & TCPI_OPT_TIMESTAMPS;
}

/* RFC 7323 3.2: none after a SYN+ACK, or a SYN, that had none. */
static void not_without_the_peer(void)
{
	struct peer p;
	struct seg s;
	char c = 0;
	int fd;

	peer_open();
	p = peer_new();
	fd = peer_syn_sent(&p);
	peer_send(&p, F_SYN | F_ACK, 0);
	s = peer_expect(&p, F_ACK);
	CHECK(!has_ts(&s));
	CHECK(!info_has_ts(fd));
	EQ(tt_get(fd, SOL_TCP, TCP_MAXSEG), tt.v6 ? 1440 : 1460);
	tt_write_all(fd, &c, 1);
	s = peer_expect(&p, F_ACK);
	CHECK(!has_ts(&s));
	close(fd);

	p = peer_new();
	fd = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	s = peer_expect(&p, F_SYN | F_ACK);
	CHECK(!has_ts(&s));
}

/* RFC 6691: the payload makes room for the option. */
static void leaves_room(void)
{
	static char buf[4000];
	struct peer p;
	int fd = ts_dial_out(&p);
	struct seg s;

	CHECK(info_has_ts(fd));
	EQ(tt_get(fd, SOL_TCP, TCP_MAXSEG), tt.v6 ? 1428 : 1448);
	tt_write_all(fd, buf, sizeof(buf));
	s = ts_expect(&p, F_ACK, clock_now);
	EQ(s.len, tt.v6 ? 1428 : 1448);
}

/* timestamps 0: not offered, and not accepted. */
static void sysctl_off(void)
{
	struct tt_addr a;
	struct peer p;
	struct seg s;
	int fd;

	tt_sysctl_set("timestamps", 0);
	peer_open();
	p = peer_new();
	fd = peer_listener(&p);
	ts_send(&p, F_SYN, 0, T0);
	s = peer_expect(&p, F_SYN | F_ACK);
	CHECK(!has_ts(&s));
	close(fd);
	fd = tt_socket(SOCK_NONBLOCK);
	p = peer_new();
	a = peer_addr(p.port);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	CHECK(!has_ts(&s));
	tt_sysctl_set("timestamps", 1);
}

/* The TSval of a SYN to a new port. */
static uint32_t syn_clock(void)
{
	struct peer p = peer_new();
	struct tt_addr a = peer_addr(p.port);
	int fd = tt_socket(SOCK_NONBLOCK);
	uint32_t val, ecr;
	struct seg s;

	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	CHECK(opt_ts(&s, &val, &ecr));
	close(fd);
	return val;
}

static uint32_t uptime_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* timestamps 2: the bare clock; 1: each connection its own offset. */
static void sysctl_offset(void)
{
	uint32_t before, got, first;

	peer_open();
	tt_sysctl_set("timestamps", 2);
	before = uptime_ms();
	got = syn_clock();
	CHECK(got - before <= uptime_ms() - before + 1);
	tt_sysctl_set("timestamps", 1);
	first = syn_clock();
	got = syn_clock();
	/* equal offsets would bring both within the test's duration */
	CHECK(got - first > (uint32_t)TT_DEADLINE);
}

static long long paws_drops(void)
{
	return tt.ttp ? tt_counter("TtpDropPaws") : 0;
}

/*
 * PAWS (RFC 7323 5.3): data from another time is not taken, but answered.  By
 * two ticks, because kernel TCP forgives one.
 */
static void paws_drops_old_data(void)
{
	struct peer p;
	int fd = ts_dial_in(&p);
	long long before = paws_drops();
	struct seg s;
	char buf[8];

	s = ts_seg(&p, F_ACK | F_PSH, 8, clock_now - 2);
	peer_xmit(&s);
	ts_expect(&p, F_ACK, clock_now);
	EQ(paws_drops() - before, tt.ttp);
	EQ(tt_poll(fd, POLLIN, 0), 0);
	ts_send(&p, F_ACK | F_PSH, 8, clock_now);
	tt_read_all(fd, buf, 8);
	ts_expect(&p, F_ACK, clock_now);
	EQ(paws_drops() - before, tt.ttp);
}

/* An ACK that the network brings late is old, but no reason to answer. */
static void paws_ignores_overtaken_ack(void)
{
	struct peer p;
	int fd = ts_dial_in(&p);
	long long before = paws_drops();
	struct seg s;

	s = ts_seg(&p, F_ACK, 0, clock_now - 2);
	peer_xmit(&s);
	if (tt.ttp)
		UNTIL(paws_drops() == before + 1);
	/* what is answered next is this, and nothing before it */
	s = ts_seg(&p, F_ACK | F_PSH, 8, clock_now - 2);
	peer_xmit(&s);
	s = ts_expect(&p, F_ACK, clock_now);
	EQ(s.ack, p.snd_nxt);
	peer_silent(&p, 100);
	close(fd);
}

/* A reset is exempt (RFC 7323 5.2). */
static void paws_spares_reset(void)
{
	struct peer p;
	int fd = ts_dial_in(&p);
	struct seg s = ts_seg(&p, F_RST | F_ACK, 0, clock_now - 1);

	peer_xmit(&s);
	tt_until_state(fd, TCP_CLOSE);
	EQ(tt_so_error(fd), ECONNRESET);
}

/* RFC 7323 4.3: what lies behind a hole does not move the echo. */
static void echo_waits_for_the_hole(void)
{
	struct peer p;
	int fd = ts_dial_in(&p);
	uint32_t filled, old = clock_now;
	char buf[20];
	struct seg s;

	ts_send(&p, F_ACK | F_PSH, 1, old);
	ts_expect(&p, F_ACK, old);
	p.snd_nxt += 10;
	s = ts_seg(&p, F_ACK | F_PSH, 9, old + 20);
	peer_xmit(&s);
	ts_expect(&p, F_ACK, old);
	p.snd_nxt -= 10;
	filled = old + 10;
	ts_send(&p, F_ACK | F_PSH, 10, filled);
	s = ts_expect(&p, F_ACK, filled);
	EQ(s.ack, p.snd_nxt + 9);
	tt_read_all(fd, buf, 20);
}

/* A SYN+ACK that echoes another connection's clock is refused. */
static void wrong_echo_of_syn(void)
{
	struct tt_addr a;
	struct peer p;
	struct seg s;
	uint32_t ecr;
	int fd;

	peer_open();
	p = peer_new();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	CHECK(opt_ts(&s, &echo, &ecr));
	echo -= 1000;
	s = ts_seg(&p, F_SYN | F_ACK, 0, T0);
	peer_xmit(&s);
	peer_expect_reset(&p);
	EQ(tt_state(fd), TCP_SYN_SENT);
}

/*
 * Karn's rule has nothing to say about a segment that was sent twice; the echo
 * tells which of the two arrived, and ends the backoff.
 */
static void rtt_of_a_repetition(void)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	struct peer p;
	int fd = ts_dial_in(&p);
	uint32_t first, ecr;
	struct seg s;

	tt_write_all(fd, "x", 1);
	ts_expect(&p, F_ACK, clock_now);
	first = echo;
	do
		CHECK(peer_poll(&s, TT_DEADLINE));
	while (!s.len || s.dport != p.port);
	if (!opt_ts(&s, &echo, &ecr) || echo == first)
		FAIL("a repetition was expected, got %s at %u, the first was at %u",
		     peer_text(&s), echo, first);
	OK(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len));
	EQ(info.tcpi_backoff, 1);
	ts_send(&p, F_ACK, 0, ++clock_now);
	UNTIL((OK(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len)),
	       !info.tcpi_unacked));
	EQ(info.tcpi_backoff, 0);
}

/* RFC 6191: a SYN with an older number but a newer clock takes the tuple. */
static void newer_clock_ends_time_wait(void)
{
	struct peer p;
	uint32_t old;
	int l, fd;

	peer_open();
	p = peer_new();
	l = peer_listener(&p);
	clock_now = T0;
	ts_send(&p, F_SYN, 0, clock_now);
	ts_expect(&p, F_SYN | F_ACK, clock_now);
	ts_send(&p, F_ACK, 0, clock_now);
	fd = OK(accept(l, NULL, NULL));
	close(fd);
	ts_expect(&p, F_FIN | F_ACK, clock_now);
	ts_send(&p, F_FIN | F_ACK, 0, clock_now);
	ts_expect(&p, F_ACK, clock_now);

	old = p.snd_nxt;
	p.snd_nxt = old - 100000;
	p.synced = false;
	ts_send(&p, F_SYN, 0, clock_now);	/* as old as the connection */
	p.snd_nxt = old;
	ts_expect(&p, F_ACK, clock_now);
	p.snd_nxt = old - 100000;
	p.synced = false;
	ts_send(&p, F_SYN, 0, clock_now + 1);
	ts_expect(&p, F_SYN | F_ACK, clock_now + 1);
}

/*
 * Without timestamps on the old connection a clock says nothing: for RFC 6191 2
 * it would be enough, but then bare segments must be refused afterwards.
 */
static void clock_alone_is_not_enough(void)
{
	struct peer p;
	int l, fd;

	peer_open();
	p = peer_new();
	l = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	close(fd);
	peer_expect(&p, F_FIN | F_ACK);
	peer_send(&p, F_FIN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	p.snd_nxt -= 100000;
	ts_send(&p, F_SYN, 0, 1000);
	p.snd_nxt += 100000 - 1;
	peer_expect(&p, F_ACK);
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 1);
	p.snd_nxt += 100000;
	p.synced = false;
	ts_send(&p, F_SYN, 0, 1000);
	ts_expect(&p, F_SYN | F_ACK, 1000);
}

static const struct tt_test tests[] = {
	TEST(active_open),
	TEST(passive_open),
	TEST(time_wait_echoes),
	TEST(not_without_the_peer),
	TEST(leaves_room),
	TEST(sysctl_off),
	TEST_FLAGS(sysctl_offset, TT_TTP_ONLY),
	TEST(paws_drops_old_data),
	TEST(paws_ignores_overtaken_ack),
	TEST(paws_spares_reset),
	TEST(echo_waits_for_the_hole),
	TEST(wrong_echo_of_syn),
	TEST(rtt_of_a_repetition),
	TEST(newer_clock_ends_time_wait),
	TEST(clock_alone_is_not_enough),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
