// SPDX-License-Identifier: GPL-2.0
/*
 * This file builds the header of a segment and hands it to IP; every segment
 * that TTP sends passes through it.
 */
#include "xmit.h"

#include <linux/skbuff.h>
#include <net/dst.h>

#include "bufs.h"
#include "compat.h"
#include "smallq.h"
#include "sock.h"
#include "trace.h"
#include "urgent.h"

void ttp_sync_mss(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct dst_entry *dst = t->af->dst(sk);
	u32 mtu, head, mss;

	if (!dst)
		return;
	mtu = dst_mtu(dst);
	head = t->af->ip_len(sk) + TTP_HDR_LEN;
	mss = ttp_plpmtu_limit(&t->plpmtu, mtu);
	mss = mss > head ? mss - head : 0;
	mss = min_t(u32, mss, t->peer_mss);
	mss = max_t(u32, mss, ttp_sk_sysctl(sk, min_snd_mss));
	/* RFC 6691: the option does not count what we put in front of data. */
	if (t->ts.ok)
		mss -= TTP_TS_SPACE;
	WRITE_ONCE(t->mss, mss);
	WRITE_ONCE(t->pmtu, mtu);
}

void ttp_check_mss(struct sock *sk)
{
	struct dst_entry *dst = ttp_sk(sk)->af->dst(sk);

	if (dst && dst_mtu(dst) != ttp_sk(sk)->pmtu)
		ttp_sync_mss(sk);
}

u16 ttp_adv_mss(const struct ttp_af *af, const struct ttp_path *path,
		u16 user_mss)
{
	u32 head = af->ip_hlen + TTP_HDR_LEN;
	u32 mss = path->mtu > head ? path->mtu - head : 0;

	if (path->adv_mss)
		mss = min(mss, path->adv_mss);
	if (user_mss)
		mss = min_t(u32, mss, user_mss);
	return clamp_t(u32, mss, TTP_MSS_MIN, U16_MAX);
}

u16 ttp_peer_mss(const struct ttp_af *af, const struct ttp_opts *o,
		 u16 user_mss)
{
	u16 mss = o->has_mss ? max_t(u16, o->mss, TTP_MSS_MIN) :
			       af->mss_default;

	return user_mss ? min(mss, user_mss) : mss;
}

u32 ttp_max_burst(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);
	u32 most;

	/* All segments of a burst have one header, and one urgent pointer. */
	if (!sk_can_gso(sk) || t->urg_out)
		return t->mss;
	/* The kernel took the headers off, from however little there was. */
	most = READ_ONCE(sk->sk_gso_max_size);
	if (most > GSO_MAX_SIZE)
		return t->mss;
	if (t->burst_plain)
		most = min_t(u32, most, TTP_BURST_PLAIN);
	most = min_t(u32, most, READ_ONCE(sk->sk_gso_max_segs) * t->mss);
	return max(most / t->mss, 1U) * t->mss;
}

bool ttp_window_opened(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);
	u32 left = ttp_rcv_window(t);
	struct ttp_rwnd w;

	/* More than twice of this is never offered: no need to look closer. */
	if (left > max(t->rcvspace.ssthresh, 1u << t->rcv_wscale) / 2)
		return false;
	ttp_bufs_rwnd(sk, &w);
	return ttp_wnd_worth_update(&w);
}

bool ttp_window_kept(const struct sock *sk)
{
	struct ttp_rwnd w;

	return ttp_bufs_window(sk, &w) >= ttp_sk(sk)->rcv_wnd;
}

/* The window to offer with the segment that is about to leave, in bytes. */
static u32 ttp_offer_window(struct sock *sk, bool syn)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_rwnd w;
	u32 before, win;

	if (syn) {	/* RFC 7323 2.2: never scaled there */
		ttp_bufs_rwnd(sk, &w);
		w.wscale = 0;
		win = ttp_wnd_advertise(&w);
	} else {
		win = ttp_bufs_window(sk, &w);
	}
	before = w.said;
	if (!win && before)
		ttp_mib_inc(sock_net(sk), TTP_MIB_TOZEROWINDOW);
	else if (win && !before && t->rcv_wup)
		ttp_mib_inc(sock_net(sk), TTP_MIB_FROMZEROWINDOW);
	t->rcv_wnd = win;
	t->rcv_wup = t->rcv_nxt;
	ttp_bufs_offered(t, win, win > before &&
				 win - before >= 1u << w.wscale);
	return win;
}

/* Checksum in software: hardware knows TCP's protocol number, not ours. */
static void ttp_csum_soft(const struct ttp_af *af, const struct ttp_tuple *t,
			  struct sk_buff *skb)
{
	struct ttp_hdr *th = (struct ttp_hdr *)skb->data;

	th->check = 0;
	th->check = af->csum(t, skb->len, skb_checksum(skb, 0, skb->len, 0));
	skb->ip_summed = CHECKSUM_NONE;
}

/* Left to whoever cuts the burst: our own gso_segment, or nobody on veth. */
static void ttp_csum_later(const struct ttp_af *af, const struct ttp_tuple *t,
			   struct sk_buff *skb)
{
	struct ttp_hdr *th = (struct ttp_hdr *)skb->data;

	th->check = ~af->csum(t, skb->len, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct ttp_hdr, check);
}

/*
 * No wire can damage what the loopback device takes, so nobody needs the sum.
 * Others that could do without, like veth, may lead to a bridge and from there
 * to a card.
 */
static void ttp_csum(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst = __sk_dst_get(sk);
	const struct ttp_sock *t = ttp_sk(sk);

	if (dst && (dst->dev->flags & IFF_LOOPBACK))
		ttp_csum_later(t->af, &t->h.t, skb);
	else
		ttp_csum_soft(t->af, &t->h.t, skb);
}

/*
 * A device that takes bursts as they are is software, and a burst may leave its
 * sum to whoever cuts it (offload.c), at the latest before a card.  So may a
 * single segment that is marked as a burst of one.
 */
static bool ttp_burst_of_one(struct sock *sk, const struct sk_buff *skb)
{
	netdev_features_t takes = NETIF_F_GSO_SCTP | NETIF_F_HW_CSUM;
	const struct dst_entry *dst = __sk_dst_get(sk);

	return skb->len && sk_can_gso(sk) && dst &&
	       !(dst->dev->flags & IFF_LOOPBACK) &&
	       (dst->dev->features & takes) == takes;
}

/* @mss: bytes of payload in each segment. */
static u32 ttp_burst_mark(struct sock *sk, struct sk_buff *skb, u32 mss,
			  bool syn)
{
	struct skb_shared_info *shared = skb_shinfo(skb);
	u32 segs = 1;

	shared->gso_size = 0;
	shared->gso_type = 0;
	if (skb->len > mss) {
		segs = DIV_ROUND_UP(skb->len, mss);
		shared->gso_size = mss;
	} else if (!syn && ttp_burst_of_one(sk, skb)) {
		shared->gso_size = skb->len;
	}
	if (shared->gso_size)
		shared->gso_type = ttp_sk(sk)->af->gso_type;
	shared->gso_segs = segs;
	return segs;
}

/* Put the header of @seg in front of the payload; consumes nothing. */
static void ttp_push_header(struct sk_buff *skb, struct ttp_seg *seg)
{
	seg->hlen = TTP_HDR_LEN + ttp_opts_len(&seg->opts);
	ttp_seg_build(skb_push(skb, seg->hlen), seg);
	skb_reset_transport_header(skb);
	memset(skb->cb, 0, sizeof(skb->cb));
}

/* ECE and CWR where they belong (RFC 3168 6.1). */
static u8 ttp_ecn_bits(const struct sock *sk, u8 flags)
{
	const struct ttp_sock *t = ttp_sk(sk);
	bool plain = (flags & TTP_SYN) && t->retransmits &&
		     ttp_sk_sysctl(sk, ecn_fallback);

	return ttp_ecn_flags(&t->ecn, flags, plain);
}

/* Fill in what every segment of this connection has in common; @seg is zero. */
static u32 ttp_fill_seg(struct sock *sk, struct ttp_seg *seg, u8 flags)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 win = ttp_offer_window(sk, flags & TTP_SYN);

	seg->sport = ntohs(t->h.t.lport);
	seg->dport = ntohs(t->h.t.rport);
	seg->flags = flags | ttp_ecn_bits(sk, flags);
	if (flags & TTP_ACK)
		seg->ack = t->rcv_nxt;
	ttp_ts_fill(&t->ts, t->run_at, &seg->opts);
	if (flags & TTP_SYN) {
		seg->win = ttp_wnd_field(win, 0);
		seg->opts.has_mss = true;
		seg->opts.mss = t->adv_mss;
		seg->opts.sack_ok = t->sack_ok;
		/* A SYN+ACK may scale only if the SYN offered to (RFC 7323). */
		if (t->wscale_ok) {
			seg->opts.has_wscale = true;
			seg->opts.wscale = t->rcv_wscale;
		}
		/* Once: a repetition is plain, should a middlebox object. */
		if (t->fo_option) {
			seg->opts.has_fo = true;
			seg->opts.fo = t->fo;
			t->fo_option = 0;
		}
	} else {
		seg->win = ttp_wnd_field(win, t->rcv_wscale);
	}
	return win;
}

/*
 * SACK blocks (RFC 2018 4) in an ACK with @room bytes for more options: what
 * does not fit, the next ACK will say.
 */
static void ttp_fill_sack(struct ttp_sock *t, struct ttp_seg *seg, u32 room)
{
	u32 most = room < TTP_SACK_HEAD ? 0 :
		   (room - TTP_SACK_HEAD) / TTP_SACK_BLOCK;

	if (!t->sack_ok || !most)
		return;
	seg->opts.nr_sack = min(most, ttp_sack_rx_report(&t->sack_rx, t->rcv_nxt,
							 seg->opts.sack));
}

/* An ACK left: nothing is owed any more. */
static void ttp_ack_sent(struct ttp_sock *t)
{
	ttp_deadline_clear(&t->due, TTP_TIMER_DELACK);
	if (t->quickacks)
		t->quickacks--;
}

/* Count and trace a segment that is about to leave. */
static void ttp_note_out(struct ttp_net *tn, const struct ttp_tuple *t,
			 const struct ttp_seg *seg, u32 win, u32 state,
			 bool rexmit, u32 segs)
{
	ttp_mib_count(tn, rexmit ? TTP_MIB_RETRANSSEGS : TTP_MIB_OUTSEGS, segs);
	if (seg->flags & TTP_RST)
		ttp_mib_count(tn, TTP_MIB_OUTRSTS, 1);
	if (rexmit)
		trace_ttp_retransmit(tn->net, t, seg, win, state);
	trace_ttp_send(tn->net, t, seg, win, state);
}

static int ttp_to_ip(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	struct ttp_sock *t = ttp_sk(sk);

	/* Where there is nothing to overtake, the queue may change (XPS). */
	skb->ooo_okay = !sk_wmem_alloc_get(sk) || RB_EMPTY_ROOT(&t->rtx);
	ttp_smallq_own(sk, skb);
	return t->af->xmit(sk, skb, ecn);
}

int ttp_xmit_ctl(struct sock *sk, u8 flags, u32 seq, bool rexmit)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb;
	struct ttp_seg seg = {};
	u32 win;

	skb = alloc_skb(TTP_HEADROOM, sk_gfp_mask(sk, GFP_ATOMIC | __GFP_NOWARN));
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, TTP_HEADROOM);
	win = ttp_fill_seg(sk, &seg, flags);
	if (!(flags & (TTP_SYN | TTP_RST)))
		ttp_fill_sack(t, &seg, TTP_OPTS_MAX);
	seg.seq = seq;
	ttp_urg_fill(t, &seg);
	ttp_push_header(skb, &seg);
	ttp_csum(sk, skb);
	t->segs_out++;
	ttp_note_out(t->tn, &t->h.t, &seg, win, sk->sk_state, rexmit, 1);
	if (flags & TTP_ACK)
		ttp_ack_sent(t);
	return ttp_to_ip(sk, skb, TTP_IP_NOT_ECT);
}

/*
 * An skb that is still on its way keeps its header: a second copy needs a
 * head of its own.
 */
static struct sk_buff *ttp_copy_for_ip(struct sk_buff *skb)
{
	gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN;
	struct list_head order = skb->tcp_tsorted_anchor;
	struct sk_buff *copy;

	/* The copy shall not take our list for a route and a destructor. */
	skb->_skb_refdst = 0;
	skb->destructor = NULL;
	copy = skb_cloned(skb) ? __pskb_copy(skb, TTP_HEADROOM, gfp) :
				 skb_clone(skb, gfp);
	skb->tcp_tsorted_anchor = order;
	if (copy)
		copy->dev = NULL;	/* the tree shares its place */
	return copy;
}

int ttp_xmit_data(struct sock *sk, struct sk_buff *skb, u8 flags, bool rexmit)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *copy;
	struct ttp_seg seg = {};
	u32 win, segs, mss;

	copy = ttp_copy_for_ip(skb);
	if (!copy)
		return -ENOMEM;
	if (!(flags & TTP_SYN))
		flags |= TTP_ACK | (TTP_CB(skb)->flags & TTP_PSH);
	/* Of a burst only the first segment keeps it: gso.c. */
	if (!rexmit && ttp_ecn_take_cwr(&t->ecn))
		flags |= TTP_CWR;
	win = ttp_fill_seg(sk, &seg, flags);
	seg.seq = TTP_CB(skb)->seq - !!(flags & TTP_SYN);
	seg.len = skb->len;
	if (!(flags & TTP_SYN))
		ttp_urg_fill(t, &seg);
	if (skb->len < t->mss && !(flags & TTP_SYN))
		ttp_fill_sack(t, &seg, t->mss - skb->len);
	/* A probe of the path is longer than the others, and one segment. */
	mss = max_t(u32, t->mss, TTP_CB(skb)->mss);
	segs = ttp_burst_mark(sk, copy, mss, flags & TTP_SYN);
	ttp_push_header(copy, &seg);
	if (skb_is_gso(copy))
		ttp_csum_later(t->af, &t->h.t, copy);
	else
		ttp_csum(sk, copy);
	TTP_CB(skb)->tsval = seg.opts.tsval;
	t->segs_out += segs;
	t->data_segs_out += segs;
	ttp_note_out(t->tn, &t->h.t, &seg, win, sk->sk_state, rexmit,
		     segs);
	if (flags & TTP_ACK)
		ttp_ack_sent(t);
	return ttp_to_ip(sk, copy, flags & TTP_SYN ? 0 :
			 ttp_ecn_ip(&t->ecn, rexmit));
}

void ttp_reply_to(struct ttp_reply_how *how, const struct net *net,
		  const struct ttp_tuple *t, const struct ttp_seg *in)
{
	how->mark = ttp_af_of(t)->reflect(net, in->mark) ?: how->mark;
}

int ttp_xmit_reply(struct net *net, const struct ttp_tuple *t,
		   const struct ttp_reply_how *how, struct ttp_seg *seg,
		   u32 win, u32 state, bool rexmit)
{
	const struct ttp_af *af = ttp_af_of(t);
	struct sk_buff *skb;

	skb = alloc_skb(TTP_HEADROOM, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, TTP_HEADROOM);
	seg->sport = ntohs(t->lport);
	seg->dport = ntohs(t->rport);
	ttp_push_header(skb, seg);
	ttp_csum_soft(af, t, skb);
	if (how->txhash)
		skb_set_hash(skb, how->txhash, PKT_HASH_TYPE_L4);
	ttp_note_out(ttp_net(net), t, seg, win, state, rexmit, 1);
	return af->reply(net, t, how, skb);
}

void ttp_xmit_reset(struct net *net, const struct ttp_tuple *t,
		    const struct ttp_reply_how *how, const struct ttp_seg *in,
		    u32 state)
{
	struct ttp_seg seg = { .flags = TTP_RST };
	struct ttp_reply_how back = *how;

	if (in->flags & TTP_RST)
		return;
	back.tos = in->tos;
	ttp_reply_to(&back, net, t, in);
	if (in->flags & TTP_ACK) {
		seg.seq = in->ack;
	} else {
		seg.flags |= TTP_ACK;
		seg.ack = ttp_seg_end(in);
	}
	if (ttp_xmit_reply(net, t, &back, &seg, 0, state, false) == -ENOMEM)
		ttp_mib_inc(net, TTP_MIB_ABORTFAILED);
}
