// SPDX-License-Identifier: GPL-2.0
/*
 * This file moves user data from the write queue to the wire and, until it is
 * acknowledged, keeps it in the retransmission queue.
 */
#include "output.h"

#include <linux/skbuff.h>

#include "compat.h"
#include "sock.h"
#include "xmit.h"

struct sk_buff *ttp_tx_alloc(struct sock *sk, gfp_t gfp)
{
	struct sk_buff *skb;

	skb = alloc_skb_fclone(TTP_HEADROOM, gfp);
	if (!skb)
		return NULL;
	if (!sk_wmem_schedule(sk, skb->truesize)) {
		__kfree_skb(skb);
		return NULL;
	}
	skb_reserve(skb, TTP_HEADROOM);
	/* Says "copy, do not sum" to the kernel's copy from user space. */
	skb->ip_summed = CHECKSUM_PARTIAL;
	memset(skb->cb, 0, sizeof(struct ttp_skb_cb));
	return skb;
}

void ttp_tx_queue(struct sock *sk, struct sk_buff *skb)
{
	u32 seq = ttp_sk(sk)->write_seq;

	TTP_CB(skb)->seq = seq;
	TTP_CB(skb)->end_seq = seq + skb->len;
	__skb_queue_tail(&sk->sk_write_queue, skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
}

void ttp_tx_free(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	__kfree_skb(skb);
}

void ttp_tx_unqueue(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->sk_write_queue);
	ttp_tx_free(sk, skb);
}

void ttp_tx_purge(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		ttp_tx_free(sk, skb);
	while ((skb = __skb_dequeue(&t->rtxq)))
		ttp_tx_free(sk, skb);
	t->packets_out = 0;
}

static void ttp_tx_charge(struct sock *sk, int delta)
{
	sk_wmem_queued_add(sk, delta);
	sk_mem_charge(sk, delta);
}

/*
 * Make the fragment list @skb's own: the copy on its way shares it.  The new
 * head may be larger or smaller.
 */
static int ttp_tx_unshare(struct sock *sk, struct sk_buff *skb)
{
	u32 before = skb->truesize;
	int err;

	err = skb_unclone(skb, GFP_ATOMIC | __GFP_NOWARN);
	ttp_tx_charge(sk, (int)(skb->truesize - before));
	return err;
}

int ttp_tx_trim(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct skb_shared_info *sh;
	u32 left = len, size;

	if (ttp_tx_unshare(sk, skb))
		return -ENOMEM;
	sh = skb_shinfo(skb);
	while (left) {
		size = skb_frag_size(&sh->frags[0]);
		if (size > left) {
			skb_frag_off_add(&sh->frags[0], left);
			skb_frag_size_sub(&sh->frags[0], left);
			break;
		}
		skb_frag_unref(skb, 0);
		sh->nr_frags--;
		memmove(&sh->frags[0], &sh->frags[1],
			sh->nr_frags * sizeof(sh->frags[0]));
		left -= size;
	}
	skb->len -= len;
	skb->data_len -= len;
	skb->truesize -= len;
	ttp_tx_charge(sk, -(int)len);
	TTP_CB(skb)->seq += len;
	return 0;
}

static u32 ttp_segs_of(const struct ttp_sock *t, const struct sk_buff *skb)
{
	return DIV_ROUND_UP(skb->len, t->mss);
}

/*
 * Cut @skb, which is in @queue, so that it keeps @len bytes; the rest follows
 * it in the queue.
 */
static int ttp_tx_split(struct sock *sk, struct sk_buff_head *queue,
			struct sk_buff *skb, u32 len)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *rest;

	if (ttp_tx_unshare(sk, skb))
		return -ENOMEM;
	rest = alloc_skb_fclone(TTP_HEADROOM, GFP_ATOMIC | __GFP_NOWARN);
	if (!rest)
		return -ENOMEM;
	ttp_tx_charge(sk, rest->truesize);
	skb_reserve(rest, TTP_HEADROOM);
	rest->ip_summed = CHECKSUM_PARTIAL;
	*TTP_CB(rest) = *TTP_CB(skb);
	skb_split(skb, rest, len);
	rest->truesize += rest->len;
	skb->truesize -= rest->len;
	TTP_CB(rest)->seq += len;
	TTP_CB(skb)->end_seq = TTP_CB(rest)->seq;
	TTP_CB(skb)->flags &= ~TTP_PSH;
	__skb_queue_after(queue, skb, rest);

	if (queue == &t->rtxq) {
		t->packets_out -= TTP_CB(skb)->segs;
		TTP_CB(skb)->segs = ttp_segs_of(t, skb);
		TTP_CB(rest)->segs = ttp_segs_of(t, rest);
		t->packets_out += TTP_CB(skb)->segs + TTP_CB(rest)->segs;
	}
	return 0;
}

/* Go-back-N has not come round yet: repetitions come before new data. */
static bool ttp_rewinding(const struct ttp_sock *t)
{
	return t->cong.state == TTP_CA_LOSS &&
	       ttp_before(t->rtx_next, t->cong.recover) &&
	       !skb_queue_empty(&t->rtxq);
}

static u32 ttp_plan(struct sock *sk, bool *limited)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_plan p = {
		.queued		= t->write_seq - t->snd_nxt,
		.usable		= ttp_wnd_usable(t->snd_una, t->snd_wnd,
						 t->snd_nxt),
		.cwnd_room	= ttp_cong_room(&t->cong, t->packets_out),
		.mss		= t->mss,
		.max_wnd	= t->max_wnd,
		.max_burst	= ttp_max_burst(sk),
		.nodelay	= t->nodelay,
		.cork		= t->cork || t->more,
		.small_out	= ttp_after(t->snd_sml, t->snd_una) &&
				  ttp_before_eq(t->snd_sml, t->snd_nxt),
		.fin		= t->fin_queued,
	};

	*limited = !p.cwnd_room;
	return ttp_plan_bytes(&p);
}

/* Send @bytes from the head of the write queue.  False: no memory. */
static bool ttp_push_one(struct sock *sk, struct sk_buff *skb, u32 bytes,
			 u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	u8 flags = 0;

	if (bytes < skb->len &&
	    ttp_tx_split(sk, &sk->sk_write_queue, skb, bytes))
		return false;
	/* FIN travels with the last data when the window has room for it. */
	if (t->fin_queued && TTP_CB(skb)->end_seq == t->write_seq &&
	    ttp_wnd_usable(t->snd_una, t->snd_wnd, t->snd_nxt) > skb->len)
		flags = TTP_FIN;
	if (ttp_xmit_data(sk, skb, flags, false) == -ENOMEM)
		return false;

	__skb_unlink(skb, &sk->sk_write_queue);
	__skb_queue_tail(&t->rtxq, skb);
	TTP_CB(skb)->sent_at = now;
	TTP_CB(skb)->segs = ttp_segs_of(t, skb);
	t->packets_out += TTP_CB(skb)->segs;
	t->snd_nxt = TTP_CB(skb)->end_seq;
	t->bytes_sent += skb->len;
	t->last_sent = now;
	if (skb->len % t->mss)
		t->snd_sml = t->snd_nxt;
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

	if (!ttp_state_in(sk, TTPF_SYNCED) || ttp_rewinding(t))
		return;
	if (t->snd_nxt == t->snd_una && t->last_sent &&
	    !skb_queue_empty(&sk->sk_write_queue))
		ttp_cong_on_idle(&t->cong, now - t->last_sent,
				 ttp_rtt_rto(&t->rtt));
	while ((skb = skb_peek(&sk->sk_write_queue))) {
		bytes = min(ttp_plan(sk, &limited), skb->len);
		if (!bytes || !ttp_push_one(sk, skb, bytes, now))
			break;
	}
	ttp_push_fin(sk, now);
	t->cwnd_limited = limited;
}

static int ttp_rexmit_skb(struct sock *sk, struct sk_buff *skb, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	u8 flags = 0;
	int err;

	if (t->fin_sent && TTP_CB(skb)->end_seq == t->write_seq)
		flags = TTP_FIN;
	err = ttp_xmit_data(sk, skb, flags, true);
	if (err == -ENOMEM)
		return err;
	TTP_CB(skb)->rexmitted = true;
	TTP_CB(skb)->sent_at = now;
	t->total_retrans += TTP_CB(skb)->segs;
	t->bytes_retrans += skb->len;
	return 0;
}

/*
 * After a timeout everything is sent again in order, as slow start allows
 * (RFC 5681 3.1); ACKs move snd_una and thereby skip what had arrived.
 */
static void ttp_rewind(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb, *next;
	u32 out = 0, room;

	if (ttp_before(t->rtx_next, t->snd_una))
		t->rtx_next = t->snd_una;
	skb_queue_walk_safe(&t->rtxq, skb, next) {
		if (ttp_before_eq(TTP_CB(skb)->end_seq, t->rtx_next)) {
			out += TTP_CB(skb)->segs;
			continue;
		}
		if (ttp_after_eq(TTP_CB(skb)->seq, t->cong.recover))
			break;
		room = ttp_cong_room(&t->cong, out);
		if (!room)
			break;
		if (skb->len > room * t->mss &&
		    ttp_tx_split(sk, &t->rtxq, skb, room * t->mss))
			break;
		if (ttp_rexmit_skb(sk, skb, now))
			break;
		next = skb->next;
		out += TTP_CB(skb)->segs;
		t->rtx_next = TTP_CB(skb)->end_seq;
	}
}

void ttp_retransmit(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb = skb_peek(&t->rtxq);

	/* Closed before the SYN+ACK of a simultaneous open had arrived. */
	if (ttp_syn_unacked(t))
		ttp_xmit_ctl(sk, TTP_SYN | TTP_ACK, t->iss, true);
	if (!skb) {
		if (t->fin_sent && t->snd_una == t->write_seq &&
		    ttp_xmit_ctl(sk, TTP_FIN | TTP_ACK, t->write_seq, true) !=
		    -ENOMEM)
			t->total_retrans++;
		return;
	}
	/* What was sent before the path MTU fell is counted anew. */
	if (skb->len <= t->mss && TTP_CB(skb)->segs > 1) {
		t->packets_out -= TTP_CB(skb)->segs - 1;
		TTP_CB(skb)->segs = 1;
	}
	if (t->cong.state == TTP_CA_LOSS) {
		ttp_rewind(sk, now);
		return;
	}
	if (skb->len > t->mss && ttp_tx_split(sk, &t->rtxq, skb, t->mss))
		return;
	ttp_rexmit_skb(sk, skb, now);
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
	ttp_xmit_ctl(sk, TTP_ACK, t->snd_una - 1, false);
}
