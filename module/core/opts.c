// SPDX-License-Identifier: GPL-2.0
/*
 * This file reads and writes the option bytes of a header.
 */
#include "opts.h"

#include "bytes.h"

#define LEN_MSS		4
#define LEN_WSCALE	3
#define LEN_SACK_OK	2
#define LEN_SACK_HEAD	2
#define LEN_SACK_BLOCK	8
#define LEN_TS		10
#define LEN_FO_HEAD	2

static void parse_sack(const u8 *p, u32 len, struct ttp_opts *o)
{
	u32 n = (len - LEN_SACK_HEAD) / LEN_SACK_BLOCK;
	u32 i;

	n = min_t(u32, n, TTP_SACK_MAX);
	for (i = 0; i < n; i++) {
		o->sack[i].start = ttp_get32(p + LEN_SACK_HEAD + LEN_SACK_BLOCK * i);
		o->sack[i].end = ttp_get32(p + LEN_SACK_HEAD + LEN_SACK_BLOCK * i + 4);
	}
	o->nr_sack = n;
}

/* RFC 7413 4.1.1: anything else is as if it were absent. */
static void parse_fo(const u8 *p, u32 len, struct ttp_opts *o)
{
	len -= LEN_FO_HEAD;
	if (len && (len & 1 || len < TTP_FO_MIN || len > TTP_FO_MAX))
		return;
	o->has_fo = true;
	o->fo.len = len;
	memcpy(o->fo.val, p + LEN_FO_HEAD, len);
}

static bool len_is_right(u8 kind, u32 len)
{
	switch (kind) {
	case TTP_OPT_MSS:
		return len == LEN_MSS;
	case TTP_OPT_WSCALE:
		return len == LEN_WSCALE;
	case TTP_OPT_SACK_OK:
		return len == LEN_SACK_OK;
	case TTP_OPT_SACK:
		return len > LEN_SACK_HEAD &&
		       (len - LEN_SACK_HEAD) % LEN_SACK_BLOCK == 0;
	case TTP_OPT_TS:
		return len == LEN_TS;
	default:
		return len >= 2;
	}
}

/* One option whose @len bytes at @p are there and right for its kind. */
static void parse_one(const u8 *p, u32 len, bool syn, struct ttp_opts *o)
{
	switch (p[0]) {
	case TTP_OPT_MSS:
		o->mss = (u16)p[2] << 8 | p[3];
		/* A segment of no bytes makes no sense: as if it were absent. */
		o->has_mss = syn && o->mss;
		break;
	case TTP_OPT_WSCALE:
		o->wscale = min_t(u8, p[2], TTP_WSCALE_MAX);
		o->has_wscale = syn;
		break;
	case TTP_OPT_SACK_OK:
		o->sack_ok = syn;
		break;
	case TTP_OPT_SACK:
		parse_sack(p, len, o);
		break;
	case TTP_OPT_TS:
		o->has_ts = true;
		o->tsval = ttp_get32(p + 2);
		o->tsecr = ttp_get32(p + 6);
		break;
	case TTP_OPT_FO:
		if (syn)
			parse_fo(p, len, o);
		break;
	}
}

/* Timestamps alone, where everybody puts them: what nearly all segments have. */
static bool parse_usual(const u8 *p, u32 len, struct ttp_opts *o)
{
	if (len != LEN_TS + 2 ||
	    ttp_get32(p) != (TTP_OPT_NOP << 24 | TTP_OPT_NOP << 16 |
			 TTP_OPT_TS << 8 | LEN_TS))
		return false;
	o->has_ts = true;
	o->tsval = ttp_get32(p + 4);
	o->tsecr = ttp_get32(p + 8);
	return true;
}

bool ttp_opts_parse(const u8 *p, u32 len, bool syn, struct ttp_opts *o)
{
	const u8 *end = p + len;

	memset(o, 0, TTP_OPTS_CLEARED);
	if (parse_usual(p, len, o))
		return true;
	while (p < end) {
		u32 left = end - p;

		if (p[0] == TTP_OPT_EOL)
			break;
		if (p[0] == TTP_OPT_NOP) {
			p++;
			continue;
		}
		if (left < 2 || p[1] > left || !len_is_right(p[0], p[1])) {
			memset(o, 0, TTP_OPTS_CLEARED);
			return false;
		}
		parse_one(p, p[1], syn, o);
		p += p[1];
	}
	return true;
}

/* SACK blocks that fit behind @used bytes of other options. */
static u32 sack_fit(const struct ttp_opts *o, u32 used)
{
	u32 left = TTP_OPTS_MAX - used;

	if (left < TTP_SACK_HEAD)	/* a SYN with a cookie */
		return 0;
	return min_t(u32, o->nr_sack, (left - TTP_SACK_HEAD) / LEN_SACK_BLOCK);
}

/* With the NOPs that follow it. */
static u32 fo_len(const struct ttp_opts *o)
{
	return o->has_fo ? (LEN_FO_HEAD + o->fo.len + 3) & ~3u : 0;
}

/* Bytes of everything but the SACK blocks. */
static u32 fixed_len(const struct ttp_opts *o)
{
	u32 len = 0;

	if (o->has_mss)
		len += LEN_MSS;
	/* SACK-permitted takes the place of the timestamps' two NOPs. */
	if (o->has_ts)
		len += LEN_TS + 2;
	else if (o->sack_ok)
		len += LEN_SACK_OK + 2;
	if (o->has_wscale)
		len += LEN_WSCALE + 1;
	return len + fo_len(o);
}

/* Timestamps alone: what nearly all segments have. */
static bool is_usual(const struct ttp_opts *o)
{
	return o->has_ts && !o->nr_sack &&
	       !(o->has_mss | o->sack_ok | o->has_wscale | o->has_fo);
}

u32 ttp_opts_len(const struct ttp_opts *o)
{
	u32 len, n;

	if (is_usual(o))
		return LEN_TS + 2;
	len = fixed_len(o);
	n = sack_fit(o, len);
	return n ? len + TTP_SACK_HEAD + LEN_SACK_BLOCK * n : len;
}

static u8 *put_nops(u8 *p)
{
	p[0] = TTP_OPT_NOP;
	p[1] = TTP_OPT_NOP;
	return p + 2;
}

static u8 *put_sack(u8 *p, const struct ttp_opts *o, u32 n)
{
	u32 i;

	p = put_nops(p);
	*p++ = TTP_OPT_SACK;
	*p++ = LEN_SACK_HEAD + LEN_SACK_BLOCK * n;
	for (i = 0; i < n; i++) {
		p = ttp_put32(p, o->sack[i].start);
		p = ttp_put32(p, o->sack[i].end);
	}
	return p;
}

static u8 *put_fo(u8 *p, const struct ttp_fo_cookie *c)
{
	*p++ = TTP_OPT_FO;
	*p++ = LEN_FO_HEAD + c->len;
	memcpy(p, c->val, c->len);
	p += c->len;
	return c->len & 2 ? p : put_nops(p);
}

static u8 *put_ts(u8 *p, const struct ttp_opts *o)
{
	*p++ = TTP_OPT_TS;
	*p++ = LEN_TS;
	p = ttp_put32(p, o->tsval);
	return ttp_put32(p, o->tsecr);
}

u32 ttp_opts_build(u8 *p, const struct ttp_opts *o)
{
	u8 *start = p;
	u32 n;

	if (is_usual(o))
		return put_ts(put_nops(p), o) - start;
	n = sack_fit(o, fixed_len(o));
	if (o->has_mss) {
		*p++ = TTP_OPT_MSS;
		*p++ = LEN_MSS;
		*p++ = o->mss >> 8;
		*p++ = o->mss & 0xff;
	}
	if (o->has_ts != o->sack_ok)
		p = put_nops(p);
	if (o->sack_ok) {
		*p++ = TTP_OPT_SACK_OK;
		*p++ = LEN_SACK_OK;
	}
	if (o->has_ts)
		p = put_ts(p, o);
	if (o->has_wscale) {
		*p++ = TTP_OPT_NOP;
		*p++ = TTP_OPT_WSCALE;
		*p++ = LEN_WSCALE;
		*p++ = min_t(u8, o->wscale, TTP_WSCALE_MAX);
	}
	if (o->has_fo)
		p = put_fo(p, &o->fo);
	if (n)
		p = put_sack(p, o, n);
	return p - start;
}
