/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the retransmission queue: what was sent and is not
 * acknowledged, ordered by sequence number and by the time of sending, with
 * what is known about each piece.  The socket is locked.
 */
#ifndef TTP_RTX_H
#define TTP_RTX_H

#include <linux/rbtree.h>
#include <linux/skbuff.h>

#include "sock.h"

/* In ascending order of sequence numbers; NULL at the end. */
static inline struct sk_buff *ttp_rtx_first(const struct ttp_sock *t)
{
	struct rb_node *n = rb_first(&t->rtx);

	return n ? rb_to_skb(n) : NULL;
}

static inline struct sk_buff *ttp_rtx_last(const struct ttp_sock *t)
{
	struct rb_node *n = rb_last(&t->rtx);

	return n ? rb_to_skb(n) : NULL;
}

static inline struct sk_buff *ttp_rtx_next(const struct sk_buff *skb)
{
	struct rb_node *n = rb_next(&skb->rbnode);

	return n ? rb_to_skb(n) : NULL;
}

/* The piece that holds @seq, or the first behind it. */
struct sk_buff *ttp_rtx_at(const struct ttp_sock *t, u32 seq);

/* Segments in the network: sent, not SACKed, not thought lost. */
static inline u32 ttp_in_flight(const struct ttp_sock *t)
{
	return t->packets_out - t->sacked_out - t->lost_out + t->retrans_out;
}

/* @skb, not in a queue, was sent just now: into both orders, and counted. */
void ttp_rtx_add(struct ttp_sock *t, struct sk_buff *skb);
/* Out of everything and freed. */
void ttp_rtx_drop(struct sock *sk, struct sk_buff *skb);
/* It was sent again just now. */
void ttp_rtx_again(struct ttp_sock *t, struct sk_buff *skb);
void ttp_rtx_purge(struct sock *sk);

/* Not in flight any more: neither lost nor repeated. */
void ttp_rtx_settle(struct ttp_sock *t, struct sk_buff *skb);
void ttp_rtx_mark_lost(struct ttp_sock *t, struct sk_buff *skb);
void ttp_rtx_mark_sacked(struct ttp_sock *t, struct sk_buff *skb);
/* RFC 2018 8: the receiver may have thrown away what it had reported. */
void ttp_rtx_forget_sacks(struct ttp_sock *t);
/* An undo: nothing counts as lost; repetitions are still under way. */
void ttp_rtx_forget_losses(struct ttp_sock *t);

/*
 * Keep @len bytes in @skb, the rest follows it, in the same state. -ENOMEM: no
 * memory, or the queue costs too much already and this is not its first.
 */
int ttp_rtx_split(struct sock *sk, struct sk_buff *skb, u32 len);
/* The first @len bytes are acknowledged.  Returns the segments that went. */
u32 ttp_rtx_trim(struct sock *sk, struct sk_buff *skb, u32 len);
/*
 * Segments of more than @mss bytes did not fit, nor did bursts of more than
 * @burst, and are lost; false: there are none.
 */
bool ttp_rtx_shrink(struct ttp_sock *t, u32 mss, u32 burst);
/* Count the segments of @skb anew, for segments of @mss bytes. */
void ttp_rtx_recount(struct ttp_sock *t, struct sk_buff *skb, u32 mss);

#endif
