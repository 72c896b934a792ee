// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/sack.c: the blocks of a receiver, and what a sender
 * makes of those that it is told.
 */
#include "cases.h"
#include "../core/sack.c"

#define B	0xfffffe00u	/* 512 before the wrap: it happens inside */

/* What happens at the receiver; sequence numbers from B. */
enum rx_what { STOP, ADD, DUP, NEXT, FORGET, REPORT };

struct rx_step {
	enum rx_what what;
	u32 a, b;
};

struct rx_case {
	const char *name;
	struct rx_step step[14];
	u32 nr;
	struct ttp_sack_block want[TTP_SACK_MAX];
};

static const struct rx_case rx_rows[] = {
	{ "nothing", { { STOP } }, 0, { } },
	{ "one", { { ADD, 200, 300 } }, 1, { { 200, 300 } } },
	{ "RFC 2018 4: latest first",
	  { { ADD, 200, 300 }, { ADD, 600, 700 }, { ADD, 400, 500 } }, 3,
	  { { 400, 500 }, { 600, 700 }, { 200, 300 } } },
	{ "joined on the right, first again",
	  { { ADD, 200, 300 }, { ADD, 600, 700 }, { ADD, 300, 400 } }, 2,
	  { { 200, 400 }, { 600, 700 } } },
	{ "joined on the left",
	  { { ADD, 200, 300 }, { ADD, 100, 200 } }, 1, { { 100, 300 } } },
	{ "joins two",
	  { { ADD, 200, 300 }, { ADD, 600, 700 }, { ADD, 400, 500 },
	    { ADD, 300, 400 } }, 2, { { 200, 500 }, { 600, 700 } } },
	{ "joins all, overlapping",
	  { { ADD, 200, 300 }, { ADD, 600, 700 }, { ADD, 400, 500 },
	    { ADD, 250, 650 } }, 1, { { 200, 700 } } },
	{ "empty is nothing", { { ADD, 200, 200 } }, 0, { } },
	{ "of five the latest four",
	  { { ADD, 100, 110 }, { ADD, 200, 210 }, { ADD, 300, 310 },
	    { ADD, 400, 410 }, { ADD, 500, 510 } }, 4,
	  { { 500, 510 }, { 400, 410 }, { 300, 310 }, { 200, 210 } } },
	{ "the fifth comes when another goes",
	  { { ADD, 400, 410 }, { ADD, 500, 510 }, { ADD, 300, 310 },
	    { ADD, 200, 210 }, { ADD, 100, 110 }, { NEXT, 210 } }, 3,
	  { { 300, 310 }, { 500, 510 }, { 400, 410 } } },
	{ "of nine the first is forgotten",
	  { { ADD, 900, 910 }, { ADD, 100, 110 }, { ADD, 200, 210 },
	    { ADD, 300, 310 }, { ADD, 400, 410 }, { ADD, 500, 510 },
	    { ADD, 600, 610 }, { ADD, 700, 710 }, { ADD, 800, 810 },
	    { NEXT, 710 } }, 1, { { 800, 810 } } },
	{ "the hole is filled", { { ADD, 200, 300 }, { NEXT, 300 } }, 0, { } },
	{ "the hole in front of it is filled", { { ADD, 200, 300 },
	    { NEXT, 200 } }, 0, { } },
	{ "a hole is left", { { ADD, 200, 300 }, { NEXT, 199 } }, 1,
	  { { 200, 300 } } },
	/* RFC 2883 4.1.1 */
	{ "duplicate below the ACK",
	  { { NEXT, 400 }, { DUP, 300, 400 } }, 1, { { 300, 400 } } },
	/* RFC 2883 4.1.2 */
	{ "duplicate below, block above",
	  { { NEXT, 400 }, { ADD, 500, 600 }, { DUP, 300, 350 } }, 2,
	  { { 300, 350 }, { 500, 600 } } },
	{ "partly new: the old part", { { NEXT, 400 }, { DUP, 300, 500 } }, 1,
	  { { 300, 400 } } },
	/* RFC 2883 4.1.3 and 4.2.2: inside a larger block, which is second */
	{ "duplicate behind the hole",
	  { { ADD, 200, 500 }, { ADD, 700, 800 }, { DUP, 300, 400 } }, 3,
	  { { 300, 400 }, { 200, 500 }, { 700, 800 } } },
	{ "exactly a block", { { ADD, 200, 500 }, { DUP, 200, 500 } }, 2,
	  { { 200, 500 }, { 200, 500 } } },
	/* RFC 2883 4.3: of two doubled parts the first */
	{ "over two blocks",
	  { { ADD, 500, 600 }, { ADD, 200, 300 }, { DUP, 250, 700 },
	    { ADD, 250, 700 } }, 2, { { 250, 300 }, { 200, 700 } } },
	{ "over two blocks, the lower came first",
	  { { ADD, 200, 300 }, { ADD, 500, 600 }, { DUP, 250, 700 },
	    { ADD, 250, 700 } }, 2, { { 250, 300 }, { 200, 700 } } },
	{ "the end is a duplicate",
	  { { ADD, 200, 300 }, { DUP, 150, 250 }, { ADD, 150, 250 } }, 2,
	  { { 200, 250 }, { 150, 300 } } },
	{ "new data is no duplicate", { { ADD, 200, 300 }, { DUP, 300, 400 } },
	  1, { { 200, 300 } } },
	{ "once only", { { NEXT, 400 }, { DUP, 300, 400 }, { REPORT } }, 0, { } },
	{ "two neighbours, one ACK",
	  { { NEXT, 400 }, { DUP, 200, 300 }, { DUP, 300, 400 } }, 1,
	  { { 200, 400 } } },
	{ "two apart, the last",
	  { { NEXT, 400 }, { DUP, 100, 150 }, { DUP, 300, 400 } }, 1,
	  { { 300, 400 } } },
	{ "the ACK has passed the duplicate",
	  { { ADD, 200, 500 }, { DUP, 300, 400 }, { NEXT, 500 } }, 1,
	  { { 300, 400 } } },
	{ "five with a duplicate: three more",
	  { { ADD, 100, 110 }, { ADD, 200, 210 }, { ADD, 300, 310 },
	    { ADD, 400, 410 }, { DUP, 200, 210 } }, 4,
	  { { 200, 210 }, { 200, 210 }, { 400, 410 }, { 300, 310 } } },
	/* RFC 2018 8: only what is still held */
	{ "given up: all", { { ADD, 200, 300 }, { FORGET, 100, 900 } }, 0, { } },
	{ "given up: the end",
	  { { ADD, 600, 700 }, { ADD, 200, 500 }, { FORGET, 400, 900 } }, 1,
	  { { 200, 400 } } },
	{ "given up: the middle",
	  { { ADD, 600, 700 }, { ADD, 200, 500 }, { FORGET, 300, 400 } }, 3,
	  { { 200, 300 }, { 400, 500 }, { 600, 700 } } },
	{ "given up: the beginning", { { ADD, 200, 500 }, { FORGET, 100, 300 } },
	  1, { { 300, 500 } } },
	{ "given up beside it", { { ADD, 200, 300 }, { FORGET, 300, 400 } }, 1,
	  { { 200, 300 } } },
	{ "a duplicate that was given up would look new",
	  { { ADD, 200, 500 }, { DUP, 300, 400 }, { FORGET, 200, 500 } }, 0, { } },
};

TTP_CASES(rx, rx_rows);

static void sack_rx__table(struct kunit *test)
{
	const struct rx_case *c = test->param_value;
	struct ttp_sack_block out[TTP_SACK_MAX];
	struct ttp_sack_rx rx = { };
	u32 next = B, nr, i;

	for (i = 0; c->step[i].what; i++) {
		u32 a = B + c->step[i].a, b = B + c->step[i].b;

		switch (c->step[i].what) {
		case ADD:
			ttp_sack_rx_add(&rx, a, b);
			break;
		case DUP:
			ttp_sack_rx_dup(&rx, next, a, b);
			break;
		case NEXT:
			next = a;
			ttp_sack_rx_advance(&rx, next);
			break;
		case FORGET:
			ttp_sack_rx_forget(&rx, a, b);
			break;
		case REPORT:
			ttp_sack_rx_report(&rx, next, out);
			break;
		case STOP:
			break;
		}
	}
	nr = ttp_sack_rx_report(&rx, next, out);
	KUNIT_ASSERT_EQ(test, nr, c->nr);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ_MSG(test, out[i].start - B, c->want[i].start,
				    "block %u", i);
		KUNIT_EXPECT_EQ_MSG(test, out[i].end - B, c->want[i].end,
				    "block %u", i);
	}
}

#define BITS	256u

/* Against a receiver that remembers each byte. */
static void sack_rx__reports_what_is_held(struct kunit *test)
{
	const u32 seed = 0x5341434b;
	struct ttp_sack_block out[TTP_SACK_MAX];
	struct ttp_sack_rx rx = { };
	bool *got = kunit_kmalloc(test, BITS * sizeof(*got), GFP_KERNEL);
	u32 rnd = seed, next = 0, round, i, n;

	KUNIT_ASSERT_NOT_NULL(test, got);
	memset(got, 0, BITS * sizeof(*got));
	for (round = 0; round < 20000; round++) {
		u32 start = ttp_test_random(&rnd) % (BITS - 8);
		u32 end = start + 1 + ttp_test_random(&rnd) % 8;
		bool news = false, doubled = false;

		for (i = start; i < end; i++) {
			news |= !got[i];
			doubled |= got[i];
		}
		ttp_sack_rx_dup(&rx, B + next, B + start, B + end);
		for (i = start; i < end; i++)
			got[i] = true;
		if (end > next)
			ttp_sack_rx_add(&rx, B + max(start, next), B + end);
		while (next < BITS && got[next])
			next++;
		ttp_sack_rx_advance(&rx, B + next);
		n = ttp_sack_rx_report(&rx, B + next, out);
		for (i = 0; i < n; i++) {
			u32 at;

			KUNIT_ASSERT_TRUE_MSG(test, out[i].end - out[i].start <= BITS &&
					      out[i].end != out[i].start,
					      "seed %x, round %u", seed, round);
			for (at = out[i].start - B; at != out[i].end - B; at++)
				KUNIT_ASSERT_TRUE_MSG(test, got[at],
						      "seed %x, round %u", seed,
						      round);
		}
		/* The first block above the ACK has the segment that came. */
		if (news && !doubled && start > next)
			KUNIT_ASSERT_TRUE_MSG(test, n && out[0].start - B <= start &&
					      out[0].end - B >= end,
					      "seed %x, round %u", seed, round);
		if (doubled && !news && end <= next)
			KUNIT_ASSERT_TRUE_MSG(test, n && out[0].start - B == start &&
					      out[0].end - B == end,
					      "seed %x, round %u", seed, round);
		if (next > BITS - 20) {
			memset(got, 0, BITS * sizeof(*got));
			memset(&rx, 0, sizeof(rx));
			next = 0;
		}
	}
}

struct judge_case {
	const char *name;
	u32 ack, una, nxt, back;
	struct ttp_sack_block in[TTP_SACK_MAX];
	u32 nr;
	struct ttp_sack_block want[TTP_SACK_MAX];
	u32 refused;
	bool dsack;
	struct ttp_sack_block dup;
};

#define SENT	400, 400, 1000, 400

static const struct judge_case judge_rows[] = {
	{ "none", SENT, { }, 0, { } },
	{ "one", SENT, { { 500, 600 } }, 1, { { 500, 600 } } },
	{ "up to the last byte", SENT, { { 500, 1000 } }, 1, { { 500, 1000 } } },
	{ "one byte too far", SENT, { { 500, 1001 } }, 0, { }, 1 },
	{ "empty", SENT, { { 500, 500 } }, 0, { }, 1 },
	{ "backwards", SENT, { { 600, 500 } }, 0, { }, 1 },
	{ "half the circle", SENT, { { 500, 500 + 0x80000000u } }, 0, { }, 1 },
	{ "at snd_una: would be acknowledged", SENT, { { 400, 500 } }, 0, { } },
	{ "one byte behind snd_una", SENT, { { 401, 500 } }, 1, { { 401, 500 } } },
	{ "sorted", SENT, { { 900, 950 }, { 500, 600 }, { 700, 800 } }, 3,
	  { { 500, 600 }, { 700, 800 }, { 900, 950 } } },
	{ "joined", SENT, { { 700, 800 }, { 500, 600 }, { 600, 700 } }, 1,
	  { { 500, 800 } } },
	{ "overlapping", SENT, { { 500, 700 }, { 450, 600 } }, 1, { { 450, 700 } } },
	{ "one bad of four", SENT,
	  { { 500, 600 }, { 700, 2000 }, { 800, 900 }, { 950, 960 } }, 3,
	  { { 500, 600 }, { 800, 900 }, { 950, 960 } }, 1 },
	{ "an ACK that was overtaken", 300, 400, 1000, 400,
	  { { 350, 390 }, { 500, 600 } }, 1, { { 500, 600 } } },
	/* RFC 2883 4.1 */
	{ "D-SACK below the ACK", SENT, { { 300, 400 } }, 0, { }, 0, true,
	  { 300, 400 } },
	{ "D-SACK and news", SENT, { { 300, 350 }, { 500, 600 } }, 1,
	  { { 500, 600 } }, 0, true, { 300, 350 } },
	{ "only the first can be one", SENT, { { 500, 600 }, { 300, 350 } }, 1,
	  { { 500, 600 } } },
	{ "inside the second", SENT, { { 550, 560 }, { 500, 600 } }, 1,
	  { { 500, 600 } }, 0, true, { 550, 560 } },
	{ "equal to the second", SENT, { { 500, 600 }, { 500, 600 } }, 1,
	  { { 500, 600 } }, 0, true, { 500, 600 } },
	{ "larger than the second is news", SENT, { { 500, 601 }, { 500, 600 } },
	  1, { { 500, 601 } } },
	{ "as old as can be", SENT, { { 0, 100 } }, 0, { }, 0, true, { 0, 100 } },
	{ "older than the window", 400, 400, 1000, 399, { { 0, 100 } }, 0, { }, 1 },
	{ "before the first byte", 400, 400, 1000, 400, { { 0u - 1, 100 } }, 0,
	  { }, 1 },
	{ "across the ACK", SENT, { { 300, 500 } }, 0, { }, 1 },
	{ "empty below the ACK", SENT, { { 300, 300 } }, 0, { }, 1 },
	{ "backwards below the ACK", SENT, { { 300, 200 } }, 0, { }, 1 },
	{ "inside a second that was never sent", SENT,
	  { { 1100, 1200 }, { 1050, 1300 } }, 0, { }, 2 },
	{ "below an ACK that was overtaken", 300, 400, 1000, 400,
	  { { 200, 300 } }, 0, { }, 0, true, { 200, 300 } },
};

TTP_CASES(judge, judge_rows);

static void sack_judge__table(struct kunit *test)
{
	const struct judge_case *c = test->param_value;
	struct ttp_sack_sent sent = { B + c->ack, B + c->una, B + c->nxt, c->back };
	struct ttp_sack_block in[TTP_SACK_MAX];
	struct ttp_sack_news news;
	u32 i, nr = 0;

	for (i = 0; i < TTP_SACK_MAX; i++) {
		in[i].start = B + c->in[i].start;
		in[i].end = B + c->in[i].end;
		if (c->in[i].start || c->in[i].end)
			nr = i + 1;
	}
	ttp_sack_judge(in, nr, &sent, &news);
	KUNIT_EXPECT_EQ(test, news.refused, c->refused);
	KUNIT_EXPECT_EQ(test, news.dsack, c->dsack);
	if (c->dsack) {
		KUNIT_EXPECT_EQ(test, news.dup.start - B, c->dup.start);
		KUNIT_EXPECT_EQ(test, news.dup.end - B, c->dup.end);
	}
	KUNIT_ASSERT_EQ(test, news.nr, c->nr);
	for (i = 0; i < c->nr; i++) {
		KUNIT_EXPECT_EQ(test, news.block[i].start - B, c->want[i].start);
		KUNIT_EXPECT_EQ(test, news.block[i].end - B, c->want[i].end);
	}
}

/* Whatever a peer writes, the ranges can be walked. */
static void sack_judge__always_clean(struct kunit *test)
{
	const u32 seed = 0x4a554447;
	u32 rnd = seed, round, i;

	for (round = 0; round < 50000; round++) {
		struct ttp_sack_block in[TTP_SACK_MAX];
		struct ttp_sack_sent s;
		struct ttp_sack_news news;
		u32 last;

		s.snd_una = ttp_test_random(&rnd);
		s.snd_nxt = s.snd_una + ttp_test_random(&rnd) % 64;
		s.ack = s.snd_una - ttp_test_random(&rnd) % 4;
		s.back = ttp_test_random(&rnd) % 32;
		for (i = 0; i < TTP_SACK_MAX; i++) {
			in[i].start = s.snd_una - 16 + ttp_test_random(&rnd) % 96;
			in[i].end = in[i].start + ttp_test_random(&rnd) % 32;
			if (ttp_test_random(&rnd) % 16 == 0)
				in[i].end = ttp_test_random(&rnd);
		}
		ttp_sack_judge(in, TTP_SACK_MAX, &s, &news);
		last = s.snd_una;
		for (i = 0; i < news.nr; i++) {
			KUNIT_ASSERT_TRUE_MSG(test, ttp_after(news.block[i].start, last) &&
					      ttp_after(news.block[i].end,
							news.block[i].start) &&
					      !ttp_after(news.block[i].end, s.snd_nxt),
					      "seed %x, round %u", seed, round);
			last = news.block[i].end;
		}
		if (news.dsack)
			KUNIT_ASSERT_TRUE_MSG(test, ttp_before(news.dup.start, news.dup.end) &&
					      !ttp_after(news.dup.end, s.snd_nxt) &&
					      !ttp_before(news.dup.start,
							  s.snd_una - s.back),
					      "seed %x, round %u", seed, round);
	}
}

static struct kunit_case sack_cases[] = {
	KUNIT_CASE_PARAM(sack_rx__table, rx_gen_params),
	KUNIT_CASE(sack_rx__reports_what_is_held),
	KUNIT_CASE_PARAM(sack_judge__table, judge_gen_params),
	KUNIT_CASE(sack_judge__always_clean),
	{}
};

struct kunit_suite ttp_sack_suite = {
	.name = "ttp_sack",
	.test_cases = sack_cases,
};
