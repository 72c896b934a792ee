// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/reno.c: segments known by duplicate ACKs only.
 */
#include "cases.h"
#include "../core/reno.c"

struct reno_case {
	const char *name;
	u32 sacked, acked, packets, lost;	/* acked 0: a duplicate */
	u32 after, delivered;
};

static const struct reno_case reno_rows[] = {
	{ "a duplicate", 0, 0, 10, 0, 1, 1 },
	{ "the last that can be", 8, 0, 10, 0, 9, 1 },
	{ "one too many", 9, 0, 10, 0, 9, 0 },
	{ "one too many, with holes", 7, 0, 10, 3, 7, 0 },
	{ "nothing in flight", 0, 0, 0, 0, 0, 0 },
	{ "the hole only", 4, 1, 9, 0, 4, 1 },
	{ "the hole and three behind it", 4, 4, 6, 0, 1, 1 },
	{ "more than the duplicates told of", 2, 5, 5, 0, 0, 3 },
	{ "all", 4, 10, 0, 0, 0, 6 },
	{ "what is left bounds it", 4, 1, 3, 1, 2, 1 },
	{ "nothing left", 4, 1, 0, 0, 0, 1 },
};

TTP_CASES(reno, reno_rows);

static void reno__table(struct kunit *test)
{
	const struct reno_case *c = test->param_value;
	u32 sacked = c->sacked, delivered;

	if (c->acked)
		delivered = ttp_reno_acked(&sacked, c->acked, c->packets,
					   c->lost);
	else
		delivered = ttp_reno_dup(&sacked, c->packets, c->lost);
	KUNIT_EXPECT_EQ(test, sacked, c->after);
	KUNIT_EXPECT_EQ(test, delivered, c->delivered);
}

static struct kunit_case reno_cases[] = {
	KUNIT_CASE_PARAM(reno__table, reno_gen_params),
	{}
};

struct kunit_suite ttp_reno_suite = {
	.name = "ttp_reno",
	.test_cases = reno_cases,
};
