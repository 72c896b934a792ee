// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/tlp.c, section by section of RFC 8985 7.
 */
#include "cases.h"
#include "../core/tlp.c"

#define MS	1000u
#define END	100u		/* a bit behind the wrap */

struct pto_case {
	const char *name;
	u32 srtt, packets, rto_left;
	u32 pto;
};

/* 7.2 */
static const struct pto_case pto_rows[] = {
	{ "twice the round trip", 50 * MS, 2, 1000 * MS, 100 * MS },
	{ "alone: and a delayed ACK", 50 * MS, 1, 1000 * MS, 300 * MS },
	{ "no sample: 1 s", 0, 2, 2000 * MS, 1000 * MS },
	{ "no sample, alone: 1 s", 0, 1, 2000 * MS, 1000 * MS },
	{ "not after the timeout", 50 * MS, 2, 99 * MS, 99 * MS },
	{ "no sample: not after the timeout", 0, 2, 999 * MS, 999 * MS },
	{ "very slow", 0xf0000000u, 1, ~0u, ~0u },
};

TTP_CASES(pto, pto_rows);

static void tlp_pto__table(struct kunit *test)
{
	const struct pto_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_tlp_pto(c->srtt, c->packets, c->rto_left),
			c->pto);
}

static void tlp_may_arm__rfc8985_7_2(struct kunit *test)
{
	struct ttp_tlp t;

	ttp_tlp_init(&t);
	KUNIT_EXPECT_TRUE(test, ttp_tlp_may_arm(&t, true, 1, 0, false));
	KUNIT_EXPECT_FALSE(test, ttp_tlp_may_arm(&t, false, 1, 0, false));
	KUNIT_EXPECT_FALSE(test, ttp_tlp_may_arm(&t, true, 0, 0, false));
	KUNIT_EXPECT_FALSE(test, ttp_tlp_may_arm(&t, true, 2, 1, false));
	KUNIT_EXPECT_FALSE(test, ttp_tlp_may_arm(&t, true, 1, 0, true));
}

/* 7.3 */
static void tlp_on_timer__new_data_or_the_last(struct kunit *test)
{
	struct ttp_tlp t;

	ttp_tlp_init(&t);
	KUNIT_EXPECT_EQ(test, ttp_tlp_on_timer(&t, true, true), TTP_TLP_NEW);
	KUNIT_EXPECT_EQ(test, ttp_tlp_on_timer(&t, true, false), TTP_TLP_LAST);
	KUNIT_EXPECT_EQ(test, ttp_tlp_on_timer(&t, false, true), TTP_TLP_NONE);
}

static void tlp_on_timer__one_at_a_time(struct kunit *test)
{
	struct ttp_tlp t;

	ttp_tlp_init(&t);
	ttp_tlp_sent(&t, END, TTP_TLP_NEW);
	ttp_tlp_on_rtt(&t);
	KUNIT_EXPECT_FALSE(test, ttp_tlp_may_arm(&t, true, 1, 0, false));
	ttp_tlp_reset(&t);
	KUNIT_EXPECT_TRUE(test, ttp_tlp_may_arm(&t, true, 1, 0, false));
	KUNIT_EXPECT_EQ(test, ttp_tlp_on_timer(&t, true, true), TTP_TLP_NEW);
}

static void tlp_on_timer__needs_a_sample_between(struct kunit *test)
{
	struct ttp_tlp_ack a = { .ack = END };
	struct ttp_tlp t;

	ttp_tlp_init(&t);
	ttp_tlp_sent(&t, END, TTP_TLP_NEW);
	KUNIT_EXPECT_FALSE(test, ttp_tlp_on_ack(&t, &a));
	KUNIT_EXPECT_EQ(test, ttp_tlp_on_timer(&t, true, true), TTP_TLP_NONE);
	ttp_tlp_on_rtt(&t);
	KUNIT_EXPECT_EQ(test, ttp_tlp_on_timer(&t, true, true), TTP_TLP_NEW);
}

struct ack_case {
	const char *name;
	enum ttp_tlp_probe probe;	/* NONE: none was sent */
	struct ttp_tlp_ack a;		/* numbers from END */
	bool loss;
	bool out;			/* afterwards */
};

/* 7.4.2 */
static const struct ack_case ack_rows[] = {
	{ "no probe", TTP_TLP_NONE, { .ack = 1 }, false, false },
	{ "new data, not there yet", TTP_TLP_NEW, { .ack = -1 }, false, true },
	{ "new data is there", TTP_TLP_NEW, { .ack = 0 }, false, false },
	{ "new data and more", TTP_TLP_NEW, { .ack = 500 }, false, false },
	{ "again, not there yet", TTP_TLP_LAST, { .ack = -1 }, false, true },
	{ "again: a duplicate of something else", TTP_TLP_LAST,
	  { .ack = -1, .dup_end = 0, .dsack = true }, false, true },
	{ "again: there, from which of the two?", TTP_TLP_LAST, { .ack = 0 },
	  false, true },
	{ "again: both came, D-SACK", TTP_TLP_LAST,
	  { .ack = 0, .dup_end = 0, .dsack = true }, false, false },
	{ "again: both came, D-SACK and more", TTP_TLP_LAST,
	  { .ack = 500, .dup_end = 0, .dsack = true }, false, false },
	{ "again: both came, without SACK", TTP_TLP_LAST,
	  { .ack = 0, .bare_dup = true }, false, false },
	{ "again: D-SACK of another", TTP_TLP_LAST,
	  { .ack = 0, .dup_end = -300, .dsack = true }, false, true },
	{ "again: it was needed", TTP_TLP_LAST, { .ack = 1 }, true, false },
	{ "again: needed, and a D-SACK of another", TTP_TLP_LAST,
	  { .ack = 1, .dup_end = -300, .dsack = true }, true, false },
};

TTP_CASES(ack_row, ack_rows);

static void tlp_on_ack__table(struct kunit *test)
{
	const struct ack_case *c = test->param_value;
	struct ttp_tlp_ack a = c->a;
	struct ttp_tlp t;

	ttp_tlp_init(&t);
	if (c->probe)
		ttp_tlp_sent(&t, END, c->probe);
	a.ack += END;
	a.dup_end += END;
	KUNIT_EXPECT_EQ(test, ttp_tlp_on_ack(&t, &a), c->loss);
	KUNIT_EXPECT_EQ(test, t.out, c->out);
}

static void tlp_on_ack__the_second_tells(struct kunit *test)
{
	struct ttp_tlp_ack a = { .ack = END };
	struct ttp_tlp t;

	ttp_tlp_init(&t);
	ttp_tlp_sent(&t, END, TTP_TLP_LAST);
	KUNIT_EXPECT_FALSE(test, ttp_tlp_on_ack(&t, &a));
	a.ack = END + 1;
	KUNIT_EXPECT_TRUE(test, ttp_tlp_on_ack(&t, &a));
	KUNIT_EXPECT_FALSE(test, ttp_tlp_on_ack(&t, &a));
}

static void tlp_is_dsack__only_of_the_probe(struct kunit *test)
{
	struct ttp_tlp_ack a = { };
	struct ttp_tlp t;

	ttp_tlp_init(&t);
	KUNIT_EXPECT_FALSE(test, ttp_tlp_is_dsack(&t, 0));
	ttp_tlp_sent(&t, END, TTP_TLP_NEW);
	KUNIT_EXPECT_FALSE(test, ttp_tlp_is_dsack(&t, END));
	ttp_tlp_sent(&t, END, TTP_TLP_LAST);
	KUNIT_EXPECT_TRUE(test, ttp_tlp_is_dsack(&t, END));
	KUNIT_EXPECT_FALSE(test, ttp_tlp_is_dsack(&t, END - 1));
	/* answered: whatever comes now has another reason */
	a.ack = END + 1;
	KUNIT_EXPECT_TRUE(test, ttp_tlp_on_ack(&t, &a));
	KUNIT_EXPECT_FALSE(test, ttp_tlp_is_dsack(&t, END));
}

static struct kunit_case tlp_cases[] = {
	KUNIT_CASE_PARAM(tlp_pto__table, pto_gen_params),
	KUNIT_CASE(tlp_may_arm__rfc8985_7_2),
	KUNIT_CASE(tlp_on_timer__new_data_or_the_last),
	KUNIT_CASE(tlp_on_timer__one_at_a_time),
	KUNIT_CASE(tlp_on_timer__needs_a_sample_between),
	KUNIT_CASE_PARAM(tlp_on_ack__table, ack_row_gen_params),
	KUNIT_CASE(tlp_on_ack__the_second_tells),
	KUNIT_CASE(tlp_is_dsack__only_of_the_probe),
	{}
};

struct kunit_suite ttp_tlp_suite = {
	.name = "ttp_tlp",
	.test_cases = tlp_cases,
};
