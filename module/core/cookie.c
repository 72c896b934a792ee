// SPDX-License-Identifier: GPL-2.0
/*
 * This file packs and unpacks SYN cookies; hashing them is the caller's.
 */
#include "cookie.h"
#include "seq.h"

#define GEN_SHIFT	31
#define INDEX_SHIFT	28
#define INDEX_MASK	7
#define MAC_MASK	((1u << INDEX_SHIFT) - 1)

#define TS_WSCALE	0x0f	/* 15: none */
#define TS_SACK		0x10
#define TS_ECN		0x20
#define TS_BITS		0x3f

/*
 * Both defaults, both Ethernet sizes, common tunnels, and jumbo frames.  The
 * first is for links so poor that a larger one could not leave the peer.
 */
static const u16 cookie_mss[INDEX_MASK + 1] = {
	216, 536, 1220, 1300, 1400, 1440, 1460, 8940,
};

u32 ttp_cookie_gen(u64 now)
{
	return div_u64(now, TTP_COOKIE_PERIOD);
}

u32 ttp_cookie_mss_index(u32 mss)
{
	u32 i = ARRAY_SIZE(cookie_mss);

	while (i--) {
		if (cookie_mss[i] <= mss)
			return i;
	}
	return TTP_COOKIE_MSS_NONE;
}

u32 ttp_cookie_mss(u32 index)
{
	return cookie_mss[index & INDEX_MASK];
}

u32 ttp_cookie_pack(u32 gen, u32 index, u64 mac)
{
	return (gen & 1) << GEN_SHIFT | (index & INDEX_MASK) << INDEX_SHIFT |
	       ((u32)mac & MAC_MASK);
}

void ttp_cookie_unpack(u32 cookie, u32 gen_now, struct ttp_cookie *c)
{
	c->gen = gen_now - ((gen_now & 1) != cookie >> GEN_SHIFT);
	c->index = cookie >> INDEX_SHIFT & INDEX_MASK;
}

const u64 *ttp_cookie_key_of(const struct ttp_cookie_keys *keys, u32 gen)
{
	const struct ttp_cookie_key *k = &keys->of[gen & 1];

	return k->drawn && k->gen == gen ? k->key : NULL;
}

void ttp_cookie_key_set(struct ttp_cookie_keys *keys, u32 gen,
			const u64 key[2])
{
	struct ttp_cookie_key *k = &keys->of[gen & 1];

	if (k->drawn && !ttp_after(gen, k->gen))
		return;
	memcpy(k->key, key, sizeof(k->key));
	k->gen = gen;
	k->drawn = true;
}

u32 ttp_cookie_ts_pack(u32 tsval, const struct ttp_opts *syn, bool ecn)
{
	u32 bits = syn->has_wscale ? min_t(u32, syn->wscale, TTP_WSCALE_MAX) :
				     TS_WSCALE;
	u32 val;

	if (syn->sack_ok)
		bits |= TS_SACK;
	if (ecn)
		bits |= TS_ECN;
	val = (tsval & ~TS_BITS) | bits;
	/* Not from the future: the next segment's would seem older (PAWS). */
	if (ttp_after(val, tsval))
		val -= TS_BITS + 1;
	return val;
}

bool ttp_cookie_ts_unpack(u32 tsecr, struct ttp_opts *syn)
{
	syn->has_wscale = (tsecr & TS_WSCALE) != TS_WSCALE;
	syn->wscale = syn->has_wscale ? tsecr & TS_WSCALE : 0;
	syn->sack_ok = tsecr & TS_SACK;
	return tsecr & TS_ECN;
}
