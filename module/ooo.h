/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the tree of received data that waits for a hole before it
 * to be filled.  No entry lies within another.
 */
#ifndef TTP_OOO_H
#define TTP_OOO_H

#include <linux/skbuff.h>
#include "sock.h"

static inline struct sk_buff *ttp_ooo_first(const struct ttp_sock *t)
{
	struct rb_node *n = rb_first(&t->ooo);

	return n ? rb_to_skb(n) : NULL;
}

static inline struct sk_buff *ttp_ooo_next(const struct sk_buff *skb)
{
	struct rb_node *n = rb_next(&skb->rbnode);

	return n ? rb_to_skb(n) : NULL;
}

/* Past the last byte of @skb, FIN included. */
static inline u32 ttp_ooo_end(const struct sk_buff *skb)
{
	return TTP_CB(skb)->end_seq + !!(TTP_CB(skb)->flags & TTP_FIN);
}

/* Take @skb out, and free it or not. */
void ttp_ooo_unlink(struct ttp_sock *t, struct sk_buff *skb);
void ttp_ooo_free(struct sock *sk, struct sk_buff *skb);

/* Put @skb, whose memory is charged or not, in; false: it is in already. */
bool ttp_ooo_insert(struct sock *sk, struct sk_buff *skb, bool charged);

/* All of it, and what is reported of it. */
void ttp_ooo_purge(struct sock *sk);

#endif
