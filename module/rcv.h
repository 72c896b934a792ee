/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the way in for packets: from IP to a socket.
 */
#ifndef TTP_RCV_H
#define TTP_RCV_H

#include <linux/types.h>

struct net;
struct sk_buff;
struct sock;
struct ttp_af;
struct ttp_tuple;

/* rx_ops->rcv: skb->data at our header, under RCU, in softirq; returns 0. */
int ttp_rcv(struct sk_buff *skb, const struct ttp_af *af);
/* rx_ops->err; returns 0, or -ENOENT when no connection is meant. */
int ttp_rcv_err(struct net *net, const struct ttp_tuple *t, int dif, u32 seq,
		int err, bool hard, u32 mtu);
/* proto->release_cb: timers and ICMP that came meanwhile. */
void ttp_release_cb(struct sock *sk);

#endif
