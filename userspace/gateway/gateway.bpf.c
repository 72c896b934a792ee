// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the TTP-TCP gateway: two traffic classifiers that turn TTP into
 * TCP and back, at the ingress of an Ethernet device.
 *
 * The two protocols have the same header and differ in the number that IP
 * knows them by.  It also counts in the checksum, by the pseudo header, and
 * stands in the packets that ICMP errors quote.
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/ttp.h>

#define SECTION(name)	__attribute__((section(name), used))
#define INLINE		static inline __attribute__((always_inline))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HTONS(x)	((__u16)((__u16)(x) << 8 | (__u16)(x) >> 8))
#else
#define HTONS(x)	((__u16)(x))
#endif

/* What the kernel lends, by number. */
static long (*const load)(const struct __sk_buff *skb, __u32 offset, void *to,
		    __u32 len) = (void *)BPF_FUNC_skb_load_bytes;
static long (*const store)(struct __sk_buff *skb, __u32 offset, const void *from,
		     __u32 len, __u64 flags) = (void *)BPF_FUNC_skb_store_bytes;
static long (*const fix_l3_sum)(struct __sk_buff *skb, __u32 offset, __u64 from,
			  __u64 to, __u64 size) =
	(void *)BPF_FUNC_l3_csum_replace;
static long (*const fix_l4_sum)(struct __sk_buff *skb, __u32 offset, __u64 from,
			  __u64 to, __u64 flags) =
	(void *)BPF_FUNC_l4_csum_replace;

/* Verdicts: the filters after this one see the packet; nobody does. */
#define PASS		TC_ACT_UNSPEC
/* Better lost than half rewritten. */
#define DROP		TC_ACT_SHOT

#define SUM_AT		16	/* in the header of TTP and TCP alike */
#define MAX_HEADERS	8	/* before TTP's, in IPv6 */
#define FRAGMENT_OFFSET	0x1fff
#define MORE_FRAGMENTS	0x2000

/* ICMP's errors of IPv4; <linux/icmp.h> wants a C library. */
enum {
	UNREACHABLE	= 3,
	SOURCE_QUENCH	= 4,
	REDIRECT	= 5,
	TIME_EXCEEDED	= 11,
	BAD_PARAMETER	= 12,
};

/* In front of a quote, of either IP. */
struct icmp {
	__u8	type, code;
	__u16	sum;
	__u32	rest;
};

struct swap {
	__u8	from, to;
};

/* Where the packet to rewrite is. */
struct place {
	__u32	next;		/* the byte that names the protocol */
	__u32	start;		/* what follows the last header of IP */
	__u32	offset;		/* of that in what was fragmented, in bytes */
	__u32	icmp_sum;	/* of the message that quotes it, or 0 */
};

/*
 * A fragment has the checksum or has it not, never a part of it: fragments are
 * cut at multiples of 8.  A quote may end before it.
 */
INLINE int has_sum(const struct __sk_buff *skb, const struct place *p,
		   __u32 *at)
{
	*at = p->start + SUM_AT - p->offset;
	return p->offset <= SUM_AT && *at + sizeof(__u16) <= skb->len;
}

/*
 * The packet's own checksum.  If the sender left it to the device, there is
 * only the pseudo header's part in it, not inverted; the kernel's helper knows.
 */
INLINE int fix_own(struct __sk_buff *skb, const struct swap *s, __u32 sum)
{
	return fix_l4_sum(skb, sum, HTONS(s->from), HTONS(s->to),
			  BPF_F_PSEUDO_HDR | sizeof(__u16));
}

/* A quoted checksum: changing it changes what ICMP sums up. */
INLINE int fix_quoted(struct __sk_buff *skb, const struct swap *s,
		      const struct place *p, __u32 sum)
{
	__u16 before, after;

	return load(skb, sum, &before, sizeof(before)) ||
	       fix_l3_sum(skb, sum, HTONS(s->from), HTONS(s->to),
			  sizeof(before)) ||
	       load(skb, sum, &after, sizeof(after)) ||
	       fix_l4_sum(skb, p->icmp_sum, before, after, sizeof(after));
}

INLINE int fix_transport(struct __sk_buff *skb, const struct swap *s,
			 const struct place *p)
{
	__u32 sum;

	if (!has_sum(skb, p, &sum))
		return 0;
	return p->icmp_sum ? fix_quoted(skb, s, p, sum) : fix_own(skb, s, sum);
}

/* IPv4's header has a checksum, so a sum over all of it stays the same. */
INLINE int swap4(struct __sk_buff *skb, const struct swap *s,
		 const struct place *p)
{
	__u32 sum = p->next - offsetof(struct iphdr, protocol) +
		    offsetof(struct iphdr, check);

	if (store(skb, p->next, &s->to, 1, 0) ||
	    fix_l3_sum(skb, sum, HTONS(s->from), HTONS(s->to), 2) ||
	    fix_transport(skb, s, p))
		return DROP;
	return PASS;
}

/*
 * IPv6's has none.  If the device has summed up the packet, that sum changes;
 * in a quote ICMP's checksum changes instead, and makes up for it.  The name of
 * a protocol is the first byte of a 16-bit word in all headers.
 */
INLINE int swap6(struct __sk_buff *skb, const struct swap *s,
		 const struct place *p)
{
	if (store(skb, p->next, &s->to, 1,
		  p->icmp_sum ? 0 : BPF_F_RECOMPUTE_CSUM))
		return DROP;
	if (p->icmp_sum &&
	    fix_l4_sum(skb, p->icmp_sum, HTONS(s->from << 8),
		       HTONS(s->to << 8), sizeof(__u16)))
		return DROP;
	return fix_transport(skb, s, p) ? DROP : PASS;
}

/* The IPv4 header at @at; the protocol after it, or -1. */
INLINE int look4(struct __sk_buff *skb, __u32 at, struct place *p)
{
	struct iphdr ip;

	if (load(skb, at, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5)
		return -1;
	p->next = at + offsetof(struct iphdr, protocol);
	p->start = at + ip.ihl * 4;
	p->offset = (HTONS(ip.frag_off) & FRAGMENT_OFFSET) * 8;
	/* An ICMP message in fragments cannot be summed up. */
	if (ip.protocol == IPPROTO_ICMP &&
	    ip.frag_off & HTONS(FRAGMENT_OFFSET | MORE_FRAGMENTS))
		return -1;
	return ip.protocol;
}

INLINE int has_quote4(__u8 type)
{
	switch (type) {
	case UNREACHABLE:
	case SOURCE_QUENCH:
	case REDIRECT:
	case TIME_EXCEEDED:
	case BAD_PARAMETER:
		return 1;
	}
	return 0;
}

INLINE int ipv4(struct __sk_buff *skb, const struct swap *s)
{
	struct place p = {};
	struct icmp icmp;
	int protocol = look4(skb, ETH_HLEN, &p);

	if (protocol == s->from)
		return swap4(skb, s, &p);
	if (protocol != IPPROTO_ICMP ||
	    load(skb, p.start, &icmp, sizeof(icmp)) || !has_quote4(icmp.type))
		return PASS;
	p.icmp_sum = p.start + offsetof(struct icmp, sum);
	if (look4(skb, p.start + sizeof(icmp), &p) != s->from)
		return PASS;
	return swap4(skb, s, &p);
}

/* One extension header: the first two bytes of most. */
struct extension {
	__u8	next, len;
};

struct fragment {
	__u8	next, reserved;
	__be16	offset;		/* in the upper 13 bits, and "more" in the last */
	__be32	id;
};

/* The IPv6 header at @at and those that extend it; what follows, or -1. */
INLINE int look6(struct __sk_buff *skb, __u32 at, __u8 wanted, struct place *p)
{
	struct fragment f = {};
	struct extension e;
	struct ipv6hdr ip;
	int next, i;

	if (load(skb, at, &ip, sizeof(ip)) || ip.version != 6)
		return -1;
	next = ip.nexthdr;
	p->next = at + offsetof(struct ipv6hdr, nexthdr);
	p->start = at + sizeof(ip);
	for (i = 0; i < MAX_HEADERS; i++) {
		if (next == wanted)
			return next;
		if (next == IPPROTO_ICMPV6)
			return f.offset & HTONS(0xfff9) ? -1 : next;
		/* Past the first fragment there are no headers. */
		if (p->offset)
			return -1;
		at = p->start;
		switch (next) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			if (load(skb, at, &e, sizeof(e)))
				return -1;
			next = e.next;
			p->start = at + (e.len + 1) * 8;
			break;
		case IPPROTO_FRAGMENT:
			if (load(skb, at, &f, sizeof(f)))
				return -1;
			next = f.next;
			p->start = at + sizeof(f);
			p->offset = HTONS(f.offset) & 0xfff8;
			break;
		default:
			return -1;
		}
		p->next = at;
	}
	return -1;
}

/* The quote of a redirect is not here: no redirect passes a router. */
INLINE int has_quote6(__u8 type)
{
	return type >= ICMPV6_DEST_UNREACH && type <= ICMPV6_PARAMPROB;
}

INLINE int ipv6(struct __sk_buff *skb, const struct swap *s)
{
	struct place p = {};
	struct icmp icmp;
	int protocol = look6(skb, ETH_HLEN, s->from, &p);
	__u32 at = p.start;

	if (protocol == s->from)
		return swap6(skb, s, &p);
	if (protocol != IPPROTO_ICMPV6 || load(skb, at, &icmp, sizeof(icmp)) ||
	    !has_quote6(icmp.type))
		return PASS;
	p = (struct place) {
		.icmp_sum = at + offsetof(struct icmp, sum),
	};
	if (look6(skb, at + sizeof(icmp), s->from, &p) != s->from)
		return PASS;
	return swap6(skb, s, &p);
}

INLINE int gateway(struct __sk_buff *skb, __u8 from, __u8 to)
{
	const struct swap s = { .from = from, .to = to };

	if (skb->protocol == HTONS(ETH_P_IP))
		return ipv4(skb, &s);
	if (skb->protocol == HTONS(ETH_P_IPV6))
		return ipv6(skb, &s);
	return PASS;
}

SECTION("to-tcp")
int to_tcp(struct __sk_buff *skb)
{
	return gateway(skb, IPPROTO_TTP, IPPROTO_TCP);
}

SECTION("to-ttp")
int to_ttp(struct __sk_buff *skb)
{
	return gateway(skb, IPPROTO_TCP, IPPROTO_TTP);
}

/* The helpers are for programs under the GPL. */
SECTION("license") const char gateway_license[] = "GPL";
