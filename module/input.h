/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what a segment, a timer or an ICMP message does to one
 * locked socket.
 */
#ifndef TTP_INPUT_H
#define TTP_INPUT_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct ttp_seg;

/*
 * Process a segment; consumes @skb, whose data starts at the payload.  Socket
 * locked and not owned by a process.
 */
void ttp_input(struct sock *sk, struct sk_buff *skb, const struct ttp_seg *seg);
/* The same for the SYN that has made @sk a moment ago (Fast Open). */
void ttp_input_opened(struct sock *sk, struct sk_buff *skb,
		      const struct ttp_seg *syn);
/* timer_ops->expired */
void ttp_input_expired(struct sock *sk, u32 expired, u64 now);
/* Is what an ICMP message quotes under way? @mtu as in rx_ops->err. */
bool ttp_input_in_flight(const struct sock *sk, u32 seq, u32 mtu);
/* An ICMP error about something in flight. */
void ttp_input_icmp(struct sock *sk, int err);
/* The path MTU has fallen to @mtu, a message about the segment @seq says. */
void ttp_input_pmtu(struct sock *sk, u32 seq, u32 mtu);

#endif
