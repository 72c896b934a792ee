// SPDX-License-Identifier: GPL-2.0
/*
 * This file gives out port numbers: who holds which, who may share one, and
 * which one a connection gets that did not ask (RFC 6056, algorithm 4).
 */
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/netns/hash.h>

#include "compat.h"
#include "hash.h"
#include "sock.h"

#define TTP_BIND_BUCKETS 1024
#define TTP_PERTURB_SLOTS 256

static struct {
	struct hlist_head chain;
	spinlock_t	lock;
} ttp_bhash[TTP_BIND_BUCKETS];

static siphash_aligned_key_t ttp_port_key;
static atomic_t ttp_perturb[TTP_PERTURB_SLOTS];

void ttp_port_init(void)
{
	u32 i;

	for (i = 0; i < TTP_BIND_BUCKETS; i++) {
		INIT_HLIST_HEAD(&ttp_bhash[i].chain);
		spin_lock_init(&ttp_bhash[i].lock);
	}
	get_random_bytes(&ttp_port_key, sizeof(ttp_port_key));
}

static u32 ttp_bind_slot(const struct net *net, u16 port)
{
	return (net_hash_mix(net) + port) % TTP_BIND_BUCKETS;
}

static struct ttp_bind *ttp_bind_find(const struct net *net, u16 port)
{
	struct ttp_bind *b;

	hlist_for_each_entry(b, &ttp_bhash[ttp_bind_slot(net, port)].chain, node)
		if (b->net == net && b->port == port)
			return b;
	return NULL;
}

/* With the slot's lock held. */
static struct ttp_bind *ttp_bind_make(struct net *net, u16 port)
{
	struct ttp_bind *b = kmalloc(sizeof(*b), GFP_ATOMIC);

	if (!b)
		return NULL;
	b->net = net;
	b->port = port;
	INIT_HLIST_HEAD(&b->owners);
	hlist_add_head(&b->node, &ttp_bhash[ttp_bind_slot(net, port)].chain);
	return b;
}

static void ttp_bind_drop_if_empty(struct ttp_bind *b)
{
	if (hlist_empty(&b->owners)) {
		hlist_del(&b->node);
		kfree(b);
	}
}

static void ttp_owner_add(struct ttp_owner *o, struct ttp_bind *b)
{
	o->bind = b;
	hlist_add_head(&o->node, &b->owners);
}

/* Could one segment be meant for either address? */
static bool ttp_addr_overlap(const struct ttp_owner *a, const struct ttp_owner *b)
{
	bool v4a = ttp_addr_is_v4(&a->addr), v4b = ttp_addr_is_v4(&b->addr);

	if (ipv6_addr_equal(&a->addr, &b->addr))
		return true;
	if (ipv6_addr_any(&a->addr))
		return !(v4b && a->v6only);
	if (ipv6_addr_any(&b->addr))
		return !(v4a && b->v6only);
	return v4a && v4b &&
	       (!ttp_addr_v4(&a->addr) || !ttp_addr_v4(&b->addr));
}

static bool ttp_owner_listens(const struct ttp_owner *o)
{
	const struct ttp_sock *t = container_of(o, struct ttp_sock, bind);

	return !o->tw && READ_ONCE(ttp_to_sk(t)->sk_state) == TCP_LISTEN;
}

/* The port conflict rules of Linux TCP: may @a come where @b is already? */
static bool ttp_owner_conflict(const struct ttp_owner *a,
			       const struct ttp_owner *b)
{
	if (a == b || (a->dif && b->dif && a->dif != b->dif) ||
	    !ttp_addr_overlap(a, b) || ttp_owner_yields(b))
		return false;
	if (a->reuse && b->reuse && !ttp_owner_listens(b))
		return false;
	return !(a->reuseport && b->reuseport && uid_eq(a->uid, b->uid));
}

static bool ttp_bind_conflict(const struct ttp_bind *b, const struct ttp_owner *o)
{
	const struct ttp_owner *other;

	hlist_for_each_entry(other, &b->owners, node)
		if (ttp_owner_conflict(o, other))
			return true;
	return false;
}

static void ttp_owner_fill(struct ttp_owner *o, struct sock *sk)
{
	o->uid = ttp_sk_uid(sk);
	o->dif = sk->sk_bound_dev_if;
	o->v6only = sk->sk_family == AF_INET6 && sk->sk_ipv6only;
	o->reuse = sk->sk_reuse;
	o->reuseport = sk->sk_reuseport;
	if (sk->sk_family == AF_INET6)
		o->addr = sk->sk_v6_rcv_saddr;
	else
		ttp_addr_set_v4(&o->addr, inet_sk(sk)->inet_rcv_saddr);
}

/* Take @port for @o: 0, -EADDRINUSE, -ENOMEM. */
static int ttp_port_take(struct net *net, struct ttp_owner *o, u16 port)
{
	u32 slot = ttp_bind_slot(net, port);
	struct ttp_bind *b;
	int err = 0;

	spin_lock_bh(&ttp_bhash[slot].lock);
	b = ttp_bind_find(net, port);
	if (b && ttp_bind_conflict(b, o)) {
		err = -EADDRINUSE;
		goto out;
	}
	if (!b)
		b = ttp_bind_make(net, port);
	if (b)
		ttp_owner_add(o, b);
	else
		err = -ENOMEM;
out:
	spin_unlock_bh(&ttp_bhash[slot].lock);
	return err;
}

/* proto->get_port: called by bind() with the socket locked. */
int ttp_get_port(struct sock *sk, unsigned short snum)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct net *net = sock_net(sk);
	int lo, hi, range, i, err = -EADDRINUSE;
	u32 start;

	ttp_owner_fill(&t->bind, sk);
	t->bind.fixed = true;
	if (snum) {
		err = ttp_port_take(net, &t->bind, snum);
	} else {
		inet_get_local_port_range(net, &lo, &hi);
		range = hi - lo + 1;
		start = get_random_u32_below(range);
		for (i = 0; i < range && err == -EADDRINUSE; i++) {
			snum = lo + (start + i) % range;
			if (!inet_is_local_reserved_port(net, snum))
				err = ttp_port_take(net, &t->bind, snum);
		}
	}
	if (err)
		return err;
	inet_sk(sk)->inet_num = snum;
	t->h.t.lport = htons(snum);
	t->h.t.laddr = t->bind.addr;
	t->h.dif = sk->sk_bound_dev_if;
	return 0;
}

void ttp_port_leave(struct ttp_owner *o)
{
	struct ttp_bind *b = o->bind;
	u32 slot;

	if (!b)
		return;
	slot = ttp_bind_slot(b->net, b->port);
	spin_lock_bh(&ttp_bhash[slot].lock);
	hlist_del(&o->node);
	o->bind = NULL;
	ttp_bind_drop_if_empty(b);
	spin_unlock_bh(&ttp_bhash[slot].lock);
}

void ttp_put_port(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	ttp_port_leave(&t->bind);
	/* inet_sport stays: getsockname() after the end of a connection. */
	inet_sk(sk)->inet_num = 0;
	t->h.t.lport = 0;
}

bool ttp_port_inherit(struct net *net, u16 port, struct ttp_owner *to,
		      const struct ttp_owner *from)
{
	u32 slot = ttp_bind_slot(net, port);
	struct ttp_bind *b;

	spin_lock_bh(&ttp_bhash[slot].lock);
	b = from->bind;
	if (b)
		ttp_owner_add(to, b);
	spin_unlock_bh(&ttp_bhash[slot].lock);
	return b;
}

/* sk_state is LISTEN already: two sockets that both got here see each other. */
int ttp_port_check_listen(struct sock *sk)
{
	struct ttp_owner *o = &ttp_sk(sk)->bind;
	u32 slot = ttp_bind_slot(sock_net(sk), inet_sk(sk)->inet_num);
	int err;

	spin_lock_bh(&ttp_bhash[slot].lock);
	o->reuse = sk->sk_reuse;
	o->reuseport = sk->sk_reuseport;
	err = ttp_bind_conflict(o->bind, o) ? -EADDRINUSE : 0;
	spin_unlock_bh(&ttp_bhash[slot].lock);
	return err;
}

/*
 * Try one port for connect(): skip it when somebody bound it by number, else
 * take it if the whole tuple is free.  -EADDRNOTAVAIL: try another.
 */
static int ttp_port_try(struct ttp_sock *t, u16 port, ttp_may_replace_fn may,
			struct ttp_tw **old)
{
	struct net *net = t->h.net;
	u32 slot = ttp_bind_slot(net, port);
	int err = -EADDRNOTAVAIL;
	struct ttp_owner *o;
	struct ttp_bind *b;

	spin_lock_bh(&ttp_bhash[slot].lock);
	b = ttp_bind_find(net, port);
	if (b) {
		hlist_for_each_entry(o, &b->owners, node)
			if (o->fixed && !ttp_owner_yields(o))
				goto out;
	} else {
		b = ttp_bind_make(net, port);
		if (!b) {
			err = -ENOMEM;
			goto out;
		}
	}
	t->h.t.lport = htons(port);
	err = ttp_hash_insert_over(&t->h, may, old);
	if (!err)
		ttp_owner_add(&t->bind, b);
	else
		ttp_bind_drop_if_empty(b);
out:
	spin_unlock_bh(&ttp_bhash[slot].lock);
	return err;
}

int ttp_hash_connect(struct sock *sk, ttp_may_replace_fn may,
		     struct ttp_tw **old)
{
	struct ttp_sock *t = ttp_sk(sk);
	int lo, hi, range, i, err = -EADDRNOTAVAIL;
	u32 start, slot;
	u16 port = 0;

	*old = NULL;
	if (t->bind.bind)
		return ttp_hash_insert_over(&t->h, may, old);

	inet_get_local_port_range(sock_net(sk), &lo, &hi);
	range = hi - lo + 1;
	t->h.t.lport = 0;
	start = ttp_tuple_mac(&t->h.t, &ttp_port_key);
	slot = start % TTP_PERTURB_SLOTS;
	start += atomic_read(&ttp_perturb[slot]);
	ttp_owner_fill(&t->bind, sk);
	t->bind.addr = t->h.t.laddr;
	t->bind.fixed = false;
	for (i = 0; i < range && err == -EADDRNOTAVAIL; i++) {
		port = lo + (start + i) % range;
		if (!inet_is_local_reserved_port(sock_net(sk), port))
			err = ttp_port_try(t, port, may, old);
	}
	if (err) {
		t->h.t.lport = 0;
		return err;
	}
	atomic_add(i + get_random_u32_below(8), &ttp_perturb[slot]);
	inet_sk(sk)->inet_num = port;
	inet_sk(sk)->inet_sport = htons(port);
	return 0;
}
