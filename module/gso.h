/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how big segments are cut, and what merging them needs,
 * too.
 */
#ifndef TTP_GSO_H
#define TTP_GSO_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/ip6_checksum.h>
#include <linux/ttp.h>
#include "core/seg.h"

#define TTP_GSO4	(SKB_GSO_TCPV4 | SKB_GSO_SCTP)
#define TTP_GSO6	(SKB_GSO_TCPV6 | SKB_GSO_SCTP)

static inline u32 ttp_hdr_len(const struct ttp_hdr *th)
{
	return (th->doff_ae >> 4) * 4;
}

/* The pseudo header's part of the checksum; @len counts the TTP header. */
static inline __wsum ttp_pseudo4(const struct iphdr *ip, u32 len)
{
	return csum_tcpudp_nofold(ip->saddr, ip->daddr, len, IPPROTO_TTP, 0);
}

static inline __wsum ttp_pseudo6(const struct ipv6hdr *ip, u32 len)
{
	return ~csum_unfold(csum_ipv6_magic(&ip->saddr, &ip->daddr, len,
					    IPPROTO_TTP, 0));
}

/* For struct net_offload. */
struct sk_buff *ttp4_gso_segment(struct sk_buff *skb,
				 netdev_features_t features);
struct sk_buff *ttp6_gso_segment(struct sk_buff *skb,
				 netdev_features_t features);

#endif
