// SPDX-License-Identifier: GPL-2.0
/* This file tests core/deadline.c. */
#include "cases.h"
#include "../core/deadline.c"

#define ALL_TIMERS	((1u << TTP_NR_TIMERS) - 1)

struct deadline_case {
	const char *name;
	u64 at[TTP_NR_TIMERS];
	u64 next;
	u64 now;
	u32 expired;
};

static const struct deadline_case deadline_rows[] = {
	{ "none", { 0 }, 0, 100, 0 },
	{ "one, ahead", { [TTP_TIMER_DELACK] = 101 }, 101, 100, 0 },
	{ "one, now", { [TTP_TIMER_DELACK] = 100 }, 100, 100,
	  1u << TTP_TIMER_DELACK },
	{ "one, late", { 50 }, 50, 100, 1u << TTP_TIMER_REXMIT },
	{ "the earliest is last", { 11, 10, 9, 8, 7, 6, 5 }, 5, 6,
	  1u << TTP_TIMER_KEEP | 1u << TTP_TIMER_FIN2 },
	{ "the earliest is first", { 5, 6, 7, 8, 9, 10, 11 }, 5, 5,
	  1u << TTP_TIMER_REXMIT },
	{ "all", { 1, 1, 1, 1, 1, 1, 1 }, 1, ~0ULL, ALL_TIMERS },
	{ "beyond 32 bits", { 0x100000001ULL, 0x200000000ULL },
	  0x100000001ULL, 0x100000001ULL, 1u << TTP_TIMER_REXMIT },
	{ "the end of time", { ~0ULL }, ~0ULL, ~0ULL - 1, 0 },
};

TTP_CASES(deadline_row, deadline_rows);

static struct ttp_deadlines deadlines_of(const struct deadline_case *c)
{
	struct ttp_deadlines d = { };
	u32 t;

	for (t = 0; t < TTP_NR_TIMERS; t++)
		d.at[t] = c->at[t];
	return d;
}

static void deadline_next__table(struct kunit *test)
{
	const struct deadline_case *c = test->param_value;
	struct ttp_deadlines d = deadlines_of(c);

	KUNIT_EXPECT_EQ(test, ttp_deadline_next(&d), c->next);
}

static void deadline_expired__table(struct kunit *test)
{
	const struct deadline_case *c = test->param_value;
	struct ttp_deadlines d = deadlines_of(c);
	u32 t;

	KUNIT_EXPECT_EQ(test, ttp_deadline_expired(&d, c->now), c->expired);
	for (t = 0; t < TTP_NR_TIMERS; t++)
		KUNIT_EXPECT_EQ(test, d.at[t],
				c->expired & 1u << t ? 0 : c->at[t]);
	/* What has been reported is not reported again, and none is late. */
	KUNIT_EXPECT_EQ(test, ttp_deadline_expired(&d, c->now), 0u);
	if (ttp_deadline_next(&d))
		KUNIT_EXPECT_GT(test, ttp_deadline_next(&d), c->now);
}

/* 0 means "not set", so a deadline at 0 must not get lost. */
static void deadline_set__at_zero(struct kunit *test)
{
	struct ttp_deadlines d = { };

	ttp_deadline_set(&d, TTP_TIMER_PROBE, 0);
	KUNIT_EXPECT_TRUE(test, ttp_deadline_is_set(&d, TTP_TIMER_PROBE));
	KUNIT_EXPECT_EQ(test, ttp_deadline_next(&d), 1ULL);
}

static void deadline_clear__only_that_one(struct kunit *test)
{
	struct ttp_deadlines d = { };

	ttp_deadline_set(&d, TTP_TIMER_REXMIT, 10);
	ttp_deadline_set(&d, TTP_TIMER_KEEP, 20);
	ttp_deadline_clear(&d, TTP_TIMER_REXMIT);
	KUNIT_EXPECT_FALSE(test, ttp_deadline_is_set(&d, TTP_TIMER_REXMIT));
	KUNIT_EXPECT_TRUE(test, ttp_deadline_is_set(&d, TTP_TIMER_KEEP));
	KUNIT_EXPECT_EQ(test, ttp_deadline_next(&d), 20ULL);
}

/* "None before" may be unsure, but never wrong. */
static void deadline_none_before__is_safe(struct kunit *test)
{
	struct ttp_deadlines d = { };

	KUNIT_EXPECT_FALSE(test, ttp_deadline_none_before(&d, 1));
	ttp_deadline_set(&d, TTP_TIMER_KEEP, 20);
	KUNIT_EXPECT_FALSE(test, ttp_deadline_none_before(&d, 1));
	KUNIT_EXPECT_EQ(test, ttp_deadline_next(&d), 20ULL);
	KUNIT_EXPECT_TRUE(test, ttp_deadline_none_before(&d, 20));
	KUNIT_EXPECT_FALSE(test, ttp_deadline_none_before(&d, 21));
	ttp_deadline_set(&d, TTP_TIMER_REXMIT, 30);
	KUNIT_EXPECT_TRUE(test, ttp_deadline_none_before(&d, 20));
	ttp_deadline_set(&d, TTP_TIMER_REXMIT, 10);
	KUNIT_EXPECT_FALSE(test, ttp_deadline_none_before(&d, 20));
	ttp_deadline_clear(&d, TTP_TIMER_REXMIT);
	KUNIT_EXPECT_EQ(test, ttp_deadline_next(&d), 20ULL);
	ttp_deadline_clear(&d, TTP_TIMER_KEEP);
	KUNIT_EXPECT_EQ(test, ttp_deadline_next(&d), 0ULL);
	KUNIT_EXPECT_TRUE(test, ttp_deadline_none_before(&d, 1000));
	ttp_deadline_set(&d, TTP_TIMER_PTO, 999);
	KUNIT_EXPECT_FALSE(test, ttp_deadline_none_before(&d, 1000));
}

static struct kunit_case deadline_cases[] = {
	KUNIT_CASE_PARAM(deadline_next__table, deadline_row_gen_params),
	KUNIT_CASE_PARAM(deadline_expired__table, deadline_row_gen_params),
	KUNIT_CASE(deadline_set__at_zero),
	KUNIT_CASE(deadline_clear__only_that_one),
	KUNIT_CASE(deadline_none_before__is_safe),
	{}
};

struct kunit_suite ttp_deadline_suite = {
	.name = "ttp_deadline",
	.test_cases = deadline_cases,
};
