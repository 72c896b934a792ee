/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how a packet finds its socket before its route.
 */
#ifndef TTP_DEMUX_H
#define TTP_DEMUX_H

struct net;
struct sk_buff;
struct sock;
struct ttp_hnode;

/*
 * A namespace has its hooks from its first socket on, unless sysctl early_demux
 * says no.  Without memory for them it goes on without.  May sleep.
 */
void ttp_demux_want(struct net *net);
void ttp_demux_stop(struct net *net);

/* The socket that was found for @skb, with its reference; NULL: none was. */
struct sock *ttp_demux_take(struct sk_buff *skb);
/* Remember the route by which @skb came.  By who holds the lock; under RCU. */
void ttp_demux_learn(struct sock *sk, const struct sk_buff *skb);
void ttp_demux_forget(struct sock *sk);

/* Give back what ttp_hash_lookup() has found. */
void ttp_found_put(struct ttp_hnode *h);

#endif
