// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps the keys of Fast Open and makes cookies of addresses: a
 * client that brings one back has once received at the address it sends from.
 */
#include "fastkey.h"

#include <linux/random.h>
#include <linux/siphash.h>

#include "compat.h"
#include "sock.h"

void ttp_fast_keys_init(struct ttp_fast_keys *k)
{
	seqlock_init(&k->lock);
	k->nr = 0;
}

u32 ttp_fast_keys_get(struct ttp_fast_keys *k,
		      u8 keys[TTP_FO_KEYS][TTP_FO_KEY])
{
	unsigned int start;
	u32 nr;

	do {
		start = read_seqbegin(&k->lock);
		nr = k->nr;
		memcpy(keys, k->key, sizeof(k->key));
	} while (read_seqretry(&k->lock, start));
	return nr;
}

void ttp_fast_keys_set(struct ttp_fast_keys *k,
		       const u8 keys[TTP_FO_KEYS][TTP_FO_KEY], u32 nr)
{
	write_seqlock_bh(&k->lock);
	memcpy(k->key, keys, nr * TTP_FO_KEY);
	k->nr = nr;
	write_sequnlock_bh(&k->lock);
}

void ttp_fast_keys_draw(struct ttp_fast_keys *k)
{
	u8 key[TTP_FO_KEY];

	get_random_bytes(key, sizeof(key));
	write_seqlock_bh(&k->lock);
	if (!k->nr) {
		memcpy(k->key[0], key, sizeof(key));
		k->nr = 1;
	}
	write_sequnlock_bh(&k->lock);
}

/* The keys that a listener uses: its own, else its namespace's. */
static u32 ttp_fast_keys_of(const struct sock *lsk,
			    u8 keys[TTP_FO_KEYS][TTP_FO_KEY])
{
	return ttp_fast_keys_get(&ttp_sk(lsk)->listener->fast_keys, keys) ?:
	       ttp_fast_keys_get(&ttp_net(sock_net(lsk))->fast_keys, keys);
}

/* Both addresses: a cookie for one of ours is not one for another. */
static void ttp_fast_hash(const u8 *key, const struct ttp_tuple *t,
			  struct ttp_fo_cookie *c)
{
	struct in6_addr both[2] = { t->raddr, t->laddr };
	siphash_key_t sip = { {
		get_unaligned_le64(key),
		get_unaligned_le64(key + sizeof(u64)),
	} };

	static_assert(TTP_FO_OURS == sizeof(u64));
	put_unaligned_le64(siphash(both, sizeof(both), &sip), c->val);
	c->len = TTP_FO_OURS;
}

bool ttp_fast_cookie(const struct sock *lsk, const struct ttp_tuple *t,
		     struct ttp_fo_cookie *c)
{
	u8 keys[TTP_FO_KEYS][TTP_FO_KEY];

	if (!ttp_fast_keys_of(lsk, keys))
		return false;
	ttp_fast_hash(keys[0], t, c);
	return true;
}

u8 ttp_fast_match(const struct sock *lsk, const struct ttp_tuple *t,
		  const struct ttp_fo_cookie *c)
{
	u8 keys[TTP_FO_KEYS][TTP_FO_KEY];
	u32 nr = ttp_fast_keys_of(lsk, keys), i;
	struct ttp_fo_cookie ours;

	for (i = 0; i < nr; i++) {
		ttp_fast_hash(keys[i], t, &ours);
		if (c->len == ours.len && !memcmp(c->val, ours.val, ours.len))
			return i + 1;
	}
	return 0;
}
