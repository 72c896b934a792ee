/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the way of user data from the write queue to the wire.
 * All functions want the socket locked; only run.c sends through them.
 */
#ifndef TTP_OUTPUT_H
#define TTP_OUTPUT_H

#include <linux/types.h>

struct sk_buff;
struct sk_buff_head;
struct sock;

/* An empty skb for the tail of the write queue, not linked; NULL: no memory. */
struct sk_buff *ttp_tx_alloc(struct sock *sk, gfp_t gfp);
void ttp_tx_queue(struct sock *sk, struct sk_buff *skb);
/* Unlink from sk_write_queue and free, giving the memory back. */
void ttp_tx_unqueue(struct sock *sk, struct sk_buff *skb);
void ttp_tx_free(struct sock *sk, struct sk_buff *skb);
void ttp_tx_purge(struct sock *sk);
/* Forget the first @len bytes of a queued skb.  -ENOMEM: it stays whole. */
int ttp_tx_trim(struct sock *sk, struct sk_buff *skb, u32 len);

/* Send what windows, Nagle and congestion control allow. */
void ttp_push(struct sock *sk, u64 now);
/* Send again what the timer or the ACKs say is lost. */
void ttp_retransmit(struct sock *sk, u64 now);
/* Probe a closed window with the next byte, or an idle peer with none. */
void ttp_probe(struct sock *sk, u64 now);

#endif
