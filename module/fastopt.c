// SPDX-License-Identifier: GPL-2.0
/*
 * This file sets the socket options of Fast Open.
 */
#include "fastopt.h"

#include <linux/tcp.h>

#include "accept.h"
#include "fastkey.h"
#include "fastqueue.h"
#include "sock.h"

static const u32 ttp_idle = TTPF(CLOSE) | TTPF(LISTEN);

/* A boolean of a socket that is not connected. */
static int ttp_fast_flag(const struct sock *sk, u32 states, int val)
{
	if (val < 0 || val > 1 || !ttp_state_in(sk, states))
		return -EINVAL;
	return 0;
}

int ttp_set_fast(struct sock *sk, int optname, int val)
{
	u32 bits = ttp_sysctl_get(sock_net(sk), fastopen);
	struct ttp_sock *t = ttp_sk(sk);
	int err;

	switch (optname) {
	case TCP_FASTOPEN:
		if (val < 0 || !ttp_state_in(sk, ttp_idle))
			return -EINVAL;
		if (!ttp_listener_of(sk))
			return -ENOMEM;
		ttp_fast_limit(sk, val);
		return 0;
	case TCP_FASTOPEN_CONNECT:
		err = ttp_fast_flag(sk, TTPF(CLOSE), val);
		if (!err && !(bits & TTP_FO_CLIENT))
			err = -EOPNOTSUPP;
		if (!err)
			t->fo_connect = val;
		return err;
	default:	/* TCP_FASTOPEN_NO_COOKIE */
		err = ttp_fast_flag(sk, ttp_idle, val);
		if (!err)
			t->fo_free = val;
		return err;
	}
}

int ttp_set_fast_key(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	u8 keys[TTP_FO_KEYS][TTP_FO_KEY];
	struct ttp_listener *l;

	if (optlen != TTP_FO_KEY && optlen != sizeof(keys))
		return -EINVAL;
	if (copy_from_sockptr(keys, optval, optlen))
		return -EFAULT;
	lock_sock(sk);
	l = ttp_listener_of(sk);
	if (l)
		ttp_fast_keys_set(&l->fast_keys, keys, optlen / TTP_FO_KEY);
	release_sock(sk);
	return l ? 0 : -ENOMEM;
}

int ttp_get_fast_key(struct sock *sk, u8 keys[TTP_FO_KEYS][TTP_FO_KEY])
{
	struct ttp_listener *l;
	u32 nr = 0;

	lock_sock(sk);
	l = ttp_sk(sk)->listener;
	if (l)
		nr = ttp_fast_keys_get(&l->fast_keys, keys);
	release_sock(sk);
	return nr * TTP_FO_KEY;
}
