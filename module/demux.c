// SPDX-License-Identifier: GPL-2.0
/*
 * This file finds the socket of a packet before IP looks for its route: a
 * connection remembers the one by which its packets come.
 *
 * IP does so for TCP and UDP only, and asks nobody else.  Netfilter's last hook
 * before routing is at the same place: address translation and whatever else may
 * change a packet is done.  A hook costs every packet of the namespace a few
 * dozen instructions, so there is none before there is a socket.
 */
#include "demux.h"

#include <linux/mutex.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>

#include "af.h"
#include "compat.h"
#include "req.h"
#include "sock.h"
#include "timewait.h"

void ttp_found_put(struct ttp_hnode *h)
{
	switch ((enum ttp_hkind)h->kind) {
	case TTP_H_SOCK:
		sock_put(ttp_to_sk(ttp_h_sock(h)));
		break;
	case TTP_H_REQ:
		ttp_req_put(ttp_h_req(h));
		break;
	case TTP_H_TW:
		ttp_tw_put(ttp_h_tw(h));
		break;
	}
}

/* Whoever frees a packet before it reaches us. */
static void ttp_demux_free(struct sk_buff *skb)
{
	sock_put(skb->sk);
}

struct sock *ttp_demux_take(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	if (!sk || skb->destructor != ttp_demux_free)
		return NULL;
	skb->sk = NULL;
	skb->destructor = NULL;
	return sk;
}

static void ttp_demux_route(const struct sock *sk, const struct ttp_af *af,
			    struct sk_buff *skb)
{
	struct dst_entry *dst = rcu_dereference(sk->sk_rx_dst);

	if (!dst || dst->ops->family != af->family ||
	    READ_ONCE(sk->sk_rx_dst_ifindex) != skb->skb_iif)
		return;
	dst = dst_check(dst, READ_ONCE(sk->sk_rx_dst_cookie));
	if (!dst)
		return;
	skb_dst_set_noref(skb, dst);
	ttp_mib_inc(sock_net(sk), TTP_MIB_EARLYDEMUX);
}

/* A packet for us whose header is @hlen behind IP's, not a fragment. */
static void ttp_demux(struct net *net, const struct ttp_af *af,
		      struct sk_buff *skb, u32 hlen)
{
	const struct ttp_hdr *th;
	struct ttp_hdr copy;
	struct ttp_hnode *h;
	struct ttp_tuple t;
	struct sock *sk;

	/* Who is enslaved to a VRF gets another device before it is routed. */
	if (skb->sk || skb_dst(skb) || netif_is_l3_slave(skb->dev))
		return;
	th = skb_header_pointer(skb, skb_network_offset(skb) + hlen,
				sizeof(copy), &copy);
	if (!th || !af->addrs(skb, &t))
		return;
	t.lport = th->dport;
	t.rport = th->sport;
	h = ttp_hash_lookup(net, &t, skb->dev->ifindex);
	if (!h)
		return;
	if (h->kind != TTP_H_SOCK) {
		ttp_found_put(h);
		return;
	}
	sk = ttp_to_sk(ttp_h_sock(h));
	skb->sk = sk;
	skb->destructor = ttp_demux_free;
	ttp_demux_route(sk, af, skb);
}

static unsigned int ttp_demux4(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (iph->protocol == IPPROTO_TTP && !ip_is_fragment(iph))
		ttp_demux(state->net, &ttp_af4, skb, iph->ihl * 4);
	return NF_ACCEPT;
}

/*
 * How far IPv6's headers reach, 0: it is not for us.  IP has looked at the
 * hop-by-hop header, where a burst of more than 64 KB has its length.
 */
static u32 ttp_demux6_hlen(const struct sk_buff *skb)
{
	const u8 *ip = skb_network_header(skb);

	if (ipv6_hdr(skb)->nexthdr == IPPROTO_TTP)
		return sizeof(struct ipv6hdr);
	if (inet6_is_jumbogram(skb) && ip[IP6CB(skb)->nhoff] == IPPROTO_TTP)
		return skb_network_header_len(skb);
	return 0;
}

static unsigned int ttp_demux6(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	u32 hlen = ttp_demux6_hlen(skb);

	if (hlen)
		ttp_demux(state->net, &ttp_af6, skb, hlen);
	return NF_ACCEPT;
}

static const struct nf_hook_ops ttp_demux_hooks[] = {
	{
		.hook	  = ttp_demux4,
		.pf	  = NFPROTO_IPV4,
		.hooknum  = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook	  = ttp_demux6,
		.pf	  = NFPROTO_IPV6,
		.hooknum  = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_LAST,
	},
};

/* Protects ttp_net.demux_hooked of all namespaces. */
static DEFINE_MUTEX(ttp_demux_lock);

void ttp_demux_want(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);

	if (READ_ONCE(tn->demux_hooked) || !READ_ONCE(tn->sysctl.early_demux))
		return;
	mutex_lock(&ttp_demux_lock);
	/* Looked at again: who has just written 0 has to find no hook, or this. */
	if (!tn->demux_hooked && READ_ONCE(tn->sysctl.early_demux) &&
	    !nf_register_net_hooks(net, ttp_demux_hooks,
				   ARRAY_SIZE(ttp_demux_hooks)))
		WRITE_ONCE(tn->demux_hooked, true);
	mutex_unlock(&ttp_demux_lock);
}

void ttp_demux_stop(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);

	mutex_lock(&ttp_demux_lock);
	if (tn->demux_hooked)
		nf_unregister_net_hooks(net, ttp_demux_hooks,
					ARRAY_SIZE(ttp_demux_hooks));
	WRITE_ONCE(tn->demux_hooked, false);
	mutex_unlock(&ttp_demux_lock);
}

void ttp_demux_learn(struct sock *sk, const struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb), *old;

	old = rcu_dereference_protected(sk->sk_rx_dst,
					lockdep_is_held(&sk->sk_lock.slock));
	if (dst == old && sk->sk_rx_dst_ifindex == skb->skb_iif)
		return;
	if (!dst || !dst_hold_safe(dst))
		return;
	WRITE_ONCE(sk->sk_rx_dst_ifindex, skb->skb_iif);
	WRITE_ONCE(sk->sk_rx_dst_cookie, dst->ops->family == AF_INET6 ?
		   rt6_get_cookie((struct rt6_info *)dst) : 0);
	rcu_assign_pointer(sk->sk_rx_dst, dst);
	dst_release(old);
}

void ttp_demux_forget(struct sock *sk)
{
	dst_release(unrcu_pointer(xchg(&sk->sk_rx_dst, NULL)));
}
