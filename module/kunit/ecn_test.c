// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/ecn.c: who uses ECN, and what is said of marks.
 */
#include "cases.h"
#include "../core/ecn.c"

#define ECE	TTP_ECE
#define CWR	TTP_CWR
#define SYN	TTP_SYN
#define ACK	TTP_ACK

static void ecn_may_ask__policies(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, ttp_ecn_may_ask(0, false));
	KUNIT_EXPECT_TRUE(test, ttp_ecn_may_ask(1, false));
	KUNIT_EXPECT_FALSE(test, ttp_ecn_may_ask(2, false));
	KUNIT_EXPECT_TRUE(test, ttp_ecn_may_ask(0, true));
	KUNIT_EXPECT_TRUE(test, ttp_ecn_may_ask(2, true));
}

struct ecn_agree_case {
	const char *name;
	u32 policy;
	bool route;
	u8 flags;
	u8 ip;
	bool ok;
};

static const struct ecn_agree_case ecn_agree_rows[] = {
	{ "asked, by default", 2, false, SYN | ECE | CWR, 0, true },
	{ "asked, and would ask", 1, false, SYN | ECE | CWR, 0, true },
	{ "asked, never", 0, false, SYN | ECE | CWR, 0, false },
	{ "asked, never but by this route", 0, true, SYN | ECE | CWR, 0, true },
	{ "not asked", 2, false, SYN, 0, false },
	{ "not asked, by this route", 1, true, SYN, 0, false },
	{ "ECE alone", 2, false, SYN | ECE, 0, false },
	{ "CWR alone", 2, false, SYN | CWR, 0, false },
	{ "a SYN that is ECT(0)", 2, false, SYN | ECE | CWR, 2, false },
	{ "a SYN that is ECT(1)", 2, false, SYN | ECE | CWR, 1, false },
	{ "a SYN that is marked", 1, true, SYN | ECE | CWR, 3, false },
};

TTP_CASES(ecn_agree, ecn_agree_rows);

static void ecn_may_agree__table(struct kunit *test)
{
	const struct ecn_agree_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_ecn_may_agree(c->policy, c->route, c->flags,
						c->ip), c->ok);
}

struct ecn_answer_case {
	const char *name;
	u8 flags;
	bool syn;		/* agreed if in a SYN */
	bool synack;		/* or in a SYN+ACK */
};

static const struct ecn_answer_case ecn_answer_rows[] = {
	{ "neither", 0, false, false },
	{ "ECE", ECE, false, true },
	{ "CWR", CWR, false, false },
	{ "both", ECE | CWR, true, false },
};

TTP_CASES(ecn_answer, ecn_answer_rows);

static void ecn_on_syn__table(struct kunit *test)
{
	const struct ecn_answer_case *c = test->param_value;
	struct ttp_ecn e = { .ok = true };

	ttp_ecn_on_syn(&e, SYN | c->flags);
	KUNIT_EXPECT_EQ(test, e.ok, c->syn);
	e.ok = true;
	ttp_ecn_on_synack(&e, SYN | ACK | c->flags);
	KUNIT_EXPECT_EQ(test, e.ok, c->synack);
	/* Who has not asked is not persuaded. */
	e.ok = false;
	ttp_ecn_on_syn(&e, SYN | c->flags);
	ttp_ecn_on_synack(&e, SYN | ACK | c->flags);
	KUNIT_EXPECT_FALSE(test, e.ok);
}

struct ecn_flags_case {
	const char *name;
	bool ok;
	bool echo;
	u8 flags;
	bool plain;
	u8 want;
};

static const struct ecn_flags_case ecn_flags_rows[] = {
	{ "SYN", true, false, SYN, false, ECE | CWR },
	{ "SYN again, plain", true, false, SYN, true, 0 },
	{ "SYN without", false, false, SYN, false, 0 },
	{ "SYN+ACK", true, false, SYN | ACK, false, ECE },
	{ "SYN+ACK again", true, false, SYN | ACK, true, ECE },
	{ "SYN+ACK without", false, false, SYN | ACK, false, 0 },
	{ "ACK", true, false, ACK, false, 0 },
	{ "ACK after a mark", true, true, ACK, false, ECE },
	{ "FIN after a mark", true, true, TTP_FIN | ACK, false, ECE },
	{ "RST after a mark", true, true, TTP_RST | ACK, false, 0 },
	{ "ACK, nothing agreed", false, true, ACK, false, 0 },
};

TTP_CASES(ecn_flags, ecn_flags_rows);

static void ecn_flags__table(struct kunit *test)
{
	const struct ecn_flags_case *c = test->param_value;
	struct ttp_ecn e = { .ok = c->ok, .echo = c->echo };

	KUNIT_EXPECT_EQ(test, ttp_ecn_flags(&e, c->flags, c->plain), c->want);
}

static void ecn_echo__until_cwr(struct kunit *test)
{
	struct ttp_ecn e = { .ok = true };

	KUNIT_EXPECT_FALSE(test, ttp_ecn_on_data(&e, TTP_IP_ECT0));
	KUNIT_EXPECT_TRUE(test, e.seen);
	KUNIT_EXPECT_TRUE(test, ttp_ecn_on_data(&e, TTP_IP_CE));
	KUNIT_EXPECT_TRUE(test, e.echo);
	/* Once at once: the sender reduces once per window. */
	KUNIT_EXPECT_FALSE(test, ttp_ecn_on_data(&e, TTP_IP_CE));
	KUNIT_EXPECT_FALSE(test, ttp_ecn_on_data(&e, TTP_IP_ECT1));
	KUNIT_EXPECT_FALSE(test, ttp_ecn_on_cwr(&e, ACK));
	KUNIT_EXPECT_TRUE(test, e.echo);
	KUNIT_EXPECT_TRUE(test, ttp_ecn_on_cwr(&e, ACK | CWR));
	KUNIT_EXPECT_FALSE(test, e.echo);
	/* A mark on the segment that brings CWR is a new one. */
	KUNIT_EXPECT_TRUE(test, ttp_ecn_on_data(&e, TTP_IP_CE));
	KUNIT_EXPECT_TRUE(test, e.echo);
}

static void ecn_on_data__not_ect(struct kunit *test)
{
	struct ttp_ecn e = { .ok = true }, none = {};

	KUNIT_EXPECT_FALSE(test, ttp_ecn_on_data(&e, TTP_IP_NOT_ECT));
	KUNIT_EXPECT_FALSE(test, e.seen);
	ttp_ecn_on_data(&e, TTP_IP_ECT1);
	KUNIT_EXPECT_TRUE(test, ttp_ecn_on_data(&e, TTP_IP_NOT_ECT));
	KUNIT_EXPECT_FALSE(test, e.echo);
	/* Not agreed: marks mean nothing. */
	KUNIT_EXPECT_FALSE(test, ttp_ecn_on_data(&none, TTP_IP_CE));
	KUNIT_EXPECT_FALSE(test, none.echo || none.seen);
	KUNIT_EXPECT_FALSE(test, ttp_ecn_on_cwr(&none, ACK | CWR));
}

static void ecn_on_ack__echo(struct kunit *test)
{
	struct ttp_ecn e = { .ok = true }, none = {};

	KUNIT_EXPECT_TRUE(test, ttp_ecn_on_ack(&e, ACK | ECE));
	KUNIT_EXPECT_TRUE(test, ttp_ecn_on_ack(&e, ACK | ECE | CWR));
	KUNIT_EXPECT_FALSE(test, ttp_ecn_on_ack(&e, ACK));
	KUNIT_EXPECT_FALSE(test, ttp_ecn_on_ack(&e, SYN | ACK | ECE));
	KUNIT_EXPECT_FALSE(test, ttp_ecn_on_ack(&none, ACK | ECE));
}

static void ecn_reduced__told_once(struct kunit *test)
{
	struct ttp_ecn e = { .ok = true }, none = {};

	KUNIT_EXPECT_FALSE(test, ttp_ecn_take_cwr(&e));
	ttp_ecn_reduced(&e);
	KUNIT_EXPECT_TRUE(test, ttp_ecn_take_cwr(&e));
	KUNIT_EXPECT_FALSE(test, ttp_ecn_take_cwr(&e));
	ttp_ecn_reduced(&e);
	ttp_ecn_undo(&e);
	KUNIT_EXPECT_FALSE(test, ttp_ecn_take_cwr(&e));
	ttp_ecn_reduced(&none);
	KUNIT_EXPECT_FALSE(test, ttp_ecn_take_cwr(&none));
}

static void ecn_ip__new_data_only(struct kunit *test)
{
	struct ttp_ecn e = { .ok = true }, none = {};

	KUNIT_EXPECT_EQ(test, ttp_ecn_ip(&e, false), 2);
	KUNIT_EXPECT_EQ(test, ttp_ecn_ip(&e, true), 0);
	KUNIT_EXPECT_EQ(test, ttp_ecn_ip(&none, false), 0);
}

static struct kunit_case ecn_cases[] = {
	KUNIT_CASE(ecn_may_ask__policies),
	KUNIT_CASE_PARAM(ecn_may_agree__table, ecn_agree_gen_params),
	KUNIT_CASE_PARAM(ecn_on_syn__table, ecn_answer_gen_params),
	KUNIT_CASE_PARAM(ecn_flags__table, ecn_flags_gen_params),
	KUNIT_CASE(ecn_echo__until_cwr),
	KUNIT_CASE(ecn_on_data__not_ect),
	KUNIT_CASE(ecn_on_ack__echo),
	KUNIT_CASE(ecn_reduced__told_once),
	KUNIT_CASE(ecn_ip__new_data_only),
	{}
};

struct kunit_suite ttp_ecn_suite = {
	.name = "ttp_ecn",
	.test_cases = ecn_cases,
};
