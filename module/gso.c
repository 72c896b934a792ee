// SPDX-License-Identifier: GPL-2.0
/*
 * This file cuts big segments into such as fit the link (GSO).
 *
 * A big segment has the GSO type of TCP together with SCTP's: the TCP bit
 * lets the kernel compute sizes rightly, the SCTP bit keeps network cards
 * away, of which none knows SCTP, and which would lose our packets.
 */
#include "gso.h"

#include "compat.h"
#include "smallq.h"

/*
 * The same of a big segment, without a length.  What its sender put down stands
 * for the addresses of both ends; with a source route IP's header names a hop.
 */
static __wsum ttp_gso_pseudo(const struct sk_buff *skb, bool v6)
{
	const struct ttp_hdr *th = (struct ttp_hdr *)skb_transport_header(skb);

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		return csum_sub(csum_unfold(th->check),
				(__force __wsum)htonl(skb->len));
	return v6 ? ttp_pseudo6(ipv6_hdr(skb), 0) : ttp_pseudo4(ip_hdr(skb), 0);
}

/*
 * What takes bursts of SCTP is no card but software, and what it leads to asks
 * us again, if the piece is marked as a burst of one.
 */
static bool ttp_gso_sum_can_wait(const struct sk_buff *skb,
				 netdev_features_t features)
{
	return features & NETIF_F_GSO_SCTP && features & NETIF_F_HW_CSUM &&
	       !skb->encapsulation;
}

static void ttp_gso_leave_sum(struct sk_buff *skb, u32 payload, bool v6)
{
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct ttp_hdr, check);
	skb_shinfo(skb)->gso_size = payload;
	skb_shinfo(skb)->gso_segs = 1;
	skb_shinfo(skb)->gso_type = v6 ? TTP_GSO6 : TTP_GSO4;
}

/*
 * Make each piece a segment of its own.  skb_segment() has copied the header of
 * the big segment to all of them and, unless it is to be done @later, summed up
 * the payloads.
 */
static void ttp_gso_finish(struct sk_buff *segs, __wsum pseudo, bool v6,
			   bool later)
{
	struct ttp_hdr *th = (struct ttp_hdr *)skb_transport_header(segs);
	u32 seq = be32_to_cpu(th->seq);
	struct sk_buff *skb;
	__wsum sum;
	u32 len;

	for (skb = segs; skb; skb = skb->next) {
		th = (struct ttp_hdr *)skb_transport_header(skb);
		len = skb->len - skb_transport_offset(skb);
		th->seq = cpu_to_be32(seq);
		if (skb != segs)
			th->flags &= ~TTP_CWR;
		if (skb->next)
			th->flags &= ~(TTP_FIN | TTP_PSH);
		sum = csum_add(pseudo, (__force __wsum)htonl(len));
		th->check = ~csum_fold(sum);
		len -= ttp_hdr_len(th);
		if (later)
			ttp_gso_leave_sum(skb, len, v6);
		else
			th->check = gso_make_checksum(skb,
						      csum_unfold(csum_fold(sum)));
		seq += len;
	}
}

/*
 * skb_segment() leaves the charge with the whole.  Across a veth the receiver
 * is charged for what arrives, so let each piece say its own size.
 */
static void ttp_gso_share_charge(struct sk_buff *segs, struct sk_buff *whole)
{
	int more = -(int)whole->truesize;
	struct sock *sk = whole->sk;
	struct sk_buff *skb;

	if (!sk || whole->destructor != ttp_wfree)
		return;
	for (skb = segs; skb; skb = skb->next) {
		skb->sk = sk;
		skb->destructor = ttp_wfree;
		more += skb->truesize;
	}
	whole->sk = NULL;
	whole->destructor = NULL;
	if (more >= 0)
		refcount_add(more, &sk->sk_wmem_alloc);
	else
		WARN_ON_ONCE(refcount_sub_and_test(-more, &sk->sk_wmem_alloc));
}

/*
 * A burst that is too long for the length in IPv6's header has it in a
 * hop-by-hop option (RFC 2675).  No piece may keep that, and the kernel takes
 * it out of TCP's bursts only.  Up to the 7.x kernels, which do without.
 */
static int ttp_gso_drop_jumbo(struct sk_buff *skb)
{
	u8 *start, *hop = (u8 *)(ipv6_hdr(skb) + 1);

	if (!TTP_JUMBO_LEN || ipv6_hdr(skb)->nexthdr != NEXTHDR_HOP ||
	    hop[1] || hop[2] != IPV6_TLV_JUMBO)
		return 0;
	if (skb_cow_head(skb, 0))
		return -ENOMEM;
	/* What is before it, headers of a tunnel as well, moves up. */
	hop = (u8 *)(ipv6_hdr(skb) + 1);
	start = skb->head + SKB_GSO_CB(skb)->mac_offset;
	ipv6_hdr(skb)->nexthdr = hop[0];
	memmove(start + TTP_JUMBO_LEN, start, hop - start);
	SKB_GSO_CB(skb)->mac_offset += TTP_JUMBO_LEN;
	skb->mac_header += TTP_JUMBO_LEN;
	skb->network_header += TTP_JUMBO_LEN;
	return 0;
}

static struct sk_buff *ttp_gso_segment(struct sk_buff *skb,
				       netdev_features_t features, bool v6)
{
	const struct ttp_hdr *th;
	struct sk_buff *segs;
	__wsum pseudo;
	bool later;
	u32 hlen;

	if (!(skb_shinfo(skb)->gso_type & (v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4)))
		return ERR_PTR(-EINVAL);
	if (v6 && ttp_gso_drop_jumbo(skb))
		return ERR_PTR(-ENOMEM);
	if (!pskb_may_pull(skb, TTP_HDR_LEN))
		return ERR_PTR(-EINVAL);
	th = (struct ttp_hdr *)skb_transport_header(skb);
	hlen = ttp_hdr_len(th);
	if (hlen < TTP_HDR_LEN || !pskb_may_pull(skb, hlen))
		return ERR_PTR(-EINVAL);
	pseudo = ttp_gso_pseudo(skb, v6);
	__skb_pull(skb, hlen);
	if (!skb->len)
		return ERR_PTR(-EINVAL);

	/* Hardware sums up what it takes for TCP; it would get ours wrong. */
	later = ttp_gso_sum_can_wait(skb, features);
	if (!later)
		features &= ~NETIF_F_CSUM_MASK;
	segs = skb_segment(skb, features & ~NETIF_F_GSO_PARTIAL);
	if (!IS_ERR(segs)) {
		ttp_gso_share_charge(segs, skb);
		ttp_gso_finish(segs, pseudo, v6, later);
	}
	return segs;
}

struct sk_buff *ttp4_gso_segment(struct sk_buff *skb,
				 netdev_features_t features)
{
	return ttp_gso_segment(skb, features, false);
}

struct sk_buff *ttp6_gso_segment(struct sk_buff *skb,
				 netdev_features_t features)
{
	return ttp_gso_segment(skb, features, true);
}
