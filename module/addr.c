// SPDX-License-Identifier: GPL-2.0
/*
 * This file reads the address that connect() is given.
 */
#include <net/inet_common.h>
#include <net/ipv6.h>

#include "af.h"
#include "compat.h"
#include "sock.h"

static int ttp_sockaddr_get4(struct sock *sk, const struct sockaddr_in *sin,
			     int len)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (len < sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	ttp_addr_set_v4(&t->h.t.raddr, sin->sin_addr.s_addr ?:
			htonl(INADDR_LOOPBACK));
	ttp_addr_set_v4(&t->h.t.laddr, inet_sk(sk)->inet_saddr);
	t->h.t.rport = sin->sin_port;
	t->af = &ttp_af4;
	return 0;
}

/* A link-local peer is on the link that its scope names. */
static int ttp_sockaddr_scope(struct sock *sk, const struct sockaddr_in6 *sin6)
{
	if (!(ipv6_addr_type(&sin6->sin6_addr) & IPV6_ADDR_LINKLOCAL))
		return 0;
	if (sin6->sin6_scope_id) {
		if (sk->sk_bound_dev_if &&
		    sk->sk_bound_dev_if != sin6->sin6_scope_id)
			return -EINVAL;
		sk->sk_bound_dev_if = sin6->sin6_scope_id;
	}
	return sk->sk_bound_dev_if ? 0 : -EINVAL;
}

/* A flow label that the program asks for (IPV6_FLOWINFO_SEND) must be its own. */
static int ttp_sockaddr_label(struct sock *sk, const struct sockaddr_in6 *sin6)
{
	struct ip6_flowlabel *fl;
	__be32 label = 0;

	if (ttp_sndflow(sk))
		label = sin6->sin6_flowinfo & IPV6_FLOWLABEL_MASK;
	if (label) {
		fl = fl6_sock_lookup(sk, label);
		if (IS_ERR(fl))
			return -EINVAL;
		fl6_sock_release(fl);
	}
	inet6_sk(sk)->flow_label = label;
	return 0;
}

static int ttp_sockaddr_get6(struct sock *sk, const struct sockaddr_in6 *sin6,
			     int len)
{
	struct ttp_sock *t = ttp_sk(sk);
	int err;

	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	if (sin6->sin6_family != AF_INET6)
		return -EAFNOSUPPORT;
	if (ipv6_addr_is_multicast(&sin6->sin6_addr))
		return -ENETUNREACH;
	t->h.t.raddr = sin6->sin6_addr;
	t->h.t.laddr = sk->sk_v6_rcv_saddr;
	t->h.t.rport = sin6->sin6_port;

	if (ipv6_addr_v4mapped(&sin6->sin6_addr)) {
		if (sk->sk_ipv6only)
			return -ENETUNREACH;
		if (ipv6_addr_any(&t->h.t.laddr))
			ttp_addr_set_v4(&t->h.t.laddr, 0);
		else if (!ipv6_addr_v4mapped(&t->h.t.laddr))
			return -EINVAL;
		if (!ttp_addr_v4(&t->h.t.raddr))
			ttp_addr_set_v4(&t->h.t.raddr, htonl(INADDR_LOOPBACK));
		t->af = &ttp_af4;
		return 0;
	}
	if (ipv6_addr_v4mapped(&t->h.t.laddr))
		return -EINVAL;
	if (ipv6_addr_any(&t->h.t.raddr))
		t->h.t.raddr = in6addr_loopback;
	err = ttp_sockaddr_scope(sk, sin6);
	if (!err)
		err = ttp_sockaddr_label(sk, sin6);
	if (err)
		return err;
	t->af = &ttp_af6;
	return 0;
}

int ttp_sockaddr_get(struct sock *sk, const void *uaddr, int len)
{
	if (sk->sk_family == AF_INET6)
		return ttp_sockaddr_get6(sk, uaddr, len);
	return ttp_sockaddr_get4(sk, uaddr, len);
}
