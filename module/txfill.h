/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how user data gets into an skb of the write queue.  All
 * functions want the socket locked, take at most @want bytes from @msg and
 * return the number, 0 when @skb has no room for another fragment, -ENOMEM,
 * -EFAULT or what else is wrong with the data.
 */
#ifndef TTP_TXFILL_H
#define TTP_TXFILL_H

#include <linux/types.h>

struct msghdr;
struct sk_buff;
struct sock;
struct ubuf_info;

/* A copy of the data. */
int ttp_fill_copy(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
		  u32 want);
/* The pages that the data lies in: MSG_SPLICE_PAGES. */
int ttp_fill_pages(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
		   u32 want);
/*
 * The user's memory, pinned until the peer has acknowledged it; @pin tells him
 * then: MSG_ZEROCOPY.
 */
int ttp_fill_pinned(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
		    u32 want, struct ubuf_info *pin);

#endif
