// SPDX-License-Identifier: GPL-2.0
/*
 * This file takes packets from IP, throws out the malformed, and finds the
 * socket, request, TIME_WAIT entry or listener that each is for.
 */
#include "rcv.h"

#include <linux/err.h>
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/xfrm.h>

#include "af.h"
#include "backlog.h"
#include "compat.h"
#include "demux.h"
#include "input.h"
#include "listen.h"
#include "pacing.h"
#include "req.h"
#include "sock.h"
#include "steer.h"
#include "timer.h"
#include "timewait.h"
#include "trace.h"
#include "xmit.h"

/* Header, options and checksum; returns a drop reason, 0 when all is well. */
static u32 ttp_rcv_check(struct sk_buff *skb, const struct ttp_af *af,
			 struct ttp_tuple *t, struct ttp_seg *seg)
{
	u32 hlen;

	if (!af->addrs(skb, t))
		return TTP_DROP_ADDR;
	if (!pskb_may_pull(skb, TTP_HDR_LEN))
		return TTP_DROP_SHORT;
	hlen = (((struct ttp_hdr *)skb->data)->doff_ae >> 4) * 4;
	if (hlen < TTP_HDR_LEN || hlen > skb->len || !pskb_may_pull(skb, hlen))
		return TTP_DROP_DOFF;
	/* The checksum first: a damaged option is not a bad option. */
	if (!af->csum_ok(skb))
		return TTP_DROP_CSUM;
	switch (ttp_seg_parse(skb->data, hlen, skb->len, seg)) {
	case TTP_SEG_OK:
		break;
	case TTP_SEG_SHORT:
		return TTP_DROP_SHORT;
	case TTP_SEG_BAD_DOFF:
		return TTP_DROP_DOFF;
	case TTP_SEG_BAD_OPT:
		return TTP_DROP_OPTION;
	}
	seg->tos = af->tos(skb);
	seg->ip = seg->tos & TTP_IP_ECN;
	seg->mark = skb->mark;
	t->lport = htons(seg->dport);
	t->rport = htons(seg->sport);
	return 0;
}

static void ttp_rcv_drop(struct net *net, struct sk_buff *skb,
			 const struct ttp_tuple *t, const struct ttp_seg *seg,
			 u32 reason)
{
	ttp_drop_note(net, t, seg, reason);
	kfree_skb(skb);
}

/*
 * Policy and filter, then strip what the socket layer does not want.  A filter
 * may cut the payload: what is left is a shorter segment, and its FIN has not
 * come yet.
 */
static bool ttp_rcv_admit(struct sock *sk, const struct ttp_tuple *t,
			  struct sk_buff *skb, struct ttp_seg *seg)
{
	if (!xfrm_policy_check(sk, XFRM_POLICY_IN, skb, ttp_af_of(t)->family))
		return false;
	nf_reset_ct(skb);
	if (ttp_sk_filter(sk, skb, seg->hlen))
		return false;
	skb->dev = NULL;
	__skb_pull(skb, seg->hlen);
	if (skb->len < seg->len) {
		seg->len = skb->len;
		seg->flags &= ~(TTP_FIN | TTP_PSH);
	}
	return true;
}

/* As it has come, whatever it is joined with while it waits. */
static void ttp_rcv_trace(const struct sock *sk, const struct ttp_seg *seg)
{
	const struct ttp_sock *t = ttp_sk(sk);
	u8 scale = seg->flags & TTP_SYN ? 0 : t->snd_wscale;

	if (trace_ttp_recv_enabled())
		trace_ttp_recv(sock_net(sk), &t->h.t, seg, seg->win << scale,
			       sk->sk_state);
}

static void ttp_rcv_admitted(struct sock *sk, struct sk_buff *skb,
			     struct ttp_seg *seg)
{
	ttp_steer_heard(sk, skb);
	bh_lock_sock_nested(sk);
	ttp_rcv_trace(sk, seg);
	if (!sock_owned_by_user(sk)) {
		ttp_demux_learn(sk, skb);
		skb_dst_drop(skb);
		ttp_input(sk, skb, seg);
	} else {
		skb_dst_drop(skb);
		ttp_backlog_add(sk, skb, seg);
	}
	bh_unlock_sock(sk);
}

static void ttp_rcv_sock(struct sock *sk, struct sk_buff *skb,
			 struct ttp_seg *seg)
{
	if (ttp_rcv_admit(sk, &ttp_sk(sk)->h.t, skb, seg))
		ttp_rcv_admitted(sk, skb, seg);
	else
		ttp_rcv_drop(sock_net(sk), skb, &ttp_sk(sk)->h.t, seg,
			     TTP_DROP_POLICY);
}

/* A final ACK, or the SYN of a Fast Open, goes on to the child that it makes, if any. */
static void ttp_rcv_child(struct sock *lsk, struct sock *child,
			  struct sk_buff *skb, const struct ttp_seg *seg)
{
	if (!child) {
		kfree_skb(skb);
		return;
	}
	ttp_steer_heard(child, skb);
	if (seg->flags & TTP_SYN) {
		ttp_input_opened(child, skb, seg);
	} else {
		ttp_rcv_trace(child, seg);
		ttp_input(child, skb, seg);
	}
	lsk->sk_data_ready(lsk);
	bh_unlock_sock(child);
	sock_put(child);
}

/*
 * Another CPU's segment has ended the handshake meanwhile: this one, mostly the
 * data behind that ACK, is for the child.  @lsk's filter and policy are its too.
 */
static void ttp_rcv_second(const struct ttp_req *req, struct sk_buff *skb,
			   int dif, struct ttp_seg *seg)
{
	struct ttp_hnode *h = ttp_hash_lookup(req->h.net, &req->h.t, dif);

	if (h && h->kind == TTP_H_SOCK) {
		ttp_rcv_admitted(ttp_to_sk(ttp_h_sock(h)), skb, seg);
	} else {
		trace_ttp_recv(req->h.net, &req->h.t, seg, seg->win, TTP_CLOSE);
		ttp_rcv_drop(req->h.net, skb, &req->h.t, seg, TTP_DROP_CLOSED);
	}
	if (h)
		ttp_found_put(h);
}

static void ttp_rcv_req(struct ttp_req *req, struct sk_buff *skb, int dif,
			struct ttp_seg *seg)
{
	struct sock *lsk = req->listener, *child;

	if (!ttp_rcv_admit(lsk, &req->h.t, skb, seg)) {
		ttp_rcv_drop(req->h.net, skb, &req->h.t, seg, TTP_DROP_POLICY);
		return;
	}
	skb_dst_drop(skb);
	child = ttp_req_rcv(req, seg);
	if (IS_ERR(child))
		ttp_rcv_second(req, skb, dif, seg);
	else
		ttp_rcv_child(lsk, child, skb, seg);
}

static void ttp_rcv_listen(struct sock *lsk, struct sk_buff *skb, int dif,
			   const struct ttp_tuple *t, struct ttp_seg *seg,
			   struct ttp_tw *old)
{
	const struct ttp_af *af = ttp_af_of(t);
	struct sock *child;
	struct ttp_way way;

	if (af->way_back && af->way_back(skb, &way))
		seg->way = &way;
	if (!ttp_rcv_admit(lsk, t, skb, seg)) {
		ttp_rcv_drop(sock_net(lsk), skb, t, seg, TTP_DROP_POLICY);
		return;
	}
	skb_dst_drop(skb);
	child = ttp_listen_rcv(lsk, dif, t, seg, old);
	ttp_rcv_child(lsk, child, skb, seg);
}

/* RFC 9293 3.10.7.1: the segment is for nobody. */
static void ttp_rcv_stranger(struct net *net, struct sk_buff *skb,
			     const struct ttp_tuple *t,
			     const struct ttp_seg *seg)
{
	struct ttp_reply_how how = {};

	if (!xfrm_policy_check(NULL, XFRM_POLICY_IN, skb,
			       ttp_af_of(t)->family)) {
		ttp_rcv_drop(net, skb, t, seg, TTP_DROP_POLICY);
		return;
	}
	if (ipv6_addr_type(&t->raddr) & IPV6_ADDR_LINKLOCAL)
		how.oif = skb->dev->ifindex;
	trace_ttp_recv(net, t, seg, seg->win, TTP_CLOSE);
	ttp_rcv_drop(net, skb, t, seg, TTP_DROP_NOSOCK);
	ttp_xmit_reset(net, t, &how, seg, TTP_CLOSE);
}

/* A SYN that may have the place of @tw, if there is a listener for it. */
static void ttp_rcv_over_tw(struct ttp_tw *tw, struct sk_buff *skb, int dif,
			    struct ttp_seg *seg)
{
	struct net *net = tw->h.net;
	struct sock *lsk;

	lsk = ttp_listen_lookup(net, &tw->h.t, dif, skb, seg->hlen);
	if (!lsk) {
		ttp_tw_refuse(tw, seg);
		kfree_skb(skb);
		return;
	}
	ttp_rcv_listen(lsk, skb, dif, &tw->h.t, seg, tw);
	sock_put(lsk);
}

/*
 * What policy forbids is nothing to TIME_WAIT either: a RST in the clear would
 * end what IPsec has protected.  The socket's own policy went with the socket.
 */
static void ttp_rcv_tw(struct ttp_tw *tw, struct sk_buff *skb, int dif,
		       struct ttp_seg *seg)
{
	if (!xfrm_policy_check(NULL, XFRM_POLICY_IN, skb,
			       ttp_af_of(&tw->h.t)->family))
		ttp_rcv_drop(tw->h.net, skb, &tw->h.t, seg, TTP_DROP_POLICY);
	else if (ttp_tw_rcv(tw, seg))
		ttp_rcv_over_tw(tw, skb, dif, seg);
	else
		kfree_skb(skb);
}

/* Something in the established table. */
static void ttp_rcv_found(struct ttp_hnode *h, struct sk_buff *skb, int dif,
			  struct ttp_seg *seg)
{
	switch ((enum ttp_hkind)h->kind) {
	case TTP_H_SOCK:
		ttp_rcv_sock(ttp_to_sk(ttp_h_sock(h)), skb, seg);
		break;
	case TTP_H_REQ:
		ttp_rcv_req(ttp_h_req(h), skb, dif, seg);
		break;
	case TTP_H_TW:
		ttp_rcv_tw(ttp_h_tw(h), skb, dif, seg);
		break;
	}
}

int ttp_rcv(struct sk_buff *skb, const struct ttp_af *af)
{
	struct net *net = dev_net(skb->dev);
	int dif = skb->dev->ifindex;
	struct ttp_hnode *h;
	struct ttp_tuple t;
	struct ttp_seg seg;
	struct sock *lsk, *early;
	u32 reason;

	ttp_mib_add(net, TTP_MIB_INSEGS, max_t(u16, 1, skb_shinfo(skb)->gso_segs));
	reason = ttp_rcv_check(skb, af, &t, &seg);
	if (reason) {
		ttp_mib_inc(net, TTP_MIB_INERRS);
		ttp_rcv_drop(net, skb, NULL, NULL, reason);
		return 0;
	}
	early = ttp_demux_take(skb);
	h = early ? &ttp_sk(early)->h : ttp_hash_lookup(net, &t, dif);
	if (h) {
		ttp_rcv_found(h, skb, dif, &seg);
		ttp_found_put(h);
		return 0;
	}
	lsk = ttp_listen_lookup(net, &t, dif, skb, seg.hlen);
	if (lsk) {
		ttp_rcv_listen(lsk, skb, dif, &t, &seg, NULL);
		sock_put(lsk);
	} else {
		ttp_rcv_stranger(net, skb, &t, &seg);
	}
	return 0;
}

/*
 * While a process holds the lock, what is too big may be just leaving, and
 * snd_nxt says so afterwards: then it is looked at again.
 */
static bool ttp_rcv_err_later(struct sock *sk, u32 seq, u32 mtu)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (!mtu || !sock_owned_by_user(sk) ||
	    !ttp_input_in_flight(sk, seq, 0))
		return false;
	/* One that is good now stays, unless this is as good and says less. */
	if (test_bit(TTP_DEFER_PMTU, &t->deferred) &&
	    ttp_input_in_flight(sk, t->icmp_seq, t->icmp_mtu) &&
	    (mtu >= t->icmp_mtu || !ttp_input_in_flight(sk, seq, mtu)))
		return true;
	t->icmp_mtu = mtu;
	t->icmp_seq = seq;
	if (!test_and_set_bit(TTP_DEFER_PMTU, &t->deferred))
		sock_hold(sk);
	return true;
}

static void ttp_rcv_err_now(struct sock *sk, u32 seq, int err, u32 mtu)
{
	if (!ttp_input_in_flight(sk, seq, mtu))
		ttp_mib_inc(sock_net(sk), TTP_MIB_OUTOFWINDOWICMPS);
	else if (mtu)
		ttp_input_pmtu(sk, seq, mtu);
	else
		ttp_input_icmp(sk, err);
}

static void ttp_rcv_err_sock(struct sock *sk, u32 seq, int err, u32 mtu)
{
	bh_lock_sock(sk);
	if (!ttp_rcv_err_later(sk, seq, mtu))
		ttp_rcv_err_now(sk, seq, err, mtu);
	bh_unlock_sock(sk);
}

int ttp_rcv_err(struct net *net, const struct ttp_tuple *t, int dif, u32 seq,
		int err, bool hard, u32 mtu)
{
	struct ttp_hnode *h = ttp_hash_lookup(net, t, dif);

	if (!h)
		return -ENOENT;
	if (h->kind == TTP_H_SOCK)
		ttp_rcv_err_sock(ttp_to_sk(ttp_h_sock(h)), seq, err, mtu);
	else if (h->kind == TTP_H_REQ && hard && !mtu)
		ttp_req_err(ttp_h_req(h), seq);
	ttp_found_put(h);
	return 0;
}

void ttp_release_cb(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	unsigned long bits;

	if (!READ_ONCE(t->deferred))
		return;
	bits = xchg(&t->deferred, 0);
	if (bits & BIT(TTP_DEFER_PMTU)) {
		ttp_rcv_err_now(sk, t->icmp_seq, 0, t->icmp_mtu);
		__sock_put(sk);
	}
	if (bits & BIT(TTP_DEFER_PACE)) {
		ttp_timer_up->expired(sk, TTP_PACING_EXPIRED, ttp_now());
		__sock_put(sk);
	}
	if (bits & BIT(TTP_DEFER_TIMER)) {
		ttp_timer_run(sk);
		__sock_put(sk);
	}
}
