// SPDX-License-Identifier: GPL-2.0
/*
 * This file feeds libFuzzer's bytes to the parsers of core/: nothing may be
 * read behind the end, and what was understood must survive being written and
 * read again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../seg.h"

#define CHECK(c)							\
	do {								\
		if (!(c)) {						\
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #c); \
			abort();					\
		}							\
	} while (0)

/* @n bytes in an allocation of their own, so that ASan sees one too many. */
static u8 *copy(const u8 *p, size_t n)
{
	u8 *q = malloc(n ? n : 1);

	CHECK(q);
	memcpy(q, p, n);
	return q;
}

static void check_opts(const struct ttp_opts *o, bool syn)
{
	CHECK(o->nr_sack <= TTP_SACK_MAX);
	CHECK(o->wscale <= TTP_WSCALE_MAX);
	CHECK(!o->has_mss || o->mss);
	CHECK(syn || !(o->has_mss || o->has_wscale || o->sack_ok || o->has_fo));
	CHECK(o->fo.len <= TTP_FO_MAX && !(o->fo.len & 1));
}

static bool same_opts(const struct ttp_opts *a, const struct ttp_opts *b)
{
	/* Values count only where the option was there. */
	if (a->has_mss != b->has_mss || (a->has_mss && a->mss != b->mss))
		return false;
	if (a->has_wscale != b->has_wscale ||
	    (a->has_wscale && a->wscale != b->wscale))
		return false;
	if (a->has_ts != b->has_ts || a->tsval != b->tsval ||
	    a->tsecr != b->tsecr || a->sack_ok != b->sack_ok)
		return false;
	if (a->has_fo != b->has_fo || a->fo.len != b->fo.len ||
	    memcmp(a->fo.val, b->fo.val, a->fo.len))
		return false;
	/* Written in our order, fewer SACK blocks may fit. */
	return b->nr_sack <= a->nr_sack &&
	       !memcmp(a->sack, b->sack, b->nr_sack * sizeof(b->sack[0]));
}

static void fuzz_opts(const u8 *data, size_t n, bool syn)
{
	u8 *p = copy(data, n);
	struct ttp_opts o;

	memset(&o, 0xa5, sizeof(o));
	if (!ttp_opts_parse(p, n, syn, &o)) {
		static const struct ttp_opts none;

		CHECK(!memcmp(&o, &none, TTP_OPTS_CLEARED));
	}
	check_opts(&o, syn);
	free(p);
}

static void fuzz_seg(const u8 *data, size_t n, u32 more)
{
	u8 buf[TTP_HDR_MAX + 1];
	u8 *p = copy(data, n);
	struct ttp_seg s, back;
	u32 hlen;

	memset(&s, 0, sizeof(s));
	if (ttp_seg_parse(p, n, n + more, &s) == TTP_SEG_OK) {
		CHECK(s.hlen >= TTP_HDR_LEN && s.hlen <= n);
		CHECK(s.hlen + s.len == n + more);
		check_opts(&s.opts, s.flags & TTP_SYN);

		memset(buf, 0xee, sizeof(buf));
		hlen = ttp_seg_build(buf, &s);
		CHECK(hlen % 4 == 0 && hlen >= TTP_HDR_LEN);
		CHECK(hlen <= TTP_HDR_MAX && buf[hlen] == 0xee);
		CHECK(hlen == TTP_HDR_LEN + ttp_opts_len(&s.opts));
		CHECK(ttp_seg_parse(buf, hlen, hlen + s.len, &back) ==
		      TTP_SEG_OK);
		CHECK(s.seq == back.seq && s.ack == back.ack);
		CHECK(s.sport == back.sport && s.dport == back.dport);
		CHECK(s.flags == back.flags && s.win == back.win);
		CHECK(s.urg == back.urg && s.len == back.len);
		CHECK(same_opts(&s.opts, &back.opts));
	}
	free(p);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 head[TTP_HDR_MAX] = { };
	u32 n;

	if (!size)
		return 0;
	fuzz_seg(data + 1, size - 1, data[0]);
	n = min_t(u32, size - 1, TTP_OPTS_MAX);
	fuzz_opts(data + 1, n, data[0] & 1);
	/* The same bytes again as the options of a header that is in order. */
	n &= ~3u;
	head[12] = (TTP_HDR_LEN + n) / 4 << 4;
	head[13] = data[0];
	memcpy(head + TTP_HDR_LEN, data + 1, n);
	fuzz_seg(head, TTP_HDR_LEN + n, 0);
	return 0;
}
