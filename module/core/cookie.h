/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what a SYN cookie holds: an ISN that says, to whoever has
 * the key, when it was made and what the SYN offered (RFC 4987 3.6).
 *
 * From the highest bit down: 1 bit tells even from odd generations, 3 bits
 * the segment size, 28 bits the keyed hash over both, the addresses, the ports
 * and the peer's ISN.  With timestamps, the low bits of our first clock value
 * hold the rest; the peer echoes them.
 */
#ifndef TTP_CORE_COOKIE_H
#define TTP_CORE_COOKIE_H

#include "base.h"
#include "opts.h"

/* A key makes cookies for so long, and knows them for as long again, us. */
#define TTP_COOKIE_PERIOD	(60 * TTP_USEC_PER_SEC)
#define TTP_COOKIE_MSS_NONE	8

/* The keys of an even and an odd generation: the last two that made cookies. */
struct ttp_cookie_keys {
	struct ttp_cookie_key {
		u64	key[2];
		u32	gen;
		bool	drawn;
	} of[2];
};

/* The generation that makes cookies at @now (us). */
u32 ttp_cookie_gen(u64 now);

/* Which size of the table to use: the largest not above @mss, or MSS_NONE. */
u32 ttp_cookie_mss_index(u32 mss);
u32 ttp_cookie_mss(u32 index);

/* @mac: of generation @gen's key over @index and the rest. */
u32 ttp_cookie_pack(u32 gen, u32 index, u64 mac);

struct ttp_cookie {
	u32	gen;		/* whose key to try: this one or the last */
	u32	index;
};

void ttp_cookie_unpack(u32 cookie, u32 gen_now, struct ttp_cookie *c);

/* The key of @gen; NULL: it made no cookies, or its key is gone. */
const u64 *ttp_cookie_key_of(const struct ttp_cookie_keys *keys, u32 gen);
/*
 * @key is for @gen, in place of that of two generations before.  Not so if @gen
 * has one, or is older than what is there.
 */
void ttp_cookie_key_set(struct ttp_cookie_keys *keys, u32 gen,
			const u64 key[2]);

/*
 * @tsval, moved back by less than 128 ms, with the SYN's options in it, and
 * whether we agreed to ECN.
 */
u32 ttp_cookie_ts_pack(u32 tsval, const struct ttp_opts *syn, bool ecn);
/* What ttp_cookie_ts_pack() put there: has_wscale, wscale, sack_ok; and ECN. */
bool ttp_cookie_ts_unpack(u32 tsecr, struct ttp_opts *syn);

#endif
