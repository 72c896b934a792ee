// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the congestion control "cubic" (RFC 9438): after a loss the
 * window follows a cubic curve of time, flat around the size of the loss.
 *
 * The first slow start is that of HyStart++ (RFC 9406).
 *
 * Integers only.  Time on the curve counts 2^-12 s, so that the cube of the
 * 348 s in which a window of 1 becomes TTP_CC_CWND_MAX has 62 bits; points on
 * the curve count 2^-10 segments.
 */
#include "cc.h"
#include "hystart.h"

#define CUBIC_TIME_BITS		12
#define CUBIC_SEG_BITS		10
#define CUBIC_T_MAX		(348u << CUBIC_TIME_BITS)

/* C = 0.4 (RFC 9438 5.1) */
#define CUBIC_C_NUM		2
#define CUBIC_C_DEN		5
/* beta = 0.7 (4.6) */
#define CUBIC_BETA_NUM		7
#define CUBIC_BETA_DEN		10
/* alpha = 3 * (1 - beta) / (1 + beta) = 9 / 17 (4.3) */
#define CUBIC_ALPHA_NUM		9
#define CUBIC_ALPHA_DEN		17

/* A stage of congestion avoidance and what the last loss left for it. */
struct cubic_curve {
	u64	epoch;		/* when it began, us; pauses move it */
	u32	k;		/* 2^-12 s from there to the flat part */
	u32	w_max;		/* segments; 0 before the first loss */
	u32	cwnd_prior;	/* at the last loss; 0: none */
	u32	w_est;		/* what Reno would have by now, segments */
	u32	est_cnt;	/* 1/17 of acked segments towards w_est */
	bool	running;	/* all but w_max and cwnd_prior are valid */
	bool	timeout;	/* the last loss was a timeout */
};

struct cubic {
	struct cubic_curve c;
	struct cubic_curve undo;	/* before the last loss */
	u64	last;		/* time of the last ACK or event, us */
	u64	growth;		/* less than one segment, times 2^10 * cwnd */
	struct ttp_hystart hs;
};

static_assert(sizeof(struct cubic) <= TTP_CC_PRIV * sizeof(u64));

static struct cubic *cubic(struct ttp_cc *cc)
{
	return (struct cubic *)cc->priv;
}

/* The largest r with r^3 <= x, bit by bit from the top; x < 2^63. */
static u32 cubic_root(u64 x)
{
	u32 bit, r = 0;

	for (bit = 1u << 20; bit; bit >>= 1) {
		u64 try = r | bit;

		if (try * try * try <= x)
			r = (u32)try;
	}
	return r;
}

/* RFC 9438 (2): K = cbrt((W_max - cwnd_epoch) / C) */
static u32 cubic_k(u32 distance)
{
	u64 x = (u64)min(distance, TTP_CC_CWND_MAX) << 3 * CUBIC_TIME_BITS;

	/* 2^24 * 2^36 * 5 is still below 2^63. */
	return cubic_root(div_u64(x * CUBIC_C_DEN, CUBIC_C_NUM));
}

/* RFC 9438 (1): C * (t - K)^3 + W_max, in 2^-10 segments; t in us. */
static u64 cubic_window(const struct cubic_curve *c, u64 t)
{
	u64 w = (u64)c->w_max << CUBIC_SEG_BITS;
	u64 d;

	/* 2^12 / 10^6 = 64 / 15625 */
	t = min_t(u64, t, 2 * CUBIC_T_MAX * 250ULL);
	t = div_u64(t * 64, 15625);
	d = t < c->k ? c->k - t : t - c->k;
	d = min_t(u64, d, CUBIC_T_MAX);
	d = div_u64(d * d * d * CUBIC_C_NUM, CUBIC_C_DEN);
	d >>= 3 * CUBIC_TIME_BITS - CUBIC_SEG_BITS;
	if (t < c->k)
		return w - min(w, d);
	return w + d;
}

static void cubic_begin(struct cubic *b, u32 cwnd, u64 now)
{
	struct cubic_curve *c = &b->c;

	c->running = true;
	c->epoch = now;
	c->w_est = cwnd;
	c->est_cnt = 0;
	b->growth = 0;
	/*
	 * Without a loss (4.10) or after a timeout (4.8) nothing is known of a
	 * flat part: the curve bends upwards from here.
	 */
	if (c->timeout || c->w_max <= cwnd) {
		c->k = 0;
		c->w_max = cwnd;
	} else {
		c->k = cubic_k(c->w_max - cwnd);
	}
	if (!c->cwnd_prior)
		c->cwnd_prior = cwnd;
	c->timeout = false;
}

/* 4.2, 5.8: time in which the sender did not use its window does not count. */
static void cubic_pause(struct cubic *b, u64 now)
{
	b->c.epoch += now - b->last;
	b->last = now;
}

/* 4.3: the window that a Reno with our beta, and as fair, would have. */
static void cubic_estimate(struct cubic_curve *c, u32 cwnd, u32 acked)
{
	/* Having reached where we were, Reno is as fast as Reno is. */
	u32 alpha = c->w_est < c->cwnd_prior ? CUBIC_ALPHA_NUM :
					       CUBIC_ALPHA_DEN;
	u32 per = CUBIC_ALPHA_DEN * cwnd;
	u32 n;

	c->est_cnt += alpha * acked;
	n = c->est_cnt / per;
	c->est_cnt -= n * per;
	c->w_est = min(c->w_est + n, TTP_CC_CWND_MAX);
}

/* 4.4, 4.5: towards the curve one round trip ahead, below it or above. */
static void cubic_follow(struct ttp_cc *cc, u64 target, u32 acked)
{
	struct cubic *b = cubic(cc);
	u64 cwnd = (u64)cc->cwnd << CUBIC_SEG_BITS;
	u64 n;

	/* (4.2): never back, and half a window more per round trip at most */
	target = clamp(target, cwnd, cwnd + cwnd / 2);
	b->growth += acked * (target - cwnd);
	n = div64_u64(b->growth, cwnd);
	b->growth -= n * cwnd;
	cc->cwnd = (u32)min_t(u64, cc->cwnd + n, TTP_CC_CWND_MAX);
}

static void cubic_avoid(struct ttp_cc *cc, const struct ttp_cc_ack *a,
			u32 acked)
{
	struct cubic *b = cubic(cc);
	struct cubic_curve *c = &b->c;
	u64 t;

	/* The curve is per window: one ACK counts for one at most. */
	acked = min(acked, cc->cwnd);
	if (!c->running)
		cubic_begin(b, cc->cwnd, a->now);
	t = a->now - c->epoch;
	cubic_estimate(c, cc->cwnd, acked);
	if (cubic_window(c, t) < (u64)c->w_est << CUBIC_SEG_BITS)
		cc->cwnd = max(cc->cwnd, c->w_est);
	else
		cubic_follow(cc, cubic_window(c, t + a->srtt_us), acked);
}

/* Returns the acked segments that are left for congestion avoidance. */
static u32 cubic_slow_start(struct ttp_cc *cc, const struct ttp_cc_ack *a,
			    u32 acked)
{
	struct ttp_hystart *hs = &cubic(cc)->hs;
	u32 left;

	if (hs->phase == TTP_HYSTART_DONE)
		return ttp_cc_slow_start(cc, acked);
	acked = ttp_hystart_on_ack(hs, a->snd_una, a->snd_nxt, a->rtt_us,
				   acked);
	left = ttp_cc_slow_start(cc, acked);
	if (hs->phase == TTP_HYSTART_DONE)
		cc->ssthresh = cc->cwnd;
	return left;
}

static void cubic_on_ack(struct ttp_cc *cc, const struct ttp_cc_ack *a)
{
	struct cubic *b = cubic(cc);
	u32 acked = ttp_cc_countable(a);
	bool limited = acked;

	if (cc->cwnd < cc->ssthresh)
		acked = cubic_slow_start(cc, a, acked);
	if (acked)
		cubic_avoid(cc, a, acked);
	if (limited)
		b->last = a->now;
	else
		cubic_pause(b, a->now);
}

/* 4.6, 4.7; what follows a timeout differs by its event. */
static u32 cubic_ssthresh(struct ttp_cc *cc, u32 flight)
{
	struct cubic *b = cubic(cc);
	struct cubic_curve *c = &b->c;
	/* A window that was not used is no measure of the path. */
	u32 wnd = min(cc->cwnd, flight);

	b->undo = *c;
	b->hs.phase = TTP_HYSTART_DONE;
	c->running = false;
	c->timeout = false;
	c->cwnd_prior = wnd;
	/* Fast convergence: the room was less than last time, so leave more. */
	if (wnd < c->w_max)
		c->w_max = wnd * (CUBIC_BETA_DEN + CUBIC_BETA_NUM) /
			   (2 * CUBIC_BETA_DEN);
	else
		c->w_max = wnd;
	return max_t(u32, wnd * CUBIC_BETA_NUM / CUBIC_BETA_DEN,
		     TTP_CC_SSTHRESH_MIN);
}

/* A slow start without a known end is watched, from a new round on. */
static void cubic_guard(struct ttp_cc *cc)
{
	cubic(cc)->hs.phase = cc->ssthresh == ~0u ? TTP_HYSTART_NEW :
						    TTP_HYSTART_DONE;
}

static void cubic_on_event(struct ttp_cc *cc, enum ttp_cc_event ev, u64 now)
{
	struct cubic *b = cubic(cc);

	switch (ev) {
	case TTP_CC_TX_START:
		cubic_pause(b, now);
		break;
	case TTP_CC_IDLE_RESTART:
		/* The path may have changed: a new curve, towards the old top. */
		b->c.running = false;
		cubic_guard(cc);
		break;
	case TTP_CC_LOSS:
		b->c.running = false;
		b->c.timeout = true;
		break;
	case TTP_CC_UNDO:
		/* 4.9 */
		b->c = b->undo;
		cubic_guard(cc);
		break;
	case TTP_CC_RECOVERY:
	case TTP_CC_OPEN:
		break;
	}
	b->last = now;
}

static void cubic_init(struct ttp_cc *cc, u64 now)
{
	cubic(cc)->last = now;
	/* It may take over a connection that had a loss. */
	cubic_guard(cc);
}

const struct ttp_cc_ops ttp_cc_cubic = {
	.name = "cubic",
	.init = cubic_init,
	.ssthresh = cubic_ssthresh,
	.on_ack = cubic_on_ack,
	.on_event = cubic_on_event,
};
