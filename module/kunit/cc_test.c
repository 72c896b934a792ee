// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/cc.c: the list of controls, the helpers they share, and
 * what happens around a loss whatever the control.
 */
#include "cases.h"
#include "../core/cc.c"

/* A control that writes down what it is told. */
static struct {
	u32 events;		/* bits 1 << event */
	u32 acks, controls, inits;
} told;

static void spy_init(struct ttp_cc *cc, u64 now)
{
	told.inits += !cc->priv[0] && now == 7;
	cc->priv[0] = 1;
}

static u32 spy_ssthresh(struct ttp_cc *cc, u32 flight)
{
	(void)cc;
	return flight / 4;
}

static void spy_on_ack(struct ttp_cc *cc, const struct ttp_cc_ack *a)
{
	told.acks += cc->cwnd && a->acked;
}

static void spy_control(struct ttp_cc *cc, const struct ttp_cc_ack *a)
{
	told.controls += cc->cwnd && a->acked;
}

static void spy_on_event(struct ttp_cc *cc, enum ttp_cc_event ev, u64 now)
{
	told.events |= cc && now == 7 ? 1u << ev : 0;
}

static const struct ttp_cc_ops spy = {
	.name = "spy", .init = spy_init, .ssthresh = spy_ssthresh,
	.on_ack = spy_on_ack, .on_event = spy_on_event,
};

static const struct ttp_cc_ops owner = {
	.name = "owner", .ssthresh = spy_ssthresh, .control = spy_control,
	.on_event = spy_on_event,
};

static struct ttp_cc cc_of(const struct ttp_cc_ops *ops, u32 cwnd)
{
	struct ttp_cc cc;

	memset(&cc, 0xff, sizeof(cc));
	memset(&told, 0, sizeof(told));
	ttp_cc_init(&cc, ops, 7);
	cc.cwnd = cwnd;
	return cc;
}

static void cc_find__by_name(struct kunit *test)
{
	u32 i;

	KUNIT_EXPECT_TRUE(test, ttp_cc_find("reno") == &ttp_cc_newreno);
	KUNIT_EXPECT_TRUE(test, ttp_cc_find("cubic") == &ttp_cc_cubic);
	KUNIT_EXPECT_TRUE(test, ttp_cc_find("bbr") == &ttp_cc_bbr);
	KUNIT_EXPECT_NULL(test, ttp_cc_find(""));
	KUNIT_EXPECT_NULL(test, ttp_cc_find("ren"));
	KUNIT_EXPECT_NULL(test, ttp_cc_find("reno2"));
	KUNIT_EXPECT_TRUE(test, ttp_cc_nth(0) == ttp_cc_find("cubic"));
	for (i = 0; ttp_cc_nth(i); i++)
		KUNIT_EXPECT_TRUE(test, ttp_cc_find(ttp_cc_nth(i)->name) ==
					ttp_cc_nth(i));
	KUNIT_EXPECT_EQ(test, i, 3u);
	KUNIT_EXPECT_NULL(test, ttp_cc_nth(~0u));
}

static void cc_init__rfc6928(struct kunit *test)
{
	struct ttp_cc cc = cc_of(&spy, 1);

	ttp_cc_init(&cc, &spy, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 10u);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, ~0u);
	KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, 0u);
	KUNIT_EXPECT_EQ(test, cc.pacing_rate, 0u);
	KUNIT_EXPECT_EQ(test, told.inits, 2u);
	KUNIT_EXPECT_TRUE(test, !cc.priv[TTP_CC_PRIV - 1]);
}

static void cc_switch__keeps_the_windows(struct kunit *test)
{
	struct ttp_cc cc = cc_of(&owner, 33);

	cc.ssthresh = 22;
	cc.pacing_rate = 1000;
	cc.priv[3] = 5;
	ttp_cc_switch(&cc, &spy, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 33u);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, 22u);
	KUNIT_EXPECT_EQ(test, cc.pacing_rate, 0u);
	KUNIT_EXPECT_EQ(test, cc.priv[3], 0u);
	KUNIT_EXPECT_EQ(test, told.inits, 1u);
	/* An undo of what the other one did changes nothing. */
	ttp_cc_undo(&cc, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 33u);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, 22u);
}

static void cc_acked__who_is_asked(struct kunit *test)
{
	struct ttp_cc_ack a = { .acked = 1 };
	struct ttp_cc cc = cc_of(&spy, 0);

	ttp_cc_acked(&cc, &a);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 1u);
	a.in_recovery = true;
	ttp_cc_acked(&cc, &a);
	KUNIT_EXPECT_EQ(test, told.acks, 1u);
	a.in_recovery = false;
	a.in_loss = true;
	ttp_cc_acked(&cc, &a);
	KUNIT_EXPECT_EQ(test, told.acks, 2u);
	KUNIT_EXPECT_FALSE(test, ttp_cc_owns_cwnd(&cc));

	cc = cc_of(&owner, 10);
	ttp_cc_acked(&cc, &a);
	a.in_recovery = true;
	ttp_cc_acked(&cc, &a);
	KUNIT_EXPECT_EQ(test, told.controls, 2u);
	KUNIT_EXPECT_TRUE(test, ttp_cc_owns_cwnd(&cc));
}

static void cc_enter_recovery__then_undo(struct kunit *test)
{
	struct ttp_cc cc = cc_of(&spy, 40);

	cc.ssthresh = 30;
	cc.cwnd_cnt = 9;
	ttp_cc_enter_recovery(&cc, 40, 7);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, 10u);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 40u);
	KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, 0u);
	KUNIT_EXPECT_EQ(test, told.events, 1u << TTP_CC_RECOVERY);
	cc.cwnd = 10;
	ttp_cc_undo(&cc, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 40u);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, 30u);
	KUNIT_EXPECT_EQ(test, told.events,
			1u << TTP_CC_RECOVERY | 1u << TTP_CC_UNDO);
	/* What has grown since is not taken back. */
	cc.cwnd = 50;
	ttp_cc_undo(&cc, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 50u);
	/* Whatever the control says, RFC 5681 (4). */
	ttp_cc_enter_recovery(&cc, 4, 7);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, 2u);
	ttp_cc_leave(&cc, 7);
	KUNIT_EXPECT_TRUE(test, told.events & 1u << TTP_CC_OPEN);
}

static void cc_enter_loss__rfc5681_3_1(struct kunit *test)
{
	struct ttp_cc cc = cc_of(&spy, 40);

	cc.cwnd_cnt = 9;
	ttp_cc_enter_loss(&cc, 40, 0, true, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 1u);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, 10u);
	KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, 0u);
	KUNIT_EXPECT_EQ(test, told.events, 1u << TTP_CC_LOSS);
	/* The same segment again: ssthresh stays, and so does the undo. */
	ttp_cc_enter_loss(&cc, 1, 3, false, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 4u);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, 10u);
	ttp_cc_undo(&cc, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 40u);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, ~0u);
	ttp_cc_enter_loss(&cc, 1, ~0u, false, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 1u << 24);
}

struct idle_case {
	const char *name;
	const struct ttp_cc_ops *ops;
	u32 cwnd, ssthresh;
	u64 idle;
	u32 cwnd_after, ssthresh_after;
	bool restart;
};

static const struct idle_case idle_rows[] = {
	{ "no pause", &spy, 50, 30, 0, 50, 30, false },
	{ "exactly one RTO", &spy, 50, 30, 300000, 50, 30, false },
	{ "2861: more than one RTO", &spy, 50, 30, 300001, 25, 38, true },
	{ "exactly two", &spy, 50, 30, 600000, 25, 38, true },
	{ "more than two", &spy, 50, 30, 600001, 12, 38, true },
	{ "5681 4.1: not below the first window", &spy, 50, 30, 900001, 10, 38, true },
	{ "a larger ssthresh stays", &spy, 50, 45, 1ULL << 40, 10, 45, true },
	{ "never lost", &spy, 50, ~0u, 300001, 25, ~0u, true },
	{ "a small window does not grow", &spy, 3, 30, 1ULL << 40, 3, 30, true },
	{ "who owns cwnd keeps it", &owner, 50, 30, 1ULL << 40, 50, 30, false },
};

TTP_CASES(idle, idle_rows);

static void cc_tx_start__table(struct kunit *test)
{
	const struct idle_case *c = test->param_value;
	struct ttp_cc cc = cc_of(c->ops, c->cwnd);

	cc.ssthresh = c->ssthresh;
	ttp_cc_tx_start(&cc, c->idle, 300000, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, c->cwnd_after);
	KUNIT_EXPECT_EQ(test, cc.ssthresh, c->ssthresh_after);
	KUNIT_EXPECT_EQ(test, told.events, 1u << TTP_CC_TX_START |
			(c->restart ? 1u << TTP_CC_IDLE_RESTART : 0));
}

static void cc_tx_start__other_window(struct kunit *test)
{
	struct ttp_cc cc = cc_of(&ttp_cc_newreno, 40);

	cc.cwnd_init = 3;
	ttp_cc_tx_start(&cc, 1500001, 300000, 7);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 3u);
}

struct count_case {
	const char *name;
	struct ttp_cc_ack a;
	u32 count;
};

static const struct count_case count_rows[] = {
	{ "all of it", { .acked = 44, .cwnd_limited = true }, 44 },
	{ "2861: window not used", { .acked = 44 }, 0 },
	{ "3168 6.1.2: ECE", { .acked = 44, .cwnd_limited = 1, .ece = 1 }, 0 },
	{ "3465 2.3: a hole was filled", { .acked = 44, .cwnd_limited = true,
	  .in_loss = true, .rate.acked_sacked = 3 }, 3 },
	{ "SACKed is not acked", { .acked = 1, .cwnd_limited = true,
	  .in_loss = true, .rate.acked_sacked = 3 }, 1 },
};

TTP_CASES(count, count_rows);

static void cc_countable__table(struct kunit *test)
{
	const struct count_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, ttp_cc_countable(&c->a), c->count);
}

struct step_case {
	const char *name;
	u32 cwnd, ssthresh, acked, cwnd_after, left;
};

static const struct step_case step_rows[] = {
	{ "far below", 10, 100, 5, 15, 0 },
	{ "to it", 10, 15, 5, 15, 0 },
	{ "beyond it", 10, 12, 5, 12, 3 },
	{ "above it already", 20, 12, 5, 20, 5 },
	{ "no threshold, at the top", (1u << 24) - 1, ~0u, 5, 1u << 24, 4 },
	{ "everything", 1, ~0u, ~0u, 1u << 24, ~0u - (1u << 24) + 1 },
};

TTP_CASES(step, step_rows);

static void cc_slow_start__table(struct kunit *test)
{
	const struct step_case *c = test->param_value;
	struct ttp_cc cc = { .cwnd = c->cwnd, .ssthresh = c->ssthresh };

	KUNIT_EXPECT_EQ(test, ttp_cc_slow_start(&cc, c->acked), c->left);
	KUNIT_EXPECT_EQ(test, cc.cwnd, c->cwnd_after);
}

struct avoid_case {
	const char *name;
	u32 cwnd, cnt, per, acked, cwnd_after, cnt_after;
};

static const struct avoid_case avoid_rows[] = {
	{ "counts", 10, 3, 10, 4, 10, 7 },
	{ "one more", 10, 7, 10, 4, 11, 1 },
	{ "several", 10, 0, 3, 10, 13, 1 },
	{ "a count from a larger window", 10, 500, 10, 1, 11, 1 },
	{ "per nothing is per one", 10, 0, 0, 2, 12, 0 },
	{ "at the top", 1u << 24, 0, 1, 100, 1u << 24, 0 },
	{ "everything", 10, ~0u, ~0u, ~0u, 12, 0 },
};

TTP_CASES(avoid, avoid_rows);

static void cc_avoid__table(struct kunit *test)
{
	const struct avoid_case *c = test->param_value;
	struct ttp_cc cc = { .cwnd = c->cwnd, .cwnd_cnt = c->cnt };

	ttp_cc_avoid(&cc, c->per, c->acked);
	KUNIT_EXPECT_EQ(test, cc.cwnd, c->cwnd_after);
	KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, c->cnt_after);
}

/* An ACK of anything. */
static struct ttp_cc_ack any_ack(u32 *rnd, u64 now)
{
	u32 r = ttp_test_random(rnd);
	struct ttp_cc_ack a = {
		.now = now, .acked = r % 100, .in_flight = r >> 8 & 0xff,
		.prior_in_flight = r >> 7 & 0x1ff,
		.rtt_us = r & 1 ? ttp_test_random(rnd) >> r % 32 : 0,
		.srtt_us = ttp_test_random(rnd) >> r % 32,
		.min_rtt_us = r & 2 ? ~0u : r, .mss = 1 + (r >> 16),
		.delivered = now / 7, .cwnd_limited = r & 4, .ece = !(r & 56),
		.in_recovery = r & 64, .in_loss = r & 128,
		.snd_una = r, .snd_nxt = r + 99,
	};

	r = ttp_test_random(rnd);
	a.rate.interval_us = r & 1 ? r >> (r >> 8) % 32 : 0;
	a.rate.delivered = ttp_test_random(rnd) >> (r >> 13) % 32;
	a.rate.prior_delivered = a.delivered - min_t(u64, a.delivered, r % 99);
	a.rate.acked_sacked = r >> 20 & 0x7f;
	a.rate.losses = r & 0x30000 ? 0 : r >> 4 & 0x1f;
	a.rate.app_limited = !(r & 0xc0000);
	return a;
}

/* Whatever is told to whichever control, in whatever order. */
static void cc_any__bounds(struct kunit *test)
{
	const u32 seed = 0x43434343;
	u32 rnd = seed, n, i;

	for (n = 0; ttp_cc_nth(n); n++) {
		struct ttp_cc cc;
		u64 now = 5;

		ttp_cc_init(&cc, ttp_cc_nth(n), now);
		for (i = 0; i < 30000; i++) {
			u32 r = ttp_test_random(&rnd);
			struct ttp_cc_ack a;

			now += ttp_test_random(&rnd) >> r % 32;
			a = any_ack(&rnd, now);
			switch (r >> 8 & 0xff) {
			case 0:
				ttp_cc_enter_recovery(&cc, r >> 16, now);
				break;
			case 1:
				ttp_cc_enter_loss(&cc, r >> 16, r >> 20, r & 1,
						  now);
				break;
			case 2:
				ttp_cc_leave(&cc, now);
				break;
			case 3:
				ttp_cc_undo(&cc, now);
				break;
			case 4:
				ttp_cc_tx_start(&cc, r >> 12, 200000, now);
				break;
			case 5:
				ttp_cc_switch(&cc, ttp_cc_nth(n), now);
				break;
			default:
				ttp_cc_acked(&cc, &a);
			}
			KUNIT_ASSERT_GE_MSG(test, cc.cwnd, 1u, "%s, %x, %u",
					    cc.ops->name, seed, i);
			KUNIT_ASSERT_LE_MSG(test, cc.cwnd, 1u << 24,
					    "%s, %x, %u", cc.ops->name, seed, i);
			KUNIT_ASSERT_GE_MSG(test, cc.ssthresh, 2u, "%s, %x, %u",
					    cc.ops->name, seed, i);
		}
	}
}

static struct kunit_case cc_cases[] = {
	KUNIT_CASE(cc_find__by_name),
	KUNIT_CASE(cc_init__rfc6928),
	KUNIT_CASE(cc_switch__keeps_the_windows),
	KUNIT_CASE(cc_acked__who_is_asked),
	KUNIT_CASE(cc_enter_recovery__then_undo),
	KUNIT_CASE(cc_enter_loss__rfc5681_3_1),
	KUNIT_CASE_PARAM(cc_tx_start__table, idle_gen_params),
	KUNIT_CASE(cc_tx_start__other_window),
	KUNIT_CASE_PARAM(cc_countable__table, count_gen_params),
	KUNIT_CASE_PARAM(cc_slow_start__table, step_gen_params),
	KUNIT_CASE_PARAM(cc_avoid__table, avoid_gen_params),
	KUNIT_CASE(cc_any__bounds),
	{}
};

struct kunit_suite ttp_cc_suite = {
	.name = "ttp_cc",
	.test_cases = cc_cases,
};
