// SPDX-License-Identifier: GPL-2.0
/*
 * This file moves user data from the write queue to the wire and, until it is
 * acknowledged, keeps it in the retransmission queue.
 */
#include "output.h"

#include <linux/skbuff.h>

#include "compat.h"
#include "core/patience.h"
#include "pacing.h"
#include "plpmtu.h"
#include "rtx.h"
#include "smallq.h"
#include "txq.h"
#include "xmit.h"

/* Segments that congestion control lets out now. */
static u32 ttp_room(const struct ttp_sock *t)
{
	u32 out = ttp_in_flight(t);

	return t->cc.cwnd > out ? t->cc.cwnd - out : 0;
}

bool ttp_can_send_new(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);

	return ttp_unsent(t) &&
	       ttp_wnd_usable(t->snd_una, t->snd_wnd, t->snd_nxt);
}

/*
 * Half a round trip at most until the next ACK, and nothing else to react to.
 * Who sends less than once in a millisecond has no need to save.
 */
static bool ttp_ack_due(const struct ttp_sock *t, u64 now)
{
	const struct sk_buff *skb = ttp_rtx_first(t);

	return skb && !ttp_recovery_active(&t->rec) &&
	       now - t->last_sent < TTP_USEC_PER_MSEC &&
	       now - TTP_CB(skb)->sent_at >= t->rtt.srtt >> 4;
}

/* The next burst, at most the first skb of the queue; 0: wait for an event. */
static u32 ttp_next_burst(struct sock *sk, u32 len, u64 now, bool *limited)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_plan p = {
		.queued		= t->write_seq - t->snd_nxt,
		.usable		= ttp_wnd_usable(t->snd_una, t->snd_wnd,
						 t->snd_nxt),
		.cwnd_room	= ttp_room(t),
		.mss		= t->mss,
		.max_wnd	= t->max_wnd,
		.max_burst	= len <= t->mss ? t->mss : ttp_pacing_burst(sk),
		.nodelay	= t->nodelay,
		.cork		= t->cork || t->more,
		.small_out	= ttp_after(t->snd_sml, t->snd_una) &&
				  ttp_before_eq(t->snd_sml, t->snd_nxt),
		/* nor does Nagle hold back what is urgent */
		.fin		= t->fin_queued || t->urg_out,
	};

	u32 bytes = ttp_plan_bytes(&p);

	*limited = !p.cwnd_room;
	if (bytes >= len)
		return len;
	p.most_out = min_t(u64, t->snd_wnd, (u64)t->cc.cwnd * t->mss);
	p.ack_due = ttp_ack_due(t, now);
	if (bytes && ttp_plan_waits(&p, bytes)) {
		*limited = (u64)p.cwnd_room * p.mss <= p.usable;
		return 0;
	}
	return bytes;
}

static void ttp_note_sent(struct ttp_sock *t, struct sk_buff *skb, u64 now)
{
	ttp_rate_on_send(&t->rate, &TTP_CB(skb)->stamp, ttp_in_flight(t), now);
	TTP_CB(skb)->sent_at = now;
}

/* @skb, the first of the write queue, has been sent whole. */
static void ttp_pushed(struct sock *sk, struct sk_buff *skb, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);

	__skb_unlink(skb, &sk->sk_write_queue);
	ttp_note_sent(t, skb, now);
	if (TTP_CB(skb)->mss < t->mss)
		TTP_CB(skb)->mss = t->mss;
	TTP_CB(skb)->segs = DIV_ROUND_UP(skb->len, TTP_CB(skb)->mss);
	ttp_rtx_add(t, skb);
	if (ttp_recovery_reducing(&t->rec))
		ttp_prr_sent(&t->prr, TTP_CB(skb)->segs);
	ttp_pacing_sent(sk, now, skb->len);
	t->snd_nxt = TTP_CB(skb)->end_seq;
	t->bytes_sent += skb->len;
	t->last_sent = now;
	/* A reply, or the next request: more of them follow, as for Linux. */
	if (t->last_data_rcv && now - t->last_data_rcv < t->ato)
		t->pingpong = 1;
	if (skb->len % TTP_CB(skb)->mss)
		t->snd_sml = t->snd_nxt;
}

/* Send @bytes from the head of the write queue.  False: no memory. */
static bool ttp_push_one(struct sock *sk, struct sk_buff *skb, u32 bytes,
			 u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *rest;
	u8 flags = 0;

	if (bytes < skb->len) {
		rest = ttp_tx_cut(sk, skb, bytes);
		if (!rest)
			return false;
		__skb_queue_after(&sk->sk_write_queue, skb, rest);
	}
	/* FIN travels with the last data when the window has room for it. */
	if (t->fin_queued && TTP_CB(skb)->end_seq == t->write_seq &&
	    ttp_wnd_usable(t->snd_una, t->snd_wnd, t->snd_nxt) > skb->len)
		flags = TTP_FIN;
	if (ttp_xmit_data(sk, skb, flags, false) == -ENOMEM)
		return false;

	ttp_pushed(sk, skb, now);
	if (flags) {
		t->fin_sent = 1;
		t->snd_nxt++;
	}
	return true;
}

/* FIN alone, when all data has left. */
static void ttp_push_fin(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (!t->fin_queued || t->fin_sent || t->snd_nxt != t->write_seq ||
	    !ttp_wnd_usable(t->snd_una, t->snd_wnd, t->snd_nxt))
		return;
	if (ttp_xmit_ctl(sk, TTP_FIN | TTP_ACK, t->write_seq, false) ==
	    -ENOMEM)
		return;
	t->fin_sent = 1;
	t->snd_nxt++;
	t->last_sent = now;
}

/* Send @skb again.  -ENOMEM: it was not sent. */
static int ttp_repeat(struct sock *sk, struct sk_buff *skb, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_skb_cb *cb = TTP_CB(skb);
	bool first = !t->retrans_out;
	u8 flags = 0;

	/* Repeated, it goes in segments that pass: it proves nothing more. */
	ttp_plpmtu_void(&t->plpmtu);
	if (cb->mss > t->mss)	/* the path MTU has fallen since */
		ttp_rtx_recount(t, skb, t->mss);
	/* Sent as a burst before there was anything urgent: see ttp_max_burst(). */
	if (t->urg_out && cb->segs > 1 && ttp_rtx_split(sk, skb, cb->mss))
		return -ENOMEM;
	if (t->fin_sent && cb->end_seq == t->write_seq)
		flags = TTP_FIN;
	if (ttp_xmit_data(sk, skb, flags, true) == -ENOMEM)
		return -ENOMEM;
	ttp_note_sent(t, skb, now);
	ttp_rtx_again(t, skb);
	ttp_recovery_on_retrans(&t->rec, cb->seq, cb->end_seq, cb->segs,
				cb->tsval, first);
	if (ttp_recovery_reducing(&t->rec))
		ttp_prr_sent(&t->prr, cb->segs);
	if (t->rec.state == TTP_REC_RECOVERY)
		ttp_mib_add(sock_net(sk), TTP_MIB_FASTRETRANS, cb->segs);
	ttp_pacing_sent(sk, now, skb->len);
	t->total_retrans += cb->segs;
	t->bytes_retrans += skb->len;
	/* The repetition has as much time as the original had. */
	if (cb->seq == t->snd_una)
		ttp_deadline_set(&t->due, TTP_TIMER_REXMIT, now +
				 ttp_patience_wait(t->retrans_at ?: t->probed_at,
						   now, t->user_timeout,
						   ttp_rtt_rto(&t->rtt)));
	return 0;
}

/* What is lost goes before what is new, as far as there is room. */
static void ttp_repeat_lost(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb;
	u32 room;

	if (!t->lost_out || !ttp_recovery_may_repeat(&t->rec))
		return;
	for (skb = ttp_rtx_at(t, t->rtx_next); skb; skb = ttp_rtx_next(skb)) {
		struct ttp_skb_cb *cb = TTP_CB(skb);

		t->rtx_next = cb->seq;
		if (!(cb->state & TTP_S_LOST) || (cb->state & TTP_S_RETRANS))
			continue;
		room = min(ttp_room(t), ttp_pacing_burst(sk) / t->mss);
		if (!room || ttp_pacing_hold(sk, now) ||
		    ttp_smallq_full(sk, skb->truesize))
			return;
		if (cb->segs > room &&
		    ttp_rtx_split(sk, skb, room * cb->mss))
			return;
		if (ttp_repeat(sk, skb, now))
			return;
	}
	t->rtx_next = t->snd_nxt;
}

/* Nothing is in flight: the window may be from another time. */
static void ttp_push_begin(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 idle = 0;

	if (t->packets_out || skb_queue_empty(&sk->sk_write_queue))
		return;
	if (t->last_sent && ttp_sk_sysctl(sk, slow_start_after_idle))
		idle = now - t->last_sent;
	ttp_cc_tx_start(&t->cc, idle, ttp_rtt_rto(&t->rtt), now);
}

/*
 * A window that was full once in a round trip was used (RFC 2861): who paces
 * fills it only towards the end of each.
 */
static void ttp_note_limit(struct ttp_sock *t, bool full)
{
	if (full) {
		t->cwnd_limited = 1;
		t->limited_seq = t->snd_nxt;
	} else if (!ttp_before(t->snd_una, t->limited_seq)) {
		t->cwnd_limited = 0;
	}
	if (!full && !ttp_unsent(t) && t->lost_out <= t->retrans_out)
		ttp_rate_app_limited(&t->rate, ttp_in_flight(t));
}

/* RFC 4821 7.4: queued data as a probe.  False: wait for room to send one. */
static bool ttp_push_mtu_probe(struct sock *sk, u64 now)
{
	struct sk_buff *skb;
	u32 len;

	switch (ttp_plpmtu_wanted(sk, &len, now)) {
	case TTP_PLPMTU_NO:
		return true;
	case TTP_PLPMTU_WAIT:
		return false;
	case TTP_PLPMTU_PROBE:
		break;
	}
	skb = ttp_tx_gather(sk, len);
	if (!skb)
		return true;
	TTP_CB(skb)->mss = len;
	if (ttp_push_one(sk, skb, len, now))
		ttp_plpmtu_left(sk, skb);
	else
		TTP_CB(skb)->mss = 0;
	return true;
}

/*
 * Whatever cannot leave for lack of memory stays queued; the probe timer tries
 * again when nothing is in flight, and else the next ACK does.
 */
void ttp_push(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	bool limited = false;
	struct sk_buff *skb;
	u32 bytes;

	if (!ttp_state_in(sk, TTPF_SYNCED) && !ttp_fast_child_open(sk))
		return;
	if (!ttp_has_to_send(sk)) {
		ttp_note_limit(t, !ttp_room(t));
		return;
	}
	ttp_repeat_lost(sk, now);
	ttp_push_begin(sk, now);
	if (!ttp_push_mtu_probe(sk, now))
		return;
	while ((skb = skb_peek(&sk->sk_write_queue))) {
		bytes = ttp_next_burst(sk, skb->len, now, &limited);
		if (!bytes || ttp_pacing_hold(sk, now) ||
		    ttp_smallq_full(sk, skb->truesize) ||
		    !ttp_push_one(sk, skb, bytes, now))
			break;
	}
	ttp_push_fin(sk, now);
	ttp_note_limit(t, limited || !ttp_room(t));
}

/* RFC 7413 4.1.3: what is queued already goes with the first SYN. */
void ttp_push_syn(struct sock *sk, u64 now)
{
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);
	struct ttp_sock *t = ttp_sk(sk);

	if (t->snd_nxt == t->iss) {
		t->snd_nxt++;
		t->syn_at = now;
		ttp_mib_inc(sock_net(sk), TTP_MIB_ACTIVEOPENS);
	} else {
		skb = NULL;
	}
	if (skb && ttp_xmit_data(sk, skb, TTP_SYN, false) != -ENOMEM) {
		ttp_pushed(sk, skb, now);
		t->fo_data = 1;
	} else {
		ttp_xmit_ctl(sk, TTP_SYN, t->iss, t->total_retrans);
		t->last_sent = now;
	}
}

void ttp_push_new(struct sock *sk, u32 segs, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb;
	u32 bytes;

	while (segs-- && (skb = skb_peek(&sk->sk_write_queue))) {
		bytes = min3(skb->len, t->mss,
			     ttp_wnd_usable(t->snd_una, t->snd_wnd, t->snd_nxt));
		if (!bytes || !ttp_push_one(sk, skb, bytes, now))
			return;
	}
}

/* The last segment once more; true when it left. */
static bool ttp_repeat_last(struct sock *sk, u64 now)
{
	struct sk_buff *skb = ttp_rtx_last(ttp_sk(sk));
	struct ttp_skb_cb *cb;

	if (!skb)
		return false;
	cb = TTP_CB(skb);
	if (cb->segs > 1) {
		if (ttp_rtx_split(sk, skb, rounddown(skb->len - 1, cb->mss)))
			return false;
		skb = ttp_rtx_next(skb);
	}
	return !ttp_repeat(sk, skb, now);
}

void ttp_push_again(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb;

	for (skb = ttp_rtx_first(t); skb; skb = ttp_rtx_next(skb)) {
		if (TTP_CB(skb)->mss > t->mss)
			ttp_rtx_recount(t, skb, t->mss);
		if (TTP_CB(skb)->segs > 1 && ttp_rtx_split(sk, skb, t->mss))
			return;
		if (ttp_repeat(sk, skb, now))
			return;
	}
}

void ttp_probe_tail(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	enum ttp_tlp_probe probe = TTP_TLP_NEW;
	u32 nxt = t->snd_nxt;

	if (ttp_can_send_new(sk))
		ttp_push_new(sk, 1, now);
	if (t->snd_nxt == nxt) {
		probe = TTP_TLP_LAST;
		if (!ttp_repeat_last(sk, now))
			return;
	}
	ttp_mib_inc(sock_net(sk), TTP_MIB_LOSSPROBES);
	ttp_tlp_sent(&t->tlp, t->snd_nxt, probe);
	ttp_deadline_set(&t->due, TTP_TIMER_REXMIT, now + ttp_rtt_rto(&t->rtt));
}

void ttp_retransmit(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	/* Closed before the SYN+ACK of a simultaneous open had arrived. */
	if (ttp_syn_unacked(t))
		ttp_xmit_ctl(sk, TTP_SYN | TTP_ACK, t->iss, true);
	if (t->fin_sent && t->snd_una == t->write_seq &&
	    ttp_xmit_ctl(sk, TTP_FIN | TTP_ACK, t->write_seq, true) != -ENOMEM)
		t->total_retrans++;
}

/*
 * RFC 9293 3.8.6.1, 3.8.4: an empty segment one before snd_una is outside
 * every window, so the peer answers with an ACK that tells its present one.
 */
void ttp_probe(struct sock *sk, u64 now)
{
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);
	struct ttp_sock *t = ttp_sk(sk);

	if (t->snd_nxt == t->snd_una &&
	    ttp_wnd_usable(t->snd_una, t->snd_wnd, t->snd_nxt)) {
		/* The window is open: only memory or silliness held it back. */
		if (skb)
			ttp_push_one(sk, skb, min3(skb->len, t->mss, t->snd_wnd),
				     now);
		ttp_push_fin(sk, now);
		if (t->snd_nxt != t->snd_una)
			return;
	}
	/* Where the peer looks at the urgent pointer (RFC 9293 3.8.6.1). */
	if (t->urg_out)
		ttp_xmit_ctl(sk, TTP_ACK, t->snd_una, false);
	ttp_xmit_ctl(sk, TTP_ACK, t->snd_una - 1, false);
}
