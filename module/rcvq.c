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

#include "compat.h"
#include "sock.h"

static struct sk_buff *ttp_rb_skb(struct rb_node *n)
{
	return n ? rb_to_skb(n) : NULL;
}

static void ttp_ooo_unlink(struct ttp_sock *t, struct sk_buff *skb)
{
	if (skb == t->ooo_last)
		t->ooo_last = ttp_rb_skb(rb_prev(&skb->rbnode));
	rb_erase(&skb->rbnode, &t->ooo);
	RB_CLEAR_NODE(&skb->rbnode);
	skb->next = NULL;
	skb->prev = NULL;
	skb->dev = NULL;
}

static void ttp_ooo_free(struct sock *sk, struct sk_buff *skb)
{
	ttp_ooo_unlink(ttp_sk(sk), skb);
	__kfree_skb(skb);
}

void ttp_rcvq_purge_ooo(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	while (t->ooo_last)
		ttp_ooo_free(sk, t->ooo_last);
	memset(&t->sack_rx, 0, sizeof(t->sack_rx));
}

/* Past the last byte of @skb, FIN included. */
static u32 ttp_ooo_end(const struct sk_buff *skb)
{
	return TTP_CB(skb)->end_seq + !!(TTP_CB(skb)->flags & TTP_FIN);
}

/*
 * Room for @skb?  Data that fills no hole gives way first.  What is in order
 * was offered a window: small segments, with all their overhead, may fill the
 * buffer twice before we break that promise.
 */
static bool ttp_rcvq_room(struct sock *sk, struct sk_buff *skb, bool in_order)
{
	s64 most = (s64)READ_ONCE(sk->sk_rcvbuf) << in_order;
	struct ttp_sock *t = ttp_sk(sk);

	while (atomic_read(&sk->sk_rmem_alloc) > most ||
	       !sk_rmem_schedule(sk, skb, skb->truesize)) {
		if (!in_order || !t->ooo_last)
			return false;
		/* RFC 2018 8: the sender must not count on it any more. */
		ttp_sack_rx_forget(&t->sack_rx, TTP_CB(t->ooo_last)->seq,
				   ttp_ooo_end(t->ooo_last));
		ttp_ooo_free(sk, t->ooo_last);
		ttp_mib_inc(sock_net(sk), TTP_MIB_OFOPRUNED);
	}
	return true;
}

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

	while (!fin && (skb = ttp_rb_skb(rb_first(&t->ooo)))) {
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
		ttp_rcvq_purge_ooo(sk);
	return fin;
}

/* Entries that @skb covers whole are of no more use. */
static void ttp_ooo_swallow(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *next;

	while ((next = ttp_rb_skb(rb_next(&skb->rbnode))) &&
	       ttp_before_eq(TTP_CB(next)->end_seq, TTP_CB(skb)->end_seq) &&
	       !(TTP_CB(next)->flags & TTP_FIN))
		ttp_ooo_free(sk, next);
}

/* False: everything in @skb is queued already. */
static bool ttp_ooo_insert(struct sock *sk, struct sk_buff *skb)
{
	struct rb_node **p, *parent = NULL;
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *at;

	p = &t->ooo.rb_node;
	if (t->ooo_last && !ttp_before(TTP_CB(skb)->seq,
				       TTP_CB(t->ooo_last)->end_seq)) {
		parent = &t->ooo_last->rbnode;	/* the common case: behind all */
		p = &parent->rb_right;
	}
	while (*p) {
		parent = *p;
		at = rb_to_skb(parent);
		if (ttp_before_eq(TTP_CB(at)->seq, TTP_CB(skb)->seq) &&
		    ttp_before_eq(TTP_CB(skb)->end_seq, TTP_CB(at)->end_seq) &&
		    !(TTP_CB(skb)->flags & ~TTP_CB(at)->flags & TTP_FIN))
			return false;
		p = ttp_before(TTP_CB(skb)->seq, TTP_CB(at)->seq) ?
		    &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &t->ooo);
	if (!t->ooo_last || !rb_next(&skb->rbnode))
		t->ooo_last = skb;
	ttp_ooo_swallow(sk, skb);
	if (!rb_next(&skb->rbnode))
		t->ooo_last = skb;
	skb_set_owner_r(skb, sk);
	return true;
}

static void ttp_rcvq_ooo(struct sock *sk, struct sk_buff *skb,
			 const struct ttp_seg *seg, struct ttp_todo *todo)
{
	/* RFC 5681 4.2: tell the sender of the hole at once. */
	todo->bits |= TTP_DO_DUPACK;
	if (!ttp_rcvq_room(sk, skb, false)) {
		ttp_rcvq_drop(sk, skb, seg, TTP_DROP_RCVBUF);
		return;
	}
	if (!ttp_ooo_insert(sk, skb)) {
		ttp_rcvq_drop(sk, skb, seg, TTP_DROP_DUPDATA);
		return;
	}
	ttp_sack_rx_add(&ttp_sk(sk)->sack_rx, seg->seq, ttp_seg_end(seg));
	ttp_sk(sk)->ooo_segs++;
	ttp_mib_inc(sock_net(sk), TTP_MIB_OFOQUEUE);
}

/* The peer's segment size, as the delayed ACK needs it (RFC 9293 3.8.6.3). */
static void ttp_measure_mss(struct ttp_sock *t, const struct sk_buff *skb)
{
	u32 len = skb_shinfo(skb)->gso_size ?: skb->len;

	if (len >= t->rcv_mss)
		t->rcv_mss = min_t(u32, len, t->adv_mss);
}

/* RFC 2883: the sender learns that it repeated what had arrived. */
void ttp_rcvq_note_dup(struct sock *sk, const struct ttp_seg *seg)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 end = seg->seq + seg->len;

	if (!t->sack_ok || !seg->len || !ttp_sysctl_get(sock_net(sk), dsack))
		return;
	ttp_sack_rx_dup(&t->sack_rx, t->rcv_nxt, seg->seq, end);
	if (t->sack_rx.dup.start != t->sack_rx.dup.end)
		ttp_mib_inc(sock_net(sk), ttp_before(seg->seq, t->rcv_nxt) ?
			    TTP_MIB_DSACKOLDSENT : TTP_MIB_DSACKOFOSENT);
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
	ttp_measure_mss(t, skb);
	TTP_CB(skb)->seq = seg->seq;
	TTP_CB(skb)->end_seq = seg->seq + seg->len;
	TTP_CB(skb)->flags = seg->flags;
	t->data_segs_in += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	t->last_data_rcv = now;

	if (ttp_after(seg->seq, t->rcv_nxt)) {
		ttp_rcvq_ooo(sk, skb, seg, todo);
		return false;
	}
	if (seg->len && !ttp_rcv_window(t)) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_ZEROWINDOWDROP);
		todo->bits |= TTP_DO_DUPACK;
		ttp_rcvq_drop(sk, skb, seg, TTP_WHY_WINDOW);
		return false;
	}
	if (seg->len && !ttp_rcvq_room(sk, skb, true)) {
		/*
		 * Out of memory before out of window: say so, or the sender
		 * takes our silence for death.  The one window that shrinks.
		 */
		t->rcv_wup = t->rcv_nxt;
		t->rcv_wnd = 0;
		todo->bits |= TTP_DO_DUPACK;
		ttp_rcvq_drop(sk, skb, seg, TTP_DROP_RCVBUF);
		return false;
	}
	fin = ttp_rcvq_append(sk, skb, false);
	if (!fin && hole)
		fin = ttp_ooo_drain(sk);
	else if (fin)
		ttp_rcvq_purge_ooo(sk);
	if (hole)
		ttp_sack_rx_advance(&t->sack_rx, t->rcv_nxt);
	/* RFC 5681 4.2: filling a hole, even in part, is acknowledged at once. */
	todo->bits |= TTP_DO_READ | (hole ? TTP_DO_ACK : TTP_DO_DELACK);
	return fin;
}
