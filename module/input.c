// SPDX-License-Identifier: GPL-2.0
/*
 * This file takes one segment through RFC 9293 3.10.7 for one locked socket:
 * judge it, apply its ACK, queue its data, tell the state machine, and leave
 * the work to ttp_run().
 */
#include "input.h"

#include <linux/skbuff.h>
#include <net/dst.h>

#include "ack.h"
#include "af.h"
#include "compat.h"
#include "conn.h"
#include "fastclient.h"
#include "fastqueue.h"
#include "limit.h"
#include "plpmtu.h"
#include "rcvq.h"
#include "recover.h"
#include "rtx.h"
#include "run.h"
#include "sock.h"
#include "urgent.h"
#include "xmit.h"

static void ttp_input_drop(struct sock *sk, struct sk_buff *skb,
			   const struct ttp_seg *seg, u32 why)
{
	ttp_drop_note(sock_net(sk), &ttp_sk(sk)->h.t, seg,
		      why ?: TTP_WHY_STATE);
	kfree_skb(skb);
}

static void ttp_input_reset(struct sock *sk, const struct ttp_seg *seg)
{
	struct ttp_reply_how how = {
		.oif	= sk->sk_bound_dev_if,
		.mark	= READ_ONCE(sk->sk_mark),
		.priority = READ_ONCE(sk->sk_priority),
		.txhash	= sk->sk_txhash,
	};

	ttp_xmit_reset(sock_net(sk), &ttp_sk(sk)->h.t, &how, seg, sk->sk_state);
}

/* What may follow a SYN in the same segment follows its number. */
static void ttp_input_behind_syn(const struct ttp_seg *syn,
				 struct ttp_seg *rest)
{
	*rest = *syn;
	rest->seq++;
	rest->urg -= !!rest->urg;
	rest->flags &= ~TTP_SYN;
}

static void ttp_input_view(const struct ttp_sock *t, const struct ttp_seg *seg,
			   u64 now, struct ttp_conn_view *c)
{
	c->rcv_nxt = t->rcv_nxt;
	/* What was offered once may still arrive, and ACKs come from there. */
	c->rcv_wnd = max(ttp_seq_diff(t->rcv_nxt, t->rcv_promised), 0);
	c->snd_una = t->snd_una;
	c->snd_nxt = t->snd_nxt;
	c->max_wnd = ttp_ack_back(t);
	c->ts_old = ttp_ts_is_old(&t->ts, seg, now);
	c->irs = t->irs;
	c->fast = t->fast;
	c->ts_newer = false;
}

/* The peer's SYN: its numbers and what its options allow. */
static void ttp_input_syn_opts(struct sock *sk, const struct ttp_seg *seg,
			       u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);

	t->past.until = 0;	/* its clock and its numbers are past that */
	t->last_rcv = now;
	t->irs = seg->seq;
	WRITE_ONCE(t->rcv_nxt, seg->seq + 1);
	WRITE_ONCE(t->copied_seq, t->rcv_nxt);
	t->rcv_wup = t->rcv_nxt;
	t->rcv_promised = t->rcv_nxt + t->rcv_wnd;
	t->rcv_owed = t->rcv_wnd;
	t->snd_wl1 = seg->seq;
	t->snd_wl2 = t->iss;
	t->snd_wnd = seg->win;
	t->max_wnd = max(t->max_wnd, t->snd_wnd);
	t->peer_mss = ttp_peer_mss(t->af, &seg->opts, t->user_mss);
	t->wscale_ok &= seg->opts.has_wscale;
	if (t->wscale_ok)
		t->snd_wscale = seg->opts.wscale;
	else
		t->rcv_wscale = 0;
	t->sack_ok &= seg->opts.sack_ok;
	ttp_ts_on_syn(&t->ts, &seg->opts, now);
	ttp_plpmtu_open(sk);
	ttp_sync_mss(sk);
}

/* Payload and FIN; consumes @skb. */
static void ttp_input_data(struct sock *sk, struct sk_buff *skb,
			   const struct ttp_seg *seg, u64 now,
			   struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (ttp_state_in(sk, TTPF_MAY_RECV))
		ttp_urg_input(sk, skb, seg, todo);
	if (!seg->len && !(seg->flags & TTP_FIN)) {
		__kfree_skb(skb);
		return;
	}
	if (!ttp_state_in(sk, TTPF_MAY_RECV)) {
		ttp_input_drop(sk, skb, seg, TTP_WHY_STATE);
		return;
	}
	/* RFC 1122 4.2.2.13: we have closed, nobody will read this. */
	if ((sk->sk_shutdown & RCV_SHUTDOWN) && sk->sk_state != TCP_ESTABLISHED &&
	    seg->len && ttp_after(seg->seq + seg->len, t->rcv_nxt)) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_ABORTONDATA);
		ttp_event(sk, TTP_EV_ABORT, todo);
		ttp_input_drop(sk, skb, seg, TTP_DROP_AFTERCLOSE);
		return;
	}
	if (!ttp_rcvq_add(sk, skb, seg, now, todo))
		return;
	/* An answer may be on its way: let ACK and FIN travel together. */
	t->pingpong = 1;
	ttp_event(sk, TTP_EV_RCV_FIN, todo);
}

/* TCP_DEFER_ACCEPT of a client: data is about to take the final ACK along. */
static void ttp_input_defer_ack(struct ttp_sock *t, u64 now,
				struct ttp_todo *todo)
{
	if (!t->defer_accept)
		return;
	todo->bits &= ~TTP_DO_ACK;
	ttp_deadline_set(&t->due, TTP_TIMER_DELACK, now + TTP_ATO_MAX);
}

static struct ttp_judgement ttp_input_judge_syn_sent(const struct ttp_sock *t,
						     const struct ttp_seg *seg,
						     u64 now)
{
	struct ttp_conn_view view;
	struct ttp_judgement j;
	enum ttp_why why;

	ttp_input_view(t, seg, now, &view);
	j = ttp_judge_syn_sent(seg, &view);
	if (j.verdict != TTP_V_SYNACK && j.verdict != TTP_V_SYN)
		return j;
	/* An echo of what this connection never said: an old SYN+ACK. */
	if (j.verdict == TTP_V_SYNACK &&
	    !ttp_ts_echo_ok(&t->ts, &seg->opts, t->syn_at, now))
		return (struct ttp_judgement){ TTP_V_REPLY_RST, TTP_WHY_PAWS };
	why = ttp_past_fault(&t->past, &t->ts, seg, now);
	return why ? (struct ttp_judgement){ TTP_V_DROP, why } : j;
}

/* RFC 9293 3.10.7.3 */
static void ttp_input_syn_sent(struct sock *sk, struct sk_buff *skb,
			       const struct ttp_seg *seg, u64 now,
			       struct ttp_todo *todo)
{
	struct ttp_judgement j = ttp_input_judge_syn_sent(ttp_sk(sk), seg, now);
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_seg rest;

	switch (j.verdict) {
	case TTP_V_RESET:
		todo->err = ECONNREFUSED;
		ttp_event(sk, TTP_EV_RCV_RST, todo);
		__kfree_skb(skb);
		return;
	case TTP_V_SYNACK:
		ttp_ecn_on_synack(&t->ecn, seg->flags);
		ttp_input_syn_opts(sk, seg, now);
		ttp_ack(sk, seg, now, todo);
		ttp_event(sk, TTP_EV_RCV_SYNACK, todo);
		ttp_input_defer_ack(t, now, todo);
		ttp_fast_synack(sk, seg, todo);
		ttp_input_behind_syn(seg, &rest);
		ttp_input_data(sk, skb, &rest, now, todo);
		return;
	case TTP_V_SYN:
		ttp_ecn_on_syn(&t->ecn, seg->flags);
		ttp_input_syn_opts(sk, seg, now);
		ttp_event(sk, TTP_EV_RCV_SYN, todo);
		__kfree_skb(skb);
		return;
	case TTP_V_REPLY_RST:
		ttp_input_drop(sk, skb, seg, j.why);
		ttp_input_reset(sk, seg);
		return;
	default:
		break;
	}
	ttp_input_drop(sk, skb, seg, j.why);
}

/* A reset tells a reader, a writer and an opener different things. */
static int ttp_reset_errno(const struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_SYN_RECV:
		/* Who has accepted it never asked for it. */
		return ttp_sk(sk)->fast ? ECONNRESET : ECONNREFUSED;
	case TCP_CLOSE_WAIT:
		return EPIPE;
	default:
		return ECONNRESET;
	}
}

/* An acceptable segment: ACK, then data, each with its events in order. */
static void ttp_input_accept(struct sock *sk, struct sk_buff *skb,
			     const struct ttp_seg *seg, u64 now,
			     struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_seg rest;
	u32 acked;

	t->last_rcv = now;
	ttp_ts_note(&t->ts, seg, t->rcv_wup, now);
	acked = ttp_ack(sk, seg, now, todo);
	if (acked & TTP_ACKED_SYN)
		ttp_fast_leave(sk, false);
	/* After a reduction the peer's window may be one segment. */
	if (ttp_ecn_on_cwr(&t->ecn, seg->flags) && seg->len)
		todo->bits |= TTP_DO_ACK;
	if ((acked & TTP_ACKED_SYN) && sk->sk_state == TCP_SYN_RECV)
		ttp_event(sk, TTP_EV_RCV_ACK_OF_SYN, todo);
	if (acked & TTP_ACKED_FIN)
		ttp_event(sk, TTP_EV_RCV_ACK_OF_FIN, todo);
	if (seg->flags & TTP_SYN) {	/* the SYN+ACK of a simultaneous open */
		ttp_input_behind_syn(seg, &rest);
		seg = &rest;
	}
	if (sk->sk_state == TCP_CLOSE)
		__kfree_skb(skb);
	else
		ttp_input_data(sk, skb, seg, now, todo);
}

/* What counts an invalid segment that gets no answer. */
static enum ttp_mib ttp_input_skipped(const struct sock *sk, u32 why)
{
	if (sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD))
		return TTP_MIB_SKIPPEDFINWAIT2;
	return why == TTP_WHY_PAWS ? TTP_MIB_SKIPPEDPAWS : TTP_MIB_SKIPPEDSEQ;
}

/* RFC 9293 3.10.7.4 */
static void ttp_input_synced(struct sock *sk, struct sk_buff *skb,
			     const struct ttp_seg *seg, u64 now,
			     struct ttp_todo *todo)
{
	struct ttp_conn_view view;
	struct ttp_judgement j;

	ttp_input_view(ttp_sk(sk), seg, now, &view);
	if (sk->sk_state == TCP_SYN_RECV || view.fast)
		j = ttp_judge_syn_recv(seg, &view);
	else
		j = ttp_judge_synced(seg, &view);

	switch (j.verdict) {
	case TTP_V_ACCEPT:
		ttp_input_accept(sk, skb, seg, now, todo);
		return;
	case TTP_V_RESET:
		todo->err = ttp_reset_errno(sk);
		ttp_fast_leave(sk, true);
		ttp_event(sk, TTP_EV_RCV_RST, todo);
		__kfree_skb(skb);
		return;
	case TTP_V_RESEND:
		ttp_mib_inc(sock_net(sk), TTP_MIB_SYNRETRANS);
		ttp_sk(sk)->total_retrans++;
		todo->bits |= TTP_DO_SYNACK;
		break;
	case TTP_V_ACK:
		/* Old data or FIN: our ACK was lost, and the peer is alive. */
		ttp_sk(sk)->last_rcv = now;
		if (j.why == TTP_WHY_OLD && ttp_seg_space(seg)) {
			ttp_mib_inc(sock_net(sk), TTP_MIB_DELAYEDACKLOST);
			ttp_rcvq_note_dup(sk, seg);
		}
		if (ttp_limit_invalid(sock_net(sk), seg, &ttp_sk(sk)->invalid_at,
				      ttp_input_skipped(sk, j.why)))
			todo->bits |= TTP_DO_DUPACK;
		break;
	case TTP_V_CHALLENGE:
		if (j.why == TTP_WHY_SYN)
			ttp_mib_inc(sock_net(sk), TTP_MIB_SYNCHALLENGE);
		todo->bits |= TTP_DO_CHALLENGE;
		break;
	case TTP_V_REPLY_RST:
		ttp_input_drop(sk, skb, seg, j.why);
		ttp_input_reset(sk, seg);
		return;
	default:
		break;
	}
	ttp_input_drop(sk, skb, seg, j.why);
}

void ttp_input(struct sock *sk, struct sk_buff *skb, const struct ttp_seg *seg)
{
	u64 now = ttp_now();
	struct ttp_todo todo = { .now = now };

	ttp_sk(sk)->segs_in += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	switch (sk->sk_state) {
	case TCP_CLOSE:
	case TCP_LISTEN:
		/* Found just before it left the table; what took over answers. */
		ttp_input_drop(sk, skb, seg, TTP_DROP_CLOSED);
		return;
	case TCP_SYN_SENT:
		ttp_input_syn_sent(sk, skb, seg, now, &todo);
		break;
	default:
		ttp_input_synced(sk, skb, seg, now, &todo);
		break;
	}
	ttp_run(sk, &todo);
}

/*
 * RFC 5927 4: SND.UNA =< SEG.SEQ < SND.NXT; a forger has to guess a number in
 * flight.  SND.NXT is that of an empty ACK, which may find no host, but is not
 * too big for any path.
 */
bool ttp_input_in_flight(const struct sock *sk, u32 seq, u32 mtu)
{
	const struct ttp_sock *t = ttp_sk(sk);

	return sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN &&
	       ttp_between(seq, t->snd_una, t->snd_nxt) &&
	       (!mtu || seq != t->snd_nxt);
}

void ttp_input_opened(struct sock *sk, struct sk_buff *skb,
		      const struct ttp_seg *syn)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_todo todo = {};
	struct ttp_seg rest;

	t->segs_in++;
	ttp_input_behind_syn(syn, &rest);
	if (syn->len) {
		ttp_rcvq_add(sk, skb, &rest, ttp_now(), &todo);
		t->fo_acked = t->rcv_nxt != rest.seq;
	} else {
		__kfree_skb(skb);
	}
	/* The SYN+ACK acknowledges what there was room for. */
	todo.bits = (todo.bits & TTP_DO_READ) | TTP_DO_SYNACK;
	ttp_run(sk, &todo);
}

/* Once accepted, what Fast Open has opened is a connection like others. */
static bool ttp_icmp_may_abort(const struct sock *sk)
{
	if (sk->sk_state == TCP_SYN_SENT)
		return true;
	return sk->sk_state == TCP_SYN_RECV &&
	       !(ttp_sk(sk)->fast && list_empty_careful(&ttp_sk(sk)->accept));
}

void ttp_input_icmp(struct sock *sk, int err)
{
	struct ttp_todo todo = { .err = err };

	ttp_mib_inc(sock_net(sk), TTP_MIB_ICMPERRS);
	/* RFC 5461 4.1: who opens would rather try another address. */
	if (!sock_owned_by_user(sk) && ttp_icmp_may_abort(sk)) {
		ttp_event(sk, TTP_EV_DEAD, &todo);
		ttp_run(sk, &todo);
		return;
	}
	/* RFC 9293 MUST-56: established connections are never aborted. */
	WRITE_ONCE(sk->sk_err_soft, err);
	if (sock_owned_by_user(sk) || !ttp_recverr(sk) ||
	    sock_flag(sk, SOCK_DEAD))
		return;
	/* SHLD-25: who has asked for it is told. */
	WRITE_ONCE(sk->sk_err, err);
	sk_error_report(sk);
}

/*
 * Linux up to 6.x, as a router, counts the option that says how long a big
 * burst is for each of its segments, and finds them too long: then that is what
 * "packet too big" means.  TCP goes on to lose one after the other there.
 */
static void ttp_input_burst_refused(struct sock *sk, u32 seq)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb = ttp_rtx_at(t, seq);
	struct ttp_todo todo = {};

	if (!TTP_JUMBO_LEN || !skb || TTP_CB(skb)->seq != seq ||
	    skb->len <= TTP_BURST_PLAIN)
		return;
	/* Not one of many about what was sent before the path MTU fell. */
	if (t->pmtu_fell && (s32)((u32)TTP_CB(skb)->sent_at - t->pmtu_at) <= 0)
		return;
	t->burst_plain = 1;
	ttp_recover_on_mtu(sk, TTP_BURST_PLAIN, &todo);
	ttp_run(sk, &todo);
}

void ttp_input_pmtu(struct sock *sk, u32 seq, u32 mtu)
{
	struct ttp_todo todo = {};
	struct dst_entry *dst = __sk_dst_get(sk);
	struct ttp_sock *t = ttp_sk(sk);
	u32 before = t->mss;

	if (!ttp_state_in(sk, TTPF_SYNCED | TTPF(SYN_SENT) | TTPF(SYN_RECV)) ||
	    !dst || !dst->ops->update_pmtu)
		return;
	/* RFC 5927 7.2: no packet of ours was longer than that. */
	if (mtu >= dst_mtu(dst)) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_PMTUREFUSED);
		ttp_input_burst_refused(sk, seq);
		return;
	}
	dst->ops->update_pmtu(dst, sk, NULL, mtu, true);
	ttp_sync_mss(sk);
	if (t->mss >= before)
		return;
	t->pmtu_fell = 1;
	t->pmtu_at = ttp_now();
	ttp_mib_inc(sock_net(sk), TTP_MIB_PMTUDISC);
	if (sk->sk_state != TCP_SYN_SENT) {
		ttp_recover_on_mtu(sk, U32_MAX, &todo);
	} else if (t->snd_una != t->snd_nxt) {
		/* Only data made the SYN that large: once more without it. */
		todo.bits = TTP_DO_SYN;
		t->total_retrans++;
		ttp_mib_inc(sock_net(sk), TTP_MIB_SYNRETRANS);
	}
	ttp_run(sk, &todo);
}
