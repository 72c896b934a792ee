// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/recovery.c: what begins and ends an episode, and F-RTO.
 * Mistakes are in undo_test.c.
 */
#include "cases.h"
#include "../core/recovery.c"
#include "recovery_cases.h"

struct enter_case {
	const char *name;
	u32 state;
	bool sack;
	u32 sacked, lost;
	bool lost_retrans;
	s32 high;		/* high_seq - snd_una */
	u32 react, after;
};

#define NEWLY	(TTP_REACT_ENTERED | TTP_REACT_REDUCE)

static const struct enter_case enter_rows[] = {
	{ "nothing", TTP_REC_DISORDER, true, 0, 0, false, -1, 0, TTP_REC_OPEN },
	{ "SACKs only", TTP_REC_OPEN, true, 9, 0, false, -1, 0, TTP_REC_DISORDER },
	{ "a loss", TTP_REC_OPEN, true, 0, 1, false, -1, NEWLY, TTP_REC_RECOVERY },
	{ "a loss before high_seq", TTP_REC_DISORDER, true, 1, 1, false, 500,
	  NEWLY, TTP_REC_RECOVERY },
	{ "a loss in CWR has been paid for", TTP_REC_CWR, true, 0, 1, false, 500,
	  TTP_REACT_ENTERED, TTP_REC_RECOVERY },
	{ "CWR goes on", TTP_REC_CWR, true, 2, 0, false, 500, 0, TTP_REC_CWR },
	{ "more losses", TTP_REC_RECOVERY, true, 2, 4, true, 500, 0,
	  TTP_REC_RECOVERY },
	{ "after a timeout all are lost", TTP_REC_LOSS, true, 0, 9, false, 500, 0,
	  TTP_REC_LOSS },
	{ "after a timeout, a repetition is lost", TTP_REC_LOSS, true, 0, 9, true,
	  500, NEWLY, TTP_REC_RECOVERY },
	{ "two duplicates", TTP_REC_DISORDER, false, 2, 0, false, -1, 0,
	  TTP_REC_DISORDER },
	{ "three duplicates", TTP_REC_DISORDER, false, 3, 0, false, -1,
	  NEWLY | TTP_REACT_HEAD_LOST, TTP_REC_RECOVERY },
	{ "RFC 6582 3.2: three of our own making", TTP_REC_DISORDER, false, 3, 0,
	  false, 0, 0, TTP_REC_DISORDER },
	{ "three duplicates in CWR", TTP_REC_CWR, false, 3, 0, false, -1,
	  TTP_REACT_ENTERED | TTP_REACT_HEAD_LOST, TTP_REC_RECOVERY },
	{ "three duplicates within the window of CWR", TTP_REC_CWR, false, 3, 0,
	  false, 5, TTP_REACT_ENTERED | TTP_REACT_HEAD_LOST, TTP_REC_RECOVERY },
};

TTP_CASES(enter, enter_rows);

static void recovery_on_losses__table(struct kunit *test)
{
	const struct enter_case *c = test->param_value;
	struct ttp_rec_event e = event(c->sack);
	struct ttp_recovery r = ten_out();

	r.state = c->state;
	r.may_undo = true;	/* from an episode before */
	r.high_seq = UNA + c->high;
	e.sacked_out = c->sacked;
	e.lost_out = c->lost;
	e.lost_retrans = c->lost_retrans;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_losses(&r, &e), c->react);
	KUNIT_EXPECT_EQ(test, r.state, c->after);
	if (c->react) {
		KUNIT_EXPECT_EQ(test, r.high_seq, NXT);
		/* only a loss without any reason before can be a mistake */
		KUNIT_EXPECT_EQ(test, r.may_undo, c->state <= TTP_REC_DISORDER);
	}
}

static void recovery_on_losses__duplicates_wanted(struct kunit *test)
{
	struct ttp_rec_event e = event(false);
	struct ttp_recovery r = ten_out();

	r.dupthresh = 5;
	r.high_seq = UNA - 1;
	e.sacked_out = 4;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_losses(&r, &e), 0u);
	e.sacked_out = 5;
	KUNIT_EXPECT_NE(test, ttp_recovery_on_losses(&r, &e), 0u);
}

static void recovery_on_losses__first_window(struct kunit *test)
{
	struct ttp_recovery r = recovering(false);

	/* una is ISS + 1, beyond the initial high_seq */
	KUNIT_EXPECT_EQ(test, r.state, TTP_REC_RECOVERY);
}

#define OVER	(TTP_REACT_DONE | TTP_REACT_REPAIRED)

struct ack_case {
	const char *name;
	u32 state;
	bool sack;
	s32 high;		/* high_seq - snd_una, after the ACK */
	u32 sacked, lost;
	bool advanced;
	u32 react, after;
};

static const struct ack_case ack_rows[] = {
	{ "all well", TTP_REC_OPEN, true, -1, 0, 0, true, 0, TTP_REC_OPEN },
	{ "a first SACK", TTP_REC_OPEN, true, -1, 1, 0, false, 0, TTP_REC_DISORDER },
	{ "the last hole", TTP_REC_DISORDER, true, -1, 0, 0, true, 0, TTP_REC_OPEN },
	/* RFC 3168 6.1.2 */
	{ "CWR, its last byte", TTP_REC_CWR, true, 0, 0, 0, true, 0, TTP_REC_CWR },
	{ "CWR, beyond", TTP_REC_CWR, true, -1, 0, 0, true, TTP_REACT_DONE,
	  TTP_REC_OPEN },
	{ "CWR, beyond, with a hole", TTP_REC_CWR, true, -1, 2, 0, true,
	  TTP_REACT_DONE, TTP_REC_DISORDER },
	{ "recovery, partial ACK", TTP_REC_RECOVERY, true, 1, 2, 1, true, 0,
	  TTP_REC_RECOVERY },
	{ "recovery, its last byte", TTP_REC_RECOVERY, true, 0, 0, 0, true,
	  OVER, TTP_REC_OPEN },
	{ "recovery, more is lost behind it", TTP_REC_RECOVERY, true, 0, 2, 1,
	  true, OVER, TTP_REC_DISORDER },
	{ "recovery, no SACK, duplicate", TTP_REC_RECOVERY, false, 900, 4, 1,
	  false, 0, TTP_REC_RECOVERY },
	{ "recovery, no SACK, partial ACK", TTP_REC_RECOVERY, false, 1, 4, 0,
	  true, TTP_REACT_HEAD_LOST, TTP_REC_RECOVERY },
	{ "recovery, no SACK, full ACK", TTP_REC_RECOVERY, false, 0, 0, 0, true,
	  OVER, TTP_REC_OPEN },
	{ "recovery, only a loss is left", TTP_REC_RECOVERY, true, 0, 0, 1, true,
	  OVER, TTP_REC_DISORDER },
	{ "timeout, partial ACK", TTP_REC_LOSS, true, 1, 0, 5, true, 0,
	  TTP_REC_LOSS },
	{ "timeout, full ACK", TTP_REC_LOSS, true, 0, 0, 0, true, OVER,
	  TTP_REC_OPEN },
};

TTP_CASES(ack, ack_rows);

static void recovery_on_ack__table(struct kunit *test)
{
	const struct ack_case *c = test->param_value;
	struct ttp_recovery r = ten_out();
	struct ttp_rec_ack a = {
		.snd_una = UNA + 300, .sacked_out = c->sacked, .sack_ok = c->sack,
		.lost_out = c->lost, .advanced = c->advanced,
		.dup = !c->advanced,
	};

	r.state = c->state;
	r.high_seq = a.snd_una + c->high;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), c->react);
	KUNIT_EXPECT_EQ(test, r.state, c->after);
}

/* However much went well since: high_seq does not seem to lie ahead. */
static void recovery_on_ack__high_seq_does_not_wrap(struct kunit *test)
{
	struct ttp_rec_ack a = { .snd_una = UNA, .advanced = true };
	struct ttp_recovery r = ten_out();
	struct ttp_rec_event e = event(false);
	u32 i;

	for (i = 0; i < 100; i++) {
		a.snd_una += 0x2fffffffu;
		ttp_recovery_on_ack(&r, &a);
		e.snd_una = a.snd_una;
		KUNIT_ASSERT_TRUE_MSG(test, is_lost(&r, &e), "step %u", i);
	}
}

static void recovery_on_congestion__once_per_window(struct kunit *test)
{
	struct ttp_rec_event e = event(true);
	struct ttp_recovery r = ten_out();

	KUNIT_EXPECT_EQ(test, ttp_recovery_on_congestion(&r, &e),
			TTP_REACT_REDUCE);
	KUNIT_EXPECT_EQ(test, r.state, TTP_REC_CWR);
	KUNIT_EXPECT_EQ(test, r.high_seq, NXT);
	KUNIT_EXPECT_FALSE(test, r.may_undo);
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_congestion(&r, &e), 0u);
	r = recovering(true);
	KUNIT_EXPECT_TRUE(test, r.may_undo);
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_congestion(&r, &e), 0u);
	KUNIT_EXPECT_EQ(test, r.state, TTP_REC_RECOVERY);
	/* and that was no mistake */
	KUNIT_EXPECT_FALSE(test, r.may_undo);
}

/* RFC 8985 7.4.2: paid, and over; unless the window is paying already. */
static void recovery_on_repaired__table(struct kunit *test)
{
	struct ttp_recovery r;
	u32 state;

	for (state = TTP_REC_OPEN; state <= TTP_REC_LOSS; state++) {
		r = ten_out();
		r.state = state;
		r.may_undo = true;
		KUNIT_EXPECT_EQ(test, ttp_recovery_on_repaired(&r),
				state > TTP_REC_DISORDER ? 0u :
				TTP_REACT_REDUCE | TTP_REACT_DONE);
		KUNIT_EXPECT_EQ(test, r.state, state);
		KUNIT_EXPECT_EQ(test, r.may_undo, state > TTP_REC_DISORDER);
	}
}

/* What was too large is repeated until snd_nxt, and nothing is paid. */
static void recovery_on_mtu__free(struct kunit *test)
{
	struct ttp_rec_ack a = {
		.snd_una = NXT - 1, .sack_ok = true, .advanced = true,
		.orig = true, .has_ts = true, .tsecr = 1, .can_send_new = true,
	};
	struct ttp_rec_event e = event(true);
	struct ttp_recovery r = ten_out();

	ttp_recovery_on_mtu(&r, &e);
	KUNIT_EXPECT_EQ(test, r.state, TTP_REC_LOSS);
	ttp_recovery_on_retrans(&r, UNA, UNA + 100, 1, 50, true);
	/* nothing to undo, nothing to listen for */
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), 0u);
	e.lost_out = 9;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_losses(&r, &e), 0u);
	a.snd_una = NXT;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), OVER);
	KUNIT_EXPECT_EQ(test, r.state, TTP_REC_OPEN);
	/* a recovery goes on as it was */
	r = recovering(true);
	ttp_recovery_on_mtu(&r, &e);
	KUNIT_EXPECT_EQ(test, r.state, TTP_REC_RECOVERY);
	KUNIT_EXPECT_TRUE(test, r.may_undo);
}

struct rto_case {
	const char *name;
	u32 state;
	s32 high;		/* high_seq - snd_una */
	bool again;
	u32 react;
	enum ttp_frto frto;
	bool may_undo;
	enum ttp_frto was;	/* before */
};

static const struct rto_case rto_rows[] = {
	{ "the first", TTP_REC_OPEN, -1, false, TTP_REACT_REDUCE, TTP_FRTO_WAIT,
	  true },
	{ "from DISORDER", TTP_REC_DISORDER, -1, false, TTP_REACT_REDUCE,
	  TTP_FRTO_WAIT, true },
	{ "from CWR: paid", TTP_REC_CWR, 1, false, 0, TTP_FRTO_WAIT, false },
	/* RFC 5682 2.1 step 1 */
	{ "from recovery: paid, no F-RTO", TTP_REC_RECOVERY, 1, false, 0,
	  TTP_FRTO_OFF, false },
	/* RFC 5681 3.1 */
	{ "the same segment again", TTP_REC_LOSS, 1, true, 0, TTP_FRTO_WAIT, true,
	  TTP_FRTO_WAIT },
	/* RFC 5682 2.1 step 1: the timeout before listened no longer, or never */
	{ "again, after a duplicate", TTP_REC_LOSS, 1, true, 0, TTP_FRTO_OFF, true },
	{ "after some progress", TTP_REC_LOSS, 1, false, TTP_REACT_REDUCE,
	  TTP_FRTO_OFF, true },
};

TTP_CASES(rto, rto_rows);

static void recovery_on_rto__table(struct kunit *test)
{
	const struct rto_case *c = test->param_value;
	struct ttp_rec_event e = event(true);
	struct ttp_recovery r = ten_out();

	r.state = c->state;
	r.high_seq = UNA + c->high;
	r.may_undo = true;
	r.frto = c->was;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_rto(&r, &e, c->again), c->react);
	KUNIT_EXPECT_EQ(test, r.state, TTP_REC_LOSS);
	KUNIT_EXPECT_EQ(test, r.high_seq, NXT);
	KUNIT_EXPECT_EQ(test, r.frto, c->frto);
	KUNIT_EXPECT_EQ(test, r.may_undo, c->may_undo);
	KUNIT_EXPECT_TRUE(test, ttp_recovery_active(&r));
	KUNIT_EXPECT_FALSE(test, ttp_recovery_reducing(&r));
}

/* One ACK after a timeout with high_seq at 1000 and segment 0 repeated. */
struct frto_step {
	u32 una;		/* from UNA; 0 and no sacks ends the list */
	bool dup, orig, again, beyond, can_send;
	u32 react;
	enum ttp_frto frto;
};

struct frto_case {
	const char *name;
	bool sack;
	struct frto_step step[3];
};

#define SPURIOUS	TTP_REACT_UNDO
#define NEW		TTP_REACT_SEND_NEW

static const struct frto_case frto_rows[] = {
	{ "SACK, spurious", true,
	  { { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 200, .orig = true, .react = SPURIOUS } } },
	{ "SACK, spurious, a hole in between", true,
	  { { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 100, .dup = true, .orig = true, .react = SPURIOUS } } },
	{ "SACK, true: the new data arrives first", true,
	  { { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 100, .dup = true, .beyond = true },
	    { 200, .orig = true } } },
	{ "SACK, true: old and new together tell nothing", true,
	  { { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 200, .orig = true, .beyond = true } } },
	{ "SACK, duplicates before the first ACK", true,
	  { { 0, .dup = true, .orig = true, .frto = TTP_FRTO_WAIT },
	    { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 200, .orig = true, .react = SPURIOUS } } },
	{ "SACK, a window update says nothing", true,
	  { { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 100, .frto = TTP_FRTO_SENT },
	    { 200, .orig = true, .react = SPURIOUS } } },
	{ "SACK, a duplicate that reports nothing", true,
	  { { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 100, .dup = true },
	    { 200, .orig = true } } },
	{ "SACK, a duplicate that reports a repetition", true,
	  { { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 100, .dup = true, .again = true, .frto = TTP_FRTO_SENT } } },
	{ "RFC 5682 2.2: a part of what was repeated", false,
	  { { 50, .can_send = true }, { 200, .orig = true, .again = true } } },
	{ "SACK, a part of what was repeated", true,
	  { { 50, .can_send = true }, { 200, .orig = true, .again = true } } },
	{ "nothing new to send", true,
	  { { 100, .again = true }, { 200, .orig = true } } },
	{ "the first ACK is for everything", true,
	  { { 1000, .again = true, .orig = true, .can_send = true,
	      .react = OVER } } },
	{ "no SACK, spurious", false,
	  { { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 200, .orig = true, .react = SPURIOUS } } },
	{ "no SACK, the first ACK is a duplicate", false,
	  { { 0, .dup = true, .can_send = true },
	    { 100, .again = true, .can_send = true } } },
	{ "no SACK, the second ACK is a duplicate", false,
	  { { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 100, .dup = true }, { 200, .orig = true } } },
	{ "no SACK, across a repetition", false,
	  { { 100, .again = true, .can_send = true, .react = NEW,
	      .frto = TTP_FRTO_SENT },
	    { 300, .orig = true, .again = true, .frto = TTP_FRTO_SENT } } },
};

TTP_CASES(frto, frto_rows);

static void recovery_frto__table(struct kunit *test)
{
	const struct frto_case *c = test->param_value;
	struct ttp_recovery r = timed_out(c->sack);
	u32 last = 0, i;

	for (i = 0; i < 3; i++) {
		const struct frto_step *f = &c->step[i];
		struct ttp_rec_ack a = {
			.snd_una = UNA + f->una, .lost_out = 3,
			.sack_ok = c->sack, .advanced = f->una > last,
			.dup = f->dup, .orig = f->orig, .again = f->again,
			.beyond = f->beyond, .can_send_new = f->can_send,
		};

		if (!f->una && !f->dup)
			break;
		KUNIT_EXPECT_EQ_MSG(test, ttp_recovery_on_ack(&r, &a), f->react,
				    "step %u", i);
		KUNIT_EXPECT_EQ_MSG(test, (u32)r.frto, (u32)f->frto, "step %u", i);
		KUNIT_EXPECT_EQ_MSG(test, ttp_recovery_may_repeat(&r),
				    f->frto != TTP_FRTO_SENT, "step %u", i);
		/* Undone, nothing is lost any more; else three still are. */
		if (f->react & SPURIOUS)
			KUNIT_EXPECT_EQ(test, r.state, TTP_REC_OPEN);
		else if (f->react & TTP_REACT_DONE)
			KUNIT_EXPECT_EQ(test, r.state, TTP_REC_DISORDER);
		else
			KUNIT_EXPECT_EQ(test, r.state, TTP_REC_LOSS);
		last = f->una;
	}
}

static void recovery_frto__not_without_undo(struct kunit *test)
{
	struct ttp_recovery r = timed_out(true);
	struct ttp_rec_ack a = {
		.snd_una = UNA + 200, .sack_ok = true, .advanced = true,
		.orig = true,
	};

	r.frto = TTP_FRTO_SENT;
	r.may_undo = false;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), 0u);
}

struct at_case {
	const char *name;
	u32 waited, segs;
	u32 from_now;
};

/* RFC 7765 4, RTO 300 */
static const struct at_case at_rows[] = {
	{ "many in flight", 100, 4, 300 },
	{ "few", 100, 3, 200 },
	{ "one, sent just now", 0, 1, 300 },
	{ "few, nearly over", 299, 1, 1 },
	{ "few, over: as always", 300, 1, 300 },
};

TTP_CASES(at, at_rows);

static void recovery_rto_at__table(struct kunit *test)
{
	const struct at_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_recovery_rto_at(5000, 300, 5000 - c->waited,
						  c->segs), 5000 + c->from_now);
}

static struct kunit_case recovery_cases[] = {
	KUNIT_CASE_PARAM(recovery_on_losses__table, enter_gen_params),
	KUNIT_CASE(recovery_on_losses__duplicates_wanted),
	KUNIT_CASE(recovery_on_losses__first_window),
	KUNIT_CASE_PARAM(recovery_on_ack__table, ack_gen_params),
	KUNIT_CASE(recovery_on_ack__high_seq_does_not_wrap),
	KUNIT_CASE(recovery_on_congestion__once_per_window),
	KUNIT_CASE(recovery_on_repaired__table),
	KUNIT_CASE(recovery_on_mtu__free),
	KUNIT_CASE_PARAM(recovery_on_rto__table, rto_gen_params),
	KUNIT_CASE_PARAM(recovery_frto__table, frto_gen_params),
	KUNIT_CASE(recovery_frto__not_without_undo),
	KUNIT_CASE_PARAM(recovery_rto_at__table, at_gen_params),
	{}
};

struct kunit_suite ttp_recovery_suite = {
	.name = "ttp_recovery",
	.test_cases = recovery_cases,
};
