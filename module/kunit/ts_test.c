// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/ts.c: clocks, echoes and PAWS of RFC 7323.
 */
#include "cases.h"
#include "../core/ts.c"

#define SEC	TTP_USEC_PER_SEC
#define NOW	(1000 * SEC)

static struct ttp_seg seg_at(u32 seq, u32 tsval, u8 flags)
{
	return (struct ttp_seg){
		.seq = seq, .flags = flags,
		.opts = { .has_ts = true, .tsval = tsval },
	};
}

static void ts_val__milliseconds_and_offset(struct kunit *test)
{
	struct ttp_ts ts = { .offset = 0xfffffff0 };

	KUNIT_EXPECT_EQ(test, ttp_ts_val(&ts, 0), 0xfffffff0);
	KUNIT_EXPECT_EQ(test, ttp_ts_val(&ts, 999), 0xfffffff0);
	KUNIT_EXPECT_EQ(test, ttp_ts_val(&ts, 16000), 0u);
	/* 2^32 ms later the clock is where it was. */
	KUNIT_EXPECT_EQ(test, ttp_ts_val(&ts, (1ULL << 32) * 1000 + 17000), 1u);
}

static void ts_fill__only_when_agreed(struct kunit *test)
{
	struct ttp_ts ts = { .offset = 5, .recent = 77 };
	struct ttp_opts o = { .has_ts = true };

	ttp_ts_fill(&ts, 1000, &o);
	KUNIT_EXPECT_FALSE(test, o.has_ts);
	ts.ok = true;
	ttp_ts_fill(&ts, 1000, &o);
	KUNIT_EXPECT_TRUE(test, o.has_ts);
	KUNIT_EXPECT_EQ(test, o.tsval, 6u);
	/* RFC 7323 3.2: zero when there is nothing to echo */
	KUNIT_EXPECT_EQ(test, o.tsecr, 0u);
	ts.has_recent = true;
	ttp_ts_fill(&ts, 1000, &o);
	KUNIT_EXPECT_EQ(test, o.tsecr, 77u);
}

static void ts_on_syn__both_must_offer(struct kunit *test)
{
	struct ttp_opts with = { .has_ts = true, .tsval = 9 }, without = {};
	struct ttp_ts ts = { .ok = true };

	ttp_ts_on_syn(&ts, &with, NOW);
	KUNIT_EXPECT_TRUE(test, ts.ok && ts.has_recent && ts.recent == 9);
	ts = (struct ttp_ts){ .ok = true };
	ttp_ts_on_syn(&ts, &without, NOW);
	KUNIT_EXPECT_FALSE(test, ts.ok || ts.has_recent);
	ts = (struct ttp_ts){ .ok = false };
	ttp_ts_on_syn(&ts, &with, NOW);
	KUNIT_EXPECT_FALSE(test, ts.ok || ts.has_recent);
}

struct old_case {
	const char *name;
	u32 recent;
	u32 tsval;
	u32 age;		/* s since TS.Recent was taken */
	u8 flags;
	bool old;
	bool newer;
};

static const struct old_case old_rows[] = {
	{ "the same", 100, 100, 0, TTP_ACK, false, false },
	{ "one later", 100, 101, 0, TTP_ACK, false, true },
	{ "one earlier", 100, 99, 0, TTP_ACK, true, false },
	{ "later, across the wrap", 0xffffffff, 0, 0, TTP_ACK, false, true },
	{ "earlier, across the wrap", 0, 0xffffffff, 0, TTP_ACK, true, false },
	{ "half a circle on", 0, 0x7fffffff, 0, TTP_ACK, false, true },
	{ "RST is exempt", 100, 99, 0, TTP_RST, false, false },
	{ "a day less than the limit", 100, 99, 23 * 86400, TTP_ACK, true,
	  false },
	{ "the second before the limit", 100, 99, TTP_TS_RECENT_AGE - 1,
	  TTP_ACK, true, false },
	{ "5.5: TS.Recent is too old", 100, 99, TTP_TS_RECENT_AGE, TTP_ACK,
	  false, false },
};

TTP_CASES(old_row, old_rows);

static void ts_is_old__table(struct kunit *test)
{
	const struct old_case *c = test->param_value;
	struct ttp_ts ts = { .ok = true, .has_recent = true,
			     .recent = c->recent, .recent_at = 1000 };
	struct ttp_seg seg = seg_at(0, c->tsval, c->flags);
	u64 now = NOW + c->age * SEC;

	KUNIT_EXPECT_EQ(test, ttp_ts_is_old(&ts, &seg, now), c->old);
	KUNIT_EXPECT_EQ(test, ttp_ts_is_newer(&ts, &seg), c->newer);
	seg.opts.has_ts = false;
	KUNIT_EXPECT_FALSE(test, ttp_ts_is_old(&ts, &seg, now));
	KUNIT_EXPECT_FALSE(test, ttp_ts_is_newer(&ts, &seg));
	seg.opts.has_ts = true;
	ts.ok = false;
	KUNIT_EXPECT_FALSE(test, ttp_ts_is_old(&ts, &seg, now));
	ts.ok = true;
	ts.has_recent = false;
	KUNIT_EXPECT_FALSE(test, ttp_ts_is_old(&ts, &seg, now));
	KUNIT_EXPECT_FALSE(test, ttp_ts_is_newer(&ts, &seg));
}

struct note_case {
	const char *name;
	s32 seq;		/* from Last.ACK.sent */
	u32 tsval;		/* TS.Recent is 100 */
	u32 age;
	u32 recent;		/* afterwards */
};

static const struct note_case note_rows[] = {
	{ "in order, later", 0, 101, 0, 101 },
	{ "in order, the same", 0, 100, 0, 100 },
	{ "in order, earlier", 0, 99, 0, 100 },
	{ "covers Last.ACK.sent", -10, 101, 0, 101 },
	/* a hole: the echo must show the time of what fills it */
	{ "beyond Last.ACK.sent", 1, 101, 0, 100 },
	{ "earlier, but TS.Recent has expired", 0, 99, TTP_TS_RECENT_AGE, 99 },
};

TTP_CASES(note_row, note_rows);

static void ts_note__table(struct kunit *test)
{
	static const u32 bases[] = { 0, 1000, 0x80000000, 0xffffffff };
	const struct note_case *c = test->param_value;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct ttp_ts ts = { .ok = true, .has_recent = true,
				     .recent = 100, .recent_at = 1000 };
		struct ttp_seg seg = seg_at(bases[i] + c->seq, c->tsval,
					    TTP_ACK);

		ttp_ts_note(&ts, &seg, bases[i], NOW + c->age * SEC);
		KUNIT_EXPECT_EQ_MSG(test, ts.recent, c->recent, "at %x",
				    bases[i]);
	}
}

static void ts_note__renews_the_age(struct kunit *test)
{
	struct ttp_ts ts = { .ok = true, .has_recent = true, .recent = 100 };
	struct ttp_seg seg = seg_at(0, 100, TTP_ACK);

	ttp_ts_note(&ts, &seg, 0, NOW);
	KUNIT_EXPECT_EQ(test, ts.recent_at, 1000u);
}

static void ts_rtt__from_the_echo(struct kunit *test)
{
	struct ttp_ts ts = { .ok = true, .offset = 0xfff00000 };
	struct ttp_opts o = { .has_ts = true };

	o.tsecr = ttp_ts_val(&ts, NOW);
	KUNIT_EXPECT_EQ(test, ttp_ts_rtt(&ts, &o, NOW + 30000), 30000u);
	/* less than the clock can tell is its grain */
	KUNIT_EXPECT_EQ(test, ttp_ts_rtt(&ts, &o, NOW + 10), 1000u);
	KUNIT_EXPECT_EQ(test, ttp_ts_rtt(&ts, &o, NOW + 120 * SEC), 120000000u);
	KUNIT_EXPECT_EQ(test, ttp_ts_rtt(&ts, &o, NOW + 121 * SEC), 0u);
	/* an echo of what we have not said yet */
	KUNIT_EXPECT_EQ(test, ttp_ts_rtt(&ts, &o, NOW - SEC), 0u);
	o.tsecr = 0;
	KUNIT_EXPECT_EQ(test, ttp_ts_rtt(&ts, &o, NOW + 30000), 0u);
	o.tsecr = ttp_ts_val(&ts, NOW);
	o.has_ts = false;
	KUNIT_EXPECT_EQ(test, ttp_ts_rtt(&ts, &o, NOW + 30000), 0u);
	o.has_ts = true;
	ts.ok = false;
	KUNIT_EXPECT_EQ(test, ttp_ts_rtt(&ts, &o, NOW + 30000), 0u);
}

static void ts_echo_ok__between_first_syn_and_now(struct kunit *test)
{
	struct ttp_ts ts = { .ok = true, .offset = 3 };
	struct ttp_opts o = { .has_ts = true };

	o.tsecr = ttp_ts_val(&ts, NOW);
	KUNIT_EXPECT_TRUE(test, ttp_ts_echo_ok(&ts, &o, NOW, NOW + SEC));
	KUNIT_EXPECT_TRUE(test, ttp_ts_echo_ok(&ts, &o, NOW - SEC, NOW));
	KUNIT_EXPECT_FALSE(test, ttp_ts_echo_ok(&ts, &o, NOW + SEC,
						NOW + 2 * SEC));
	KUNIT_EXPECT_FALSE(test, ttp_ts_echo_ok(&ts, &o, NOW - 2 * SEC,
						NOW - SEC));
	o.tsecr = 0;
	KUNIT_EXPECT_TRUE(test, ttp_ts_echo_ok(&ts, &o, NOW, NOW + SEC));
}

static struct kunit_case ts_cases[] = {
	KUNIT_CASE(ts_val__milliseconds_and_offset),
	KUNIT_CASE(ts_fill__only_when_agreed),
	KUNIT_CASE(ts_on_syn__both_must_offer),
	KUNIT_CASE_PARAM(ts_is_old__table, old_row_gen_params),
	KUNIT_CASE_PARAM(ts_note__table, note_row_gen_params),
	KUNIT_CASE(ts_note__renews_the_age),
	KUNIT_CASE(ts_rtt__from_the_echo),
	KUNIT_CASE(ts_echo_ok__between_first_syn_and_now),
	{}
};

struct kunit_suite ttp_ts_suite = {
	.name = "ttp_ts",
	.test_cases = ts_cases,
};
