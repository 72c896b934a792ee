// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/cong.c: slow start, avoidance, fast retransmit and
 * recovery, partial ACKs, timeouts, idle restart.
 */
#include "cases.h"
#include "../core/cong.c"

#define ISS	0xfffffc18u	/* 1000 before the wrap: it happens in flight */
#define MSS	1000u

/* A sender with @inflight segments out, one MSS each. */
struct sender {
	struct ttp_cong c;
	u32 una;
	u32 nxt;
};

static u32 inflight(const struct sender *s)
{
	return (s->nxt - s->una) / MSS;
}

static struct sender sender_with(u32 cwnd, u32 ssthresh, u32 segs)
{
	struct sender s = { .una = ISS + 1 };

	ttp_cong_init(&s.c, ISS);
	s.c.cwnd = cwnd;
	s.c.ssthresh = ssthresh;
	s.nxt = s.una + segs * MSS;
	return s;
}

/* An ACK for @segs more segments. */
static bool ack(struct sender *s, u32 segs, bool limited)
{
	struct ttp_ack_sample sample = {
		.snd_nxt = s->nxt, .acked = segs * MSS, .acked_segs = segs,
		.inflight = inflight(s), .cwnd_limited = limited,
	};

	s->una += segs * MSS;
	sample.snd_una = s->una;
	return ttp_cong_on_ack(&s->c, &sample);
}

static bool dupack(struct sender *s)
{
	struct ttp_ack_sample sample = {
		.snd_una = s->una, .snd_nxt = s->nxt, .inflight = inflight(s),
		.dup = true,
	};

	return ttp_cong_on_ack(&s->c, &sample);
}

static void cong_init__rfc6928(struct kunit *test)
{
	struct ttp_cong c;

	ttp_cong_init(&c, ISS);
	KUNIT_EXPECT_EQ(test, c.cwnd, 10u);
	KUNIT_EXPECT_EQ(test, c.ssthresh, ~0u);
	KUNIT_EXPECT_EQ(test, c.recover, ISS);
	KUNIT_EXPECT_EQ(test, c.cwnd_cnt, 0u);
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&c, 0), 10u);
}

struct grow_case {
	const char *name;
	u32 cwnd, ssthresh, cnt;
	u32 acked;
	bool limited;
	u32 cwnd_after, cnt_after;
};

static const struct grow_case grow_rows[] = {
	{ "slow start", 10, ~0u, 0, 1, true, 11, 0 },
	{ "slow start, two", 10, ~0u, 0, 2, true, 12, 0 },
	{ "slow start, L = 2", 10, ~0u, 0, 9, true, 12, 0 },
	{ "slow start, not limited", 10, ~0u, 0, 2, false, 10, 0 },
	{ "slow start ends at ssthresh", 10, 11, 0, 2, true, 11, 0 },
	{ "avoidance counts", 10, 10, 0, 1, true, 10, 1 },
	{ "avoidance, a window full", 10, 10, 9, 1, true, 11, 0 },
	{ "avoidance, rest kept", 10, 10, 9, 3, true, 11, 2 },
	{ "avoidance, not limited", 10, 10, 9, 3, false, 10, 9 },
	{ "avoidance, one ACK of everything", 10, 5, 0, 10, true, 11, 0 },
	{ "at the top", 1u << 24, ~0u, 0, 2, true, 1u << 24, 0 },
};

TTP_CASES(grow, grow_rows);

static void cong_on_ack__grows(struct kunit *test)
{
	const struct grow_case *c = test->param_value;
	struct sender s = sender_with(c->cwnd, c->ssthresh, 10);

	s.c.cwnd_cnt = c->cnt;
	KUNIT_EXPECT_FALSE(test, ack(&s, c->acked, c->limited));
	KUNIT_EXPECT_EQ(test, s.c.cwnd, c->cwnd_after);
	if (s.c.cwnd < 1u << 24)
		KUNIT_EXPECT_EQ(test, s.c.cwnd_cnt, c->cnt_after);
	KUNIT_EXPECT_EQ(test, s.c.state, TTP_CA_OPEN);
}

/* One round trip doubles in slow start and adds one in avoidance. */
static void cong_on_ack__round_trips(struct kunit *test)
{
	struct sender s = sender_with(10, 40, 0);
	static const u32 want[] = { 20, 40, 41, 42, 43 };
	u32 r, i, n;

	for (r = 0; r < ARRAY_SIZE(want); r++) {
		n = s.c.cwnd;
		s.nxt = s.una + n * MSS;
		for (i = 0; i < n; i++)
			ack(&s, 1, true);
		KUNIT_EXPECT_EQ_MSG(test, s.c.cwnd, want[r], "round %u", r);
	}
}

/* Duplicates 1 and 2 send new data (RFC 3042), the third sends again. */
static void cong_on_ack__fast_retransmit(struct kunit *test)
{
	struct sender s = sender_with(20, ~0u, 20);

	s.c.cwnd_cnt = 19;	/* a count towards a window that is gone */
	KUNIT_EXPECT_FALSE(test, dupack(&s));
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 20), 1u);
	KUNIT_EXPECT_FALSE(test, dupack(&s));
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 20), 2u);
	KUNIT_EXPECT_TRUE(test, dupack(&s));
	KUNIT_EXPECT_EQ(test, s.c.state, TTP_CA_RECOVERY);
	KUNIT_EXPECT_EQ(test, s.c.ssthresh, 10u);
	KUNIT_EXPECT_EQ(test, s.c.cwnd, 10u);
	KUNIT_EXPECT_EQ(test, s.c.cwnd_cnt, 0u);
	KUNIT_EXPECT_EQ(test, s.c.recover, s.nxt);
	/* ssthresh + 3 < 20 in flight */
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 20), 0u);
	KUNIT_EXPECT_FALSE(test, dupack(&s));
}

static void cong_on_ack__dupacks_in_a_row_only(struct kunit *test)
{
	struct sender s = sender_with(20, ~0u, 20);

	dupack(&s);
	dupack(&s);
	ack(&s, 1, true);
	KUNIT_EXPECT_FALSE(test, dupack(&s));
	KUNIT_EXPECT_FALSE(test, dupack(&s));
	KUNIT_EXPECT_EQ(test, s.c.state, TTP_CA_OPEN);
	KUNIT_EXPECT_TRUE(test, dupack(&s));
}

/* Each further duplicate is a segment that left: after 7 more, one goes out. */
static void cong_on_ack__inflation(struct kunit *test)
{
	struct sender s = sender_with(20, ~0u, 20);
	u32 i;

	for (i = 0; i < 10; i++)
		dupack(&s);
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 20), 0u);
	dupack(&s);
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 20), 1u);
	KUNIT_EXPECT_EQ(test, s.c.cwnd, 10u);
}

static void cong_on_ack__full_ack_ends_recovery(struct kunit *test)
{
	struct sender s = sender_with(20, ~0u, 20);
	u32 i;

	for (i = 0; i < 19; i++)
		dupack(&s);
	s.nxt += 9 * MSS;	/* what inflation let go */
	KUNIT_EXPECT_FALSE(test, ack(&s, 20, true));
	KUNIT_EXPECT_EQ(test, s.c.state, TTP_CA_OPEN);
	KUNIT_EXPECT_EQ(test, s.c.dupacks, 0u);
	/* min(ssthresh, 9 left + 1) */
	KUNIT_EXPECT_EQ(test, s.c.cwnd, 10u);
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, inflight(&s)), 1u);
}

static void cong_on_ack__full_ack_without_a_burst(struct kunit *test)
{
	struct sender s = sender_with(40, ~0u, 40);
	u32 i;

	for (i = 0; i < 3; i++)
		dupack(&s);
	ack(&s, 40, true);
	/* nothing left: 2, although ssthresh is 20 */
	KUNIT_EXPECT_EQ(test, s.c.cwnd, 2u);
	KUNIT_EXPECT_EQ(test, s.c.ssthresh, 20u);
}

static void cong_on_ack__partial_ack(struct kunit *test)
{
	struct sender s = sender_with(20, ~0u, 20);
	u32 i, room;

	for (i = 0; i < 12; i++)
		dupack(&s);
	room = 10 + 12;		/* inflated window */
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 20), room - 20);
	/* RFC 6582 3.2: retransmit; deflate by 5, add one back */
	KUNIT_EXPECT_TRUE(test, ack(&s, 5, true));
	KUNIT_EXPECT_EQ(test, s.c.state, TTP_CA_RECOVERY);
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 15), room - 5 + 1 - 15);
	KUNIT_EXPECT_EQ(test, s.c.cwnd, 10u);
	/* a partial ACK larger than the inflation leaves ssthresh and one */
	KUNIT_EXPECT_TRUE(test, ack(&s, 12, true));
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 3), 10u + 1 - 3);
}

/* RFC 6582 3.2 step 2, and 4.1: losses of the same window pay once. */
static void cong_on_ack__no_second_entry_before_recover(struct kunit *test)
{
	struct sender s = sender_with(20, ~0u, 20);
	u32 i;

	for (i = 0; i < 3; i++)
		dupack(&s);
	s.nxt += 5 * MSS;
	ack(&s, 20, true);	/* exactly to recover */
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_FALSE(test, dupack(&s));
	KUNIT_EXPECT_EQ(test, s.c.state, TTP_CA_OPEN);
	KUNIT_EXPECT_EQ(test, s.c.ssthresh, 10u);
	/* and limited transmit stays limited */
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, s.c.cwnd), 2u);
	/* beyond recover a loss counts again */
	ack(&s, 1, true);
	dupack(&s);
	dupack(&s);
	KUNIT_EXPECT_TRUE(test, dupack(&s));
}

/* However much went well since: a loss is noticed. */
static void cong_on_ack__recover_does_not_wrap(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 8; i++) {
		struct sender s = sender_with(20, 20, 20);
		u32 mb;

		/* up to 5.6 GB, more than once round the circle */
		for (mb = 0; mb < i * 800; mb++) {
			s.nxt += 1000 * MSS;
			ack(&s, 1000, false);
		}
		dupack(&s);
		dupack(&s);
		KUNIT_EXPECT_TRUE_MSG(test, dupack(&s), "after %u MB",
				      i * 800);
	}
}

static void cong_on_ack__first_window_may_recover(struct kunit *test)
{
	struct sender s = sender_with(10, ~0u, 10);

	/* una is ISS + 1, beyond the initial recover */
	dupack(&s);
	dupack(&s);
	KUNIT_EXPECT_TRUE(test, dupack(&s));
}

static void cong_on_ack__window_update_is_nothing(struct kunit *test)
{
	struct sender s = sender_with(20, ~0u, 20);
	struct ttp_cong old = s.c;

	KUNIT_EXPECT_FALSE(test, ack(&s, 0, true));
	KUNIT_EXPECT_EQ(test, memcmp(&s.c, &old, sizeof(old)), 0);
}

static void cong_on_rto__first(struct kunit *test)
{
	struct sender s = sender_with(20, ~0u, 20);

	ttp_cong_on_rto(&s.c, 20, s.nxt, true);
	KUNIT_EXPECT_EQ(test, s.c.state, TTP_CA_LOSS);
	KUNIT_EXPECT_EQ(test, s.c.cwnd, 1u);
	KUNIT_EXPECT_EQ(test, s.c.ssthresh, 10u);
	KUNIT_EXPECT_EQ(test, s.c.recover, s.nxt);
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 20), 0u);
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 0), 1u);
}

/* RFC 5681 3.1: the same segment again does not halve ssthresh again. */
static void cong_on_rto__repeated(struct kunit *test)
{
	struct sender s = sender_with(20, ~0u, 20);

	ttp_cong_on_rto(&s.c, 20, s.nxt, true);
	s.c.cwnd_cnt = 1;
	ttp_cong_on_rto(&s.c, 1, s.nxt, false);
	KUNIT_EXPECT_EQ(test, s.c.ssthresh, 10u);
	KUNIT_EXPECT_EQ(test, s.c.cwnd, 1u);
	KUNIT_EXPECT_EQ(test, s.c.cwnd_cnt, 0u);
}

static void cong_on_rto__ssthresh_floor(struct kunit *test)
{
	struct sender s = sender_with(10, ~0u, 1);

	ttp_cong_on_rto(&s.c, 1, s.nxt, true);
	KUNIT_EXPECT_EQ(test, s.c.ssthresh, 2u);
}

/* After a timeout every ACK asks for the next hole, until `recover`. */
static void cong_on_rto__go_back_n(struct kunit *test)
{
	struct sender s = sender_with(8, ~0u, 8);
	u32 i;

	ttp_cong_on_rto(&s.c, 8, s.nxt, true);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_FALSE(test, dupack(&s));
	for (i = 0; i < 7; i++)
		KUNIT_EXPECT_TRUE_MSG(test, ack(&s, 1, true), "hole %u", i);
	KUNIT_EXPECT_EQ(test, s.c.state, TTP_CA_LOSS);
	KUNIT_EXPECT_FALSE(test, ack(&s, 1, true));
	KUNIT_EXPECT_EQ(test, s.c.state, TTP_CA_OPEN);
	/* slow start to ssthresh 4 in three ACKs, then one per window */
	KUNIT_EXPECT_EQ(test, s.c.cwnd, 5u);
}

/* RFC 3465 2.3: an ACK of many counts as one while the loss is repaired. */
static void cong_on_rto__grows_by_one(struct kunit *test)
{
	struct sender s = sender_with(40, ~0u, 40);

	ttp_cong_on_rto(&s.c, 40, s.nxt, true);
	KUNIT_EXPECT_TRUE(test, ack(&s, 10, true));
	KUNIT_EXPECT_EQ(test, s.c.cwnd, 2u);
}

static void cong_on_rto__during_recovery(struct kunit *test)
{
	struct sender s = sender_with(20, ~0u, 20);
	u32 i;

	for (i = 0; i < 9; i++)
		dupack(&s);
	ttp_cong_on_rto(&s.c, 20, s.nxt, true);
	KUNIT_EXPECT_EQ(test, s.c.state, TTP_CA_LOSS);
	KUNIT_EXPECT_EQ(test, s.c.dupacks, 0u);
	KUNIT_EXPECT_EQ(test, ttp_cong_room(&s.c, 0), 1u);
}

struct idle_case {
	const char *name;
	u32 cwnd;
	u64 idle;
	u32 after;
};

static const struct idle_case idle_rows[] = {
	{ "busy", 50, 0, 50 },
	{ "exactly one RTO", 50, 300000, 50 },
	{ "more than one RTO", 50, 300001, 10 },
	{ "for hours", 50, 1ULL << 40, 10 },
	{ "a small window does not grow", 3, 1ULL << 40, 3 },
};

TTP_CASES(idle, idle_rows);

static void cong_on_idle__table(struct kunit *test)
{
	const struct idle_case *c = test->param_value;
	struct sender s = sender_with(c->cwnd, 30, 0);

	s.c.cwnd_cnt = 2;
	ttp_cong_on_idle(&s.c, c->idle, 300000);
	KUNIT_EXPECT_EQ(test, s.c.cwnd, c->after);
	KUNIT_EXPECT_EQ(test, s.c.cwnd_cnt, c->after < c->cwnd ? 0u : 2u);
	KUNIT_EXPECT_EQ(test, s.c.ssthresh, 30u);
}

/* Whatever arrives, in whatever order: the bounds hold. */
static void cong_any__bounds(struct kunit *test)
{
	const u32 seed = 0x434f4e31;
	struct sender s = sender_with(10, ~0u, 0);
	u32 rnd = seed;
	u32 i;

	for (i = 0; i < 100000; i++) {
		u32 r = ttp_test_random(&rnd);
		u32 out = inflight(&s);

		if (r % 100 == 0)
			ttp_cong_on_rto(&s.c, out, s.nxt, r & 1024);
		else if (r % 5 == 0)
			dupack(&s);
		else if (r % 3 == 0 && out)
			ack(&s, 1 + (r >> 8) % out, r & 2048);
		else
			s.nxt += min(ttp_cong_room(&s.c, out), 100u) * MSS;
		KUNIT_ASSERT_GE_MSG(test, s.c.cwnd, 1u, "seed %x, step %u",
				    seed, i);
		KUNIT_ASSERT_GE_MSG(test, s.c.ssthresh, 2u, "seed %x, step %u",
				    seed, i);
		KUNIT_ASSERT_LE_MSG(test, s.c.cwnd, 1u << 24,
				    "seed %x, step %u", seed, i);
	}
}

static struct kunit_case cong_cases[] = {
	KUNIT_CASE(cong_init__rfc6928),
	KUNIT_CASE_PARAM(cong_on_ack__grows, grow_gen_params),
	KUNIT_CASE(cong_on_ack__round_trips),
	KUNIT_CASE(cong_on_ack__fast_retransmit),
	KUNIT_CASE(cong_on_ack__dupacks_in_a_row_only),
	KUNIT_CASE(cong_on_ack__inflation),
	KUNIT_CASE(cong_on_ack__full_ack_ends_recovery),
	KUNIT_CASE(cong_on_ack__full_ack_without_a_burst),
	KUNIT_CASE(cong_on_ack__partial_ack),
	KUNIT_CASE(cong_on_ack__no_second_entry_before_recover),
	KUNIT_CASE(cong_on_ack__recover_does_not_wrap),
	KUNIT_CASE(cong_on_ack__first_window_may_recover),
	KUNIT_CASE(cong_on_ack__window_update_is_nothing),
	KUNIT_CASE(cong_on_rto__first),
	KUNIT_CASE(cong_on_rto__repeated),
	KUNIT_CASE(cong_on_rto__ssthresh_floor),
	KUNIT_CASE(cong_on_rto__go_back_n),
	KUNIT_CASE(cong_on_rto__grows_by_one),
	KUNIT_CASE(cong_on_rto__during_recovery),
	KUNIT_CASE_PARAM(cong_on_idle__table, idle_gen_params),
	KUNIT_CASE(cong_any__bounds),
	{}
};

struct kunit_suite ttp_cong_suite = {
	.name = "ttp_cong",
	.test_cases = cong_cases,
};
