// SPDX-License-Identifier: GPL-2.0
/* This file tests core/seg.c: header bytes to a value and back. */
#include "cases.h"
#include "../core/seg.c"

/* A SYN from port 0x1234 to 80 with an MSS of 1460, as it is on the wire. */
static const u8 syn_bytes[] = {
	0x12, 0x34, 0x00, 0x50,
	0xde, 0xad, 0xbe, 0xef,
	0x00, 0x00, 0x00, 0x00,
	0x60, 0x02, 0xfa, 0xf0,
	0xab, 0xcd, 0x00, 0x07,
	0x02, 0x04, 0x05, 0xb4,
};

static void seg_parse__fields(struct kunit *test)
{
	struct ttp_seg s;

	KUNIT_ASSERT_EQ(test, (u32)ttp_seg_parse(syn_bytes, sizeof(syn_bytes),
						 sizeof(syn_bytes) + 5, &s),
			(u32)TTP_SEG_OK);
	KUNIT_EXPECT_EQ(test, s.sport, 0x1234);
	KUNIT_EXPECT_EQ(test, s.dport, 80);
	KUNIT_EXPECT_EQ(test, s.seq, 0xdeadbeefu);
	KUNIT_EXPECT_EQ(test, s.ack, 0u);
	KUNIT_EXPECT_EQ(test, s.flags, TTP_SYN);
	KUNIT_EXPECT_EQ(test, s.win, 0xfaf0u);
	KUNIT_EXPECT_EQ(test, s.urg, 7);
	KUNIT_EXPECT_EQ(test, s.hlen, 24);
	KUNIT_EXPECT_EQ(test, s.len, 5u);
	KUNIT_EXPECT_TRUE(test, s.opts.has_mss);
	KUNIT_EXPECT_EQ(test, s.opts.mss, 1460);
}

struct seg_case {
	const char *name;
	u8 doff_ae;
	u8 flags;
	u32 avail;
	u32 total;
	u8 opts[8];
	u8 err;			/* enum ttp_seg_err */
	u32 len;		/* payload, with TTP_SEG_OK */
};

static const struct seg_case seg_rows[] = {
	{ "nothing", 0x50, TTP_ACK, 0, 0, { }, TTP_SEG_SHORT },
	{ "one byte missing", 0x50, TTP_ACK, 19, 19, { }, TTP_SEG_SHORT },
	{ "header not yet pulled", 0x50, TTP_ACK, 19, 20, { }, TTP_SEG_SHORT },
	{ "total below a header", 0x50, TTP_ACK, 20, 19, { }, TTP_SEG_SHORT },
	{ "bare header", 0x50, TTP_ACK, 20, 20, { }, TTP_SEG_OK, 0 },
	{ "payload", 0x50, TTP_ACK, 20, 21, { }, TTP_SEG_OK, 1 },
	{ "64 KB", 0x50, TTP_ACK, 20, 65535, { }, TTP_SEG_OK, 65515 },
	{ "a big merged one", 0x50, TTP_ACK, 60, 500020, { }, TTP_SEG_OK,
	  500000 },
	{ "data offset 0", 0x00, TTP_ACK, 60, 60, { }, TTP_SEG_BAD_DOFF },
	{ "data offset 4", 0x40, TTP_ACK, 60, 60, { }, TTP_SEG_BAD_DOFF },
	{ "offset beyond the segment", 0x60, TTP_ACK, 23, 23, { },
	  TTP_SEG_BAD_DOFF },
	{ "offset at the end", 0x60, TTP_ACK, 24, 24, { }, TTP_SEG_OK, 0 },
	{ "options not yet pulled", 0x60, TTP_ACK, 23, 60, { }, TTP_SEG_SHORT },
	{ "offset 15, too short", 0xf0, TTP_ACK, 59, 59, { }, TTP_SEG_BAD_DOFF },
	{ "offset 15", 0xf0, TTP_ACK, 60, 60, { }, TTP_SEG_OK, 0 },
	{ "reserved and AE bits ignored", 0x5f, TTP_ACK, 20, 20, { },
	  TTP_SEG_OK, 0 },
	{ "unknown option skipped", 0x60, TTP_ACK, 24, 24, { 254, 4, 1, 2 },
	  TTP_SEG_OK, 0 },
	{ "option of length 0", 0x60, TTP_ACK, 24, 24, { 254, 0 },
	  TTP_SEG_BAD_OPT },
	{ "option beyond the header", 0x60, TTP_ACK, 28, 28, { 254, 5 },
	  TTP_SEG_BAD_OPT },
	{ "options end where the header does", 0x60, TTP_ACK, 28, 28,
	  { 1, 1, 1, 1, 254, 0 }, TTP_SEG_OK, 4 },
};

TTP_CASES(seg_row, seg_rows);

static void seg_parse__table(struct kunit *test)
{
	const struct seg_case *c = test->param_value;
	u32 room = min_t(u32, c->avail, TTP_HDR_MAX);
	u8 whole[TTP_HDR_MAX] = { };
	struct ttp_seg s;
	u8 *buf;

	whole[12] = c->doff_ae;
	whole[13] = c->flags;
	memcpy(whole + TTP_HDR_LEN, c->opts, sizeof(c->opts));
	/* Exactly the bytes that may be read: KASAN watches the rest. */
	buf = kunit_kmalloc(test, room, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	memcpy(buf, whole, room);

	KUNIT_ASSERT_EQ(test, (u32)ttp_seg_parse(buf, c->avail, c->total, &s),
			(u32)c->err);
	if (c->err == TTP_SEG_OK)
		KUNIT_EXPECT_EQ(test, s.len, c->len);
}

static void seg_build__bytes(struct kunit *test)
{
	struct ttp_seg s = {
		.sport = 0x1234, .dport = 80, .seq = 0xdeadbeef,
		.flags = TTP_SYN, .win = 0xfaf0, .urg = 7, .hlen = 99,
		.opts = { .has_mss = true, .mss = 1460 },
	};
	u8 buf[TTP_HDR_MAX];
	u8 want[sizeof(syn_bytes)];

	memcpy(want, syn_bytes, sizeof(want));
	want[16] = 0;		/* the checksum is the caller's */
	want[17] = 0;
	memset(buf, 0xff, sizeof(buf));
	KUNIT_ASSERT_EQ(test, ttp_seg_build(buf, &s), (u32)sizeof(want));
	KUNIT_EXPECT_EQ(test, memcmp(buf, want, sizeof(want)), 0);
	KUNIT_EXPECT_EQ(test, buf[sizeof(want)], 0xff);
}

static void seg_random(struct ttp_seg *s, u32 *rnd)
{
	memset(s, 0, sizeof(*s));
	s->seq = ttp_test_random(rnd);
	s->ack = ttp_test_random(rnd);
	s->win = ttp_test_random(rnd) & 0xffff;
	s->sport = ttp_test_random(rnd);
	s->dport = ttp_test_random(rnd);
	s->urg = ttp_test_random(rnd);
	s->flags = ttp_test_random(rnd);
	s->opts.has_ts = ttp_test_random(rnd) & 1;
	if (s->opts.has_ts) {
		s->opts.tsval = ttp_test_random(rnd);
		s->opts.tsecr = ttp_test_random(rnd);
	}
	if (s->flags & TTP_SYN) {
		s->opts.has_mss = true;
		s->opts.mss = ttp_test_random(rnd) | 1;
		s->opts.sack_ok = ttp_test_random(rnd) & 1;
		s->opts.has_wscale = ttp_test_random(rnd) & 1;
		if (s->opts.has_wscale)
			s->opts.wscale = ttp_test_random(rnd) % 15;
	}
}

static void seg_build__parses_back(struct kunit *test)
{
	const u32 seed = 0x53454731;
	struct ttp_seg s, back;
	u8 buf[TTP_HDR_MAX];
	u32 rnd = seed;
	u32 i, n;

	for (i = 0; i < 5000; i++) {
		seg_random(&s, &rnd);
		n = ttp_seg_build(buf, &s);
		s.hlen = n;
		s.len = i;
		memset(&back, 0, sizeof(back));
		KUNIT_ASSERT_EQ_MSG(test,
				    (u32)ttp_seg_parse(buf, n, n + i, &back),
				    (u32)TTP_SEG_OK, "seed %x, step %u", seed, i);
		KUNIT_ASSERT_EQ_MSG(test, memcmp(&s, &back, sizeof(s)), 0,
				    "seed %x, step %u", seed, i);
	}
}

struct space_case {
	const char *name;
	u32 seq;
	u32 len;
	u8 flags;
	u32 space;
	u32 end;
};

static const struct space_case space_rows[] = {
	{ "bare ACK", 10, 0, TTP_ACK, 0, 10 },
	{ "data", 10, 5, TTP_ACK, 5, 15 },
	{ "SYN", 10, 0, TTP_SYN, 1, 11 },
	{ "FIN with data", 10, 5, TTP_FIN | TTP_ACK, 6, 16 },
	{ "SYN, data and FIN", 10, 5, TTP_SYN | TTP_FIN, 7, 17 },
	{ "FIN at the wrap", ~0u, 0, TTP_FIN, 1, 0 },
	{ "RST takes none", 10, 0, TTP_RST | TTP_ACK, 0, 10 },
};

TTP_CASES(space_row, space_rows);

static void seg_space__table(struct kunit *test)
{
	const struct space_case *c = test->param_value;
	struct ttp_seg s = {
		.seq = c->seq, .len = c->len, .flags = c->flags,
	};

	KUNIT_EXPECT_EQ(test, ttp_seg_space(&s), c->space);
	KUNIT_EXPECT_EQ(test, ttp_seg_end(&s), c->end);
}

static struct kunit_case seg_cases[] = {
	KUNIT_CASE(seg_parse__fields),
	KUNIT_CASE_PARAM(seg_parse__table, seg_row_gen_params),
	KUNIT_CASE(seg_build__bytes),
	KUNIT_CASE(seg_build__parses_back),
	KUNIT_CASE_PARAM(seg_space__table, space_row_gen_params),
	{}
};

struct kunit_suite ttp_seg_suite = {
	.name = "ttp_seg",
	.test_cases = seg_cases,
};
