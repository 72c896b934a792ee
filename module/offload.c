// SPDX-License-Identifier: GPL-2.0
/*
 * This file merges arriving segments of a flow so that the stack is passed once
 * for many (GRO).
 */
#include "offload.h"

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/gro.h>
#include <net/protocol.h>
#include <linux/ttp.h>
#include "compat.h"
#include "core/seg.h"
#include "gso.h"

#define TTP_GRO_MAX	65535	/* bytes, what an IP header can say */

/* Set before the callbacks go away, so that nothing is held for them then. */
static bool ttp_gro_closed;

/* How a payload becomes part of the held skb, cheapest first. */
enum ttp_gro_how {
	TTP_GRO_FRAGS,		/* it is in fragments only: move them */
	TTP_GRO_HEAD,		/* it begins in the head, a page: take the page */
	TTP_GRO_LIST,		/* keep its skb whole, behind the others */
};

static enum ttp_gro_how ttp_gro_choose(const struct sk_buff *last,
				       const struct sk_buff *skb, u32 off)
{
	u32 frags = skb_shinfo(last)->nr_frags + skb_shinfo(skb)->nr_frags;

	if (skb_headlen(skb) <= off)
		return frags <= MAX_SKB_FRAGS ? TTP_GRO_FRAGS : TTP_GRO_LIST;
	if (skb->head_frag && frags + 1 <= MAX_SKB_FRAGS)
		return TTP_GRO_HEAD;
	return TTP_GRO_LIST;
}

/* Move @skb's fragments to @last, without the first @skip bytes. */
static void ttp_gro_move_frags(struct sk_buff *last, struct sk_buff *skb,
			       u32 skip)
{
	struct skb_shared_info *to = skb_shinfo(last), *from = skb_shinfo(skb);

	skb_frag_off_add(&from->frags[0], skip);
	skb_frag_size_sub(&from->frags[0], skip);
	memcpy(&to->frags[to->nr_frags], from->frags,
	       from->nr_frags * sizeof(from->frags[0]));
	to->nr_frags += from->nr_frags;
	from->nr_frags = 0;
}

/* Turn the page behind @skb's head, from @off on, into a fragment of @last. */
static void ttp_gro_take_head(struct sk_buff *last, struct sk_buff *skb,
			      u32 off)
{
	struct skb_shared_info *to = skb_shinfo(last), *from = skb_shinfo(skb);
	struct page *page = virt_to_head_page(skb->head);
	u32 at = skb->data + off - (u8 *)page_address(page);

	__skb_fill_page_desc_noacc(to, to->nr_frags++, page, at,
				   skb_headlen(skb) - off);
	/* The head goes away without freeing these: they are the other's now. */
	memcpy(&to->frags[to->nr_frags], from->frags,
	       from->nr_frags * sizeof(from->frags[0]));
	to->nr_frags += from->nr_frags;
}

/* Append @skb itself, its headers pulled off. */
static void ttp_gro_chain(struct sk_buff *p, struct sk_buff *skb, u32 off)
{
	u32 eat = off > skb_headlen(skb) ? off - skb_headlen(skb) : 0;

	if (eat) {
		skb_frag_off_add(&skb_shinfo(skb)->frags[0], eat);
		skb_frag_size_sub(&skb_shinfo(skb)->frags[0], eat);
		skb->data_len -= eat;
		skb->len -= eat;
	}
	__skb_pull(skb, off - eat);
	/* Whoever is charged for @skb is charged for it through @p now. */
	skb->destructor = NULL;
	skb->sk = NULL;
	if (NAPI_GRO_CB(p)->last == p)
		skb_shinfo(p)->frag_list = skb;
	else
		NAPI_GRO_CB(p)->last->next = skb;
	NAPI_GRO_CB(p)->last = skb;
	__skb_header_release(skb);
}

/*
 * May it get longer than an IP header can say?  A header for its length may
 * come in between, and move all that is in front, for which a tunnel's headers
 * are not prepared; and who forwards it counts that for each segment, which is
 * too long then, and is dropped.
 */
static bool ttp_gro_may_be_big(const struct sk_buff *p, const struct sk_buff *skb)
{
	/* Without IPv6 there is nothing to ask about forwarding. */
	if (!ipv6_mod_enabled() ||
	    NAPI_GRO_CB(skb)->encap_mark || p->encapsulation ||
	    p->protocol != htons(ETH_P_IPV6) ||
	    NAPI_GRO_CB(p)->count == U16_MAX)
		return false;
	return !TTP_JUMBO_LEN ||
	       (p->mac_header >= TTP_JUMBO_LEN &&
		!READ_ONCE(dev_net(p->dev)->ipv6.devconf_all->forwarding));
}

/* How long @p may become, bytes from the IP header on. */
static u32 ttp_gro_most(const struct sk_buff *p, const struct sk_buff *skb)
{
	u32 most = READ_ONCE(p->dev->gro_max_size);

	return most > GRO_LEGACY_MAX_SIZE && ttp_gro_may_be_big(p, skb) ?
	       most - 1 : TTP_GRO_MAX;
}

/* Append @skb's payload to @p: skb_gro_receive() is not for modules. */
static bool ttp_gro_append(struct sk_buff *p, struct sk_buff *skb)
{
	u32 off = skb_gro_offset(skb), len = skb_gro_len(skb);
	struct sk_buff *last = NAPI_GRO_CB(p)->last;
	u32 moved = skb->truesize;

	/* Pages of a pool are counted differently from others. */
	if (p->pp_recycle != skb->pp_recycle || skb_zcopy(p) || skb_zcopy(skb))
		return false;
	if (p->len + len > ttp_gro_most(p, skb))
		return false;

	switch (ttp_gro_choose(last, skb, off)) {
	case TTP_GRO_FRAGS:
		ttp_gro_move_frags(last, skb, off - skb_headlen(skb));
		skb->truesize = SKB_TRUESIZE(skb_end_offset(skb));
		skb->len -= skb->data_len;
		skb->data_len = 0;
		moved -= skb->truesize;
		NAPI_GRO_CB(skb)->free = NAPI_GRO_FREE;
		break;
	case TTP_GRO_HEAD:
		ttp_gro_take_head(last, skb, off);
		skb->truesize = SKB_DATA_ALIGN(sizeof(*skb));
		moved -= skb->truesize;
		NAPI_GRO_CB(skb)->free = NAPI_GRO_FREE_STOLEN_HEAD;
		break;
	case TTP_GRO_LIST:
		ttp_gro_chain(p, skb, off);
		last = p;
		break;
	}

	NAPI_GRO_CB(p)->count += NAPI_GRO_CB(skb)->count;
	p->len += len;
	p->data_len += len;
	p->truesize += moved;
	skb_shinfo(p)->flags |= skb_shinfo(skb)->flags & SKBFL_SHARED_FRAG;
	if (last != p) {
		last->len += len;
		last->data_len += len;
		last->truesize += moved;
		skb_shinfo(last)->flags |= skb_shinfo(skb)->flags &
					   SKBFL_SHARED_FRAG;
	}
	NAPI_GRO_CB(skb)->same_flow = 1;
	return true;
}

/*
 * May the IP headers become one, such that cutting again gives both back?
 * IPv4: the IDs count up, or may be anything because nobody fragments.
 */
static bool ttp_gro_same_ip4(const struct sk_buff *p, const struct iphdr *first,
			     const struct iphdr *ip)
{
	u16 steps = ntohs(ip->id) - ntohs(first->id);

	if (ip->tos != first->tos || ip->ttl != first->ttl ||
	    (ip->frag_off ^ first->frag_off) & htons(IP_DF))
		return false;
	return ip->frag_off & htons(IP_DF) || steps == NAPI_GRO_CB(p)->count;
}

static bool ttp_gro_same_ip6(const struct ipv6hdr *first,
			     const struct ipv6hdr *ip)
{
	/* Version, traffic class and flow label are the first word. */
	return *(const __be32 *)ip == *(const __be32 *)first &&
	       ip->hop_limit == first->hop_limit;
}

/* Do @p's first segment and the one at @th differ only as neighbours may? */
static bool ttp_gro_same_hdr(const struct sk_buff *p,
			     const struct ttp_hdr *first,
			     const struct ttp_hdr *th)
{
	u8 may_differ = TTP_PSH;

	return th->doff_ae == first->doff_ae && th->ack == first->ack &&
	       th->win == first->win && th->urg == first->urg &&
	       !((th->flags ^ first->flags) & ~may_differ) &&
	       be32_to_cpu(th->seq) ==
			be32_to_cpu(first->seq) + skb_gro_len(p) &&
	       !memcmp(th + 1, first + 1, ttp_hdr_len(th) - sizeof(*th));
}

/* The held skb of this flow; others on the list are marked as not it. */
static struct sk_buff *ttp_gro_find(struct list_head *head,
				    const struct ttp_hdr *th)
{
	const struct ttp_hdr *first;
	struct sk_buff *p;

	list_for_each_entry(p, head, list) {
		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		first = (struct ttp_hdr *)skb_transport_header(p);
		if (first->sport == th->sport && first->dport == th->dport)
			return p;
		NAPI_GRO_CB(p)->same_flow = 0;
	}
	return NULL;
}

/*
 * The IP header right before @th: at the GRO offset begins the payload, and
 * nothing but a plain IP header of the family's least size is merged.
 */
static const void *ttp_gro_ip(struct sk_buff *skb, const struct ttp_hdr *th,
			      bool v6)
{
	const void *ip = skb_gro_network_header(skb);
	u32 len = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);

	return (const void *)th - ip == len ? ip : NULL;
}

static bool ttp_gro_mergeable(struct sk_buff *p, struct sk_buff *skb,
			      const struct ttp_hdr *th, bool v6)
{
	const struct ttp_hdr *first =
		(struct ttp_hdr *)skb_transport_header(p);
	const void *ip = ttp_gro_ip(skb, th, v6);
	u32 len = skb_gro_len(skb);

	if (!ip || NAPI_GRO_CB(skb)->flush || NAPI_GRO_CB(p)->flush ||
	    NAPI_GRO_CB(skb)->count > 1)
		return false;
	if (!len || len > skb_shinfo(p)->gso_size ||
	    (th->flags & ~TTP_PSH) != TTP_ACK ||
	    !ttp_gro_same_hdr(p, first, th))
		return false;
	if (v6)
		return ttp_gro_same_ip6((const void *)first -
					sizeof(struct ipv6hdr), ip);
	return ttp_gro_same_ip4(p, (const void *)first - sizeof(struct iphdr),
				ip);
}

/* Header and checksum are good; decide what to hold and what to let go. */
static struct sk_buff *ttp_gro_merge(struct list_head *head,
				     struct sk_buff *skb,
				     const struct ttp_hdr *th, bool v6)
{
	struct sk_buff *p = ttp_gro_find(head, th);
	u32 len = skb_gro_len(skb), full = 1;
	struct ttp_hdr *first;
	bool flush;

	if (p && ttp_gro_mergeable(p, skb, th, v6)) {
		full = skb_shinfo(p)->gso_size;
		if (ttp_gro_append(p, skb)) {
			first = (struct ttp_hdr *)skb_transport_header(p);
			first->flags |= th->flags & TTP_PSH;
		} else {
			full = 1;
		}
	}
	/* Nothing may follow a short segment, or one that the reader awaits. */
	flush = len < full || th->flags != TTP_ACK ||
		NAPI_GRO_CB(skb)->count > 1 ||
		!ttp_gro_ip(skb, th, v6) || READ_ONCE(ttp_gro_closed);
	NAPI_GRO_CB(skb)->flush |= flush;
	/* What is held goes first: order is kept. */
	return p && (flush || !NAPI_GRO_CB(skb)->same_flow) ? p : NULL;
}

static struct sk_buff *ttp_gro_receive(struct list_head *head,
				       struct sk_buff *skb, bool v6)
{
	u32 off = skb_gro_offset(skb), hlen;
	const struct ttp_hdr *th;

	th = skb_gro_header(skb, off + TTP_HDR_LEN, off);
	if (!th)
		goto flush;
	hlen = ttp_hdr_len(th);
	if (hlen < TTP_HDR_LEN || hlen > skb_gro_len(skb))
		goto flush;
	th = skb_gro_header(skb, off + hlen, off);
	if (!th)
		goto flush;
	skb_gro_pull(skb, hlen);
	return ttp_gro_merge(head, skb, th, v6);

flush:
	NAPI_GRO_CB(skb)->flush = 1;
	return NULL;
}

static struct sk_buff *ttp4_gro_receive(struct list_head *head,
					struct sk_buff *skb)
{
	if (!NAPI_GRO_CB(skb)->flush &&
	    skb_gro_checksum_validate(skb, IPPROTO_TTP,
				      inet_gro_compute_pseudo)) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	return ttp_gro_receive(head, skb, false);
}

static struct sk_buff *ttp6_gro_receive(struct list_head *head,
					struct sk_buff *skb)
{
	if (!NAPI_GRO_CB(skb)->flush &&
	    skb_gro_checksum_validate(skb, IPPROTO_TTP,
				      ip6_gro_compute_pseudo)) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	return ttp_gro_receive(head, skb, true);
}

/* Make the merged skb what our own output would have been. */
static int ttp_gro_finish(struct sk_buff *skb, struct ttp_hdr *th,
			  __wsum pseudo, u32 gso_type)
{
	th->check = ~csum_fold(pseudo);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (u8 *)th - skb->head;
	skb->csum_offset = offsetof(struct ttp_hdr, check);
	skb_shinfo(skb)->gso_segs = NAPI_GRO_CB(skb)->count;
	skb_shinfo(skb)->gso_type |= gso_type;
	if (skb->encapsulation)
		skb->inner_transport_header = skb->transport_header;
	return 0;
}

static int ttp4_gro_complete(struct sk_buff *skb, int thoff)
{
	struct ttp_hdr *th = (void *)(skb->data + thoff);
	const struct iphdr *ip = (void *)th - sizeof(*ip);

	return ttp_gro_finish(skb, th, ttp_pseudo4(ip, skb->len - thoff),
			      TTP_GSO4);
}

static int ttp6_gro_complete(struct sk_buff *skb, int thoff)
{
	u32 len = skb->len - thoff;
	u32 jumbo = len > IPV6_MAXPLEN ? TTP_JUMBO_LEN : 0;
	struct ttp_hdr *th = (void *)(skb->data + thoff);
	const struct ipv6hdr *ip = (void *)th - jumbo - sizeof(*ip);

	return ttp_gro_finish(skb, th, ttp_pseudo6(ip, len), TTP_GSO6);
}

static const struct net_offload ttp4_offload = {
	.callbacks = {
		.gso_segment	= ttp4_gso_segment,
		.gro_receive	= ttp4_gro_receive,
		.gro_complete	= ttp4_gro_complete,
	},
};

static const struct net_offload ttp6_offload = {
	.callbacks = {
		.gso_segment	= ttp6_gso_segment,
		.gro_receive	= ttp6_gro_receive,
		.gro_complete	= ttp6_gro_complete,
	},
};

int ttp_offload_init(void)
{
	int err = inet_add_offload(&ttp4_offload, IPPROTO_TTP);

	if (err)
		return err;
	err = inet6_add_offload(&ttp6_offload, IPPROTO_TTP);
	if (err)
		inet_del_offload(&ttp4_offload, IPPROTO_TTP);
	return err;
}

void ttp_offload_exit(void)
{
	/* What GRO holds leaves at the end of each poll, which this awaits. */
	WRITE_ONCE(ttp_gro_closed, true);
	synchronize_net();
	inet6_del_offload(&ttp6_offload, IPPROTO_TTP);
	inet_del_offload(&ttp4_offload, IPPROTO_TTP);
}
