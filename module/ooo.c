// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps received data that is out of order.
 */
#include "ooo.h"

#include "compat.h"

void ttp_ooo_unlink(struct ttp_sock *t, struct sk_buff *skb)
{
	struct rb_node *prev;

	if (skb == t->ooo_last) {
		prev = rb_prev(&skb->rbnode);
		t->ooo_last = prev ? rb_to_skb(prev) : NULL;
	}
	rb_erase(&skb->rbnode, &t->ooo);
	RB_CLEAR_NODE(&skb->rbnode);
	skb->next = NULL;
	skb->prev = NULL;
	skb->dev = NULL;
}

void ttp_ooo_free(struct sock *sk, struct sk_buff *skb)
{
	ttp_ooo_unlink(ttp_sk(sk), skb);
	__kfree_skb(skb);
}

void ttp_ooo_purge(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	while (t->ooo_last)
		ttp_ooo_free(sk, t->ooo_last);
	memset(&t->sack_rx, 0, sizeof(t->sack_rx));
}

/* Entries that @skb covers whole are of no more use. */
static void ttp_ooo_swallow(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *next;

	while ((next = ttp_ooo_next(skb)) &&
	       ttp_before_eq(TTP_CB(next)->end_seq, TTP_CB(skb)->end_seq) &&
	       !(TTP_CB(next)->flags & TTP_FIN))
		ttp_ooo_free(sk, next);
}

/* Everything in @skb is in @at. */
static bool ttp_ooo_covers(const struct sk_buff *at, const struct sk_buff *skb)
{
	return ttp_before_eq(TTP_CB(at)->seq, TTP_CB(skb)->seq) &&
	       ttp_before_eq(TTP_CB(skb)->end_seq, TTP_CB(at)->end_seq) &&
	       !(TTP_CB(skb)->flags & ~TTP_CB(at)->flags & TTP_FIN);
}

bool ttp_ooo_insert(struct sock *sk, struct sk_buff *skb, bool charged)
{
	struct rb_node **p, *parent = NULL;
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *at;

	p = &t->ooo.rb_node;
	if (t->ooo_last && !ttp_before(TTP_CB(skb)->seq,
				       TTP_CB(t->ooo_last)->end_seq)) {
		parent = &t->ooo_last->rbnode;	/* the common case: behind all */
		p = &parent->rb_right;
	}
	while (*p) {
		parent = *p;
		at = rb_to_skb(parent);
		if (ttp_ooo_covers(at, skb))
			return false;
		p = ttp_before(TTP_CB(skb)->seq, TTP_CB(at)->seq) ?
		    &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &t->ooo);
	ttp_ooo_swallow(sk, skb);
	if (!rb_next(&skb->rbnode))
		t->ooo_last = skb;
	if (!charged)
		skb_set_owner_r(skb, sk);
	return true;
}
