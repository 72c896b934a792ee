/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file holds what the unit tests share: named rows of a table as KUnit
 * parameters, and a random source whose seed is written in the test.
 */
#ifndef TTP_KUNIT_CASES_H
#define TTP_KUNIT_CASES_H

#include <kunit/test.h>
#include <linux/string.h>

/* Makes NAME_gen_params() out of a table whose rows have a member `name`. */
#define TTP_CASES(id, table)						\
	static void id##_desc(const __typeof__((table)[0]) *c, char *d)	\
	{								\
		strscpy(d, c->name, KUNIT_PARAM_DESC_SIZE);		\
	}								\
	KUNIT_ARRAY_PARAM(id, table, id##_desc)

/* xorshift32; @state must not be 0. */
static inline u32 ttp_test_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

#endif
