// SPDX-License-Identifier: GPL-2.0
/*
 * This file is TTP's face towards IPv6: routes, transmission, checksums, ICMP.
 */
#include <linux/icmpv6.h>
#include <linux/security.h>
#include <net/dsfield.h>
#include <net/inet_common.h>
#include <net/ip6_checksum.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/protocol.h>
#include <net/transp_v6.h>

#include "af.h"
#include "compat.h"
#include "sock.h"

static void ttp6_flow(struct flowi6 *fl6, const struct ttp_tuple *t,
		      const struct sock *sk, int oif, u32 mark, u32 txhash,
		      __be32 flowinfo)
{
	memset(fl6, 0, sizeof(*fl6));
	fl6->flowi6_proto = IPPROTO_TTP;
	fl6->daddr = t->raddr;
	fl6->saddr = t->laddr;
	fl6->flowlabel = flowinfo;
	fl6->flowi6_oif = oif;
	fl6->flowi6_mark = mark;
	fl6->fl6_dport = t->rport;
	fl6->fl6_sport = t->lport;
	fl6->flowi6_uid = ttp_sk_uid(sk);
	ttp_ip6_choose_path(sock_net(sk), fl6, txhash);
	ttp_classify_flow(sk, flowi6_to_flowi_common(fl6));
}

/*
 * The kernel holds all but TCP to 64 KB in a burst, whatever the device takes.
 * A longer one gets a hop-by-hop header of its own from some kernels, and there
 * can be one only: who has set options of his keeps to it, with their length
 * off.
 */
static void ttp6_caps(struct sock *sk, struct dst_entry *dst)
{
	u32 most = READ_ONCE(dst->dev->gso_max_size), held;
	const struct ipv6_txoptions *opt;

	sk->sk_gso_type = ttp_af6.gso_type;
	sk_setup_caps(sk, dst);
	held = sk->sk_gso_max_size;
	if (!sk_can_gso(sk) || held > GSO_LEGACY_MAX_SIZE)
		return;
	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(sk)->opt);
	if (opt)
		held -= min_t(u32, held, opt->opt_flen + opt->opt_nflen);
	else if (most > GSO_LEGACY_MAX_SIZE)
		held = most - (TTP_HEADROOM + 1);
	rcu_read_unlock();
	WRITE_ONCE(sk->sk_gso_max_size, held);
}

static int ttp6_route(struct sock *sk)
{
	struct flowi6 *fl6 = &inet_sk(sk)->cork.fl.u.ip6;
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct ttp_sock *t = ttp_sk(sk);
	struct in6_addr *final_p, final;
	struct dst_entry *dst;

	ttp6_flow(fl6, &t->h.t, sk, sk->sk_bound_dev_if, sk->sk_mark,
		  sk->sk_txhash, ip6_make_flowinfo(np->tclass, np->flow_label));
	rcu_read_lock();
	final_p = fl6_update_dst(fl6, rcu_dereference(np->opt), &final);
	rcu_read_unlock();
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, fl6, final_p);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	if (ipv6_addr_any(&t->h.t.laddr))
		t->h.t.laddr = fl6->saddr;
	t->dst_cookie = rt6_get_cookie((const struct rt6_info *)dst);
	ttp6_caps(sk, dst);
	return 0;
}

static struct dst_entry *ttp6_dst(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_check(sk, ttp_sk(sk)->dst_cookie);

	if (!dst && !ttp6_route(sk))
		dst = __sk_dst_get(sk);
	return dst;
}

static u32 ttp6_ip_len(const struct sock *sk)
{
	const struct ipv6_txoptions *opt;
	u32 len = sizeof(struct ipv6hdr);

	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(sk)->opt);
	if (opt)
		len += opt->opt_flen + opt->opt_nflen;
	rcu_read_unlock();
	return len;
}

static int ttp6_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	struct flowi6 *fl6 = &inet_sk(sk)->cork.fl.u.ip6;
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct dst_entry *dst;
	int err;

	rcu_read_lock();
	dst = ttp6_dst(sk);
	if (!dst) {
		rcu_read_unlock();
		kfree_skb(skb);
		return -EHOSTUNREACH;
	}
	skb_dst_set_noref(skb, dst);
	fl6->daddr = ttp_sk(sk)->h.t.raddr;
	err = ip6_xmit(sk, skb, fl6, sk->sk_mark, rcu_dereference(np->opt),
		       (np->tclass & ~TTP_IP_ECN) | ecn, sk->sk_priority);
	rcu_read_unlock();
	return err;
}

static struct dst_entry *ttp6_reply_route(struct net *net,
					  const struct ttp_tuple *t,
					  const struct ttp_reply_how *how,
					  struct flowi6 *fl6)
{
	const struct sock *sk = ttp_net(net)->ctl6;

	ttp6_flow(fl6, t, sk, how->oif, how->mark, how->txhash,
		  ip6_make_flowinfo(how->tos, how->label));
	return ip6_dst_lookup_flow(net, sk, fl6, NULL);
}

static int ttp6_reply(struct net *net, const struct ttp_tuple *t,
		      const struct ttp_reply_how *how, struct sk_buff *skb)
{
	struct dst_entry *dst;
	struct flowi6 fl6;

	dst = ttp6_reply_route(net, t, how, &fl6);
	if (IS_ERR(dst)) {
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	skb_dst_set(skb, dst);
	return ip6_xmit(ttp_net(net)->ctl6, skb, &fl6, how->mark, NULL,
			how->tos & ~TTP_IP_ECN, how->priority);
}

static bool ttp6_path(struct net *net, const struct ttp_tuple *t,
		      const struct ttp_reply_how *how, struct ttp_path *p)
{
	struct dst_entry *dst;
	struct flowi6 fl6;

	dst = ttp6_reply_route(net, t, how, &fl6);
	if (IS_ERR(dst))
		return false;
	ttp_path_of(dst, p);
	dst_release(dst);
	return true;
}

static __sum16 ttp6_csum(const struct ttp_tuple *t, u32 len, __wsum sum)
{
	return csum_ipv6_magic(&t->laddr, &t->raddr, len, IPPROTO_TTP, sum);
}

static bool ttp6_csum_ok(struct sk_buff *skb)
{
	return !skb_checksum_validate(skb, IPPROTO_TTP, ip6_compute_pseudo);
}

static u8 ttp6_tos(const struct sk_buff *skb)
{
	return ipv6_get_dsfield(ipv6_hdr(skb));
}

static u32 ttp6_reflect(const struct net *net, u32 mark)
{
	return IP6_REPLY_MARK(net, mark);
}

static bool ttp6_addrs(const struct sk_buff *skb, struct ttp_tuple *t)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);

	t->laddr = ip6h->daddr;
	t->raddr = ip6h->saddr;
	/* A v4-mapped address on the wire would be taken for IPv4 inside. */
	return skb->pkt_type == PACKET_HOST &&
	       !ipv6_addr_is_multicast(&ip6h->daddr) &&
	       !ipv6_addr_is_multicast(&ip6h->saddr) &&
	       !ipv6_addr_any(&ip6h->saddr) &&
	       !ipv6_addr_v4mapped(&ip6h->saddr) &&
	       !ipv6_addr_v4mapped(&ip6h->daddr);
}

static void ttp6_set_addrs(struct sock *sk)
{
	const struct ttp_tuple *t = &ttp_sk(sk)->h.t;
	struct inet_sock *inet = inet_sk(sk);

	sk->sk_v6_rcv_saddr = t->laddr;
	sk->sk_v6_daddr = t->raddr;
	inet6_sk(sk)->saddr = t->laddr;
	inet->inet_dport = t->rport;
	/* Not an IPv4 address of anybody, as TCP does it. */
	inet->inet_saddr = LOOPBACK4_IPV6;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	inet->inet_daddr = LOOPBACK4_IPV6;
}

const struct ttp_af ttp_af6 = {
	.family		= AF_INET6,
	.ip_hlen	= sizeof(struct ipv6hdr),
	.mss_default	= TTP_MSS_DEFAULT6,
	.gso_type	= SKB_GSO_TCPV6 | SKB_GSO_SCTP,
	.route		= ttp6_route,
	.dst		= ttp6_dst,
	.ip_len		= ttp6_ip_len,
	.xmit		= ttp6_xmit,
	.reply		= ttp6_reply,
	.path		= ttp6_path,
	.csum		= ttp6_csum,
	.csum_ok	= ttp6_csum_ok,
	.tos		= ttp6_tos,
	.reflect	= ttp6_reflect,
	.addrs		= ttp6_addrs,
	.set_addrs	= ttp6_set_addrs,
};

static int ttp6_rcv(struct sk_buff *skb)
{
	return ttp_rx->rcv(skb, &ttp_af6);
}

static int ttp6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type,
		    u8 code, int offset, __be32 info)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)skb->data;
	const struct ttp_hdr *th = (void *)(skb->data + offset);
	struct net *net = dev_net(skb->dev);
	struct ttp_tuple t;
	bool hard = false;
	u32 mtu = 0;
	int err;

	t.laddr = ip6h->saddr;
	t.raddr = ip6h->daddr;
	t.lport = th->sport;
	t.rport = th->dport;

	switch (type) {
	case NDISC_REDIRECT:
		ip6_redirect(skb, net, skb->dev->ifindex, 0, GLOBAL_ROOT_UID);
		return 0;
	case ICMPV6_PKT_TOOBIG:
		mtu = max_t(u32, ntohl(info), IPV6_MIN_MTU);
		err = EMSGSIZE;
		break;
	default:
		hard = icmpv6_err_convert(type, code, &err);
		break;
	}
	return ttp_rx->err(net, &t, inet6_iif(skb), ntohl(th->seq), err, hard,
			   mtu);
}

static const struct inet6_protocol ttp6_protocol = {
	.handler	= ttp6_rcv,
	.err_handler	= ttp6_err,
	.flags		= INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};

int ttp_ipv6_register(void)
{
	return inet6_add_protocol(&ttp6_protocol, IPPROTO_TTP);
}

void ttp_ipv6_unregister(void)
{
	inet6_del_protocol(&ttp6_protocol, IPPROTO_TTP);
}
