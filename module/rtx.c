// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps what was sent until it is acknowledged, and counts what of
 * it is in the network, SACKed, lost and repeated.
 */
#include "rtx.h"

#include "compat.h"
#include "txq.h"

struct sk_buff *ttp_rtx_at(const struct ttp_sock *t, u32 seq)
{
	struct rb_node *n = t->rtx.rb_node;
	struct sk_buff *best = NULL, *skb;

	while (n) {
		skb = rb_to_skb(n);
		if (ttp_before(seq, TTP_CB(skb)->end_seq)) {
			best = skb;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return best;
}

static void rtx_link(struct ttp_sock *t, struct sk_buff *skb)
{
	struct rb_node **p = &t->rtx.rb_node, *parent = NULL;

	while (*p) {
		parent = *p;
		p = ttp_before(TTP_CB(skb)->seq, TTP_CB(rb_to_skb(parent))->seq) ?
		    &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &t->rtx);
}

/* Add @segs, which may be negative, to the counters of @state. */
static void rtx_count(struct ttp_sock *t, u8 state, int segs)
{
	t->packets_out += segs;
	if (state & TTP_S_SACKED)
		t->sacked_out += segs;
	if (state & TTP_S_LOST)
		t->lost_out += segs;
	if (state & TTP_S_RETRANS)
		t->retrans_out += segs;
}

void ttp_rtx_add(struct ttp_sock *t, struct sk_buff *skb)
{
	struct ttp_skb_cb *cb = TTP_CB(skb);

	cb->state = 0;
	rtx_link(t, skb);
	list_add_tail(&skb->tcp_tsorted_anchor, &t->tsorted);
	rtx_count(t, 0, cb->segs);
}

/* Leave the order of time, in a way that may be repeated. */
static void rtx_untime(struct sk_buff *skb)
{
	list_del_init(&skb->tcp_tsorted_anchor);
}

void ttp_rtx_drop(struct sock *sk, struct sk_buff *skb)
{
	struct ttp_sock *t = ttp_sk(sk);

	rtx_count(t, TTP_CB(skb)->state, -(int)TTP_CB(skb)->segs);
	rtx_untime(skb);
	rb_erase(&skb->rbnode, &t->rtx);
	skb->next = NULL;
	skb->prev = NULL;
	skb->dev = NULL;
	/* The list shared its place with these. */
	skb->_skb_refdst = 0;
	skb->destructor = NULL;
	ttp_tx_free_acked(sk, skb);
}

void ttp_rtx_again(struct ttp_sock *t, struct sk_buff *skb)
{
	struct ttp_skb_cb *cb = TTP_CB(skb);

	if (!(cb->state & TTP_S_RETRANS))
		t->retrans_out += cb->segs;
	cb->state |= TTP_S_RETRANS | TTP_S_EVER;
	list_move_tail(&skb->tcp_tsorted_anchor, &t->tsorted);
}

void ttp_rtx_purge(struct sock *sk)
{
	struct sk_buff *skb;

	while ((skb = ttp_rtx_first(ttp_sk(sk))))
		ttp_rtx_drop(sk, skb);
}

void ttp_rtx_settle(struct ttp_sock *t, struct sk_buff *skb)
{
	struct ttp_skb_cb *cb = TTP_CB(skb);

	if (cb->state & TTP_S_LOST)
		t->lost_out -= cb->segs;
	if (cb->state & TTP_S_RETRANS)
		t->retrans_out -= cb->segs;
	cb->state &= ~(TTP_S_LOST | TTP_S_RETRANS);
}

void ttp_rtx_mark_lost(struct ttp_sock *t, struct sk_buff *skb)
{
	struct ttp_skb_cb *cb = TTP_CB(skb);

	if (cb->state & TTP_S_RETRANS)
		ttp_mib_add(sock_net(ttp_to_sk(t)), TTP_MIB_LOSTRETRANSMIT,
			    cb->segs);
	ttp_rtx_settle(t, skb);
	rtx_untime(skb);
	if (!t->lost_out || ttp_before(cb->seq, t->rtx_next))
		t->rtx_next = cb->seq;
	cb->state |= TTP_S_LOST;
	t->lost_out += cb->segs;
}

void ttp_rtx_mark_sacked(struct ttp_sock *t, struct sk_buff *skb)
{
	ttp_rtx_settle(t, skb);
	rtx_untime(skb);
	TTP_CB(skb)->state |= TTP_S_SACKED;
	t->sacked_out += TTP_CB(skb)->segs;
}

void ttp_rtx_forget_sacks(struct ttp_sock *t)
{
	struct sk_buff *skb;

	for (skb = ttp_rtx_first(t); skb; skb = ttp_rtx_next(skb)) {
		if (!(TTP_CB(skb)->state & TTP_S_SACKED))
			continue;
		TTP_CB(skb)->state &= ~TTP_S_SACKED;
		t->sacked_out -= TTP_CB(skb)->segs;
		ttp_rtx_mark_lost(t, skb);
	}
}

static struct sk_buff *rtx_timed(struct list_head *l)
{
	return list_entry(l, struct sk_buff, tcp_tsorted_anchor);
}

/*
 * Into the order of time by what it says, behind @after if that is not later,
 * else from the beginning: that was a while ago.
 */
static void rtx_time(struct ttp_sock *t, struct sk_buff *skb,
		     struct sk_buff *after)
{
	struct list_head *at = &t->tsorted;
	u64 sent_at = TTP_CB(skb)->sent_at;

	if (after && TTP_CB(after)->sent_at <= sent_at)
		at = &after->tcp_tsorted_anchor;
	while (!list_is_last(at, &t->tsorted) &&
	       TTP_CB(rtx_timed(at->next))->sent_at <= sent_at)
		at = at->next;
	list_add(&skb->tcp_tsorted_anchor, at);
}

/* What was sent in order goes back in order, each behind the one before. */
void ttp_rtx_forget_losses(struct ttp_sock *t)
{
	struct sk_buff *skb, *last = NULL;

	for (skb = ttp_rtx_first(t); skb; skb = ttp_rtx_next(skb)) {
		if (!(TTP_CB(skb)->state & TTP_S_LOST))
			continue;
		TTP_CB(skb)->state &= ~TTP_S_LOST;
		t->lost_out -= TTP_CB(skb)->segs;
		if (TTP_CB(skb)->state & TTP_S_RETRANS)
			continue;
		rtx_time(t, skb, last);
		last = skb;
	}
}

void ttp_rtx_recount(struct ttp_sock *t, struct sk_buff *skb, u32 mss)
{
	struct ttp_skb_cb *cb = TTP_CB(skb);
	u32 segs = DIV_ROUND_UP(skb->len, mss);

	rtx_count(t, cb->state, (int)segs - (int)cb->segs);
	cb->segs = segs;
	cb->mss = mss;
}

bool ttp_rtx_shrink(struct ttp_sock *t, u32 mss, u32 burst)
{
	struct sk_buff *skb;
	bool any = false;

	for (skb = ttp_rtx_first(t); skb; skb = ttp_rtx_next(skb)) {
		struct ttp_skb_cb *cb = TTP_CB(skb);

		if ((cb->state & TTP_S_SACKED) || skb->len <= mss ||
		    (cb->mss <= mss && skb->len <= burst))
			continue;
		ttp_rtx_mark_lost(t, skb);
		ttp_rtx_recount(t, skb, min_t(u32, cb->mss, mss));
		any = true;
	}
	return any;
}

/*
 * Each piece costs a head, and it is the peer who chooses the pieces: he may
 * SACK every second segment.  Half of what they may cost is for data, a burst
 * or two come on top.  The first one can always be cut: then there is a way
 * to go on, whatever the others are.
 */
static bool rtx_may_split(const struct sock *sk, const struct sk_buff *skb)
{
	s64 most = READ_ONCE(sk->sk_sndbuf) + 2 *
		   SKB_TRUESIZE(max(GSO_LEGACY_MAX_SIZE,
				    READ_ONCE(sk->sk_gso_max_size)));

	return READ_ONCE(sk->sk_wmem_queued) / 2 <= most ||
	       skb == ttp_rtx_first(ttp_sk(sk));
}

int ttp_rtx_split(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *rest;

	if (!rtx_may_split(sk, skb)) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_SPLITREFUSED);
		return -ENOMEM;
	}
	rest = ttp_tx_cut(sk, skb, len);
	if (!rest)
		return -ENOMEM;
	rtx_link(t, rest);
	if (list_empty(&skb->tcp_tsorted_anchor))
		INIT_LIST_HEAD(&rest->tcp_tsorted_anchor);
	else
		list_add(&rest->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor);
	TTP_CB(rest)->segs = 0;
	ttp_rtx_recount(t, skb, TTP_CB(skb)->mss);
	ttp_rtx_recount(t, rest, TTP_CB(skb)->mss);
	return 0;
}

u32 ttp_rtx_trim(struct sock *sk, struct sk_buff *skb, u32 len)
{
	u32 before = TTP_CB(skb)->segs;

	/* Without memory it stays whole: some bytes may go twice. */
	if (!ttp_tx_trim(sk, skb, len))
		ttp_rtx_recount(ttp_sk(sk), skb, TTP_CB(skb)->mss);
	return before - TTP_CB(skb)->segs;
}
