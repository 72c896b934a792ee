// SPDX-License-Identifier: GPL-2.0
/*
 * This file remembers the clocks of a bounded number of hosts, for each
 * namespace its own; the one that was seen longest ago gives way.
 */
#include "recycle.h"

#include <linux/jhash.h>
#include <linux/vmalloc.h>
#include <linux/spinlock.h>
#include <net/netns/hash.h>

#include "hash.h"
#include "net.h"
#include "sock.h"

#define RECYCLE_SETS	1024
#define RECYCLE_WAYS	4

struct recycle_host {
	struct in6_addr	addr;
	struct ttp_host_clock clock;
};

struct recycle_set {
	spinlock_t	lock;		/* softirq-safe */
	struct recycle_host host[RECYCLE_WAYS];
};

struct ttp_recycle_hosts {
	struct recycle_set set[RECYCLE_SETS];
};

int ttp_recycle_start(struct ttp_net *tn)
{
	struct ttp_recycle_hosts *h;
	u32 i;

	if (READ_ONCE(tn->recycle_hosts))
		return 0;
	h = __vmalloc(sizeof(*h), GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!h)
		return -ENOMEM;
	for (i = 0; i < RECYCLE_SETS; i++)
		spin_lock_init(&h->set[i].lock);
	/* Two may have written the sysctl at once. */
	if (cmpxchg(&tn->recycle_hosts, NULL, h))
		vfree(h);
	return 0;
}

void ttp_recycle_free(struct ttp_net *tn)
{
	vfree(tn->recycle_hosts);
	tn->recycle_hosts = NULL;
}

/* The host's set, locked, or NULL: nothing is remembered here. */
static struct recycle_set *recycle_lock(struct net *net,
					const struct in6_addr *host)
{
	struct ttp_recycle_hosts *h = READ_ONCE(ttp_net(net)->recycle_hosts);
	struct recycle_set *set;

	if (!h)
		return NULL;
	set = &h->set[jhash(host, sizeof(*host), net_hash_mix(net)) %
		      RECYCLE_SETS];
	spin_lock_bh(&set->lock);
	return set;
}

static struct recycle_host *recycle_find(struct recycle_set *set,
					 const struct in6_addr *host)
{
	u32 i;

	for (i = 0; i < RECYCLE_WAYS; i++)
		if (ipv6_addr_equal(&set->host[i].addr, host))
			return &set->host[i];
	return NULL;
}

/* A place for one more: what was never used is older than all. */
static struct recycle_host *recycle_claim(struct recycle_set *set,
					  const struct in6_addr *host)
{
	struct recycle_host *old = set->host;
	u32 i;

	for (i = 1; i < RECYCLE_WAYS; i++)
		if (set->host[i].clock.at < old->clock.at)
			old = &set->host[i];
	old->addr = *host;
	old->clock.known = false;
	return old;
}

bool ttp_recycle_remember(struct net *net, const struct in6_addr *host,
			  const struct ttp_ts *ts)
{
	struct recycle_set *set = recycle_lock(net, host);
	struct recycle_host *h;

	if (!set)
		return false;
	h = recycle_find(set, host) ?: recycle_claim(set, host);
	ttp_host_clock_note(&h->clock, ts, ttp_now());
	spin_unlock_bh(&set->lock);
	return true;
}

bool ttp_recycle_refuses(struct net *net, const struct ttp_tuple *t,
			 const struct ttp_seg *syn)
{
	struct recycle_set *set;
	struct recycle_host *h;
	bool refused;

	if (ttp_sysctl_get(net, tw_recycle) != TTP_RECYCLE_HOSTS)
		return false;
	set = recycle_lock(net, &t->raddr);
	if (!set)
		return false;
	h = recycle_find(set, &t->raddr);
	refused = h && ttp_host_clock_refuses(&h->clock, syn, ttp_now());
	spin_unlock_bh(&set->lock);
	if (refused)
		ttp_mib_inc(net, TTP_MIB_PAWSPASSIVE);
	return refused;
}
