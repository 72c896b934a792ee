// SPDX-License-Identifier: GPL-2.0
/*
 * This file turns header bytes into a struct ttp_seg and back.
 */
#include "seg.h"

#include "bytes.h"

static_assert(sizeof(struct ttp_hdr) == TTP_HDR_LEN);
static_assert(offsetof(struct ttp_hdr, seq) == 4);
static_assert(offsetof(struct ttp_hdr, ack) == 8);
static_assert(offsetof(struct ttp_hdr, doff_ae) == 12);
static_assert(offsetof(struct ttp_hdr, flags) == 13);
static_assert(offsetof(struct ttp_hdr, win) == 14);
static_assert(offsetof(struct ttp_hdr, check) == 16);
static_assert(offsetof(struct ttp_hdr, urg) == 18);

enum ttp_seg_err ttp_seg_parse(const u8 *buf, u32 avail, u32 total,
			       struct ttp_seg *seg)
{
	u32 hlen;

	if (avail < TTP_HDR_LEN || total < TTP_HDR_LEN)
		return TTP_SEG_SHORT;
	hlen = (buf[offsetof(struct ttp_hdr, doff_ae)] >> 4) * 4;
	if (hlen < TTP_HDR_LEN || hlen > total)
		return TTP_SEG_BAD_DOFF;
	if (hlen > avail)
		return TTP_SEG_SHORT;

	seg->sport = ttp_get16(buf + offsetof(struct ttp_hdr, sport));
	seg->dport = ttp_get16(buf + offsetof(struct ttp_hdr, dport));
	seg->seq = ttp_get32(buf + offsetof(struct ttp_hdr, seq));
	seg->ack = ttp_get32(buf + offsetof(struct ttp_hdr, ack));
	seg->flags = buf[offsetof(struct ttp_hdr, flags)];
	seg->win = ttp_get16(buf + offsetof(struct ttp_hdr, win));
	seg->urg = ttp_get16(buf + offsetof(struct ttp_hdr, urg));
	seg->hlen = hlen;
	seg->ip = 0;
	seg->tos = 0;
	seg->mark = 0;
	seg->way = NULL;
	seg->len = total - hlen;
	if (!ttp_opts_parse(buf + TTP_HDR_LEN, hlen - TTP_HDR_LEN,
			    seg->flags & TTP_SYN, &seg->opts))
		return TTP_SEG_BAD_OPT;
	return TTP_SEG_OK;
}

u32 ttp_seg_build(u8 *buf, const struct ttp_seg *seg)
{
	u32 hlen = TTP_HDR_LEN + ttp_opts_build(buf + TTP_HDR_LEN, &seg->opts);

	ttp_put16(buf + offsetof(struct ttp_hdr, sport), seg->sport);
	ttp_put16(buf + offsetof(struct ttp_hdr, dport), seg->dport);
	ttp_put32(buf + offsetof(struct ttp_hdr, seq), seg->seq);
	ttp_put32(buf + offsetof(struct ttp_hdr, ack), seg->ack);
	buf[offsetof(struct ttp_hdr, doff_ae)] = hlen / 4 << 4;
	buf[offsetof(struct ttp_hdr, flags)] = seg->flags;
	ttp_put16(buf + offsetof(struct ttp_hdr, win), seg->win);
	ttp_put16(buf + offsetof(struct ttp_hdr, check), 0);
	ttp_put16(buf + offsetof(struct ttp_hdr, urg), seg->urg);
	return hlen;
}
