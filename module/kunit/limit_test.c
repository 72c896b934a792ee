// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/limit.c: how often invalid segments are answered.
 */
#include "cases.h"
#include "../core/limit.c"

struct limit_seg_case {
	const char *name;
	u8 flags;
	u32 len;
	bool applies;
};

static const struct limit_seg_case limit_seg_rows[] = {
	{ "an ACK", TTP_ACK, 0, true },
	{ "a SYN", TTP_SYN, 0, true },
	{ "a SYN with data", TTP_SYN, 5, true },
	{ "data", TTP_ACK, 1, false },
	{ "a FIN", TTP_FIN | TTP_ACK, 0, false },
};

TTP_CASES(limit_seg, limit_seg_rows);

static void limit_applies__table(struct kunit *test)
{
	const struct limit_seg_case *c = test->param_value;
	struct ttp_seg seg = { .flags = c->flags, .len = c->len };

	KUNIT_EXPECT_EQ(test, ttp_limit_applies(&seg), c->applies);
}

struct limit_gap_case {
	const char *name;
	u32 last, now, gap;
	bool too_soon;
};

static const struct limit_gap_case limit_gap_rows[] = {
	{ "the first one ever", 0, 1, 500, false },
	{ "the same moment", 1000, 1000, 500, true },
	{ "just before", 1000, 1499, 500, true },
	{ "just in time", 1000, 1500, 500, false },
	{ "no gap wanted", 1000, 1000, 0, false },
	{ "the clock has wrapped", 0xffffff00, 0x10, 500, true },
	{ "wrapped, long ago", 0xffffff00, 0x200, 500, false },
	{ "the longest gap", 1000, 5000000, 0x7fffffff, true },
};

TTP_CASES(limit_gap, limit_gap_rows);

static void limit_too_soon__table(struct kunit *test)
{
	const struct limit_gap_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_limit_too_soon(c->last, c->now, c->gap),
			c->too_soon);
}

/* How many the second that begins now has. */
static u32 spend(struct ttp_budget *b, u32 second, u32 limit, u32 rnd)
{
	u32 n = 0;

	while (n <= 3 * limit && ttp_budget_take(b, second, limit, rnd))
		n++;
	return n;
}

static void budget__half_to_one_and_a_half(struct kunit *test)
{
	static const u32 limits[] = { 1, 2, 3, 10, 1000 };
	struct ttp_budget b = {};
	u32 i, r, n, limit, least, most;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		limit = limits[i];
		least = 3 * limit;
		most = 0;
		for (r = 0; r < limit; r++) {
			n = spend(&b, 1 + r + 7 * i, limit, r);
			least = min(least, n);
			most = max(most, n);
			b.second = 0;
		}
		KUNIT_EXPECT_EQ(test, least, (limit + 1) / 2);
		KUNIT_EXPECT_EQ(test, most, limit + (limit + 1) / 2 - 1);
	}
}

static void budget__every_second_anew(struct kunit *test)
{
	struct ttp_budget b = {};

	KUNIT_EXPECT_EQ(test, spend(&b, 5, 10, 0), 5u);
	KUNIT_EXPECT_FALSE(test, ttp_budget_take(&b, 5, 10, 9));
	KUNIT_EXPECT_EQ(test, spend(&b, 6, 10, 9), 14u);
	KUNIT_EXPECT_FALSE(test, ttp_budget_take(&b, 6, 10, 9));
}

static void budget__none_and_no_limit(struct kunit *test)
{
	struct ttp_budget b = { .second = 1 };

	KUNIT_EXPECT_FALSE(test, ttp_budget_take(&b, 2, 0, 77));
	/* no limit: also where nothing is left */
	KUNIT_EXPECT_TRUE(test, ttp_budget_take(&b, 2, TTP_LIMIT_NONE, 0));
	/* the largest that is one does not overflow */
	KUNIT_EXPECT_TRUE(test, ttp_budget_take(&b, 3, TTP_LIMIT_NONE - 1,
						0xffffffff));
	KUNIT_EXPECT_GE(test, b.left, TTP_LIMIT_NONE / 2);
}

static struct kunit_case limit_cases[] = {
	KUNIT_CASE_PARAM(limit_applies__table, limit_seg_gen_params),
	KUNIT_CASE_PARAM(limit_too_soon__table, limit_gap_gen_params),
	KUNIT_CASE(budget__half_to_one_and_a_half),
	KUNIT_CASE(budget__every_second_anew),
	KUNIT_CASE(budget__none_and_no_limit),
	{}
};

struct kunit_suite ttp_limit_suite = {
	.name = "ttp_limit",
	.test_cases = limit_cases,
};
