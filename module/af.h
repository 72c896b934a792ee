/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares all that differs between IPv4 and IPv6; nothing about
 * states is here.
 */
#ifndef TTP_AF_H
#define TTP_AF_H

#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/dst.h>
#include "hash.h"

struct sock;
struct net;

/*
 * The way back of what came along a source route (RFC 791 3.1): only IPv4 has
 * it.
 */
struct ttp_way {
	__be32	first;		/* hop, where IP sends the packet */
	bool	strict;		/* no router but these */
	u8	len;		/* of the option, padded, bytes */
	u8	option[40];	/* as it leaves */
};

/* How to send a segment that belongs to no full socket. */
struct ttp_reply_how {
	int	oif;
	u32	mark;
	u32	priority;
	u32	txhash;		/* what spreads flows, 0: none */
	__be32	label;		/* IPv6 flow label */
	u8	tos;
	const struct ttp_way *way;	/* NULL: the shortest */
};

/* What a route says that concerns us. */
struct ttp_path {
	u32	mtu;
	u32	adv_mss;	/* bound on our MSS option, 0: none */
	u32	window;		/* bound on our window, 0: none */
	bool	ecn;		/* "features ecn": ask, and agree when asked */
};

static inline void ttp_path_of(const struct dst_entry *dst, struct ttp_path *p)
{
	p->mtu = dst_mtu(dst);
	p->adv_mss = dst_metric_raw(dst, RTAX_ADVMSS);
	p->window = dst_metric_raw(dst, RTAX_WINDOW);
	p->ecn = dst_feature(dst, RTAX_FEATURE_ECN);
}

struct ttp_af {
	u16	family;
	u16	ip_hlen;	/* IP header without options, bytes */
	u16	mss_default;	/* when the peer says nothing (MUST-15) */
	u32	gso_type;	/* feasibility: TCP bit for sizes, SCTP bit for us */

	/* Find a route for a socket whose tuple is known; fills laddr if any. */
	int	(*route)(struct sock *sk);
	/* The route in use, checked and found again if stale; NULL: none. */
	struct dst_entry *(*dst)(struct sock *sk);
	/* IP header with this socket's options, bytes. */
	u32	(*ip_len)(const struct sock *sk);
	/* Hand a segment with its TTP header to IP, with ECN bits @ecn; consumes @skb. */
	int	(*xmit)(struct sock *sk, struct sk_buff *skb, u8 ecn);
	/* The same without a socket; consumes @skb. */
	int	(*reply)(struct net *net, const struct ttp_tuple *t,
			 const struct ttp_reply_how *how, struct sk_buff *skb);
	/* What is known of the path to t->raddr, for a request; false: none. */
	bool	(*path)(struct net *net, const struct ttp_tuple *t,
			const struct ttp_reply_how *how, struct ttp_path *p);
	/* Fold @sum and the pseudo header (protocol 253), either direction. */
	__sum16	(*csum)(const struct ttp_tuple *t, u32 len, __wsum sum);
	/* Checksum of a received segment that starts at skb->data. */
	bool	(*csum_ok)(struct sk_buff *skb);
	/*
	 * The way back of a received packet, before skb->cb is ours; false:
	 * its header names none.  And a socket that shall take it; false: no
	 * memory.  NULL: there is no such thing.
	 */
	bool	(*way_back)(const struct sk_buff *skb, struct ttp_way *way);
	bool	(*take_way)(struct sock *sk, const struct ttp_way *way);
	/* TOS or traffic class of a received packet. */
	u8	(*tos)(const struct sk_buff *skb);
	/* What the answer to a packet with this mark has, by fwmark_reflect. */
	u32	(*reflect)(const struct net *net, u32 mark);
	/* Addresses of a received packet, local end first; false: not unicast. */
	bool	(*addrs)(const struct sk_buff *skb, struct ttp_tuple *t);
	/* Copy the tuple into the inet_sock fields that the kernel reads. */
	void	(*set_addrs)(struct sock *sk);
};

extern const struct ttp_af ttp_af4;
extern const struct ttp_af ttp_af6;

static inline const struct ttp_af *ttp_af_of(const struct ttp_tuple *t)
{
	return ttp_addr_is_v4(&t->raddr) ? &ttp_af4 : &ttp_af6;
}

int ttp_ctl_init(struct net *net);
void ttp_ctl_exit(struct net *net);

/* Protocol handlers (IP to rcv.c), registered by main.c. */
int ttp_ipv4_register(void);
void ttp_ipv4_unregister(void);
int ttp_ipv6_register(void);
void ttp_ipv6_unregister(void);

/* connect()'s sockaddr to ttp_sk(sk)->h.t and ->af. */
int ttp_sockaddr_get(struct sock *sk, const void *uaddr, int len);

/* Upward calls, filled in by main.c: the ways in for packets and ICMP. */
struct ttp_rx_ops {
	int	(*rcv)(struct sk_buff *skb, const struct ttp_af *af);
	/* @mtu > 0: packet too big; else @err, and @hard: it may end an open */
	int	(*err)(struct net *net, const struct ttp_tuple *t, int dif,
		       u32 seq, int err, bool hard, u32 mtu);
};

extern const struct ttp_rx_ops *ttp_rx;

#endif
