// SPDX-License-Identifier: GPL-2.0
/*
 * This file is TTP's face towards IPv4: routes, transmission, checksums, ICMP.
 */
#include <linux/icmp.h>
#include <linux/security.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/protocol.h>
#include <net/route.h>

#include "af.h"
#include "compat.h"
#include "sock.h"

static struct rtable *ttp4_flow(struct net *net, const struct ttp_tuple *t,
				struct flowi4 *fl4, const struct sock *sk,
				int oif, u32 mark, u8 tos, __be32 hop)
{
	flowi4_init_output(fl4, oif, mark, tos & INET_DSCP_MASK,
			   RT_SCOPE_UNIVERSE, IPPROTO_TTP,
			   inet_sk_flowi_flags(sk), hop, ttp_addr_v4(&t->laddr),
			   t->rport, t->lport, ttp_sk_uid(sk));
	ttp_classify_flow(sk, flowi4_to_flowi_common(fl4));
	return ip_route_output_flow(net, fl4, sk);
}

/* The first hop: the destination, unless a source route says otherwise. */
static __be32 ttp4_first_hop(const struct sock *sk, __be32 daddr)
{
	struct ip_options_rcu *opt;

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	if (opt && opt->opt.srr)
		daddr = opt->opt.faddr;
	rcu_read_unlock();
	return daddr;
}

static int ttp4_route(struct sock *sk)
{
	struct flowi4 *fl4 = &inet_sk(sk)->cork.fl.u.ip4;
	struct ttp_sock *t = ttp_sk(sk);
	struct rtable *rt;

	rt = ttp4_flow(sock_net(sk), &t->h.t, fl4, sk, sk->sk_bound_dev_if,
		       sk->sk_mark, inet_sk(sk)->tos,
		       ttp4_first_hop(sk, ttp_addr_v4(&t->h.t.raddr)));
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	if (rt->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
		ip_rt_put(rt);
		return -ENETUNREACH;
	}
	if (!ttp_addr_v4(&t->h.t.laddr))
		ttp_addr_set_v4(&t->h.t.laddr, fl4->saddr);
	sk->sk_gso_type = ttp_af4.gso_type;
	sk_setup_caps(sk, &rt->dst);
	return 0;
}

static struct dst_entry *ttp4_dst(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_check(sk, 0);

	if (!dst && !ttp4_route(sk))
		dst = __sk_dst_get(sk);
	return dst;
}

static u32 ttp4_ip_len(const struct sock *sk)
{
	const struct ip_options_rcu *opt;
	u32 len = sizeof(struct iphdr);

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	if (opt)
		len += opt->opt.optlen;
	rcu_read_unlock();
	return len;
}

static int ttp4_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	return __ip_queue_xmit(sk, skb, &inet_sk(sk)->cork.fl,
			       (inet_sk(sk)->tos & ~TTP_IP_ECN) | ecn);
}

/*
 * RFC 9293 MUST-53: a return route is what the route has recorded, in reverse,
 * with its sender as the last.  Of an option that IP let pass everything but
 * its end may be wrong.  A sender who has recorded himself as the first router
 * is not called on twice (RFC 1122 3.2.1.8, case B).
 */
static bool ttp4_way_back(const struct sk_buff *skb, struct ttp_way *way)
{
	const struct ip_options *ip = &IPCB(skb)->opt;
	const struct iphdr *iph = ip_hdr(skb);
	const u8 *from = (const u8 *)iph + ip->srr;
	u8 *to = way->option;
	u32 past, n, i;

	if (!ip->srr)
		return false;
	past = min(from[2], from[1] + 1);
	n = past < IPOPT_MINOFF ? 0 : (past - IPOPT_MINOFF) / 4;
	if (n && !memcmp(from + 3, &iph->saddr, 4)) {
		from += 4;
		n--;
	}
	if (!n)
		return false;
	memset(way, 0, sizeof(*way));
	way->strict = ip->is_strictroute;
	to[0] = way->strict ? IPOPT_SSRR : IPOPT_LSRR;
	to[1] = 3 + 4 * n;
	to[2] = IPOPT_MINOFF;
	memcpy(&way->first, from + 3 + 4 * (n - 1), 4);
	for (i = 1; i < n; i++)
		memcpy(to + 3 + 4 * (i - 1), from + 3 + 4 * (n - 1 - i), 4);
	memcpy(to + 3 + 4 * (n - 1), &iph->saddr, 4);
	way->len = ALIGN(to[1], 4);
	return true;
}

static bool ttp4_take_way(struct sock *sk, const struct ttp_way *way)
{
	struct ip_options_rcu *opt;

	opt = kzalloc(sizeof(*opt) + sizeof(way->option),
		      GFP_ATOMIC | __GFP_NOWARN);
	if (!opt)
		return false;
	opt->opt.faddr = way->first;
	opt->opt.is_strictroute = way->strict;
	opt->opt.srr = sizeof(struct iphdr);
	opt->opt.optlen = way->len;
	memcpy(opt->opt.__data, way->option, way->len);
	rcu_assign_pointer(inet_sk(sk)->inet_opt, opt);
	return true;
}

/* A way may lead neither to a group nor by a router that it does not name. */
static bool ttp4_way_is_barred(const struct ttp_way *way,
			       const struct rtable *rt)
{
	return (rt->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) ||
	       (way->strict && rt->rt_uses_gateway);
}

static struct rtable *ttp4_reply_route(struct net *net,
				       const struct ttp_tuple *t,
				       const struct ttp_reply_how *how,
				       struct flowi4 *fl4)
{
	const struct ttp_way *way = how->way;
	struct rtable *rt;

	rt = ttp4_flow(net, t, fl4, ttp_net(net)->ctl4, how->oif, how->mark,
		       how->tos, way ? way->first : ttp_addr_v4(&t->raddr));
	if (!way || IS_ERR(rt) || !ttp4_way_is_barred(way, rt))
		return rt;
	ip_rt_put(rt);
	return ERR_PTR(-EHOSTUNREACH);
}

/*
 * ip_queue_xmit() would take mark and priority from the socket, which all
 * replies of the namespace share.
 */
static int ttp4_reply(struct net *net, const struct ttp_tuple *t,
		      const struct ttp_reply_how *how, struct sk_buff *skb)
{
	struct sock *sk = ttp_net(net)->ctl4;
	u32 options = 0;
	struct flowi4 fl4;
	struct iphdr *iph;
	struct rtable *rt;

	rt = ttp4_reply_route(net, t, how, &fl4);
	if (IS_ERR(rt)) {
		kfree_skb(skb);
		return PTR_ERR(rt);
	}
	skb_dst_set(skb, &rt->dst);
	if (how->way) {
		options = how->way->len;
		memcpy(skb_push(skb, options), how->way->option, options);
	}
	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	memset(iph, 0, sizeof(*iph));
	iph->version = 4;
	iph->ihl = (sizeof(*iph) + options) / 4;
	iph->tos = how->tos & ~TTP_IP_ECN;
	if (ip_dont_fragment(sk, &rt->dst))
		iph->frag_off = htons(IP_DF);
	iph->ttl = ip4_dst_hoplimit(&rt->dst);
	iph->protocol = IPPROTO_TTP;
	iph->saddr = fl4.saddr;
	iph->daddr = fl4.daddr;
	ip_select_ident(net, skb, sk);
	skb->priority = how->priority;
	skb->mark = how->mark;
	return ip_local_out(net, sk, skb);
}

static bool ttp4_path(struct net *net, const struct ttp_tuple *t,
		      const struct ttp_reply_how *how, struct ttp_path *p)
{
	struct flowi4 fl4;
	struct rtable *rt;

	rt = ttp4_reply_route(net, t, how, &fl4);
	if (IS_ERR(rt))
		return false;
	ttp_path_of(&rt->dst, p);
	ip_rt_put(rt);
	return true;
}

static __sum16 ttp4_csum(const struct ttp_tuple *t, u32 len, __wsum sum)
{
	return csum_tcpudp_magic(ttp_addr_v4(&t->laddr), ttp_addr_v4(&t->raddr),
				 len, IPPROTO_TTP, sum);
}

static bool ttp4_csum_ok(struct sk_buff *skb)
{
	return !skb_checksum_validate(skb, IPPROTO_TTP, inet_compute_pseudo);
}

static u8 ttp4_tos(const struct sk_buff *skb)
{
	return ip_hdr(skb)->tos;
}

static u32 ttp4_reflect(const struct net *net, u32 mark)
{
	return IP4_REPLY_MARK(net, mark);
}

static bool ttp4_addrs(const struct sk_buff *skb, struct ttp_tuple *t)
{
	const struct iphdr *iph = ip_hdr(skb);

	ttp_addr_set_v4(&t->laddr, iph->daddr);
	ttp_addr_set_v4(&t->raddr, iph->saddr);
	return skb->pkt_type == PACKET_HOST && !ipv4_is_multicast(iph->daddr) &&
	       !ipv4_is_lbcast(iph->daddr) && !ipv4_is_multicast(iph->saddr) &&
	       !ipv4_is_lbcast(iph->saddr);
}

static void ttp4_set_addrs(struct sock *sk)
{
	const struct ttp_tuple *t = &ttp_sk(sk)->h.t;
	struct inet_sock *inet = inet_sk(sk);

	inet->inet_saddr = ttp_addr_v4(&t->laddr);
	inet->inet_rcv_saddr = inet->inet_saddr;
	inet->inet_daddr = ttp_addr_v4(&t->raddr);
	inet->inet_dport = t->rport;
	if (sk->sk_family == AF_INET6) {
		sk->sk_v6_rcv_saddr = t->laddr;
		sk->sk_v6_daddr = t->raddr;
		inet6_sk(sk)->saddr = t->laddr;
	}
}

const struct ttp_af ttp_af4 = {
	.family		= AF_INET,
	.ip_hlen	= sizeof(struct iphdr),
	.mss_default	= TTP_MSS_DEFAULT,
	.gso_type	= SKB_GSO_TCPV4 | SKB_GSO_SCTP,
	.route		= ttp4_route,
	.dst		= ttp4_dst,
	.ip_len		= ttp4_ip_len,
	.xmit		= ttp4_xmit,
	.reply		= ttp4_reply,
	.path		= ttp4_path,
	.csum		= ttp4_csum,
	.csum_ok	= ttp4_csum_ok,
	.way_back	= ttp4_way_back,
	.take_way	= ttp4_take_way,
	.tos		= ttp4_tos,
	.reflect	= ttp4_reflect,
	.addrs		= ttp4_addrs,
	.set_addrs	= ttp4_set_addrs,
};

static int ttp4_rcv(struct sk_buff *skb)
{
	return ttp_rx->rcv(skb, &ttp_af4);
}

/* The quoted packet is one of ours: its source is our end. */
static int ttp4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct ttp_hdr *th = (void *)(skb->data + iph->ihl * 4);
	struct net *net = dev_net(skb->dev);
	u8 type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	bool hard = false;
	struct ttp_tuple t;
	u32 mtu = 0;
	int err;

	ttp_addr_set_v4(&t.laddr, iph->saddr);
	ttp_addr_set_v4(&t.raddr, iph->daddr);
	t.lport = th->sport;
	t.rport = th->dport;

	switch (type) {
	case ICMP_REDIRECT:
		ipv4_redirect(skb, net, 0, IPPROTO_TTP);
		return 0;
	case ICMP_DEST_UNREACH:
		if (code > NR_ICMP_UNREACH)
			return 0;
		err = icmp_err_convert[code].errno;
		hard = icmp_err_convert[code].fatal;
		if (code == ICMP_FRAG_NEEDED)
			mtu = max(info, 68U);	/* RFC 791: every host's least */
		break;
	case ICMP_TIME_EXCEEDED:
		err = EHOSTUNREACH;
		break;
	case ICMP_PARAMETERPROB:
		err = EPROTO;
		hard = true;
		break;
	default:
		return 0;
	}
	return ttp_rx->err(net, &t, inet_iif(skb), ntohl(th->seq), err, hard,
			   mtu);
}

static const struct net_protocol ttp4_protocol = {
	.handler		= ttp4_rcv,
	.err_handler		= ttp4_err,
	.no_policy		= 1,
	.icmp_strict_tag_validation = 1,
};

int ttp_ipv4_register(void)
{
	return inet_add_protocol(&ttp4_protocol, IPPROTO_TTP);
}

void ttp_ipv4_unregister(void)
{
	inet_del_protocol(&ttp4_protocol, IPPROTO_TTP);
}

int ttp_ctl_init(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);
	int err;

	err = inet_ctl_sock_create(&tn->ctl4, PF_INET, SOCK_RAW, IPPROTO_TTP,
				   net);
	if (err || !ipv6_mod_enabled())
		return err;
	err = inet_ctl_sock_create(&tn->ctl6, PF_INET6, SOCK_RAW, IPPROTO_TTP,
				   net);
	if (err)
		inet_ctl_sock_destroy(tn->ctl4);
	return err;
}

void ttp_ctl_exit(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);

	if (tn->ctl6)
		inet_ctl_sock_destroy(tn->ctl6);
	inet_ctl_sock_destroy(tn->ctl4);
}
