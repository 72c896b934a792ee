// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the state machine of loss recovery: it says when an episode
 * begins and ends, and recognises those that had no reason.
 */
#include "recovery.h"
#include "rack.h"
#include "seq.h"

#define TTP_RTO_RESTART_SEGS	4	/* rrthresh, RFC 7765 4 */

void ttp_recovery_init(struct ttp_recovery *r, u32 iss)
{
	memset(r, 0, sizeof(*r));
	r->dupthresh = TTP_DUPTHRESH;
	r->high_seq = iss;
}

static u32 calm(u32 sacked_out, u32 lost_out)
{
	return sacked_out || lost_out ? TTP_REC_DISORDER : TTP_REC_OPEN;
}

static u32 finish(struct ttp_recovery *r, const struct ttp_rec_ack *a)
{
	u32 react = TTP_REACT_DONE;

	/* A window that shrank for marks alone is no recovery (RFC 8985 6.2). */
	if (ttp_recovery_active(r))
		react |= TTP_REACT_REPAIRED;
	r->state = calm(a->sacked_out, a->lost_out);
	r->frto = TTP_FRTO_OFF;
	return react;
}

static u32 undo(struct ttp_recovery *r, const struct ttp_rec_ack *a)
{
	r->state = calm(a->sacked_out, 0);
	r->frto = TTP_FRTO_OFF;
	/* RFC 5682 2.1 step 3b: duplicates may say again that one is lost. */
	r->high_seq = a->snd_una - 1;
	return TTP_REACT_UNDO | (r->by_timeout ? 0 : TTP_REACT_REORDERED);
}

/*
 * RFC 3522 3.2: the first ACK that advances after a repetition echoes an
 * older timestamp, so the original has arrived.
 */
static bool eifel_says_spurious(struct ttp_recovery *r,
				const struct ttp_rec_ack *a)
{
	bool first = r->eifel && r->stamped && a->advanced;

	if (!first || !ttp_recovery_active(r))
		return false;
	r->eifel = false;
	return a->has_ts && ttp_before(a->tsecr, r->retrans_ts);
}

static bool is_spurious(struct ttp_recovery *r, const struct ttp_rec_ack *a)
{
	bool early = eifel_says_spurious(r, a);

	if (!r->may_undo)
		return false;
	/* RFC 3708 3: all that was repeated had arrived already. */
	if (r->repeated && !r->undo_left)
		return true;
	/* What was thought lost is here before anything was repeated. */
	if (!r->repeated && r->state == TTP_REC_RECOVERY &&
	    ttp_after_eq(a->snd_una, r->high_seq))
		return true;
	return early;
}

/* RFC 5682 2.1 and 3.1 step 2: the first ACK that says something. */
static u32 frto_wait(struct ttp_recovery *r, const struct ttp_rec_ack *a)
{
	/* With SACK a duplicate only adds to the scoreboard. */
	if (!a->advanced) {
		if (a->dup && !a->sack_ok)
			r->frto = TTP_FRTO_OFF;
		return 0;
	}
	r->frto = TTP_FRTO_OFF;
	/* Of a part of the repetition: no honest receiver says that. */
	if (!a->again)
		return 0;
	if (ttp_after_eq(a->snd_una, r->high_seq) || !a->can_send_new)
		return 0;
	r->frto = TTP_FRTO_SENT;
	return TTP_REACT_SEND_NEW;
}

/* Step 3: what arrives next, the originals or the new data? */
static u32 frto_sent(struct ttp_recovery *r, const struct ttp_rec_ack *a)
{
	/* Without SACK an ACK across a repetition does not tell who made it. */
	bool sure = a->orig && (a->sack_ok || !a->again);
	bool news = a->sack_ok && (a->orig || a->again);

	if (a->beyond || (a->dup && !news)) {
		r->frto = TTP_FRTO_OFF;
		return 0;
	}
	return sure && r->may_undo ? undo(r, a) : 0;
}

static u32 on_ack_in_loss(struct ttp_recovery *r, const struct ttp_rec_ack *a)
{
	u32 react = 0;

	switch ((enum ttp_frto)r->frto) {
	case TTP_FRTO_WAIT:
		react = frto_wait(r, a);
		break;
	case TTP_FRTO_SENT:
		react = frto_sent(r, a);
		break;
	case TTP_FRTO_OFF:
		break;
	}
	if (!(react & TTP_REACT_UNDO) && ttp_after_eq(a->snd_una, r->high_seq))
		return finish(r, a);
	return react;
}

u32 ttp_recovery_on_ack(struct ttp_recovery *r, const struct ttp_rec_ack *a)
{
	if (is_spurious(r, a))
		return undo(r, a);
	switch ((enum ttp_rec_state)r->state) {
	case TTP_REC_OPEN:
	case TTP_REC_DISORDER:
		r->state = calm(a->sacked_out, a->lost_out);
		/* Left behind, it would seem to lie ahead after 2^31 bytes. */
		if (ttp_after(a->snd_una, r->high_seq))
			r->high_seq = a->snd_una - 1;
		return 0;
	case TTP_REC_CWR:
		/* RFC 3168 6.1.2: the peer answers our CWR beyond high_seq. */
		if (!ttp_after(a->snd_una, r->high_seq))
			return 0;
		return finish(r, a);
	case TTP_REC_RECOVERY:
		if (ttp_after_eq(a->snd_una, r->high_seq))
			return finish(r, a);
		/* RFC 6582 3.2 step 3: behind a partial ACK is the next hole. */
		return a->advanced && !a->sack_ok ? TTP_REACT_HEAD_LOST : 0;
	case TTP_REC_LOSS:
		return on_ack_in_loss(r, a);
	}
	return 0;
}

/* A new episode, or another one on top: what is repeated counts from here. */
static void begin(struct ttp_recovery *r, const struct ttp_rec_event *e,
		  enum ttp_rec_state state)
{
	r->state = state;
	r->frto = TTP_FRTO_OFF;
	r->high_seq = e->snd_nxt;
	/* A loss probe may be under way. */
	r->repeated = e->retrans_out;
	r->undo_left = e->retrans_out;
	r->stamped &= r->repeated;
	r->eifel = true;
	r->by_timeout = state == TTP_REC_LOSS;
	r->rtx_start = e->snd_una;
	r->rtx_end = e->snd_nxt;
}

static void save(struct ttp_recovery *r, const struct ttp_rec_event *e)
{
	r->may_undo = true;
	r->prior_cwnd = e->cwnd;
	r->prior_ssthresh = e->ssthresh;
}

static bool is_lost(const struct ttp_recovery *r, const struct ttp_rec_event *e)
{
	if (r->state == TTP_REC_LOSS)
		return e->lost_retrans;	/* the others are being repaired */
	if (e->sack_ok)
		return e->lost_out;
	/*
	 * RFC 6582 3.2 step 2: not for duplicates of our own repetitions.  A
	 * reduction for ECE comes without any.
	 */
	return e->sacked_out >= r->dupthresh &&
	       (r->state == TTP_REC_CWR ||
		ttp_after(e->snd_una, r->high_seq));
}

u32 ttp_recovery_on_losses(struct ttp_recovery *r, const struct ttp_rec_event *e)
{
	u32 react = TTP_REACT_ENTERED;

	if (r->state == TTP_REC_RECOVERY || !is_lost(r, e)) {
		if (r->state <= TTP_REC_DISORDER)
			r->state = calm(e->sacked_out, e->lost_out);
		return 0;
	}
	if (!e->sack_ok && r->state != TTP_REC_LOSS)
		react |= TTP_REACT_HEAD_LOST;
	if (r->state == TTP_REC_CWR || e->probe_lost) {
		/* The window has paid, or has not to pay: nothing to undo. */
		r->may_undo = false;
	} else {
		react |= TTP_REACT_REDUCE;
		save(r, e);
		/* The timeout before had its reasons. */
		if (r->state == TTP_REC_LOSS)
			r->may_undo = false;
	}
	begin(r, e, TTP_REC_RECOVERY);
	return react;
}

u32 ttp_recovery_on_congestion(struct ttp_recovery *r,
			       const struct ttp_rec_event *e)
{
	/* Whatever else it was, it was no mistake. */
	r->may_undo = false;
	if (r->state > TTP_REC_DISORDER)
		return 0;	/* RFC 3168 6.1.2: once per window */
	begin(r, e, TTP_REC_CWR);
	return TTP_REACT_REDUCE;
}

u32 ttp_recovery_on_repaired(struct ttp_recovery *r)
{
	if (r->state > TTP_REC_DISORDER)
		return 0;	/* the window has paid, or is about to */
	r->may_undo = false;
	return TTP_REACT_REDUCE | TTP_REACT_DONE;
}

void ttp_recovery_on_mtu(struct ttp_recovery *r, const struct ttp_rec_event *e)
{
	if (r->state > TTP_REC_DISORDER)
		return;
	begin(r, e, TTP_REC_LOSS);
	r->may_undo = false;
}

u32 ttp_recovery_on_rto(struct ttp_recovery *r, const struct ttp_rec_event *e,
			bool again)
{
	struct ttp_recovery old = *r;
	bool paid = ttp_recovery_reducing(r) &&
		    ttp_before(e->snd_una, r->high_seq);
	bool same = r->state == TTP_REC_LOSS && again;

	begin(r, e, TTP_REC_LOSS);
	if (same) {
		/* RFC 5681 3.1: ssthresh stays; undo as if it were one timeout. */
		r->stamped = old.stamped;
		r->eifel = old.eifel;
		r->undo_left = old.undo_left;
		r->repeated = old.repeated;
	} else if (paid) {
		r->may_undo = false;
	} else {
		save(r, e);
	}
	/*
	 * RFC 5682 2.1 step 1: the timeout must not interrupt a recovery, nor
	 * the one before have done so, or have got a duplicate for an answer.
	 */
	if (same ? old.frto == TTP_FRTO_WAIT : old.state < TTP_REC_RECOVERY)
		r->frto = TTP_FRTO_WAIT;
	return same || paid ? 0 : TTP_REACT_REDUCE;
}

void ttp_recovery_on_retrans(struct ttp_recovery *r, u32 start, u32 end, u32 segs,
			     u32 tsval, bool first)
{
	bool active = ttp_recovery_active(r);

	/* RFC 3522 3.2 step 2: that of the first repetition. */
	if (!r->stamped || (first && !(active && r->repeated)))
		r->retrans_ts = tsval;
	r->stamped = true;
	if (!active)
		return;		/* a loss probe: begin() counts it */
	if (!r->repeated || ttp_before(start, r->rtx_start))
		r->rtx_start = start;
	if (!r->repeated || ttp_after(end, r->rtx_end))
		r->rtx_end = end;
	r->repeated = true;
	r->undo_left += segs;
}

void ttp_recovery_on_dsack(struct ttp_recovery *r, u32 start, u32 end, u32 segs)
{
	/* RFC 3708 3: what we sent once, the network has doubled. */
	if (!r->repeated || ttp_before(start, r->rtx_start) ||
	    ttp_after(end, r->rtx_end))
		return;
	r->undo_left -= min(r->undo_left, segs);
}

void ttp_recovery_undo(struct ttp_recovery *r, u32 *cwnd, u32 *ssthresh)
{
	*cwnd = max(*cwnd, r->prior_cwnd);
	*ssthresh = max(*ssthresh, r->prior_ssthresh);
	r->may_undo = false;
}

u64 ttp_recovery_rto_at(u64 now, u32 rto, u64 oldest, u32 segs)
{
	u64 waited = now - oldest;

	if (segs >= TTP_RTO_RESTART_SEGS || waited >= rto)
		return now + rto;
	return now + rto - waited;
}
