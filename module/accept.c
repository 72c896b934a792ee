// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps a listener's queue of finished connections.
 */
#include "accept.h"

#include <linux/slab.h>

#include "sock.h"

struct ttp_listener *ttp_listener_of(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_listener *l = t->listener;

	if (l)
		return l;
	l = kzalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return NULL;
	spin_lock_init(&l->lock);
	INIT_LIST_HEAD(&l->reqs);
	INIT_LIST_HEAD(&l->accept);
	INIT_LIST_HEAD(&l->fast_reset);
	ttp_fast_keys_init(&l->fast_keys);
	t->listener = l;
	return l;
}

int ttp_listen_start(struct sock *sk)
{
	struct ttp_listener *l = ttp_listener_of(sk);

	if (!l)
		return -ENOMEM;
	spin_lock_bh(&l->lock);
	l->closed = false;
	spin_unlock_bh(&l->lock);
	sk->sk_ack_backlog = 0;
	return 0;
}

void ttp_listen_drop(struct sock *lsk, const struct ttp_tuple *t,
			    const struct ttp_seg *seg, u32 reason)
{
	ttp_mib_inc(sock_net(lsk), TTP_MIB_LISTENDROPS);
	ttp_drop_note(sock_net(lsk), t, seg, reason);
}

bool ttp_accept_add(struct sock *lsk, struct sock *child)
{
	struct ttp_listener *l = ttp_sk(lsk)->listener;
	bool open;

	spin_lock_bh(&l->lock);
	open = !l->closed;
	if (open) {
		list_add_tail(&ttp_sk(child)->accept, &l->accept);
		sk_acceptq_added(lsk);
	}
	spin_unlock_bh(&l->lock);
	return open;
}

struct sock *ttp_listen_dequeue(struct sock *sk)
{
	struct ttp_listener *l = ttp_sk(sk)->listener;
	struct ttp_sock *c;

	spin_lock_bh(&l->lock);
	c = list_first_entry_or_null(&l->accept, struct ttp_sock, accept);
	if (c) {
		list_del_init(&c->accept);
		sk_acceptq_removed(sk);
	}
	spin_unlock_bh(&l->lock);
	return c ? ttp_to_sk(c) : NULL;
}
