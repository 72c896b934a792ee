// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/cookie.c: what goes into a SYN cookie comes out again.
 */
#include "cases.h"
#include "../core/cookie.c"

#define MINUTE	(60 * TTP_USEC_PER_SEC)

static void cookie_gen__one_a_minute(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ttp_cookie_gen(0), 0u);
	KUNIT_EXPECT_EQ(test, ttp_cookie_gen(MINUTE - 1), 0u);
	KUNIT_EXPECT_EQ(test, ttp_cookie_gen(MINUTE), 1u);
}

static void cookie_mss__largest_not_above(struct kunit *test)
{
	u32 mss, i;

	for (mss = 0; mss < 70000; mss++) {
		i = ttp_cookie_mss_index(mss);
		if (i == TTP_COOKIE_MSS_NONE) {
			KUNIT_ASSERT_LT(test, mss, ttp_cookie_mss(0));
			continue;
		}
		KUNIT_ASSERT_LE(test, ttp_cookie_mss(i), mss);
		if (i < INDEX_MASK)
			KUNIT_ASSERT_GT(test, ttp_cookie_mss(i + 1), mss);
	}
	/* Ethernet loses nothing */
	KUNIT_EXPECT_EQ(test, ttp_cookie_mss(ttp_cookie_mss_index(1460)), 1460u);
	KUNIT_EXPECT_EQ(test, ttp_cookie_mss(ttp_cookie_mss_index(1440)), 1440u);
}

static void cookie_unpack__inverts_pack(struct kunit *test)
{
	static const u32 gens[] = { 1, 2, 77, 0x7fffffff, 0xffffffff };
	struct ttp_cookie c;
	u32 g, i, cookie;

	for (g = 0; g < ARRAY_SIZE(gens); g++) {
		for (i = 0; i <= INDEX_MASK; i++) {
			cookie = ttp_cookie_pack(gens[g], i, ~0ULL);
			KUNIT_EXPECT_EQ(test, cookie & MAC_MASK, MAC_MASK);
			ttp_cookie_unpack(cookie, gens[g], &c);
			KUNIT_EXPECT_EQ(test, c.gen, gens[g]);
			KUNIT_EXPECT_EQ(test, c.index, i);
			/* a minute later: the last key */
			ttp_cookie_unpack(cookie, gens[g] + 1, &c);
			KUNIT_EXPECT_EQ(test, c.gen, gens[g]);
			/* two: some other key, whose hash will not match */
			ttp_cookie_unpack(cookie, gens[g] + 2, &c);
			KUNIT_EXPECT_NE(test, c.gen, gens[g]);
		}
	}
}

static void cookie_pack__keeps_the_hash(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ttp_cookie_pack(0, 0, 0x123456789abcdefULL),
			0x9abcdefu);
	KUNIT_EXPECT_EQ(test, ttp_cookie_pack(1, 5, 0), 0xd0000000u);
}

static const u64 cookie_key[4][2] = {
	{ 10, 11 }, { 20, 21 }, { 30, 31 }, { 40, 41 },
};

static void cookie_keys__two_generations(struct kunit *test)
{
	struct ttp_cookie_keys keys = {};
	u32 gen;

	KUNIT_EXPECT_NULL(test, ttp_cookie_key_of(&keys, 0));
	for (gen = 6; gen < 10; gen++) {
		KUNIT_EXPECT_NULL(test, ttp_cookie_key_of(&keys, gen));
		ttp_cookie_key_set(&keys, gen, cookie_key[gen - 6]);
		KUNIT_ASSERT_NOT_NULL(test, ttp_cookie_key_of(&keys, gen));
		KUNIT_EXPECT_EQ(test, ttp_cookie_key_of(&keys, gen)[0],
				cookie_key[gen - 6][0]);
		KUNIT_EXPECT_EQ(test, ttp_cookie_key_of(&keys, gen)[1],
				cookie_key[gen - 6][1]);
		/* the last one is still known, and is another */
		if (gen == 6)
			continue;
		KUNIT_ASSERT_NOT_NULL(test, ttp_cookie_key_of(&keys, gen - 1));
		KUNIT_EXPECT_EQ(test, ttp_cookie_key_of(&keys, gen - 1)[0],
				cookie_key[gen - 7][0]);
		/* and none before it */
		KUNIT_EXPECT_NULL(test, ttp_cookie_key_of(&keys, gen - 2));
	}
}

/* Two CPUs draw at once, or one comes very late: what is there stays. */
static void cookie_keys__first_stays(struct kunit *test)
{
	struct ttp_cookie_keys keys = {};

	ttp_cookie_key_set(&keys, 8, cookie_key[0]);
	ttp_cookie_key_set(&keys, 8, cookie_key[1]);
	KUNIT_EXPECT_EQ(test, ttp_cookie_key_of(&keys, 8)[0], cookie_key[0][0]);
	ttp_cookie_key_set(&keys, 6, cookie_key[1]);
	KUNIT_EXPECT_NULL(test, ttp_cookie_key_of(&keys, 6));
	KUNIT_EXPECT_EQ(test, ttp_cookie_key_of(&keys, 8)[0], cookie_key[0][0]);
}

struct cookie_age_case {
	const char *name;
	u32 made;
	u32 now;
	bool drawn;	/* each generation up to now has made cookies */
	bool good;	/* the key that made it is tried */
};

static const struct cookie_age_case cookie_age_rows[] = {
	{ "even, of this generation", 8, 8, true, true },
	{ "odd, of this generation", 9, 9, true, true },
	{ "even, of the last", 8, 9, true, true },
	{ "odd, of the last", 9, 10, true, true },
	{ "even, of the last, since then none", 8, 9, false, true },
	{ "odd, of the last, since then none", 9, 10, false, true },
	{ "even, older", 8, 10, true, false },
	{ "odd, older", 9, 11, true, false },
	{ "even, older, since then none", 8, 10, false, false },
	{ "odd, older, since then none", 9, 11, false, false },
	{ "much older", 8, 11, true, false },
	{ "much older, since then none", 8, 108, false, false },
	{ "of the first", 0, 1, true, true },
	{ "older, of the first", 0, 2, true, false },
};

TTP_CASES(cookie_age, cookie_age_rows);

/* A cookie is good in its generation and the next one, not longer. */
static void cookie_age__table(struct kunit *test)
{
	const struct cookie_age_case *c = test->param_value;
	u32 cookie = ttp_cookie_pack(c->made, 3, 0x1234567), gen;
	u32 last = c->drawn ? c->now : c->made;
	struct ttp_cookie_keys keys = {};
	struct ttp_cookie got;
	const u64 *key;

	for (gen = c->made; gen <= last; gen++)
		ttp_cookie_key_set(&keys, gen, cookie_key[gen - c->made]);
	ttp_cookie_unpack(cookie, c->now, &got);
	key = ttp_cookie_key_of(&keys, got.gen);
	KUNIT_EXPECT_EQ(test, key && key[0] == cookie_key[0][0], c->good);
}

struct cookie_ts_case {
	const char *name;
	u32 tsval;
	bool has_wscale;
	u8 wscale;
	bool sack_ok;
	bool ecn;
};

static const struct cookie_ts_case cookie_ts_rows[] = {
	{ "nothing", 1000, false, 0, false },
	{ "shift 0", 1000, true, 0, false },
	{ "shift 7", 1000, true, 7, false },
	{ "shift 14, SACK", 1000, true, 14, true },
	{ "a shift above 14 counts as 14", 1000, true, 15, false },
	{ "SACK alone", 1000, false, 0, true },
	{ "ECN alone", 1000, false, 0, false, true },
	{ "shift 5, SACK and ECN", 1000, true, 5, true, true },
	{ "clock at the wrap", 0, true, 14, true },
	{ "clock before the wrap", 0xffffffff, true, 3, true },
	{ "all low bits set", 63, true, 1, false },
	{ "no low bits set", 64, false, 0, true },
};

TTP_CASES(cookie_ts, cookie_ts_rows);

static void cookie_ts__table(struct kunit *test)
{
	const struct cookie_ts_case *c = test->param_value;
	struct ttp_opts in = { .has_wscale = c->has_wscale,
			       .wscale = c->wscale, .sack_ok = c->sack_ok };
	struct ttp_opts out = { .wscale = 99 };
	u32 val = ttp_cookie_ts_pack(c->tsval, &in, c->ecn);

	KUNIT_EXPECT_LT(test, c->tsval - val, 128u);
	KUNIT_EXPECT_EQ(test, ttp_cookie_ts_unpack(val, &out), c->ecn);
	KUNIT_EXPECT_EQ(test, out.has_wscale, c->has_wscale);
	KUNIT_EXPECT_EQ(test, out.wscale, min_t(u8, c->wscale, 14));
	KUNIT_EXPECT_EQ(test, out.sack_ok, c->sack_ok);
}

static struct kunit_case cookie_cases[] = {
	KUNIT_CASE(cookie_gen__one_a_minute),
	KUNIT_CASE(cookie_mss__largest_not_above),
	KUNIT_CASE(cookie_unpack__inverts_pack),
	KUNIT_CASE(cookie_pack__keeps_the_hash),
	KUNIT_CASE(cookie_keys__two_generations),
	KUNIT_CASE(cookie_keys__first_stays),
	KUNIT_CASE_PARAM(cookie_age__table, cookie_age_gen_params),
	KUNIT_CASE_PARAM(cookie_ts__table, cookie_ts_gen_params),
	{}
};

struct kunit_suite ttp_cookie_suite = {
	.name = "ttp_cookie",
	.test_cases = cookie_cases,
};
