// SPDX-License-Identifier: GPL-2.0
/*
 * This file is RACK: losses by time, not by counting (RFC 8985 6.2, 6.3).
 */
#include "rack.h"
#include "seq.h"

#define TTP_REO_PERSIST	16	/* recoveries, RFC 8985 6.2 step 4 */

void ttp_rack_init(struct ttp_rack *r, u32 iss)
{
	memset(r, 0, sizeof(*r));
	r->end_seq = iss;
	r->fack = iss;
	r->reo_wnd_mult = 1;
	r->dupthresh = TTP_DUPTHRESH;
}

static bool sent_after(u64 t1, u32 end1, u64 t2, u32 end2)
{
	return t1 > t2 || (t1 == t2 && ttp_after(end1, end2));
}

/*
 * RFC 8985 6.2 step 2: the ACK may be for an earlier transmission; then the
 * time of the last one says nothing.  The echo tells, but not behind a hole:
 * there it is that of the last segment in order (RFC 7323 4.3).
 */
static bool is_earlier(const struct ttp_rack_seg *s,
		       const struct ttp_rack_ack *a)
{
	return s->retrans && a->has_ts && !s->sacked &&
	       ttp_before(a->tsecr, s->tsval);
}

static bool is_ambiguous(const struct ttp_rack_seg *s,
			 const struct ttp_rack_ack *a)
{
	return s->retrans && a->now - s->sent_at < a->min_rtt;
}

/* Of one ACK the latest sent counts, in whatever order they come here. */
static void note_rtt(struct ttp_rack *r, u32 rtt, struct ttp_rack_ack *a)
{
	if (!a->timed || rtt < r->rtt)
		r->rtt = rtt;
	a->timed = true;
}

/* Step 3.  What was sent twice may have been late the first time only. */
static void detect_reordering(struct ttp_rack *r, const struct ttp_rack_seg *s,
			      struct ttp_rack_ack *a)
{
	if (ttp_after(s->end_seq, r->fack))
		r->fack = s->end_seq;
	if (s->end_seq == r->fack || s->retrans)
		return;
	r->reordering_seen = true;
	r->late_by = max(r->late_by, r->fack - s->end_seq + s->len);
	r->overtaken += !a->late;
	a->late = true;
}

void ttp_rack_update(struct ttp_rack *r, const struct ttp_rack_seg *s,
		     struct ttp_rack_ack *a)
{
	u32 rtt = min_t(u64, a->now - s->sent_at, ~0u);

	detect_reordering(r, s, a);
	if (is_earlier(s, a)) {
		/*
		 * The RFC leaves it at that.  But that transmission has arrived,
		 * and the echo says after how long: what has overtaken it was
		 * faster, and by its measure all others would be lost as well.
		 */
		if (a->echo_rtt > r->rtt)
			a->behind = max(a->behind, a->echo_rtt - r->rtt);
		if (a->echo_rtt)
			note_rtt(r, a->echo_rtt, a);
		return;
	}
	if (is_ambiguous(s, a))
		return;
	note_rtt(r, rtt, a);
	if (sent_after(s->sent_at, s->end_seq, r->xmit_ts, r->end_seq)) {
		r->xmit_ts = s->sent_at;
		r->end_seq = s->end_seq;
	}
}

/* Step 4, first half: we repeated too early, once per round trip. */
void ttp_rack_on_dsack(struct ttp_rack *r, u32 snd_una, u32 snd_nxt, bool dsack)
{
	if (r->in_dsack_round && ttp_after_eq(snd_una, r->dsack_round))
		r->in_dsack_round = false;
	if (!dsack || r->fixed || r->in_dsack_round)
		return;
	r->in_dsack_round = true;
	r->dsack_round = snd_nxt;
	r->reo_wnd_persist = TTP_REO_PERSIST;
	if (r->reo_wnd_mult < 255)
		r->reo_wnd_mult++;
}

void ttp_rack_on_exit(struct ttp_rack *r)
{
	if (r->reo_wnd_persist)
		r->reo_wnd_persist--;
	if (!r->reo_wnd_persist)
		r->reo_wnd_mult = 1;
}

/*
 * Duplicates would widen the window as well, by a quarter of the shortest round
 * trip in each (step 4); behind a long queue that takes seconds.  A quarter more
 * than was missing: such a queue grows.
 */
void ttp_rack_on_undo(struct ttp_rack *r, u32 behind, u32 min_rtt)
{
	u64 mult = min_rtt ? div_u64(behind * 5ULL, min_rtt) + 1 : 0;

	r->reordering_seen = true;
	if (r->fixed || !behind || mult <= r->reo_wnd_mult)
		return;
	r->reo_wnd_mult = min_t(u64, mult, 255);
	r->reo_wnd_persist = TTP_REO_PERSIST;
}

/* Step 4, second half. */
u32 ttp_rack_reo_wnd(const struct ttp_rack *r, u32 min_rtt, u32 srtt, u32 sacked,
		     bool recovering)
{
	/* Without any reordering so far, so many duplicates are proof enough. */
	if (!r->reordering_seen && (recovering || sacked >= r->dupthresh))
		return 0;
	return min_t(u64, (u64)r->reo_wnd_mult * min_rtt >> 2, srtt);
}

/* us until @sent_at + rtt + reo_wnd, 0 when that has passed. */
static u32 time_left(const struct ttp_rack *r, u32 reo_wnd, u64 sent_at, u64 now)
{
	u64 until = sent_at + r->rtt + reo_wnd;

	return until > now ? min_t(u64, until - now, TTP_RACK_UNKNOWN - 1) : 0;
}

/* Step 5 */
u32 ttp_rack_remaining(const struct ttp_rack *r, u32 reo_wnd, u64 sent_at,
		       u32 end_seq, u64 now)
{
	if (!sent_after(r->xmit_ts, r->end_seq, sent_at, end_seq))
		return TTP_RACK_UNKNOWN;
	return time_left(r, reo_wnd, sent_at, now);
}

/* RFC 8985 6.3: what was sent just now is given its time. */
bool ttp_rack_lost_on_rto(const struct ttp_rack *r, u32 reo_wnd, u64 sent_at,
			  bool head, u64 now)
{
	return head || !time_left(r, reo_wnd, sent_at, now);
}
