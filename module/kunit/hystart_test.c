// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/hystart.c: rounds, the threshold, conservative slow
 * start, its end and the way back (RFC 9406 4.2).
 */
#include "cases.h"
#include "../core/hystart.c"

#define MSS	1000u

struct flow {
	struct ttp_hystart h;
	u32 una, nxt;
};

/* One ACK of one segment, which lets two more go. */
static u32 ack(struct flow *f, u32 rtt)
{
	f->una += MSS;
	f->nxt += 2 * MSS;
	return ttp_hystart_on_ack(&f->h, f->una, f->nxt, rtt, 1);
}

/* ACKs up to the end of the round, and what they add to cwnd. */
static u32 round_of(struct flow *f, u32 rtt)
{
	u32 end = f->nxt, sum = 0;

	while (ttp_before(f->una, end))
		sum += ack(f, rtt);
	return sum;
}

/* Sequence numbers wrap in the middle of it. */
static struct flow new_flow(void)
{
	u32 iss = 0u - 40 * MSS;

	return (struct flow){ .una = iss, .nxt = iss + 10 * MSS };
}

struct thresh_case {
	const char *name;
	u32 last, longer;	/* first of the RTTs that is too long, us */
};

static const struct thresh_case thresh_rows[] = {
	{ "1 us: at least 4 ms", 1, 4001 },
	{ "20 ms: at least 4 ms", 20000, 24000 },
	{ "40 ms: an eighth", 40000, 45000 },
	{ "100 ms: an eighth", 100000, 112500 },
	{ "1 s: at most 16 ms", 1000000, 1016000 },
	{ "4 s: at most 16 ms", 4000000, 4016000 },
};

TTP_CASES(thresh, thresh_rows);

static void hystart__threshold_rfc9406_4_2(struct kunit *test)
{
	const struct thresh_case *c = test->param_value;
	struct flow f = new_flow();

	round_of(&f, c->last);
	round_of(&f, c->longer - 1);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_SS);
	f = new_flow();
	round_of(&f, c->last);
	round_of(&f, c->longer);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_CSS);
}

/* In the first round there is nothing to compare with. */
static void hystart__first_round(struct kunit *test)
{
	struct flow f = new_flow();
	u32 i;

	for (i = 0; i < 9; i++)
		KUNIT_EXPECT_EQ(test, ack(&f, 1000 + i * 10000), 1u);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_SS);
}

static void hystart__eight_samples_rfc9406_4_2(struct kunit *test)
{
	struct flow f = new_flow();
	u32 i;

	round_of(&f, 20000);
	/* The ACK that ended the round began this one with its sample. */
	for (i = 0; i < 20; i++)
		ack(&f, 0);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_SS);
	f = new_flow();
	round_of(&f, 20000);
	f.una = f.h.window_end - MSS;
	for (i = 0; i < 7; i++)
		ack(&f, 90000);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_SS);
	ack(&f, 90000);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_CSS);
}

/* One short sample is enough: it is the least that counts. */
static void hystart__jitter_rfc9406_4_2(struct kunit *test)
{
	struct flow f = new_flow();

	round_of(&f, 20000);
	f.una = f.h.window_end - MSS;
	ack(&f, 20500);
	round_of(&f, 90000);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_SS);
}

/* A quarter as fast, and nothing is lost by dividing. */
static void hystart__css_growth_rfc9406_4_2(struct kunit *test)
{
	struct flow f = new_flow();
	u32 i, sum = 0;

	round_of(&f, 20000);
	round_of(&f, 50000);
	KUNIT_ASSERT_EQ(test, f.h.phase, TTP_HYSTART_CSS);
	f.h.css_cnt = 0;
	for (i = 0; i < 12; i++)
		sum += ack(&f, 50000);
	KUNIT_EXPECT_EQ(test, sum, 3u);
	KUNIT_EXPECT_EQ(test, ttp_hystart_on_ack(&f.h, f.una, f.nxt, 0, ~0u),
			1u << 22);
}

/* The round in which it began is the first of five. */
static void hystart__css_ends_rfc9406_4_2(struct kunit *test)
{
	struct flow f = new_flow();
	u32 rounds = 0, end;

	round_of(&f, 20000);
	while (f.h.phase != TTP_HYSTART_CSS)
		ack(&f, 50000);
	end = f.h.window_end;
	while (f.h.phase == TTP_HYSTART_CSS && rounds < 10) {
		ack(&f, 50000);
		rounds += f.h.window_end != end;
		end = f.h.window_end;
	}
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_DONE);
	KUNIT_EXPECT_EQ(test, rounds, 5u);
	/* After that it has no say. */
	KUNIT_EXPECT_EQ(test, ack(&f, 1), 1u);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_DONE);
}

/* The queue was gone again: back to where growth doubles. */
static void hystart__css_resumes_rfc9406_4_2(struct kunit *test)
{
	struct flow f = new_flow();

	round_of(&f, 20000);
	round_of(&f, 50000);
	KUNIT_ASSERT_EQ(test, f.h.phase, TTP_HYSTART_CSS);
	round_of(&f, 50000);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_CSS);
	round_of(&f, 49999);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_SS);
	/* And a later rise gets all its rounds. */
	round_of(&f, 80000);
	KUNIT_EXPECT_EQ(test, f.h.phase, TTP_HYSTART_CSS);
	KUNIT_EXPECT_EQ(test, f.h.css_rounds, 5);
}

static struct kunit_case hystart_cases[] = {
	KUNIT_CASE_PARAM(hystart__threshold_rfc9406_4_2, thresh_gen_params),
	KUNIT_CASE(hystart__first_round),
	KUNIT_CASE(hystart__eight_samples_rfc9406_4_2),
	KUNIT_CASE(hystart__jitter_rfc9406_4_2),
	KUNIT_CASE(hystart__css_growth_rfc9406_4_2),
	KUNIT_CASE(hystart__css_ends_rfc9406_4_2),
	KUNIT_CASE(hystart__css_resumes_rfc9406_4_2),
	{}
};

struct kunit_suite ttp_hystart_suite = {
	.name = "ttp_hystart",
	.test_cases = hystart_cases,
};
