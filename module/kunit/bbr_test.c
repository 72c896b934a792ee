// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/bbr.c: the model, its states, and what it makes of
 * losses; host/cc_sim.c shows what becomes of it on a path.
 */
#include "cases.h"
#include "../core/bbr.c"

#define SEC	1000000ULL
#define MSS	1500u
#define RTT	20000u
#define START	(50 * SEC)

/* A path of @bw segments per RTT, and the sender's view of it. */
struct path {
	struct ttp_cc cc;
	u64 now;
	u64 delivered;
	u32 rtt;
	bool no_rtt;		/* what comes has no RTT, */
	bool limited;		/* was limited by the application, */
	bool same_round;	/* was sent before the round began */
};

static struct path new_path(void)
{
	struct path p = { .now = START, .rtt = RTT };

	ttp_cc_init(&p.cc, &ttp_cc_bbr, START);
	return p;
}

static struct bbr *model(struct path *p)
{
	return bbr(&p->cc);
}

/* One ACK per round trip: @segs arrived, @lost did not, @out are on the way. */
static void round_trip(struct path *p, u32 segs, u32 lost, u32 out)
{
	struct ttp_cc_ack a = {
		.now = p->now += p->rtt, .acked = segs, .in_flight = out,
		.prior_in_flight = out + segs + lost,
		.rtt_us = p->no_rtt ? 0 : p->rtt,
		.srtt_us = p->rtt, .min_rtt_us = p->rtt, .mss = MSS,
		.cwnd_limited = true,
		.rate = {
			.prior_delivered = p->same_round ? 0 : p->delivered,
			.delivered = segs, .app_limited = p->limited,
			.interval_us = p->rtt, .losses = lost,
			.acked_sacked = segs,
		},
	};

	a.delivered = p->delivered += segs;
	ttp_cc_acked(&p->cc, &a);
}

/* As far as PROBE_BW, with a path of 100 segments. */
static struct path settled(void)
{
	struct path p = new_path();
	u32 i;

	for (i = 0; i < 4; i++)
		round_trip(&p, 100, 0, 200);
	round_trip(&p, 100, 0, 100);
	return p;
}

struct bdp_case {
	const char *name;
	u32 bw, rtt, gain, bdp;
};

static const struct bdp_case bdp_rows[] = {
	{ "one per us, 100 us", 1 << 24, 100, BBR_UNIT, 100 },
	{ "twice", 1 << 24, 100, 2 * BBR_UNIT, 200 },
	{ "rounded up", 1 << 23, 3, BBR_UNIT, 2 },
	{ "no RTT yet", 1 << 24, ~0u, BBR_UNIT, 10 },
	{ "more than there can be", ~0u, ~0u - 1, BBR_GAIN_HIGH, 1u << 24 },
	{ "nothing", 1, 1, BBR_UNIT, 0 },
};

TTP_CASES(bdp, bdp_rows);

static void bbr_bdp__table(struct kunit *test)
{
	const struct bdp_case *c = test->param_value;
	struct bbr b = { .min_rtt = c->rtt };

	ttp_win_max(&b.bw, 0, c->bw);
	KUNIT_EXPECT_EQ(test, bbr_bdp(&b, c->gain), c->bdp);
}

/* 100 segments of 1500 bytes in 20 ms are 7.5 MB/s; less the margin. */
static void bbr_rate__units(struct kunit *test)
{
	u32 bw = (100u << 24) / RTT;

	KUNIT_EXPECT_LE(test, bbr_rate(bw, MSS, BBR_UNIT), 7425000u);
	KUNIT_EXPECT_GE(test, bbr_rate(bw, MSS, BBR_UNIT), 7424000u);
	KUNIT_EXPECT_GE(test, bbr_rate(bw, MSS, BBR_GAIN_HIGH), 21430000u);
	KUNIT_EXPECT_GT(test, bbr_rate(~0u, 65535, BBR_GAIN_HIGH),
			bbr_rate(~0u, 65534, BBR_GAIN_HIGH));
	KUNIT_EXPECT_GE(test, bbr_rate(17, MSS, BBR_UNIT), 1450u);
}

/* Many ACKs of a round are one round. */
static void bbr__rounds(struct kunit *test)
{
	struct path p = new_path();
	u32 i;

	round_trip(&p, 100, 0, 200);
	p.same_round = true;
	for (i = 0; i < 10; i++)
		round_trip(&p, 100, 0, 200);
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_STARTUP);
	KUNIT_EXPECT_EQ(test, model(&p)->full_rounds, 0);
}

/* Doubling goes on; three rounds without a quarter more end it. */
static void bbr__startup_ends_when_full(struct kunit *test)
{
	struct path p = new_path();
	u32 n;

	for (n = 10; n <= 160; n *= 2) {
		round_trip(&p, n, 0, 2 * n);
		KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_STARTUP);
		KUNIT_EXPECT_GE(test, p.cc.cwnd, 2 * n);
	}
	/* Just a quarter more is growth. */
	round_trip(&p, 200, 0, 400);
	round_trip(&p, 249, 0, 400);
	round_trip(&p, 249, 0, 400);
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_STARTUP);
	round_trip(&p, 249, 0, 400);
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_DRAIN);
	KUNIT_EXPECT_EQ(test, p.cc.ssthresh, ~0u);
}

static void bbr__startup_ends_by_overflow(struct kunit *test)
{
	struct path p = new_path();

	round_trip(&p, 50, 0, 100);
	/* Chance: less than a tenth, or just a few. */
	round_trip(&p, 100, 10, 200);
	KUNIT_EXPECT_FALSE(test, model(&p)->full);
	round_trip(&p, 200, 50, 400);
	KUNIT_EXPECT_TRUE(test, !model(&p)->full);
	round_trip(&p, 400, 100, 450);
	KUNIT_EXPECT_TRUE(test, model(&p)->full);
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_DRAIN);
}

/* An application that sends little does not fill the path. */
static void bbr__startup_goes_on_app_limited(struct kunit *test)
{
	struct path p = new_path();
	u32 i;

	p.limited = true;
	for (i = 0; i < 10; i++)
		round_trip(&p, 10, 0, 10);
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_STARTUP);
	KUNIT_EXPECT_FALSE(test, model(&p)->full);
}

static void bbr__drain_until_the_queue_is_gone(struct kunit *test)
{
	struct path p = new_path();
	u64 fast;
	u32 i;

	for (i = 0; i < 3; i++)
		round_trip(&p, 100, 0, 200);
	fast = p.cc.pacing_rate;
	round_trip(&p, 100, 0, 200);
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_DRAIN);
	KUNIT_EXPECT_LE(test, p.cc.pacing_rate * 8, fast);
	round_trip(&p, 100, 0, 101);
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_DRAIN);
	round_trip(&p, 100, 0, 100);
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_PROBE_BW);
	KUNIT_EXPECT_NE(test, model(&p)->phase, 1);
	KUNIT_EXPECT_GE(test, p.cc.cwnd, 200u);
	KUNIT_EXPECT_LE(test, p.cc.cwnd, 100 * 2 + 3 * 44u);
}

/* Eight phases: more, less, and six times as much as the path delivers. */
static void bbr__cycle(struct kunit *test)
{
	struct path p = settled();
	u32 seen[BBR_CYCLE] = {};
	u32 i;

	p.rtt = RTT + 1;
	for (i = 0; i < 80; i++) {
		u32 gain = bbr_phase_gain(model(&p));

		seen[model(&p)->phase]++;
		round_trip(&p, 100, 0, gain > BBR_UNIT ? 125 : 100);
	}
	for (i = 0; i < BBR_CYCLE; i++)
		KUNIT_EXPECT_EQ_MSG(test, seen[i], 10u, "phase %u", i);
}

/* The phase that probes waits for its effect, the one that drains as well. */
static void bbr__cycle_waits(struct kunit *test)
{
	struct path p = settled();
	u32 i;

	p.rtt = RTT + 1;
	bbr_set_phase(model(&p), 0, p.now);
	for (i = 0; i < 3; i++) {
		round_trip(&p, 100, 0, 20);
		KUNIT_EXPECT_EQ(test, model(&p)->phase, 0);
	}
	round_trip(&p, 100, 1, 20);
	KUNIT_EXPECT_EQ(test, model(&p)->phase, 1);
	for (i = 0; i < 3; i++) {
		round_trip(&p, 100, 0, 120);
		KUNIT_EXPECT_EQ(test, model(&p)->phase, 1);
	}
	round_trip(&p, 100, 0, 120);
	KUNIT_EXPECT_EQ(test, model(&p)->phase, 2);
}

/* A rate that was seen counts for ten rounds. */
static void bbr__bandwidth_is_forgotten(struct kunit *test)
{
	struct path p = settled();
	u32 high = ttp_win_get_max(&model(&p)->bw), i;

	for (i = 0; i < 8; i++)
		round_trip(&p, 50, 0, 50);
	KUNIT_EXPECT_EQ(test, ttp_win_get_max(&model(&p)->bw), high);
	for (i = 0; i < 2; i++)
		round_trip(&p, 50, 0, 50);
	KUNIT_EXPECT_LE(test, ttp_win_get_max(&model(&p)->bw), high / 2 + 1);
	/* But not because the application sends less; more is always true. */
	high = ttp_win_get_max(&model(&p)->bw);
	p.limited = true;
	for (i = 0; i < 30; i++)
		round_trip(&p, 10, 0, 10);
	KUNIT_EXPECT_EQ(test, ttp_win_get_max(&model(&p)->bw), high);
	round_trip(&p, 60, 0, 60);
	KUNIT_EXPECT_GT(test, ttp_win_get_max(&model(&p)->bw), high);
}

/* Ten seconds without a new least RTT, then 200 ms of half a window. */
static void bbr__probe_rtt(struct kunit *test)
{
	struct path p = settled(), q;
	u32 bw = ttp_win_get_max(&model(&p)->bw), before, i;
	u64 since = model(&p)->min_rtt_at, small;

	p.rtt = RTT + 3000;
	while (p.now + p.rtt <= since + 10 * SEC) {
		round_trip(&p, 115, 0, 100);
		KUNIT_ASSERT_EQ(test, model(&p)->mode, BBR_PROBE_BW);
	}
	before = p.cc.cwnd;
	bw = ttp_win_get_max(&model(&p)->bw);
	round_trip(&p, 115, 0, 100);
	KUNIT_ASSERT_EQ(test, model(&p)->mode, BBR_PROBE_RTT);
	KUNIT_EXPECT_LE(test, p.cc.cwnd, 50u);
	/* The time counts from when the window is small indeed. */
	small = p.now;
	p.rtt = RTT + 1000;
	round_trip(&p, 50, 0, 50);
	/* And it takes a round, however long that is. */
	q = p;
	q.same_round = true;
	for (i = 0; i < 12; i++)
		round_trip(&q, 0, 0, 50);
	KUNIT_EXPECT_EQ(test, model(&q)->mode, BBR_PROBE_RTT);
	q.same_round = false;
	round_trip(&q, 50, 0, 50);
	KUNIT_EXPECT_EQ(test, model(&q)->mode, BBR_PROBE_BW);
	while (p.now < small + p.rtt + 200000) {
		KUNIT_ASSERT_EQ(test, model(&p)->mode, BBR_PROBE_RTT);
		round_trip(&p, 50, 0, 50);
	}
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_PROBE_BW);
	KUNIT_EXPECT_EQ(test, model(&p)->min_rtt, RTT + 1000);
	KUNIT_EXPECT_GE(test, p.cc.cwnd, before - 20);
	/* What it did to the rate is not held against the path. */
	for (i = 0; i < 2; i++)
		round_trip(&p, 50, 0, 50);
	KUNIT_EXPECT_EQ(test, ttp_win_get_max(&model(&p)->bw), bw);
}

/* A pause is as good as a probe. */
static void bbr__idle_needs_no_probe(struct kunit *test)
{
	struct path p = settled();
	u32 cwnd = p.cc.cwnd;

	p.now += 60 * SEC;
	ttp_cc_tx_start(&p.cc, 60 * SEC, 200000, p.now);
	KUNIT_EXPECT_EQ(test, p.cc.cwnd, cwnd);
	p.rtt = RTT + 5000;
	p.no_rtt = true;
	round_trip(&p, 0, 0, 100);
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_PROBE_BW);
	p.no_rtt = false;
	round_trip(&p, 100, 0, 100);
	KUNIT_EXPECT_EQ(test, model(&p)->mode, BBR_PROBE_BW);
	KUNIT_EXPECT_EQ(test, model(&p)->min_rtt, RTT + 5000);
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

/* A third lost is no chance: less in flight, and tried again by the cycle. */
static void bbr__heavy_loss_sets_a_bound(struct kunit *test)
{
	struct path p = settled();
	u32 i;

	bbr_set_phase(model(&p), 2, p.now);
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

	bbr_set_phase(model(&p), 2, p.now);
	round_trip(&p, 6, 4, 0);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, ~0u);
	/* Five in a row, but of 200 that are out. */
	round_trip(&p, 1, 5, 200);
	KUNIT_EXPECT_EQ(test, model(&p)->bound, ~0u);
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

static struct kunit_case bbr_cases[] = {
	KUNIT_CASE_PARAM(bbr_bdp__table, bdp_gen_params),
	KUNIT_CASE(bbr_rate__units),
	KUNIT_CASE(bbr__rounds),
	KUNIT_CASE(bbr__startup_ends_when_full),
	KUNIT_CASE(bbr__startup_ends_by_overflow),
	KUNIT_CASE(bbr__startup_goes_on_app_limited),
	KUNIT_CASE(bbr__drain_until_the_queue_is_gone),
	KUNIT_CASE(bbr__cycle),
	KUNIT_CASE(bbr__cycle_waits),
	KUNIT_CASE(bbr__bandwidth_is_forgotten),
	KUNIT_CASE(bbr__probe_rtt),
	KUNIT_CASE(bbr__idle_needs_no_probe),
	KUNIT_CASE(bbr__random_loss),
	KUNIT_CASE(bbr__heavy_loss_sets_a_bound),
	KUNIT_CASE(bbr__few_losses_are_chance),
	KUNIT_CASE(bbr__timeout),
	{}
};

struct kunit_suite ttp_bbr_suite = {
	.name = "ttp_bbr",
	.test_cases = bbr_cases,
};
