// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/fsm.c against a list of transitions that was typed by
 * itself, from the text of RFC 9293 3.10 and not from the table.
 */
#include "cases.h"
#include "../core/fsm.c"

struct arc {
	const char *name;
	u8 from;
	u8 event;
	u8 to;
	u32 todo;
};

#define ARC(f, e, t, w)	\
	{ #f "+" #e, TTP_##f, TTP_EV_##e, TTP_##t, w }
#define EOFACK	(TTP_DO_ACK | TTP_DO_EOF)
#define END	TTP_DO_DEAD
#define ENDERR	(TTP_DO_DEAD | TTP_DO_ERR)
#define ENDRST	(TTP_DO_DEAD | TTP_DO_RST)

static const struct arc arcs[] = {
	/* 3.10.1, OPEN call: passive and active */
	ARC(CLOSE, LISTEN, LISTEN, 0),
	ARC(CLOSE, CONNECT, SYN_SENT, TTP_DO_SYN),
	ARC(LISTEN, LISTEN, LISTEN, 0),
	/* 3.10.4, CLOSE call */
	ARC(CLOSE, CLOSE, CLOSE, 0),
	ARC(LISTEN, CLOSE, CLOSE, END),
	ARC(SYN_SENT, CLOSE, CLOSE, END),
	ARC(SYN_RECV, CLOSE, FIN_WAIT1, TTP_DO_FIN),
	ARC(ESTABLISHED, CLOSE, FIN_WAIT1, TTP_DO_FIN),
	ARC(FIN_WAIT1, CLOSE, FIN_WAIT1, 0),
	ARC(FIN_WAIT2, CLOSE, FIN_WAIT2, 0),
	ARC(CLOSE_WAIT, CLOSE, LAST_ACK, TTP_DO_FIN),
	ARC(CLOSING, CLOSE, CLOSING, 0),
	ARC(LAST_ACK, CLOSE, LAST_ACK, 0),
	/* 3.10.5, ABORT call: RST where the peer has a connection to lose */
	ARC(CLOSE, ABORT, CLOSE, 0),
	ARC(LISTEN, ABORT, CLOSE, END),
	ARC(SYN_SENT, ABORT, CLOSE, END),
	ARC(SYN_RECV, ABORT, CLOSE, ENDRST),
	ARC(ESTABLISHED, ABORT, CLOSE, ENDRST),
	ARC(FIN_WAIT1, ABORT, CLOSE, ENDRST),
	ARC(FIN_WAIT2, ABORT, CLOSE, ENDRST),
	ARC(CLOSE_WAIT, ABORT, CLOSE, ENDRST),
	ARC(CLOSING, ABORT, CLOSE, ENDRST),
	ARC(LAST_ACK, ABORT, CLOSE, ENDRST),
	/* 3.10.7.2 and 3.10.7.3, segments in LISTEN and SYN-SENT */
	ARC(LISTEN, RCV_SYN, LISTEN, TTP_DO_SPAWN),
	ARC(SYN_SENT, RCV_SYN, SYN_RECV, TTP_DO_SYNACK),
	ARC(SYN_SENT, RCV_SYNACK, ESTABLISHED, TTP_DO_ACK | TTP_DO_ESTAB),
	/* 3.10.7.3 and 3.10.7.4 second, RST */
	ARC(SYN_SENT, RCV_RST, CLOSE, ENDERR),
	ARC(SYN_RECV, RCV_RST, CLOSE, ENDERR),
	ARC(ESTABLISHED, RCV_RST, CLOSE, ENDERR),
	ARC(FIN_WAIT1, RCV_RST, CLOSE, ENDERR),
	ARC(FIN_WAIT2, RCV_RST, CLOSE, ENDERR),
	ARC(CLOSE_WAIT, RCV_RST, CLOSE, ENDERR),
	ARC(CLOSING, RCV_RST, CLOSE, ENDERR),
	ARC(LAST_ACK, RCV_RST, CLOSE, ENDERR),
	ARC(TIME_WAIT, RCV_RST, CLOSE, END),
	/* 3.10.7.4 fourth, a new SYN in TIME-WAIT (MAY-2) */
	ARC(TIME_WAIT, RCV_SYN, CLOSE, END),
	/* 3.10.7.4 fifth, ACK */
	ARC(SYN_RECV, RCV_ACK_OF_SYN, ESTABLISHED, TTP_DO_ESTAB),
	ARC(FIN_WAIT1, RCV_ACK_OF_FIN, FIN_WAIT2, TTP_DO_FIN2),
	ARC(CLOSING, RCV_ACK_OF_FIN, TIME_WAIT, TTP_DO_TW),
	ARC(LAST_ACK, RCV_ACK_OF_FIN, CLOSE, END),
	/* 3.10.7.4 eighth, FIN */
	ARC(ESTABLISHED, RCV_FIN, CLOSE_WAIT, TTP_DO_EOF | TTP_DO_DELACK),
	ARC(FIN_WAIT1, RCV_FIN, CLOSING, EOFACK),
	ARC(FIN_WAIT2, RCV_FIN, TIME_WAIT, EOFACK | TTP_DO_TW),
	/* 3.10.8, timeouts */
	ARC(SYN_SENT, DEAD, CLOSE, ENDERR),
	ARC(SYN_RECV, DEAD, CLOSE, ENDERR),
	ARC(ESTABLISHED, DEAD, CLOSE, ENDERR),
	ARC(FIN_WAIT1, DEAD, CLOSE, ENDERR),
	ARC(FIN_WAIT2, DEAD, CLOSE, ENDERR),
	ARC(CLOSE_WAIT, DEAD, CLOSE, ENDERR),
	ARC(CLOSING, DEAD, CLOSE, ENDERR),
	ARC(LAST_ACK, DEAD, CLOSE, ENDERR),
	ARC(TIME_WAIT, 2MSL, CLOSE, END),
	/* ours: the full socket goes, a minisock waits in its place */
	ARC(TIME_WAIT, HANDOVER, CLOSE, END),
};

TTP_CASES(arc, arcs);

static void fsm_next__legal(struct kunit *test)
{
	const struct arc *a = test->param_value;
	const struct ttp_edge *e = ttp_fsm_next(a->from, a->event);

	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_EXPECT_STREQ(test, ttp_state_name(e->next), ttp_state_name(a->to));
	KUNIT_EXPECT_EQ(test, e->todo, a->todo);
}

static bool arc_is_listed(u32 from, u32 event)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(arcs); i++) {
		if (arcs[i].from == from && arcs[i].event == event)
			return true;
	}
	return false;
}

struct state_case {
	const char *name;
	u32 state;
};

#define STATE(s)	{ #s, TTP_##s }
static const struct state_case states[] = {
	{ "none", 0 },
	STATE(ESTABLISHED), STATE(SYN_SENT), STATE(SYN_RECV), STATE(FIN_WAIT1),
	STATE(FIN_WAIT2), STATE(TIME_WAIT), STATE(CLOSE), STATE(CLOSE_WAIT),
	STATE(LAST_ACK), STATE(LISTEN), STATE(CLOSING),
};

TTP_CASES(state, states);

/* Together with fsm_next__legal, every pair there is. */
static void fsm_next__illegal(struct kunit *test)
{
	const struct state_case *c = test->param_value;
	u32 ev;

	for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
		const struct ttp_edge *e = ttp_fsm_next(c->state, ev);

		KUNIT_EXPECT_EQ_MSG(test, !!e, arc_is_listed(c->state, ev),
				    "%s + %s", c->name, ttp_event_name(ev));
	}
}

static void fsm_next__out_of_range(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, ttp_fsm_next(TTP_NR_STATES, 0));
	/* Behind this row lies a legal pair of the next. */
	KUNIT_EXPECT_NULL(test, ttp_fsm_next(TTP_TIME_WAIT, TTP_NR_EVENTS));
	KUNIT_EXPECT_NULL(test, ttp_fsm_next(TTP_CLOSE, TTP_NR_EVENTS));
	KUNIT_EXPECT_NULL(test, ttp_fsm_next(~0u, ~0u));
}

/* The numbers that generic socket code shifts by. */
static void fsm_states__kernel_numbers(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (u32)TTP_ESTABLISHED, 1u);
	KUNIT_EXPECT_EQ(test, (u32)TTP_SYN_SENT, 2u);
	KUNIT_EXPECT_EQ(test, (u32)TTP_SYN_RECV, 3u);
	KUNIT_EXPECT_EQ(test, (u32)TTP_FIN_WAIT1, 4u);
	KUNIT_EXPECT_EQ(test, (u32)TTP_FIN_WAIT2, 5u);
	KUNIT_EXPECT_EQ(test, (u32)TTP_TIME_WAIT, 6u);
	KUNIT_EXPECT_EQ(test, (u32)TTP_CLOSE, 7u);
	KUNIT_EXPECT_EQ(test, (u32)TTP_CLOSE_WAIT, 8u);
	KUNIT_EXPECT_EQ(test, (u32)TTP_LAST_ACK, 9u);
	KUNIT_EXPECT_EQ(test, (u32)TTP_LISTEN, 10u);
	KUNIT_EXPECT_EQ(test, (u32)TTP_CLOSING, 11u);
}

/* States from which, or to which when @back, one gets starting at @start. */
static u32 reachable(u32 start, bool back)
{
	u32 set = 1u << start;
	u32 old, s, ev;

	do {
		old = set;
		for (s = 1; s < TTP_NR_STATES; s++) {
			for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
				u32 next = ttp_edges[s][ev].next;

				if (!next)
					continue;
				if (!back && set & 1u << s)
					set |= 1u << next;
				if (back && set & 1u << next)
					set |= 1u << s;
			}
		}
	} while (set != old);
	return set;
}

#define ALL_STATES	((1u << TTP_NR_STATES) - 2)

static void fsm_table__all_reached_from_close(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, reachable(TTP_CLOSE, false), ALL_STATES);
}

static void fsm_table__all_lead_to_close(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, reachable(TTP_CLOSE, true), ALL_STATES);
}

static void fsm_table__only_user_leaves_close(struct kunit *test)
{
	u32 ev;

	for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
		bool user = ev <= TTP_EV_ABORT;

		KUNIT_EXPECT_EQ_MSG(test, !!ttp_fsm_next(TTP_CLOSE, ev), user,
				    "%s", ttp_event_name(ev));
	}
}

static void fsm_table__dead_marks_the_end(struct kunit *test)
{
	u32 s, ev;

	for (s = 1; s < TTP_NR_STATES; s++) {
		for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
			const struct ttp_edge *e = ttp_fsm_next(s, ev);
			bool ends;

			if (!e)
				continue;
			ends = s != TTP_CLOSE && e->next == TTP_CLOSE;
			KUNIT_EXPECT_EQ_MSG(test, !!(e->todo & TTP_DO_DEAD),
					    ends, "%s + %s", ttp_state_name(s),
					    ttp_event_name(ev));
		}
	}
}

/* RST must be possible wherever a peer can have a connection with us. */
static void fsm_table__rst_everywhere(struct kunit *test)
{
	u32 live = TTPF_SYNCED | TTPF(SYN_SENT) | TTPF(SYN_RECV);
	u32 s;

	for (s = 1; s < TTP_NR_STATES; s++)
		KUNIT_EXPECT_EQ_MSG(test,
				    !!ttp_fsm_next(s, TTP_EV_RCV_RST),
				    !!(live & 1u << s), "%s", ttp_state_name(s));
}

/* A walk: what one end does, event by event, and where that leads. */
struct walk {
	const char *name;
	u8 start;
	u8 end;
	u8 nr;
	u8 ev[6];
};

#define WALK(n, s, e, ...)	{ n, TTP_##s, TTP_##e,			\
	sizeof((u8[]){ __VA_ARGS__ }), { __VA_ARGS__ } }
static const struct walk walks[] = {
	WALK("active open, active close", CLOSE, CLOSE, TTP_EV_CONNECT,
	     TTP_EV_RCV_SYNACK, TTP_EV_CLOSE, TTP_EV_RCV_ACK_OF_FIN,
	     TTP_EV_RCV_FIN, TTP_EV_2MSL),
	WALK("passive close", ESTABLISHED, CLOSE, TTP_EV_RCV_FIN, TTP_EV_CLOSE,
	     TTP_EV_RCV_ACK_OF_FIN),
	WALK("simultaneous open", CLOSE, ESTABLISHED, TTP_EV_CONNECT,
	     TTP_EV_RCV_SYN, TTP_EV_RCV_ACK_OF_SYN),
	WALK("simultaneous close", ESTABLISHED, TIME_WAIT, TTP_EV_CLOSE,
	     TTP_EV_RCV_FIN, TTP_EV_RCV_ACK_OF_FIN),
	WALK("close answered by FIN+ACK", ESTABLISHED, TIME_WAIT, TTP_EV_CLOSE,
	     TTP_EV_RCV_ACK_OF_FIN, TTP_EV_RCV_FIN),
	WALK("close before established", SYN_RECV, FIN_WAIT2, TTP_EV_CLOSE,
	     TTP_EV_RCV_ACK_OF_FIN),
	WALK("listen, refuse, close", CLOSE, CLOSE, TTP_EV_LISTEN,
	     TTP_EV_RCV_SYN, TTP_EV_RCV_SYN, TTP_EV_CLOSE),
	WALK("tuple reused in TIME_WAIT", TIME_WAIT, CLOSE, TTP_EV_RCV_SYN),
};

TTP_CASES(walk, walks);

static void fsm_next__walk(struct kunit *test)
{
	const struct walk *w = test->param_value;
	u32 s = w->start;
	u32 i;

	for (i = 0; i < w->nr; i++) {
		const struct ttp_edge *e = ttp_fsm_next(s, w->ev[i]);

		KUNIT_ASSERT_NOT_NULL_MSG(test, e, "%s + %s", ttp_state_name(s),
					  ttp_event_name(w->ev[i]));
		s = e->next;
	}
	KUNIT_EXPECT_STREQ(test, ttp_state_name(s), ttp_state_name(w->end));
}

static void fsm_names__all_differ(struct kunit *test)
{
	u32 i, j;

	for (i = 1; i < TTP_NR_STATES; i++) {
		KUNIT_EXPECT_STRNEQ(test, ttp_state_name(i), "UNKNOWN");
		for (j = 1; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, ttp_state_name(i),
					    ttp_state_name(j));
	}
	for (i = 0; i < TTP_NR_EVENTS; i++) {
		KUNIT_ASSERT_NOT_NULL(test, ttp_event_name(i));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, ttp_event_name(i),
					    ttp_event_name(j));
	}
	KUNIT_EXPECT_STREQ(test, ttp_state_name(0), "UNKNOWN");
	KUNIT_EXPECT_STREQ(test, ttp_state_name(TTP_NR_STATES), "UNKNOWN");
	KUNIT_EXPECT_STREQ(test, ttp_event_name(TTP_NR_EVENTS), "UNKNOWN");
}

static struct kunit_case fsm_cases[] = {
	KUNIT_CASE_PARAM(fsm_next__legal, arc_gen_params),
	KUNIT_CASE_PARAM(fsm_next__illegal, state_gen_params),
	KUNIT_CASE(fsm_next__out_of_range),
	KUNIT_CASE_PARAM(fsm_next__walk, walk_gen_params),
	KUNIT_CASE(fsm_states__kernel_numbers),
	KUNIT_CASE(fsm_table__all_reached_from_close),
	KUNIT_CASE(fsm_table__all_lead_to_close),
	KUNIT_CASE(fsm_table__only_user_leaves_close),
	KUNIT_CASE(fsm_table__dead_marks_the_end),
	KUNIT_CASE(fsm_table__rst_everywhere),
	KUNIT_CASE(fsm_names__all_differ),
	{}
};

struct kunit_suite ttp_fsm_suite = {
	.name = "ttp_fsm",
	.test_cases = fsm_cases,
};
