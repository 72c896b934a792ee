// SPDX-License-Identifier: GPL-2.0
/*
 * This file remembers Fast Open cookies, for each namespace those of a bounded
 * number of servers; the one that was used longest ago gives way.
 */
#include "fastcache.h"

#include <linux/jhash.h>
#include <linux/vmalloc.h>
#include <net/netns/hash.h>

#include "compat.h"
#include "hash.h"
#include "net.h"

#define FAST_SETS	64
#define FAST_WAYS	4

struct fast_entry {
	struct in6_addr	addr[2];	/* theirs, ours */
	u64		used;		/* by the cache's clock; 0: free */
	u16		mss;
	struct ttp_fo_cookie cookie;
};

/* Only clients of Fast Open come here: one lock is enough. */
struct ttp_fast_cache {
	spinlock_t lock;
	u64	clock;			/* counts what is looked up and stored */
	struct fast_entry entry[FAST_SETS][FAST_WAYS];
};

static struct fast_entry *fast_set(struct ttp_fast_cache *c, struct net *net,
				   const struct in6_addr addr[2])
{
	u32 hash = jhash(addr, 2 * sizeof(*addr), net_hash_mix(net));

	return c->entry[hash % FAST_SETS];
}

static void fast_addrs(const struct ttp_tuple *t, struct in6_addr addr[2])
{
	addr[0] = t->raddr;
	addr[1] = t->laddr;
}

static struct fast_entry *fast_find(struct fast_entry *set,
				    const struct in6_addr addr[2])
{
	u32 i;

	for (i = 0; i < FAST_WAYS; i++)
		if (set[i].used && !memcmp(set[i].addr, addr,
					   sizeof(set[i].addr)))
			return &set[i];
	return NULL;
}

static struct fast_entry *fast_oldest(struct fast_entry *set)
{
	struct fast_entry *old = set;
	u32 i;

	for (i = 1; i < FAST_WAYS; i++)
		if (set[i].used < old->used)
			old = &set[i];
	return old;
}

/* The first client of a namespace brings the cache; NULL: no memory. */
static struct ttp_fast_cache *fast_cache_of(struct ttp_net *tn)
{
	struct ttp_fast_cache *c = READ_ONCE(tn->fast_cache), *other;

	if (c)
		return c;
	c = __vmalloc(sizeof(*c), GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!c)
		return NULL;
	spin_lock_init(&c->lock);
	other = cmpxchg(&tn->fast_cache, NULL, c);
	if (!other)
		return c;
	vfree(c);
	return other;
}

void ttp_fast_cache_get(struct net *net, const struct ttp_tuple *t, u16 *mss,
			struct ttp_fo_cookie *cookie)
{
	struct ttp_fast_cache *c = fast_cache_of(ttp_net(net));
	struct in6_addr addr[2];
	struct fast_entry *e;

	*mss = 0;
	cookie->len = 0;
	if (!c)
		return;
	fast_addrs(t, addr);
	spin_lock_bh(&c->lock);
	e = fast_find(fast_set(c, net, addr), addr);
	if (e) {
		e->used = ++c->clock;
		*mss = e->mss;
		*cookie = e->cookie;
	}
	spin_unlock_bh(&c->lock);
}

void ttp_fast_cache_put(struct net *net, const struct ttp_tuple *t, u16 mss,
			const struct ttp_fo_cookie *cookie)
{
	struct ttp_fast_cache *c = READ_ONCE(ttp_net(net)->fast_cache);
	struct fast_entry *set, *e;
	struct in6_addr addr[2];

	if (!c)
		return;
	fast_addrs(t, addr);
	spin_lock_bh(&c->lock);
	set = fast_set(c, net, addr);
	e = fast_find(set, addr);
	if (!e && cookie) {
		e = fast_oldest(set);
		memcpy(e->addr, addr, sizeof(e->addr));
	}
	if (e) {
		e->used = ++c->clock;
		e->mss = mss;
		if (cookie)
			e->cookie = *cookie;
	}
	spin_unlock_bh(&c->lock);
}

void ttp_fast_cache_free(struct ttp_net *tn)
{
	vfree(tn->fast_cache);
	tn->fast_cache = NULL;
}
