// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/rack.c, step by step of RFC 8985 6.2.
 */
#include "cases.h"
#include "../core/rack.c"

#define MS	1000u
#define ISS	0xfffffe00u	/* 512 before the wrap: it happens in flight */
#define T0	(5000ULL * MS)

struct update_case {
	const char *name;
	u32 age;		/* us since it was sent */
	bool retrans, sacked, has_ts;
	s32 echo;		/* tsecr - tsval */
	u32 min_rtt;
	bool taken;
};

/* Step 2; now is T0 */
static const struct update_case update_rows[] = {
	{ "sent once", 50 * MS, false, false, false, 0, 40 * MS, true },
	{ "sent once, faster than ever", 5 * MS, false, false, false, 0, 40 * MS,
	  true },
	{ "sent once, an older echo", 50 * MS, false, false, true, -9, 40 * MS,
	  true },
	{ "again", 50 * MS, true, false, false, 0, 40 * MS, true },
	{ "again, exactly min_rtt", 40 * MS, true, false, false, 0, 40 * MS, true },
	{ "again, too fast", 40 * MS - 1, true, false, false, 0, 40 * MS, false },
	{ "again, before any sample", 40 * MS, true, false, false, 0, ~0u, false },
	{ "again, its echo", 50 * MS, true, false, true, 0, 40 * MS, true },
	{ "again, a later echo", 50 * MS, true, false, true, 1, 40 * MS, true },
	{ "again, the echo of the original", 50 * MS, true, false, true, -1,
	  40 * MS, false },
	{ "again, its echo but too fast", 30 * MS, true, false, true, 0, 40 * MS,
	  false },
	/* RFC 7323 4.3: behind a hole the echo is always an older one */
	{ "again, behind a hole", 50 * MS, true, true, true, -9, 40 * MS, true },
};

TTP_CASES(update, update_rows);

static void rack_update__table(struct kunit *test)
{
	const struct update_case *c = test->param_value;
	struct ttp_rack_seg s = {
		.sent_at = T0 - c->age, .end_seq = ISS + 1000, .tsval = 3,
		.retrans = c->retrans, .sacked = c->sacked,
	};
	struct ttp_rack_ack a = {
		.now = T0, .min_rtt = c->min_rtt, .tsecr = 3 + c->echo,
		.has_ts = c->has_ts,
	};
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	ttp_rack_update(&r, &s, &a);
	KUNIT_EXPECT_EQ(test, r.xmit_ts, c->taken ? T0 - c->age : 0);
	KUNIT_EXPECT_EQ(test, r.end_seq, c->taken ? ISS + 1000 : ISS);
	KUNIT_EXPECT_EQ(test, r.rtt, c->taken ? c->age : 0u);
	KUNIT_EXPECT_EQ(test, r.fack, ISS + 1000);
}

/* Deliver [.., @end) sent @age ago in the ACK @a. */
static void delivered(struct ttp_rack *r, struct ttp_rack_ack *a, u32 end,
		      u32 age, bool retrans)
{
	struct ttp_rack_seg s = {
		.sent_at = a->now - age, .end_seq = ISS + end, .retrans = retrans,
	};

	ttp_rack_update(r, &s, a);
}

static void rack_update__keeps_the_latest_sent(struct kunit *test)
{
	struct ttp_rack_ack a = { .now = T0 }, b = { .now = T0 };
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	/* one ACK: in whatever order */
	delivered(&r, &a, 1000, 30 * MS, false);
	delivered(&r, &a, 2000, 50 * MS, false);
	KUNIT_EXPECT_EQ(test, r.xmit_ts, T0 - 30 * MS);
	KUNIT_EXPECT_EQ(test, r.end_seq, ISS + 1000);
	KUNIT_EXPECT_EQ(test, r.rtt, 30 * MS);
	/* the next, in the same us: an older one is the measure for itself */
	delivered(&r, &b, 3000, 70 * MS, false);
	KUNIT_EXPECT_EQ(test, r.rtt, 70 * MS);
	KUNIT_EXPECT_EQ(test, r.xmit_ts, T0 - 30 * MS);
	/* sent in the same us: the higher one was later */
	delivered(&r, &b, 4000, 30 * MS, false);
	KUNIT_EXPECT_EQ(test, r.end_seq, ISS + 4000);
	delivered(&r, &b, 3500, 30 * MS, false);
	KUNIT_EXPECT_EQ(test, r.end_seq, ISS + 4000);
}

/* Step 3 */
static void rack_update__reordering(struct kunit *test)
{
	struct ttp_rack_ack a = { .now = T0 };
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	delivered(&r, &a, 1000, 9, false);
	delivered(&r, &a, 3000, 9, false);
	KUNIT_EXPECT_FALSE(test, r.reordering_seen);
	/* sent twice: no proof */
	delivered(&r, &a, 2000, 9, true);
	KUNIT_EXPECT_FALSE(test, r.reordering_seen);
	/* the same once more: not below */
	delivered(&r, &a, 3000, 9, false);
	KUNIT_EXPECT_FALSE(test, r.reordering_seen);
	delivered(&r, &a, 2500, 9, false);
	KUNIT_EXPECT_TRUE(test, r.reordering_seen);
	KUNIT_EXPECT_EQ(test, r.fack, ISS + 3000);
}

/* How far, and in how many ACKs, for users to see. */
static void rack_update__how_late(struct kunit *test)
{
	struct ttp_rack_seg s = { .sent_at = T0 - 9, .end_seq = ISS + 9000,
				  .len = 9000 };
	struct ttp_rack_ack a = { .now = T0 }, b = { .now = T0 };
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	ttp_rack_update(&r, &s, &a);
	KUNIT_EXPECT_EQ(test, r.overtaken, 0u);
	s.len = 1000;
	s.end_seq = ISS + 8000;
	ttp_rack_update(&r, &s, &a);
	s.end_seq = ISS + 5000;
	ttp_rack_update(&r, &s, &a);
	KUNIT_EXPECT_EQ(test, r.overtaken, 1u);
	KUNIT_EXPECT_EQ(test, r.late_by, 5000u);
	s.end_seq = ISS + 8000;
	ttp_rack_update(&r, &s, &b);
	KUNIT_EXPECT_EQ(test, r.overtaken, 2u);
	KUNIT_EXPECT_EQ(test, r.late_by, 5000u);
}

static void rack_on_undo__is_reordering(struct kunit *test)
{
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	ttp_rack_on_undo(&r, 0, 40 * MS);
	KUNIT_EXPECT_TRUE(test, r.reordering_seen);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 1);
}

/* Wide enough at once, as long as duplicates would keep it so. */
static void rack_on_undo__widens(struct kunit *test)
{
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	ttp_rack_on_undo(&r, 90 * MS, 40 * MS);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 12);
	KUNIT_EXPECT_GT(test, ttp_rack_reo_wnd(&r, 40 * MS, 200 * MS, 1, true),
			90u * MS);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_persist, 16);
	/* not narrower */
	ttp_rack_on_undo(&r, 10 * MS, 40 * MS);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 12);
	ttp_rack_on_undo(&r, ~0u, 1);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 255);
	/* before a sample; told not to */
	ttp_rack_init(&r, ISS);
	ttp_rack_on_undo(&r, 90 * MS, 0);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 1);
	r.fixed = true;
	ttp_rack_on_undo(&r, 90 * MS, 40 * MS);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 1);
}

struct wnd_case {
	const char *name;
	bool seen, recovering;
	u32 mult, min_rtt, srtt, sacked;
	u32 wnd;
};

/* Step 4 */
static const struct wnd_case wnd_rows[] = {
	{ "a quarter of min_rtt", false, false, 1, 80 * MS, 100 * MS, 0, 20 * MS },
	{ "two duplicates", false, false, 1, 80 * MS, 100 * MS, 2, 20 * MS },
	{ "three duplicates", false, false, 1, 80 * MS, 100 * MS, 3, 0 },
	{ "recovering", false, true, 1, 80 * MS, 100 * MS, 0, 0 },
	{ "reordering, three duplicates", true, false, 1, 80 * MS, 100 * MS, 3,
	  20 * MS },
	{ "reordering, recovering", true, true, 1, 80 * MS, 100 * MS, 9, 20 * MS },
	{ "widened", true, true, 3, 80 * MS, 100 * MS, 9, 60 * MS },
	{ "at most srtt", true, true, 9, 80 * MS, 100 * MS, 9, 100 * MS },
	{ "no sample", true, false, 255, ~0u, 0, 0, 0 },
	{ "large", true, false, 255, 120000 * MS, 120000 * MS, 0, 120000 * MS },
};

TTP_CASES(wnd, wnd_rows);

static void rack_reo_wnd__table(struct kunit *test)
{
	const struct wnd_case *c = test->param_value;
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	r.reordering_seen = c->seen;
	r.reo_wnd_mult = c->mult;
	KUNIT_EXPECT_EQ(test, ttp_rack_reo_wnd(&r, c->min_rtt, c->srtt,
					       c->sacked, c->recovering), c->wnd);
}

static void rack_reo_wnd__duplicates_wanted(struct kunit *test)
{
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	r.dupthresh = 5;
	KUNIT_EXPECT_EQ(test, ttp_rack_reo_wnd(&r, 80, 100, 4, false), 20u);
	KUNIT_EXPECT_EQ(test, ttp_rack_reo_wnd(&r, 80, 100, 5, false), 0u);
	/* recovery, bit 2: no number is enough, but recovery is */
	r.dupthresh = ~0u;
	KUNIT_EXPECT_EQ(test, ttp_rack_reo_wnd(&r, 80, 100, 99999, false), 20u);
	KUNIT_EXPECT_EQ(test, ttp_rack_reo_wnd(&r, 80, 100, 0, true), 0u);
}

static void rack_on_dsack__fixed(struct kunit *test)
{
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	r.fixed = true;
	ttp_rack_on_dsack(&r, ISS, ISS + 1000, true);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 1);
}

static void rack_on_dsack__once_per_round(struct kunit *test)
{
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	ttp_rack_on_dsack(&r, ISS, ISS + 1000, false);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 1);
	ttp_rack_on_dsack(&r, ISS, ISS + 1000, true);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 2);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_persist, 16);
	ttp_rack_on_dsack(&r, ISS + 999, ISS + 2000, true);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 2);
	/* the round is over with the byte that was next */
	ttp_rack_on_dsack(&r, ISS + 1000, ISS + 2000, true);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 3);
	ttp_rack_on_dsack(&r, ISS + 2000, ISS + 3000, false);
	KUNIT_EXPECT_FALSE(test, r.in_dsack_round);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 3);
}

static void rack_on_dsack__has_a_bound(struct kunit *test)
{
	struct ttp_rack r;
	u32 i;

	ttp_rack_init(&r, ISS);
	for (i = 0; i < 1000; i++)
		ttp_rack_on_dsack(&r, ISS + i, ISS + i + 1, true);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 255);
}

/* The original of what was repeated: how long it took, not when it left. */
static void rack_update__echo_of_the_original(struct kunit *test)
{
	struct ttp_rack_seg s = {
		.sent_at = T0 - 50 * MS, .end_seq = ISS + 1000, .tsval = 3,
		.retrans = true,
	};
	struct ttp_rack_ack a = {
		.now = T0, .min_rtt = 40 * MS, .tsecr = 2, .has_ts = true,
		.echo_rtt = 130 * MS,
	};
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	r.rtt = 20 * MS;
	r.xmit_ts = T0 - 20 * MS;
	ttp_rack_update(&r, &s, &a);
	KUNIT_EXPECT_EQ(test, r.rtt, 130u * MS);
	KUNIT_EXPECT_EQ(test, a.behind, 110u * MS);
	KUNIT_EXPECT_EQ(test, r.xmit_ts, T0 - 20 * MS);
	/* one that was sent later counts more */
	delivered(&r, &a, 2000, 60 * MS, false);
	KUNIT_EXPECT_EQ(test, r.rtt, 60u * MS);
	s.end_seq = ISS + 3000;
	ttp_rack_update(&r, &s, &a);
	KUNIT_EXPECT_EQ(test, r.rtt, 60u * MS);
	/* nothing is known of it */
	a.echo_rtt = 0;
	a.timed = false;
	ttp_rack_update(&r, &s, &a);
	KUNIT_EXPECT_EQ(test, r.rtt, 60u * MS);
}

static void rack_on_exit__forgets_after_16(struct kunit *test)
{
	struct ttp_rack r;
	u32 i;

	ttp_rack_init(&r, ISS);
	ttp_rack_on_exit(&r);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 1);
	ttp_rack_on_dsack(&r, ISS, ISS + 1000, true);
	for (i = 0; i < 15; i++) {
		ttp_rack_on_exit(&r);
		KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 2);
	}
	ttp_rack_on_exit(&r);
	KUNIT_EXPECT_EQ(test, r.reo_wnd_mult, 1);
}

struct left_case {
	const char *name;
	u32 age, end;		/* of the segment; RACK's: 50 ms, 5000 */
	u32 rtt, wnd;
	u32 left;
	bool on_rto;
};

/* Step 5 and 6.3 */
static const struct left_case left_rows[] = {
	{ "sent later", 49 * MS, 1000, 60 * MS, 0, ~0u, false },
	{ "the very one", 50 * MS, 5000, 50 * MS, 0, ~0u, true },
	{ "same time, higher", 50 * MS, 6000, 50 * MS, 0, ~0u, true },
	{ "same time, lower", 50 * MS, 4000, 50 * MS, 0, 0, true },
	{ "earlier, no window", 51 * MS, 9000, 50 * MS, 0, 0, true },
	{ "earlier, within the window", 51 * MS, 1000, 50 * MS, 10 * MS, 9 * MS,
	  false },
	{ "the last us", 60 * MS - 1, 1000, 50 * MS, 10 * MS, 1, false },
	{ "over", 60 * MS, 1000, 50 * MS, 10 * MS, 0, true },
	{ "long over", 4000 * MS, 1000, 50 * MS, 10 * MS, 0, true },
	{ "never", 51 * MS, 1000, ~0u, ~0u, ~0u - 1, false },
};

TTP_CASES(left, left_rows);

static void rack_remaining__table(struct kunit *test)
{
	const struct left_case *c = test->param_value;
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	r.xmit_ts = T0 - 50 * MS;
	r.end_seq = ISS + 5000;
	r.rtt = c->rtt;
	KUNIT_EXPECT_EQ(test, ttp_rack_remaining(&r, c->wnd, T0 - c->age,
						 ISS + c->end, T0), c->left);
	KUNIT_EXPECT_EQ(test, ttp_rack_lost_on_rto(&r, c->wnd, T0 - c->age,
						   false, T0), c->on_rto);
	KUNIT_EXPECT_TRUE(test, ttp_rack_lost_on_rto(&r, c->wnd, T0 - c->age,
						     true, T0));
}

static void rack_remaining__nothing_delivered(struct kunit *test)
{
	struct ttp_rack r;

	ttp_rack_init(&r, ISS);
	KUNIT_EXPECT_EQ(test, ttp_rack_remaining(&r, 0, 1, ISS + 1, T0),
			TTP_RACK_UNKNOWN);
}

static struct kunit_case rack_cases[] = {
	KUNIT_CASE_PARAM(rack_update__table, update_gen_params),
	KUNIT_CASE(rack_update__keeps_the_latest_sent),
	KUNIT_CASE(rack_update__reordering),
	KUNIT_CASE(rack_update__echo_of_the_original),
	KUNIT_CASE(rack_update__how_late),
	KUNIT_CASE(rack_on_undo__is_reordering),
	KUNIT_CASE(rack_on_undo__widens),
	KUNIT_CASE_PARAM(rack_reo_wnd__table, wnd_gen_params),
	KUNIT_CASE(rack_reo_wnd__duplicates_wanted),
	KUNIT_CASE(rack_on_dsack__fixed),
	KUNIT_CASE(rack_on_dsack__once_per_round),
	KUNIT_CASE(rack_on_dsack__has_a_bound),
	KUNIT_CASE(rack_on_exit__forgets_after_16),
	KUNIT_CASE_PARAM(rack_remaining__table, left_gen_params),
	KUNIT_CASE(rack_remaining__nothing_delivered),
	{}
};

struct kunit_suite ttp_rack_suite = {
	.name = "ttp_rack",
	.test_cases = rack_cases,
};
