// SPDX-License-Identifier: GPL-2.0
/*
 * This file queues received data, in order and out of order, within the
 * socket's memory.
 *
 * Queued skbs may overlap: the reader starts at copied_seq, wherever in an skb
 * that is, so nothing is ever trimmed.
 */
#include "rcvq.h"

#include <linux/skbuff.h>

#include "bufs.h"
#include "compat.h"
#include "ooo.h"
#include "prune.h"
#include "steer.h"

static void ttp_rcvq_drop(struct sock *sk, struct sk_buff *skb,
			  const struct ttp_seg *seg, u32 reason)
{
	ttp_drop_note(sock_net(sk), &ttp_sk(sk)->h.t, seg, reason);
	kfree_skb(skb);
}

/* Append @skb's bytes to @to when they follow it; @skb is gone then. */
static bool ttp_rcvq_coalesce(struct sock *sk, struct sk_buff *to,
			      struct sk_buff *skb)
{
	bool stolen;
	int delta;

	if (!to || TTP_CB(to)->end_seq != TTP_CB(skb)->seq ||
	    (TTP_CB(to)->flags & TTP_FIN) ||
	    !skb_try_coalesce(to, skb, &stolen, &delta))
		return false;
	TTP_CB(to)->end_seq = TTP_CB(skb)->end_seq;
	TTP_CB(to)->flags |= TTP_CB(skb)->flags;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	kfree_skb_partial(skb, stolen);
	ttp_mib_inc(sock_net(sk), TTP_MIB_RCVCOALESCE);
	return true;
}

/* @skb starts at or before rcv_nxt and ends after it; memory is charged or not. */
static bool ttp_rcvq_append(struct sock *sk, struct sk_buff *skb, bool charged)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	struct ttp_sock *t = ttp_sk(sk);
	bool fin = TTP_CB(skb)->flags & TTP_FIN;
	u32 end = TTP_CB(skb)->end_seq;

	t->bytes_received += end - t->rcv_nxt;
	WRITE_ONCE(t->rcv_nxt, end + fin);
	if (!skb->len) {
		__kfree_skb(skb);
	} else if (charged) {
		/* Its owner is this socket already: coalescing would count twice. */
		__skb_queue_tail(&sk->sk_receive_queue, skb);
	} else if (!ttp_rcvq_coalesce(sk, tail, skb)) {
		__skb_queue_tail(&sk->sk_receive_queue, skb);
		skb_set_owner_r(skb, sk);
	}
	return fin;
}

/* Move what has become in order; true when that includes the FIN. */
static bool ttp_ooo_drain(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb;
	bool fin = false;

	while (!fin && (skb = ttp_ooo_first(t))) {
		u32 end = ttp_ooo_end(skb);

		if (ttp_after(TTP_CB(skb)->seq, t->rcv_nxt))
			break;
		if (!ttp_after(end, t->rcv_nxt)) {
			ttp_ooo_free(sk, skb);
			continue;
		}
		ttp_ooo_unlink(t, skb);
		fin = ttp_rcvq_append(sk, skb, true);
	}
	if (fin)
		ttp_ooo_purge(sk);
	return fin;
}

static void ttp_rcvq_ooo(struct sock *sk, struct sk_buff *skb,
			 const struct ttp_seg *seg, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);

	/* RFC 5681 4.2: tell the sender of the hole at once. */
	todo->bits |= TTP_DO_DUPACK;
	if (!ttp_prune_room(sk, skb, false)) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_OFODROP);
		ttp_rcvq_drop(sk, skb, seg, TTP_DROP_RCVBUF);
		return;
	}
	t->ooo_fresh += skb->truesize;
	/* Mostly it follows the last one that came. */
	if (!ttp_rcvq_coalesce(sk, t->ooo_last, skb) &&
	    !ttp_ooo_insert(sk, skb, false)) {
		ttp_rcvq_drop(sk, skb, seg, TTP_DROP_DUPDATA);
		return;
	}
	ttp_sack_rx_add(&t->sack_rx, seg->seq, ttp_seg_end(seg));
	t->ooo_segs++;
	ttp_mib_inc(sock_net(sk), TTP_MIB_OFOQUEUE);
}

/*
 * The same old data for the second time: our ACKs do not arrive, or the peer
 * would have moved on.  A timeout of our own looks for a way already.
 */
static void ttp_rcvq_old_again(struct sock *sk, u32 seq)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (seq == t->old_seq && t->rec.state != TTP_REC_LOSS &&
	    ttp_steer_anew(sk))
		ttp_mib_inc(sock_net(sk), TTP_MIB_DUPLICATEDATAREHASH);
	t->old_seq = seq;
}

/* RFC 2883: the sender learns that it repeated what had arrived. */
void ttp_rcvq_note_dup(struct sock *sk, const struct ttp_seg *seg)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 end = seg->seq + seg->len;

	if (!t->sack_ok || !seg->len || !ttp_sysctl_get(sock_net(sk), dsack))
		return;
	if (!ttp_after(end, t->rcv_nxt))
		ttp_rcvq_old_again(sk, seg->seq);
	ttp_sack_rx_dup(&t->sack_rx, t->rcv_nxt, seg->seq, end);
	if (t->sack_rx.dup.start != t->sack_rx.dup.end)
		ttp_mib_inc(sock_net(sk), ttp_before(seg->seq, t->rcv_nxt) ?
			    TTP_MIB_DSACKOLDSENT : TTP_MIB_DSACKOFOSENT);
}

/* The next ACKs shall not wait either. */
static void ttp_rcvq_hurry(struct ttp_sock *t, struct ttp_todo *todo)
{
	t->quickacks = max_t(u8, t->quickacks, 2);
	t->pingpong = 0;
	t->ato = TTP_ATO_MIN;
	todo->bits |= TTP_DO_ACK;
}

bool ttp_rcvq_add(struct sock *sk, struct sk_buff *skb,
		  const struct ttp_seg *seg, u64 now, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 end = ttp_seg_end(seg);
	bool hole = !RB_EMPTY_ROOT(&t->ooo);
	bool fin;

	if (!ttp_after(end, t->rcv_nxt)) {
		/* All of it is old; the peer may have lost our ACK (3.10.7.4). */
		todo->bits |= TTP_DO_DUPACK;
		ttp_mib_inc(sock_net(sk), TTP_MIB_DELAYEDACKLOST);
		ttp_rcvq_drop(sk, skb, seg, TTP_WHY_OLD);
		return false;
	}
	if (hole || ttp_before(seg->seq, t->rcv_nxt))
		ttp_rcvq_note_dup(sk, seg);
	if (seg->len && ttp_ecn_on_data(&t->ecn, seg->ip))
		ttp_rcvq_hurry(t, todo);
	TTP_CB(skb)->seq = seg->seq;
	TTP_CB(skb)->end_seq = seg->seq + seg->len;
	TTP_CB(skb)->flags = seg->flags;
	t->data_segs_in += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	t->last_data_rcv = now;
	ttp_bufs_segment(sk, skb, seg, now);

	if (ttp_after(seg->seq, t->rcv_nxt)) {
		ttp_rcvq_ooo(sk, skb, seg, todo);
		return false;
	}
	if (seg->len && !ttp_before(t->rcv_nxt, t->rcv_promised)) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_ZEROWINDOWDROP);
		todo->bits |= TTP_DO_DUPACK;
		ttp_rcvq_drop(sk, skb, seg, TTP_WHY_WINDOW);
		return false;
	}
	if (seg->len && !ttp_prune_room(sk, skb, true)) {
		/*
		 * Out of memory, not out of window: what was offered stays so
		 * (RFC 9293 SHLD-14), and the sender tries again.
		 */
		ttp_mib_inc(sock_net(sk), TTP_MIB_RCVQDROP);
		todo->bits |= TTP_DO_DUPACK | TTP_DO_READ;
		ttp_rcvq_drop(sk, skb, seg, TTP_DROP_RCVBUF);
		return false;
	}
	fin = ttp_rcvq_append(sk, skb, false);
	if (!fin && hole)
		fin = ttp_ooo_drain(sk);
	else if (fin)
		ttp_ooo_purge(sk);
	if (hole)
		ttp_sack_rx_advance(&t->sack_rx, t->rcv_nxt);
	/* RFC 5681 4.2: filling a hole, even in part, is acknowledged at once. */
	todo->bits |= TTP_DO_READ | (hole ? TTP_DO_ACK : TTP_DO_DELACK);
	return fin;
}

void ttp_rcvq_eat(struct sock *sk, u32 upto)
{
	struct sk_buff *skb;

	while ((skb = skb_peek(&sk->sk_receive_queue)) &&
	       ttp_before_eq(TTP_CB(skb)->end_seq, upto)) {
		__skb_unlink(skb, &sk->sk_receive_queue);
		/* Its memory goes back at once, its pages with it. */
		__kfree_skb(skb);
	}
}
