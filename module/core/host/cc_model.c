// SPDX-License-Identifier: GPL-2.0
/*
 * This file compares the integers of congestion control with the formulas of
 * RFC 9438 in floating point, and the sliding window with a list of all values.
 *
 * usage: cc_model [SEED]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../cc.c"
#include "../newreno.c"
#include "../hystart.c"
#include "../cubic.c"
#include "../rate.c"
#include "../bbr.c"

static u32 seed;
static u32 rnd;

static u32 rand32(void)
{
	rnd ^= rnd << 13;
	rnd ^= rnd >> 17;
	rnd ^= rnd << 5;
	return rnd;
}

/* Every order of magnitude is as likely. */
static u32 any_below(u32 bits)
{
	return rand32() >> (32 - 1 - rand32() % bits);
}

#define NEAR(got, want, off, ...)					\
	do {								\
		double got_ = (got), want_ = (want), off_ = (off);	\
									\
		if (!(fabs(got_ - want_) <= off_)) {			\
			printf("# " #got " is %.3f, the model says %.3f: ", \
			       got_, want_);				\
			printf(__VA_ARGS__);				\
			printf("\n");					\
			return false;					\
		}							\
	} while (0)

static bool model_root(void)
{
	u32 i;

	for (i = 0; i < 300000; i++) {
		u32 r = any_below(21);
		u64 cube = (u64)r * r * r;

		NEAR(cubic_root(cube), r, 0, "%u", r);
		if (r)
			NEAR(cubic_root(cube - 1), r - 1, 0, "%u", r);
	}
	return true;
}

/* (2) and (1): at any time, for any window and any K. */
static bool model_curve(void)
{
	u32 i;

	for (i = 0; i < 300000; i++) {
		u32 low = 1 + any_below(20);
		struct cubic_curve c = { .w_max = low + any_below(20) };
		double k = cbrt((c.w_max - low) / 0.4);
		double t, want, slope;
		u64 us = ((u64)rand32() << 32 | rand32()) % 700000000;

		us >>= rand32() % 30;
		c.k = cubic_k(c.w_max - low);
		NEAR(c.k / 4096.0, k, 1 / 4096.0, "%u below %u", low, c.w_max);
		/* Time is cut off to 2^-12 s, and so is K: at most one of it. */
		t = us / 1e6;
		want = 0.4 * pow(t - k, 3) + c.w_max;
		if (want > TTP_CC_CWND_MAX)
			continue;
		slope = 1.2 * pow(fabs(t - k) + 1 / 4096.0, 2);
		NEAR(cubic_window(&c, us) / 1024.0, fmax(want, 0),
		     slope / 4096 + 2 / 1024.0, "%u below %u, %.6f s",
		     low, c.w_max, t);
	}
	return true;
}

/* A stage of congestion avoidance, in floating point: seconds, segments. */
struct reference {
	double begun, k, w_max, prior;
};

/* (1) */
static double reference_curve(const struct reference *r, double t)
{
	return 0.4 * pow(t - r->k, 3) + r->w_max;
}

/*
 * One ACK, begun from what the integers are; what they keep for later has to
 * be there as well, up to what time and curve are cut off by.
 */
static bool model_step(struct ttp_cc *cc, const struct ttp_cc_ack *a,
		       const struct reference *r)
{
	struct cubic *b = cubic(cc);
	double cwnd = cc->cwnd, rtt = a->srtt_us / 1e6;
	double t = a->now / 1e6 - r->begun;
	double cut = 1.2 * pow(fabs(t + rtt - r->k) + 1 / 4096.0, 2) / 4096 +
		     2 / 1024.0;
	double est = cwnd, part = 0, target, ahead;

	if (b->c.running) {
		part = b->growth / (1024 * cwnd);
		est = b->c.w_est + b->c.est_cnt / (17 * cwnd);
	}
	ttp_cc_acked(cc, a);

	/* (4), and alpha behind it */
	est += (est < r->prior ? 3 * 0.3 / 1.7 : 1) * a->acked / cwnd;
	NEAR(b->c.w_est + b->c.est_cnt / (17 * cwnd), est, 1e-6 * est,
	     "the estimate at %.0f segments", cwnd);
	/* 4.3: which of the rules holds may differ where they meet. */
	ahead = reference_curve(r, t) - b->c.w_est;
	if (fabs(ahead) <= cut)
		return true;
	if (ahead < 0) {
		NEAR(cc->cwnd, fmax(cwnd, b->c.w_est), 0, "as Reno");
		return true;
	}
	target = fmin(fmax(reference_curve(r, t + rtt), cwnd), 1.5 * cwnd);
	NEAR(cc->cwnd + b->growth / (1024 * cwnd),
	     cwnd + part + a->acked * (target - cwnd) / cwnd, cut,
	     "a step at %.0f segments", cwnd);
	return true;
}

static bool model_avoidance(u32 top, u32 rtt_us, u32 parts)
{
	struct ttp_cc cc;
	struct ttp_cc_ack a = {
		.cwnd_limited = true, .srtt_us = rtt_us, .rtt_us = rtt_us,
	};
	struct reference r = { .w_max = top, .prior = top };
	u64 now = rand32();
	u32 round, i;

	ttp_cc_init(&cc, &ttp_cc_cubic, now);
	cc.cwnd = top;
	ttp_cc_enter_recovery(&cc, top, now);
	cc.cwnd = cc.ssthresh;
	ttp_cc_leave(&cc, now);
	r.k = cbrt((top - cc.cwnd) / 0.4);
	r.begun = now / 1e6;
	for (round = 0; round < 300 && cc.cwnd < 1u << 20; round++) {
		for (i = 0; i < parts; i++) {
			a.now = now + (u64)rtt_us * i / parts;
			a.acked = max(cc.cwnd / parts, 1u);
			if (model_step(&cc, &a, &r))
				continue;
			printf("# top %u, %u us, %u ACKs, round %u\n", top,
			       rtt_us, parts, round);
			return false;
		}
		now += rtt_us;
	}
	return true;
}

static bool model_growth(void)
{
	u32 i;

	for (i = 0; i < 3000; i++)
		if (!model_avoidance(3 + any_below(19), 1 + any_below(22),
				     1 + rand32() % 20))
			return false;
	return true;
}

/* Every value with its slot. */
static bool model_window(void)
{
	static struct { u32 slot, value; } all[2000];
	u32 run, i, j;

	for (run = 0; run < 300; run++) {
		u32 slot = rand32(), high = 1 + rand32() % 31;
		struct ttp_win w = { .slot = slot };

		for (i = 0; i < 500; i++) {
			u32 want = 0;

			if (rand32() % 4 == 0)
				slot += any_below(4);
			all[i].slot = slot;
			all[i].value = any_below(high);
			for (j = 0; j <= i; j++)
				if (slot - all[j].slot < TTP_WIN_SLOTS)
					want = max(want, all[j].value);
			NEAR(ttp_win_max(&w, slot, all[i].value), want, 0,
			     "run %u, value %u", run, i);
		}
	}
	return true;
}

/* bbr's products, which must not overflow. */
static bool model_bbr(void)
{
	u32 i;

	for (i = 0; i < 300000; i++) {
		struct bbr b = { .min_rtt = 1 + any_below(31) };
		u32 bw = 1 + any_below(31), mss = 64 + any_below(15);
		u32 gain = rand32() % 2 ? BBR_GAIN_HIGH : BBR_GAIN_DRAIN;
		u32 margin = rand32() % 2 ? BBR_MARGIN_PERCENT : 0;
		double want;

		ttp_win_max(&b.bw, 0, bw);
		want = (double)bw * b.min_rtt / (1 << 24) * gain / 256;
		NEAR(bbr_bdp(&b, gain), fmin(want, TTP_CC_CWND_MAX),
		     1 + want / 4096, "%u, %u us", bw, b.min_rtt);
		want = (double)bw * mss * 1e6 / (1 << 24) * gain / 256 *
		       (100 - margin) / 100;
		NEAR(bbr_rate(bw, mss, gain, margin), want, 17 + want / 1e6,
		     "%u, %u bytes", bw, mss);
	}
	return true;
}

static const struct {
	const char *name;
	bool (*run)(void);
} models[] = {
	{ "cubic: roots of cubes", model_root },
	{ "cubic: the curve (RFC 9438 4.2)", model_curve },
	{ "cubic: growth over 300 round trips (RFC 9438 4.3 to 4.5)",
	  model_growth },
	{ "rate: a list of all values", model_window },
	{ "bbr: products", model_bbr },
};

int main(int argc, char **argv)
{
	bool failed = false;
	u32 i;

	seed = argc > 1 ? (u32)strtoul(argv[1], NULL, 0) : (u32)time(NULL);
	rnd = seed | 1;
	printf("TAP version 14\n1..%zu\n# SEED=%u\n", ARRAY_SIZE(models), seed);
	for (i = 0; i < ARRAY_SIZE(models); i++) {
		bool ok = models[i].run();

		printf("%sok %u %s\n", ok ? "" : "not ", i + 1, models[i].name);
		failed |= !ok;
	}
	return failed;
}
