// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/bbr.c: the model and its states; host/cc_sim.c shows
 * what becomes of it on a path.
 */
#include "cases.h"
#include "bbr_cases.h"
#include "../core/bbr.c"

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

	KUNIT_EXPECT_LE(test, bbr_rate(bw, MSS, BBR_UNIT, 1), 7425000u);
	KUNIT_EXPECT_GE(test, bbr_rate(bw, MSS, BBR_UNIT, 1), 7424000u);
	KUNIT_EXPECT_GE(test, bbr_rate(bw, MSS, BBR_GAIN_HIGH, 1), 21430000u);
	KUNIT_EXPECT_GT(test, bbr_rate(~0u, 65535, BBR_GAIN_HIGH, 0),
			bbr_rate(~0u, 65534, BBR_GAIN_HIGH, 0));
	KUNIT_EXPECT_GE(test, bbr_rate(17, MSS, BBR_UNIT, 1), 1450u);
	KUNIT_EXPECT_LE(test, bbr_rate(bw, MSS, BBR_UNIT, 0), 7500000u);
	KUNIT_EXPECT_GE(test, bbr_rate(bw, MSS, BBR_UNIT, 0), 7499000u);
}

struct quantum_case {
	const char *name;
	u64 rate;
	u32 mss, segs;
};

static const struct quantum_case quantum_rows[] = {
	{ "a millisecond's worth", 7500000, 1500, 5 },
	{ "rounded down", 8999999, 1500, 5 },
	{ "one at least", 1, 1500, 1 },
	{ "64 KB at most", ~0ULL, 1500, 44 },
	{ "no MSS yet", 20000, 0, 20 },
};

TTP_CASES(quantum, quantum_rows);

static void bbr_quantum__table(struct kunit *test)
{
	const struct quantum_case *c = test->param_value;
	struct bbr b = { .mss = c->mss };

	KUNIT_EXPECT_EQ(test, bbr_quantum(&b, c->rate), c->segs);
}

/*
 * The first ACKs are for a part of the first window: as the rate of the path
 * they would hold up what the window allows.
 */
static void bbr__startup_begins_with_a_window(struct kunit *test)
{
	u32 least = (u32)((10ULL << 24) / RTT);
	struct path p = new_path();
	u64 rate;

	round_trip(&p, 2, 0, 8);
	rate = bbr_rate(least, MSS, BBR_GAIN_HIGH, 1);
	KUNIT_EXPECT_EQ(test, p.cc.pacing_rate, rate);
	/* More was delivered: faster; less: no slower, while it is unknown. */
	round_trip(&p, 20, 0, 20);
	KUNIT_EXPECT_GT(test, p.cc.pacing_rate, 2 * rate - 1000);
	rate = p.cc.pacing_rate;
	model(&p)->bw = (struct ttp_win){};
	round_trip(&p, 15, 0, 20);
	KUNIT_EXPECT_EQ(test, p.cc.pacing_rate, rate);
	model(&p)->full = true;
	round_trip(&p, 15, 0, 20);
	KUNIT_EXPECT_LT(test, p.cc.pacing_rate, rate);
}

/* An RTT that nobody knows, a window that is no first one: no overflow. */
static void bbr__startup_begins_anyhow(struct kunit *test)
{
	struct path p = new_path();

	p.cc.cwnd = TTP_CC_CWND_MAX;
	p.rtt = 0;
	round_trip(&p, 2, 0, 8);
	KUNIT_EXPECT_EQ(test, p.cc.pacing_rate,
			bbr_rate(~0u, MSS, BBR_GAIN_HIGH, 1));
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
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_STARTUP);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->full_rounds, 0);
}

/* Doubling goes on; three rounds without a quarter more end it. */
static void bbr__startup_ends_when_full(struct kunit *test)
{
	struct path p = new_path();
	u32 n;

	for (n = 10; n <= 160; n *= 2) {
		round_trip(&p, n, 0, 2 * n);
		KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_STARTUP);
		KUNIT_EXPECT_GE(test, p.cc.cwnd, 2 * n);
	}
	/* Just a quarter more is growth. */
	round_trip(&p, 200, 0, 400);
	round_trip(&p, 249, 0, 400);
	round_trip(&p, 249, 0, 400);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_STARTUP);
	round_trip(&p, 249, 0, 400);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_DRAIN);
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
	round_trip(&p, 400, 100, 500);
	KUNIT_EXPECT_TRUE(test, model(&p)->full);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_DRAIN);
}

/* An application that sends little does not fill the path. */
static void bbr__startup_goes_on_app_limited(struct kunit *test)
{
	struct path p = new_path();
	u32 i;

	p.limited = true;
	for (i = 0; i < 10; i++)
		round_trip(&p, 10, 0, 10);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_STARTUP);
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
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_DRAIN);
	KUNIT_EXPECT_LE(test, p.cc.pacing_rate * 8, fast);
	/* A millisecond's worth, 4.99 segments, is in hosts, in no queue. */
	round_trip(&p, 100, 0, 105);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_DRAIN);
	round_trip(&p, 100, 0, 104);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_PROBE_BW);
	KUNIT_EXPECT_NE(test, (int)model(&p)->phase, 1);
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
		KUNIT_EXPECT_EQ(test, (int)model(&p)->phase, 0);
	}
	round_trip(&p, 100, 1, 20);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->phase, 1);
	for (i = 0; i < 3; i++) {
		round_trip(&p, 100, 0, 120);
		KUNIT_EXPECT_EQ(test, (int)model(&p)->phase, 1);
	}
	round_trip(&p, 100, 0, 120);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->phase, 2);
}

struct drained_case {
	const char *name;
	u32 lost_before, in_flight;
	bool drained, overflow;
};

/* A path of 100 segments, and 4 in a host. */
static const struct drained_case drained_rows[] = {
	{ "nothing lost", 0, 104, true },
	{ "nothing lost, one too many", 0, 105, false },
	{ "as many lost as before", 3, 107, true },
	{ "one more", 3, 108, false },
	{ "a tenth is chance", 10, 114, true },
	{ "beyond it is a queue", 50, 115, false },
	{ "no chance after an overflow", 3, 105, false, true },
	{ "no chance, and nothing queued", 3, 104, true, true },
};

TTP_CASES(drained, drained_rows);

static void bbr_is_drained__table(struct kunit *test)
{
	const struct drained_case *c = test->param_value;
	struct ttp_cc_ack a = { .in_flight = c->in_flight };
	struct path p = settled();

	model(&p)->lost_before = c->lost_before;
	if (c->overflow)
		model(&p)->bound = 200;
	KUNIT_EXPECT_EQ(test, bbr_is_drained(model(&p), &a), c->drained);
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

/* Users see what the path delivers, not what the margin leaves of it. */
static void bbr__info(struct kunit *test)
{
	struct ttp_bbr_info info;
	struct path p = settled();

	KUNIT_ASSERT_TRUE(test, ttp_bbr_info(&p.cc, &info));
	KUNIT_EXPECT_LE(test, info.bw, 7500000u);
	KUNIT_EXPECT_GE(test, info.bw, 7499000u);
	KUNIT_EXPECT_EQ(test, info.min_rtt, RTT);
	KUNIT_EXPECT_EQ(test, info.cwnd_gain, 512u);
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
		KUNIT_ASSERT_EQ(test, (int)model(&p)->mode, BBR_PROBE_BW);
	}
	before = p.cc.cwnd;
	bw = ttp_win_get_max(&model(&p)->bw);
	round_trip(&p, 115, 0, 100);
	KUNIT_ASSERT_EQ(test, (int)model(&p)->mode, BBR_PROBE_RTT);
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
	KUNIT_EXPECT_EQ(test, (int)model(&q)->mode, BBR_PROBE_RTT);
	q.same_round = false;
	round_trip(&q, 50, 0, 50);
	KUNIT_EXPECT_EQ(test, (int)model(&q)->mode, BBR_PROBE_BW);
	while (p.now < small + p.rtt + 200000) {
		KUNIT_ASSERT_EQ(test, (int)model(&p)->mode, BBR_PROBE_RTT);
		round_trip(&p, 50, 0, 50);
	}
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_PROBE_BW);
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
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_PROBE_BW);
	p.no_rtt = false;
	round_trip(&p, 100, 0, 100);
	KUNIT_EXPECT_EQ(test, (int)model(&p)->mode, BBR_PROBE_BW);
	KUNIT_EXPECT_EQ(test, model(&p)->min_rtt, RTT + 5000);
}

static struct kunit_case bbr_cases[] = {
	KUNIT_CASE_PARAM(bbr_bdp__table, bdp_gen_params),
	KUNIT_CASE(bbr_rate__units),
	KUNIT_CASE_PARAM(bbr_quantum__table, quantum_gen_params),
	KUNIT_CASE(bbr__startup_begins_with_a_window),
	KUNIT_CASE(bbr__startup_begins_anyhow),
	KUNIT_CASE(bbr__rounds),
	KUNIT_CASE(bbr__startup_ends_when_full),
	KUNIT_CASE(bbr__startup_ends_by_overflow),
	KUNIT_CASE(bbr__startup_goes_on_app_limited),
	KUNIT_CASE(bbr__drain_until_the_queue_is_gone),
	KUNIT_CASE(bbr__cycle),
	KUNIT_CASE(bbr__cycle_waits),
	KUNIT_CASE_PARAM(bbr_is_drained__table, drained_gen_params),
	KUNIT_CASE(bbr__bandwidth_is_forgotten),
	KUNIT_CASE(bbr__info),
	KUNIT_CASE(bbr__probe_rtt),
	KUNIT_CASE(bbr__idle_needs_no_probe),
	{}
};

struct kunit_suite ttp_bbr_suite = {
	.name = "ttp_bbr",
	.test_cases = bbr_cases,
};
