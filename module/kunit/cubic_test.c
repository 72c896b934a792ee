// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/cubic.c against numbers worked out by hand from the
 * formulas of RFC 9438; host/cc_model.c does it in floating point.
 */
#include "cases.h"
#include "../core/cubic.c"

#define SEC	1000000ULL
#define START	(77 * SEC)

struct root_case {
	const char *name;
	u64 x;
	u32 root;
};

static const struct root_case root_rows[] = {
	{ "0", 0, 0 }, { "1", 1, 1 }, { "7", 7, 1 }, { "8", 8, 2 },
	{ "26", 26, 2 }, { "27", 27, 3 }, { "10^9", 1000000000, 1000 },
	{ "10^9 - 1", 999999999, 999 }, { "10^18", 1000000000000000000, 1000000 },
	{ "(2^21 - 1)^3", 9223358842721533951ULL, (1u << 21) - 1 },
};

TTP_CASES(root, root_rows);

static void cubic_root__table(struct kunit *test)
{
	const struct root_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, cubic_root(c->x), c->root);
}

struct curve_case {
	const char *name;
	u32 w_max, low;
	u32 k_ms;		/* cbrt((w_max - low) / 0.4), cut off */
	u64 t;			/* us */
	u32 window;		/* segments, cut off */
};

static const struct curve_case curve_rows[] = {
	{ "K = 5 s, at its beginning", 167, 117, 5000, 0, 117 },
	{ "K = 5 s, concave: 167 - 0.4 * 27", 167, 117, 5000, 2 * SEC, 156 },
	{ "K = 5 s, flat", 167, 117, 5000, 5 * SEC, 167 },
	{ "K = 5 s, convex: 167 + 0.4 * 125", 167, 117, 5000, 10 * SEC + 122, 217 },
	{ "K = 10 s, as steep as it gets", 1333, 933, 10000, 0, 933 },
	{ "K = 10 s, convex: 1333 + 3200", 1333, 933, 10000, 30 * SEC + 122, 4533 },
	{ "K = 0: 0.4 * 1000", 10, 10, 0, 10 * SEC + 122, 410 },
	{ "K = 0: less than a segment", 10, 10, 0, SEC, 10 },
	{ "a million segments", 1048576, 734004, 92303, 0, 734005 },
	{ "a week without a loss", 10, 10, 0, 604800 * SEC, 16857686 },
	{ "a time that never is", 10, 10, 0, ~0ULL, 16857686 },
};

TTP_CASES(curve, curve_rows);

static void cubic_window__table_rfc9438_4_2(struct kunit *test)
{
	const struct curve_case *c = test->param_value;
	struct cubic_curve curve = { .w_max = c->w_max };

	curve.k = cubic_k(c->w_max - c->low);
	KUNIT_EXPECT_EQ(test, (curve.k * 1000ULL) >> CUBIC_TIME_BITS,
			(u64)c->k_ms);
	KUNIT_EXPECT_EQ(test, cubic_window(&curve, c->t) >> CUBIC_SEG_BITS,
			(u64)c->window);
}

static struct ttp_cc new_cubic(u32 cwnd, u32 ssthresh)
{
	struct ttp_cc cc;

	ttp_cc_init(&cc, &ttp_cc_cubic, START);
	cc.cwnd = cwnd;
	cc.ssthresh = ssthresh;
	return cc;
}

static void lose(struct ttp_cc *cc, u64 now)
{
	ttp_cc_enter_recovery(cc, cc->cwnd, now);
	cc->cwnd = cc->ssthresh;
	ttp_cc_leave(cc, now);
}

static void ack(struct ttp_cc *cc, u64 now, u32 acked, u32 rtt, bool limited)
{
	struct ttp_cc_ack a = {
		.now = now, .acked = acked, .rtt_us = rtt, .srtt_us = rtt,
		.cwnd_limited = limited,
	};

	ttp_cc_acked(cc, &a);
}

/* A window per RTT, in ten ACKs, for as long as that. */
static u64 run(struct ttp_cc *cc, u64 from, u64 us, u32 rtt)
{
	u64 now;

	for (now = from; now < from + us; now += rtt / 10)
		ack(cc, now, max(cc->cwnd / 10, 1u), rtt, true);
	return now;
}

struct loss_case {
	const char *name;
	u32 cwnd, flight, w_max;
	u32 ssthresh_after, w_max_after;
};

static const struct loss_case loss_rows[] = {
	{ "4.6: 0.7 of the window", 100, 100, 0, 70, 100 },
	{ "4.6: cut off", 99, 99, 0, 69, 99 },
	{ "4.6: at least two", 2, 2, 0, 2, 2 },
	{ "4.6: nothing out", 20, 0, 0, 2, 0 },
	{ "a window not used", 100, 10, 0, 7, 10 },
	{ "limited transmit is no window", 100, 103, 0, 70, 100 },
	{ "4.7: more than last time", 100, 100, 99, 70, 100 },
	{ "4.7: as last time", 100, 100, 100, 70, 100 },
	{ "4.7: less than last time", 100, 100, 101, 70, 85 },
	{ "the largest", 1u << 24, 1u << 24, 0, 11744051, 1u << 24 },
	{ "the largest, and less", 16777215, 16777215, 1u << 24, 11744050,
	  14260632 },
};

TTP_CASES(loss, loss_rows);

static void cubic_ssthresh__table(struct kunit *test)
{
	const struct loss_case *c = test->param_value;
	struct ttp_cc cc = new_cubic(c->cwnd, ~0u);

	cubic(&cc)->c.w_max = c->w_max;
	KUNIT_EXPECT_EQ(test, cubic_ssthresh(&cc, c->flight),
			c->ssthresh_after);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->c.w_max, c->w_max_after);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->c.cwnd_prior,
			min(c->cwnd, c->flight));
}

/* 0.7 of 1000, then K = 9.09 s to 1000 again, then convex. */
static void cubic_on_ack__concave_and_convex_rfc9438_4_4_4_5(struct kunit *test)
{
	struct ttp_cc cc = new_cubic(1000, 1000);
	u64 now;

	lose(&cc, START);
	KUNIT_ASSERT_EQ(test, cc.cwnd, 700u);
	now = run(&cc, START, 4 * SEC, 100000);
	/* 1000 - 0.4 * 5.09^3 */
	KUNIT_EXPECT_GE(test, cc.cwnd, 946u);
	KUNIT_EXPECT_LE(test, cc.cwnd, 948u);
	now = run(&cc, now, 6 * SEC, 100000);
	/* 1000 + 0.4 * 0.91^3 */
	KUNIT_EXPECT_GE(test, cc.cwnd, 999u);
	KUNIT_EXPECT_LE(test, cc.cwnd, 1001u);
	run(&cc, now, 6 * SEC, 100000);
	/* 1000 + 0.4 * 6.91^3 */
	KUNIT_EXPECT_GE(test, cc.cwnd, 1127u);
	KUNIT_EXPECT_LE(test, cc.cwnd, 1134u);
}

/* Short RTT, small window: as fast as Reno with beta 0.7, and then as Reno. */
static void cubic_on_ack__reno_friendly_rfc9438_4_3(struct kunit *test)
{
	struct ttp_cc cc = new_cubic(100, 100);
	u32 i;

	lose(&cc, START);
	/* 30 segments at 9/17 per round trip: 57 of them */
	for (i = 0; i < 56; i++)
		ack(&cc, START + i * 1000, cc.cwnd, 1000, true);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 99u);
	for (; i < 60; i++)
		ack(&cc, START + i * 1000, cc.cwnd, 1000, true);
	KUNIT_EXPECT_GE(test, cc.cwnd, 101u);
	i = cc.cwnd;
	ack(&cc, START + 60000, cc.cwnd, 1000, true);
	KUNIT_EXPECT_EQ(test, cc.cwnd, i + 1);
}

/* (4.2): half a window per round trip, however far ahead the curve is. */
static void cubic_on_ack__target_is_bounded_rfc9438_4_2(struct kunit *test)
{
	struct ttp_cc cc = new_cubic(100, 100);
	struct cubic_curve *c = &cubic(&cc)->c;

	lose(&cc, START);
	ack(&cc, START, 1, 100000, true);
	ack(&cc, START + 3600 * SEC, cc.cwnd, 100000, true);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 105u);
	/* More acknowledged than a window makes it no more. */
	cc.cwnd = 100;
	c->w_est = 0;
	ack(&cc, START + 3600 * SEC, ~0u, 100000, true);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 150u);
}

/* Below the curve's past it waits, and does not shrink. */
static void cubic_on_ack__never_back(struct kunit *test)
{
	struct ttp_cc cc = new_cubic(1000, 1000);

	lose(&cc, START);
	ack(&cc, START, 1, 100000, true);
	cc.cwnd = 900;
	ack(&cc, START + 1000, 900, 100000, true);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 900u);
}

/* 4.8: the curve begins flat where slow start has ended. */
static void cubic_on_event__timeout_rfc9438_4_8(struct kunit *test)
{
	struct ttp_cc cc = new_cubic(1000, 1000);
	struct cubic_curve *c = &cubic(&cc)->c;

	ttp_cc_enter_loss(&cc, 1000, 0, true, START);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, 700u);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 1u);
	ttp_cc_leave(&cc, START);
	while (cc.cwnd < cc.ssthresh)
		ack(&cc, START, cc.cwnd, 100000, true);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 700u);
	ack(&cc, START + SEC, 1, 100000, true);
	KUNIT_EXPECT_TRUE(test, c->running);
	KUNIT_EXPECT_EQ(test, c->k, 0u);
	KUNIT_EXPECT_EQ(test, c->w_max, 700u);
	/* The next one is an ordinary loss again. */
	cc.cwnd = 800;
	lose(&cc, START + 2 * SEC);
	ack(&cc, START + 2 * SEC, 1, 100000, true);
	KUNIT_EXPECT_EQ(test, c->w_max, 800u);
	KUNIT_EXPECT_GT(test, c->k, 0u);
	/* A timeout of a window that has paid begins a new curve as well. */
	ttp_cc_enter_loss(&cc, 560, 0, false, START + 3 * SEC);
	KUNIT_EXPECT_FALSE(test, c->running);
	KUNIT_EXPECT_TRUE(test, c->timeout);
}

/* 4.9: window, threshold and curve, as if nothing had been. */
static void cubic_on_event__spurious_rfc9438_4_9(struct kunit *test)
{
	struct ttp_cc cc = new_cubic(1000, 1000);
	struct cubic_curve before;
	u64 now;

	lose(&cc, START);
	now = run(&cc, START, 3 * SEC, 100000);
	before = cubic(&cc)->c;
	KUNIT_ASSERT_GT(test, cc.cwnd, 900u);
	ttp_cc_enter_recovery(&cc, cc.cwnd, now);
	KUNIT_EXPECT_FALSE(test, cubic(&cc)->c.running);
	cc.cwnd = cc.ssthresh;
	ttp_cc_undo(&cc, now);
	KUNIT_EXPECT_GT(test, cc.cwnd, 900u);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, 700u);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->c.epoch, before.epoch);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->c.k, before.k);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->c.w_max, before.w_max);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->c.w_est, before.w_est);
	KUNIT_EXPECT_TRUE(test, cubic(&cc)->c.running);
}

/* 5.8: an hour of pause, or of little to send, is no time of the curve. */
static void cubic_pause__is_no_time_rfc9438_5_8(struct kunit *test)
{
	struct ttp_cc one = new_cubic(1000, 1000), two;
	u64 now, late;

	lose(&one, START);
	now = run(&one, START, 5 * SEC, 100000);
	two = one;

	/* nothing in flight */
	late = now + 3600 * SEC;
	ttp_cc_tx_start(&two, 0, 200000, late - 10000);
	run(&one, now, 2 * SEC, 100000);
	late = run(&two, late, 2 * SEC, 100000);
	KUNIT_EXPECT_EQ(test, two.cwnd, one.cwnd);

	/* a window that is never filled */
	for (; late < 7200 * SEC; late += SEC)
		ack(&two, late, 10, 100000, false);
	KUNIT_EXPECT_EQ(test, two.cwnd, one.cwnd);
	now = START + 7 * SEC;
	ack(&two, late - 10000, 1, 100000, false);
	run(&one, now, 2 * SEC, 100000);
	run(&two, late, 2 * SEC, 100000);
	KUNIT_EXPECT_LE(test, two.cwnd, one.cwnd + 1);
	KUNIT_EXPECT_GE(test, two.cwnd + 1, one.cwnd);
}

/* After an idle RTO slow start leads back, and then a curve to the old top. */
static void cubic_on_event__idle_restart(struct kunit *test)
{
	struct ttp_cc cc = new_cubic(1000, 1000);
	u32 before;
	u64 now;

	lose(&cc, START);
	now = run(&cc, START, 3 * SEC, 100000) + 60 * SEC;
	before = cc.cwnd;
	ttp_cc_tx_start(&cc, 60 * SEC, 200000, now);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 10u);
	KUNIT_EXPECT_FALSE(test, cubic(&cc)->c.running);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, max(700u, before - before / 4));
	while (cc.cwnd < cc.ssthresh)
		ack(&cc, now, 1, 100000, true);
	ack(&cc, now, 1, 100000, true);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->c.epoch, now);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->c.w_max, 1000u);
}

/* 4.10: out of HyStart++, the curve begins flat; the first loss ends both. */
static void cubic_slow_start__hystart_rfc9438_4_10(struct kunit *test)
{
	struct ttp_cc cc = new_cubic(10, ~0u);
	struct ttp_cc_ack a = {
		.now = START, .acked = 1, .rtt_us = 20000, .srtt_us = 20000,
		.cwnd_limited = true,
	};
	u32 i;

	for (i = 0; i < 100000 && cc.ssthresh == ~0u; i++) {
		a.snd_una += 1000;
		a.snd_nxt = a.snd_una + cc.cwnd * 1000;
		/* The path holds 100. */
		a.rtt_us = max(20000u, cc.cwnd * 200);
		ttp_cc_acked(&cc, &a);
	}
	KUNIT_EXPECT_EQ(test, cubic(&cc)->hs.phase, TTP_HYSTART_DONE);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, cc.cwnd);
	KUNIT_EXPECT_GE(test, cc.cwnd, 120u);
	KUNIT_EXPECT_LE(test, cc.cwnd, 800u);
	ttp_cc_acked(&cc, &a);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->c.k, 0u);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->c.w_max, cc.ssthresh);

	cc = new_cubic(10, ~0u);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->hs.phase, TTP_HYSTART_NEW);
	ttp_cc_enter_recovery(&cc, 10, START);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->hs.phase, TTP_HYSTART_DONE);
	ttp_cc_undo(&cc, START);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->hs.phase, TTP_HYSTART_NEW);
	ttp_cc_enter_loss(&cc, 10, 0, true, START);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->hs.phase, TTP_HYSTART_DONE);
	ttp_cc_switch(&cc, &ttp_cc_cubic, START);
	KUNIT_EXPECT_EQ(test, cubic(&cc)->hs.phase, TTP_HYSTART_DONE);
}

static struct kunit_case cubic_cases[] = {
	KUNIT_CASE_PARAM(cubic_root__table, root_gen_params),
	KUNIT_CASE_PARAM(cubic_window__table_rfc9438_4_2, curve_gen_params),
	KUNIT_CASE_PARAM(cubic_ssthresh__table, loss_gen_params),
	KUNIT_CASE(cubic_on_ack__concave_and_convex_rfc9438_4_4_4_5),
	KUNIT_CASE(cubic_on_ack__reno_friendly_rfc9438_4_3),
	KUNIT_CASE(cubic_on_ack__target_is_bounded_rfc9438_4_2),
	KUNIT_CASE(cubic_on_ack__never_back),
	KUNIT_CASE(cubic_on_event__timeout_rfc9438_4_8),
	KUNIT_CASE(cubic_on_event__spurious_rfc9438_4_9),
	KUNIT_CASE(cubic_pause__is_no_time_rfc9438_5_8),
	KUNIT_CASE(cubic_on_event__idle_restart),
	KUNIT_CASE(cubic_slow_start__hystart_rfc9438_4_10),
	{}
};

struct kunit_suite ttp_cubic_suite = {
	.name = "ttp_cubic",
	.test_cases = cubic_cases,
};
