/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the skbs of the send side and their memory.  All functions
 * want the socket locked.
 */
#ifndef TTP_TXQ_H
#define TTP_TXQ_H

#include <linux/types.h>

struct sk_buff;
struct sock;

/* May what is to be sent grow by @bytes? */
bool ttp_tx_room(struct sock *sk, u32 bytes);
/* An empty skb for the tail of the write queue, not linked; NULL: no memory. */
struct sk_buff *ttp_tx_alloc(struct sock *sk, gfp_t gfp);
void ttp_tx_queue(struct sock *sk, struct sk_buff *skb);
/* Unlink from sk_write_queue and free, giving the memory back. */
void ttp_tx_unqueue(struct sock *sk, struct sk_buff *skb);
void ttp_tx_free(struct sock *sk, struct sk_buff *skb);
/*
 * The same, but what it was charged stays with @sk until ttp_mem_trim(): often
 * the data behind the ACK needs it, and pages need not go back and forth.
 */
void ttp_tx_free_acked(struct sock *sk, struct sk_buff *skb);
/* All of the write queue. */
void ttp_tx_purge(struct sock *sk);
/* Forget the first @len bytes of a queued skb.  -ENOMEM: it stays whole. */
int ttp_tx_trim(struct sock *sk, struct sk_buff *skb, u32 len);
/* Cut behind @len bytes; returns the rest, charged, not queued.  NULL: no memory. */
struct sk_buff *ttp_tx_cut(struct sock *sk, struct sk_buff *skb, u32 len);
/* Make the head of the write queue so long; NULL: it is not, and nothing is lost. */
struct sk_buff *ttp_tx_gather(struct sock *sk, u32 len);

#endif
