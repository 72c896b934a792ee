// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests how core/recovery.c learns that there was nothing to recover:
 * Eifel (RFC 3522), D-SACK (RFC 3708), and losses that arrive.
 */
#include "cases.h"
#include "recovery_cases.h"

struct eifel_case {
	const char *name;
	bool has_ts, advanced;
	s32 echo;		/* tsecr - that of the first repetition */
	u32 react;		/* in fast recovery */
};

/* RFC 3522 */
static const struct eifel_case eifel_rows[] = {
	{ "an older echo", true, true, -1, TTP_REACT_UNDO | TTP_REACT_REORDERED },
	{ "its echo", true, true, 0, 0 },
	{ "a later echo", true, true, 1, 0 },
	{ "no timestamps", false, true, -1, 0 },
	{ "a duplicate", true, false, -1, 0 },
};

TTP_CASES(eifel, eifel_rows);

static void recovery_eifel__table(struct kunit *test)
{
	const struct eifel_case *c = test->param_value;
	struct ttp_recovery r = recovering(true);
	struct ttp_recovery l = timed_out(true);
	struct ttp_rec_ack a = {
		.snd_una = UNA + 100, .sacked_out = 3, .lost_out = 1,
		.has_ts = c->has_ts, .tsecr = 50 + c->echo, .sack_ok = true,
		.advanced = c->advanced,
	};

	ttp_recovery_on_retrans(&r, UNA, UNA + 100, 1, 50, true);
	ttp_recovery_on_retrans(&r, UNA + 100, UNA + 200, 1, 60, false);
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), c->react);
	KUNIT_EXPECT_EQ(test, r.state, c->react ? TTP_REC_DISORDER :
						  TTP_REC_RECOVERY);
	/* after a timeout it says nothing about reordering */
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&l, &a),
			c->react & TTP_REACT_UNDO);
}

static void recovery_eifel__first_ack_only(struct kunit *test)
{
	struct ttp_recovery r = recovering(true);
	struct ttp_rec_ack a = {
		.snd_una = UNA + 100, .has_ts = true, .tsecr = 50,
		.sack_ok = true, .advanced = true,
	};

	ttp_recovery_on_retrans(&r, UNA, UNA + 100, 1, 50, true);
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), 0u);
	a.snd_una += 100;
	a.tsecr = 49;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), 0u);
}

/* RFC 3522 3.2 step 2: of several timeouts the first repetition counts. */
static void recovery_eifel__repeated_timeout(struct kunit *test)
{
	struct ttp_recovery r = timed_out(true);
	struct ttp_rec_event e = event(true);
	struct ttp_rec_ack a = {
		.snd_una = UNA + 100, .has_ts = true, .tsecr = 49,
		.sack_ok = true, .advanced = true,
	};

	/* The first repetition is lost, it seems: but it may only be late. */
	e.cwnd = 1;
	e.retrans_out = 0;
	ttp_recovery_on_rto(&r, &e, true);
	ttp_recovery_on_retrans(&r, UNA, UNA + 100, 1, 90, true);
	KUNIT_EXPECT_EQ(test, r.prior_cwnd, 10u);
	KUNIT_EXPECT_EQ(test, r.undo_left, 2u);
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), TTP_REACT_UNDO);
	r = timed_out(true);
	ttp_recovery_on_rto(&r, &e, true);
	ttp_recovery_on_retrans(&r, UNA, UNA + 100, 1, 90, true);
	a.tsecr = 60;	/* of the first repetition, or between the two */
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), 0u);
}

/* The repetition of another episode is no measure. */
static void recovery_eifel__not_of_the_last_episode(struct kunit *test)
{
	struct ttp_recovery r = ten_out();
	struct ttp_rec_event e = event(true);
	struct ttp_rec_ack a = {
		.snd_una = UNA + 100, .has_ts = true, .tsecr = 40,
		.sack_ok = true, .advanced = true,
	};

	ttp_recovery_on_retrans(&r, UNA - 100, UNA, 1, 50, true);
	ttp_recovery_on_losses(&r, &e);
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), 0u);
}

/* A probe went before the losses were found: its timestamp is the first. */
static void recovery_eifel__loss_probe(struct kunit *test)
{
	struct ttp_recovery r = ten_out();
	struct ttp_rec_event e = event(true);

	ttp_recovery_on_retrans(&r, UNA + 900, NXT, 1, 20, true);
	ttp_recovery_on_retrans(&r, UNA + 900, NXT, 1, 40, true);
	e.retrans_out = 1;
	ttp_recovery_on_losses(&r, &e);
	ttp_recovery_on_retrans(&r, UNA, UNA + 100, 1, 50, false);
	KUNIT_EXPECT_EQ(test, r.retrans_ts, 40u);
	KUNIT_EXPECT_EQ(test, r.undo_left, 2u);
	KUNIT_EXPECT_TRUE(test, r.repeated);
}

struct dsack_case {
	const char *name;
	u32 start, end, segs;	/* of the duplicate, from UNA */
	u32 left;		/* of three repeated: 200 to 500 */
};

static const struct dsack_case dsack_rows[] = {
	{ "the first of them", 200, 300, 1, 2 },
	{ "the last", 400, 500, 1, 2 },
	{ "two", 200, 400, 2, 1 },
	{ "all", 200, 500, 3, 0 },
	{ "more than were repeated", 200, 500, 9, 0 },
	{ "another, doubled by the network", 100, 200, 1, 3 },
	{ "another, later", 500, 600, 1, 3 },
	{ "across the edge", 100, 300, 2, 3 },
};

TTP_CASES(dsack, dsack_rows);

static void recovery_dsack__table(struct kunit *test)
{
	const struct dsack_case *c = test->param_value;
	struct ttp_recovery r = recovering(true);
	struct ttp_rec_ack a = { .snd_una = UNA + 400, .sack_ok = true,
				 .advanced = true };

	ttp_recovery_on_retrans(&r, UNA + 300, UNA + 400, 1, 0, true);
	ttp_recovery_on_retrans(&r, UNA + 200, UNA + 300, 1, 0, false);
	ttp_recovery_on_retrans(&r, UNA + 400, UNA + 500, 1, 0, false);
	ttp_recovery_on_dsack(&r, UNA + c->start, UNA + c->end, c->segs);
	KUNIT_EXPECT_EQ(test, r.undo_left, c->left);
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), c->left ? 0 :
			TTP_REACT_UNDO | TTP_REACT_REORDERED);
}

static void recovery_dsack__after_the_end(struct kunit *test)
{
	struct ttp_recovery r = recovering(true);
	struct ttp_rec_ack a = { .snd_una = NXT, .sack_ok = true,
				 .advanced = true };
	u32 cwnd = 5, ssthresh = 5;

	ttp_recovery_on_retrans(&r, UNA, UNA + 100, 1, 0, true);
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a),
			TTP_REACT_DONE | TTP_REACT_REPAIRED);
	a.snd_una += 100;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), 0u);
	/* A loss probe since then is none of it. */
	ttp_recovery_on_retrans(&r, NXT + 100, NXT + 200, 1, 0, true);
	ttp_recovery_on_dsack(&r, UNA, UNA + 100, 1);
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a),
			TTP_REACT_UNDO | TTP_REACT_REORDERED);
	ttp_recovery_undo(&r, &cwnd, &ssthresh);
	KUNIT_EXPECT_EQ(test, cwnd, 10u);
	KUNIT_EXPECT_EQ(test, ssthresh, 77u);
	/* once */
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), 0u);
}

/* A reduction that had its own reason stays. */
static void recovery_dsack__not_after_congestion(struct kunit *test)
{
	struct ttp_recovery r = recovering(true);
	struct ttp_rec_event e = event(true);
	struct ttp_rec_ack a = { .snd_una = NXT, .sack_ok = true,
				 .advanced = true };

	ttp_recovery_on_retrans(&r, UNA, UNA + 100, 1, 0, true);
	ttp_recovery_on_ack(&r, &a);
	e.retrans_out = 1;
	ttp_recovery_on_congestion(&r, &e);
	ttp_recovery_on_dsack(&r, UNA, UNA + 100, 1);
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), 0u);
	KUNIT_EXPECT_EQ(test, r.state, TTP_REC_CWR);
}

static void recovery_undo__never_lowers(struct kunit *test)
{
	struct ttp_recovery r = recovering(true);
	u32 cwnd = 12, ssthresh = ~0u;

	ttp_recovery_undo(&r, &cwnd, &ssthresh);
	KUNIT_EXPECT_EQ(test, cwnd, 12u);
	KUNIT_EXPECT_EQ(test, ssthresh, ~0u);
	KUNIT_EXPECT_FALSE(test, r.may_undo);
}

/* RFC 5682 2.1 step 3b: the next loss need not wait for the end of the flight. */
static void recovery_undo__three_duplicates_count(struct kunit *test)
{
	struct ttp_recovery r = timed_out(false);
	struct ttp_rec_event e = event(false);
	struct ttp_rec_ack a = {
		.snd_una = UNA + 200, .advanced = true, .orig = true,
	};

	r.frto = TTP_FRTO_SENT;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), TTP_REACT_UNDO);
	e.snd_una = a.snd_una;
	KUNIT_EXPECT_TRUE(test, ttp_recovery_on_losses(&r, &e) &
				TTP_REACT_HEAD_LOST);
	KUNIT_EXPECT_EQ(test, r.state, TTP_REC_RECOVERY);
}

/* What was thought lost came before anything was sent again. */
static void recovery_undo__nothing_repeated(struct kunit *test)
{
	struct ttp_recovery r = recovering(true);
	struct ttp_rec_ack a = { .snd_una = NXT - 1, .sack_ok = true,
				 .advanced = true };

	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a), 0u);
	a.snd_una = NXT;
	KUNIT_EXPECT_EQ(test, ttp_recovery_on_ack(&r, &a),
			TTP_REACT_UNDO | TTP_REACT_REORDERED);
}

static struct kunit_case undo_cases[] = {
	KUNIT_CASE_PARAM(recovery_eifel__table, eifel_gen_params),
	KUNIT_CASE(recovery_eifel__first_ack_only),
	KUNIT_CASE(recovery_eifel__repeated_timeout),
	KUNIT_CASE(recovery_eifel__not_of_the_last_episode),
	KUNIT_CASE(recovery_eifel__loss_probe),
	KUNIT_CASE_PARAM(recovery_dsack__table, dsack_gen_params),
	KUNIT_CASE(recovery_dsack__after_the_end),
	KUNIT_CASE(recovery_dsack__not_after_congestion),
	KUNIT_CASE(recovery_undo__never_lowers),
	KUNIT_CASE(recovery_undo__three_duplicates_count),
	KUNIT_CASE(recovery_undo__nothing_repeated),
	{}
};

struct kunit_suite ttp_undo_suite = {
	.name = "ttp_undo",
	.test_cases = undo_cases,
};
