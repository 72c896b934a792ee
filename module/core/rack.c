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
static bool is_ambiguous(const struct ttp_rack_seg *s,
			 const struct ttp_rack_ack *a)
{
	if (!s->retrans)
		return false;
	if (a->has_ts && !s->sacked && ttp_before(a->tsecr, s->tsval))
		return true;
	return a->now - s->sent_at < a->min_rtt;
}

/* Step 3.  What was sent twice may have been late the first time only. */
static void detect_reordering(struct ttp_rack *r, const struct ttp_rack_seg *s)
{
	if (ttp_after(s->end_seq, r->fack))
		r->fack = s->end_seq;
	else if (ttp_before(s->end_seq, r->fack) && !s->retrans)
		r->reordering_seen = true;
}

void ttp_rack_update(struct ttp_rack *r, const struct ttp_rack_seg *s,
		     struct ttp_rack_ack *a)
{
	u32 rtt = min_t(u64, a->now - s->sent_at, ~0u);

	detect_reordering(r, s);
	if (is_ambiguous(s, a))
		return;
	/* Of one ACK the latest sent counts, in whatever order they come here. */
	if (!a->timed || rtt < r->rtt)
		r->rtt = rtt;
	a->timed = true;
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
	if (!dsack || r->in_dsack_round)
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

void ttp_rack_on_undo(struct ttp_rack *r)
{
	r->reordering_seen = true;
}

/* Step 4, second half. */
u32 ttp_rack_reo_wnd(const struct ttp_rack *r, u32 min_rtt, u32 srtt, u32 sacked,
		     bool recovering)
{
	/* Without any reordering so far, three duplicates are proof enough. */
	if (!r->reordering_seen && (recovering || sacked >= TTP_DUPTHRESH))
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
