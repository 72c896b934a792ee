// SPDX-License-Identifier: GPL-2.0
/* This file tests core/patience.c. */
#include "cases.h"
#include "../core/patience.c"

struct patience_case {
	const char *name;
	u64 since;
	u64 now;
	u32 ms;
	bool over;
	u64 wait;		/* of a second */
};

#define SEC	TTP_USEC_PER_SEC
#define MS	TTP_USEC_PER_MSEC

static const struct patience_case rows[] = {
	{ "no limit", 1, 1000 * SEC, 0, false, SEC },
	{ "not begun", 0, 1000 * SEC, 1, false, SEC },
	{ "just begun", 5, 5, 3000, false, SEC },
	{ "more than a second left", 5, 5 + SEC, 3000, false, SEC },
	{ "a second left", 5, 5 + 2 * SEC, 3000, false, SEC },
	{ "less left", 5, 5 + 2 * SEC + 1, 3000, false, SEC - 1 },
	{ "next to nothing left", 5, 4 + 3 * SEC, 3000, false, MS },
	{ "over now", 5, 5 + 3 * SEC, 3000, true, MS },
	{ "long over", 5, 5 + 900 * SEC, 3000, true, MS },
	{ "the longest", 5, 5 + 4294967 * SEC, ~0u, false, 295 * MS },
};

TTP_CASES(patience, rows);

static void patience__table(struct kunit *test)
{
	const struct patience_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_patience_over(c->since, c->now, c->ms),
			c->over);
	KUNIT_EXPECT_EQ(test,
			ttp_patience_wait(c->since, c->now, c->ms, SEC),
			c->wait);
}

static struct kunit_case patience_cases[] = {
	KUNIT_CASE_PARAM(patience__table, patience_gen_params),
	{}
};

struct kunit_suite ttp_patience_suite = {
	.name = "ttp_patience",
	.test_cases = patience_cases,
};
