// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/rcvspace.c: what a buffer holds, the round trip as a
 * receiver sees it, and how buffers grow.
 */
#include "cases.h"
#include "../core/rcvspace.c"

#define MSS	1448
#define MSEC	1000ULL

static struct ttp_rcvspace rcvspace_new(void)
{
	struct ttp_rcvspace s;

	ttp_rcvspace_init(&s);
	return s;
}

static void rcvspace__win_and_buf(struct kunit *test)
{
	struct ttp_rcvspace s = rcvspace_new();
	u32 ratio;

	KUNIT_EXPECT_EQ(test, ttp_rcvspace_win(&s, 131072), 65536);
	KUNIT_EXPECT_EQ(test, ttp_rcvspace_win(&s, 0), 0);
	KUNIT_EXPECT_EQ(test, ttp_rcvspace_win(&s, -1), 0);
	KUNIT_EXPECT_EQ(test, ttp_rcvspace_buf(&s, 65536), 131072);
	for (ratio = TTP_RATIO_MIN; ratio < 256; ratio++) {
		s.ratio = ratio;
		KUNIT_EXPECT_LE(test, ttp_rcvspace_win(&s,
				ttp_rcvspace_buf(&s, 1000000)), 1000000);
		KUNIT_EXPECT_GT(test, ttp_rcvspace_win(&s,
				ttp_rcvspace_buf(&s, 1000000)), 999990);
	}
}

struct measure_case {
	const char *name;
	u32 len, truesize;
	u8 ratio;		/* where it ends */
};

static const struct measure_case measure_rows[] = {
	{ "half", 1448, 2896, 128 },
	{ "small segments in large pages", 536, 4352, 31 },
	{ "merged", 65000, 70000, 237 },
	{ "all overhead", 1, 100000, TTP_RATIO_MIN },
	{ "more payload than memory", 3000, 2000, 255 },
	{ "no memory", 3000, 0, 255 },
};

TTP_CASES(measure, measure_rows);

static void rcvspace__measure(struct kunit *test)
{
	const struct measure_case *c = test->param_value;
	struct ttp_rcvspace s = rcvspace_new();
	u32 i;

	for (i = 0; i < 100; i++)
		ttp_rcvspace_measure(&s, c->len, c->truesize);
	KUNIT_EXPECT_EQ(test, s.ratio, c->ratio);
	/* One odd segment does not change much. */
	ttp_rcvspace_measure(&s, 1, 1000);
	KUNIT_EXPECT_GE(test, s.ratio, c->ratio - c->ratio / 8 - 1);
}

static void rcvspace__rtt(struct kunit *test)
{
	struct ttp_rcvspace s = rcvspace_new();
	u32 i;

	ttp_rcvspace_rtt(&s, 100 * MSEC);
	KUNIT_EXPECT_EQ(test, s.rtt, 800 * MSEC);
	ttp_rcvspace_rtt(&s, 180 * MSEC);	/* an eighth of the way */
	KUNIT_EXPECT_EQ(test, s.rtt, 880 * MSEC);
	for (i = 0; i < 200; i++)
		ttp_rcvspace_rtt(&s, 10 * MSEC);
	KUNIT_EXPECT_LT(test, s.rtt, 81 * MSEC);
	KUNIT_EXPECT_GT(test, s.rtt, 79 * MSEC);
	ttp_rcvspace_rtt(&s, 0);
	KUNIT_EXPECT_GT(test, s.rtt, 0);
}

static void rcvspace__rtt_window(struct kunit *test)
{
	struct ttp_rcvspace s = rcvspace_new();
	u64 now = 5000 * MSEC;

	ttp_rcvspace_rtt_window(&s, ~0U - 99, 1000, now);
	KUNIT_EXPECT_EQ(test, s.rtt, 0);
	/* Not yet a whole window. */
	ttp_rcvspace_rtt_window(&s, 899, 1000, now + 10 * MSEC);
	KUNIT_EXPECT_EQ(test, s.rtt, 0);
	ttp_rcvspace_rtt_window(&s, 900, 1000, now + 40 * MSEC);
	KUNIT_EXPECT_EQ(test, s.rtt, 8 * 40 * MSEC);
	/* A pause of the sender is no round trip. */
	ttp_rcvspace_rtt_window(&s, 1900, 1000, now + 500 * MSEC);
	KUNIT_EXPECT_EQ(test, s.rtt, 8 * 40 * MSEC);
	ttp_rcvspace_rtt_window(&s, 2900, 1000, now + 530 * MSEC);
	KUNIT_EXPECT_EQ(test, s.rtt, 8 * 30 * MSEC);
}

struct grow_case {
	const char *name;
	u32 ssthresh, len, truesize, room, want;
};

/* The largest buffer is 1 MB. */
static const struct grow_case grow_rows[] = {
	{ "two segments for one", 65535, MSS, 2304, 200000, 65535 + 2 * MSS },
	{ "twice what came at once", 65535, 30000, 34000, 200000, 125535 },
	{ "as far as there is room", 65535, MSS, 2304, 66000, 66000 },
	{ "no room", 65535, MSS, 2304, 65535, 65535 },
	{ "less room than offered", 65535, MSS, 2304, 100, 65535 },
	{ "much overhead, small window", 10000, 100, 768, 200000, 10000 + 2 * 536 },
	{ "much overhead, large window", 100000, 100, 768, 200000, 100000 },
};

TTP_CASES(grow, grow_rows);

static void rcvspace__grow(struct kunit *test)
{
	const struct grow_case *c = test->param_value;
	struct ttp_rcvspace s = rcvspace_new();
	struct ttp_rcvseg g = {
		.len = c->len, .truesize = c->truesize, .rcv_mss = 536,
		.adv_mss = MSS, .room = c->room, .most = 1 << 20,
	};

	s.ssthresh = c->ssthresh;
	ttp_rcvspace_grow(&s, &g);
	KUNIT_EXPECT_EQ(test, s.ssthresh, c->want);
}

static void rcvspace__limit(struct kunit *test)
{
	struct ttp_rcvspace s = rcvspace_new();

	ttp_rcvspace_limit(&s, 4, MSS);
	KUNIT_EXPECT_EQ(test, s.ssthresh, 4 * MSS);
	ttp_rcvspace_limit(&s, 100, MSS);
	KUNIT_EXPECT_EQ(test, s.ssthresh, 4 * MSS);
}

/* A sender in slow start never has to wait for the window. */
static void rcvspace__copied_keeps_ahead(struct kunit *test)
{
	struct ttp_rcvspace s = rcvspace_new();
	u32 seq = ~0U - 5000, per_rtt = 10 * MSS, i;
	u64 now = 1000 * MSEC, want, wnd = 65535;

	ttp_rcvspace_start(&s, seq, MSS, now);
	KUNIT_EXPECT_EQ(test, s.space, 10 * MSS);
	ttp_rcvspace_rtt(&s, 100 * MSEC);
	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_LE(test, (u64)per_rtt, wnd);
		/* In the middle of the round trip nothing is known. */
		KUNIT_EXPECT_EQ(test, ttp_rcvspace_copied(&s, seq + per_rtt / 2,
					MSS, now + 50 * MSEC), 0);
		seq += per_rtt;
		now += 100 * MSEC;
		want = ttp_rcvspace_copied(&s, seq, MSS, now);
		wnd = max(wnd, want);
		per_rtt *= 2;
	}
	KUNIT_EXPECT_GT(test, wnd, 14000000);
}

/* A steady reader asks for nothing more, and a slow one for nothing less. */
static void rcvspace__copied_steady(struct kunit *test)
{
	struct ttp_rcvspace s = rcvspace_new();
	u64 now = 1000 * MSEC, want;

	/* Without data or round trip there is nothing to say. */
	KUNIT_EXPECT_EQ(test, ttp_rcvspace_copied(&s, 1 << 20, MSS, now), 0);
	ttp_rcvspace_start(&s, 0, MSS, now);
	KUNIT_EXPECT_EQ(test, ttp_rcvspace_copied(&s, 1 << 20, MSS,
						  now + 900 * MSEC), 0);
	ttp_rcvspace_rtt(&s, 100 * MSEC);
	want = ttp_rcvspace_copied(&s, 30000, MSS, now + 100 * MSEC);
	KUNIT_EXPECT_GT(test, want, 60000);
	KUNIT_EXPECT_LT(test, want, 3 * 90000);
	KUNIT_EXPECT_EQ(test, ttp_rcvspace_copied(&s, 60000, MSS,
						  now + 200 * MSEC), 0);
	KUNIT_EXPECT_EQ(test, ttp_rcvspace_copied(&s, 60100, MSS,
						  now + 300 * MSEC), 0);
	KUNIT_EXPECT_EQ(test, s.space, 30000);
}

static void rcvspace__sndbuf(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ttp_sndbuf_want(100, 3, 2304), 2 * 100 * 2304);
	KUNIT_EXPECT_EQ(test, ttp_sndbuf_want(1, 3, 2304), 2 * 10 * 2304);
	KUNIT_EXPECT_EQ(test, ttp_sndbuf_want(20, 99, 2304), 2 * 100 * 2304);
}

static struct kunit_case rcvspace_cases[] = {
	KUNIT_CASE(rcvspace__win_and_buf),
	KUNIT_CASE_PARAM(rcvspace__measure, measure_gen_params),
	KUNIT_CASE(rcvspace__rtt),
	KUNIT_CASE(rcvspace__rtt_window),
	KUNIT_CASE_PARAM(rcvspace__grow, grow_gen_params),
	KUNIT_CASE(rcvspace__limit),
	KUNIT_CASE(rcvspace__copied_keeps_ahead),
	KUNIT_CASE(rcvspace__copied_steady),
	KUNIT_CASE(rcvspace__sndbuf),
	{}
};

struct kunit_suite ttp_rcvspace_suite = {
	.name = "ttp_rcvspace",
	.test_cases = rcvspace_cases,
};
