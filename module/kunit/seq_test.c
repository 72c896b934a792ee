// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/seq.h where counting goes wrong: around 0, 2^31, 2^32.
 */
#include "cases.h"
#include "../core/seq.h"

#define HALF	0x80000000u

struct seq_case {
	const char *name;
	u32 a;
	u32 b;
	bool before;		/* a before b */
	bool after;		/* a after b */
	s32 diff;		/* from a to b */
};

static const struct seq_case seq_rows[] = {
	{ "same 0", 0, 0, false, false, 0 },
	{ "same top", ~0u, ~0u, false, false, 0 },
	{ "0 1", 0, 1, true, false, 1 },
	{ "1 0", 1, 0, false, true, -1 },
	{ "across the wrap", ~0u, 0, true, false, 1 },
	{ "back across the wrap", 0, ~0u, false, true, -1 },
	{ "wide across the wrap", 0xfffff000, 0x1000, true, false, 0x2000 },
	{ "across 2^31", HALF - 1, HALF, true, false, 1 },
	{ "back across 2^31", HALF, HALF - 1, false, true, -1 },
	{ "almost half a turn", 0, HALF - 1, true, false, 0x7fffffff },
	{ "past half a turn", 0, HALF + 1, false, true, -0x7fffffff },
	{ "almost half, from the top", ~0u, HALF - 2, true, false, 0x7fffffff },
	{ "past half, from the top", ~0u, HALF, false, true, -0x7fffffff },
};

TTP_CASES(seq_row, seq_rows);

static void seq_order__table(struct kunit *test)
{
	const struct seq_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_before(c->a, c->b), c->before);
	KUNIT_EXPECT_EQ(test, ttp_after(c->a, c->b), c->after);
	KUNIT_EXPECT_EQ(test, ttp_before_eq(c->a, c->b), !c->after);
	KUNIT_EXPECT_EQ(test, ttp_after_eq(c->a, c->b), !c->before);
	KUNIT_EXPECT_EQ(test, ttp_seq_diff(c->a, c->b), c->diff);
	KUNIT_EXPECT_EQ(test, ttp_seq_max(c->a, c->b),
			c->before ? c->b : c->a);
}

static const u32 corners[] = { 0, HALF, ~0u, 1460, 0xdeadbeef };

/* All pairs near the corners, against arithmetic that has room to spare. */
static void seq_order__near_corners(struct kunit *test)
{
	u32 i;
	s64 x, y;

	for (i = 0; i < ARRAY_SIZE(corners); i++) {
		for (x = -70; x <= 70; x++) {
			for (y = -70; y <= 70; y++) {
				u32 a = corners[i] + (u32)x;
				u32 b = corners[i] + (u32)y;

				KUNIT_ASSERT_EQ(test, ttp_before(a, b), x < y);
				KUNIT_ASSERT_EQ(test, ttp_after(a, b), x > y);
				KUNIT_ASSERT_EQ(test, ttp_before_eq(a, b), x <= y);
				KUNIT_ASSERT_EQ(test, ttp_after_eq(a, b), x >= y);
				KUNIT_ASSERT_EQ(test, (s64)ttp_seq_diff(a, b),
						y - x);
			}
		}
	}
}

struct between_case {
	const char *name;
	u32 x, lo, hi;
	bool in;
};

static const struct between_case between_rows[] = {
	{ "left end", 5, 5, 9, true },
	{ "right end", 9, 5, 9, true },
	{ "left of it", 4, 5, 9, false },
	{ "right of it", 10, 5, 9, false },
	{ "single point", 5, 5, 5, true },
	{ "beside a single point", 6, 5, 5, false },
	{ "arc over 0, before it", ~0u, ~0u - 4, 4, true },
	{ "arc over 0, after it", 3, ~0u - 4, 4, true },
	{ "arc over 0, outside", 5, ~0u - 4, 4, false },
	{ "arc over 2^31", HALF, HALF - 1, HALF + 1, true },
	{ "long arc, far point", 0xc0000000, 0, 0xf0000000, true },
	{ "long arc, outside", 0xf0000001, 0, 0xf0000000, false },
	{ "whole circle", 0x12345678, 7, 6, true },
};

TTP_CASES(between_row, between_rows);

static void seq_between__table(struct kunit *test)
{
	const struct between_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_between(c->x, c->lo, c->hi), c->in);
}

/* Turning the circle changes nothing. */
static void seq_between__turned(struct kunit *test)
{
	u32 i, lo, hi, x;

	for (i = 0; i < ARRAY_SIZE(corners); i++) {
		u32 c = corners[i] - 16;

		for (lo = 0; lo < 32; lo++)
			for (hi = lo; hi < 32; hi++)
				for (x = 0; x < 32; x++)
					KUNIT_ASSERT_EQ(test,
						ttp_between(c + x, c + lo, c + hi),
						lo <= x && x <= hi);
	}
}

static struct kunit_case seq_cases[] = {
	KUNIT_CASE_PARAM(seq_order__table, seq_row_gen_params),
	KUNIT_CASE(seq_order__near_corners),
	KUNIT_CASE_PARAM(seq_between__table, between_row_gen_params),
	KUNIT_CASE(seq_between__turned),
	{}
};

struct kunit_suite ttp_seq_suite = {
	.name = "ttp_seq",
	.test_cases = seq_cases,
};
