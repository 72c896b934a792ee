// SPDX-License-Identifier: GPL-2.0
/*
 * This file spreads connections over CPUs, queues and paths, and tells the
 * kernel where the reader of each of them is.
 *
 * Whoever spreads flows (RPS, queues of a device, bonding, routers that look at
 * IPv6's flow label) goes by the hash of a packet.  For a protocol that the
 * kernel knows it is made of the ports; of ours it would see two addresses, so
 * all connections of two hosts would be one flow.  Therefore a connection, or
 * the request that becomes one, draws a number (sk_txhash) that each of its
 * packets carries, as with TCP.  On the same machine the receiver's side sees
 * it as well.
 */
#include "steer.h"

#include <linux/skbuff.h>
#include <net/busy_poll.h>

#include "compat.h"
#include "sock.h"

void ttp_steer_heard(struct sock *sk, const struct sk_buff *skb)
{
	/* All of them compare before they write. */
	sk_incoming_cpu_update(sk);
	sk_mark_napi_id(sk, skb);
	sock_rps_save_rxhash(sk, skb);
}

bool ttp_steer_anew(struct sock *sk)
{
	if (!ttp_rethink_txhash(sk))
		return false;
	ttp_sk(sk)->rehashes++;
	return true;
}

int ttp_steer_choose(struct sock *sk, int rehash)
{
	if (rehash < -1 || rehash > SOCK_TXREHASH_ENABLED)
		return -EINVAL;
	if (rehash < 0)
		rehash = READ_ONCE(sock_net(sk)->core.sysctl_txrehash);
	WRITE_ONCE(sk->sk_txrehash, rehash);
	return 0;
}

void ttp_steer_poll(struct sock *sk, bool nonblock)
{
	if (sk_can_busy_loop(sk) && sk->sk_state == TCP_ESTABLISHED &&
	    skb_queue_empty_lockless(&sk->sk_receive_queue))
		sk_busy_loop(sk, nonblock);
}

void ttp_steer_over(struct sock *sk)
{
	ttp_rps_forget(sk);
}
