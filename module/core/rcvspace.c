// SPDX-License-Identifier: GPL-2.0
/*
 * This file computes how large a connection's buffers should be.
 */
#include "rcvspace.h"
#include "seq.h"

#define FIRST_OFFER	65535	/* as much as a SYN can say */
#define SNDBUF_SEGS_MIN	10U	/* the initial window */

void ttp_rcvspace_init(struct ttp_rcvspace *s)
{
	memset(s, 0, sizeof(*s));
	s->ssthresh = FIRST_OFFER;
	s->ratio = TTP_RATIO_INIT;
}

u64 ttp_rcvspace_buf(const struct ttp_rcvspace *s, u64 win)
{
	return div_u64(win << TTP_RATIO_SHIFT, s->ratio);
}

void ttp_rcvspace_measure(struct ttp_rcvspace *s, u32 len, u32 truesize)
{
	s32 now = div_u64((u64)len << TTP_RATIO_SHIFT, max(truesize, 1U));
	s32 step;

	now = clamp_t(s32, now, TTP_RATIO_MIN, 255);
	step = now - s->ratio;
	/* An eighth of the way; the last ones are not lost in the division. */
	s->ratio += step / 8 ?: (step > 0) - (step < 0);
}

void ttp_rcvspace_start(struct ttp_rcvspace *s, u32 copied_seq, u32 adv_mss,
			u64 now)
{
	s->seq = copied_seq;
	s->since = now;
	s->space = min(s->ssthresh, TTP_RCVSPACE_SEGS * adv_mss);
}

void ttp_rcvspace_rtt(struct ttp_rcvspace *s, u32 rtt_us)
{
	rtt_us = clamp_t(u32, rtt_us, 1, ~0U >> 4);
	if (!s->rtt)
		s->rtt = rtt_us << 3;
	else
		s->rtt += rtt_us - (s->rtt >> 3);
}

void ttp_rcvspace_rtt_window(struct ttp_rcvspace *s, u32 rcv_nxt, u32 rcv_wnd,
			     u64 now)
{
	u64 took;

	if (s->rtt_at) {
		if (ttp_before(rcv_nxt, s->rtt_seq))
			return;
		took = clamp_t(u64, now - s->rtt_at, 1, ~0U >> 4);
		if (!s->rtt || took << 3 < s->rtt)
			s->rtt = took << 3;
	}
	s->rtt_seq = rcv_nxt + rcv_wnd;
	s->rtt_at = now;
}

/*
 * A segment whose overhead is more than the ratio allows for may still raise
 * the window, as far as the largest buffer would hold such segments.
 */
static u32 grow_by(const struct ttp_rcvspace *s, const struct ttp_rcvseg *g)
{
	u64 hold;

	if (ttp_rcvspace_win(s, g->truesize) <= g->len)
		return 2 * g->adv_mss;
	hold = div_u64((u64)g->most * g->len, max(g->truesize, 1U));
	return s->ssthresh <= hold / 2 ? 2 * g->rcv_mss : 0;
}

void ttp_rcvspace_grow(struct ttp_rcvspace *s, const struct ttp_rcvseg *g)
{
	u32 by;

	if (g->room <= s->ssthresh)
		return;
	by = grow_by(s, g);
	if (by)
		s->ssthresh += min(g->room - s->ssthresh, max(by, 2 * g->len));
}

void ttp_rcvspace_limit(struct ttp_rcvspace *s, u32 segs, u32 adv_mss)
{
	s->ssthresh = min(s->ssthresh, segs * adv_mss);
}

u64 ttp_rcvspace_copied(struct ttp_rcvspace *s, u32 copied_seq, u32 adv_mss,
			u64 now)
{
	u32 copied = copied_seq - s->seq;
	u64 want = 0, more;

	if (!s->since || !s->rtt || now - s->since < s->rtt >> 3)
		return 0;
	if (copied > s->space) {
		want = 2 * (u64)copied + 16 * adv_mss;
		/* In slow start the next round trip brings twice as much. */
		more = div_u64(want * (copied - s->space), max(s->space, 1U));
		want += 2 * min(more, want);
		s->space = copied;
	}
	s->seq = copied_seq;
	s->since = now;
	return want;
}

u64 ttp_sndbuf_want(u32 cwnd, u32 reordering, u32 size)
{
	u32 segs = max(max(cwnd, reordering + 1), SNDBUF_SEGS_MIN);

	return 2ULL * segs * size;
}
