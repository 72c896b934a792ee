// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/plpmtu.c: the search for the path MTU.
 */
#include "cases.h"
#include "../core/plpmtu.c"

#define HEAD	52

static void plpmtu_limit__before_and_after(struct kunit *test)
{
	struct ttp_plpmtu p;

	ttp_plpmtu_init(&p, 1076, 1500, false, 0);
	KUNIT_EXPECT_EQ(test, ttp_plpmtu_limit(&p, 9000), 9000u);
	KUNIT_EXPECT_EQ(test, p.high, 1500u);
	KUNIT_EXPECT_EQ(test, ttp_plpmtu_limit(&p, 1400), 1400u);
	KUNIT_EXPECT_EQ(test, p.high, 1400u);
	p.on = true;
	KUNIT_EXPECT_EQ(test, ttp_plpmtu_limit(&p, 1500), 1076u);
	KUNIT_EXPECT_EQ(test, p.high, 1400u);
	/* IP knows better */
	KUNIT_EXPECT_EQ(test, ttp_plpmtu_limit(&p, 600), 600u);
}

static void plpmtu_black_hole__down_to_the_least(struct kunit *test)
{
	static const u32 low[] = { 1076, HEAD + 512, HEAD + 256, HEAD + 128,
				   HEAD + 64, HEAD + 48, HEAD + 48 };
	struct ttp_plpmtu p;
	u32 i;

	ttp_plpmtu_init(&p, HEAD + 1024, 1500, false, 0);
	for (i = 0; i < ARRAY_SIZE(low); i++) {
		p.probe = 1300;
		ttp_plpmtu_black_hole(&p, 1024, 48, HEAD, 77);
		KUNIT_EXPECT_TRUE(test, p.on);
		KUNIT_EXPECT_EQ(test, p.low, low[i]);
		KUNIT_EXPECT_EQ(test, p.probe, 0u);
		KUNIT_EXPECT_EQ(test, p.since, 77ull);
	}
	/* from a high place back to the base first */
	p.low = 9000;
	ttp_plpmtu_black_hole(&p, 1024, 48, HEAD, 78);
	KUNIT_EXPECT_EQ(test, p.low, HEAD + 1024u);
	/* and never below what any link carries, whatever low was */
	p.low = 10;
	ttp_plpmtu_black_hole(&p, 1024, 48, HEAD, 78);
	KUNIT_EXPECT_EQ(test, p.low, HEAD + 48u);
}

struct plpmtu_ask_case {
	const char *name;
	u32 high, probe, unsent, wnd, usable, cwnd, in_flight;
	bool off, wild;
	enum ttp_plpmtu_say say;
};

/* low is 1076, so mss 1024; with high 1500 the probe has 1236 bytes. */
#define NEED	(1236 + 4 * 1024)

static const struct plpmtu_ask_case plpmtu_ask_rows[] = {
	{ "all is well", 1500, 0, NEED, NEED, NEED, 11, 9, false, false,
	  TTP_PLPMTU_PROBE },
	{ "nothing in flight", 1500, 0, NEED, NEED, NEED, 11, 0, false, false,
	  TTP_PLPMTU_PROBE },
	{ "no search", 1500, 0, NEED, NEED, NEED, 11, 9, true, false,
	  TTP_PLPMTU_NO },
	{ "one is under way", 1500, 1300, NEED, NEED, NEED, 11, 9, false, false,
	  TTP_PLPMTU_NO },
	{ "a loss is repaired", 1500, 0, NEED, NEED, NEED, 11, 9, false, true,
	  TTP_PLPMTU_NO },
	{ "a small window", 1500, 0, NEED, NEED, NEED, 10, 5, false, false,
	  TTP_PLPMTU_NO },
	{ "little data", 1500, 0, NEED - 1, NEED, NEED, 11, 9, false, false,
	  TTP_PLPMTU_NO },
	{ "the peer has little room", 1500, 0, NEED, NEED - 1, NEED - 1, 11, 9,
	  false, false, TTP_PLPMTU_NO },
	{ "and now less", 1500, 0, NEED, NEED, NEED - 1, 11, 9, false, false,
	  TTP_PLPMTU_WAIT },
	{ "the network has no room", 1500, 0, NEED, NEED, NEED, 11, 10, false,
	  false, TTP_PLPMTU_WAIT },
	{ "narrow enough", 1083, 0, NEED, NEED, NEED, 11, 9, false, false,
	  TTP_PLPMTU_NO },
	{ "not yet narrow enough", 1084, 0, NEED, NEED, NEED, 11, 9, false, false,
	  TTP_PLPMTU_PROBE },
	{ "the path is narrower", 900, 0, NEED, NEED, NEED, 11, 9, false, false,
	  TTP_PLPMTU_NO },
};

TTP_CASES(plpmtu_ask, plpmtu_ask_rows);

static void plpmtu_ask__table(struct kunit *test)
{
	const struct plpmtu_ask_case *c = test->param_value;
	struct ttp_plpmtu p = { .low = 1076, .high = c->high,
				.probe = c->probe, .on = !c->off };
	struct ttp_plpmtu_view v = {
		.mss = 1024, .head = HEAD, .unsent = c->unsent,
		.snd_wnd = c->wnd, .usable = c->usable, .cwnd = c->cwnd,
		.in_flight = c->in_flight, .calm = !c->wild, .threshold = 8,
	};
	u32 len = 0;

	KUNIT_EXPECT_EQ(test, ttp_plpmtu_ask(&p, &v, &len), c->say);
	if (c->say == TTP_PLPMTU_PROBE)
		KUNIT_EXPECT_EQ(test, len, (1076 + c->high) / 2 - HEAD);
}

/* Whatever the path carries, it is found to within the threshold. */
static void plpmtu_search__finds_it(struct kunit *test)
{
	struct ttp_plpmtu_view v = {
		.head = HEAD, .unsent = 1 << 20, .snd_wnd = 1 << 20,
		.usable = 1 << 20, .cwnd = 20, .calm = true, .threshold = 8,
	};
	u32 path, len, n;

	for (path = 1076; path <= 9000; path += 13) {
		struct ttp_plpmtu p;
		u32 seq = 0xffffff00;

		ttp_plpmtu_init(&p, 1076, 9000, true, 0);
		for (n = 0; n < 20; n++, seq += len) {
			v.mss = p.low - HEAD;
			if (ttp_plpmtu_ask(&p, &v, &len) != TTP_PLPMTU_PROBE)
				break;
			ttp_plpmtu_sent(&p, len + HEAD, seq, seq + len);
			KUNIT_ASSERT_TRUE(test, ttp_plpmtu_is_first(&p, seq));
			KUNIT_ASSERT_TRUE(test, !ttp_plpmtu_is_first(&p, seq - 1));
			if (len + HEAD > path) {
				ttp_plpmtu_failed(&p);
				continue;
			}
			KUNIT_ASSERT_TRUE(test, !ttp_plpmtu_acked(&p, seq + len - 1));
			KUNIT_ASSERT_TRUE(test, ttp_plpmtu_acked(&p, seq + len));
			KUNIT_ASSERT_TRUE(test, !ttp_plpmtu_acked(&p, seq + len));
		}
		KUNIT_ASSERT_LT(test, n, 12u);
		KUNIT_ASSERT_LE(test, p.low, path);
		KUNIT_ASSERT_LT(test, path - p.low, 8u);
	}
}

static void plpmtu_renew__when_over_and_old(struct kunit *test)
{
	struct ttp_plpmtu p;

	ttp_plpmtu_init(&p, 1200, 1204, true, 1000);
	ttp_plpmtu_renew(&p, 8, 500, 1200, 1500, 1499);
	KUNIT_EXPECT_EQ(test, p.high, 1204u);
	ttp_plpmtu_renew(&p, 8, 500, 1200, 1500, 1500);
	KUNIT_EXPECT_EQ(test, p.high, 1500u);
	KUNIT_EXPECT_EQ(test, p.since, 1500ull);
	/* not while one goes on */
	ttp_plpmtu_renew(&p, 8, 500, 1200, 1600, 9999);
	KUNIT_EXPECT_EQ(test, p.high, 1500u);
	/* one that is no use: the path has become narrower */
	p.high = 1100;
	ttp_plpmtu_renew(&p, 8, 500, 1076, 1500, 9999);
	KUNIT_EXPECT_EQ(test, p.high, 1500u);
	KUNIT_EXPECT_EQ(test, p.low, 1076u);
	p.on = false;
	p.high = p.low;
	ttp_plpmtu_renew(&p, 8, 500, 1076, 1500, 99999);
	KUNIT_EXPECT_EQ(test, p.high, 1076u);
}

static void plpmtu_void__tells_nothing(struct kunit *test)
{
	struct ttp_plpmtu p;

	ttp_plpmtu_init(&p, 1076, 1500, true, 0);
	ttp_plpmtu_sent(&p, 1288, 100, 1336);
	ttp_plpmtu_void(&p);
	KUNIT_EXPECT_FALSE(test, ttp_plpmtu_acked(&p, 1336));
	KUNIT_EXPECT_FALSE(test, ttp_plpmtu_is_first(&p, 100));
	KUNIT_EXPECT_EQ(test, p.low, 1076u);
	KUNIT_EXPECT_EQ(test, p.high, 1500u);
}

static struct kunit_case plpmtu_cases[] = {
	KUNIT_CASE(plpmtu_limit__before_and_after),
	KUNIT_CASE(plpmtu_black_hole__down_to_the_least),
	KUNIT_CASE_PARAM(plpmtu_ask__table, plpmtu_ask_gen_params),
	KUNIT_CASE(plpmtu_search__finds_it),
	KUNIT_CASE(plpmtu_renew__when_over_and_old),
	KUNIT_CASE(plpmtu_void__tells_nothing),
	{}
};

struct kunit_suite ttp_plpmtu_suite = {
	.name = "ttp_plpmtu",
	.test_cases = plpmtu_cases,
};
