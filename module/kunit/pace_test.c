// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/pace.c: rate, gaps and size of bursts, worked out by hand.
 */
#include "cases.h"
#include "../core/pace.c"

struct rate_case {
	const char *name;
	u32 cwnd, mss, srtt, percent;
	u64 rate;
};

static const struct rate_case rate_rows[] = {
	{ "no RTT yet: any", 10, 1448, 0, 200, TTP_PACE_ANY },
	{ "10 * 1000 bytes in 10 ms", 10, 1000, 10000, 100, 1000000 },
	{ "twice that", 10, 1000, 10000, 200, 2000000 },
	{ "a fifth more", 10, 1000, 10000, 120, 1200000 },
	{ "nothing: stopped", 10, 1000, 10000, 0, 0 },
	{ "1 us", 1, 1, 1, 100, 1000000 },
	{ "rounded down", 1, 1000, 3000000, 100, 333 },
	{ "beyond 32 bits", 1u << 24, 65535, 100000, 100, 10994948505600ULL },
	{ "all that there can be", 1u << 24, 65535, 1000000, 1000,
	  10994948505600ULL },
	{ "does not overflow", 1u << 24, 1u << 31, 1000000, 100,
	  ~0ULL / 10000 / 1000 * 10000 * 100 / 1000000 },
	{ "nor does the percentage", 1, 1000, 1000000, ~0u, 10000 },
};

TTP_CASES(rate, rate_rows);

static void pace__rate_spreads_the_window(struct kunit *test)
{
	const struct rate_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_pace_rate(c->cwnd, c->mss, c->srtt,
					    c->percent), c->rate);
}

static void pace__slow_start_ends_at_half_of_ssthresh(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, ttp_pace_in_slow_start(10, ~0u));
	KUNIT_EXPECT_TRUE(test, ttp_pace_in_slow_start(9, 20));
	KUNIT_EXPECT_FALSE(test, ttp_pace_in_slow_start(10, 20));
	KUNIT_EXPECT_FALSE(test, ttp_pace_in_slow_start(30, 20));
}

static void pace__gap_is_length_by_rate(struct kunit *test)
{
	struct ttp_pace p = { };

	KUNIT_EXPECT_TRUE(test, ttp_pace_may(&p, 0));
	/* 1500 bytes at 1 MB/s: 1.5 ms; half of it a pause has paid. */
	ttp_pace_sent(&p, 1000000, 1500, 1000000);
	KUNIT_EXPECT_EQ(test, p.next, 1000750000ULL);
	KUNIT_EXPECT_FALSE(test, ttp_pace_may(&p, 1000749));
	KUNIT_EXPECT_TRUE(test, ttp_pace_may(&p, 1000750));
	/* In time: no credit. */
	ttp_pace_sent(&p, 1000750, 1500, 1000000);
	KUNIT_EXPECT_EQ(test, p.next, 1002250000ULL);
	/* 100 us late: so much sooner comes the next one. */
	ttp_pace_sent(&p, 1002350, 1500, 1000000);
	KUNIT_EXPECT_EQ(test, p.next, 1003750000ULL);
	/* Gaps of less than a microsecond are not lost: 1448 ns each. */
	p.next = 5000000;
	ttp_pace_sent(&p, 5000, 1448, 1000000000);
	KUNIT_EXPECT_EQ(test, p.next, 5001448ULL);
}

static void pace__no_rate_no_gap(struct kunit *test)
{
	struct ttp_pace p = { };

	ttp_pace_sent(&p, 7, 1500, TTP_PACE_ANY);
	KUNIT_EXPECT_TRUE(test, ttp_pace_may(&p, 7));
	ttp_pace_sent(&p, 8, 1500, 0);
	KUNIT_EXPECT_TRUE(test, ttp_pace_may(&p, 8));
}

/* Whatever the delays, the rate over a time is kept, and not exceeded. */
static void pace__late_timers_do_not_lower_the_rate(struct kunit *test)
{
	struct ttp_pace p = { .next = 1000000000 };
	u64 now = 1000000, bytes = 0;
	u32 seed = 20261120;

	while (now < 2000000) {
		now = div_u64(p.next, 1000) + ttp_test_random(&seed) % 100;
		ttp_pace_sent(&p, now, 2896, 10000000);
		bytes += 2896;
	}
	KUNIT_EXPECT_GT(test, bytes, 9950000ULL);
	KUNIT_EXPECT_LT(test, bytes, 10010000ULL);
}

struct burst_case {
	const char *name;
	u64 rate;
	u32 min_rtt, mss, most, segs;
};

static const struct burst_case burst_rows[] = {
	{ "a millisecond's worth", 14480000, 20000, 1448, 65160, 9 },
	{ "two at least", 1000, 20000, 1448, 65160, 2 },
	{ "no more than the device takes", 1ULL << 40, 20000, 1448, 65160, 45 },
	{ "short path: as much as it takes", 1000, 511, 1448, 65160, 45 },
	{ "512 us: half of it", 1000, 512, 1448, 65160, 22 },
	{ "1 ms: a quarter", 1000, 1024, 1448, 65160, 11 },
	{ "16 ms: no bonus", 14480000, 16384, 1448, 65160, 9 },
	{ "RTT unknown: no bonus", 14480000, ~0u, 1448, 65160, 9 },
	{ "any rate: as much as it takes", TTP_PACE_ANY, ~0u, 1448, 65160, 45 },
};

TTP_CASES(burst, burst_rows);

static void pace__burst(struct kunit *test)
{
	const struct burst_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_pace_burst(c->rate, c->min_rtt, c->mss,
					     c->most), c->segs * c->mss);
}

static struct kunit_case pace_cases[] = {
	KUNIT_CASE_PARAM(pace__rate_spreads_the_window, rate_gen_params),
	KUNIT_CASE(pace__slow_start_ends_at_half_of_ssthresh),
	KUNIT_CASE(pace__gap_is_length_by_rate),
	KUNIT_CASE(pace__no_rate_no_gap),
	KUNIT_CASE(pace__late_timers_do_not_lower_the_rate),
	KUNIT_CASE_PARAM(pace__burst, burst_gen_params),
	{ }
};

struct kunit_suite ttp_pace_suite = {
	.name = "ttp_pace",
	.test_cases = pace_cases,
};
