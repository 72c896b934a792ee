// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps the tables of connections and listeners: lookups take no
 * lock, changes take the lock of one bucket.
 */
#include "hash.h"

#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <net/netns/hash.h>
#include <net/sock_reuseport.h>

#include "compat.h"
#include "sock.h"

struct ttp_bucket {
	struct hlist_head chain;
	spinlock_t	lock;
};

static struct ttp_bucket *ttp_ehash;
static u32 ttp_ehash_mask;
static u32 ttp_hash_seed;
static struct ttp_bucket ttp_lhash[TTP_LISTEN_BUCKETS];

/* One bucket for each 32 KiB of memory: 64 Ki buckets in a 2 GiB machine. */
static u32 ttp_hash_size(void)
{
	u64 buckets = (u64)totalram_pages() * PAGE_SIZE >> 15;

	return roundup_pow_of_two(clamp_t(u64, buckets, 1024, 1 << 20));
}

int ttp_hash_init(void)
{
	u32 size = ttp_hash_size();
	u32 i;

	ttp_ehash = kvmalloc_array(size, sizeof(*ttp_ehash), GFP_KERNEL);
	if (!ttp_ehash)
		return -ENOMEM;
	for (i = 0; i < size; i++) {
		INIT_HLIST_HEAD(&ttp_ehash[i].chain);
		spin_lock_init(&ttp_ehash[i].lock);
	}
	for (i = 0; i < TTP_LISTEN_BUCKETS; i++) {
		INIT_HLIST_HEAD(&ttp_lhash[i].chain);
		spin_lock_init(&ttp_lhash[i].lock);
	}
	ttp_ehash_mask = size - 1;
	ttp_hash_seed = get_random_u32();
	return 0;
}

void ttp_hash_exit(void)
{
	kvfree(ttp_ehash);
}

u32 ttp_hash_of(const struct net *net, const struct ttp_tuple *t)
{
	u32 seed = ttp_hash_seed ^ net_hash_mix(net);

	BUILD_BUG_ON(sizeof(*t) != 36);
	/* Of two IPv4 addresses most words are always the same. */
	if (ttp_addr_is_v4(&t->raddr))
		return jhash_3words((__force u32)ttp_addr_v4(&t->laddr),
				    (__force u32)ttp_addr_v4(&t->raddr),
				    *(const u32 *)&t->lport, seed);
	return jhash2((const u32 *)t, sizeof(*t) / sizeof(u32), seed);
}

static bool ttp_tuple_eq(const struct ttp_tuple *a, const struct ttp_tuple *b)
{
	return *(const u32 *)&a->lport == *(const u32 *)&b->lport &&
	       ipv6_addr_equal(&a->raddr, &b->raddr) &&
	       ipv6_addr_equal(&a->laddr, &b->laddr);
}

static bool ttp_hnode_match(const struct ttp_hnode *h, const struct net *net,
			    u32 hash, const struct ttp_tuple *t, int dif)
{
	return h->hash == hash && h->net == net && ttp_tuple_eq(&h->t, t) &&
	       (!h->dif || !dif || h->dif == dif);
}

static bool ttp_hnode_get(struct ttp_hnode *h)
{
	switch ((enum ttp_hkind)h->kind) {
	case TTP_H_SOCK:
		return refcount_inc_not_zero(&ttp_to_sk(ttp_h_sock(h))->sk_refcnt);
	case TTP_H_REQ:
		return refcount_inc_not_zero(&ttp_h_req(h)->ref);
	case TTP_H_TW:
		return refcount_inc_not_zero(&ttp_h_tw(h)->ref);
	}
	return false;
}

/* Under the RCU read lock. */
struct ttp_hnode *ttp_hash_lookup(struct net *net, const struct ttp_tuple *t,
				  int dif)
{
	u32 hash = ttp_hash_of(net, t);
	struct ttp_hnode *h;

again:
	hlist_for_each_entry_rcu(h, &ttp_ehash[hash & ttp_ehash_mask].chain, node) {
		if (!ttp_hnode_match(h, net, hash, t, dif))
			continue;
		if (ttp_hnode_get(h))
			return h;
		/* It has left, and what has its place may be before it. */
		goto again;
	}
	return NULL;
}

/* What has @h's tuple already, beside @but; the bucket is locked. */
static struct ttp_hnode *ttp_bucket_find(struct ttp_bucket *b,
					 const struct ttp_hnode *h,
					 const struct ttp_hnode *but)
{
	struct ttp_hnode *o;

	hlist_for_each_entry(o, &b->chain, node)
		if (o != but &&
		    ttp_hnode_match(o, h->net, h->hash, &h->t, h->dif))
			return o;
	return NULL;
}

/*
 * A reader that meets the bucket during a replacement sees the old or the new
 * entry, never neither: a final ACK must not fall through to the listener.
 */
int ttp_hash_insert(struct ttp_hnode *h, struct ttp_hnode *replace)
{
	struct ttp_bucket *b;
	int err = 0;

	h->hash = ttp_hash_of(h->net, &h->t);
	b = &ttp_ehash[h->hash & ttp_ehash_mask];
	spin_lock_bh(&b->lock);
	if (replace) {
		if (hlist_unhashed(&replace->node)) {
			err = -ESTALE;
			goto out;
		}
		/* Bound to another device, or none, it may meet others. */
		if (h->dif != replace->dif && ttp_bucket_find(b, h, replace)) {
			err = -EADDRNOTAVAIL;
			goto out;
		}
		hlist_replace_rcu(&replace->node, &h->node);
		WRITE_ONCE(replace->node.pprev, NULL);
		goto out;
	}
	if (ttp_bucket_find(b, h, NULL))
		err = -EADDRNOTAVAIL;
	else
		hlist_add_head_rcu(&h->node, &b->chain);
out:
	spin_unlock_bh(&b->lock);
	return err;
}

int ttp_hash_insert_over(struct ttp_hnode *h, ttp_may_replace_fn may,
			 struct ttp_tw **old)
{
	struct ttp_bucket *b;
	struct ttp_hnode *o;
	int err = 0;

	*old = NULL;
	h->hash = ttp_hash_of(h->net, &h->t);
	b = &ttp_ehash[h->hash & ttp_ehash_mask];
	spin_lock_bh(&b->lock);
	o = ttp_bucket_find(b, h, NULL);
	if (!o) {
		hlist_add_head_rcu(&h->node, &b->chain);
	} else if (o->kind == TTP_H_TW && may(h, ttp_h_tw(o)) &&
		   ttp_hnode_get(o)) {
		hlist_replace_rcu(&o->node, &h->node);
		WRITE_ONCE(o->node.pprev, NULL);
		*old = ttp_h_tw(o);
	} else {
		err = -EADDRNOTAVAIL;
	}
	spin_unlock_bh(&b->lock);
	return err;
}

bool ttp_hash_remove(struct ttp_hnode *h)
{
	struct ttp_bucket *b = &ttp_ehash[h->hash & ttp_ehash_mask];
	bool mine;

	spin_lock_bh(&b->lock);
	mine = !hlist_unhashed(&h->node);
	if (mine)
		hlist_del_init_rcu(&h->node);
	spin_unlock_bh(&b->lock);
	return mine;
}

u32 ttp_hash_nr_buckets(void)
{
	return ttp_ehash_mask + 1;
}

bool ttp_hash_bucket_empty(u32 i)
{
	return hlist_empty(&ttp_ehash[i].chain);
}

struct hlist_head *ttp_hash_lock_bucket(u32 i)
	__acquires(&ttp_ehash[i].lock)
{
	spin_lock_bh(&ttp_ehash[i].lock);
	return &ttp_ehash[i].chain;
}

void ttp_hash_unlock_bucket(u32 i)
	__releases(&ttp_ehash[i].lock)
{
	spin_unlock_bh(&ttp_ehash[i].lock);
}

/* Listeners hash by port alone: few share one, and scoring sorts those out. */
static struct ttp_bucket *ttp_listen_bucket(const struct net *net, __be16 port)
{
	return &ttp_lhash[(net_hash_mix(net) + ntohs(port)) %
			  TTP_LISTEN_BUCKETS];
}

bool ttp_listen_bucket_empty(u32 i)
{
	return hlist_empty(&ttp_lhash[i].chain);
}

struct hlist_head *ttp_listen_lock_bucket(u32 i)
	__acquires(&ttp_lhash[i].lock)
{
	spin_lock_bh(&ttp_lhash[i].lock);
	return &ttp_lhash[i].chain;
}

void ttp_listen_unlock_bucket(u32 i)
	__releases(&ttp_lhash[i].lock)
{
	spin_unlock_bh(&ttp_lhash[i].lock);
}

/*
 * Do both listeners get the same segments, for the same user?  Then they make
 * a group; a socket for all addresses and one for a single address do not.
 */
static bool ttp_listen_alike(const struct ttp_sock *a, const struct ttp_sock *b)
{
	return a->h.net == b->h.net && a->h.t.lport == b->h.t.lport &&
	       a->h.dif == b->h.dif && a->bind.v6only == b->bind.v6only &&
	       ipv6_addr_equal(&a->h.t.laddr, &b->h.t.laddr) &&
	       b->bind.reuseport && uid_eq(a->bind.uid, b->bind.uid);
}

/* Make a group, or join the one there is; the bucket is locked. */
static int ttp_listen_group(struct sock *sk, const struct ttp_bucket *b)
{
	struct ttp_sock *t = ttp_sk(sk);
	bool any = ipv6_addr_any(&t->h.t.laddr) ||
		   (ttp_addr_is_v4(&t->h.t.laddr) &&
		    !ttp_addr_v4(&t->h.t.laddr));
	struct ttp_hnode *h;

	hlist_for_each_entry(h, &b->chain, node)
		if (ttp_listen_alike(t, ttp_h_sock(h)))
			return reuseport_add_sock(sk, ttp_to_sk(ttp_h_sock(h)),
						  any);
	return reuseport_alloc(sk, any);
}

int ttp_listen_hash(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_bucket *b = ttp_listen_bucket(t->h.net, t->h.t.lport);
	int err = 0;

	spin_lock_bh(&b->lock);
	if (t->bind.reuseport)
		err = ttp_listen_group(sk, b);
	if (!err)
		hlist_add_head_rcu(&t->h.node, &b->chain);
	spin_unlock_bh(&b->lock);
	return err;
}

void ttp_listen_unhash(struct sock *sk)
{
	struct ttp_hnode *h = &ttp_sk(sk)->h;
	struct ttp_bucket *b = ttp_listen_bucket(h->net, h->t.lport);

	spin_lock_bh(&b->lock);
	if (!hlist_unhashed(&h->node))
		hlist_del_init_rcu(&h->node);
	/* No request moves to others (tcp_migrate_req): the socket is gone. */
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	spin_unlock_bh(&b->lock);
}

/*
 * How well a listener fits, 0 for not at all: bound to the address beats any
 * IPv4, which beats any; bound to the device beats unbound.
 */
static int ttp_listen_score(const struct ttp_hnode *h, const struct net *net,
			    const struct ttp_tuple *t, int dif)
{
	const struct sock *sk = ttp_to_sk(ttp_h_sock(h));
	bool v4 = ttp_addr_is_v4(&t->laddr);
	int score;

	if (h->net != net || h->t.lport != t->lport ||
	    (h->dif && h->dif != dif) || sk->sk_state != TCP_LISTEN)
		return 0;
	if (ipv6_addr_equal(&h->t.laddr, &t->laddr))
		score = 6;
	else if (v4 && ttp_addr_is_v4(&h->t.laddr) && !ttp_addr_v4(&h->t.laddr))
		score = 4;
	else if (ipv6_addr_any(&h->t.laddr) && !(v4 && ttp_h_sock(h)->bind.v6only))
		score = 2;
	else
		return 0;
	return score + !!h->dif;
}

static struct ttp_hnode *ttp_listen_best(const struct ttp_bucket *b,
					 const struct net *net,
					 const struct ttp_tuple *t, int dif)
{
	struct ttp_hnode *h, *best = NULL;
	int score, top = 0;

	hlist_for_each_entry_rcu(h, &b->chain, node) {
		score = ttp_listen_score(h, net, t, dif);
		if (score > top) {
			top = score;
			best = h;
		}
	}
	return best;
}

/*
 * Of a group (SO_REUSEPORT) its BPF program chooses, else the tuple's hash, so
 * that repetitions of a SYN meet the same listener.  Whoever is chosen may be
 * on its way out: then another.
 */
struct sock *ttp_listen_lookup(struct net *net, const struct ttp_tuple *t,
			       int dif, struct sk_buff *skb, u32 hlen)
{
	struct ttp_bucket *b = ttp_listen_bucket(net, t->lport);
	struct ttp_hnode *best = ttp_listen_best(b, net, t, dif);
	struct sock *sk, *chosen;

	if (!best)
		return NULL;
	sk = ttp_to_sk(ttp_h_sock(best));
	if (sk->sk_reuseport) {
		chosen = reuseport_select_sock(sk, ttp_hash_of(net, t), skb,
					       hlen);
		if (chosen && refcount_inc_not_zero(&chosen->sk_refcnt))
			return chosen;
	}
	return ttp_hnode_get(best) ? sk : NULL;
}
