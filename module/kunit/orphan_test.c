// SPDX-License-Identifier: GPL-2.0
/* This file tests core/orphan.c. */
#include "cases.h"
#include "../core/orphan.c"

struct orphan_case {
	const char *name;
	struct ttp_orphans o;	/* count, most, idle, suspect, memory */
	bool excess;
};

#define IDLE	(TTP_ORPHAN_IDLE + 1)

static const struct orphan_case orphans[] = {
	{ "one of many", { 1, 1000, 0, false, false }, false },
	{ "the last that may be", { 10, 10, 0, false, false }, false },
	{ "one more", { 11, 10, 0, false, false }, true },
	{ "none may be", { 1, 0, 0, false, false }, true },
	{ "busy, half of it", { 6, 10, TTP_ORPHAN_IDLE, false, false }, false },
	{ "idle, half of it", { 5, 10, IDLE, false, false }, false },
	{ "idle, more than half", { 6, 10, IDLE, false, false }, true },
	{ "suspect, half of it", { 5, 10, 0, true, false }, false },
	{ "suspect, more than half", { 6, 10, 0, true, false }, true },
	{ "both, a quarter", { 2, 8, IDLE, true, false }, false },
	{ "both, more than a quarter", { 3, 8, IDLE, true, false }, true },
	{ "no memory", { 1, 1000, 0, false, true }, true },
	{ "no limit", { 0xffffffff, 0x7fffffff, 0, false, false }, true },
	{ "no overflow", { 0x40000001, 0x7fffffff, IDLE, true, false }, true },
};

TTP_CASES(orphan, orphans);

static void orphan_excess__table(struct kunit *test)
{
	const struct orphan_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_orphan_excess(&c->o), c->excess);
}

static struct kunit_case orphan_cases[] = {
	KUNIT_CASE_PARAM(orphan_excess__table, orphan_gen_params),
	{}
};

struct kunit_suite ttp_orphan_suite = {
	.name = "ttp_orphan",
	.test_cases = orphan_cases,
};
