// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/quota.c: when memory is short, and how many pages a
 * socket holds.
 */
#include "cases.h"
#include "../core/quota.c"

struct state_case {
	const char *name;
	u64 pages;
	enum ttp_quota_state state;
};

/* Limits 10, 20, 30. */
static const struct state_case state_rows[] = {
	{ "nothing", 0, TTP_QUOTA_FREE },
	{ "at the first", 10, TTP_QUOTA_FREE },
	{ "above the first", 11, TTP_QUOTA_AS_BEFORE },
	{ "at the second", 20, TTP_QUOTA_AS_BEFORE },
	{ "above the second", 21, TTP_QUOTA_TIGHT },
	{ "at the third", 30, TTP_QUOTA_TIGHT },
	{ "above the third", 31, TTP_QUOTA_OVER },
};

TTP_CASES(state, state_rows);

static void quota__state(struct kunit *test)
{
	const struct state_case *c = test->param_value;
	const unsigned long limit[3] = { 10, 20, 30 };

	KUNIT_EXPECT_EQ(test, ttp_quota_state(c->pages, limit), c->state);
}

struct hold_case {
	const char *name;
	u64 used;
	u32 take, keep;
};

static const struct hold_case hold_rows[] = {
	{ "nothing", 0, 0, 1 },
	{ "a byte", 1, 1, 2 },
	{ "a page", 4096, 1, 2 },
	{ "a page and a byte", 4097, 2, 3 },
	{ "32 pages", 32 * 4096, 36, 41 },
};

TTP_CASES(hold, hold_rows);

static void quota__hold(struct kunit *test)
{
	const struct hold_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_quota_take(c->used, 12), c->take);
	KUNIT_EXPECT_EQ(test, ttp_quota_keep(c->used, 12), c->keep);
}

/* What was taken is never given back at once. */
static void quota__no_ping_pong(struct kunit *test)
{
	u64 used;

	for (used = 0; used < 4 << 20; used += 777)
		KUNIT_EXPECT_LE(test, ttp_quota_take(used, 12),
				ttp_quota_keep(used, 12));
}

static struct kunit_case quota_cases[] = {
	KUNIT_CASE_PARAM(quota__state, state_gen_params),
	KUNIT_CASE_PARAM(quota__hold, hold_gen_params),
	KUNIT_CASE(quota__no_ping_pong),
	{}
};

struct kunit_suite ttp_quota_suite = {
	.name = "ttp_quota",
	.test_cases = quota_cases,
};
