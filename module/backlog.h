/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares where segments wait while a process owns the socket.
 */
#ifndef TTP_BACKLOG_H
#define TTP_BACKLOG_H

struct sk_buff;
struct sock;
struct ttp_seg;

/*
 * @skb, at its payload, has to wait, or is dropped where too much waits
 * already; bh_lock_sock() is held.
 */
void ttp_backlog_add(struct sock *sk, struct sk_buff *skb,
		     const struct ttp_seg *seg);
/* proto->backlog_rcv: the process lets go. */
int ttp_backlog_rcv(struct sock *sk, struct sk_buff *skb);

#endif
