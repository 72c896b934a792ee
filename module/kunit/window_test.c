// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/window.c: what is advertised, what may be sent, and
 * when a small segment waits.
 */
#include "cases.h"
#include "../core/window.c"

struct scale_case {
	const char *name;
	u32 space;
	u8 shift;
};

static const struct scale_case scale_rows[] = {
	{ "0", 0, 0 },
	{ "65535", 65535, 0 },
	{ "65536", 65536, 1 },
	{ "131071", 131071, 1 },
	{ "131072", 131072, 2 },
	{ "6 MB", 6291456, 7 },
	{ "largest that fits", 65535u << 14, 14 },
	{ "more than fits", ~0u, 14 },
};

TTP_CASES(scale, scale_rows);

static void wnd_scale__table(struct kunit *test)
{
	const struct scale_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_wnd_scale(c->space), c->shift);
}

struct rwnd_case {
	const char *name;
	u32 space, full, mss, offered;
	u8 wscale;
	u32 wnd;
	bool update;		/* worth telling the sender now */
	bool over, shut;
};

static const struct rwnd_case rwnd_rows[] = {
	{ "start", 65535, 65535, 1460, 0, 0, 65535, true },
	{ "rounded down to the scale", 100000, 100000, 1460, 0, 7, 99968, true },
	{ "capped by the field", 200000, 200000, 1460, 0, 0, 65535, true },
	{ "capped by the scaled field", ~0u, ~0u, 1460, 0, 14, 65535u << 14,
	  true },
	{ "unchanged", 50000, 65535, 1460, 50000, 0, 50000, false },
	{ "space is gone, the edge stays", 0, 65535, 1460, 3000, 0, 3000, false },
	{ "edge that must not shrink, rounded up", 0, 65535, 1460, 3000, 7, 3072,
	  false },
	{ "a byte less than a unit was used: nothing is taken back", 0, 65535,
	  1460, 3072 - 127, 7, 3072, false },
	{ "all but a byte was used", 0, 65535, 1460, 1, 7, 128, false },
	{ "the largest unit", 0, 65535, 1460, 1, 14, 16384, false },
	{ "the whole field, less a byte", 0, ~0u, 1460, (65535u << 7) - 1, 7,
	  65535u << 7, false },
	{ "no room left: short of the edge by less than a unit", 0, 65535, 1460,
	  3000, 7, 2944, false, true },
	{ "no room left, the last unit: closed", 0, 65535, 1460, 127, 7, 0, false,
	  true, true },
	{ "no room left, without scaling", 0, 65535, 1460, 3000, 0, 3000, false,
	  true },
	{ "closed short of the edge, and there is room again", 0, 65535, 1460,
	  127, 7, 128, true, false, true },
	{ "offered unscaled, in a SYN", 0, 65535, 1460, 65535, 7, 65536, false },
	{ "closed", 0, 65535, 1460, 0, 0, 0, false },
	{ "closed, little space", 1459, 65535, 1460, 0, 0, 0, false },
	{ "closed, one segment free", 1460, 16384, 1460, 0, 0, 1460, true },
	{ "nearly full: a segment is not enough", 1460, 65535, 1460, 0, 0, 0,
	  false },
	{ "nearly full: not a sixteenth", 4094, 65535, 1460, 0, 0, 0, false },
	{ "a sixteenth", 4095, 65535, 1460, 0, 0, 4095, true },
	{ "nearly full, what was offered stays", 4000, 65535, 1460, 1000, 0, 1000,
	  false },
	{ "closed, less than a segment after rounding", 1470, 16384, 1460, 0, 7,
	  0, false },
	{ "closed, buffer smaller than the scale", 4096, 4096, 1460, 0, 14,
	  16384, true },
	{ "closed, such a buffer, too little of it", 1459, 4096, 1460, 0, 14,
	  0, false },
	{ "no buffer at all", 0, 0, 1460, 0, 14, 0, false },
	{ "tiny buffer: half of it will do", 500, 1000, 1460, 0, 0, 500, true },
	{ "tiny buffer: less will not", 499, 1000, 1460, 0, 0, 0, false },
	{ "a segment more than offered", 11460, 65535, 1460, 10000, 0, 11460,
	  false },
	{ "almost a segment more", 11459, 65535, 1460, 10000, 0, 10000, false },
	{ "twice what was offered", 20000, 65535, 1460, 10000, 0, 20000, true },
	{ "almost twice", 19999, 65535, 1460, 10000, 0, 19999, false },
	{ "edge behind rcv_nxt counts as closed", 20000, 65535, 1460, ~0u - 99,
	  0, 20000, true },
};

TTP_CASES(rwnd, rwnd_rows);

static struct ttp_rwnd rwnd_of(const struct rwnd_case *c, u32 nxt)
{
	return (struct ttp_rwnd){
		.space = c->space, .full = c->full, .mss = c->mss,
		.rcv_nxt = nxt, .rcv_edge = nxt + c->offered,
		.said = c->shut ? 0 : 1, .over = c->over,
		.wscale = c->wscale,
	};
}

static void wnd_advertise__table(struct kunit *test)
{
	const struct rwnd_case *c = test->param_value;
	static const u32 at[] = { 0, 0x7ffffff0, 0xfffffff0 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		struct ttp_rwnd w = rwnd_of(c, at[i]);

		KUNIT_EXPECT_EQ_MSG(test, ttp_wnd_advertise(&w), c->wnd,
				    "at %x", at[i]);
		KUNIT_EXPECT_EQ_MSG(test, ttp_wnd_worth_update(&w), c->update,
				    "at %x", at[i]);
	}
}

/* Data comes, the user reads, and at times there is no room left. */
static void rwnd_life(struct ttp_rwnd *w, u32 wnd, bool costly, bool tiny,
		      u32 *rnd)
{
	u32 n = ttp_test_random(rnd) % (wnd + 1);

	if (tiny)
		n %= 4;
	w->rcv_nxt += n;
	w->space -= min(w->space, costly ? 8 * n : n);
	w->over = costly && !w->space && ttp_test_random(rnd) & 64;
	if (costly && ttp_test_random(rnd) & 0xf0)
		return;
	w->space += ttp_test_random(rnd) % (w->full - w->space + 1);
}

/* A receiver's life: the edge only advances. */
static void wnd_advertise__never_shrinks(struct kunit *test)
{
	const u32 seed = 0x57494e31;
	u32 rnd = seed;
	u32 round, step;

	for (round = 0; round < 200; round++) {
		u32 full = 1 + ttp_test_random(&rnd) % (4 << 20);
		struct ttp_rwnd w = {
			.full = full, .space = full,
			.mss = 500 + ttp_test_random(&rnd) % 9000,
			.rcv_nxt = ttp_test_random(&rnd),
			.wscale = ttp_wnd_scale(full),
		};
		/* What costs more than it carries, and segments of a few bytes. */
		bool costly = round % 2, tiny = round % 4 > 1;

		w.rcv_edge = w.rcv_nxt;
		for (step = 0; step < 200; step++) {
			u32 wnd = ttp_wnd_advertise(&w);
			u32 field = ttp_wnd_field(wnd, w.wscale);
			u32 unit = 1u << w.wscale;
			s32 n = w.rcv_nxt + wnd - w.rcv_edge;

			/* The sender hears exactly what was meant. */
			KUNIT_ASSERT_EQ(test, field << w.wscale, wnd);
			/* However many ACKs: less than a unit, and only then. */
			KUNIT_ASSERT_TRUE_MSG(test, n > (w.over ? -(s32)unit : -1),
				"seed %x, round %u, step %u", seed, round, step);
			/* It opens by enough, or by the rounding. */
			KUNIT_ASSERT_TRUE_MSG(test,
				n >= (s32)min(w.mss, w.full / 2) ||
				n < (s32)unit,
				"seed %x, round %u, step %u", seed, round, step);
			w.rcv_edge += max(n, 0);
			rwnd_life(&w, wnd, costly, tiny, &rnd);
		}
	}
}

struct field_case {
	const char *name;
	u32 wnd;
	u8 wscale;
	u16 field;
};

static const struct field_case field_rows[] = {
	{ "0", 0, 0, 0 },
	{ "SYN, small buffer", 14600, 0, 14600 },
	{ "SYN, large buffer", 6000000, 0, 65535 },
	{ "scaled", 1280, 7, 10 },
	{ "remainder: not less than was meant", 1281, 7, 11 },
	{ "remainder, the field is full", (65535u << 7) + 1, 7, 65535 },
	{ "scaled, full", 65535u << 14, 14, 65535 },
	{ "scaled, too much", ~0u, 14, 65535 },
};

TTP_CASES(field, field_rows);

static void wnd_field__table(struct kunit *test)
{
	const struct field_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_wnd_field(c->wnd, c->wscale), c->field);
}

struct update_case {
	const char *name;
	u32 wl1, wl2, seq, ack;
	bool ok;
};

static const struct update_case update_rows[] = {
	{ "newer segment", 10, 20, 11, 20, true },
	{ "newer segment, older ack", 10, 20, 11, 19, true },
	{ "same segment, same ack", 10, 20, 10, 20, true },
	{ "same segment, newer ack", 10, 20, 10, 21, true },
	{ "same segment, older ack", 10, 20, 10, 19, false },
	{ "older segment, newer ack", 10, 20, 9, 21, false },
	{ "newer across the wrap", ~0u, 20, 0, 20, true },
	{ "older across the wrap", 0, 20, ~0u, 20, false },
	{ "ack across the wrap", 10, ~0u, 10, 0, true },
};

TTP_CASES(update, update_rows);

static void wnd_update_ok__table(struct kunit *test)
{
	const struct update_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_wnd_update_ok(c->wl1, c->wl2, c->seq, c->ack),
			c->ok);
}

struct usable_case {
	const char *name;
	u32 una, wnd, nxt, usable;
};

static const struct usable_case usable_rows[] = {
	{ "all", 100, 1000, 100, 1000 },
	{ "a part is in flight", 100, 1000, 400, 700 },
	{ "full", 100, 1000, 1100, 0 },
	{ "shrunk below what was sent", 100, 200, 1100, 0 },
	{ "zero", 100, 0, 100, 0 },
	{ "zero with data in flight", 100, 0, 200, 0 },
	{ "across the wrap", 0xfffffff0, 0x20, 0xfffffff8, 0x18 },
	{ "edge at 0", 0xfffffff0, 0x10, 0xfffffff0, 0x10 },
	{ "largest", 7, 65535u << 14, 7, 65535u << 14 },
};

TTP_CASES(usable, usable_rows);

static void wnd_usable__table(struct kunit *test)
{
	const struct usable_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_wnd_usable(c->una, c->wnd, c->nxt), c->usable);
}

/* Flags of a row. */
#define D	1	/* NODELAY */
#define C	2	/* CORK */
#define N	4	/* a small segment is in flight, so Nagle holds the next */
#define F	8	/* FIN follows */

#define MSS	1000
#define MUCH	60000
#define BURST	64000

struct plan_case {
	const char *name;
	u32 queued, usable, room, max_wnd, burst;
	u32 flags;
	u32 bytes;
};

static const struct plan_case plan_rows[] = {
	{ "nothing queued", 0, MUCH, 99, MUCH, BURST, 0, 0 },
	{ "nothing queued but FIN", 0, MUCH, 99, MUCH, BURST, F, 0 },
	{ "full segments only", 5000, MUCH, 99, MUCH, BURST, 0, 5000 },
	{ "a tail, nothing small out", 5400, MUCH, 99, MUCH, BURST, 0, 5400 },
	{ "a tail waits: Nagle", 5400, MUCH, 99, MUCH, BURST, N, 5000 },
	{ "small, nothing out", 1, MUCH, 99, MUCH, BURST, 0, 1 },
	{ "small waits: Nagle", 999, MUCH, 99, MUCH, BURST, N, 0 },
	{ "a full one does not", 1000, MUCH, 99, MUCH, BURST, N, 1000 },
	{ "NODELAY", 999, MUCH, 99, MUCH, BURST, N | D, 999 },
	{ "FIN", 999, MUCH, 99, MUCH, BURST, N | F, 999 },
	{ "CORK", 999, MUCH, 99, MUCH, BURST, C, 0 },
	{ "CORK, full segments go", 2999, MUCH, 99, MUCH, BURST, C, 2000 },
	{ "CORK beats NODELAY", 999, MUCH, 99, MUCH, BURST, C | D, 0 },
	{ "FIN beats CORK", 999, MUCH, 99, MUCH, BURST, C | F, 999 },
	{ "window, whole segments", 9000, 2500, 99, MUCH, BURST, 0, 2000 },
	{ "window below a segment", 9000, 900, 99, MUCH, BURST, 0, 0 },
	{ "even with NODELAY", 9000, 900, 99, MUCH, BURST, D, 0 },
	{ "even with FIN", 9000, 900, 99, MUCH, BURST, F, 0 },
	{ "all fits a small window", 900, 900, 99, MUCH, BURST, 0, 900 },
	{ "window zero", 900, 0, 99, MUCH, BURST, F, 0 },
	{ "half the largest window", 9000, 300, 99, 600, BURST, 0, 300 },
	{ "less than half", 9000, 299, 99, 600, BURST, 0, 0 },
	{ "half, rounded up", 9000, 300, 99, 601, BURST, 0, 0 },
	{ "half beats CORK and Nagle", 500, 500, 99, 900, BURST, C | N, 500 },
	{ "no cwnd", 9000, MUCH, 0, MUCH, BURST, D, 0 },
	{ "no cwnd for data with FIN", 9, MUCH, 0, MUCH, BURST, F, 0 },
	{ "no cwnd, tiny window", 9, 9, 0, 0, BURST, F, 0 },
	{ "cwnd", 9500, MUCH, 3, MUCH, BURST, D, 3000 },
	{ "the tail takes a segment", 2500, MUCH, 3, MUCH, BURST, 0, 2500 },
	{ "largest burst", 60000, MUCH, 99, MUCH, 5500, 0, 5000 },
	{ "largest burst is a segment", 60000, MUCH, 99, MUCH, MSS, 0, 1000 },
	{ "room beyond 32 bits", 5000, MUCH, ~0u, MUCH, BURST, 0, 5000 },
};

TTP_CASES(plan, plan_rows);

static void plan_bytes__table(struct kunit *test)
{
	const struct plan_case *c = test->param_value;
	struct ttp_plan p = {
		.queued = c->queued, .usable = c->usable, .cwnd_room = c->room,
		.mss = MSS, .max_wnd = c->max_wnd, .max_burst = c->burst,
		.nodelay = c->flags & D, .cork = c->flags & C,
		.small_out = c->flags & N, .fin = c->flags & F,
	};

	KUNIT_EXPECT_EQ(test, ttp_plan_bytes(&p), c->bytes);
}

/* RFC 9293 3.8.6.2.1 and 3.7.4: who may send 500 of 1000 bytes. */
static void plan_bytes__nagle_truth_table(struct kunit *test)
{
	u32 bits;

	for (bits = 0; bits < 16; bits++) {
		bool nodelay = bits & 1, cork = bits & 2;
		bool small = bits & 4, fin = bits & 8;
		struct ttp_plan p = {
			.queued = 500, .usable = MUCH, .cwnd_room = 99,
			.mss = MSS, .max_wnd = MUCH, .max_burst = BURST,
			.nodelay = nodelay, .cork = cork, .small_out = small,
			.fin = fin,
		};
		bool go;

		if (fin)
			go = true;
		else if (cork)
			go = false;
		else if (nodelay)
			go = true;
		else
			go = !small;
		KUNIT_EXPECT_EQ_MSG(test, ttp_plan_bytes(&p), go ? 500u : 0u,
				    "nodelay %d cork %d small %d fin %d",
				    nodelay, cork, small, fin);
	}
}

static void plan_bytes__bounds(struct kunit *test)
{
	const u32 seed = 0x504c4e31;
	u32 rnd = seed;
	u32 i;

	for (i = 0; i < 50000; i++) {
		struct ttp_plan p = {
			.queued = ttp_test_random(&rnd) % 20000,
			.usable = ttp_test_random(&rnd) % 20000,
			.cwnd_room = ttp_test_random(&rnd) % 12,
			.mss = 1 + ttp_test_random(&rnd) % 3000,
			.max_wnd = 20000,
		};
		u32 bits = ttp_test_random(&rnd);
		u32 n;

		p.max_burst = p.mss + ttp_test_random(&rnd) % 20000;
		p.nodelay = bits & 1;
		p.cork = bits & 2;
		p.small_out = bits & 4;
		p.fin = bits & 8;
		n = ttp_plan_bytes(&p);
		KUNIT_ASSERT_LE_MSG(test, n, p.queued, "seed %x, %u", seed, i);
		KUNIT_ASSERT_LE_MSG(test, n, p.usable, "seed %x, %u", seed, i);
		KUNIT_ASSERT_LE_MSG(test, n, p.max_burst, "seed %x, %u", seed, i);
		KUNIT_ASSERT_LE_MSG(test, n, p.cwnd_room * p.mss,
				    "seed %x, %u", seed, i);
		/* Odd only at the end of the queue, or for a tiny window. */
		KUNIT_ASSERT_TRUE_MSG(test, n % p.mss == 0 || n == p.queued ||
				      2 * n >= p.max_wnd, "seed %x, %u", seed, i);
		/* A full segment that may go does not stay. */
		if (min(p.queued, p.usable) >= p.mss && p.cwnd_room)
			KUNIT_ASSERT_GE_MSG(test, n, p.mss, "seed %x, %u",
					    seed, i);
	}
}

struct waits_case {
	const char *name;
	u32 queued, burst, most_out, bytes;
	bool ack_due, waits;
};

static const struct waits_case waits_rows[] = {
	{ "few, much in flight", 90000, BURST, MUCH, 2000, true, true },
	{ "no ACK to wait for", 90000, BURST, MUCH, 2000, false, false },
	{ "a third", 90000, BURST, MUCH, 20000, true, false },
	{ "just less", 90000, BURST, MUCH, 19000, true, true },
	{ "a whole burst", 90000, 8000, MUCH, 8000, true, false },
	{ "a segment less", 90000, 8000, MUCH, 7000, true, true },
	{ "a burst that is no multiple", 90000, 8500, MUCH, 8000, true, false },
	{ "no big segments", 90000, MSS, MUCH, MSS, true, false },
	{ "all that is queued", 2000, BURST, MUCH, 2000, true, false },
	{ "a small window", 90000, BURST, 3000, 1000, true, false },
	{ "a larger one", 90000, BURST, 4000, 1000, true, true },
};

TTP_CASES(waits, waits_rows);

static void plan_waits__table(struct kunit *test)
{
	const struct waits_case *c = test->param_value;
	struct ttp_plan p = {
		.queued = c->queued, .mss = MSS, .max_burst = c->burst,
		.most_out = c->most_out, .ack_due = c->ack_due,
	};

	KUNIT_EXPECT_EQ(test, ttp_plan_waits(&p, c->bytes), c->waits);
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE_PARAM(wnd_scale__table, scale_gen_params),
	KUNIT_CASE_PARAM(wnd_advertise__table, rwnd_gen_params),
	KUNIT_CASE(wnd_advertise__never_shrinks),
	KUNIT_CASE_PARAM(wnd_field__table, field_gen_params),
	KUNIT_CASE_PARAM(wnd_update_ok__table, update_gen_params),
	KUNIT_CASE_PARAM(wnd_usable__table, usable_gen_params),
	KUNIT_CASE_PARAM(plan_bytes__table, plan_gen_params),
	KUNIT_CASE(plan_bytes__nagle_truth_table),
	KUNIT_CASE(plan_bytes__bounds),
	KUNIT_CASE_PARAM(plan_waits__table, waits_gen_params),
	{}
};

struct kunit_suite ttp_window_suite = {
	.name = "ttp_window",
	.test_cases = window_cases,
};
