// SPDX-License-Identifier: GPL-2.0
/*
 * This file asks core/ what an ACK or a timer means for the segments in flight,
 * marks them, and lets congestion control answer.
 */
#include "recover.h"

#include "compat.h"
#include "output.h"
#include "pacing.h"
#include "plpmtu.h"
#include "rtx.h"

void ttp_recover_choose(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (!t->cc_chosen)
		t->cc.ops = READ_ONCE(t->tn->cc);
}

void ttp_recover_init(struct sock *sk, u32 iss)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 now = ttp_now();

	ttp_cc_init(&t->cc, t->cc.ops, now);
	if (ttp_cc_owns_cwnd(&t->cc))
		ttp_pacing_need(sk);
	ttp_rate_init(&t->rate, now);
	memset(&t->min_rtt, 0, sizeof(t->min_rtt));
	ttp_recovery_init(&t->rec, iss);
	ttp_rack_init(&t->rack, iss);
	ttp_tlp_init(&t->tlp);
	memset(&t->prr, 0, sizeof(t->prr));
}

void ttp_recover_delivered(struct ttp_sock *t, struct ttp_ack_run *run,
			   const struct sk_buff *skb, u32 end_seq, u32 segs,
			   bool sacked)
{
	const struct ttp_skb_cb *cb = TTP_CB(skb);
	struct ttp_rack_seg seg = {
		.sent_at = cb->sent_at,
		.end_seq = end_seq,
		.len	 = end_seq - cb->seq,
		.tsval	 = cb->tsval,
		.retrans = cb->state & TTP_S_EVER,
		.sacked	 = sacked,
	};

	if (ttp_after(end_seq, t->rec.high_seq))
		run->r.beyond = true;
	else if (!seg.retrans)
		run->r.orig = true;
	run->r.again |= seg.retrans;
	ttp_rack_update(&t->rack, &seg, &run->rack);
	ttp_rate_on_delivered(&t->rate, &cb->stamp, (u32)cb->sent_at, end_seq,
			      segs, run->now);
	if (t->sack_ok)
		run->delivered += segs;
}

static void rec_event(const struct ttp_sock *t, bool lost_retrans,
		      struct ttp_rec_event *e)
{
	*e = (struct ttp_rec_event) {
		.snd_una	= t->snd_una,
		.snd_nxt	= t->snd_nxt,
		.cwnd		= t->cc.cwnd,
		.ssthresh	= t->cc.ssthresh,
		.sacked_out	= t->sacked_out,
		.lost_out	= t->lost_out,
		.retrans_out	= t->retrans_out,
		.lost_retrans	= lost_retrans,
		.sack_ok	= t->sack_ok,
	};
}

static u32 rec_reo_wnd(const struct ttp_sock *t)
{
	return ttp_rack_reo_wnd(&t->rack, ttp_win_get_min(&t->min_rtt),
				t->rtt.srtt >> 3, t->sacked_out,
				ttp_recovery_active(&t->rec));
}

/* The timeout must not come before RACK has spoken (RFC 8985 8). */
static void rec_wait(struct ttp_sock *t, u64 until)
{
	ttp_deadline_set(&t->due, TTP_TIMER_REO, until);
	if (t->due.at[TTP_TIMER_REXMIT] < until)
		ttp_deadline_set(&t->due, TTP_TIMER_REXMIT, until);
}

/* RFC 8985 6.2 step 5; returns whether something sent again is lost again. */
static bool rec_find_losses(struct ttp_sock *t, u64 now)
{
	bool lost_retrans = false;
	struct sk_buff *skb, *next;
	u32 wnd, left, wait = 0;

	if (list_empty(&t->tsorted)) {
		ttp_deadline_clear(&t->due, TTP_TIMER_REO);
		return false;
	}
	wnd = rec_reo_wnd(t);
	list_for_each_entry_safe(skb, next, &t->tsorted, tcp_tsorted_anchor) {
		struct ttp_skb_cb *cb = TTP_CB(skb);

		left = ttp_rack_remaining(&t->rack, wnd, cb->sent_at,
					  cb->end_seq, now);
		if (left == TTP_RACK_UNKNOWN)
			break;
		if (left) {
			wait = max(wait, left);
			continue;
		}
		lost_retrans |= cb->state & TTP_S_RETRANS;
		ttp_rtx_mark_lost(t, skb);
	}
	if (wait)
		rec_wait(t, now + wait);
	else
		ttp_deadline_clear(&t->due, TTP_TIMER_REO);
	return lost_retrans;
}

/* Without SACK only this much is known: the first one is missing. */
static void rec_head_lost(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb = ttp_rtx_first(t);

	if (!skb)
		return;
	if (TTP_CB(skb)->segs > 1)
		ttp_rtx_split(sk, skb, TTP_CB(skb)->mss);
	ttp_rtx_mark_lost(t, skb);
}

static void rec_reduce(struct ttp_sock *t, u32 flight, u32 delivered, u64 now)
{
	ttp_ecn_reduced(&t->ecn);
	ttp_cc_enter_recovery(&t->cc, flight, now);
	ttp_prr_enter(&t->prr, t->packets_out - t->sacked_out + delivered);
}

/* RFC 4821 7.6.2: a lost probe says nothing of congestion; repair it only. */
static void rec_hold(struct ttp_sock *t, u32 delivered)
{
	t->probe_ssthresh = t->cc.ssthresh;
	t->cc.ssthresh = t->cc.cwnd;
	ttp_prr_enter(&t->prr, t->packets_out - t->sacked_out + delivered);
}

/* After losses were marked; true when fast recovery begins. */
static bool rec_enter(struct sock *sk, bool lost_retrans, u32 flight,
		      u32 delivered, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_rec_event e;
	u32 react;

	if (t->rec.state == TTP_REC_OPEN && !t->lost_out && !t->sacked_out)
		return false;
	rec_event(t, lost_retrans, &e);
	if (t->lost_out || t->sacked_out >= TTP_DUPTHRESH)
		e.probe_lost = ttp_plpmtu_on_loss(sk);
	react = ttp_recovery_on_losses(&t->rec, &e);
	if (react & TTP_REACT_REDUCE)
		rec_reduce(t, flight, delivered, now);
	else if ((react & TTP_REACT_ENTERED) && e.probe_lost)
		rec_hold(t, delivered);
	if (react & TTP_REACT_HEAD_LOST)
		rec_head_lost(sk);
	if (!(react & TTP_REACT_ENTERED))
		return false;
	ttp_tlp_reset(&t->tlp);
	ttp_mib_inc(sock_net(sk), t->sack_ok ? TTP_MIB_SACKRECOVERY :
					       TTP_MIB_RENORECOVERY);
	return true;
}

/* An episode is over, or should not have been. */
static void rec_settle(struct sock *sk, u32 react, u32 before,
		       const struct ttp_ack_run *run)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (react & TTP_REACT_UNDO) {
		ttp_recovery_undo(&t->rec, &t->cc.cwnd, &t->cc.ssthresh);
		ttp_rtx_forget_losses(t);
		ttp_ecn_undo(&t->ecn);
		if (react & TTP_REACT_REORDERED)
			ttp_rack_on_undo(&t->rack, run->rack.behind,
					 ttp_win_get_min(&t->min_rtt));
		ttp_mib_inc(sock_net(sk),
			    before == TTP_REC_LOSS ? TTP_MIB_LOSSUNDO :
			    before == TTP_REC_RECOVERY ? TTP_MIB_FULLUNDO :
							 TTP_MIB_DSACKUNDO);
		ttp_cc_undo(&t->cc, run->now);
	} else if (react & TTP_REACT_DONE) {
		if (before != TTP_REC_LOSS && !ttp_cc_owns_cwnd(&t->cc))
			t->cc.cwnd = t->cc.ssthresh;
		if (t->probe_ssthresh)
			t->cc.ssthresh = t->probe_ssthresh;
		t->probe_ssthresh = 0;
		ttp_cc_leave(&t->cc, run->now);
	}
	if (react & TTP_REACT_REPAIRED)
		ttp_rack_on_exit(&t->rack);
	if (react & TTP_REACT_HEAD_LOST)
		rec_head_lost(sk);
}

static void rec_congestion(struct ttp_sock *t, const struct ttp_ack_run *run)
{
	struct ttp_rec_event e;

	rec_event(t, false, &e);
	if (ttp_recovery_on_congestion(&t->rec, &e) & TTP_REACT_REDUCE)
		rec_reduce(t, run->flight, run->delivered, run->now);
}

/*
 * The flight of which a probe repaired the end is over, and its size forgotten:
 * the window stands for it.
 */
static void rec_repaired(struct sock *sk, const struct ttp_ack_run *run)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 react = ttp_recovery_on_repaired(&t->rec);

	ttp_mib_inc(sock_net(sk), TTP_MIB_LOSSPROBERECOVERY);
	if (react & TTP_REACT_REDUCE) {
		ttp_ecn_reduced(&t->ecn);
		ttp_cc_enter_recovery(&t->cc, t->cc.cwnd, run->now);
	}
	rec_settle(sk, react, t->rec.state, run);
}

/* Did the ACK tell anything of segments in flight? */
static bool rec_moves(const struct ttp_sock *t, const struct ttp_ack_run *run)
{
	return run->delivered || run->acked || t->lost_out > run->lost;
}

/* The congestion window after the ACK. */
static void rec_window(struct sock *sk, const struct ttp_ack_run *run,
		       u32 before, bool entered)
{
	struct ttp_sock *t = ttp_sk(sk);
	bool reducing = ttp_recovery_reducing(&t->rec);
	u32 newly = t->lost_out > run->lost ? t->lost_out - run->lost : 0;
	struct ttp_cc_ack a = {
		.now		 = run->now,
		.snd_una	 = t->snd_una,
		.snd_nxt	 = t->snd_nxt,
		.acked		 = run->acked,
		.in_flight	 = ttp_in_flight(t),
		.prior_in_flight = run->in_flight,
		.rtt_us		 = run->rtt_sacked ? 0 : run->rtt,
		.srtt_us	 = t->rtt.srtt >> 3,
		.min_rtt_us	 = ttp_win_get_min(&t->min_rtt),
		.mss		 = t->mss,
		.cwnd_limited	 = t->cwnd_limited,
		.ece		 = run->ece,
		.in_recovery	 = reducing,
		.in_loss	 = before == TTP_REC_LOSS,
	};

	ttp_rate_on_ack(&t->rate, &a.rate, newly, a.min_rtt_us, run->now);
	a.delivered = t->rate.delivered;
	if (rec_moves(t, run))
		ttp_cc_acked(&t->cc, &a);
	if (reducing && !ttp_cc_owns_cwnd(&t->cc) &&
	    (run->delivered || entered))
		t->cc.cwnd = ttp_prr_on_ack(&t->prr, run->delivered,
					    ttp_in_flight(t), t->cc.ssthresh,
					    run->r.advanced && !newly &&
					    !run->lost_again);
	ttp_pacing_update(sk);
}

/* RFC 8985 7.2, and the sysctl. */
static bool rec_may_probe(const struct ttp_sock *t)
{
	return READ_ONCE(t->tn->sysctl.early_retrans) >= 3 &&
	       ttp_tlp_may_arm(&t->tlp, t->sack_ok, t->packets_out,
			       t->sacked_out, ttp_recovery_active(&t->rec));
}

void ttp_recover_arm_probe(struct ttp_sock *t, u64 now)
{
	u64 rto_at = t->due.at[TTP_TIMER_REXMIT];

	ttp_deadline_clear(&t->due, TTP_TIMER_PTO);
	if (rto_at > now && rec_may_probe(t))
		ttp_deadline_set(&t->due, TTP_TIMER_PTO, now +
				 ttp_tlp_pto(t->rtt.srtt >> 3, t->packets_out,
					     rto_at - now));
}

/* The retransmission timer runs while something is unacknowledged. */
static void rec_timers(struct sock *sk, const struct ttp_ack_run *run)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb;
	u32 rto, segs;

	if (!run->r.advanced)
		return;
	if (t->snd_una == t->snd_nxt) {
		ttp_deadline_clear(&t->due, TTP_TIMER_REXMIT);
	} else {
		skb = ttp_rtx_first(t);
		rto = ttp_rtt_rto(&t->rtt);
		segs = t->packets_out + t->fin_sent +
		       DIV_ROUND_UP(ttp_unsent(t), t->mss);
		ttp_deadline_set(&t->due, TTP_TIMER_REXMIT,
				 ttp_recovery_rto_at(run->now, rto, skb ?
						     TTP_CB(skb)->sent_at :
						     t->last_sent, segs));
	}
	ttp_recover_arm_probe(t, run->now);
}

void ttp_recover_on_ack(struct sock *sk, struct ttp_ack_run *run,
			struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 before = t->rec.state, react;
	bool entered;

	if (run->repaired)
		rec_repaired(sk, run);
	run->r.snd_una = t->snd_una;
	run->r.sacked_out = t->sacked_out;
	run->r.lost_out = t->lost_out;
	react = ttp_recovery_on_ack(&t->rec, &run->r);
	run->lost = t->lost_out;
	if (react)
		rec_settle(sk, react, before, run);
	run->lost = min(run->lost, t->lost_out);
	if (t->sack_ok && (t->sacked_out || run->delivered))
		run->lost_again = rec_find_losses(t, run->now);
	entered = rec_enter(sk, run->lost_again, run->flight, run->delivered,
			    run->now);
	/* A loss in the same window costs nothing on top (RFC 3168 6.1.2). */
	if (run->ece)
		rec_congestion(t, run);
	if (run->r.advanced || rec_moves(t, run) || react || entered ||
	    run->repaired)
		rec_window(sk, run, before, entered);
	rec_timers(sk, run);
	if (react & TTP_REACT_SEND_NEW)
		todo->bits |= TTP_DO_NEW;
}

void ttp_recover_on_reo(struct sock *sk, u64 now, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 flight = t->packets_out;

	if (rec_enter(sk, rec_find_losses(t, now), flight, 0, now) &&
	    !ttp_cc_owns_cwnd(&t->cc))
		t->cc.cwnd = ttp_prr_on_ack(&t->prr, 0, ttp_in_flight(t),
					    t->cc.ssthresh, false);
	todo->bits |= TTP_DO_PUSH;
}

static void rec_mark_on_rto(struct ttp_sock *t, u64 now)
{
	u32 wnd = rec_reo_wnd(t);
	struct sk_buff *skb, *head = ttp_rtx_first(t);

	if (head && (TTP_CB(head)->state & TTP_S_SACKED)) {
		ttp_rtx_forget_sacks(t);
		ttp_mib_inc(sock_net(ttp_to_sk(t)), TTP_MIB_SACKRENEGING);
	}
	if (!t->sack_ok)
		t->sacked_out = 0;
	for (skb = head; skb; skb = ttp_rtx_next(skb)) {
		if (TTP_CB(skb)->state & TTP_S_SACKED)
			continue;
		if (!t->sack_ok ||
		    ttp_rack_lost_on_rto(&t->rack, wnd, TTP_CB(skb)->sent_at,
					 skb == head, now))
			ttp_rtx_mark_lost(t, skb);
	}
}

void ttp_recover_on_rto(struct sock *sk, u64 now, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 flight = t->packets_out, react;
	struct ttp_rec_event e;

	rec_event(t, false, &e);
	react = ttp_recovery_on_rto(&t->rec, &e, t->retransmits > 1);
	if (!ttp_sysctl_get(sock_net(sk), frto))
		t->rec.frto = TTP_FRTO_OFF;
	ttp_tlp_reset(&t->tlp);
	ttp_ecn_reduced(&t->ecn);
	ttp_plpmtu_void(&t->plpmtu);
	t->probe_ssthresh = 0;
	rec_mark_on_rto(t, now);
	ttp_cc_enter_loss(&t->cc, flight, ttp_in_flight(t),
			  react & TTP_REACT_REDUCE, now);
	ttp_deadline_clear(&t->due, TTP_TIMER_REO);
	ttp_deadline_clear(&t->due, TTP_TIMER_PTO);
	todo->bits |= TTP_DO_REXMIT | TTP_DO_PUSH;
}

void ttp_recover_on_mtu(struct sock *sk, u32 burst, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_rec_event e;

	rec_event(t, false, &e);
	if (!ttp_rtx_shrink(t, t->mss, burst))
		return;
	ttp_recovery_on_mtu(&t->rec, &e);
	ttp_tlp_reset(&t->tlp);
	todo->bits |= TTP_DO_PUSH;
}

u32 ttp_recover_on_pto(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	return ttp_tlp_on_timer(&t->tlp, rec_may_probe(t), ttp_can_send_new(sk));
}
