// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/recycle.c: how long a TIME_WAIT entry is needed, whose
 * SYN is from before, and what may answer connect() over an old connection.
 */
#include "cases.h"
#include "../core/recycle.c"

#define MSEC	TTP_USEC_PER_MSEC
#define SEC	TTP_USEC_PER_SEC

struct recycle_wait_case {
	const char *name;
	u32 rto;
	u64 full, want;
};

static const struct recycle_wait_case recycle_wait_rows[] = {
	{ "3.5 timeouts", 200 * MSEC, 60 * SEC, 700 * MSEC },
	{ "of a long way", 10 * SEC, 60 * SEC, 35 * SEC },
	{ "never longer than 2MSL", 20 * SEC, 60 * SEC, 60 * SEC },
	{ "the longest there is", 120 * SEC, 3600 * SEC, 420 * SEC },
	{ "our clock moves on", 1, 60 * SEC, 2 * MSEC },
};

TTP_CASES(recycle_wait, recycle_wait_rows);

static void recycle_wait__table(struct kunit *test)
{
	const struct recycle_wait_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_recycle_wait(c->rto, c->full), c->want);
}

struct host_clock_case {
	const char *name;
	struct ttp_host_clock clock;
	bool has_ts;
	u32 tsval;
	u32 now;		/* s */
	bool refused;
};

#define SEEN(_ts, _at)	{ .ts = (_ts), .at = (_at), .known = true }

static const struct host_clock_case host_clock_rows[] = {
	{ "later", SEEN(1000, 100), true, 1001, 110, false },
	{ "the same", SEEN(1000, 100), true, 1000, 110, false },
	{ "back by one", SEEN(1000, 100), true, 999, 110, false },
	{ "back by two", SEEN(1000, 100), true, 998, 110, true },
	{ "the last second", SEEN(1000, 100), true, 1, 159, true },
	{ "a minute ago", SEEN(1000, 100), true, 1, 160, false },
	{ "no timestamp", SEEN(1000, 100), false, 0, 110, false },
	{ "nothing known", { .ts = 1000 }, true, 1, 10, false },
	{ "wrapped, and later", SEEN(0xffffffff, 100), true, 5, 110, false },
	{ "wrapped, and back", SEEN(5, 100), true, 0xffffffff, 110, true },
	{ "half a circle on", SEEN(0, 100), true, 0x7fffffff, 110, false },
	{ "half a circle back", SEEN(0, 100), true, 0x80000001, 110, true },
};

TTP_CASES(host_clock, host_clock_rows);

static void host_clock__table(struct kunit *test)
{
	const struct host_clock_case *c = test->param_value;
	struct ttp_seg syn = {
		.flags = TTP_SYN,
		.opts = { .has_ts = c->has_ts, .tsval = c->tsval },
	};

	KUNIT_EXPECT_EQ(test, ttp_host_clock_refuses(&c->clock, &syn,
						     c->now * SEC), c->refused);
}

static void host_clock__never_goes_back(struct kunit *test)
{
	struct ttp_ts ts = { .recent = 5000, .recent_at = 20 };
	struct ttp_host_clock c = {};

	ttp_host_clock_note(&c, &ts, 20 * SEC);
	KUNIT_EXPECT_TRUE(test, ttp_host_clock_counts(&c, 20 * SEC));
	KUNIT_EXPECT_EQ(test, c.ts, 5000u);
	ts = (struct ttp_ts){ .recent = 4999, .recent_at = 30 };
	ttp_host_clock_note(&c, &ts, 30 * SEC);
	KUNIT_EXPECT_EQ(test, c.ts, 5000u);
	KUNIT_EXPECT_EQ(test, c.at, 20u);
	ts.recent = 5001;
	ttp_host_clock_note(&c, &ts, 30 * SEC);
	KUNIT_EXPECT_EQ(test, c.ts, 5001u);
	KUNIT_EXPECT_EQ(test, c.at, 30u);
	/* nobody has seen it for a minute: any clock is news */
	ts = (struct ttp_ts){ .recent = 7, .recent_at = 90 };
	ttp_host_clock_note(&c, &ts, 90 * SEC);
	KUNIT_EXPECT_EQ(test, c.ts, 7u);
}

struct past_case {
	const char *name;
	u64 until, now;
	u32 seq;
	bool has_ts;
	u32 tsval;
	enum ttp_why want;
};

/* The old connection ended before 1000, and its peer's clock was at 500. */
static const struct past_case past_rows[] = {
	{ "there was none", 0, SEC, 1, false, 0, TTP_WHY_NONE },
	{ "its time is over", SEC, SEC, 1, false, 0, TTP_WHY_NONE },
	{ "a later clock", SEC, 1, 1, true, 501, TTP_WHY_NONE },
	{ "an older one", SEC, 1, 1, true, 499, TTP_WHY_PAWS },
	{ "older, but beyond", SEC, 1, 1001, true, 499, TTP_WHY_PAWS },
	{ "the same, beyond", SEC, 1, 1001, true, 500, TTP_WHY_NONE },
	{ "the same, not beyond", SEC, 1, 1000, true, 500, TTP_WHY_OLD },
	{ "no clock, beyond", SEC, 1, 1001, false, 0, TTP_WHY_NONE },
	{ "no clock, the last number", SEC, 1, 1000, false, 0, TTP_WHY_OLD },
	{ "no clock, the moment before", SEC, SEC - 1, 1, false, 0, TTP_WHY_OLD },
};

TTP_CASES(past, past_rows);

static void past_fault__table(struct kunit *test)
{
	const struct past_case *c = test->param_value;
	struct ttp_past past = { .until = c->until, .rcv_nxt = 1000 };
	struct ttp_ts ts = { .ok = true, .has_recent = true, .recent = 500 };
	struct ttp_seg syn = {
		.seq = c->seq, .flags = TTP_SYN | TTP_ACK,
		.opts = { .has_ts = c->has_ts, .tsval = c->tsval },
	};

	KUNIT_EXPECT_EQ(test, ttp_past_fault(&past, &ts, &syn, c->now), c->want);
}

static struct kunit_case recycle_cases[] = {
	KUNIT_CASE_PARAM(recycle_wait__table, recycle_wait_gen_params),
	KUNIT_CASE_PARAM(host_clock__table, host_clock_gen_params),
	KUNIT_CASE(host_clock__never_goes_back),
	KUNIT_CASE_PARAM(past_fault__table, past_gen_params),
	{}
};

struct kunit_suite ttp_recycle_suite = {
	.name = "ttp_recycle",
	.test_cases = recycle_cases,
};
