// SPDX-License-Identifier: GPL-2.0
/* This file tests core/synack.c. */
#include "cases.h"
#include "../core/synack.c"

struct step_case {
	const char *name;
	struct ttp_synack s;	/* tries, most, defer, acked */
	u32 step;
};

static const struct step_case steps[] = {
	{ "first", { 0, 5, 0, false }, TTP_SYNACK_SEND },
	{ "last", { 4, 5, 0, false }, TTP_SYNACK_SEND },
	{ "none left", { 5, 5, 0, false }, TTP_SYNACK_GIVE_UP },
	{ "none at all", { 0, 0, 0, false }, TTP_SYNACK_GIVE_UP },
	{ "acked, the queue was full", { 0, 5, 0, true }, TTP_SYNACK_SEND },
	{ "acked, none left", { 5, 5, 0, true }, TTP_SYNACK_GIVE_UP },
	{ "deferred, unheard", { 0, 5, 3, false }, TTP_SYNACK_SEND },
	{ "deferred, unheard, none left", { 5, 5, 9, false },
	  TTP_SYNACK_GIVE_UP },
	{ "deferred, heard", { 0, 5, 3, true }, TTP_SYNACK_WAIT },
	{ "the last chance", { 2, 5, 3, true }, TTP_SYNACK_SEND },
	{ "it was lost", { 3, 5, 3, true }, TTP_SYNACK_SEND },
	{ "that as well", { 5, 5, 3, true }, TTP_SYNACK_GIVE_UP },
	{ "deferred for longer than it is repeated", { 5, 5, 8, true },
	  TTP_SYNACK_WAIT },
	{ "its last chance", { 7, 5, 8, true }, TTP_SYNACK_SEND },
	{ "its end", { 8, 5, 8, true }, TTP_SYNACK_GIVE_UP },
	{ "a deferral of one timeout", { 0, 5, 1, true }, TTP_SYNACK_SEND },
};

TTP_CASES(step, steps);

static void synack_expired__table(struct kunit *test)
{
	const struct step_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, (u32)ttp_synack_expired(&c->s), c->step);
}

struct ack_case {
	const char *name;
	u32 seq;		/* from irs */
	u32 len;
	u8 flags;
	u32 tries;
	u32 defer;
	bool held;
};

static const struct ack_case acks[] = {
	{ "bare, no deferral", 1, 0, TTP_ACK, 0, 0, false },
	{ "bare", 1, 0, TTP_ACK, 0, 1, true },
	{ "bare, the deferral is over", 1, 0, TTP_ACK, 1, 1, false },
	{ "bare, before the end", 1, 0, TTP_ACK, 2, 3, true },
	{ "data", 1, 1, TTP_ACK, 0, 3, false },
	{ "FIN", 1, 0, TTP_ACK | TTP_FIN, 0, 3, false },
	{ "data beyond a hole", 100, 10, TTP_ACK, 0, 3, false },
};

TTP_CASES(ack, acks);

static void synack_defers__table(struct kunit *test)
{
	const struct ack_case *c = test->param_value;
	struct ttp_synack s = {
		.tries = c->tries, .most = 5, .defer = c->defer,
	};
	struct ttp_seg seg = {
		.flags = c->flags, .len = c->len,
	};
	u32 irs;

	for (irs = 0xfffffff0; irs != 0x10; irs++) {
		seg.seq = irs + c->seq;
		KUNIT_EXPECT_EQ(test, ttp_synack_defers(&s, &seg, irs),
				c->held);
	}
}

struct secs_case {
	const char *name;
	int secs;
	u32 timeouts;
	u32 back;		/* seconds that getsockopt() tells */
};

/* What Linux makes of them. */
static const struct secs_case secs[] = {
	{ "negative", -1, 0, 0 },
	{ "off", 0, 0, 0 },
	{ "1", 1, 1, 1 },
	{ "2", 2, 2, 3 },
	{ "3", 3, 2, 3 },
	{ "4", 4, 3, 7 },
	{ "30", 30, 5, 31 },
	{ "127", 127, 7, 127 },
	{ "128", 128, 8, 247 },
	{ "an hour", 3600, 36, 3607 },
	{ "most", 2147483647, 255, 29887 },
};

TTP_CASES(secs, secs);

static void defer_secs__table(struct kunit *test)
{
	const struct secs_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, (u32)ttp_defer_from_secs(c->secs), c->timeouts);
	KUNIT_EXPECT_EQ(test, ttp_defer_to_secs(c->timeouts), c->back);
}

/* What is told can be set again without being rounded further. */
static void defer_secs__stable(struct kunit *test)
{
	u32 n;

	for (n = 0; n < 256; n++)
		KUNIT_EXPECT_EQ(test,
				(u32)ttp_defer_from_secs(ttp_defer_to_secs(n)),
				n);
}

static struct kunit_case synack_cases[] = {
	KUNIT_CASE_PARAM(synack_expired__table, step_gen_params),
	KUNIT_CASE_PARAM(synack_defers__table, ack_gen_params),
	KUNIT_CASE_PARAM(defer_secs__table, secs_gen_params),
	KUNIT_CASE(defer_secs__stable),
	{}
};

struct kunit_suite ttp_synack_suite = {
	.name = "ttp_synack",
	.test_cases = synack_cases,
};
