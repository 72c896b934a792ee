/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the receive side's queues: data in order for the reader,
 * data out of order until the hole before it is filled.
 */
#ifndef TTP_RCVQ_H
#define TTP_RCVQ_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct ttp_seg;
struct ttp_todo;

/*
 * Take the payload and FIN of an acceptable segment; consumes @skb, whose data
 * starts at the payload.  Returns true when the peer's FIN is now in sequence
 * (rcv_nxt counts it already).
 */
bool ttp_rcvq_add(struct sock *sk, struct sk_buff *skb,
		  const struct ttp_seg *seg, u64 now, struct ttp_todo *todo);
/* The reader has taken all before @upto. */
void ttp_rcvq_eat(struct sock *sk, u32 upto);

/* A segment has come whose sequence numbers, all or some, had come before. */
void ttp_rcvq_note_dup(struct sock *sk, const struct ttp_seg *seg);

#endif
