// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what a receiver reports by SACK (RFC 2018) and D-SACK
 * (RFC 2883): which blocks, in which order, and when.
 */
#include <unistd.h>
#include <netinet/tcp.h>

#include "options.h"
#include "peer.h"

#define LEN	100		/* bytes of a segment here */

/* Sequence number of the peer's n-th segment, and of the next in order. */
static uint32_t base;

static uint32_t at(int n)
{
	return base + n * LEN;
}

static void add_sack_ok(struct seg *s)
{
	opt_add(s, OPT_SACK_OK, NULL, 0);
}

static bool has_sack_ok(const struct seg *s)
{
	unsigned int len;

	return opt_find(s, OPT_SACK_OK, &len);
}

/* The peer opens and offers SACK, with or without timestamps. */
static int dial(struct peer *p, bool ts)
{
	struct seg s;
	int l, fd;

	peer_open();
	*p = peer_new();
	l = peer_listener(p);
	s = peer_seg(p, F_SYN, 0);
	add_sack_ok(&s);
	if (ts)
		opt_add_ts(&s, 1000, 0);
	peer_xmit(&s);
	p->snd_nxt++;
	s = peer_expect(p, F_SYN | F_ACK);
	CHECK(has_sack_ok(&s));
	peer_send(p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	close(l);
	base = p->snd_nxt;
	return fd;
}

static void send_at(struct peer *p, int n, int count)
{
	struct seg s = peer_seg(p, F_ACK | F_PSH, count * LEN);

	s.seq = at(n);
	peer_xmit(&s);
}

/* The next ACK acknowledges @ack and reports these blocks, in this order. */
static void expect_blocks(struct peer *p, uint32_t ack, unsigned int nr,
			  const uint32_t *want)
{
	struct seg s = peer_expect(p, F_ACK);
	uint32_t edges[8];
	unsigned int i;

	EQ(s.ack, ack);
	EQ(opt_sack(&s, edges), nr);
	for (i = 0; i < 2 * nr; i++)
		if (edges[i] != want[i])
			FAIL("edge %u is %d, expected %d (from the first byte)",
			     i, (int)(edges[i] - base), (int)(want[i] - base));
}

#define BLOCKS(p, ack, ...) do {					\
	uint32_t b_[] = { __VA_ARGS__ };				\
	expect_blocks(p, ack, sizeof(b_) / 8, b_);			\
} while (0)

static void only_if_both_offer(void)
{
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	p = peer_new();
	fd = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	s = peer_expect(&p, F_SYN | F_ACK);
	CHECK(!has_sack_ok(&s));
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(fd, NULL, NULL));
	base = p.snd_nxt;
	send_at(&p, 1, 1);
	expect_blocks(&p, at(0), 0, NULL);
	close(fd);
}

static void active_open_offers(void)
{
	struct tt_addr a;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	p = peer_new();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	CHECK(has_sack_ok(&s));
	s = peer_seg(&p, F_SYN | F_ACK, 0);
	add_sack_ok(&s);
	peer_xmit(&s);
	p.snd_nxt++;
	peer_expect(&p, F_ACK);
	base = p.snd_nxt;
	send_at(&p, 1, 1);
	BLOCKS(&p, at(0), at(1), at(2));
}

static void sysctl_off(void)
{
	struct tt_addr a;
	struct peer p;
	struct seg s;
	int fd;

	tt_sysctl_set("sack", 0);
	peer_open();
	p = peer_new();
	fd = peer_listener(&p);
	s = peer_seg(&p, F_SYN, 0);
	add_sack_ok(&s);
	peer_xmit(&s);
	s = peer_expect(&p, F_SYN | F_ACK);
	CHECK(!has_sack_ok(&s));
	close(fd);
	p = peer_new();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	CHECK(!has_sack_ok(&s));
	tt_sysctl_set("sack", 1);
}

/* RFC 2018 4: a hole, more holes, latest first, then they are filled. */
static void latest_first(void)
{
	struct peer p;
	char buf[8 * LEN];
	int fd = dial(&p, false);

	send_at(&p, 1, 1);
	BLOCKS(&p, at(0), at(1), at(2));
	send_at(&p, 5, 1);
	BLOCKS(&p, at(0), at(5), at(6), at(1), at(2));
	send_at(&p, 3, 1);
	BLOCKS(&p, at(0), at(3), at(4), at(5), at(6), at(1), at(2));
	/* two blocks grow together, and the one with the news is first */
	send_at(&p, 2, 1);
	BLOCKS(&p, at(0), at(1), at(4), at(5), at(6));
	send_at(&p, 6, 1);
	BLOCKS(&p, at(0), at(5), at(7), at(1), at(4));
	send_at(&p, 0, 1);
	BLOCKS(&p, at(4), at(5), at(7));
	send_at(&p, 4, 1);
	expect_blocks(&p, at(7), 0, NULL);
	tt_read_all(fd, buf, 7 * LEN);
}

/* Four blocks fit. */
static void four_fit(void)
{
	struct peer p;

	dial(&p, false);
	send_at(&p, 1, 1);
	peer_expect(&p, F_ACK);
	send_at(&p, 3, 1);
	peer_expect(&p, F_ACK);
	send_at(&p, 5, 1);
	peer_expect(&p, F_ACK);
	send_at(&p, 7, 1);
	BLOCKS(&p, at(0), at(7), at(8), at(5), at(6), at(3), at(4), at(1), at(2));
	send_at(&p, 9, 1);
	BLOCKS(&p, at(0), at(9), at(10), at(7), at(8), at(5), at(6), at(3),
	       at(4));
}

/* Three beside timestamps. */
static void three_fit_beside_timestamps(void)
{
	struct peer p;

	dial(&p, true);
	send_at(&p, 1, 1);
	peer_expect(&p, F_ACK);
	send_at(&p, 3, 1);
	peer_expect(&p, F_ACK);
	send_at(&p, 5, 1);
	peer_expect(&p, F_ACK);
	send_at(&p, 7, 1);
	BLOCKS(&p, at(0), at(7), at(8), at(5), at(6), at(3), at(4));
}

static long long counter(const char *name)
{
	return tt.ttp ? tt_counter(name) : 0;
}

/* RFC 2883 4.1: what has been acknowledged comes again. */
static void duplicate_of_old_data(void)
{
	long long before = counter("TtpDSACKOldSent");
	struct peer p;

	dial(&p, false);
	send_at(&p, 0, 2);
	peer_expect(&p, F_ACK);
	send_at(&p, 0, 1);
	BLOCKS(&p, at(2), at(0), at(1));
	EQ(counter("TtpDSACKOldSent") - before, tt.ttp);
	/* once only */
	send_at(&p, 3, 1);
	BLOCKS(&p, at(2), at(3), at(4));
	/* old and new in one segment: the old part, and the hole is closed */
	send_at(&p, 1, 2);
	BLOCKS(&p, at(4), at(1), at(2));
}

/* 4.2.1, 4.2.2: a part of a block comes again; both are reported. */
static void duplicate_behind_the_hole(void)
{
	long long before = counter("TtpDSACKOfoSent");
	struct peer p;

	dial(&p, false);
	send_at(&p, 2, 3);
	BLOCKS(&p, at(0), at(2), at(5));
	send_at(&p, 3, 1);
	BLOCKS(&p, at(0), at(3), at(4), at(2), at(5));
	EQ(counter("TtpDSACKOfoSent") - before, tt.ttp);
	send_at(&p, 7, 1);
	BLOCKS(&p, at(0), at(7), at(8), at(2), at(5));
}

static void dsack_off(void)
{
	struct peer p;

	tt_sysctl_set("dsack", 0);
	dial(&p, false);
	send_at(&p, 0, 2);
	peer_expect(&p, F_ACK);
	send_at(&p, 0, 1);
	expect_blocks(&p, at(2), 0, NULL);
	send_at(&p, 3, 1);
	BLOCKS(&p, at(2), at(3), at(4));
	send_at(&p, 3, 1);
	BLOCKS(&p, at(2), at(3), at(4));
	tt_sysctl_set("dsack", 1);
}

/* A FIN behind the hole has a number too. */
static void fin_behind_the_hole(void)
{
	struct peer p;
	char buf[2 * LEN + 1];
	int fd = dial(&p, false);
	struct seg s = peer_seg(&p, F_ACK | F_FIN, LEN);

	s.seq = at(1);
	peer_xmit(&s);
	BLOCKS(&p, at(0), at(1), at(2) + 1);
	send_at(&p, 0, 1);
	expect_blocks(&p, at(2) + 1, 0, NULL);
	EQ(tt_state(fd), TCP_CLOSE_WAIT);
	tt_read_all(fd, buf, 2 * LEN);
	EQ(read(fd, buf, 1), 0);
}

/* Data on its way back carries the blocks, where there is room for them. */
static void on_data(void)
{
	struct peer p;
	struct seg s;
	uint32_t edges[8];
	int fd = dial(&p, false);

	send_at(&p, 1, 1);
	BLOCKS(&p, at(0), at(1), at(2));
	tt_write_all(fd, "hello", 5);
	s = peer_expect(&p, F_ACK);
	EQ(s.len, 5);
	EQ(opt_sack(&s, edges), 1);
	EQ(edges[0], at(1));
	EQ(edges[1], at(2));
}

static const struct tt_test tests[] = {
	TEST(only_if_both_offer),
	TEST(active_open_offers),
	TEST(sysctl_off),
	TEST(latest_first),
	TEST(four_fit),
	TEST(three_fit_beside_timestamps),
	TEST(duplicate_of_old_data),
	TEST(duplicate_behind_the_hole),
	TEST(dsack_off),
	TEST(fin_behind_the_hole),
	TEST(on_data),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
