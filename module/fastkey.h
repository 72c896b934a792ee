/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the keys of Fast Open, a namespace's or a listener's, and
 * the cookies made with them.
 */
#ifndef TTP_FASTKEY_H
#define TTP_FASTKEY_H

#include <linux/seqlock.h>
#include <linux/types.h>
#include "core/fastopen.h"

struct sock;
struct ttp_tuple;

/* No lock to read: see ttp_fast_keys_get(). */
struct ttp_fast_keys {
	seqlock_t lock;
	u8	key[TTP_FO_KEYS][TTP_FO_KEY];
	u32	nr;		/* 0: none yet; 2: with the old one */
};

void ttp_fast_keys_init(struct ttp_fast_keys *k);
u32 ttp_fast_keys_get(struct ttp_fast_keys *k,
		      u8 keys[TTP_FO_KEYS][TTP_FO_KEY]);
void ttp_fast_keys_set(struct ttp_fast_keys *k,
		       const u8 keys[TTP_FO_KEYS][TTP_FO_KEY], u32 nr);
/* The first listener needs one. */
void ttp_fast_keys_draw(struct ttp_fast_keys *k);

/* The cookie of the client at @t->raddr; false without a key. */
bool ttp_fast_cookie(const struct sock *lsk, const struct ttp_tuple *t,
		     struct ttp_fo_cookie *c);
/* 1 + number of the key that made @c for this client; 0: none of ours. */
u8 ttp_fast_match(const struct sock *lsk, const struct ttp_tuple *t,
		  const struct ttp_fo_cookie *c);

#endif
