// SPDX-License-Identifier: GPL-2.0
/*
 * This file applies acknowledgements: it frees what has arrived, measures the
 * round trip, moves the send window and asks congestion control.
 */
#include "ack.h"

#include <linux/skbuff.h>

#include "compat.h"
#include "output.h"
#include "sock.h"

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
 * Free what the ACK covers.  Returns the round trip of the oldest segment that
 * was sent only once, us, 0 for none (Karn's rule, RFC 6298 3).
 */
static u64 ttp_ack_clean(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	bool karn = false;
	struct sk_buff *skb;
	u64 rtt = 0;

	while ((skb = skb_peek(&t->rtxq))) {
		u32 len = t->snd_una - TTP_CB(skb)->seq;

		if (!ttp_after(t->snd_una, TTP_CB(skb)->seq))
			break;
		karn |= TTP_CB(skb)->rexmitted;
		if (!rtt)
			rtt = now - TTP_CB(skb)->sent_at ?: 1;
		if (ttp_before(t->snd_una, TTP_CB(skb)->end_seq)) {
			/* Without memory it stays whole: some bytes go twice. */
			if (!ttp_tx_trim(sk, skb, len)) {
				t->packets_out -= TTP_CB(skb)->segs;
				TTP_CB(skb)->segs = DIV_ROUND_UP(skb->len, t->mss);
				t->packets_out += TTP_CB(skb)->segs;
			}
			break;
		}
		t->packets_out -= TTP_CB(skb)->segs;
		__skb_unlink(skb, &t->rtxq);
		ttp_tx_free(sk, skb);
	}
	return karn ? 0 : rtt;
}

/* RFC 5681 2: nothing in it but an acknowledgement that we had already. */
static bool ttp_ack_is_dup(const struct ttp_sock *t, const struct ttp_seg *seg,
			   bool window_moved)
{
	return seg->ack == t->snd_una && t->snd_una != t->snd_nxt &&
	       !seg->len && !(seg->flags & (TTP_SYN | TTP_FIN)) && !window_moved;
}

/* The retransmission timer runs while something is unacknowledged. */
static void ttp_ack_rearm(struct ttp_sock *t, u64 now)
{
	if (t->snd_una == t->snd_nxt)
		ttp_deadline_clear(&t->due, TTP_TIMER_REXMIT);
	else	/* RFC 6298 5.3 */
		ttp_deadline_set(&t->due, TTP_TIMER_REXMIT,
				 now + ttp_rtt_rto(&t->rtt));
}

/* The round trip of the SYN, or of the SYN+ACK. */
static void ttp_ack_syn_rtt(struct ttp_sock *t, u32 echo, u64 now)
{
	if (!t->retransmits && t->last_sent)
		ttp_rtt_sample(&t->rtt, now - t->last_sent);
	else if (echo)
		ttp_rtt_sample(&t->rtt, echo);
	else if (t->retransmits)
		ttp_rtt_syn_repeated(&t->rtt);
}

static u32 ttp_ack_advance(struct sock *sk, const struct ttp_seg *seg, u64 now,
			   struct ttp_ack_sample *s)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 echo = ttp_ts_rtt(&t->ts, &seg->opts, now);
	u32 ack = seg->ack, acked = ack - t->snd_una, events = 0;
	u32 before = t->packets_out;
	u64 rtt;

	if (ttp_syn_unacked(t)) {
		events |= TTP_ACKED_SYN;
		acked--;
		ttp_ack_syn_rtt(t, echo, now);
	}
	if (t->fin_sent && ack == t->write_seq + 1) {
		events |= TTP_ACKED_FIN;
		acked--;
	}
	WRITE_ONCE(t->snd_una, ack);
	t->bytes_acked += acked;
	/*
	 * An echo tells which transmission arrived, where Karn's rule has to be
	 * silent (RFC 7323 4).  Without a sample the backoff stays (RFC 6298 5).
	 */
	rtt = ttp_ack_clean(sk, now);
	if (!rtt && before != t->packets_out)
		rtt = echo;
	if (rtt)
		ttp_rtt_sample(&t->rtt, min_t(u64, rtt, U32_MAX));
	t->retransmits = 0;
	t->retrans_at = 0;
	s->acked = acked;
	s->acked_segs = before - t->packets_out ?: !!acked;
	return events;
}

u32 ttp_ack(struct sock *sk, const struct ttp_seg *seg, u64 now,
	    struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_ack_sample s = {
		.inflight	= t->packets_out,
		.cwnd_limited	= t->cwnd_limited,
	};
	u32 events = 0, state = t->cong.state;
	bool moved;

	moved = ttp_ack_window(t, seg);
	s.dup = ttp_ack_is_dup(t, seg, moved);
	t->probes_out = 0;
	WRITE_ONCE(sk->sk_err_soft, 0);
	if (ttp_after(seg->ack, t->snd_una)) {
		events = ttp_ack_advance(sk, seg, now, &s);
		ttp_ack_rearm(t, now);
		todo->bits |= TTP_DO_WRITE;
	}
	s.snd_una = t->snd_una;
	s.snd_nxt = t->snd_nxt;
	if ((s.dup || s.acked) && ttp_cong_on_ack(&t->cong, &s))
		todo->bits |= TTP_DO_REXMIT;
	if (state == TTP_CA_OPEN && t->cong.state == TTP_CA_RECOVERY) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_RENORECOVERY);
		ttp_mib_inc(sock_net(sk), TTP_MIB_FASTRETRANS);
	}
	if (ttp_wnd_usable(t->snd_una, t->snd_wnd, t->snd_nxt))
		ttp_deadline_clear(&t->due, TTP_TIMER_PROBE);
	todo->bits |= TTP_DO_PUSH;
	return events;
}
