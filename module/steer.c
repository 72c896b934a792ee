// SPDX-License-Identifier: GPL-2.0
/*
 * This file spreads connections over CPUs, queues and paths.
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

#include <net/sock.h>

#include "compat.h"
#include "sock.h"

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
