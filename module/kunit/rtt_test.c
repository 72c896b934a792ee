// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/rtt.c with values worked out by hand from RFC 6298.
 */
#include "cases.h"
#include "../core/rtt.c"

#define MS	1000u

struct rtt_case {
	const char *name;
	u8 nr;
	u32 sample[4];		/* us */
	u32 srtt;		/* us */
	u32 rttvar4;		/* four times RTTVAR, us */
	u32 min_rtt;		/* us */
	u32 rto;		/* us */
};

static const struct rtt_case rtt_rows[] = {
	{ "no sample: 1 s", 0, { }, 0, 0, ~0u, 1000 * MS },
	/* SRTT = R, RTTVAR = R/2, RTO = R + 4 * R/2 */
	{ "first, 200 ms", 1, { 200 * MS }, 200 * MS, 400 * MS, 200 * MS,
	  600 * MS },
	{ "first, small: floor of the variance", 1, { 1 * MS }, 1 * MS, 2 * MS,
	  1 * MS, 201 * MS },
	{ "first, 0 counts as 1", 1, { 0 }, 1, 2, 1, 200 * MS + 1 },
	/* RTTVAR = 3/4 * 100, SRTT = 200 */
	{ "twice the same", 2, { 200 * MS, 200 * MS }, 200 * MS, 300 * MS,
	  200 * MS, 500 * MS },
	/* RTTVAR = 3/4 * 50 + 1/4 * 400 = 137.5, SRTT = 87.5 + 62.5 */
	{ "a jump up", 2, { 100 * MS, 500 * MS }, 150 * MS, 550 * MS, 100 * MS,
	  700 * MS },
	/* RTTVAR = 3/4 * 250 + 1/4 * 400 = 287.5, SRTT = 437.5 + 12.5 */
	{ "a jump down", 2, { 500 * MS, 100 * MS }, 450 * MS, 1150 * MS,
	  100 * MS, 1600 * MS },
	/* then RTTVAR = 3/4 * 137.5 + 1/4 * 50 = 115.625, SRTT = 156.25 */
	{ "three", 3, { 100 * MS, 500 * MS, 200 * MS }, 156250, 462500,
	  100 * MS, 618750 },
	/* SRTT + 4 * RTTVAR = 50 + 100 s */
	{ "above the bound: 120 s", 1, { 50000 * MS }, 50000 * MS, 100000 * MS,
	  50000 * MS, 120000 * MS },
	{ "absurd sample counts as 120 s", 1, { ~0u }, 120000 * MS,
	  240000 * MS, 120000 * MS, 120000 * MS },
};

TTP_CASES(rtt_row, rtt_rows);

static void rtt_sample__table(struct kunit *test)
{
	const struct rtt_case *c = test->param_value;
	struct ttp_rtt r;
	u32 i;

	ttp_rtt_init(&r);
	for (i = 0; i < c->nr; i++)
		ttp_rtt_sample(&r, c->sample[i]);
	KUNIT_EXPECT_EQ(test, r.srtt >> 3, c->srtt);
	KUNIT_EXPECT_EQ(test, r.rttvar, c->rttvar4);
	KUNIT_EXPECT_EQ(test, r.min_rtt, c->min_rtt);
	KUNIT_EXPECT_EQ(test, r.rto, c->rto);
	KUNIT_EXPECT_EQ(test, ttp_rtt_rto(&r), c->rto);
}

static void rtt_sample__settles(struct kunit *test)
{
	struct ttp_rtt r;
	u32 i;

	ttp_rtt_init(&r);
	ttp_rtt_sample(&r, 3000 * MS);
	for (i = 0; i < 200; i++)
		ttp_rtt_sample(&r, 20 * MS);
	KUNIT_EXPECT_GE(test, r.srtt >> 3, 20 * MS);
	KUNIT_EXPECT_LE(test, r.srtt >> 3, 20 * MS + 10);
	KUNIT_EXPECT_EQ(test, r.min_rtt, 20 * MS);
	KUNIT_EXPECT_LE(test, ttp_rtt_rto(&r), 221 * MS);
}

/* Whatever is measured, the bounds hold and "no sample" does not come back. */
static void rtt_sample__bounds(struct kunit *test)
{
	const u32 seed = 0x52545431;
	u32 rnd = seed;
	struct ttp_rtt r;
	u32 i;

	ttp_rtt_init(&r);
	for (i = 0; i < 20000; i++) {
		u32 x = ttp_test_random(&rnd);

		ttp_rtt_sample(&r, x >> (x & 31));
		KUNIT_ASSERT_GE_MSG(test, ttp_rtt_rto(&r), (u32)TTP_RTO_MIN,
				    "seed %x, step %u", seed, i);
		KUNIT_ASSERT_LE_MSG(test, ttp_rtt_rto(&r), (u32)TTP_RTO_MAX,
				    "seed %x, step %u", seed, i);
		KUNIT_ASSERT_GT(test, r.srtt, 0u);
		KUNIT_ASSERT_LE(test, r.min_rtt, (u32)TTP_RTO_MAX);
	}
}

static void rtt_sample__other_minimum(struct kunit *test)
{
	struct ttp_rtt r;
	u32 i;

	ttp_rtt_init(&r);
	r.rto_min = 2000 * MS;
	ttp_rtt_sample(&r, 20 * MS);
	KUNIT_EXPECT_EQ(test, ttp_rtt_rto(&r), 2020 * MS);
	r.rto_min = 1;
	for (i = 0; i < 200; i++)
		ttp_rtt_sample(&r, 20 * MS);
	KUNIT_EXPECT_LE(test, ttp_rtt_rto(&r), 21 * MS);
	r.rto_min = TTP_RTO_MAX;
	KUNIT_EXPECT_EQ(test, ttp_rtt_rto(&r), TTP_RTO_MAX);
}

static void rtt_backoff__doubles_to_the_bound(struct kunit *test)
{
	struct ttp_rtt r;
	u32 want = 600 * MS;
	u32 i;

	ttp_rtt_init(&r);
	ttp_rtt_sample(&r, 200 * MS);
	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ_MSG(test, ttp_rtt_rto(&r), want, "step %u", i);
		ttp_rtt_backoff(&r);
		want = min_t(u32, want * 2, TTP_RTO_MAX);
	}
	KUNIT_EXPECT_EQ(test, r.rto, 600 * MS);
}

/* Karn: while nothing can be measured the doubled timeout stays in force. */
static void rtt_backoff__ends_with_a_sample(struct kunit *test)
{
	struct ttp_rtt r;

	ttp_rtt_init(&r);
	ttp_rtt_sample(&r, 200 * MS);
	ttp_rtt_backoff(&r);
	ttp_rtt_backoff(&r);
	KUNIT_EXPECT_EQ(test, ttp_rtt_rto(&r), 2400 * MS);
	ttp_rtt_sample(&r, 200 * MS);
	KUNIT_EXPECT_EQ(test, r.backoff, 0);
	KUNIT_EXPECT_EQ(test, ttp_rtt_rto(&r), 500 * MS);
}

static void rtt_syn_repeated__waits_three_seconds(struct kunit *test)
{
	struct ttp_rtt r;

	ttp_rtt_init(&r);
	ttp_rtt_backoff(&r);
	ttp_rtt_syn_repeated(&r);
	KUNIT_EXPECT_EQ(test, ttp_rtt_rto(&r), 3000 * MS);
	KUNIT_EXPECT_EQ(test, r.srtt, 0);
	/* until the first sample */
	ttp_rtt_sample(&r, 200 * MS);
	KUNIT_EXPECT_EQ(test, ttp_rtt_rto(&r), 600 * MS);
}

struct retries_case {
	const char *name;
	u32 rto;		/* us */
	u32 retries;
	u64 total;		/* us */
};

static const struct retries_case retries_rows[] = {
	{ "none: the first wait", 1000 * MS, 0, 1000000ULL },
	{ "SYN, 6: 127 s", 1000 * MS, 6, 127000000ULL },
	{ "SYN+ACK, 5: 63 s", 1000 * MS, 5, 63000000ULL },
	{ "retries1, 3", 200 * MS, 3, 3000000ULL },
	{ "retries2, 15: 924.6 s", 200 * MS, 15, 924600000ULL },
	{ "all at the bound", 120000 * MS, 2, 360000000ULL },
	{ "above the bound", ~0u, 0, 120000000ULL },
	{ "0 counts as 1", 0, 2, 7 },
	{ "very many", 120000 * MS, ~0u, 120000000ULL << 32 },
};

TTP_CASES(retries_row, retries_rows);

static void rtt_retries_to_us__table(struct kunit *test)
{
	const struct retries_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_rtt_retries_to_us(c->rto, c->retries),
			c->total);
}

static struct kunit_case rtt_cases[] = {
	KUNIT_CASE_PARAM(rtt_sample__table, rtt_row_gen_params),
	KUNIT_CASE(rtt_sample__settles),
	KUNIT_CASE(rtt_sample__bounds),
	KUNIT_CASE(rtt_sample__other_minimum),
	KUNIT_CASE(rtt_backoff__doubles_to_the_bound),
	KUNIT_CASE(rtt_backoff__ends_with_a_sample),
	KUNIT_CASE(rtt_syn_repeated__waits_three_seconds),
	KUNIT_CASE_PARAM(rtt_retries_to_us__table, retries_row_gen_params),
	{}
};

struct kunit_suite ttp_rtt_suite = {
	.name = "ttp_rtt",
	.test_cases = rtt_cases,
};
