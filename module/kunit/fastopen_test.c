// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/fastopen.c: which SYN is served how, how a client
 * begins, and keys as text.
 */
#include "cases.h"
#include "../core/fastopen.c"

#define ON	TTP_FO_SERVER

struct fast_answer_case {
	const char *name;
	struct ttp_fo_syn s;
	u8 want;
};

static const struct fast_answer_case fast_answer_rows[] = {
	{ "an ordinary SYN", { ON }, TTP_FO_IGNORE },
	{ "data alone", { ON, .data = true }, TTP_FO_IGNORE },
	{ "asks for a cookie", { ON, .option = true }, TTP_FO_GIVE },
	{ "asks, and has data", { ON, .option = true, .data = true },
	  TTP_FO_GIVE },
	{ "a good cookie", { ON, .option = true, .data = true, .cookie_len = 8,
			     .match = 1 }, TTP_FO_OPEN },
	{ "a good cookie alone", { ON, .option = true, .cookie_len = 8,
				   .match = 1 }, TTP_FO_OPEN },
	{ "an old cookie", { ON, .option = true, .data = true, .cookie_len = 8,
			     .match = 2 }, TTP_FO_OPEN_GIVE },
	{ "a bad cookie", { ON, .option = true, .data = true, .cookie_len = 8 },
	  TTP_FO_GIVE },
	{ "client only", { TTP_FO_BITS & ~ON, .option = true, .data = true,
			   .cookie_len = 8, .match = 1 }, TTP_FO_IGNORE },
	{ "free by sysctl, data", { ON | TTP_FO_SERVER_FREE, .data = true },
	  TTP_FO_OPEN },
	{ "free by sysctl, bad cookie",
	  { ON | TTP_FO_SERVER_FREE, .option = true, .cookie_len = 8 },
	  TTP_FO_OPEN },
	{ "free by sysctl, an ordinary SYN", { ON | TTP_FO_SERVER_FREE },
	  TTP_FO_IGNORE },
	{ "free by option", { ON, .free = true, .data = true }, TTP_FO_OPEN },
	{ "free for clients says nothing", { ON | TTP_FO_CLIENT_FREE,
					     .data = true }, TTP_FO_IGNORE },
	{ "free, but switched off", { TTP_FO_SERVER_FREE, .free = true,
				      .data = true }, TTP_FO_IGNORE },
};

TTP_CASES(fast_answer, fast_answer_rows);

static void fo_answer__table(struct kunit *test)
{
	const struct fast_answer_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, (u32)ttp_fo_answer(&c->s), (u32)c->want);
	if (c->want != TTP_FO_IGNORE)
		KUNIT_EXPECT_TRUE(test, ttp_fo_concerns(&c->s));
}

static void fo_start__all(struct kunit *test)
{
	const u32 on = TTP_FO_CLIENT;

	KUNIT_EXPECT_EQ(test, (u32)ttp_fo_start(on, false, false, 0),
			(u32)TTP_FO_ASK);
	KUNIT_EXPECT_EQ(test, (u32)ttp_fo_start(on, false, false, 4),
			(u32)TTP_FO_COOKIE);
	KUNIT_EXPECT_EQ(test, (u32)ttp_fo_start(on, true, false, 0),
			(u32)TTP_FO_FREE);
	KUNIT_EXPECT_EQ(test, (u32)ttp_fo_start(on | TTP_FO_CLIENT_FREE, false,
						false, 8), (u32)TTP_FO_FREE);
	KUNIT_EXPECT_EQ(test, (u32)ttp_fo_start(on | TTP_FO_SERVER_FREE, false,
						false, 0), (u32)TTP_FO_ASK);
	/* neither after a black hole nor when it is off */
	KUNIT_EXPECT_EQ(test, (u32)ttp_fo_start(on | TTP_FO_CLIENT_FREE, true,
						true, 8), (u32)TTP_FO_PLAIN);
	KUNIT_EXPECT_EQ(test, (u32)ttp_fo_start(TTP_FO_BITS & ~on, true, false,
						8), (u32)TTP_FO_PLAIN);
}

static void fo_room__leaves_all_options(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ttp_fo_room(1460), 1420u);
	KUNIT_EXPECT_EQ(test, ttp_fo_room(48), 8u);
	KUNIT_EXPECT_EQ(test, ttp_fo_room(40), 0u);
	KUNIT_EXPECT_EQ(test, ttp_fo_room(0), 0u);
}

static void fo_pause__doubles(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ttp_fo_pause(0, 10), 0ULL);
	KUNIT_EXPECT_EQ(test, ttp_fo_pause(1, 10), 10ULL);
	KUNIT_EXPECT_EQ(test, ttp_fo_pause(2, 10), 20ULL);
	KUNIT_EXPECT_EQ(test, ttp_fo_pause(7, 10), 640ULL);
	KUNIT_EXPECT_EQ(test, ttp_fo_pause(8, 10), 640ULL);
	KUNIT_EXPECT_EQ(test, ttp_fo_pause(~0u, 0x7fffffff),
			0x7fffffffULL * 64);
}

struct fast_key_case {
	const char *name;
	const char *text;
	u32 nr;
	const char *back;
};

static const struct fast_key_case fast_key_rows[] = {
	{ "one", "01234567-89abcdef-02468ace-13579bdf", 1,
	  "01234567-89abcdef-02468ace-13579bdf" },
	{ "short words, a newline", "1-2-aB-fFfFfFfF\n", 1,
	  "00000001-00000002-000000ab-ffffffff" },
	{ "two", "1-2-3-4,5-6-7-8", 2,
	  "00000001-00000002-00000003-00000004,"
	  "00000005-00000006-00000007-00000008" },
	{ "none", "", 0 },
	{ "three words", "1-2-3", 0 },
	{ "five words", "1-2-3-4-5", 0 },
	{ "a word too long", "123456789-1-2-3", 0 },
	{ "an empty word", "1--2-3", 0 },
	{ "no digit", "1-2-3-g", 0 },
	{ "half of a second", "1-2-3-4,5-6-7", 0 },
	{ "a comma too many", "1-2-3-4,", 0 },
	{ "three", "1-2-3-4,5-6-7-8,9-a-b-c", 0 },
	{ "a blank", " 1-2-3-4", 0 },
};

TTP_CASES(fast_key, fast_key_rows);

static void fo_keys__table(struct kunit *test)
{
	const struct fast_key_case *c = test->param_value;
	u8 keys[TTP_FO_KEYS][TTP_FO_KEY];
	char text[TTP_FO_TEXT];

	KUNIT_ASSERT_EQ(test, ttp_fo_keys_parse(c->text, keys), c->nr);
	if (!c->nr)
		return;
	ttp_fo_keys_print(keys, c->nr, text);
	KUNIT_EXPECT_STREQ(test, (const char *)text, c->back);
}

/* TCP's order: the bytes of a word from the last to the first. */
static void fo_keys__bytes(struct kunit *test)
{
	u8 keys[TTP_FO_KEYS][TTP_FO_KEY];
	u32 i;

	ttp_fo_keys_parse("03020100-07060504-0b0a0908-0f0e0d0c", keys);
	for (i = 0; i < TTP_FO_KEY; i++)
		KUNIT_EXPECT_EQ(test, (u32)keys[0][i], i);
}

static struct kunit_case fastopen_cases[] = {
	KUNIT_CASE_PARAM(fo_answer__table, fast_answer_gen_params),
	KUNIT_CASE(fo_start__all),
	KUNIT_CASE(fo_room__leaves_all_options),
	KUNIT_CASE(fo_pause__doubles),
	KUNIT_CASE_PARAM(fo_keys__table, fast_key_gen_params),
	KUNIT_CASE(fo_keys__bytes),
	{}
};

struct kunit_suite ttp_fastopen_suite = {
	.name = "ttp_fastopen",
	.test_cases = fastopen_cases,
};
