// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/verdict.c: one row per rule of RFC 9293 3.10.7 and
 * RFC 5961.  Sequence numbers are relative, and every row runs at several
 * places of the circle, the wrap among them.
 */
#include "cases.h"
#include "../core/verdict.c"

#define A	TTP_ACK
#define S	TTP_SYN
#define F	TTP_FIN
#define R	TTP_RST

struct row {
	const char *name;
	s32 seq;		/* from rcv_nxt */
	u32 len;
	u8 flags;
	s32 ack;		/* from snd_una */
	u32 wnd;		/* receive window */
	u8 verdict;
	u8 why;
	u8 more;		/* flags: */
};

#define TS_OLD		1	/* its timestamp, beside TS.Recent */
#define TS_NEWER	2
#define RFC1337		4

/* In flight: 500 bytes.  The peer's largest window: 1000 bytes. */
#define FLIGHT		500
#define MAX_WND		1000

#define OK		TTP_V_ACCEPT, TTP_WHY_NONE

static const struct row synced_rows[] = {
	/* sequence, RFC 9293 3.4's four cases */
	{ "empty, zero window, at rcv_nxt", 0, 0, A, 0, 0, OK },
	{ "empty, zero window, before", -1, 0, A, 0, 0, TTP_V_ACK, TTP_WHY_OLD },
	{ "empty, zero window, after", 1, 0, A, 0, 0, TTP_V_ACK,
	  TTP_WHY_WINDOW },
	{ "empty, at rcv_nxt", 0, 0, A, 0, 100, OK },
	{ "empty, last in window", 99, 0, A, 0, 100, OK },
	{ "empty, at the right edge", 100, 0, A, 0, 100, OK },
	{ "empty, beyond the edge", 101, 0, A, 0, 100, TTP_V_ACK,
	  TTP_WHY_WINDOW },
	{ "empty, before: keepalive", -1, 0, A, 0, 100, TTP_V_ACK, TTP_WHY_OLD },
	/* PAWS, RFC 7323 5.3 R1 */
	{ "old timestamp, data", 0, 50, A, 0, 100, TTP_V_ACK, TTP_WHY_PAWS,
	  TS_OLD },
	{ "old timestamp, FIN", 0, 0, A | F, 0, 100, TTP_V_ACK, TTP_WHY_PAWS,
	  TS_OLD },
	{ "old timestamp, ACK of something new", 0, 0, A, 1, 100, TTP_V_ACK,
	  TTP_WHY_PAWS, TS_OLD },
	{ "old timestamp, an ACK that was overtaken", 0, 0, A, 0, 100,
	  TTP_V_DROP, TTP_WHY_PAWS, TS_OLD },
	{ "old timestamp, keepalive", -1, 0, A, 0, 100, TTP_V_ACK,
	  TTP_WHY_PAWS, TS_OLD },
	{ "old timestamp, SYN is challenged first", 0, 0, S, 0, 100,
	  TTP_V_CHALLENGE, TTP_WHY_SYN, TS_OLD },
	{ "newer timestamp", 0, 50, A, 0, 100, OK, TS_NEWER },
	{ "data, zero window", 0, 1, A, 0, 0, TTP_V_ACK, TTP_WHY_WINDOW },
	{ "data before, zero window", -1, 1, A, 0, 0, TTP_V_ACK, TTP_WHY_OLD },
	{ "FIN, zero window", 0, 0, A | F, 0, 0, TTP_V_ACK, TTP_WHY_WINDOW },
	{ "data, first byte in window", 0, 50, A, 0, 100, OK },
	{ "data, fills the window", 0, 100, A, 0, 100, OK },
	{ "data, longer than the window", 0, 150, A, 0, 100, OK },
	{ "data, first byte last in window", 99, 10, A, 0, 100, OK },
	{ "data, at the right edge", 100, 1, A, 0, 100, TTP_V_ACK,
	  TTP_WHY_WINDOW },
	{ "data, partly old", -10, 11, A, 0, 100, OK },
	{ "data, covers the window", -10, 200, A, 0, 100, OK },
	{ "data, entirely old", -10, 10, A, 0, 100, TTP_V_ACK, TTP_WHY_OLD },
	{ "data, far behind", -0x40000000, 10, A, 0, 100, TTP_V_ACK,
	  TTP_WHY_OLD },
	{ "data, far ahead", 0x40000000, 10, A, 0, 100, TTP_V_ACK,
	  TTP_WHY_WINDOW },
	{ "FIN at rcv_nxt", 0, 0, A | F, 0, 100, OK },
	{ "FIN behind data, last in window", 0, 99, A | F, 0, 100, OK },
	{ "FIN again", -1, 0, A | F, 0, 100, TTP_V_ACK, TTP_WHY_OLD },
	{ "largest window", 0x3fffbfff, 1, A, 0, 0x3fffc000, OK },
	{ "beyond the largest window", 0x3fffc000, 1, A, 0, 0x3fffc000,
	  TTP_V_ACK, TTP_WHY_WINDOW },
	/* RST: RFC 5961 3.2; MUST-66 with a zero window */
	{ "RST at rcv_nxt", 0, 0, R, 0, 100, TTP_V_RESET, TTP_WHY_NONE },
	{ "RST at rcv_nxt, zero window", 0, 0, R, 0, 0, TTP_V_RESET,
	  TTP_WHY_NONE },
	{ "RST needs no good ACK", 0, 0, R | A, 9999, 100, TTP_V_RESET,
	  TTP_WHY_NONE },
	{ "RST with data at rcv_nxt", 0, 9, R | A, 0, 100, TTP_V_RESET,
	  TTP_WHY_NONE },
	{ "RST and SYN at rcv_nxt", 0, 0, R | S, 0, 100, TTP_V_RESET,
	  TTP_WHY_NONE },
	{ "RST in window", 1, 0, R, 0, 100, TTP_V_CHALLENGE, TTP_WHY_RST_SEQ },
	{ "RST last in window", 99, 0, R, 0, 100, TTP_V_CHALLENGE,
	  TTP_WHY_RST_SEQ },
	{ "RST at the right edge", 100, 0, R, 0, 100, TTP_V_DROP,
	  TTP_WHY_RST_SEQ },
	{ "RST before", -1, 0, R, 0, 100, TTP_V_DROP, TTP_WHY_RST_SEQ },
	{ "RST beside a zero window", 1, 0, R, 0, 0, TTP_V_DROP,
	  TTP_WHY_RST_SEQ },
	/* SYN: RFC 5961 4.2 */
	{ "SYN at rcv_nxt", 0, 0, S, 0, 100, TTP_V_CHALLENGE, TTP_WHY_SYN },
	{ "SYN+ACK again", -1, 0, S | A, 0, 100, TTP_V_CHALLENGE, TTP_WHY_SYN },
	{ "SYN far away", 0x40000000, 0, S, 0, 100, TTP_V_CHALLENGE,
	  TTP_WHY_SYN },
	/* ACK bit and range: RFC 5961 5.2 */
	{ "no ACK bit", 0, 10, 0, 0, 100, TTP_V_DROP, TTP_WHY_NO_ACK },
	{ "no ACK bit and out of window", -1, 0, 0, 0, 100, TTP_V_ACK,
	  TTP_WHY_OLD },
	{ "ACK of everything", 0, 0, A, FLIGHT, 100, OK },
	{ "ACK of too much", 0, 0, A, FLIGHT + 1, 100, TTP_V_CHALLENGE,
	  TTP_WHY_ACK_FUTURE },
	{ "ACK of far too much", 0, 10, A, 0x40000000, 100, TTP_V_CHALLENGE,
	  TTP_WHY_ACK_FUTURE },
	{ "old ACK", 0, 0, A, -1, 100, OK },
	{ "oldest ACK", 0, 0, A, -MAX_WND, 100, OK },
	{ "too old ACK", 0, 0, A, -MAX_WND - 1, 100, TTP_V_CHALLENGE,
	  TTP_WHY_ACK_OLD },
	{ "too old ACK with data", 0, 10, A, -MAX_WND - 1, 100,
	  TTP_V_CHALLENGE, TTP_WHY_ACK_OLD },
	{ "bad ACK outside the window", -1, 0, A, 9999, 100, TTP_V_ACK,
	  TTP_WHY_OLD },
};

TTP_CASES(synced, synced_rows);

static const struct row syn_recv_rows[] = {
	{ "the final ACK", 0, 0, A, FLIGHT, 100, OK },
	{ "with data", 0, 10, A, FLIGHT, 100, OK },
	{ "with FIN", 0, 0, A | F, FLIGHT, 100, OK },
	{ "part of what was sent", 0, 0, A, 1, 100, OK },
	{ "ACK of nothing", 0, 0, A, 0, 100, TTP_V_REPLY_RST,
	  TTP_WHY_ACK_OLD },
	{ "ACK of too much", 0, 0, A, FLIGHT + 1, 100, TTP_V_REPLY_RST,
	  TTP_WHY_ACK_FUTURE },
	{ "old ACK", 0, 0, A, -1, 100, TTP_V_REPLY_RST, TTP_WHY_ACK_OLD },
	{ "outside the window", -1, 0, A, FLIGHT, 100, TTP_V_ACK, TTP_WHY_OLD },
	{ "beyond the window", 101, 1, A, FLIGHT, 100, TTP_V_ACK,
	  TTP_WHY_WINDOW },
	{ "no ACK bit", 0, 0, 0, 0, 100, TTP_V_DROP, TTP_WHY_NO_ACK },
	{ "the peer's SYN again", -1, 0, S, 0, 100, TTP_V_ACK, TTP_WHY_OLD },
	{ "SYN+ACK, simultaneous open", -1, 0, S | A, FLIGHT, 100, OK },
	{ "SYN+ACK that acks nothing", -1, 0, S | A, 0, 100, TTP_V_ACK,
	  TTP_WHY_OLD },
	{ "another SYN", 5, 0, S, 0, 100, TTP_V_CHALLENGE, TTP_WHY_SYN },
	{ "another SYN+ACK", 0, 0, S | A, FLIGHT, 100, TTP_V_CHALLENGE,
	  TTP_WHY_SYN },
	{ "RST at rcv_nxt", 0, 0, R, 0, 100, TTP_V_RESET, TTP_WHY_NONE },
	{ "RST in window", 1, 0, R, 0, 100, TTP_V_CHALLENGE, TTP_WHY_RST_SEQ },
	{ "RST outside", -1, 0, R, 0, 100, TTP_V_DROP, TTP_WHY_RST_SEQ },
};

TTP_CASES(syn_recv, syn_recv_rows);

/* There is no rcv_nxt yet: seq means nothing. */
static const struct row syn_sent_rows[] = {
	{ "SYN+ACK", 0, 0, S | A, FLIGHT, 0, TTP_V_SYNACK, TTP_WHY_NONE },
	{ "SYN+ACK of a part", 77, 0, S | A, 1, 0, TTP_V_SYNACK, TTP_WHY_NONE },
	{ "SYN+ACK with data", 77, 9, S | A, 1, 0, TTP_V_SYNACK, TTP_WHY_NONE },
	{ "SYN+ACK of nothing", 0, 0, S | A, 0, 0, TTP_V_REPLY_RST,
	  TTP_WHY_ACK_OLD },
	{ "SYN+ACK of too much", 0, 0, S | A, FLIGHT + 1, 0, TTP_V_REPLY_RST,
	  TTP_WHY_ACK_FUTURE },
	{ "SYN: simultaneous open", 0, 0, S, 0, 0, TTP_V_SYN, TTP_WHY_NONE },
	{ "RST with good ACK: refused", 0, 0, R | A, FLIGHT, 0, TTP_V_RESET,
	  TTP_WHY_NONE },
	{ "RST with bad ACK", 0, 0, R | A, 0, 0, TTP_V_DROP, TTP_WHY_ACK_OLD },
	{ "RST with future ACK", 0, 0, R | A, FLIGHT + 1, 0, TTP_V_DROP,
	  TTP_WHY_ACK_FUTURE },
	{ "RST without ACK", 0, 0, R, 0, 0, TTP_V_DROP, TTP_WHY_NO_ACK },
	{ "RST, SYN and good ACK", 0, 0, R | S | A, 1, 0, TTP_V_RESET,
	  TTP_WHY_NONE },
	{ "bare good ACK", 0, 0, A, FLIGHT, 0, TTP_V_DROP, TTP_WHY_STATE },
	{ "bare bad ACK", 0, 0, A, -1, 0, TTP_V_REPLY_RST, TTP_WHY_ACK_OLD },
	{ "nothing set", 0, 5, 0, 0, 0, TTP_V_DROP, TTP_WHY_STATE },
	{ "FIN only", 0, 0, F, 0, 0, TTP_V_DROP, TTP_WHY_STATE },
};

TTP_CASES(syn_sent, syn_sent_rows);

/* seq from irs + 1, ack from iss */
static const struct row request_rows[] = {
	{ "the same SYN", -1, 0, S, 0, 100, TTP_V_RESEND, TTP_WHY_NONE },
	{ "the same SYN with data", -1, 9, S, 0, 100, TTP_V_RESEND,
	  TTP_WHY_NONE },
	{ "the final ACK", 0, 0, A, 1, 100, TTP_V_OPEN, TTP_WHY_NONE },
	{ "with data", 0, 100, A, 1, 100, TTP_V_OPEN, TTP_WHY_NONE },
	{ "with data and FIN", 0, 10, A | F, 1, 100, TTP_V_OPEN, TTP_WHY_NONE },
	{ "later data, ACK lost", 50, 10, A, 1, 100, TTP_V_OPEN, TTP_WHY_NONE },
	{ "data, zero window", 0, 1, A, 1, 0, TTP_V_ACK, TTP_WHY_WINDOW },
	{ "ACK, zero window", 0, 0, A, 1, 0, TTP_V_OPEN, TTP_WHY_NONE },
	{ "ACK of iss", 0, 0, A, 0, 100, TTP_V_REPLY_RST, TTP_WHY_ACK_OLD },
	{ "ACK of iss + 2", 0, 0, A, 2, 100, TTP_V_REPLY_RST,
	  TTP_WHY_ACK_FUTURE },
	{ "no ACK bit", 0, 5, 0, 0, 100, TTP_V_DROP, TTP_WHY_NO_ACK },
	{ "old", -1, 0, A, 1, 100, TTP_V_ACK, TTP_WHY_OLD },
	{ "beyond the window", 101, 0, A, 1, 100, TTP_V_ACK, TTP_WHY_WINDOW },
	{ "another SYN in window", 0, 0, S, 0, 100, TTP_V_CHALLENGE,
	  TTP_WHY_SYN },
	{ "another SYN at the right edge", 100, 0, S, 0, 100, TTP_V_ACK,
	  TTP_WHY_SYN },
	{ "another SYN outside", -2, 0, S, 0, 100, TTP_V_ACK, TTP_WHY_SYN },
	{ "final ACK, old timestamp", 0, 0, A, 1, 100, TTP_V_ACK, TTP_WHY_PAWS,
	  TS_OLD },
	{ "same SYN, old timestamp", -1, 0, S, 0, 100, TTP_V_ACK, TTP_WHY_PAWS,
	  TS_OLD },
	{ "SYN+ACK at irs", -1, 0, S | A, 1, 100, TTP_V_ACK, TTP_WHY_SYN },
	{ "RST at irs + 1", 0, 0, R, 0, 100, TTP_V_RESET, TTP_WHY_NONE },
	{ "RST in window", 1, 0, R, 0, 100, TTP_V_CHALLENGE, TTP_WHY_RST_SEQ },
	{ "RST at irs", -1, 0, R, 0, 100, TTP_V_DROP, TTP_WHY_RST_SEQ },
	{ "RST and SYN at irs", -1, 0, R | S, 0, 100, TTP_V_DROP,
	  TTP_WHY_RST_SEQ },
};

TTP_CASES(request, request_rows);

/* ack from snd_nxt */
static const struct row time_wait_rows[] = {
	{ "FIN again", -1, 0, A | F, 0, 100, TTP_V_RESTART, TTP_WHY_NONE },
	{ "FIN with its data again", -11, 10, A | F, 0, 100, TTP_V_RESTART,
	  TTP_WHY_NONE },
	{ "FIN again, ACK before our FIN", -1, 0, A | F, -1, 100,
	  TTP_V_RESTART, TTP_WHY_NONE },
	{ "FIN again, ACK of too much", -1, 0, A | F, 1, 100, TTP_V_ACK,
	  TTP_WHY_OLD },
	{ "another FIN", 0, 0, A | F, 0, 100, TTP_V_ACK, TTP_WHY_STATE },
	{ "FIN without ACK bit", -1, 0, F, 0, 100, TTP_V_DROP,
	  TTP_WHY_NO_ACK },
	{ "bare ACK", 0, 0, A, 0, 100, TTP_V_DROP, TTP_WHY_STATE },
	{ "bare ACK, zero window", 0, 0, A, 0, 0, TTP_V_DROP, TTP_WHY_STATE },
	{ "old bare ACK", -1, 0, A, 0, 100, TTP_V_ACK, TTP_WHY_OLD },
	{ "bare ACK beyond", 101, 0, A, 0, 100, TTP_V_ACK, TTP_WHY_WINDOW },
	{ "old data", -10, 9, A, 0, 100, TTP_V_ACK, TTP_WHY_OLD },
	{ "new data", 0, 10, A, 0, 100, TTP_V_ACK, TTP_WHY_STATE },
	{ "data beyond", 200, 10, A, 0, 100, TTP_V_ACK, TTP_WHY_WINDOW },
	{ "RST at rcv_nxt", 0, 0, R, 0, 100, TTP_V_RESET, TTP_WHY_NONE },
	{ "RST needs no good ACK", 0, 0, R | A, 9999, 100, TTP_V_RESET,
	  TTP_WHY_NONE },
	{ "RST at rcv_nxt, zero window", 0, 0, R, 0, 0, TTP_V_RESET,
	  TTP_WHY_NONE },
	{ "RST at rcv_nxt, with rfc1337", 0, 0, R, 0, 100, TTP_V_DROP,
	  TTP_WHY_STATE, RFC1337 },
	{ "RST and ACK, with rfc1337", 0, 0, R | A, 0, 100, TTP_V_DROP,
	  TTP_WHY_STATE, RFC1337 },
	{ "RST before", -1, 0, R, 0, 100, TTP_V_DROP, TTP_WHY_RST_SEQ },
	{ "RST in window", 1, 0, R, 0, 100, TTP_V_DROP, TTP_WHY_RST_SEQ },
	{ "RST and SYN beyond", 5, 0, R | S, 0, 100, TTP_V_DROP,
	  TTP_WHY_RST_SEQ },
	{ "new SYN", 1, 0, S, 0, 100, TTP_V_REUSE, TTP_WHY_NONE },
	{ "new SYN, far ahead", 0x7fffffff, 0, S, 0, 100, TTP_V_REUSE,
	  TTP_WHY_NONE },
	{ "SYN at rcv_nxt", 0, 0, S, 0, 100, TTP_V_ACK, TTP_WHY_SYN },
	/* RFC 6191 2 */
	{ "new SYN, newer timestamp", 1, 0, S, 0, 100, TTP_V_REUSE,
	  TTP_WHY_NONE, TS_NEWER },
	{ "old SYN, newer timestamp", -100, 0, S, 0, 100, TTP_V_REUSE,
	  TTP_WHY_NONE, TS_NEWER },
	{ "new SYN, old timestamp", 1, 0, S, 0, 100, TTP_V_ACK, TTP_WHY_SYN,
	  TS_OLD },
	{ "SYN+ACK, newer timestamp", 1, 0, S | A, 0, 100, TTP_V_ACK,
	  TTP_WHY_SYN, TS_NEWER },
	{ "FIN again, old timestamp", -1, 0, A | F, 0, 100, TTP_V_ACK,
	  TTP_WHY_PAWS, TS_OLD },
	{ "bare ACK, old timestamp", 0, 0, A, 0, 100, TTP_V_ACK, TTP_WHY_PAWS,
	  TS_OLD },
	{ "old SYN", -100, 0, S, 0, 100, TTP_V_ACK, TTP_WHY_SYN },
	{ "SYN+ACK", 1, 0, S | A, 0, 100, TTP_V_ACK, TTP_WHY_SYN },
};

TTP_CASES(time_wait, time_wait_rows);

static const u32 bases[] = { 0, 1000000, 0x7fffff80, 0x80000000, 0xffffffb0,
			     0xffffffff };

typedef struct ttp_judgement (*judge_fn)(const struct ttp_seg *seg,
					 const struct ttp_conn_view *c);

static void run_row(struct kunit *test, judge_fn fn)
{
	const struct row *r = test->param_value;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		for (j = 0; j < ARRAY_SIZE(bases); j++) {
			struct ttp_conn_view c = {
				.rcv_nxt = bases[i], .rcv_wnd = r->wnd,
				.snd_una = bases[j],
				.snd_nxt = bases[j] + FLIGHT,
				.max_wnd = MAX_WND,
				.ts_old = r->more & TS_OLD,
				.ts_newer = r->more & TS_NEWER,
				.rfc1337 = r->more & RFC1337,
			};
			struct ttp_seg seg = {
				.seq = bases[i] + r->seq, .len = r->len,
				.ack = bases[j] + r->ack, .flags = r->flags,
			};
			struct ttp_judgement got = fn(&seg, &c);

			KUNIT_ASSERT_EQ_MSG(test, (u32)got.verdict,
					    (u32)r->verdict, "at %x/%x",
					    bases[i], bases[j]);
			KUNIT_ASSERT_EQ_MSG(test, (u32)got.why, (u32)r->why,
					    "at %x/%x", bases[i], bases[j]);
		}
	}
}

static void judge_synced__table(struct kunit *test)
{
	run_row(test, ttp_judge_synced);
}

static void judge_syn_recv__table(struct kunit *test)
{
	run_row(test, ttp_judge_syn_recv);
}

/*
 * Opened by Fast Open, with 100 bytes: the SYN again gets the SYN+ACK again,
 * and nothing else is different.
 */
static void judge_syn_recv__fast(struct kunit *test)
{
	struct ttp_conn_view c = {
		.rcv_nxt = 50, .rcv_wnd = 1000, .irs = 50u - 101,
		.snd_una = 7, .snd_nxt = 8, .fast = true,
	};
	struct ttp_seg seg = { .seq = c.irs, .flags = TTP_SYN, .len = 100 };

	KUNIT_EXPECT_EQ(test, (u32)ttp_judge_syn_recv(&seg, &c).verdict,
			(u32)TTP_V_RESEND);
	seg.len = 0;
	c.ts_old = true;
	KUNIT_EXPECT_EQ(test, (u32)ttp_judge_syn_recv(&seg, &c).verdict,
			(u32)TTP_V_RESEND);
	c.ts_old = false;
	seg.seq++;
	KUNIT_EXPECT_EQ(test, (u32)ttp_judge_syn_recv(&seg, &c).verdict,
			(u32)TTP_V_CHALLENGE);
	seg.seq--;
	seg.flags |= TTP_ACK;
	KUNIT_EXPECT_EQ(test, (u32)ttp_judge_syn_recv(&seg, &c).verdict,
			(u32)TTP_V_CHALLENGE);
	seg.flags = TTP_SYN;
	c.fast = false;
	KUNIT_EXPECT_EQ(test, (u32)ttp_judge_syn_recv(&seg, &c).verdict,
			(u32)TTP_V_CHALLENGE);
}

/* A SYN that has not left yet: nobody can answer it, or meet it. */
static void judge_syn_sent__waits(struct kunit *test)
{
	struct ttp_conn_view c = { .snd_una = 7, .snd_nxt = 7 };
	struct ttp_seg seg = { .flags = TTP_SYN };

	KUNIT_EXPECT_EQ(test, (u32)ttp_judge_syn_sent(&seg, &c).verdict,
			(u32)TTP_V_DROP);
	seg.flags = TTP_SYN | TTP_ACK;
	for (seg.ack = 5; seg.ack < 10; seg.ack++)
		KUNIT_EXPECT_EQ(test, (u32)ttp_judge_syn_sent(&seg, &c).verdict,
				(u32)TTP_V_REPLY_RST);
	c.snd_nxt++;
	seg.flags = TTP_SYN;
	KUNIT_EXPECT_EQ(test, (u32)ttp_judge_syn_sent(&seg, &c).verdict,
			(u32)TTP_V_SYN);
}

static void judge_syn_sent__table(struct kunit *test)
{
	run_row(test, ttp_judge_syn_sent);
}

static void judge_request__table(struct kunit *test)
{
	run_row(test, ttp_judge_request);
}

static void judge_time_wait__table(struct kunit *test)
{
	run_row(test, ttp_judge_time_wait);
}

/* What is accepted has a byte in the window, or is empty and touches it. */
static void judge_synced__accepts_only_window(struct kunit *test)
{
	const u32 seed = 0x56455231;
	u32 rnd = seed;
	u32 i;

	for (i = 0; i < 50000; i++) {
		u32 nxt = ttp_test_random(&rnd);
		u32 wnd = ttp_test_random(&rnd) % 40;
		s64 at = (s64)(ttp_test_random(&rnd) % 120) - 60;
		u32 len = ttp_test_random(&rnd) % 60;
		struct ttp_conn_view c = { .rcv_nxt = nxt, .rcv_wnd = wnd };
		struct ttp_seg seg = {
			.seq = nxt + (u32)at, .len = len, .flags = TTP_ACK,
		};
		bool want = len ? at < wnd && at + len > 0 :
				  at >= 0 && at <= wnd;

		if (len && !wnd)
			want = false;
		KUNIT_ASSERT_EQ_MSG(test,
				    ttp_judge_synced(&seg, &c).verdict == TTP_V_ACCEPT,
				    want, "seed %x, step %u: at %lld, %u bytes, window %u",
				    seed, i, at, len, wnd);
	}
}

/*
 * TIME_WAIT never answers a RST, nor with one (RFC 9293 3.5.2), and with
 * rfc1337 nothing but a SYN or the clock ends it.
 */
static void judge_time_wait__never_resets(struct kunit *test)
{
	const u32 seed = 0x56455232;
	u32 rnd = seed;
	u32 i;

	for (i = 0; i < 50000; i++) {
		struct ttp_seg seg = {
			.seq = ttp_test_random(&rnd) % 64 - 32,
			.ack = ttp_test_random(&rnd) % 64 - 32,
			.len = ttp_test_random(&rnd) % 4,
			.flags = ttp_test_random(&rnd),
		};
		struct ttp_conn_view c = {
			.rcv_wnd = 16,
			.rfc1337 = ttp_test_random(&rnd) & 1,
		};
		u32 v = ttp_judge_time_wait(&seg, &c).verdict;
		bool ends = !c.rfc1337 && seg.seq == c.rcv_nxt;

		KUNIT_ASSERT_NE(test, v, (u32)TTP_V_REPLY_RST);
		KUNIT_ASSERT_NE(test, v, (u32)TTP_V_ACCEPT);
		if (seg.flags & TTP_RST)
			KUNIT_ASSERT_EQ(test, v, (u32)(ends ? TTP_V_RESET :
							TTP_V_DROP));
		else
			KUNIT_ASSERT_NE(test, v, (u32)TTP_V_RESET);
	}
}

static void why_name__all_differ(struct kunit *test)
{
	u32 i, j;

	for (i = 0; i < TTP_NR_WHY; i++) {
		KUNIT_ASSERT_NOT_NULL(test, ttp_why_name(i));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, ttp_why_name(i),
					    ttp_why_name(j));
	}
	KUNIT_EXPECT_STREQ(test, ttp_why_name(TTP_WHY_RST_SEQ), "RstSeq");
	KUNIT_EXPECT_STREQ(test, ttp_why_name(TTP_NR_WHY), "Unknown");
}

static struct kunit_case verdict_cases[] = {
	KUNIT_CASE_PARAM(judge_synced__table, synced_gen_params),
	KUNIT_CASE(judge_synced__accepts_only_window),
	KUNIT_CASE_PARAM(judge_syn_recv__table, syn_recv_gen_params),
	KUNIT_CASE(judge_syn_recv__fast),
	KUNIT_CASE(judge_syn_sent__waits),
	KUNIT_CASE_PARAM(judge_syn_sent__table, syn_sent_gen_params),
	KUNIT_CASE_PARAM(judge_request__table, request_gen_params),
	KUNIT_CASE_PARAM(judge_time_wait__table, time_wait_gen_params),
	KUNIT_CASE(judge_time_wait__never_resets),
	KUNIT_CASE(why_name__all_differ),
	{}
};

struct kunit_suite ttp_verdict_suite = {
	.name = "ttp_verdict",
	.test_cases = verdict_cases,
};
