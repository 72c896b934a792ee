// SPDX-License-Identifier: GPL-2.0
/*
 * This file compares core/ with models that are slow and plain: sequence
 * numbers that never wrap, windows found by trying, options read by a list.
 *
 * usage: model [SEED]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../opts.h"
#include "../seg.h"
#include "../seq.h"
#include "../verdict.h"
#include "../window.h"

static u32 seed;
static u32 rnd;

static u32 rand32(void)
{
	rnd ^= rnd << 13;
	rnd ^= rnd >> 17;
	rnd ^= rnd << 5;
	return rnd;
}

static u32 below(u32 n)
{
	return (rand32() >> 3) % n;
}

#define SAME(got, want, ...)						\
	do {								\
		long long got_ = (got), want_ = (want);			\
									\
		if (got_ != want_) {					\
			printf("# " #got " is %lld, the model says %lld: ", \
			       got_, want_);				\
			printf(__VA_ARGS__);				\
			printf("\n");					\
			return false;					\
		}							\
	} while (0)

/* Numbers on a line instead of a circle. */
static bool model_seq(void)
{
	u32 i;

	for (i = 0; i < 2000000; i++) {
		u64 turn = 1ULL << 32;
		u64 a = turn + rand32();
		s64 d = (s64)(rand32() >> below(32)) % 0x7fffffff;
		u64 b = below(2) ? a + d : a - d;
		s64 dist = (s64)(b - a);
		u32 len = rand32(), x = rand32();

		SAME(ttp_before(a, b), dist > 0, "%llx %llx", a, b);
		SAME(ttp_after(a, b), dist < 0, "%llx %llx", a, b);
		SAME(ttp_before_eq(a, b), dist >= 0, "%llx %llx", a, b);
		SAME(ttp_after_eq(a, b), dist <= 0, "%llx %llx", a, b);
		SAME(ttp_seq_diff(a, b), dist, "%llx %llx", a, b);
		SAME(ttp_seq_max(a, b), (u32)max(a, b), "%llx %llx", a, b);
		SAME(ttp_between(a + x, a, a + len), x <= len, "%llx %x %x", a,
		     x, len);
	}
	return true;
}

/* One option of a list, as the first pass sees it. */
struct item {
	u32 kind, at, len;
};

/* First pass: where options are.  Returns their number, or -1. */
static int split(const u8 *p, u32 n, struct item *list)
{
	int count = 0;
	u32 i = 0;

	while (i < n && p[i] != 0) {
		if (p[i] == 1) {
			i++;
			continue;
		}
		if (i + 1 == n || p[i + 1] < 2 || i + p[i + 1] > n)
			return -1;
		list[count++] = (struct item){ p[i], i, p[i + 1] };
		i += p[i + 1];
	}
	return count;
}

static u32 number(const u8 *p, u32 at, u32 n)
{
	u32 v = 0;

	while (n--)
		v = v * 256 + p[at++];
	return v;
}

/* Second pass: the last option of a kind, at -1 when there is none. */
static int last_of(const struct item *list, int count, u32 kind)
{
	while (count--) {
		if (list[count].kind == kind)
			return count;
	}
	return -1;
}

static bool lengths_are_right(const struct item *list, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		u32 k = list[i].kind, n = list[i].len;

		if ((k == 2 && n != 4) || (k == 3 && n != 3) ||
		    (k == 4 && n != 2) || (k == 8 && n != 10) ||
		    (k == 5 && (n < 10 || (n - 2) & 7)))
			return false;
	}
	return true;
}

static bool compare_opts(const u8 *p, u32 n, bool syn)
{
	struct item list[TTP_OPTS_MAX];
	int count = split(p, n, list), i, j;
	bool ok = count >= 0 && lengths_are_right(list, count);
	struct ttp_opts o;

	SAME(ttp_opts_parse(p, n, syn, &o), ok, "%u bytes", n);
	if (!ok)
		return true;
	i = last_of(list, count, 2);
	SAME(o.has_mss, syn && i >= 0 && number(p, list[i].at + 2, 2), "MSS");
	if (o.has_mss)
		SAME(o.mss, number(p, list[i].at + 2, 2), "MSS");
	i = last_of(list, count, 3);
	SAME(o.has_wscale, syn && i >= 0, "window scale");
	if (o.has_wscale)
		SAME(o.wscale, min_t(u32, p[list[i].at + 2], 14), "scale");
	SAME(o.sack_ok, syn && last_of(list, count, 4) >= 0, "SACK permitted");
	i = last_of(list, count, 8);
	SAME(o.has_ts, i >= 0, "timestamps");
	if (o.has_ts) {
		SAME(o.tsval, number(p, list[i].at + 2, 4), "tsval");
		SAME(o.tsecr, number(p, list[i].at + 6, 4), "tsecr");
	}
	i = last_of(list, count, 5);
	SAME(o.nr_sack, i < 0 ? 0 : (list[i].len - 2) / 8, "SACK blocks");
	for (j = 0; j < o.nr_sack; j++) {
		SAME(o.sack[j].start, number(p, list[i].at + 2 + 8 * j, 4), "block");
		SAME(o.sack[j].end, number(p, list[i].at + 6 + 8 * j, 4), "block");
	}
	return true;
}

/* Bytes that are mostly options: good ones, then a few of them spoilt. */
static u32 make_opts(u8 *p)
{
	static const u8 good[] = { 4, 3, 2, 10, 10, 18, 34, 2, 7 };
	static const u8 kind[] = { 2, 3, 4, 8, 5, 5, 5, 34, 99 };
	u32 n = 0, i;

	while (n < TTP_OPTS_MAX && below(7)) {
		u32 k = below(ARRAY_SIZE(good));

		if (n + good[k] > TTP_OPTS_MAX)
			break;
		for (i = 0; i < good[k]; i++)
			p[n + i] = below(3) ? below(20) : rand32();
		p[n] = kind[k];
		p[n + 1] = good[k];
		n += good[k];
		while (n < TTP_OPTS_MAX && !below(2))
			p[n++] = 1;
	}
	if (n && !below(3))
		p[below(n)] = below(40);
	if (n && !below(4))
		n = below(n);
	return n;
}

static bool model_opts(void)
{
	u32 i;

	for (i = 0; i < 500000; i++) {
		u8 *p = malloc(TTP_OPTS_MAX);
		u32 n = make_opts(p);
		bool ok;

		/* At the end of the block, so that ASan watches. */
		memmove(p + TTP_OPTS_MAX - n, p, n);
		ok = compare_opts(p + TTP_OPTS_MAX - n, n, below(2));
		free(p);
		if (!ok)
			return false;
	}
	return true;
}

/* The window by trying all that a field can say, from the largest down. */
static u32 try_windows(const struct ttp_rwnd *w, u32 offered)
{
	u32 need = min(w->mss, w->full / 2);
	bool opens = w->space >= w->full / 16;
	u64 field;

	for (field = 65536; field-- && opens; ) {
		u64 wnd = field << w->wscale;

		if (wnd > offered && wnd <= w->space && wnd - offered >= need)
			return wnd;
	}
	/* No field can say this little: one unit, when the space is worth it. */
	if (opens && w->full < 1u << w->wscale && w->space >= max(need, 1u) &&
	    offered < 1u << w->wscale)
		return 1u << w->wscale;
	/* It does not open; so the least that does not shrink. */
	for (field = 0; field < 65535; field++) {
		if (field << w->wscale >= offered)
			break;
	}
	return field << w->wscale;
}

static bool model_advertise(void)
{
	u32 i;

	for (i = 0; i < 3000; i++) {
		u32 offered, bits = below(32);
		struct ttp_rwnd w = {
			.full = rand32() >> bits, .mss = 1 + below(9000),
			.rcv_nxt = rand32(), .wscale = below(15),
		};
		u32 want;

		w.space = below(2) ? rand32() >> bits : w.full;
		offered = below(3) ? rand32() >> below(32) : 0;
		offered = min(offered, 65535u << w.wscale);
		w.rcv_edge = w.rcv_nxt + offered;
		want = try_windows(&w, offered);
		SAME(ttp_wnd_advertise(&w), want,
		     "space %u full %u mss %u offered %u scale %u", w.space,
		     w.full, w.mss, offered, w.wscale);
		SAME((u32)ttp_wnd_field(want, w.wscale) << w.wscale, want,
		     "scale %u", w.wscale);
	}
	return true;
}

/* May a burst of @n bytes go?  The rules of window.h, one by one. */
static bool burst_may_go(const struct ttp_plan *p, u32 n)
{
	bool whole = n % p->mss == 0;
	bool all = n == p->queued;

	if (!n || n > p->queued || n > p->usable || n > p->max_burst ||
	    n > (u64)p->cwnd_room * p->mss)
		return false;
	if (whole)
		return true;
	if (all && p->fin)
		return true;
	if (all && !p->cork && (p->nodelay || !p->small_out))
		return true;
	/* Half of the largest window, and no full segment is possible. */
	return n < p->mss && 2ULL * n >= p->max_wnd;
}

static bool model_plan(void)
{
	u32 i, n, most;

	for (i = 0; i < 200000; i++) {
		struct ttp_plan p = {
			.queued = below(60), .usable = below(60),
			.cwnd_room = below(8), .mss = 1 + below(20),
			.max_wnd = 1 + below(80), .nodelay = !below(3),
			.cork = !below(3), .small_out = below(2),
			.fin = !below(3),
		};

		p.max_burst = p.mss + below(60);
		most = min(p.queued, p.usable);
		for (n = most; n && !burst_may_go(&p, n); n--)
			;
		/* A tiny window is used whole, or not at all. */
		if (n && n < p.mss && n < most && n < p.queued)
			n = 0;
		SAME(ttp_plan_bytes(&p), n,
		     "queued %u usable %u cwnd %u mss %u max_wnd %u burst %u %d%d%d%d",
		     p.queued, p.usable, p.cwnd_room, p.mss, p.max_wnd,
		     p.max_burst, p.nodelay, p.cork, p.small_out, p.fin);
	}
	return true;
}

/* A segment is acceptable when one of its numbers is one of the window's. */
static bool model_acceptable(void)
{
	u32 i, k;

	for (i = 0; i < 500000; i++) {
		u32 nxt = rand32(), wnd = below(30), len = below(40);
		s32 at = (s32)below(100) - 50;
		u8 flags = TTP_ACK | (below(4) ? 0 : TTP_FIN);
		struct ttp_conn_view c = { .rcv_nxt = nxt, .rcv_wnd = wnd };
		struct ttp_seg s = { .seq = nxt + at, .len = len, .flags = flags };
		u32 space = len + !!(flags & TTP_FIN);
		bool want = false;

		for (k = 0; k < space; k++)
			want |= at + (s32)k >= 0 && at + (s32)k < (s32)wnd;
		if (!space)
			want = at >= 0 && at <= (s32)wnd;
		SAME(ttp_judge_synced(&s, &c).verdict,
		     want ? TTP_V_ACCEPT : TTP_V_ACK,
		     "%u bytes at %d, window %u", space, at, wnd);
	}
	return true;
}

static const struct {
	const char *name;
	bool (*run)(void);
} models[] = {
	{ "seq: numbers that never wrap", model_seq },
	{ "opts: two passes over a list", model_opts },
	{ "window: the field found by trying", model_advertise },
	{ "plan: the longest burst that the rules allow", model_plan },
	{ "verdict: a window of single numbers", model_acceptable },
};

int main(int argc, char **argv)
{
	int failed = 0;
	size_t i;

	seed = argc > 1 && *argv[1] ? strtoul(argv[1], NULL, 0) : (u32)time(NULL);
	seed = seed ? seed : 1;
	printf("TAP version 14\n1..%zu\n# SEED=%u\n", ARRAY_SIZE(models), seed);
	for (i = 0; i < ARRAY_SIZE(models); i++) {
		bool ok;

		rnd = seed;
		ok = models[i].run();
		printf("%sok %zu %s\n", ok ? "" : "not ", i + 1, models[i].name);
		failed += !ok;
	}
	return failed ? 1 : 0;
}
