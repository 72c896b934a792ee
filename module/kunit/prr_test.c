// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/prr.c against RFC 9937.
 */
#include "cases.h"
#include "../core/prr.c"

struct prr_case {
	const char *name;
	u32 flight, delivered, out;	/* so far */
	u32 now, in_flight, ssthresh;
	bool safe;
	u32 may;			/* cwnd - in_flight */
};

static const struct prr_case prr_rows[] = {
	{ "above ssthresh: half of what arrives", 20, 1, 1, 1, 15, 10, false, 0 },
	{ "above: the other half", 20, 2, 1, 1, 15, 10, false, 1 },
	{ "above: rounded up", 20, 0, 0, 1, 18, 10, false, 1 },
	{ "above: 7 of 10", 10, 9, 6, 1, 8, 7, false, 1 },
	{ "above: a stretch ACK", 20, 0, 0, 6, 14, 10, false, 3 },
	{ "above: sent ahead of the share", 20, 2, 8, 1, 15, 10, false, 0 },
	{ "above: safe changes nothing", 20, 1, 1, 1, 15, 10, true, 0 },
	{ "below: as much as arrives", 20, 4, 4, 1, 5, 10, false, 1 },
	{ "below: catches up", 20, 6, 3, 1, 2, 10, false, 4 },
	{ "below: safe, one more", 20, 4, 4, 1, 5, 10, true, 2 },
	{ "below: not beyond ssthresh", 20, 9, 3, 4, 8, 10, false, 2 },
	{ "below: safe, not beyond ssthresh", 20, 4, 4, 1, 9, 10, true, 1 },
	{ "at ssthresh: nothing", 20, 4, 4, 1, 10, 10, true, 0 },
	{ "the first needs no permission", 20, 0, 0, 1, 10, 10, false, 1 },
	{ "a timer began it", 20, 0, 0, 0, 15, 10, false, 1 },
	{ "a timer, from CWR", 20, 4, 4, 0, 10, 10, false, 1 },
	{ "an empty network", 20, 4, 9, 1, 0, 10, false, 1 },
	{ "nothing was in flight", 0, 0, 0, 1, 0, 2, false, 1 },
	{ "large", 1u << 24, 1u << 23, 0, 1u << 23, 1u << 24, 1u << 23, false,
	  1u << 23 },
};

TTP_CASES(prr_row, prr_rows);

static void prr_on_ack__table(struct kunit *test)
{
	const struct prr_case *c = test->param_value;
	struct ttp_prr p;

	ttp_prr_enter(&p, c->flight);
	p.delivered = c->delivered;
	ttp_prr_sent(&p, c->out);
	KUNIT_EXPECT_EQ(test, ttp_prr_on_ack(&p, c->now, c->in_flight,
					     c->ssthresh, c->safe),
			c->in_flight + c->may);
	KUNIT_EXPECT_EQ(test, p.delivered, c->delivered + c->now);
	KUNIT_EXPECT_EQ(test, p.out, c->out);
}

static void prr_enter__forgets(struct kunit *test)
{
	struct ttp_prr p = { 7, 8, 9 };

	ttp_prr_enter(&p, 20);
	KUNIT_EXPECT_EQ(test, p.recover_fs, 20u);
	KUNIT_EXPECT_EQ(test, p.delivered, 0u);
	KUNIT_EXPECT_EQ(test, p.out, 0u);
}

/* RFC 9937 6.2: made up duplicates let nothing out. */
static void prr_may_arrive__no_more_than_were_out(struct kunit *test)
{
	struct ttp_prr p;
	u32 i;

	ttp_prr_enter(&p, 3);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_TRUE(test, ttp_prr_may_arrive(&p));
		ttp_prr_on_ack(&p, 1, 3, 2, false);
	}
	KUNIT_EXPECT_FALSE(test, ttp_prr_may_arrive(&p));
}

/* RFC 9937 5, few losses: at the end the flight is ssthresh, without a burst. */
static void prr__ends_at_ssthresh(struct kunit *test)
{
	u32 flight, lost, ssthresh;

	for (flight = 4; flight < 60; flight++) {
		for (lost = 1; lost < flight / 4; lost++) {
			u32 in_flight = flight - lost, i;
			struct ttp_prr p;

			ssthresh = flight / 2;
			ttp_prr_enter(&p, flight);
			for (i = 0; i < flight - lost; i++) {
				u32 cwnd, sent;

				in_flight--;
				cwnd = ttp_prr_on_ack(&p, 1, in_flight, ssthresh,
						      false);
				sent = cwnd - in_flight;
				KUNIT_ASSERT_LE_MSG(test, sent, 2u,
						    "flight %u lost %u", flight,
						    lost);
				ttp_prr_sent(&p, sent);
				in_flight = cwnd;
			}
			KUNIT_ASSERT_GE_MSG(test, in_flight + lost, ssthresh,
					    "flight %u lost %u", flight, lost);
			KUNIT_ASSERT_LE_MSG(test, in_flight, ssthresh,
					    "flight %u lost %u", flight, lost);
		}
	}
}

/* Never more out than ssthresh or what came in; never stuck. */
static void prr__bounds(struct kunit *test)
{
	const u32 seed = 0x50525231;
	u32 rnd = seed, i;
	struct ttp_prr p;

	ttp_prr_enter(&p, 100);
	for (i = 0; i < 50000; i++) {
		u32 ssthresh = 2 + ttp_test_random(&rnd) % 100;
		u32 in_flight = ttp_test_random(&rnd) % 200;
		u32 now = 1 + ttp_test_random(&rnd) % 10, cwnd;

		if (i % 50 == 0)
			ttp_prr_enter(&p, ttp_test_random(&rnd) % 200);
		cwnd = ttp_prr_on_ack(&p, now, in_flight, ssthresh, i & 1);
		KUNIT_ASSERT_GE_MSG(test, cwnd, max(in_flight, 1u),
				    "seed %x, step %u", seed, i);
		if (in_flight < ssthresh)
			KUNIT_ASSERT_LE_MSG(test, cwnd, ssthresh,
					    "seed %x, step %u", seed, i);
		ttp_prr_sent(&p, cwnd - in_flight);
	}
}

static struct kunit_case prr_cases[] = {
	KUNIT_CASE_PARAM(prr_on_ack__table, prr_row_gen_params),
	KUNIT_CASE(prr_enter__forgets),
	KUNIT_CASE(prr_may_arrive__no_more_than_were_out),
	KUNIT_CASE(prr__ends_at_ssthresh),
	KUNIT_CASE(prr__bounds),
	{}
};

struct kunit_suite ttp_prr_suite = {
	.name = "ttp_prr",
	.test_cases = prr_cases,
};
