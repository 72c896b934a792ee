// SPDX-License-Identifier: GPL-2.0
/*
 * This file lets a user send from his own memory: what he must not touch until
 * he is told is recorded here.
 */
#include "zerocopy.h"

#include <net/sock.h>

struct ubuf_info *ttp_pin(struct sock *sk, size_t len)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_write_queue);
	struct ubuf_info *pin = ttp_zerocopy_realloc(sk, len, skb_zcopy(tail));

	if (pin && !(sk->sk_route_caps & NETIF_F_SG))
		ttp_pin_copied(pin);
	return pin;
}

int ttp_set_zerocopy(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	int val;

	if (optlen < sizeof(val))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	if (val < 0 || val > 1)
		return -EINVAL;
	lock_sock(sk);
	sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
	release_sock(sk);
	return 0;
}
