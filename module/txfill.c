// SPDX-License-Identifier: GPL-2.0
/*
 * This file appends user data to an skb of the write queue: a copy of it, or
 * the pages that it lies in.  An skb with a user's pinned memory holds nothing
 * else: as long as it lives, the user waits.
 */
#include "txfill.h"

#include <linux/skbuff.h>
#include <net/sock.h>

#include "compat.h"
#include "sock.h"
#include "txq.h"

/* @skb has @n bytes more, which nobody has numbered. */
static int ttp_fill_done(struct sock *sk, struct sk_buff *skb, u32 n)
{
	struct ttp_sock *t = ttp_sk(sk);

	TTP_CB(skb)->end_seq += n;
	WRITE_ONCE(t->write_seq, t->write_seq + n);
	return n;
}

int ttp_fill_copy(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
		  u32 want)
{
	struct page_frag *pfrag = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags, err;
	bool merge;

	if (skb_zcopy(skb))
		return 0;
	if (!sk_page_frag_refill(sk, pfrag))
		return -ENOMEM;
	merge = skb_can_coalesce(skb, i, pfrag->page, pfrag->offset);
	if (!merge && i >= MAX_SKB_FRAGS)
		return 0;
	want = min_t(u32, want, pfrag->size - pfrag->offset);
	if (!ttp_tx_room(sk, want))
		return -ENOMEM;
	err = skb_copy_to_page_nocache(sk, &msg->msg_iter, skb, pfrag->page,
				       pfrag->offset, want);
	if (err)
		return err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], want);
	} else {
		skb_fill_page_desc(skb, i, pfrag->page, pfrag->offset, want);
		page_ref_inc(pfrag->page);
	}
	pfrag->offset += want;
	return ttp_fill_done(sk, skb, want);
}

int ttp_fill_pages(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
		   u32 want)
{
	int n;

	if (skb_zcopy(skb))
		return 0;
	if (!ttp_tx_room(sk, want))
		return -ENOMEM;
	n = ttp_splice_from_iter(skb, &msg->msg_iter, want, sk->sk_allocation);
	if (n < 0)
		return n == -EMSGSIZE ? 0 : n;
	/* Their owner may write to them: who sums and sends has to know. */
	if (!(msg->msg_flags & MSG_NO_SHARED_FRAGS))
		skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	sk_wmem_queued_add(sk, n);
	sk_mem_charge(sk, n);
	return ttp_fill_done(sk, skb, n);
}

int ttp_fill_pinned(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
		    u32 want, struct ubuf_info *pin)
{
	int n;

	if (skb->len && skb_zcopy(skb) != pin)
		return 0;
	/* Whole pages are charged; one more if it does not begin with one. */
	want = min_t(size_t, want, iov_iter_single_seg_count(&msg->msg_iter));
	if (!ttp_tx_room(sk, PAGE_ALIGN(want) + PAGE_SIZE))
		return -ENOMEM;
	n = ttp_zerocopy_from_iter(sk, skb, msg, want, pin);
	if (n < 0)
		return n == -EMSGSIZE || n == -EEXIST ? 0 : n;
	return ttp_fill_done(sk, skb, n);
}
