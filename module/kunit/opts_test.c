// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/opts.c: known bytes, hostile bytes, and the order in
 * which Linux TCP writes options.
 */
#include "cases.h"
#include "../core/opts.c"

#define BYTES(...)	.n = sizeof((u8[]){ __VA_ARGS__ }), .p = { __VA_ARGS__ }

struct opts_case {
	const char *name;
	bool syn;
	bool ok;
	u8 n;
	u8 p[TTP_OPTS_MAX];
	struct ttp_opts want;
};

static const struct opts_case opts_rows[] = {
	{ "none", true, true, .n = 0 },
	{ "EOL only", true, true, BYTES(0) },
	{ "NOPs", true, true, BYTES(1, 1, 1, 1) },
	{ "nothing counts after EOL", true, true, BYTES(0, 2, 4, 5, 0xb4, 8, 0) },
	{ "MSS", true, true, BYTES(2, 4, 5, 0xb4),
	  .want = { .mss = 1460, .has_mss = true } },
	{ "MSS 65535", true, true, BYTES(2, 4, 0xff, 0xff),
	  .want = { .mss = 65535, .has_mss = true } },
	{ "MSS 0 is none", true, true, BYTES(2, 4, 0, 0) },
	{ "window scale", true, true, BYTES(1, 3, 3, 7),
	  .want = { .wscale = 7, .has_wscale = true } },
	{ "window scale 0", true, true, BYTES(3, 3, 0),
	  .want = { .wscale = 0, .has_wscale = true } },
	{ "window scale clamped", true, true, BYTES(3, 3, 15),
	  .want = { .wscale = 14, .has_wscale = true } },
	{ "window scale 255 clamped", true, true, BYTES(3, 3, 255),
	  .want = { .wscale = 14, .has_wscale = true } },
	{ "SACK permitted", true, true, BYTES(4, 2), .want = { .sack_ok = true } },
	{ "timestamps", false, true, BYTES(1, 1, 8, 10, 1, 2, 3, 4, 250, 6, 7, 8),
	  .want = { .has_ts = true, .tsval = 0x01020304, .tsecr = 0xfa060708 } },
	{ "one SACK block", false, true,
	  BYTES(1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 9),
	  .want = { .nr_sack = 1, .sack = { { 1, 9 } } } },
	{ "four SACK blocks", false, true,
	  BYTES(5, 34, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4,
		0, 0, 0, 5, 0, 0, 0, 6, 255, 255, 255, 255, 0, 0, 0, 8),
	  .want = { .nr_sack = 4,
		    .sack = { { 1, 2 }, { 3, 4 }, { 5, 6 }, { ~0u, 8 } } } },
	{ "Linux SYN", true, true,
	  BYTES(2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7),
	  .want = { .mss = 1460, .has_mss = true, .sack_ok = true,
		    .has_ts = true, .tsval = 1, .wscale = 7,
		    .has_wscale = true } },
	{ "unknown skipped", true, true, BYTES(77, 5, 1, 2, 3, 2, 4, 2, 0x18),
	  .want = { .mss = 536, .has_mss = true } },
	{ "unknown of length 2", false, true, BYTES(33, 2) },
	/* RFC 7413 4.1.1 */
	{ "cookie asked for", true, true, BYTES(1, 1, 34, 2),
	  .want = { .has_fo = true } },
	{ "cookie of 4", true, true, BYTES(34, 6, 1, 2, 3, 4, 1, 1),
	  .want = { .has_fo = true, .fo = { 4, { 1, 2, 3, 4 } } } },
	{ "cookie of 16", true, true,
	  BYTES(34, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
	  .want = { .has_fo = true,
		    .fo = { 16, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
				  14, 15, 16 } } } },
	{ "cookie without SYN", false, true, BYTES(34, 6, 1, 2, 3, 4) },
	{ "cookie of 2 is none", true, true, BYTES(34, 4, 1, 2) },
	{ "cookie of 5 is none", true, true, BYTES(34, 7, 1, 2, 3, 4, 5) },
	{ "cookie of 18 is none", true, true,
	  BYTES(34, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
		17, 18) },
	{ "cookie cut", true, false, BYTES(34, 6, 1, 2, 3) },
	{ "the last of two counts", true, true, BYTES(3, 3, 1, 3, 3, 2),
	  .want = { .wscale = 2, .has_wscale = true } },
	/* SYN-only options are ignored elsewhere */
	{ "window scale without SYN", false, true, BYTES(3, 3, 7) },
	{ "MSS without SYN", false, true, BYTES(2, 4, 5, 0xb4) },
	{ "SACK permitted without SYN", false, true, BYTES(4, 2) },
	/* impossible lengths: MUST-7 */
	{ "kind without length", true, false, BYTES(2) },
	{ "unknown kind without length", true, false, BYTES(1, 1, 77) },
	{ "length 0", true, false, BYTES(77, 0, 1, 1) },
	{ "length 1", true, false, BYTES(77, 1, 1, 1) },
	{ "one byte beyond the end", true, false, BYTES(77, 5, 0, 0) },
	{ "length 255", true, false, BYTES(77, 255) },
	{ "MSS of 3", true, false, BYTES(2, 3, 5, 0) },
	{ "MSS of 5", true, false, BYTES(2, 5, 5, 0xb4, 0) },
	{ "MSS of 3 without SYN", false, false, BYTES(2, 3, 5, 0) },
	{ "MSS cut", true, false, BYTES(2, 4, 5) },
	{ "window scale of 2", true, false, BYTES(3, 2, 1) },
	{ "window scale of 4", true, false, BYTES(3, 4, 1, 1) },
	{ "SACK permitted of 3", true, false, BYTES(4, 3, 1) },
	{ "timestamps of 9", false, false, BYTES(8, 9, 0, 0, 0, 1, 0, 0, 0, 0) },
	{ "timestamps cut", false, false, BYTES(8, 10, 0, 0, 0, 1, 0, 0, 0) },
	{ "SACK without a block", false, false, BYTES(5, 2, 1, 1) },
	{ "SACK of 9", false, false, BYTES(5, 9, 0, 0, 0, 1, 0, 0, 0) },
	{ "SACK of 11", false, false,
	  BYTES(5, 11, 0, 0, 0, 1, 0, 0, 0, 2, 0) },
	{ "SACK cut", false, false, BYTES(5, 18, 0, 0, 0, 1, 0, 0, 0, 9) },
	{ "good, then bad", true, false, BYTES(2, 4, 5, 0xb4, 3, 9) },
};

TTP_CASES(opts_row, opts_rows);

/* @n bytes that end where an allocation ends, so that KASAN sees one more. */
static u8 *tight_copy(struct kunit *test, const u8 *p, u32 n)
{
	u8 *copy = kunit_kmalloc(test, n, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, copy);
	memcpy(copy, p, n);
	return copy;
}

static void opts_parse__table(struct kunit *test)
{
	const struct opts_case *c = test->param_value;
	const u8 *p = tight_copy(test, c->p, c->n);
	struct ttp_opts o;

	memset(&o, 0xa5, sizeof(o));
	KUNIT_ASSERT_EQ(test, ttp_opts_parse(p, c->n, c->syn, &o), c->ok);
	KUNIT_EXPECT_EQ(test, o.has_mss, c->want.has_mss);
	if (o.has_mss)
		KUNIT_EXPECT_EQ(test, o.mss, c->want.mss);
	KUNIT_EXPECT_EQ(test, o.has_wscale, c->want.has_wscale);
	if (o.has_wscale)
		KUNIT_EXPECT_EQ(test, o.wscale, c->want.wscale);
	KUNIT_EXPECT_EQ(test, o.sack_ok, c->want.sack_ok);
	KUNIT_EXPECT_EQ(test, o.has_fo, c->want.has_fo);
	KUNIT_ASSERT_EQ(test, o.fo.len, c->want.fo.len);
	KUNIT_EXPECT_EQ(test, memcmp(o.fo.val, c->want.fo.val, o.fo.len), 0);
	KUNIT_EXPECT_EQ(test, o.has_ts, c->want.has_ts);
	KUNIT_EXPECT_EQ(test, o.tsval, c->want.tsval);
	KUNIT_EXPECT_EQ(test, o.tsecr, c->want.tsecr);
	KUNIT_ASSERT_EQ(test, o.nr_sack, c->want.nr_sack);
	KUNIT_EXPECT_EQ(test, memcmp(o.sack, c->want.sack,
				     o.nr_sack * sizeof(o.sack[0])), 0);
}

/* May an option of this kind have this length, with @left bytes there? */
static bool length_is_possible(u32 kind, u32 len, u32 left)
{
	if (left < 2 || len < 2 || len > left)
		return false;
	if (kind == TTP_OPT_MSS)
		return len == 4;
	if (kind == TTP_OPT_WSCALE)
		return len == 3;
	if (kind == TTP_OPT_SACK_OK)
		return len == 2;
	if (kind == TTP_OPT_SACK)
		return len == 10 || len == 18 || len == 26 || len == 34;
	if (kind == TTP_OPT_TS)
		return len == 10;
	return true;
}

/*
 * Every kind with every length byte at every truncation.  The bytes behind
 * are NOPs, so that only this option decides.
 */
static void opts_parse__every_length(struct kunit *test)
{
	struct ttp_opts o;
	u32 left, kind, len;

	for (left = 1; left <= TTP_OPTS_MAX; left++) {
		u8 *p = kunit_kmalloc(test, left, GFP_KERNEL);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
		memset(p, TTP_OPT_NOP, left);
		for (kind = 2; kind < 256; kind = kind < 40 ? kind + 1 : kind * 2 - 1) {
			p[0] = kind;
			for (len = 0; len < 256; len++) {
				if (left > 1)
					p[1] = len;
				KUNIT_ASSERT_EQ_MSG(test,
					ttp_opts_parse(p, left, true, &o),
					length_is_possible(kind, len, left),
					"kind %u length %u of %u", kind, len,
					left);
			}
		}
	}
}

/* Every truncation of a full header: never a read behind the end. */
static void opts_parse__every_truncation(struct kunit *test)
{
	static const u8 full[TTP_OPTS_MAX] = {
		2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7,
		1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4,
	};
	static const u64 ends = 1ULL << 0 | 1ULL << 4 | 1ULL << 6 | 1ULL << 16 |
				1ULL << 17 | 1ULL << 20 | 1ULL << 21 |
				1ULL << 22 | 1ULL << 40;
	struct ttp_opts o;
	u32 n;

	for (n = 0; n <= TTP_OPTS_MAX; n++)
		KUNIT_EXPECT_EQ_MSG(test,
			ttp_opts_parse(tight_copy(test, full, n), n, true, &o),
			!!(ends & 1ULL << n), "%u bytes", n);
}

static void opts_parse__noise(struct kunit *test)
{
	const u32 seed = 0x4f505431;
	u8 *p = kunit_kmalloc(test, TTP_OPTS_MAX, GFP_KERNEL);
	u32 rnd = seed;
	struct ttp_opts o;
	u32 i, j;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	for (i = 0; i < 20000; i++) {
		u32 n = ttp_test_random(&rnd) % (TTP_OPTS_MAX + 1);

		/* Small bytes: kinds that are known, lengths that fit. */
		for (j = 0; j < n; j++)
			p[TTP_OPTS_MAX - n + j] = ttp_test_random(&rnd) % 12;
		ttp_opts_parse(p + TTP_OPTS_MAX - n, n, i & 1, &o);
		KUNIT_ASSERT_LE_MSG(test, (u32)o.nr_sack, (u32)TTP_SACK_MAX,
				    "seed %x, step %u", seed, i);
		KUNIT_ASSERT_LE_MSG(test, (u32)o.wscale, (u32)TTP_WSCALE_MAX,
				    "seed %x, step %u", seed, i);
	}
}

struct build_case {
	const char *name;
	struct ttp_opts o;
	u8 n;
	u8 p[TTP_OPTS_MAX];
};

static const struct build_case build_rows[] = {
	{ "nothing", { }, .n = 0 },
	{ "SYN as Linux writes it",
	  { .has_mss = true, .mss = 1460, .sack_ok = true, .has_ts = true,
	    .tsval = 0x01020304, .has_wscale = true, .wscale = 7 },
	  BYTES(2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7) },
	{ "SYN without timestamps",
	  { .has_mss = true, .mss = 1460, .sack_ok = true, .has_wscale = true,
	    .wscale = 10 },
	  BYTES(2, 4, 5, 0xb4, 1, 1, 4, 2, 1, 3, 3, 10) },
	{ "SYN with timestamps only",
	  { .has_mss = true, .mss = 536, .has_ts = true, .tsval = 1, .tsecr = 2 },
	  BYTES(2, 4, 2, 0x18, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2) },
	{ "SYN with MSS only", { .has_mss = true, .mss = 65495 },
	  BYTES(2, 4, 0xff, 0xd7) },
	{ "SYN with MSS and scale",
	  { .has_mss = true, .mss = 1460, .has_wscale = true, .wscale = 0 },
	  BYTES(2, 4, 5, 0xb4, 1, 3, 3, 0) },
	{ "scale clamped", { .has_wscale = true, .wscale = 200 },
	  BYTES(1, 3, 3, 14) },
	{ "timestamps", { .has_ts = true, .tsval = ~0u, .tsecr = 1 },
	  BYTES(1, 1, 8, 10, 255, 255, 255, 255, 0, 0, 0, 1) },
	{ "timestamps and SACK",
	  { .has_ts = true, .tsval = 1, .tsecr = 2, .nr_sack = 1,
	    .sack = { { 3, 4 } } },
	  BYTES(1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2,
		1, 1, 5, 10, 0, 0, 0, 3, 0, 0, 0, 4) },
	{ "timestamps leave room for three",
	  { .has_ts = true, .nr_sack = 4,
	    .sack = { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } } },
	  BYTES(1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 5, 26,
		0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4,
		0, 0, 0, 5, 0, 0, 0, 6) },
	{ "SYN that asks for a cookie",
	  { .has_mss = true, .mss = 1460, .has_fo = true },
	  BYTES(2, 4, 5, 0xb4, 34, 2, 1, 1) },
	{ "SYN with a cookie of 6",
	  { .has_mss = true, .mss = 1460, .has_fo = true,
	    .fo = { 6, { 1, 2, 3, 4, 5, 6 } } },
	  BYTES(2, 4, 5, 0xb4, 34, 8, 1, 2, 3, 4, 5, 6) },
	{ "SYN with all of it: not a byte is left",
	  { .has_mss = true, .mss = 1460, .sack_ok = true, .has_ts = true,
	    .has_wscale = true, .wscale = 7, .has_fo = true,
	    .fo = { 16, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
			  16 } }, .nr_sack = 1 },
	  BYTES(2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7,
		34, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
		1, 1) },
	{ "four SACK blocks",
	  { .nr_sack = 4, .sack = { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } } },
	  BYTES(1, 1, 5, 34, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4,
		0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 8) },
};

TTP_CASES(build_row, build_rows);

static void opts_build__table(struct kunit *test)
{
	const struct build_case *c = test->param_value;
	u8 buf[TTP_OPTS_MAX + 1];

	memset(buf, 0xee, sizeof(buf));
	KUNIT_ASSERT_EQ(test, ttp_opts_len(&c->o), (u32)c->n);
	KUNIT_ASSERT_EQ(test, ttp_opts_build(buf, &c->o), (u32)c->n);
	KUNIT_EXPECT_EQ(test, memcmp(buf, c->p, c->n), 0);
	KUNIT_EXPECT_EQ(test, buf[c->n], 0xee);
}

/* All combinations: aligned, within bounds, as long as announced, readable. */
static void opts_build__all_combinations(struct kunit *test)
{
	static const u8 cookies[] = { 0, 0, 4, 6, 8, 14, 16 };
	u32 bits, n, fo;

	for (bits = 0; bits < 16 * 5 * ARRAY_SIZE(cookies); bits++) {
		struct ttp_opts back = {}, o = {
			.has_mss = bits & 1, .mss = bits & 1 ? 1400 : 0,
			.has_wscale = bits & 2, .wscale = bits & 2 ? 9 : 0,
			.sack_ok = bits & 4,
			.has_ts = bits & 8, .tsval = bits & 8 ? 77 : 0,
			.nr_sack = bits / 16 % 5,
		};
		u8 *p = kunit_kmalloc(test, TTP_OPTS_MAX, GFP_KERNEL);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
		fo = bits / 16 / 5;
		o.has_fo = fo;
		o.fo.len = cookies[fo];
		memset(o.fo.val, bits, o.fo.len);
		n = ttp_opts_build(p, &o);
		KUNIT_ASSERT_LE(test, n, (u32)TTP_OPTS_MAX);
		KUNIT_EXPECT_EQ(test, n % 4, 0u);
		KUNIT_EXPECT_EQ(test, n, ttp_opts_len(&o));
		KUNIT_ASSERT_TRUE(test, ttp_opts_parse(p, n, true, &back));
		/* Only blocks may be missing, and only for lack of room. */
		if (back.nr_sack < o.nr_sack)
			KUNIT_EXPECT_GT(test, n + 8, (u32)TTP_OPTS_MAX - 4);
		back.nr_sack = o.nr_sack;
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&back, &o, sizeof(o)), 0,
				    "combination %u", bits);
	}
}

static struct kunit_case opts_cases[] = {
	KUNIT_CASE_PARAM(opts_parse__table, opts_row_gen_params),
	KUNIT_CASE(opts_parse__every_length),
	KUNIT_CASE(opts_parse__every_truncation),
	KUNIT_CASE(opts_parse__noise),
	KUNIT_CASE_PARAM(opts_build__table, build_row_gen_params),
	KUNIT_CASE(opts_build__all_combinations),
	{}
};

struct kunit_suite ttp_opts_suite = {
	.name = "ttp_opts",
	.test_cases = opts_cases,
};
