// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests core/rate.c: samples of the delivery rate, when there are
 * none, and the extremes of a sliding window.
 */
#include "cases.h"
#include "../core/rate.c"

#define MS	1000u
#define START	0xfffff000ULL	/* the low 32 bits of time wrap soon */

struct sent {
	struct ttp_rate_stamp stamp;
	u64 at;
	u32 end_seq;
};

static struct sent send(struct ttp_rate *r, u32 in_flight, u32 end_seq, u64 now)
{
	struct sent s = { .at = now, .end_seq = end_seq };

	ttp_rate_on_send(r, &s.stamp, in_flight, now);
	return s;
}

static void deliver(struct ttp_rate *r, const struct sent *s, u64 now)
{
	ttp_rate_on_delivered(r, &s->stamp, (u32)s->at, s->end_seq, 1, now);
}

static struct ttp_rate_sample done(struct ttp_rate *r, u64 now)
{
	struct ttp_rate_sample s;

	ttp_rate_on_ack(r, &s, 0, ~0u, now);
	return s;
}

/* One in, one out, each millisecond: a segment per millisecond. */
static void rate__steady(struct kunit *test)
{
	struct ttp_rate r;
	struct sent q[20];
	struct ttp_rate_sample s;
	u32 i;

	ttp_rate_init(&r, START);
	for (i = 0; i < 20; i++)
		q[i] = send(&r, i, i, START + i * MS);
	for (i = 0; i < 200; i++) {
		u64 now = START + (20 + i) * MS;

		deliver(&r, &q[i % 20], now);
		s = done(&r, now);
		q[i % 20] = send(&r, 19, 20 + i, now);
		if (i < 20)
			continue;
		KUNIT_EXPECT_EQ(test, s.delivered, 20u);
		KUNIT_EXPECT_EQ(test, s.interval_us, 20 * MS);
		KUNIT_EXPECT_EQ(test, s.acked_sacked, 1u);
		KUNIT_EXPECT_EQ(test, s.prior_delivered, (u64)i + 1 - 20);
		KUNIT_EXPECT_FALSE(test, s.app_limited);
	}
}

/* Sent in 9 ms, acknowledged in one: the sender was not faster than 9 ms. */
static void rate__acks_in_a_bunch(struct kunit *test)
{
	struct ttp_rate r;
	struct sent q[10];
	struct ttp_rate_sample s;
	u32 i;

	ttp_rate_init(&r, START);
	for (i = 0; i < 10; i++)
		q[i] = send(&r, i, i, START + i * MS);
	deliver(&r, &q[0], START + 50 * MS);
	s = done(&r, START + 50 * MS);
	KUNIT_EXPECT_EQ(test, s.delivered, 1u);
	KUNIT_EXPECT_EQ(test, s.interval_us, 50 * MS);
	for (i = 1; i < 10; i++)
		deliver(&r, &q[i], START + 51 * MS);
	s = done(&r, START + 51 * MS);
	KUNIT_EXPECT_EQ(test, s.acked_sacked, 9u);
	KUNIT_EXPECT_EQ(test, s.delivered, 10u);
	KUNIT_EXPECT_EQ(test, s.interval_us, 51 * MS);
	/* The next one's interval of sending begins where this one ended. */
	KUNIT_EXPECT_EQ(test, r.first_sent_at, (u32)(START + 9 * MS));
}

/* Sent at once, acknowledged over time; and the other way round. */
static void rate__the_longer_interval(struct kunit *test)
{
	struct ttp_rate r;
	struct sent a, b;
	struct ttp_rate_sample s;

	ttp_rate_init(&r, START);
	a = send(&r, 0, 1, START);
	deliver(&r, &a, START + 10 * MS);
	done(&r, START + 10 * MS);
	/* Sent 40 ms after a, delivered 11 ms after that. */
	r.delivered_at = (u32)(START + 40 * MS);
	b = send(&r, 1, 2, START + 40 * MS);
	deliver(&r, &b, START + 51 * MS);
	s = done(&r, START + 51 * MS);
	KUNIT_EXPECT_EQ(test, s.interval_us, 40 * MS);
}

/* A pause with nothing in flight belongs to no interval. */
static void rate__pause(struct kunit *test)
{
	struct ttp_rate r;
	struct sent a;
	struct ttp_rate_sample s;

	ttp_rate_init(&r, START);
	a = send(&r, 0, 1, START + 900 * MS);
	deliver(&r, &a, START + 910 * MS);
	s = done(&r, START + 910 * MS);
	KUNIT_EXPECT_EQ(test, s.interval_us, 10 * MS);
}

/* The newest segment decides, in whatever order they are told. */
static void rate__newest(struct kunit *test)
{
	struct ttp_rate r;
	struct sent a, b, c;

	ttp_rate_init(&r, START);
	a = send(&r, 0, 0xffffff00, START);
	r.delivered = 5;
	b = send(&r, 1, 0x100, START);		/* same time, higher number */
	r.delivered = 7;
	c = send(&r, 2, 0x50, START + 1);	/* a repetition: later */
	deliver(&r, &b, START + 9 * MS);
	deliver(&r, &a, START + 9 * MS);
	KUNIT_EXPECT_EQ(test, done(&r, START + 9 * MS).prior_delivered, 5u);
	deliver(&r, &c, START + 9 * MS);
	deliver(&r, &b, START + 9 * MS);
	KUNIT_EXPECT_EQ(test, done(&r, START + 9 * MS).prior_delivered, 7u);
	deliver(&r, &a, START + 9 * MS);
	KUNIT_EXPECT_EQ(test, done(&r, START + 9 * MS).prior_delivered, 0u);
}

static void rate__no_sample(struct kunit *test)
{
	struct ttp_rate r;
	struct ttp_rate_sample s;
	struct sent a;

	ttp_rate_init(&r, START);
	a = send(&r, 0, 1, START);
	/* An ACK that delivers nothing. */
	ttp_rate_on_delivered(&r, &a.stamp, 0, 1, 0, START + 5 * MS);
	ttp_rate_on_ack(&r, &s, 3, ~0u, START + 5 * MS);
	KUNIT_EXPECT_EQ(test, s.interval_us, 0u);
	KUNIT_EXPECT_EQ(test, s.losses, 3u);
	KUNIT_EXPECT_EQ(test, s.acked_sacked, 0u);
	/* Sooner than the path allows. */
	deliver(&r, &a, START + 5 * MS);
	ttp_rate_on_ack(&r, &s, 0, 5 * MS + 1, START + 5 * MS);
	KUNIT_EXPECT_EQ(test, s.interval_us, 0u);
	KUNIT_EXPECT_EQ(test, s.acked_sacked, 1u);
	/* Just as soon. */
	a = send(&r, 0, 1, START);
	deliver(&r, &a, START + 5 * MS);
	ttp_rate_on_ack(&r, &s, 0, 5 * MS, START + 5 * MS);
	KUNIT_EXPECT_EQ(test, s.interval_us, 5 * MS);
}

/* From the last segment there was until all then out has arrived. */
static void rate__app_limited(struct kunit *test)
{
	struct ttp_rate r;
	struct sent a, b, c;

	ttp_rate_init(&r, START);
	a = send(&r, 0, 1, START);
	ttp_rate_app_limited(&r, 1);
	b = send(&r, 1, 2, START + 1 * MS);
	deliver(&r, &a, START + 10 * MS);
	KUNIT_EXPECT_FALSE(test, done(&r, START + 10 * MS).app_limited);
	c = send(&r, 1, 3, START + 10 * MS);
	deliver(&r, &b, START + 11 * MS);
	KUNIT_EXPECT_TRUE(test, done(&r, START + 11 * MS).app_limited);
	KUNIT_EXPECT_EQ(test, r.limited_until, 0u);
	b = send(&r, 1, 4, START + 12 * MS);
	deliver(&r, &c, START + 20 * MS);
	KUNIT_EXPECT_TRUE(test, done(&r, START + 20 * MS).app_limited);
	deliver(&r, &b, START + 22 * MS);
	KUNIT_EXPECT_FALSE(test, done(&r, START + 22 * MS).app_limited);
	/* Before anything was sent. */
	ttp_rate_init(&r, START);
	ttp_rate_app_limited(&r, 0);
	KUNIT_EXPECT_EQ(test, r.limited_until, 1u);
}

/* 2^32 segments are delivered in the middle of it. */
/* What users are shown: the last sample, but of an idle sender the best. */
static void rate_bytes__is_of_the_path(struct kunit *test)
{
	struct ttp_rate_sample s = { .delivered = 10, .interval_us = 100 * MS };
	struct ttp_rate r;

	ttp_rate_init(&r, START);
	KUNIT_EXPECT_EQ(test, ttp_rate_bytes(&r, 1000), 0u);
	rate_show(&r, &s);
	KUNIT_EXPECT_EQ(test, ttp_rate_bytes(&r, 1000), 100000u);
	s.delivered = 5;
	s.app_limited = true;
	rate_show(&r, &s);
	KUNIT_EXPECT_EQ(test, ttp_rate_bytes(&r, 1000), 100000u);
	KUNIT_EXPECT_FALSE(test, r.shown_limited);
	s.app_limited = false;
	rate_show(&r, &s);
	KUNIT_EXPECT_EQ(test, ttp_rate_bytes(&r, 1000), 50000u);
	s.delivered = 6;
	s.app_limited = true;
	rate_show(&r, &s);
	KUNIT_EXPECT_EQ(test, ttp_rate_bytes(&r, 1000), 60000u);
	KUNIT_EXPECT_TRUE(test, r.shown_limited);
	s.interval_us = 0;
	rate_show(&r, &s);
	KUNIT_EXPECT_EQ(test, ttp_rate_bytes(&r, 1000), 60000u);
}

static void rate__delivered_wraps(struct kunit *test)
{
	struct ttp_rate r;
	struct ttp_rate_sample s;
	struct sent a;

	ttp_rate_init(&r, START);
	r.delivered = 0xfffffffe;
	a = send(&r, 1, 1, START);
	r.delivered += 9;
	deliver(&r, &a, START + MS);
	s = done(&r, START + MS);
	KUNIT_EXPECT_EQ(test, s.delivered, 10u);
	KUNIT_EXPECT_EQ(test, s.prior_delivered, 0xfffffffeULL);
}

struct win_step {
	u32 slot, value, max;
};

static void win_max__slots(struct kunit *test)
{
	static const struct win_step steps[] = {
		{ 0xfffffffe, 50, 50 }, { 0xfffffffe, 40, 50 },
		{ 0xffffffff, 45, 50 }, { 0, 30, 50 }, { 1, 20, 50 },
		{ 2, 10, 50 }, { 3, 5, 45 }, { 4, 6, 30 }, { 5, 60, 60 },
		{ 9, 1, 60 }, { 10, 2, 2 }, { 500, 1, 1 },
		{ 500 + 4, 0, 1 }, { 500 + 5, 0, 0 },
	};
	struct ttp_win w = { .slot = 0xfffffffe };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		KUNIT_EXPECT_EQ_MSG(test, ttp_win_max(&w, steps[i].slot,
						      steps[i].value),
				    steps[i].max, "step %u", i);
}

static void win_min__rtt(struct kunit *test)
{
	struct ttp_win w = {};
	u64 now = 1234567890123ULL;

	KUNIT_EXPECT_EQ(test, ttp_win_get_min(&w), ~0u);
	KUNIT_EXPECT_EQ(test, ttp_win_min_rtt(&w, now, 700, 10), 700u);
	KUNIT_EXPECT_EQ(test, ttp_win_min_rtt(&w, now, 900, 10), 700u);
	/* It lasts for 8 s at least and 10 at most. */
	KUNIT_EXPECT_EQ(test, ttp_win_min_rtt(&w, now + 8000000, 800, 10), 700u);
	KUNIT_EXPECT_EQ(test, ttp_win_min_rtt(&w, now + 10000000, 900, 10), 800u);
	KUNIT_EXPECT_EQ(test, ttp_win_get_min(&w), 800u);
	/* With 0 for no longer than it takes to be measured. */
	KUNIT_EXPECT_EQ(test, ttp_win_min_rtt(&w, now, 900, 0), 900u);
	KUNIT_EXPECT_EQ(test, ttp_win_min_rtt(&w, now, 950, 0), 900u);
	KUNIT_EXPECT_EQ(test, ttp_win_min_rtt(&w, now + 5, 950, 0), 950u);
	KUNIT_EXPECT_EQ(test, ttp_win_min_rtt(&w, now, 700, 86400), 700u);
	KUNIT_EXPECT_EQ(test, ttp_win_min_rtt(&w, now + 69120000000ULL, 800,
					      86400), 700u);
	KUNIT_EXPECT_EQ(test, ttp_win_min_rtt(&w, now + 86400000000ULL, 800,
					      86400), 800u);
}

static struct kunit_case rate_cases[] = {
	KUNIT_CASE(rate__steady),
	KUNIT_CASE(rate__acks_in_a_bunch),
	KUNIT_CASE(rate__the_longer_interval),
	KUNIT_CASE(rate__pause),
	KUNIT_CASE(rate__newest),
	KUNIT_CASE(rate__no_sample),
	KUNIT_CASE(rate__app_limited),
	KUNIT_CASE(rate_bytes__is_of_the_path),
	KUNIT_CASE(rate__delivered_wraps),
	KUNIT_CASE(win_max__slots),
	KUNIT_CASE(win_min__rtt),
	{}
};

struct kunit_suite ttp_rate_suite = {
	.name = "ttp_rate",
	.test_cases = rate_cases,
};
