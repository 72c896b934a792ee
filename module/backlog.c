// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps the segments that come while a process owns the socket.
 *
 * A reader that copies much at a time is found busy by most of them.  Data that
 * goes on where the last waiting segment ends is joined to it, so that the
 * reader, when he is done, has few segments to take in and one ACK to send.
 */
#include "backlog.h"

#include <linux/skbuff.h>
#include <net/sock.h>

#include "compat.h"
#include "input.h"
#include "sock.h"

/* Payload of its segments. */
static u32 backlog_size(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_size ?: min_t(u32, skb->len, U16_MAX);
}

static u32 backlog_segs(const struct sk_buff *skb)
{
	return max_t(u32, skb_shinfo(skb)->gso_segs, 1);
}

static u32 backlog_hlen(const struct sk_buff *skb)
{
	return skb->data - skb_transport_header(skb);
}

/* Has either of both anything to say that joining them would lose? */
static bool backlog_alike(const struct ttp_sock *t, const struct sk_buff *a,
			  const struct sk_buff *b)
{
	const struct ttp_skb_cb *ca = TTP_CB(a), *cb = TTP_CB(b);
	u32 hlen = backlog_hlen(a);

	/* An ACK without data may be a duplicate, and those are counted. */
	if (!a->len || !b->len || ca->end_seq != cb->seq ||
	    ttp_before(cb->ack, ca->ack))
		return false;
	/* What is old wants an ACK; so does what is early, where ACKs are counted. */
	if (ttp_before(ca->seq, t->rcv_nxt) ||
	    (!t->sack_ok && ca->seq != t->rcv_nxt))
		return false;
	if ((ca->flags & TTP_FIN) ||
	    ((ca->flags | cb->flags) & (TTP_SYN | TTP_RST | TTP_URG)) ||
	    ((ca->flags ^ cb->flags) & ~(TTP_PSH | TTP_FIN)))
		return false;
	return ca->tos == cb->tos && a->mark == b->mark &&
	       hlen == backlog_hlen(b) &&
	       !memcmp(skb_transport_header(a) + TTP_HDR_LEN,
		       skb_transport_header(b) + TTP_HDR_LEN,
		       hlen - TTP_HDR_LEN);
}

/* True: @skb is part of the last one that waits, whose ACK is now its own. */
static bool backlog_join(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = sk->sk_backlog.tail;
	u32 size, segs;
	bool stolen;
	int delta;

	if (!tail || !backlog_alike(ttp_sk(sk), tail, skb))
		return false;
	size = max(backlog_size(tail), backlog_size(skb));
	segs = backlog_segs(tail) + backlog_segs(skb);
	if (!skb_try_coalesce(tail, skb, &stolen, &delta))
		return false;
	/* Its head may be seen by others, who would wonder: see our own notes. */
	TTP_CB(tail)->end_seq = TTP_CB(skb)->end_seq;
	TTP_CB(tail)->ack = TTP_CB(skb)->ack;
	TTP_CB(tail)->win = TTP_CB(skb)->win;
	TTP_CB(tail)->flags |= TTP_CB(skb)->flags;
	skb_shinfo(tail)->gso_size = size;
	skb_shinfo(tail)->gso_segs = min_t(u32, segs, U16_MAX);
	sk->sk_backlog.len += delta;
	ttp_mib_count(ttp_sk(sk)->tn, TTP_MIB_BACKLOGCOALESCE, 1);
	kfree_skb_partial(skb, stolen);
	return true;
}

/*
 * What was offered may cost twice the buffer, as prune.c has it, and ACKs of
 * what we send come as well.
 */
static u32 backlog_limit(const struct sock *sk)
{
	u64 limit = 2 * (u64)READ_ONCE(sk->sk_rcvbuf) +
		    READ_ONCE(sk->sk_sndbuf) + 64 * 1024;

	return min_t(u64, limit, U32_MAX);
}

void ttp_backlog_add(struct sock *sk, struct sk_buff *skb,
		     const struct ttp_seg *seg)
{
	struct ttp_skb_cb *cb = TTP_CB(skb);

	cb->seq = seg->seq;
	cb->end_seq = seg->seq + seg->len;
	cb->ack = seg->ack;
	cb->win = seg->win;
	cb->flags = seg->flags;
	cb->tos = seg->tos;
	if (backlog_join(sk, skb))
		return;
	if (sk_add_backlog(sk, skb, backlog_limit(sk))) {
		ttp_drop_note(sock_net(sk), &ttp_sk(sk)->h.t, seg,
			      TTP_DROP_BACKLOG);
		kfree_skb(skb);
	}
}

int ttp_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	const u8 *th = skb_transport_header(skb);
	u32 hlen = backlog_hlen(skb);
	struct ttp_seg seg;

	/* It was parsed once already, before it had to wait. */
	ttp_seg_parse(th, hlen, hlen + skb->len, &seg);
	seg.ack = TTP_CB(skb)->ack;
	seg.win = TTP_CB(skb)->win;
	seg.flags = TTP_CB(skb)->flags;
	seg.tos = TTP_CB(skb)->tos;
	seg.ip = seg.tos & TTP_IP_ECN;
	seg.mark = skb->mark;
	ttp_input(sk, skb, &seg);
	return 0;
}
