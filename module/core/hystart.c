// SPDX-License-Identifier: GPL-2.0
/*
 * This file is HyStart++ (RFC 9406): it watches the least round-trip time of
 * each round of slow start and slows down when a queue seems to build up.
 */
#include "hystart.h"
#include "seq.h"

/* RFC 9406 4.3 */
#define HYSTART_RTT_THRESH_MIN	(4 * 1000u)	/* us */
#define HYSTART_RTT_THRESH_MAX	(16 * 1000u)	/* us */
#define HYSTART_RTT_DIVISOR	8
#define HYSTART_SAMPLES		8
#define HYSTART_CSS_DIVISOR	4
#define HYSTART_CSS_ROUNDS	5

static void hystart_round(struct ttp_hystart *h, u32 snd_nxt)
{
	h->window_end = snd_nxt;
	h->last_min = h->curr_min;
	h->curr_min = ~0u;
	h->samples = 0;
}

/* Has the least RTT grown by more than jitter explains? */
static bool hystart_is_longer(const struct ttp_hystart *h)
{
	u32 thresh;

	if (h->last_min == ~0u)
		return false;
	thresh = clamp_t(u32, h->last_min / HYSTART_RTT_DIVISOR,
			 HYSTART_RTT_THRESH_MIN, HYSTART_RTT_THRESH_MAX);
	return h->curr_min >= (u64)h->last_min + thresh;
}

static void hystart_judge(struct ttp_hystart *h)
{
	if (h->phase == TTP_HYSTART_SS && hystart_is_longer(h)) {
		h->baseline = h->curr_min;
		h->css_rounds = HYSTART_CSS_ROUNDS;
		h->css_cnt = 0;
		h->phase = TTP_HYSTART_CSS;
	} else if (h->phase == TTP_HYSTART_CSS && h->curr_min < h->baseline) {
		/* It was jitter. */
		h->phase = TTP_HYSTART_SS;
	}
}

u32 ttp_hystart_on_ack(struct ttp_hystart *h, u32 snd_una, u32 snd_nxt,
		       u32 rtt_us, u32 acked)
{
	if (h->phase == TTP_HYSTART_DONE)
		return acked;
	if (h->phase == TTP_HYSTART_NEW) {
		h->phase = TTP_HYSTART_SS;
		h->curr_min = ~0u;
		hystart_round(h, snd_nxt);
	} else if (ttp_after_eq(snd_una, h->window_end)) {
		hystart_round(h, snd_nxt);
		/* The round in which CSS began counts as one. */
		if (h->phase == TTP_HYSTART_CSS && !--h->css_rounds) {
			h->phase = TTP_HYSTART_DONE;
			return 0;
		}
	}
	if (rtt_us) {
		h->curr_min = min(h->curr_min, rtt_us);
		if (h->samples < HYSTART_SAMPLES)
			h->samples++;
	}
	if (h->samples == HYSTART_SAMPLES)
		hystart_judge(h);
	if (h->phase == TTP_HYSTART_SS)
		return acked;

	h->css_cnt += min(acked, 1u << 24);
	acked = h->css_cnt / HYSTART_CSS_DIVISOR;
	h->css_cnt %= HYSTART_CSS_DIVISOR;
	return acked;
}
