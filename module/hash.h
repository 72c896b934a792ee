/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the tables in which an arriving segment finds its socket,
 * request or TIME_WAIT entry, and the table of bound ports.
 */
#ifndef TTP_HASH_H
#define TTP_HASH_H

#include <linux/in6.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/siphash.h>
#include <linux/types.h>
#include <net/ipv6.h>

struct net;
struct sk_buff;
struct sock;
struct ttp_sock;
struct ttp_req;
struct ttp_tw;

/* Both ends as we see them; IPv4 addresses are v4-mapped. */
struct ttp_tuple {
	struct in6_addr	laddr;
	struct in6_addr	raddr;
	__be16		lport;
	__be16		rport;
};

enum ttp_hkind {
	TTP_H_SOCK,
	TTP_H_REQ,
	TTP_H_TW,
};

/*
 * What the established table links.  Readers hold the RCU read lock; writers
 * the lock of the bucket.  An entry is freed a grace period after it left.
 */
struct ttp_hnode {
	struct hlist_node node;
	struct net	*net;
	u32		hash;
	int		dif;		/* bound device, 0 for any */
	struct ttp_tuple t;
	u8		kind;		/* enum ttp_hkind */
};

/* One bound port of a namespace; the list of owners is under the bucket lock. */
struct ttp_bind {
	struct hlist_node node;
	struct net	*net;
	u16		port;
	struct hlist_head owners;
};

/* A socket's or TIME_WAIT entry's share of a bound port. */
struct ttp_owner {
	struct hlist_node node;
	struct ttp_bind	*bind;		/* NULL: none */
	struct in6_addr	addr;		/* :: any, ::ffff:0:0 any IPv4 */
	kuid_t		uid;
	int		dif;
	bool		v6only:1;
	bool		reuse:1;	/* SO_REUSEADDR when it was bound */
	bool		reuseport:1;
	bool		fixed:1;	/* bound by number, not chosen by connect() */
	bool		tw:1;		/* part of a TIME_WAIT entry, else of a socket */
	u32		yields_at;	/* TIME_WAIT, tw_recycle 2: in nobody's way
					 * from then on, jiffies; 0: never
					 */
};

int ttp_hash_init(void);
void ttp_port_init(void);
void ttp_hash_exit(void);

/* Established table.  Lookup takes a reference unless the entry is dying. */
struct ttp_hnode *ttp_hash_lookup(struct net *net, const struct ttp_tuple *t,
				  int dif);
u32 ttp_hash_of(const struct net *net, const struct ttp_tuple *t);
/*
 * Insert @h (net, t, dif, kind filled in).  -EADDRNOTAVAIL when the tuple is
 * taken; @replace (may be NULL) gives up its place in the same step, and when
 * it has already left the table the answer is -ESTALE.
 */
int ttp_hash_insert(struct ttp_hnode *h, struct ttp_hnode *replace);

/*
 * The same, but a TIME_WAIT entry with the same tuple gives way if @may says
 * so, under the bucket's lock: *@old is it then, referenced, else NULL.
 */
typedef bool (*ttp_may_replace_fn)(const struct ttp_hnode *h,
				   const struct ttp_tw *old);
int ttp_hash_insert_over(struct ttp_hnode *h, ttp_may_replace_fn may,
			 struct ttp_tw **old);
/* Returns true for the one caller that took it out. */
bool ttp_hash_remove(struct ttp_hnode *h);

/* Listeners.  -ENOMEM: no room in the group of those with SO_REUSEPORT. */
int ttp_listen_hash(struct sock *sk);
void ttp_listen_unhash(struct sock *sk);
/*
 * Under RCU; returns a referenced listener or NULL.  @skb, whose header of
 * @hlen bytes lies at skb->data, is for the BPF program of a group; NULL when
 * it is only asked whether there is a listener.
 */
struct sock *ttp_listen_lookup(struct net *net, const struct ttp_tuple *t,
			       int dif, struct sk_buff *skb, u32 hlen);

/* Ports. */
int ttp_get_port(struct sock *sk, unsigned short snum);	/* proto->get_port */
void ttp_put_port(struct sock *sk);
/*
 * Give @to a share of @port, which @from holds.  False when @from has just let
 * it go: a listener that is being closed.
 */
bool ttp_port_inherit(struct net *net, u16 port, struct ttp_owner *to,
		      const struct ttp_owner *from);
void ttp_port_leave(struct ttp_owner *o);
/* May a listener keep its port now that it listens? -EADDRINUSE. */
int ttp_port_check_listen(struct sock *sk);
/*
 * Insert a connecting socket, whose tuple is complete but perhaps for lport,
 * into the established table, choosing a port when it has none.  @may, @old: as
 * for ttp_hash_insert_over().
 */
int ttp_hash_connect(struct sock *sk, ttp_may_replace_fn may,
		     struct ttp_tw **old);

/*
 * Iterate: n-th bucket under its lock.  Most are empty, and there are many: look
 * first, without a lock; what comes at that moment may be missed.
 */
u32 ttp_hash_nr_buckets(void);
bool ttp_hash_bucket_empty(u32 i);
struct hlist_head *ttp_hash_lock_bucket(u32 i);
void ttp_hash_unlock_bucket(u32 i);
#define TTP_LISTEN_BUCKETS 256
bool ttp_listen_bucket_empty(u32 i);
struct hlist_head *ttp_listen_lock_bucket(u32 i);
void ttp_listen_unlock_bucket(u32 i);

static inline bool ttp_owner_yields(const struct ttp_owner *o)
{
	u32 at = READ_ONCE(o->yields_at);

	return at && (s32)((u32)jiffies - at) >= 0;
}

static inline bool ttp_addr_is_v4(const struct in6_addr *a)
{
	return ipv6_addr_v4mapped(a);
}

static inline __be32 ttp_addr_v4(const struct in6_addr *a)
{
	return a->s6_addr32[3];
}

/* What nobody can guess without @key. */
static inline u64 ttp_tuple_mac(const struct ttp_tuple *t,
				const siphash_key_t *key)
{
	/* Of two IPv4 addresses most words are always the same. */
	if (ttp_addr_is_v4(&t->raddr))
		return siphash_3u32((__force u32)ttp_addr_v4(&t->laddr),
				    (__force u32)ttp_addr_v4(&t->raddr),
				    *(const u32 *)&t->lport, key);
	return siphash(t, sizeof(*t), key);
}

static inline void ttp_addr_set_v4(struct in6_addr *a, __be32 v4)
{
	ipv6_addr_set_v4mapped(v4, a);
}

#endif
