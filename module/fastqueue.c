// SPDX-License-Identifier: GPL-2.0
/*
 * This file bounds how many connections Fast Open may begin on a listener
 * before their clients have proven where they are.
 */
#include "fastqueue.h"

#include <linux/slab.h>

#include "compat.h"
#include "sock.h"

/* Held by an unconfirmed child, then perhaps kept in the listener's list. */
struct ttp_fast_place {
	struct list_head list;		/* ttp_listener.fast_reset, by time */
	struct sock	*listener;	/* referenced, unless in the list */
	u64		until;		/* us, in the list */
};

void ttp_fast_limit(struct sock *lsk, u32 most)
{
	u32 somaxconn = READ_ONCE(sock_net(lsk)->core.sysctl_somaxconn);

	WRITE_ONCE(ttp_sk(lsk)->listener->fast_max, min(most, somaxconn));
	ttp_fast_keys_draw(&ttp_net(sock_net(lsk))->fast_keys);
}

/* Under the listener's queue lock: the oldest of those that were reset. */
static struct ttp_fast_place *ttp_fast_pop(struct ttp_listener *l, u64 now)
{
	struct ttp_fast_place *p;

	p = list_first_entry_or_null(&l->fast_reset, struct ttp_fast_place, list);
	if (!p || p->until > now)
		return NULL;
	list_del(&p->list);
	l->fast_len--;
	return p;
}

bool ttp_fast_room(struct sock *lsk)
{
	struct ttp_listener *l = ttp_sk(lsk)->listener;
	struct ttp_fast_place *old = NULL;
	u32 most = READ_ONCE(l->fast_max);
	bool room;

	if (!most)
		return false;
	spin_lock_bh(&l->lock);
	if (l->fast_len >= most)
		old = ttp_fast_pop(l, ttp_now());
	room = l->fast_len < most;
	spin_unlock_bh(&l->lock);
	kfree(old);
	if (!room)
		ttp_mib_inc(sock_net(lsk), TTP_MIB_FASTOPENLISTENOVERFLOW);
	return room;
}

struct ttp_fast_place *ttp_fast_take(struct sock *lsk)
{
	struct ttp_listener *l = ttp_sk(lsk)->listener;
	struct ttp_fast_place *p;

	p = kmalloc(sizeof(*p), GFP_ATOMIC | __GFP_NOWARN);
	if (!p)
		return NULL;
	p->listener = lsk;
	sock_hold(lsk);
	spin_lock_bh(&l->lock);
	l->fast_len++;
	spin_unlock_bh(&l->lock);
	return p;
}

static void ttp_fast_end(struct ttp_fast_place *p, bool keep)
{
	struct sock *lsk = p->listener;
	struct ttp_listener *l = ttp_sk(lsk)->listener;

	spin_lock_bh(&l->lock);
	keep &= !l->closed;
	if (keep) {
		p->until = ttp_now() + TTP_FO_GRUDGE;
		list_add_tail(&p->list, &l->fast_reset);
	} else {
		l->fast_len--;
	}
	spin_unlock_bh(&l->lock);
	if (!keep)
		kfree(p);
	sock_put(lsk);
}

void ttp_fast_give_back(struct ttp_fast_place *place)
{
	ttp_fast_end(place, false);
}

void ttp_fast_leave(struct sock *child, bool reset)
{
	struct ttp_sock *c = ttp_sk(child);
	struct ttp_fast_place *p = c->fast;

	if (!p)
		return;
	c->fast = NULL;
	/* In the accept queue it takes up room enough. */
	ttp_fast_end(p, reset && list_empty_careful(&c->accept));
}

void ttp_fast_forget(struct ttp_listener *l)
{
	struct ttp_fast_place *p, *next;
	LIST_HEAD(gone);

	spin_lock_bh(&l->lock);
	list_splice_init(&l->fast_reset, &gone);
	list_for_each_entry(p, &gone, list)
		l->fast_len--;
	spin_unlock_bh(&l->lock);
	list_for_each_entry_safe(p, next, &gone, list)
		kfree(p);
}
