// SPDX-License-Identifier: GPL-2.0
/*
 * This file makes room in a full receive buffer: it squeezes what is queued
 * into as few pages as possible, and gives up data behind a hole.
 *
 * A sender can be told that data behind a hole is gone (RFC 2018 8); what has
 * been acknowledged is never touched but to be copied.
 */
#include "prune.h"

#include <linux/log2.h>

#include "bufs.h"
#include "compat.h"
#include "mem.h"
#include "ooo.h"

/* Payload of an skb that fills a page, and what it costs. */
#define TTP_FULL_LEN	SKB_MAX_ORDER(0, 0)
#define TTP_FULL_SIZE	SKB_TRUESIZE(TTP_FULL_LEN)

/* What @len bytes would cost at best. */
static u32 ttp_squeezed_size(u32 len)
{
	u32 rest = len % TTP_FULL_LEN, size = 0;

	if (rest)
		size = min_t(u32, 2 * SKB_TRUESIZE(rest), TTP_FULL_SIZE);
	return len / TTP_FULL_LEN * TTP_FULL_SIZE + size;
}

/* It must save a quarter: else the same would be copied again and again. */
static bool ttp_squeeze_pays(u32 len, u64 truesize)
{
	return 4ULL * ttp_squeezed_size(len) <= 3 * truesize;
}

static struct sk_buff *ttp_squeeze_alloc(struct sock *sk, u32 seq, u32 len)
{
	struct sk_buff *skb;

	skb = alloc_skb(min_t(u32, len, TTP_FULL_LEN),
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	memset(skb->cb, 0, sizeof(struct ttp_skb_cb));
	TTP_CB(skb)->seq = seq;
	TTP_CB(skb)->end_seq = seq;
	/* What it replaces is freed at once, and pays for it. */
	skb_set_owner_r(skb, sk);
	return skb;
}

/* Copy from @seq on what @from has of it and @to has room for; 0 or -errno. */
static int ttp_squeeze_copy(struct sk_buff *to, const struct sk_buff *from)
{
	u32 seq = TTP_CB(to)->end_seq;
	u32 n = min_t(u32, TTP_CB(from)->end_seq - seq, skb_tailroom(to));
	int err;

	err = skb_copy_bits(from, seq - TTP_CB(from)->seq, skb_put(to, n), n);
	if (err)
		skb_trim(to, to->len - n);
	else
		TTP_CB(to)->end_seq += n;
	return err;
}

/*
 * Squeeze the skbs of @list, which follow each other without a hole, from @seq
 * on.  Without memory (then false) the rest of them stays as it is, and may
 * overlap what has been copied.
 */
static bool ttp_squeeze(struct sock *sk, struct sk_buff_head *list, u32 seq)
{
	u32 end = TTP_CB(skb_peek_tail(list))->end_seq, nr = 0;
	struct sk_buff *skb, *to = NULL;
	struct sk_buff_head out;

	__skb_queue_head_init(&out);
	while ((skb = skb_peek(list))) {
		if (ttp_before(seq, TTP_CB(skb)->end_seq)) {
			if (!to || !skb_tailroom(to)) {
				to = ttp_squeeze_alloc(sk, seq, end - seq);
				if (!to)
					break;
				__skb_queue_tail(&out, to);
			}
			if (ttp_squeeze_copy(to, skb))
				break;
			seq = TTP_CB(to)->end_seq;
			if (ttp_before(seq, TTP_CB(skb)->end_seq))
				continue;
		}
		if (to)
			TTP_CB(to)->flags |= TTP_CB(skb)->flags;
		__skb_unlink(skb, list);
		__kfree_skb(skb);
		nr++;
	}
	ttp_mib_add(sock_net(sk), TTP_MIB_RCVCOLLAPSED, nr);
	skb = skb_peek(list);
	skb_queue_splice(&out, list);
	return !skb;
}

/* Take from the end of the receive queue what ends after @from. */
static u64 ttp_queue_tail(struct sock *sk, u32 from, struct sk_buff_head *list)
{
	struct sk_buff *skb;
	u64 truesize = 0;

	while ((skb = skb_peek_tail(&sk->sk_receive_queue)) &&
	       ttp_after(TTP_CB(skb)->end_seq, from)) {
		truesize += skb->truesize;
		__skb_unlink(skb, &sk->sk_receive_queue);
		__skb_queue_head(list, skb);
	}
	return truesize;
}

/*
 * The data that waits for the reader.  What has been squeezed is left alone;
 * what did not pay is looked at again when an eighth of the buffer has come.
 */
static void ttp_collapse_queue(struct sock *sk)
{
	int used = atomic_read(&sk->sk_rmem_alloc);
	struct ttp_sock *t = ttp_sk(sk);
	u32 from = t->copied_seq;
	struct sk_buff_head list;
	struct sk_buff *skb;
	u64 truesize;

	if (used < t->squeeze_at)
		return;
	if (ttp_between(t->squeezed, from, t->rcv_nxt))
		from = t->squeezed;
	__skb_queue_head_init(&list);
	truesize = ttp_queue_tail(sk, from, &list);
	skb = skb_peek(&list);
	if (!skb)
		return;
	/* All of the first one that has not been read, wherever it begins. */
	from = ttp_seq_max(t->copied_seq, TTP_CB(skb)->seq);
	if (!ttp_squeeze_pays(t->rcv_nxt - from, truesize))
		t->squeeze_at = used + (READ_ONCE(sk->sk_rcvbuf) >> 3);
	else if (ttp_squeeze(sk, &list, from))
		/* The last one may have room for what comes next. */
		t->squeezed = TTP_CB(skb_peek_tail(&list))->seq;
	skb_queue_splice_tail(&list, &sk->sk_receive_queue);
}

/* The last entry before the next hole; adds up what they all cost. */
static struct sk_buff *ttp_run_end(struct sk_buff *skb, u64 *truesize)
{
	struct sk_buff *next;

	*truesize = skb->truesize;
	while ((next = ttp_ooo_next(skb)) && !(TTP_CB(skb)->flags & TTP_FIN) &&
	       ttp_before_eq(TTP_CB(next)->seq, TTP_CB(skb)->end_seq)) {
		*truesize += next->truesize;
		skb = next;
	}
	return skb;
}

static void ttp_collapse_run(struct sock *sk, struct sk_buff *skb,
			     struct sk_buff *last)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 from = TTP_CB(skb)->seq;
	struct sk_buff_head list;
	struct sk_buff *next;

	__skb_queue_head_init(&list);
	for (; skb; skb = next) {
		next = skb == last ? NULL : ttp_ooo_next(skb);
		ttp_ooo_unlink(t, skb);
		__skb_queue_tail(&list, skb);
	}
	ttp_squeeze(sk, &list, from);
	while ((skb = __skb_dequeue(&list))) {
		if (!ttp_ooo_insert(sk, skb, true))
			__kfree_skb(skb);
	}
}

/*
 * The data behind holes.  A peer chooses how many there are: all of them are
 * looked at only when an eighth of the buffer has come since the last time.
 */
static void ttp_collapse_ooo(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb, *last, *next;
	u64 truesize;

	if (t->ooo_fresh < READ_ONCE(sk->sk_rcvbuf) >> 3)
		return;
	t->ooo_fresh = 0;
	for (skb = ttp_ooo_first(t); skb; skb = next) {
		last = ttp_run_end(skb, &truesize);
		next = ttp_ooo_next(last);
		if (ttp_squeeze_pays(TTP_CB(last)->end_seq - TTP_CB(skb)->seq,
				     truesize))
			ttp_collapse_run(sk, skb, last);
	}
}

/*
 * Give up, from the end, data that begins after @seq, as long as there is no
 * room for @skb; at least an eighth of the buffer, so that it is not done
 * for every segment.
 */
static void ttp_prune_ooo(struct sock *sk, struct sk_buff *skb, u32 seq)
{
	s64 goal = READ_ONCE(sk->sk_rcvbuf) >> 3;
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *last;

	if (!t->ooo_last || !ttp_after(TTP_CB(t->ooo_last)->seq, seq))
		return;
	ttp_mib_inc(sock_net(sk), TTP_MIB_OFOPRUNED);
	while ((last = t->ooo_last) && ttp_after(TTP_CB(last)->seq, seq)) {
		goal -= last->truesize;
		/* RFC 2018 8: the sender must not count on it any more. */
		ttp_sack_rx_forget(&t->sack_rx, TTP_CB(last)->seq,
				   ttp_ooo_end(last));
		ttp_ooo_free(sk, last);
		if (goal <= 0 && ttp_bufs_room(sk, skb, READ_ONCE(sk->sk_rcvbuf)))
			return;
	}
}

bool ttp_prune_room(struct sock *sk, struct sk_buff *skb, bool in_order)
{
	struct ttp_sock *t = ttp_sk(sk);
	s64 most = READ_ONCE(sk->sk_rcvbuf);

	if (ttp_bufs_room(sk, skb, most))
		return true;
	ttp_mib_inc(sock_net(sk), TTP_MIB_PRUNECALLED);
	ttp_bufs_clamp(sk);
	most = READ_ONCE(sk->sk_rcvbuf);
	if (ttp_bufs_room(sk, skb, most))
		return true;
	ttp_collapse_ooo(sk);
	ttp_collapse_queue(sk);
	if (ttp_bufs_room(sk, skb, most))
		return true;
	ttp_prune_ooo(sk, skb, in_order ? t->rcv_nxt : TTP_CB(skb)->seq);
	/* What was offered before the buffer shrank is still welcome. */
	if (in_order)
		most = ttp_bufs_tolerated(sk);
	if (ttp_bufs_room(sk, skb, most))
		return true;
	ttp_mib_inc(sock_net(sk), TTP_MIB_RCVPRUNED);
	/*
	 * The reader has nothing: give it something, on credit.  The account
	 * goes below zero by one segment, which the next one has to pay.
	 */
	return in_order && skb_queue_empty(&sk->sk_receive_queue);
}
