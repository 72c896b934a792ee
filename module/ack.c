// SPDX-License-Identifier: GPL-2.0
/*
 * This file applies acknowledgements: it frees what has arrived, measures the
 * round trip, moves the send window and hands over to loss recovery.
 */
#include "ack.h"

#include <linux/skbuff.h>

#include "compat.h"
#include "core/reno.h"
#include "output.h"
#include "plpmtu.h"
#include "recover.h"
#include "rtx.h"
#include "urgent.h"

/* RFC 9293 3.10.7.4, SND.WND; returns true when the window changed. */
static bool ttp_ack_window(struct ttp_sock *t, const struct ttp_seg *seg)
{
	u32 wnd = seg->win;

	if (!(seg->flags & TTP_SYN))	/* RFC 7323 2.2: never scaled there */
		wnd <<= t->snd_wscale;
	if (ttp_before(seg->ack, t->snd_una) ||
	    !ttp_wnd_update_ok(t->snd_wl1, t->snd_wl2, seg->seq, seg->ack))
		return false;
	t->snd_wl1 = seg->seq;
	t->snd_wl2 = seg->ack;
	if (wnd == t->snd_wnd)
		return false;
	WRITE_ONCE(t->snd_wnd, wnd);
	t->max_wnd = max(t->max_wnd, wnd);
	return true;
}

/*
 * Forget what the ACK covers.  The round trip is that of the oldest segment
 * which was sent only once; with one that was sent twice among them nobody
 * knows which has arrived (Karn's rule, RFC 6298 3).
 */
static void ttp_ack_clean(struct sock *sk, struct ttp_ack_run *run)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 una = t->snd_una, before = t->packets_out;
	bool karn = false;
	struct sk_buff *skb;
	u64 rtt = 0;

	while ((skb = ttp_rtx_first(t))) {
		struct ttp_skb_cb *cb = TTP_CB(skb);
		bool whole = !ttp_before(una, cb->end_seq);
		u32 segs = cb->segs;

		if (!ttp_after(una, cb->seq))
			break;
		karn |= cb->state & TTP_S_EVER;
		if (!rtt && !(cb->state & TTP_S_SACKED))
			rtt = run->now - cb->sent_at ?: 1;
		if (!whole)
			segs = ttp_rtx_trim(sk, skb, una - cb->seq);
		if (segs && !(cb->state & TTP_S_SACKED))
			ttp_recover_delivered(t, run, skb,
					      whole ? cb->end_seq : una, segs,
					      false);
		if (!whole)
			break;
		ttp_rtx_drop(sk, skb);
	}
	run->acked = before - t->packets_out;
	if (!karn)
		run->rtt = min_t(u64, rtt, U32_MAX);
}

/* The part of @skb in [start, end), in whole segments; NULL: there is none. */
static struct sk_buff *ttp_sack_part(struct sock *sk, struct sk_buff *skb,
				     const struct ttp_sack_block *b)
{
	struct ttp_skb_cb *cb = TTP_CB(skb);
	u32 len;

	if (ttp_before(cb->seq, b->start)) {
		len = roundup(b->start - cb->seq, cb->mss);
		if (len >= skb->len || ttp_rtx_split(sk, skb, len))
			return NULL;
		skb = ttp_rtx_next(skb);
		cb = TTP_CB(skb);
	}
	if (ttp_after(cb->end_seq, b->end)) {
		if (!ttp_before(cb->seq, b->end))
			return NULL;
		len = rounddown(b->end - cb->seq, cb->mss);
		if (!len || ttp_rtx_split(sk, skb, len))
			return NULL;
	}
	return skb;
}

static void ttp_ack_sack_block(struct sock *sk, struct ttp_ack_run *run,
			       const struct ttp_sack_block *b)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb = ttp_rtx_at(t, b->start), *part;

	for (; skb && ttp_before(TTP_CB(skb)->seq, b->end);
	     skb = ttp_rtx_next(skb)) {
		if (TTP_CB(skb)->state & TTP_S_SACKED)
			continue;
		part = ttp_sack_part(sk, skb, b);
		if (!part)
			continue;
		skb = part;
		if (!run->rtt && !(TTP_CB(skb)->state & TTP_S_EVER) &&
		    !run->r.advanced) {
			run->rtt = min_t(u64, run->now - TTP_CB(skb)->sent_at ?: 1,
					 U32_MAX);
			run->rtt_sacked = true;
		}
		ttp_recover_delivered(t, run, skb, TTP_CB(skb)->end_seq,
				      TTP_CB(skb)->segs, true);
		ttp_rtx_mark_sacked(t, skb);
	}
}

/*
 * A duplicate has arrived; true when we may have made it.  More than we ever
 * repeated the network has doubled (RFC 3708 3).
 */
static bool ttp_ack_dsack(struct sock *sk, const struct ttp_sack_block *dup)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 segs = DIV_ROUND_UP(dup->end - dup->start, t->mss);

	ttp_mib_inc(sock_net(sk), TTP_MIB_DSACKRECV);
	t->dsack_dups += segs;
	ttp_recovery_on_dsack(&t->rec, dup->start, dup->end, segs);
	return t->dsack_dups <= t->total_retrans;
}

/* RFC 2018 5, RFC 2883 */
static void ttp_ack_sacks(struct sock *sk, const struct ttp_seg *seg,
			  struct ttp_ack_run *run)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_sack_sent sent = {
		.ack	 = seg->ack,
		.snd_una = t->snd_una,
		.snd_nxt = t->snd_nxt,
		.back	 = min_t(u64, t->max_wnd, t->bytes_acked),
	};
	struct ttp_tlp_ack probe = {
		.ack	  = seg->ack,
		.bare_dup = run->bare && !seg->opts.nr_sack,
	};
	struct ttp_sack_news news;
	bool ours = false;
	u32 i;

	ttp_sack_judge(seg->opts.sack, seg->opts.nr_sack, &sent, &news);
	if (news.refused)
		ttp_mib_add(sock_net(sk), TTP_MIB_SACKDISCARD, news.refused);
	for (i = 0; i < news.nr; i++)
		ttp_ack_sack_block(sk, run, &news.block[i]);
	if (news.dsack) {
		probe.dsack = true;
		probe.dup_end = news.dup.end;
		ours = ttp_ack_dsack(sk, &news.dup);
	}
	ttp_rack_on_dsack(&t->rack, t->snd_una, t->snd_nxt, ours &&
			  !ttp_tlp_is_dsack(&t->tlp, news.dup.end));
	run->repaired = ttp_tlp_on_ack(&t->tlp, &probe);
}

/*
 * Without SACK an ACK only tells how many have arrived.  After a timeout a
 * duplicate may be for what was repeated, unless it is F-RTO's new data.
 */
static void ttp_ack_reno(struct ttp_sock *t, struct ttp_ack_run *run)
{
	bool counts = t->rec.state != TTP_REC_LOSS ||
		      ttp_after(t->snd_nxt, t->rec.high_seq);

	if (run->acked) {
		run->delivered = ttp_reno_acked(&t->sacked_out, run->acked,
						t->packets_out, t->lost_out);
		/* No hole is known: whatever was doubled, it is past. */
		if (t->rec.state <= TTP_REC_DISORDER)
			t->sacked_out = 0;
		return;
	}
	if (ttp_recovery_reducing(&t->rec) && !ttp_prr_may_arrive(&t->prr))
		counts = false;
	if (run->r.dup && counts)
		run->delivered = ttp_reno_dup(&t->sacked_out, t->packets_out,
					      t->lost_out);
}

/* Nothing in it but an acknowledgement that we had already. */
static bool ttp_ack_is_bare(const struct ttp_sock *t, const struct ttp_seg *seg,
			    bool window_moved)
{
	return seg->ack == t->snd_una && !seg->len &&
	       !(seg->flags & (TTP_SYN | TTP_FIN)) && !window_moved;
}

/*
 * A segment that overtook others says nothing of how long the path is
 * (@in_order is false), nor, where that is common, what the others will take.
 */
static void ttp_ack_rtt(struct ttp_sock *t, u32 rtt, bool in_order, u64 now)
{
	if (in_order || !t->rack.reordering_seen)
		ttp_rtt_sample(&t->rtt, rtt);
	if (in_order)
		ttp_win_min_rtt(&t->min_rtt, now, rtt,
				READ_ONCE(t->tn->sysctl.min_rtt_wlen));
}

/* The round trip of the SYN, or of the SYN+ACK. */
static void ttp_ack_syn_rtt(struct ttp_sock *t, u32 echo, u64 now)
{
	if (!t->total_retrans && t->last_sent)
		ttp_ack_rtt(t, now - t->last_sent, true, now);
	else if (echo)
		ttp_ack_rtt(t, echo, true, now);
	else if (t->retransmits)
		ttp_rtt_syn_repeated(&t->rtt);
	if (t->retransmits > TTP_SYN_LOST)
		t->cc.cwnd = 1;
}

static u32 ttp_ack_advance(struct sock *sk, const struct ttp_seg *seg,
			   struct ttp_ack_run *run)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 echo = run->rack.echo_rtt;
	u32 ack = seg->ack, acked = ack - t->snd_una, events = 0;

	if (ttp_syn_unacked(t)) {
		events |= TTP_ACKED_SYN;
		acked--;
		ttp_ack_syn_rtt(t, echo, run->now);
	}
	if (t->fin_sent && ack == t->write_seq + 1) {
		events |= TTP_ACKED_FIN;
		acked--;
	}
	WRITE_ONCE(t->snd_una, ack);
	t->bytes_acked += acked;
	ttp_urg_acked(t);
	ttp_plpmtu_on_ack(sk);
	run->r.advanced = true;
	ttp_ack_clean(sk, run);
	/*
	 * An echo tells which transmission arrived, where Karn's rule has to be
	 * silent (RFC 7323 4).  Without a sample the backoff stays (RFC 6298 5).
	 */
	if (!run->rtt && run->acked)
		run->rtt = echo;
	t->retransmits = 0;
	t->retrans_at = 0;
	t->probed_at = 0;
	return events;
}

static void ttp_ack_measure(struct ttp_sock *t, const struct ttp_ack_run *run)
{
	if (!run->rtt)
		return;
	ttp_ack_rtt(t, run->rtt, !run->rtt_sacked, run->now);
	ttp_tlp_on_rtt(&t->tlp);
}

/* What arrived, while the peer sees marks. */
static void ttp_ack_marks(struct sock *sk, const struct ttp_ack_run *run)
{
	if (!run->ece)
		return;
	ttp_sk(sk)->ecn.delivered_ce += run->delivered;
	ttp_mib_add(sock_net(sk), TTP_MIB_DELIVEREDCE, run->delivered);
}

/*
 * Nothing is in flight, or wants to be, and nothing was: as in each segment for
 * who only receives.
 */
static bool ttp_ack_says_nothing(struct sock *sk, const struct ttp_seg *seg)
{
	const struct ttp_sock *t = ttp_sk(sk);

	return seg->ack == t->snd_una && t->snd_una == t->snd_nxt &&
	       !seg->opts.nr_sack && !(seg->flags & TTP_ECE) &&
	       t->rec.state == TTP_REC_OPEN && !t->tlp.out &&
	       !ttp_has_to_send(sk);
}

/* An ACK that is not old, and whose window is known already. */
static u32 ttp_ack_news(struct sock *sk, const struct ttp_seg *seg, bool bare,
			u64 now, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_ack_run run = {
		.now		= now,
		.flight		= t->packets_out,
		.in_flight	= ttp_in_flight(t),
		.ece		= ttp_ecn_on_ack(&t->ecn, seg->flags),
		.rack = {
			.now	 = now,
			.min_rtt = ttp_win_get_min(&t->min_rtt),
			.has_ts	 = t->ts.ok && seg->opts.has_ts,
			.tsecr	 = seg->opts.tsecr,
			.echo_rtt = ttp_ts_rtt(&t->ts, &seg->opts, now),
		},
		.r = {
			.sack_ok = t->sack_ok,
			.has_ts	 = t->ts.ok && seg->opts.has_ts,
			.tsecr	 = seg->opts.tsecr,
		},
	};
	u32 events = 0;

	run.bare = bare;
	run.r.dup = bare && t->snd_una != t->snd_nxt;	/* RFC 5681 2 */
	if (ttp_after(seg->ack, t->snd_una)) {
		events = ttp_ack_advance(sk, seg, &run);
		todo->bits |= TTP_DO_WRITE;
	}
	if (t->sack_ok)
		ttp_ack_sacks(sk, seg, &run);
	else
		ttp_ack_reno(t, &run);
	ttp_ack_marks(sk, &run);
	ttp_ack_measure(t, &run);
	run.r.can_send_new = ttp_can_send_new(sk);
	ttp_recover_on_ack(sk, &run, todo);
	if (ttp_wnd_usable(t->snd_una, t->snd_wnd, t->snd_nxt))
		ttp_deadline_clear(&t->due, TTP_TIMER_PROBE);
	todo->bits |= TTP_DO_PUSH;
	return events;
}

u32 ttp_ack(struct sock *sk, const struct ttp_seg *seg, u64 now,
	    struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	bool bare = ttp_ack_is_bare(t, seg, ttp_ack_window(t, seg));

	t->probes_out = 0;
	WRITE_ONCE(sk->sk_err_soft, 0);
	if (ttp_before(seg->ack, t->snd_una) || ttp_ack_says_nothing(sk, seg))
		return 0;
	return ttp_ack_news(sk, seg, bare, now, todo);
}
