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
#include "rcvq.h"
#include "run.h"
#include "sock.h"
#include "trace.h"
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
		.mark	= sk->sk_mark,
	};

	ttp_xmit_reset(sock_net(sk), &ttp_sk(sk)->h.t, &how, seg, sk->sk_state);
}

static void ttp_input_view(const struct ttp_sock *t, const struct ttp_seg *seg,
			   u64 now, struct ttp_conn_view *c)
{
	c->rcv_nxt = t->rcv_nxt;
	/* What was offered once may still arrive, and ACKs come from there. */
	c->rcv_wnd = max(ttp_seq_diff(t->rcv_nxt, t->rcv_promised), 0);
	c->snd_una = t->snd_una;
	c->snd_nxt = t->snd_nxt;
	c->max_wnd = t->max_wnd;
	c->ts_old = ttp_ts_is_old(&t->ts, seg, now);
	c->ts_newer = false;
}

/* The peer's SYN: its numbers and what its options allow. */
static void ttp_input_syn_opts(struct sock *sk, const struct ttp_seg *seg,
			       u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);

	t->irs = seg->seq;
	WRITE_ONCE(t->rcv_nxt, seg->seq + 1);
	WRITE_ONCE(t->copied_seq, t->rcv_nxt);
	t->rcv_wup = t->rcv_nxt;
	t->rcv_promised = t->rcv_nxt + t->rcv_wnd;
	t->snd_wl1 = seg->seq;
	t->snd_wl2 = t->iss;
	t->snd_wnd = seg->win;
	t->max_wnd = max(t->max_wnd, t->snd_wnd);
	t->peer_mss = seg->opts.has_mss ?
		      max_t(u16, seg->opts.mss, TTP_MSS_MIN) :
		      t->af->mss_default;
	t->wscale_ok &= seg->opts.has_wscale;
	if (t->wscale_ok)
		t->snd_wscale = seg->opts.wscale;
	else
		t->rcv_wscale = 0;
	t->sack_ok &= seg->opts.sack_ok;
	ttp_ts_on_syn(&t->ts, &seg->opts, now);
	ttp_sync_mss(sk);
}

/* Payload and FIN; consumes @skb. */
static void ttp_input_data(struct sock *sk, struct sk_buff *skb,
			   const struct ttp_seg *seg, u64 now,
			   struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);

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

/* RFC 9293 3.10.7.3 */
static void ttp_input_syn_sent(struct sock *sk, struct sk_buff *skb,
			       const struct ttp_seg *seg, u64 now,
			       struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_conn_view view;
	struct ttp_judgement j;
	struct ttp_seg rest;

	ttp_input_view(t, seg, now, &view);
	j = ttp_judge_syn_sent(seg, &view);
	/* An echo of what this connection never said: an old SYN+ACK. */
	if (j.verdict == TTP_V_SYNACK &&
	    !ttp_ts_echo_ok(&t->ts, &seg->opts, t->syn_at, now))
		j = (struct ttp_judgement){ TTP_V_REPLY_RST, TTP_WHY_PAWS };
	switch (j.verdict) {
	case TTP_V_RESET:
		todo->err = ECONNREFUSED;
		ttp_event(sk, TTP_EV_RCV_RST, todo);
		__kfree_skb(skb);
		return;
	case TTP_V_SYNACK:
		ttp_input_syn_opts(sk, seg, now);
		ttp_ack(sk, seg, now, todo);
		ttp_event(sk, TTP_EV_RCV_SYNACK, todo);
		/* What may follow a SYN in the same segment follows its number. */
		rest = *seg;
		rest.seq++;
		rest.flags &= ~TTP_SYN;
		ttp_input_data(sk, skb, &rest, now, todo);
		return;
	case TTP_V_SYN:
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
		return ECONNREFUSED;
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
	struct ttp_seg rest = *seg;
	u32 acked;

	t->last_rcv = now;
	ttp_ts_note(&t->ts, seg, t->rcv_wup, now);
	acked = ttp_ack(sk, seg, now, todo);
	if ((acked & TTP_ACKED_SYN) && sk->sk_state == TCP_SYN_RECV)
		ttp_event(sk, TTP_EV_RCV_ACK_OF_SYN, todo);
	if (acked & TTP_ACKED_FIN)
		ttp_event(sk, TTP_EV_RCV_ACK_OF_FIN, todo);
	if (seg->flags & TTP_SYN) {	/* the SYN+ACK of a simultaneous open */
		rest.seq++;
		rest.flags &= ~TTP_SYN;
	}
	if (sk->sk_state == TCP_CLOSE)
		__kfree_skb(skb);
	else
		ttp_input_data(sk, skb, &rest, now, todo);
}

/* RFC 9293 3.10.7.4 */
static void ttp_input_synced(struct sock *sk, struct sk_buff *skb,
			     const struct ttp_seg *seg, u64 now,
			     struct ttp_todo *todo)
{
	struct ttp_conn_view view;
	struct ttp_judgement j;

	ttp_input_view(ttp_sk(sk), seg, now, &view);
	if (sk->sk_state == TCP_SYN_RECV)
		j = ttp_judge_syn_recv(seg, &view);
	else
		j = ttp_judge_synced(seg, &view);

	switch (j.verdict) {
	case TTP_V_ACCEPT:
		ttp_input_accept(sk, skb, seg, now, todo);
		return;
	case TTP_V_RESET:
		todo->err = ttp_reset_errno(sk);
		ttp_event(sk, TTP_EV_RCV_RST, todo);
		__kfree_skb(skb);
		return;
	case TTP_V_ACK:
		/* Old data or FIN: our ACK was lost, and the peer is alive. */
		ttp_sk(sk)->last_rcv = now;
		if (j.why == TTP_WHY_OLD && ttp_seg_space(seg)) {
			ttp_mib_inc(sock_net(sk), TTP_MIB_DELAYEDACKLOST);
			ttp_rcvq_note_dup(sk, seg);
		}
		todo->bits |= TTP_DO_DUPACK;
		break;
	case TTP_V_CHALLENGE:
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
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_todo todo = {};
	u64 now = ttp_now();
	u32 win = seg->win;

	if (!(seg->flags & TTP_SYN))
		win <<= t->snd_wscale;
	t->segs_in += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	trace_ttp_recv(sock_net(sk), &t->h.t, seg, win, sk->sk_state);
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

void ttp_input_icmp(struct sock *sk, u32 seq, int err, bool hard)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_todo todo = { .err = err };

	/* RFC 5927 4: a forger would have to guess a number in flight. */
	if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN ||
	    !ttp_between(seq, t->snd_una, t->snd_nxt))
		return;
	ttp_mib_inc(sock_net(sk), TTP_MIB_ICMPERRS);
	if (hard && !sock_owned_by_user(sk) &&
	    (sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV)) {
		ttp_event(sk, TTP_EV_DEAD, &todo);
		ttp_run(sk, &todo);
		return;
	}
	/* RFC 9293 MUST-56: established connections are never aborted. */
	WRITE_ONCE(sk->sk_err_soft, err);
}

void ttp_input_pmtu(struct sock *sk, u32 mtu)
{
	struct ttp_todo todo = { .bits = TTP_DO_REXMIT | TTP_DO_PUSH };
	struct dst_entry *dst = __sk_dst_get(sk);
	struct ttp_sock *t = ttp_sk(sk);
	u32 before = t->mss;

	if (!ttp_state_in(sk, TTPF_SYNCED | TTPF(SYN_SENT) | TTPF(SYN_RECV)) ||
	    !dst || !dst->ops->update_pmtu)
		return;
	dst->ops->update_pmtu(dst, sk, NULL, mtu, true);
	ttp_sync_mss(sk);
	if (t->mss >= before)
		return;
	ttp_mib_inc(sock_net(sk), TTP_MIB_PMTUDISC);
	ttp_run(sk, &todo);
}
