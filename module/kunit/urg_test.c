// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/urg.c: where the urgent byte is, for both ends.
 */
#include "cases.h"
#include "../core/urg.c"

static void urg_at__both_meanings(struct kunit *test)
{
	struct ttp_seg seg = { .seq = 0xfffffffe, .flags = TTP_URG };

	seg.urg = 1;
	KUNIT_EXPECT_EQ(test, ttp_urg_at(&seg, false), 0xfffffffeu);
	KUNIT_EXPECT_EQ(test, ttp_urg_at(&seg, true), 0xffffffffu);
	seg.urg = 0xffff;
	KUNIT_EXPECT_EQ(test, ttp_urg_at(&seg, false), 0xfffcu);
	KUNIT_EXPECT_EQ(test, ttp_urg_at(&seg, true), 0xfffdu);
	/* there is nothing before the first byte of a segment */
	seg.urg = 0;
	KUNIT_EXPECT_EQ(test, ttp_urg_at(&seg, false), seg.seq);
	KUNIT_EXPECT_EQ(test, ttp_urg_at(&seg, true), seg.seq);
}

/* Relative to copied_seq, which is 100 below the wrap; rcv_nxt is 150 on. */
#define COPIED	(0u - 100)
#define NXT	(COPIED + 150)

struct urg_news_case {
	const char *name;
	u8 state;
	u32 seq, at;
	bool news;
};

static const struct urg_news_case urg_news_rows[] = {
	{ "the next byte", TTP_URG_NONE, 0, 150, true },
	{ "far ahead", TTP_URG_NONE, 0, 65685, true },
	{ "received and not read", TTP_URG_NONE, 0, 149, false },
	{ "read long ago", TTP_URG_NONE, 0, -1, false },
	{ "known", TTP_URG_AWAITED, 150, 150, false },
	{ "before the known one", TTP_URG_AWAITED, 200, 150, false },
	{ "after the known one", TTP_URG_AWAITED, 150, 151, true },
	{ "here, and known", TTP_URG_HERE, 160, 160, false },
	{ "after one that was read", TTP_URG_READ, 120, 150, true },
	{ "the one that was read", TTP_URG_READ, 150, 150, false },
};

TTP_CASES(urg_news, urg_news_rows);

static void urg_is_news__table(struct kunit *test)
{
	const struct urg_news_case *c = test->param_value;
	struct ttp_urg u = { .state = c->state, .seq = COPIED + c->seq };

	KUNIT_EXPECT_EQ(test, ttp_urg_is_news(&u, COPIED + c->at, NXT, COPIED),
			c->news);
}

struct urg_run_case {
	const char *name;
	u8 state;
	u32 off, n;		/* the urgent byte is @off on */
	bool oob_inline;
	u32 run;
	bool skip;
	u32 readable;
};

static const struct urg_run_case urg_run_rows[] = {
	{ "none", TTP_URG_NONE, 0, 10, false, 10, false, 10 },
	{ "none, whatever it was", TTP_URG_NONE, 3, 10, false, 10, false, 10 },
	{ "stops before it", TTP_URG_HERE, 3, 10, false, 3, false, 3 },
	{ "stops before it, inline", TTP_URG_HERE, 3, 10, true, 3, false, 10 },
	{ "just behind", TTP_URG_HERE, 10, 10, false, 10, false, 10 },
	{ "the last byte", TTP_URG_HERE, 9, 10, false, 9, false, 9 },
	{ "passes over it", TTP_URG_HERE, 0, 10, false, 9, true, 0 },
	{ "nothing but it", TTP_URG_HERE, 0, 1, false, 0, true, 0 },
	{ "reads it inline", TTP_URG_HERE, 0, 10, true, 10, false, 10 },
	{ "passes over what was read apart", TTP_URG_READ, 0, 10, false, 9,
	  true, 0 },
	{ "announced, further on", TTP_URG_AWAITED, 70000, 10, false, 10, false,
	  10 },
};

TTP_CASES(urg_run, urg_run_rows);

static void urg_run__table(struct kunit *test)
{
	const struct urg_run_case *c = test->param_value;
	struct ttp_urg u = { .state = c->state, .seq = COPIED + c->off };
	bool skip = !c->skip;

	KUNIT_EXPECT_EQ(test, ttp_urg_run(&u, COPIED, c->n, c->oob_inline,
					  &skip), c->run);
	KUNIT_EXPECT_EQ(test, skip, c->skip);
	KUNIT_EXPECT_EQ(test, ttp_urg_readable(&u, COPIED, c->n, c->oob_inline),
			c->readable);
	KUNIT_EXPECT_EQ(test, ttp_urg_at_mark(&u, COPIED),
			c->state != TTP_URG_NONE && !c->off);
}

struct urg_ptr_case {
	const char *name;
	u32 up, nxt;		/* from the segment's seq */
	bool urg;
	u32 ptr;
};

static const struct urg_ptr_case urg_ptr_rows[] = {
	{ "nothing ahead", 0, 0, false, 0 },
	{ "behind", -1, 0, false, 0 },
	{ "the first byte", 1, 0, true, 1 },
	{ "the last that can be said", 65535, 0, true, 65535 },
	{ "beyond, nothing sent there yet", 65536, 0, true, 65535 },
	{ "beyond, sent up to there", 70000, 65534, true, 65535 },
	{ "beyond, and that byte is another", 70000, 65535, false, 0 },
	{ "in reach, all sent", 100, 70000, true, 100 },
};

TTP_CASES(urg_ptr, urg_ptr_rows);

static void urg_pointer__table(struct kunit *test)
{
	const struct urg_ptr_case *c = test->param_value;
	u32 seq = 0xfffffff0;
	u16 ptr = 0;

	KUNIT_EXPECT_EQ(test, ttp_urg_pointer(seq + c->up, seq, seq + c->nxt,
					      &ptr), c->urg);
	KUNIT_EXPECT_EQ(test, ptr, c->ptr);
}

static struct kunit_case urg_cases[] = {
	KUNIT_CASE(urg_at__both_meanings),
	KUNIT_CASE_PARAM(urg_is_news__table, urg_news_gen_params),
	KUNIT_CASE_PARAM(urg_run__table, urg_run_gen_params),
	KUNIT_CASE_PARAM(urg_pointer__table, urg_ptr_gen_params),
	{}
};

struct kunit_suite ttp_urg_suite = {
	.name = "ttp_urg",
	.test_cases = urg_cases,
};
