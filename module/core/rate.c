// SPDX-License-Identifier: GPL-2.0
/*
 * This file measures the delivery rate of a path and keeps the extremes of a
 * sliding window.
 */
#include "rate.h"
#include "seq.h"

void ttp_rate_init(struct ttp_rate *r, u64 now)
{
	memset(r, 0, sizeof(*r));
	r->delivered_at = (u32)now;
	r->first_sent_at = (u32)now;
}

void ttp_rate_on_send(struct ttp_rate *r, struct ttp_rate_stamp *stamp,
		      u32 in_flight, u64 now)
{
	/* The pause before is not part of any interval. */
	if (!in_flight) {
		r->delivered_at = (u32)now;
		r->first_sent_at = (u32)now;
	}
	stamp->delivered = (u32)r->delivered;
	stamp->delivered_at = r->delivered_at;
	stamp->first_sent_at = r->first_sent_at;
	stamp->app_limited = r->limited_until;
}

/* Was this one sent after the newest one that the ACK has shown so far? */
static bool rate_is_newer(const struct ttp_rate *r, u32 sent_at, u32 end_seq)
{
	if (sent_at != r->sent_at)
		return (s32)(sent_at - r->sent_at) > 0;
	return ttp_after(end_seq, r->end_seq);
}

void ttp_rate_on_delivered(struct ttp_rate *r,
			   const struct ttp_rate_stamp *stamp, u32 sent_at,
			   u32 end_seq, u32 segs, u64 now)
{
	if (!segs)
		return;
	r->delivered += segs;
	r->delivered_at = (u32)now;
	if (!r->newly || rate_is_newer(r, sent_at, end_seq)) {
		r->newest = *stamp;
		r->sent_at = sent_at;
		r->end_seq = end_seq;
	}
	r->newly += segs;
}

/* A sender that had little to send shows a rate only if it is a higher one. */
static void rate_show(struct ttp_rate *r, const struct ttp_rate_sample *s)
{
	if (!s->interval_us)
		return;
	if (s->app_limited && (u64)s->delivered * r->shown_us <
			      (u64)r->shown * s->interval_us)
		return;
	r->shown = s->delivered;
	r->shown_us = s->interval_us;
	r->shown_limited = s->app_limited;
}

u64 ttp_rate_bytes(const struct ttp_rate *r, u32 mss)
{
	u64 bytes = (u64)r->shown * mss;

	return r->shown_us ? div_u64(bytes * TTP_USEC_PER_SEC, r->shown_us) : 0;
}

void ttp_rate_on_ack(struct ttp_rate *r, struct ttp_rate_sample *s, u32 losses,
		     u32 min_rtt_us, u64 now)
{
	*s = (struct ttp_rate_sample) {
		.losses		= losses,
		.acked_sacked	= r->newly,
	};
	if (r->limited_until && r->delivered > r->limited_until)
		r->limited_until = 0;
	if (!r->newly)
		return;

	s->delivered = (u32)r->delivered - r->newest.delivered;
	s->prior_delivered = r->delivered - s->delivered;
	s->app_limited = r->newest.app_limited;
	s->interval_us = max(r->sent_at - r->newest.first_sent_at,
			     (u32)now - r->newest.delivered_at);
	/* From now on the sending interval begins with this segment. */
	r->first_sent_at = r->sent_at;
	r->newly = 0;
	/*
	 * Nothing is acknowledged sooner than the path allows.  A segment that
	 * was repeated needlessly pretends it: its first copy was acknowledged.
	 */
	if (min_rtt_us != ~0u && s->interval_us < min_rtt_us)
		s->interval_us = 0;
	rate_show(r, s);
}

void ttp_rate_app_limited(struct ttp_rate *r, u32 in_flight)
{
	/* Never 0, which means that it is not limited. */
	r->limited_until = max_t(u64, r->delivered + in_flight, 1);
}

u32 ttp_win_max(struct ttp_win *w, u32 slot, u32 value)
{
	u32 passed = slot - w->slot;
	u32 i;

	if (passed) {
		for (i = TTP_WIN_SLOTS; i--;)
			w->best[i] = i >= passed ? w->best[i - passed] : 0;
		w->slot = slot;
	}
	w->best[0] = max(w->best[0], value);
	return ttp_win_get_max(w);
}

u32 ttp_win_get_max(const struct ttp_win *w)
{
	u32 top = w->best[0];
	u32 i;

	for (i = 1; i < TTP_WIN_SLOTS; i++)
		top = max(top, w->best[i]);
	return top;
}
