// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/newreno.c: growth and reduction by RFC 5681.
 */
#include "cases.h"
#include "../core/newreno.c"

struct grow_case {
	const char *name;
	u32 cwnd, ssthresh, cnt;
	u32 acked;
	bool limited, loss, ece;
	u32 cwnd_after, cnt_after;
};

static const struct grow_case grow_rows[] = {
	{ "5681 3.1: slow start", 10, ~0u, 0, 1, true, 0, 0, 11, 0 },
	{ "3465 2.2: all that is acked counts", 10, ~0u, 0, 9, true, 0, 0, 19, 0 },
	{ "2861: not limited", 10, ~0u, 0, 2, false, 0, 0, 10, 0 },
	{ "3168 6.1.2: not with ECE", 10, ~0u, 0, 2, true, 0, true, 10, 0 },
	{ "slow start ends at ssthresh", 10, 11, 0, 1, true, 0, 0, 11, 0 },
	{ "what is left counts for avoidance", 10, 11, 0, 4, true, 0, 0, 11, 3 },
	{ "avoidance counts", 10, 10, 0, 1, true, 0, 0, 10, 1 },
	{ "avoidance, a window full", 10, 10, 9, 1, true, 0, 0, 11, 0 },
	{ "avoidance, rest kept", 10, 10, 9, 3, true, 0, 0, 11, 2 },
	{ "avoidance, not limited", 10, 10, 9, 3, false, 0, 0, 10, 9 },
	{ "avoidance, three windows", 10, 5, 0, 30, true, 0, 0, 13, 0 },
	{ "3465 2.3: after a timeout", 2, 20, 0, 15, true, true, 0, 3, 0 },
	{ "at the top", 1u << 24, ~0u, 0, 2, true, 0, 0, 1u << 24, 0 },
	{ "at the top, avoidance", 1u << 24, 2, 5, 1u << 24, true, 0, 0,
	  1u << 24, 5 },
};

TTP_CASES(grow, grow_rows);

static void newreno_on_ack__table(struct kunit *test)
{
	const struct grow_case *c = test->param_value;
	struct ttp_cc cc = { .cwnd = c->cwnd, .ssthresh = c->ssthresh,
			     .cwnd_cnt = c->cnt };
	struct ttp_cc_ack a = {
		.acked = c->acked, .cwnd_limited = c->limited, .ece = c->ece,
		.in_loss = c->loss, .rate.acked_sacked = 1,
	};

	newreno_on_ack(&cc, &a);
	KUNIT_EXPECT_EQ(test, cc.cwnd, c->cwnd_after);
	if (c->cwnd < 1u << 24 || c->cnt)
		KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, c->cnt_after);
}

/* One round trip doubles in slow start and adds one in avoidance. */
static void newreno_on_ack__round_trips_rfc5681_3_1(struct kunit *test)
{
	static const u32 want[] = { 20, 40, 41, 42, 43 };
	struct ttp_cc cc = { .cwnd = 10, .ssthresh = 40 };
	struct ttp_cc_ack a = { .acked = 1, .cwnd_limited = true };
	u32 r, i, n;

	for (r = 0; r < ARRAY_SIZE(want); r++) {
		n = cc.cwnd;
		for (i = 0; i < n; i++)
			newreno_on_ack(&cc, &a);
		KUNIT_EXPECT_EQ_MSG(test, cc.cwnd, want[r], "round %u", r);
	}
}

struct half_case {
	const char *name;
	u32 cwnd, flight, after;
};

static const struct half_case half_rows[] = {
	{ "5681 (4): half of what was out", 20, 20, 10 },
	{ "odd", 21, 21, 10 },
	{ "a window that was not used", 100, 20, 10 },
	{ "limited transmit is no window", 20, 23, 10 },
	{ "5681 (4): at least two", 3, 3, 2 },
	{ "nothing out", 20, 0, 2 },
};

TTP_CASES(half, half_rows);

static void newreno_ssthresh__table(struct kunit *test)
{
	const struct half_case *c = test->param_value;
	struct ttp_cc cc = { .cwnd = c->cwnd, .ssthresh = ~0u };

	KUNIT_EXPECT_EQ(test, newreno_ssthresh(&cc, c->flight), c->after);
}

static struct kunit_case newreno_cases[] = {
	KUNIT_CASE_PARAM(newreno_on_ack__table, grow_gen_params),
	KUNIT_CASE(newreno_on_ack__round_trips_rfc5681_3_1),
	KUNIT_CASE_PARAM(newreno_ssthresh__table, half_gen_params),
	{}
};

struct kunit_suite ttp_newreno_suite = {
	.name = "ttp_newreno",
	.test_cases = newreno_cases,
};
