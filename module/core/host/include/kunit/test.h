/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file is as much of KUnit as module/kunit/ uses, so that the very same
 * tests also run on the host, under ASan and UBSan.
 */
#ifndef TTP_HOST_KUNIT_TEST_H
#define TTP_HOST_KUNIT_TEST_H

#include "../../shim.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#define KUNIT_PARAM_DESC_SIZE	128
#define GFP_KERNEL		0

struct kunit {
	const void *param_value;
	bool failed;
	jmp_buf abort;
	void **mem;		/* what kunit_kmalloc() gave, freed at the end */
	size_t nr_mem;
};

struct kunit_case {
	const char *name;
	void (*run)(struct kunit *test);
	const void *(*generate)(const void *prev, char *desc);
};

struct kunit_suite {
	const char *name;
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(fn)			{ #fn, fn, NULL }
#define KUNIT_CASE_PARAM(fn, gen)	{ #fn, fn, gen }

#define KUNIT_ARRAY_PARAM(id, table, describe)				\
	static const void *id##_gen_params(const void *prev, char *desc)	\
	{								\
		const __typeof__((table)[0]) *next = prev;		\
									\
		next = next ? next + 1 : (table);			\
		if (next == (table) + ARRAY_SIZE(table))		\
			return NULL;					\
		describe(next, desc);					\
		return next;						\
	}

/* Each block is its own malloc(), so ASan sees the first byte too many. */
static inline void *kunit_kmalloc(struct kunit *test, size_t n, int gfp)
{
	(void)gfp;
	test->mem = realloc(test->mem, (test->nr_mem + 1) * sizeof(void *));
	assert(test->mem);
	return test->mem[test->nr_mem++] = malloc(n ? n : 1);
}

#define KUNIT_CHECK(test, fatal, ok, what, ...)				\
	do {								\
		if (ok)							\
			break;						\
		(test)->failed = true;					\
		printf("    # %s:%d: %s", __FILE__, __LINE__, what);	\
		printf("; " __VA_ARGS__);				\
		printf("\n");						\
		if (fatal)						\
			longjmp((test)->abort, 1);			\
	} while (0)

#define KUNIT_BINARY(test, fatal, a, op, b, ...)			\
	do {								\
		__typeof__(a) left_ = (a);				\
		__typeof__(b) right_ = (b);				\
		char what_[200];					\
									\
		snprintf(what_, sizeof(what_), "%s (%lld) %s %s (%lld)",	\
			 #a, (long long)left_, #op, #b, (long long)right_); \
		KUNIT_CHECK(test, fatal, (left_ op right_), what_, __VA_ARGS__); \
	} while (0)

#define KUNIT_EXPECT_EQ(t, a, b)	KUNIT_BINARY(t, 0, a, ==, b, "expected")
#define KUNIT_EXPECT_NE(t, a, b)	KUNIT_BINARY(t, 0, a, !=, b, "expected")
#define KUNIT_EXPECT_LT(t, a, b)	KUNIT_BINARY(t, 0, a, <, b, "expected")
#define KUNIT_EXPECT_LE(t, a, b)	KUNIT_BINARY(t, 0, a, <=, b, "expected")
#define KUNIT_EXPECT_GE(t, a, b)	KUNIT_BINARY(t, 0, a, >=, b, "expected")
#define KUNIT_EXPECT_GT(t, a, b)	KUNIT_BINARY(t, 0, a, >, b, "expected")
#define KUNIT_EXPECT_EQ_MSG(t, a, b, ...)	KUNIT_BINARY(t, 0, a, ==, b, __VA_ARGS__)
#define KUNIT_ASSERT_EQ(t, a, b)	KUNIT_BINARY(t, 1, a, ==, b, "asserted")
#define KUNIT_ASSERT_NE(t, a, b)	KUNIT_BINARY(t, 1, a, !=, b, "asserted")
#define KUNIT_ASSERT_LT(t, a, b)	KUNIT_BINARY(t, 1, a, <, b, "asserted")
#define KUNIT_ASSERT_LE(t, a, b)	KUNIT_BINARY(t, 1, a, <=, b, "asserted")
#define KUNIT_ASSERT_GT(t, a, b)	KUNIT_BINARY(t, 1, a, >, b, "asserted")
#define KUNIT_ASSERT_EQ_MSG(t, a, b, ...)	KUNIT_BINARY(t, 1, a, ==, b, __VA_ARGS__)
#define KUNIT_ASSERT_LE_MSG(t, a, b, ...)	KUNIT_BINARY(t, 1, a, <=, b, __VA_ARGS__)
#define KUNIT_ASSERT_GE_MSG(t, a, b, ...)	KUNIT_BINARY(t, 1, a, >=, b, __VA_ARGS__)

#define KUNIT_EXPECT_TRUE(t, c)		KUNIT_CHECK(t, 0, c, #c, "expected")
#define KUNIT_EXPECT_FALSE(t, c)	KUNIT_CHECK(t, 0, !(c), "!(" #c ")", "expected")
#define KUNIT_EXPECT_TRUE_MSG(t, c, ...) KUNIT_CHECK(t, 0, c, #c, __VA_ARGS__)
#define KUNIT_ASSERT_TRUE(t, c)		KUNIT_CHECK(t, 1, c, #c, "asserted")
#define KUNIT_ASSERT_TRUE_MSG(t, c, ...) KUNIT_CHECK(t, 1, c, #c, __VA_ARGS__)
#define KUNIT_EXPECT_NULL(t, p)		KUNIT_CHECK(t, 0, !(p), "!(" #p ")", "expected")
#define KUNIT_ASSERT_NOT_NULL(t, p)	KUNIT_CHECK(t, 1, p, #p, "asserted")
#define KUNIT_ASSERT_NOT_NULL_MSG(t, p, ...) KUNIT_CHECK(t, 1, p, #p, __VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, p) KUNIT_CHECK(t, 1, p, #p, "asserted")
#define KUNIT_EXPECT_STREQ(t, a, b)					\
	KUNIT_CHECK(t, 0, !strcmp(a, b), #a " is " #b, "%s, %s", a, b)
#define KUNIT_EXPECT_STRNEQ(t, a, b)					\
	KUNIT_CHECK(t, 0, strcmp(a, b), #a " is not " #b, "%s", a)

#endif
