// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the congestion control "bbr": it models the path by the rate at
 * which it delivers and its least round-trip time, and paces by the model.
 *
 *	STARTUP --full--> DRAIN --queue gone--> PROBE_BW <--10 s--> PROBE_RTT
 *
 * STARTUP	sends 2.89 times as fast as was delivered, which doubles the
 *		rate each round, until three rounds bring less than a quarter
 *		more.
 * DRAIN	sends slower, until no more is in flight than the path holds.
 * PROBE_BW	goes through cycles of eight phases, most of one least RTT each:
 *		more, less, and six times just what the path delivers.
 * PROBE_RTT	keeps half of that in flight for 200 ms when the least RTT has
 *		not been seen for 10 s, so that it can be.
 *
 * A loss alone says nothing about the model.  When so much of a round is lost
 * that it is not chance, the buffer is smaller than the model hopes: an upper
 * bound of what may be in flight comes down, and each cycle tries to lift it.
 */
#include "bbr.h"
#include "bbr_model.h"

/* The window for @gain, with room for a piece in each of three places. */
static u32 bbr_target(const struct ttp_cc *cc, const struct bbr *b, u32 gain)
{
	return min(bbr_bdp(b, gain) + 3 * bbr_quantum(b, cc->pacing_rate),
		   TTP_CC_CWND_MAX);
}

/* In flight when the path is full: what it holds, and a piece in a host. */
static u32 bbr_fill(const struct bbr *b)
{
	u32 bw = ttp_win_get_max(&b->bw);

	return bbr_bdp(b, BBR_UNIT) +
	       bbr_quantum(b, bbr_rate(bw, b->mss, BBR_UNIT, 0));
}

/* No buffer was seen to overflow: what is lost, is lost by chance. */
static bool bbr_is_by_chance(const struct bbr *b)
{
	return b->bound == ~0u;
}

/*
 * Is our part of the queue gone? What is lost counts as in flight for the round
 * trip that it takes to notice; by chance it is as much as in the round before.
 */
static bool bbr_is_drained(const struct bbr *b, const struct ttp_cc_ack *a)
{
	u32 most = bbr_bdp(b, BBR_UNIT) / (100 / BBR_LOSS_PERCENT);
	u32 gone = bbr_is_by_chance(b) ? min(b->lost_before, most) : 0;

	return a->in_flight <= bbr_fill(b) + gone;
}

static void bbr_update_round(struct bbr *b, const struct ttp_cc_ack *a)
{
	if (b->round_start) {
		b->lost_before = b->lost;
		b->lossy = b->lost && b->lost * 100ULL >=
			   ((u64)b->lost + b->arrived) * BBR_MARGIN_PERCENT;
		b->lost = 0;
		b->arrived = 0;
		b->cut = false;
	}
	b->lost += a->rate.losses;
	b->arrived += a->rate.acked_sacked;
	b->round_start = a->rate.acked_sacked &&
			 a->rate.prior_delivered >= b->round_end;
	if (!b->round_start)
		return;
	b->round_end = a->delivered;
	/* Rounds in which nothing can be learnt of the rate do not age it. */
	if (b->mode != BBR_PROBE_RTT && ++b->rounds == BBR_SLOT_ROUNDS) {
		b->rounds = 0;
		b->slot++;
	}
}

/* Does the sample show less than the path can do? */
static bool bbr_is_limited(const struct bbr *b, const struct ttp_cc_ack *a)
{
	return a->rate.app_limited ||
	       a->rate.prior_delivered < b->probed_until;
}

static void bbr_update_bw(struct bbr *b, const struct ttp_cc_ack *a)
{
	u64 bw;

	if (!a->rate.interval_us)
		return;
	bw = div_u64((u64)a->rate.delivered << BBR_BW_BITS,
		     a->rate.interval_us);
	bw = clamp_t(u64, bw, 1, ~0u);
	if (!bbr_is_limited(b, a) || bw >= ttp_win_get_max(&b->bw))
		ttp_win_max(&b->bw, b->slot, (u32)bw);
}

/*
 * Does the path lose more than it may by chance?  A round that has just begun
 * is judged by what was in flight then: a few in a row are no tenth of it.
 */
static bool bbr_loses_much(const struct bbr *b, const struct ttp_cc_ack *a)
{
	u64 round = max_t(u64, (u64)b->lost + b->arrived, a->prior_in_flight);

	return b->lost >= BBR_LOSS_MIN &&
	       b->lost * 100ULL >= round * BBR_LOSS_PERCENT;
}

/* Is STARTUP at its end? Asked once per round. */
static void bbr_check_full(struct bbr *b, const struct ttp_cc_ack *a)
{
	u32 bw = ttp_win_get_max(&b->bw);

	if (b->full || !b->round_start)
		return;
	/* The buffer overflows. */
	if (bbr_loses_much(b, a)) {
		b->full = true;
		return;
	}
	if (bbr_is_limited(b, a))
		return;
	if (bw >= b->full_bw + b->full_bw / 4ULL) {
		b->full_bw = bw;
		b->full_rounds = 0;
		return;
	}
	b->full = ++b->full_rounds >= BBR_FULL_ROUNDS;
}

static void bbr_set_phase(struct bbr *b, u8 phase, u64 now)
{
	b->phase = phase;
	b->phase_at = now;
}

/*
 * Connections that share a queue must not probe in step, so each starts at a
 * phase of its own; in the one that drains, nobody needs to begin.
 */
static void bbr_enter_probe_bw(struct bbr *b, const struct ttp_cc_ack *a)
{
	u32 rnd = (u32)a->now * 2654435761u ^ a->snd_nxt * 2246822519u;
	u32 phase = 1 + (rnd >> 16) % (BBR_CYCLE - 1);

	b->mode = BBR_PROBE_BW;
	bbr_set_phase(b, phase == 1 ? 0 : (u8)phase, a->now);
}

static bool bbr_is_phase_over(const struct bbr *b, const struct ttp_cc_ack *a,
			      u32 gain)
{
	u64 passed = a->now - b->phase_at;
	bool full_length = passed > b->min_rtt;

	if (gain == BBR_UNIT)
		return full_length;
	/* Until what it asks for is in flight, or the path will not take it. */
	if (gain > BBR_UNIT)
		return full_length && (a->rate.losses ||
				       a->prior_in_flight >= bbr_bdp(b, gain));
	/* But we do not starve for it. */
	return bbr_is_drained(b, a) ||
	       passed > (u64)b->min_rtt * BBR_DRAIN_RTTS;
}

static u32 bbr_phase_gain(const struct bbr *b)
{
	switch (b->phase) {
	case 0:
		return BBR_UNIT * 5 / 4;
	case 1:
		return BBR_UNIT * 3 / 4;
	default:
		return BBR_UNIT;
	}
}

static void bbr_update_mode(struct bbr *b, const struct ttp_cc_ack *a)
{
	if (b->mode == BBR_STARTUP && b->full)
		b->mode = BBR_DRAIN;
	if (b->mode == BBR_DRAIN && bbr_is_drained(b, a))
		bbr_enter_probe_bw(b, a);
	else if (b->mode == BBR_PROBE_BW &&
		 bbr_is_phase_over(b, a, bbr_phase_gain(b)))
		bbr_set_phase(b, (b->phase + 1) % BBR_CYCLE, a->now);
}

static void bbr_save_cwnd(struct ttp_cc *cc, struct bbr *b)
{
	if (b->recovering || b->mode == BBR_PROBE_RTT)
		b->prior_cwnd = max(b->prior_cwnd, cc->cwnd);
	else
		b->prior_cwnd = cc->cwnd;
}

static void bbr_probe_rtt(struct ttp_cc *cc, struct bbr *b,
			  const struct ttp_cc_ack *a)
{
	u32 top = max_t(u32, bbr_bdp(b, BBR_GAIN_PROBE_RTT), BBR_CWND_MIN);

	if (a->rtt_us)
		b->probe_min = min(b->probe_min, a->rtt_us);
	/* A rate of our own making is no rate of the path's. */
	b->probed_until = a->delivered + max_t(u32, a->in_flight, 1);
	if (!b->probe_done_at) {
		if (a->in_flight > top)
			return;
		b->probe_done_at = a->now + BBR_PROBE_RTT_US;
		b->probe_round = false;
		b->round_end = a->delivered;
		return;
	}
	b->probe_round |= b->round_start;
	if (!b->probe_round || a->now < b->probe_done_at)
		return;
	/* Only now: with a queue in it, half the window would not empty it. */
	if (b->probe_min != ~0u)
		b->min_rtt = b->probe_min;
	b->min_rtt_at = a->now;
	cc->cwnd = max(cc->cwnd, b->prior_cwnd);
	if (b->full)
		bbr_enter_probe_bw(b, a);
	else
		b->mode = BBR_STARTUP;
}

static void bbr_update_min_rtt(struct ttp_cc *cc, struct bbr *b,
			       const struct ttp_cc_ack *a)
{
	bool expired = b->min_rtt != ~0u &&
		       a->now > b->min_rtt_at + BBR_MIN_RTT_US;

	/* After a pause there is no queue: that sample is a probe. */
	if (a->rtt_us && (a->rtt_us <= b->min_rtt ||
			  (expired && b->after_idle))) {
		b->min_rtt = a->rtt_us;
		b->min_rtt_at = a->now;
		expired = false;
	}
	if (expired && !b->after_idle && b->mode != BBR_PROBE_RTT) {
		bbr_save_cwnd(cc, b);
		b->mode = BBR_PROBE_RTT;
		b->probe_done_at = 0;
		b->probe_min = ~0u;
	}
	if (b->mode == BBR_PROBE_RTT)
		bbr_probe_rtt(cc, b, a);
	if (a->rate.acked_sacked)
		b->after_idle = false;
}

static u32 bbr_pacing_gain(const struct bbr *b)
{
	switch ((enum bbr_mode)b->mode) {
	case BBR_STARTUP:
		return BBR_GAIN_HIGH;
	case BBR_DRAIN:
		return BBR_GAIN_DRAIN;
	case BBR_PROBE_BW:
		return bbr_phase_gain(b);
	case BBR_PROBE_RTT:
		break;
	}
	return BBR_UNIT;
}

/* Before anything was measured: as if a window a round trip were the rate. */
static u64 bbr_first_rate(const struct ttp_cc *cc, const struct ttp_cc_ack *a)
{
	u64 bw = div_u64((u64)cc->cwnd << BBR_BW_BITS,
			 max_t(u32, a->srtt_us, 1));

	return bbr_rate((u32)min_t(u64, bw, ~0u), a->mss, BBR_GAIN_HIGH,
			BBR_MARGIN_PERCENT);
}

/*
 * The margin drains what queues.  Chance does so as well: we send as fast as is
 * delivered, so that less arrives by what is lost, and that is measured again.
 */
static void bbr_set_pacing(struct ttp_cc *cc, const struct bbr *b,
			   const struct ttp_cc_ack *a)
{
	u64 rate = bbr_rate(ttp_win_get_max(&b->bw), b->mss, bbr_pacing_gain(b),
			    b->lossy && bbr_is_by_chance(b) ?
			    0 : BBR_MARGIN_PERCENT);

	if (!cc->pacing_rate)
		cc->pacing_rate = bbr_first_rate(cc, a);
	/* The first ACKs of a window are for a part of it, and show no rate. */
	if (b->full || rate > cc->pacing_rate)
		cc->pacing_rate = rate;
}

/*
 * Once a round at most, what was in flight when much was lost is too much.  But
 * what the path holds without a queue overflows no buffer.
 */
static void bbr_update_bound(struct bbr *b, const struct ttp_cc_ack *a)
{
	if (!b->cut && bbr_loses_much(b, a)) {
		b->cut = true;
		b->bound = min(b->bound, a->prior_in_flight);
		b->bound = max(b->bound - b->bound / BBR_BOUND_CUT,
			       bbr_fill(b));
	}
	if (b->mode == BBR_PROBE_BW && !b->phase && !b->cut)
		b->bound = max(b->bound, a->prior_in_flight);
}

static void bbr_set_cwnd(struct ttp_cc *cc, struct bbr *b,
			 const struct ttp_cc_ack *a)
{
	u32 acked = a->rate.acked_sacked;
	u32 target;

	target = bbr_target(cc, b, b->full ? BBR_GAIN_CWND : BBR_GAIN_HIGH);
	if (b->full)
		cc->cwnd = min(cc->cwnd + acked, target);
	else if (cc->cwnd < target || a->delivered < TTP_CC_CWND_INIT)
		cc->cwnd += acked;
	/* While it is probed, the bound is not in force. */
	if (b->mode != BBR_PROBE_BW || b->phase || b->cut)
		cc->cwnd = min(cc->cwnd, b->bound);
	cc->cwnd = clamp_t(u32, cc->cwnd, BBR_CWND_MIN, TTP_CC_CWND_MAX);
	if (b->mode == BBR_PROBE_RTT)
		cc->cwnd = min(cc->cwnd,
			       max_t(u32, bbr_bdp(b, BBR_GAIN_PROBE_RTT),
				     BBR_CWND_MIN));
}

static void bbr_control(struct ttp_cc *cc, const struct ttp_cc_ack *a)
{
	struct bbr *b = bbr(cc);

	b->mss = a->mss;
	bbr_update_round(b, a);
	bbr_update_bw(b, a);
	bbr_check_full(b, a);
	bbr_update_bound(b, a);
	bbr_update_mode(b, a);
	bbr_update_min_rtt(cc, b, a);
	bbr_set_pacing(cc, b, a);
	bbr_set_cwnd(cc, b, a);
}

/* None: STARTUP ends by the model, and recovery gives cwnd back. */
static u32 bbr_ssthresh(struct ttp_cc *cc, u32 flight)
{
	struct bbr *b = bbr(cc);

	(void)flight;
	bbr_save_cwnd(cc, b);
	b->prior_bound = b->bound;
	b->prior_full = b->full;
	return cc->ssthresh;
}

/* Nothing was lost: what the losses seemed to tell of the path is not so. */
static void bbr_undo(struct bbr *b)
{
	b->lost = 0;
	b->cut = false;
	b->bound = max(b->bound, b->prior_bound);
	if (!b->full || b->prior_full)
		return;
	b->full = false;
	b->full_bw = 0;
	b->full_rounds = 0;
	if (b->mode != BBR_PROBE_RTT)
		b->mode = BBR_STARTUP;
}

static void bbr_on_event(struct ttp_cc *cc, enum ttp_cc_event ev, u64 now)
{
	struct bbr *b = bbr(cc);

	(void)now;
	switch (ev) {
	case TTP_CC_TX_START:
		b->after_idle = true;
		/* No burst into an empty path, whatever phase it is. */
		if (b->mode == BBR_PROBE_BW)
			cc->pacing_rate = bbr_rate(ttp_win_get_max(&b->bw),
						   b->mss, BBR_UNIT,
						   BBR_MARGIN_PERCENT);
		break;
	case TTP_CC_RECOVERY:
		b->recovering = true;
		break;
	case TTP_CC_LOSS:
		/* The path may be another one: look for its rate again. */
		b->recovering = true;
		b->full_bw = 0;
		b->full_rounds = 0;
		break;
	case TTP_CC_OPEN:
	case TTP_CC_UNDO:
		if (ev == TTP_CC_UNDO)
			bbr_undo(b);
		b->recovering = false;
		cc->cwnd = max(cc->cwnd, b->prior_cwnd);
		break;
	case TTP_CC_IDLE_RESTART:
		break;
	}
}

static void bbr_init(struct ttp_cc *cc, u64 now)
{
	struct bbr *b = bbr(cc);

	b->min_rtt = ~0u;
	b->bound = ~0u;
	b->min_rtt_at = now;
	b->prior_cwnd = cc->cwnd;
	b->mode = BBR_STARTUP;
}

const struct ttp_cc_ops ttp_cc_bbr = {
	.name = "bbr",
	.init = bbr_init,
	.ssthresh = bbr_ssthresh,
	.control = bbr_control,
	.on_event = bbr_on_event,
};

bool ttp_bbr_info(const struct ttp_cc *cc, struct ttp_bbr_info *info)
{
	const struct bbr *b = (const struct bbr *)cc->priv;

	if (cc->ops != &ttp_cc_bbr)
		return false;
	info->bw = bbr_rate(ttp_win_get_max(&b->bw), b->mss, BBR_UNIT, 0);
	info->min_rtt = b->min_rtt;
	info->pacing_gain = bbr_pacing_gain(b);
	info->cwnd_gain = b->full ? BBR_GAIN_CWND : BBR_GAIN_HIGH;
	if (b->mode == BBR_PROBE_RTT)
		info->cwnd_gain = BBR_GAIN_PROBE_RTT;
	return true;
}
