/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file describes one segment: its 20 header bytes on the wire (RFC 9293
 * 3.1) and the host-order value that the rest of TTP works with.
 */
#ifndef TTP_CORE_SEG_H
#define TTP_CORE_SEG_H

#include "base.h"
#include "opts.h"

/* The fixed header.  No bit-fields, so that it reads alike on every CPU. */
struct ttp_hdr {
	__be16	sport;
	__be16	dport;
	__be32	seq;
	__be32	ack;
	u8	doff_ae;	/* header length in 32-bit words << 4, AE bit */
	u8	flags;		/* TTP_FIN ... TTP_CWR */
	__be16	win;
	__sum16	check;
	__be16	urg;
};

#define TTP_HDR_LEN	20
#define TTP_HDR_MAX	60

#define TTP_FIN		0x01
#define TTP_SYN		0x02
#define TTP_RST		0x04
#define TTP_PSH		0x08
#define TTP_ACK		0x10
#define TTP_URG		0x20
#define TTP_ECE		0x40
#define TTP_CWR		0x80

/* ECN in IP: the low bits of TOS and of the traffic class (RFC 3168 5). */
#define TTP_IP_NOT_ECT	0
#define TTP_IP_ECT1	1
#define TTP_IP_ECT0	2
#define TTP_IP_CE	3
#define TTP_IP_ECN	3	/* both */

struct ttp_way;

/* One received or sent segment, in host order. */
struct ttp_seg {
	u32	seq;
	u32	ack;
	u32	len;		/* payload bytes, SYN and FIN not counted */
	u32	win;		/* the 16-bit field as it stands, not scaled */
	u16	sport;
	u16	dport;
	u16	urg;
	u8	flags;
	u8	hlen;		/* header with options, bytes */
	/* Received: what was around it. */
	u8	ip;		/* the ECN bits, TTP_IP_* */
	u8	tos;		/* all of TOS or traffic class */
	u32	mark;		/* of the packet, by who filters them here */
	/* For a listener: back along IP's source route; NULL: it had none. */
	const struct ttp_way *way;
	struct ttp_opts opts;
};

enum ttp_seg_err {
	TTP_SEG_OK,
	TTP_SEG_SHORT,		/* fewer bytes than a header */
	TTP_SEG_BAD_DOFF,	/* data offset below 5 or beyond the segment */
	TTP_SEG_BAD_OPT,	/* an option whose length is impossible (MUST-7) */
};

/**
 * ttp_seg_parse - read a segment's header and options
 * @buf: start of the header
 * @avail: bytes that may be read at @buf (at least the header, or SHORT)
 * @total: bytes of header and payload together
 * @seg: filled in on TTP_SEG_OK
 *
 * A known option with an impossible length makes the segment bad; unknown
 * options are skipped (RFC 9293 MUST-6, MUST-7).
 */
enum ttp_seg_err ttp_seg_parse(const u8 *buf, u32 avail, u32 total,
			       struct ttp_seg *seg);

/**
 * ttp_seg_build - write header and options
 * @buf: room for TTP_HDR_MAX bytes
 * @seg: what to write; @seg->hlen is ignored
 *
 * Returns the header length in bytes, a multiple of 4.  The checksum is 0.
 */
u32 ttp_seg_build(u8 *buf, const struct ttp_seg *seg);

/* Sequence space the segment takes: payload, plus one each for SYN and FIN. */
static inline u32 ttp_seg_space(const struct ttp_seg *seg)
{
	return seg->len + !!(seg->flags & TTP_SYN) + !!(seg->flags & TTP_FIN);
}

static inline u32 ttp_seg_end(const struct ttp_seg *seg)
{
	return seg->seq + ttp_seg_space(seg);
}

#endif
