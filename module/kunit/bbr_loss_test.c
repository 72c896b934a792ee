// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what core/bbr.c makes of losses: those by chance, those that
 * are too many for it, and timeouts.
 */
#include "cases.h"
#include "bbr_cases.h"

/* A phase that neither probes nor drains begins. */
static void cruise(struct path *p)
{
	model(p)->phase = 2;
	model(p)->phase_at = p->now;
}

/* 3 % lost, always in recovery: neither rate nor window come down. */
static void bbr__random_loss(struct kunit *test)
{
	struct path p = settled();
	u32 cwnd = p.cc.cwnd, i;

	for (i = 0; i < 100; i++) {
		ttp_cc_enter_recovery(&p.cc, 100, p.now);
		round_trip(&p, 97, 3, 100);
		ttp_cc_leave(&p.cc, p.now);
		round_trip(&p, 100, 0, 100);
	}
	KUNIT_EXPECT_GE(test, p.cc.cwnd, cwnd - 10);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, ~0u);
	KUNIT_EXPECT_EQ(test, p.cc.ssthresh, ~0u);
}

/* What losses drain, the margin need not: a round with 1 % has none after it. */
static void bbr__losses_replace_the_margin(struct kunit *test)
{
	u32 bw = (100u << 24) / RTT, i;
	struct path p = settled(), q;

	cruise(&p);
	p.rtt = RTT / 2;
	for (i = 0; i < 3; i++) {
		round_trip(&p, 50, 0, 50);
		KUNIT_EXPECT_EQ(test, p.cc.pacing_rate,
				bbr_rate(bw, MSS, BBR_UNIT, 1));
		cruise(&p);
	}
	round_trip(&p, 50, 1, 50);
	cruise(&p);
	q = p;
	round_trip(&p, 50, 0, 50);
	KUNIT_EXPECT_EQ(test, model(&p)->lost_before, 1u);
	KUNIT_EXPECT_EQ(test, p.cc.pacing_rate, bbr_rate(bw, MSS, BBR_UNIT, 0));
	KUNIT_EXPECT_TRUE(test, model(&p)->lossy);
	/* Unless a buffer overflowed before: then it may be no chance. */
	model(&q)->bound = 200;
	round_trip(&q, 50, 0, 50);
	KUNIT_EXPECT_TRUE(test, model(&q)->lossy);
	KUNIT_EXPECT_EQ(test, q.cc.pacing_rate, bbr_rate(bw, MSS, BBR_UNIT, 1));
	cruise(&p);
	round_trip(&p, 50, 0, 50);
	KUNIT_EXPECT_EQ(test, model(&p)->lost_before, 0u);
	KUNIT_EXPECT_EQ(test, p.cc.pacing_rate, bbr_rate(bw, MSS, BBR_UNIT, 1));
	/* One in 150 is less than the margin. */
	round_trip(&p, 149, 1, 50);
	round_trip(&p, 50, 0, 50);
	KUNIT_EXPECT_EQ(test, model(&p)->lost_before, 1u);
	KUNIT_EXPECT_FALSE(test, model(&p)->lossy);
}

/* However much is lost in a burst: what the path holds may be in flight. */
static void bbr__the_bound_leaves_the_path_full(struct kunit *test)
{
	struct path p = settled();

	cruise(&p);
	round_trip(&p, 84, 16, 20);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, 104u);
	round_trip(&p, 84, 30, 20);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, 104u);
}

/* A third lost is no chance: less in flight, and tried again by the cycle. */
static void bbr__heavy_loss_sets_a_bound(struct kunit *test)
{
	struct path p = settled();
	u32 i;

	cruise(&p);
	p.rtt = RTT + 1;
	round_trip(&p, 100, 50, 50);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, 150u);
	KUNIT_EXPECT_EQ(test, p.cc.cwnd, 150u);
	p.same_round = true;
	round_trip(&p, 100, 50, 50);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, 113u);
	round_trip(&p, 100, 50, 50);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, 113u);
	p.same_round = false;
	round_trip(&p, 100, 0, 50);
	model(&p)->bound = 150;
	/* The next round: once more. */
	round_trip(&p, 100, 40, 20);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, 113u);
	for (i = 0; i < 40 && model(&p)->phase; i++)
		round_trip(&p, 100, 0, 13);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, 113u);
	round_trip(&p, 100, 0, 40);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, 140u);
}

/* A few of a few are no tenth of a round. */
static void bbr__few_losses_are_chance(struct kunit *test)
{
	struct path p = settled();

	cruise(&p);
	round_trip(&p, 6, 4, 0);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, ~0u);
	/* Five in a row, but of 200 that are out. */
	round_trip(&p, 1, 5, 200);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, ~0u);
}

/* Segments that were overtaken: STARTUP goes on, and nothing bounds it. */
static void bbr__undo_takes_back_what_losses_told(struct kunit *test)
{
	struct path p = new_path();

	round_trip(&p, 50, 0, 100);
	round_trip(&p, 100, 0, 200);
	ttp_cc_enter_recovery(&p.cc, 200, p.now);
	round_trip(&p, 150, 50, 150);
	KUNIT_EXPECT_TRUE(test, model(&p)->full);
	KUNIT_EXPECT_NE(test, model(&p)->bound, ~0u);
	ttp_cc_undo(&p.cc, p.now);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_STARTUP);
	KUNIT_EXPECT_FALSE(test, model(&p)->full);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, ~0u);
	round_trip(&p, 200, 0, 400);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_STARTUP);
	/* But a bound and an end from before are what they were. */
	p = settled();
	model(&p)->bound = 200;
	ttp_cc_enter_recovery(&p.cc, 200, p.now);
	round_trip(&p, 60, 50, 150);
	ttp_cc_undo(&p.cc, p.now);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_PROBE_BW);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, 200u);
}

/* A timeout starts small and gets everything back. */
static void bbr__timeout(struct kunit *test)
{
	struct path p = settled();
	u32 cwnd = p.cc.cwnd;

	ttp_cc_enter_loss(&p.cc, 100, 0, true, p.now);
	KUNIT_EXPECT_EQ(test, p.cc.cwnd, 1u);
	round_trip(&p, 1, 0, 0);
	KUNIT_EXPECT_EQ(test, p.cc.cwnd, 4u);
	round_trip(&p, 4, 0, 4);
	KUNIT_EXPECT_EQ(test, p.cc.cwnd, 8u);
	ttp_cc_leave(&p.cc, p.now);
	KUNIT_EXPECT_EQ(test, p.cc.cwnd, cwnd);
	ttp_cc_enter_loss(&p.cc, 100, 0, true, p.now);
	ttp_cc_undo(&p.cc, p.now);
	KUNIT_EXPECT_EQ(test, p.cc.cwnd, cwnd);
}

static struct kunit_case bbr_loss_cases[] = {
	KUNIT_CASE(bbr__random_loss),
	KUNIT_CASE(bbr__losses_replace_the_margin),
	KUNIT_CASE(bbr__the_bound_leaves_the_path_full),
	KUNIT_CASE(bbr__heavy_loss_sets_a_bound),
	KUNIT_CASE(bbr__few_losses_are_chance),
	KUNIT_CASE(bbr__undo_takes_back_what_losses_told),
	KUNIT_CASE(bbr__timeout),
	{}
};

struct kunit_suite ttp_bbr_loss_suite = {
	.name = "ttp_bbr_loss",
	.test_cases = bbr_loss_cases,
};
