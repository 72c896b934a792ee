/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file describes the options of a segment and the two functions that
 * read and write them; every read is bounds-checked, a peer writes these bytes.
 */
#ifndef TTP_CORE_OPTS_H
#define TTP_CORE_OPTS_H

#include "base.h"

#define TTP_OPT_EOL		0
#define TTP_OPT_NOP		1
#define TTP_OPT_MSS		2	/* RFC 9293 3.7.1, 4 bytes, SYN only */
#define TTP_OPT_WSCALE		3	/* RFC 7323 2.2, 3 bytes, SYN only */
#define TTP_OPT_SACK_OK		4	/* RFC 2018 2, 2 bytes, SYN only */
#define TTP_OPT_SACK		5	/* RFC 2018 3, 2 + 8n bytes */
#define TTP_OPT_TS		8	/* RFC 7323 3.2, 10 bytes */
#define TTP_OPT_FO		34	/* RFC 7413 4.1.1, 2 + cookie, SYN only */

#define TTP_OPTS_MAX		40	/* bytes of options in a header */
#define TTP_SACK_MAX		4	/* blocks that fit in them */
#define TTP_SACK_HEAD		4	/* bytes, two NOPs before it */
#define TTP_SACK_BLOCK		8
#define TTP_WSCALE_MAX		14	/* RFC 7323 2.3 */
#define TTP_FO_MIN		4	/* bytes of a Fast Open cookie */
#define TTP_FO_MAX		16

struct ttp_sack_block {
	u32	start;
	u32	end;
};

struct ttp_fo_cookie {
	u8	len;		/* 0: please give me one */
	u8	val[TTP_FO_MAX];
};

struct ttp_opts {
	u16	mss;		/* valid with has_mss; then not 0 */
	u8	wscale;		/* valid with has_wscale; clamped to 14 */
	u8	nr_sack;
	bool	has_mss;
	bool	has_wscale;
	bool	has_ts;
	bool	sack_ok;
	bool	has_fo;
	u32	tsval;
	u32	tsecr;
	/* Last what is large: nobody clears it, fo.len and nr_sack tell. */
	struct ttp_fo_cookie fo; /* valid with has_fo */
	struct ttp_sack_block sack[TTP_SACK_MAX];
};

#define TTP_OPTS_CLEARED	offsetof(struct ttp_opts, fo.val)

/**
 * ttp_opts_parse - read the option bytes of a header
 * @p: first option byte
 * @len: number of option bytes, 0 to TTP_OPTS_MAX
 * @syn: the segment has SYN; SYN-only options are ignored elsewhere
 * @o: always initialised, but for the bytes of the cookie and SACK blocks that
 *	are not there
 *
 * Returns false when an option's length is 0, 1, beyond the end, or wrong for
 * its kind; @o then has none.  An MSS of 0 is taken as none, and so is a
 * Fast Open cookie of odd or impossible length (RFC 7413 4.1.1).
 */
bool ttp_opts_parse(const u8 *p, u32 len, bool syn, struct ttp_opts *o);

/**
 * ttp_opts_build - write options in Linux TCP's order
 * @p: room for TTP_OPTS_MAX bytes
 * @o: what to write
 *
 * On a SYN: MSS, SACK-permitted, timestamps, NOP, window scale; without
 * timestamps: MSS, NOP, NOP, SACK-permitted, NOP, window scale.  Later:
 * NOP, NOP, timestamps, NOP, NOP, SACK (as many blocks as fit).  has_mss,
 * sack_ok, has_wscale and has_fo, which comes last, are to be set on a SYN only.  Returns the length in
 * bytes, a multiple of 4.
 */
u32 ttp_opts_build(u8 *p, const struct ttp_opts *o);

/* Length that ttp_opts_build() would return. */
u32 ttp_opts_len(const struct ttp_opts *o);

#endif
