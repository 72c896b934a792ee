// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps the memory of what is to be sent: skbs are made, charged to
 * the socket, queued, cut and freed here.
 */
#include "txq.h"

#include <linux/skbuff.h>

#include "compat.h"
#include "mem.h"

bool ttp_tx_room(struct sock *sk, u32 bytes)
{
	if (ttp_mem_reserve(sk, bytes) && sk_wmem_schedule(sk, bytes))
		return true;
	/* Who has more than others now waits until half of it has arrived. */
	sk_stream_moderate_sndbuf(sk);
	return false;
}

struct sk_buff *ttp_tx_alloc(struct sock *sk, gfp_t gfp)
{
	struct sk_buff *skb;

	skb = alloc_skb_fclone(TTP_HEADROOM, gfp);
	if (!skb)
		return NULL;
	if (!ttp_tx_room(sk, skb->truesize)) {
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

void ttp_tx_free_acked(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_forward_alloc_add(sk, skb->truesize);
	__kfree_skb(skb);
}

void ttp_tx_unqueue(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->sk_write_queue);
	ttp_tx_free(sk, skb);
}

void ttp_tx_purge(struct sock *sk)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		ttp_tx_free(sk, skb);
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

struct sk_buff *ttp_tx_cut(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct sk_buff *rest;

	if (ttp_tx_unshare(sk, skb))
		return NULL;
	rest = alloc_skb_fclone(TTP_HEADROOM, GFP_ATOMIC | __GFP_NOWARN);
	if (!rest)
		return NULL;
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
	return rest;
}

/* Append all of @next to @skb; false: it has too many pieces. */
static bool ttp_tx_join(struct sock *sk, struct sk_buff *skb,
			struct sk_buff *next)
{
	struct skb_shared_info *to = skb_shinfo(skb), *from = skb_shinfo(next);
	u32 len = next->len;

	/* Nobody has a copy of what was never sent. */
	if (skb_cloned(skb) || skb_cloned(next))
		return false;
	/* Each user hears of his own memory. */
	if (skb_zcopy(skb) != skb_zcopy(next))
		return false;
	if (to->nr_frags + from->nr_frags > MAX_SKB_FRAGS)
		return false;
	to->flags |= from->flags & SKBFL_SHARED_FRAG;
	memcpy(&to->frags[to->nr_frags], from->frags,
	       from->nr_frags * sizeof(from->frags[0]));
	to->nr_frags += from->nr_frags;
	from->nr_frags = 0;
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
	next->len -= len;
	next->data_len -= len;
	next->truesize -= len;
	TTP_CB(skb)->end_seq = TTP_CB(next)->end_seq;
	TTP_CB(skb)->flags |= TTP_CB(next)->flags;
	ttp_tx_unqueue(sk, next);
	return true;
}

struct sk_buff *ttp_tx_gather(struct sock *sk, u32 len)
{
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue), *rest;

	while (skb && skb->len < len) {
		if (skb_queue_is_last(&sk->sk_write_queue, skb) ||
		    !ttp_tx_join(sk, skb,
				 skb_queue_next(&sk->sk_write_queue, skb)))
			return NULL;
	}
	if (!skb || skb->len == len)
		return skb;
	rest = ttp_tx_cut(sk, skb, len);
	if (!rest)
		return NULL;
	__skb_queue_after(&sk->sk_write_queue, skb, rest);
	return skb;
}
