/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the way of user data from the write queue to the wire.
 * All functions want the socket locked; only run.c sends through them.
 */
#ifndef TTP_OUTPUT_H
#define TTP_OUTPUT_H

#include <linux/skbuff.h>

#include "sock.h"

/* Send what windows, Nagle and congestion control allow. */
void ttp_push(struct sock *sk, u64 now);
/* Send again what is no data: SYN, FIN.  What is lost, ttp_push() repeats. */
void ttp_retransmit(struct sock *sk);
/* Our SYN; the first one takes queued data along. */
void ttp_push_syn(struct sock *sk, u64 now);
/* Everything in flight once more: the peer has not taken it. */
void ttp_push_again(struct sock *sk, u64 now);
/* Up to @segs new segments, whatever congestion control says. */
void ttp_push_new(struct sock *sk, u32 segs, u64 now);
/* A tail loss probe: a new segment, or the last one again (RFC 8985 7.3). */
void ttp_probe_tail(struct sock *sk, u64 now);
/* Is there anything that ttp_push() could send, if it may? */
static inline bool ttp_has_to_send(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);

	return !skb_queue_empty(&sk->sk_write_queue) || t->lost_out ||
	       (t->fin_queued && !t->fin_sent);
}

/* Is there new data, and does the peer's window have room? */
bool ttp_can_send_new(const struct sock *sk);
/* Probe a closed window with the next byte, or an idle peer with none. */
void ttp_probe(struct sock *sk, u64 now);

#endif
