// SPDX-License-Identifier: GPL-2.0
/*
 * This file builds the header of a segment and hands it to IP; every segment
 * that TTP sends passes through it.
 */
#include "xmit.h"

#include <linux/skbuff.h>
#include <net/dst.h>

#include "compat.h"
#include "sock.h"
#include "trace.h"

void ttp_sync_mss(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct dst_entry *dst = t->af->dst(sk);
	u32 mtu, head, mss;

	if (!dst)
		return;
	mtu = dst_mtu(dst);
	head = t->af->ip_len(sk) + TTP_HDR_LEN;
	mss = mtu > head ? mtu - head : 0;
	mss = min_t(u32, mss, t->peer_mss);
	if (t->user_mss)
		mss = min_t(u32, mss, t->user_mss);
	mss = max_t(u32, mss, TTP_MSS_MIN);
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

u16 ttp_adv_mss(const struct ttp_af *af, u32 mtu, u16 user_mss)
{
	u32 head = af->ip_hlen + TTP_HDR_LEN;
	u32 mss = mtu > head ? mtu - head : 0;

	if (user_mss)
		mss = min_t(u32, mss, user_mss);
	return clamp_t(u32, mss, TTP_MSS_MIN, U16_MAX);
}

u32 ttp_max_burst(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);
	u32 most;

	if (!sk_can_gso(sk))
		return t->mss;
	most = clamp_t(u32, READ_ONCE(sk->sk_gso_max_size),
		       MAX_HEADER + TTP_HDR_MAX, U16_MAX) -
	       MAX_HEADER - TTP_HDR_MAX;
	most = min_t(u32, most, READ_ONCE(sk->sk_gso_max_segs) * t->mss);
	return max(most / t->mss, 1U) * t->mss;
}

static void ttp_rwnd_of(const struct sock *sk, struct ttp_rwnd *w)
{
	const struct ttp_sock *t = ttp_sk(sk);

	w->space = ttp_rcv_space(sk);
	w->full = ttp_win_from_space(READ_ONCE(sk->sk_rcvbuf));
	w->mss = t->rcv_mss;
	w->rcv_nxt = t->rcv_nxt;
	w->rcv_edge = t->rcv_nxt + ttp_rcv_window(t);
	w->wscale = t->rcv_wscale;
	/* RFC 7323 2.2: the window of a SYN is never scaled. */
	if (sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV)
		w->wscale = 0;
}

bool ttp_window_opened(const struct sock *sk)
{
	struct ttp_rwnd w;

	ttp_rwnd_of(sk, &w);
	return ttp_wnd_worth_update(&w);
}

/* The window to offer with the segment that is about to leave, in bytes. */
static u32 ttp_offer_window(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_rwnd w;
	u32 before, win;

	ttp_rwnd_of(sk, &w);
	before = w.rcv_edge - w.rcv_nxt;
	win = ttp_wnd_advertise(&w);
	if (!win && before)
		ttp_mib_inc(sock_net(sk), TTP_MIB_TOZEROWINDOW);
	else if (win && !before && t->rcv_wup)
		ttp_mib_inc(sock_net(sk), TTP_MIB_FROMZEROWINDOW);
	t->rcv_wnd = win;
	t->rcv_wup = t->rcv_nxt;
	t->rcv_promised = ttp_seq_max(t->rcv_promised, t->rcv_nxt + win);
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
static void ttp_csum_burst(const struct ttp_af *af, const struct ttp_tuple *t,
			   struct sk_buff *skb)
{
	struct ttp_hdr *th = (struct ttp_hdr *)skb->data;

	th->check = ~af->csum(t, skb->len, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct ttp_hdr, check);
}

/* Put the header of @seg in front of the payload; consumes nothing. */
static void ttp_push_header(struct sk_buff *skb, struct ttp_seg *seg)
{
	u8 head[TTP_HDR_MAX];

	seg->hlen = ttp_seg_build(head, seg);
	skb_push(skb, seg->hlen);
	skb_reset_transport_header(skb);
	memcpy(skb->data, head, seg->hlen);
	memset(skb->cb, 0, sizeof(skb->cb));
}

/* Fill in what every segment of this connection has in common. */
static u32 ttp_fill_seg(struct sock *sk, struct ttp_seg *seg, u8 flags)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 win = ttp_offer_window(sk);

	memset(seg, 0, sizeof(*seg));
	seg->sport = ntohs(t->h.t.lport);
	seg->dport = ntohs(t->h.t.rport);
	seg->flags = flags;
	if (flags & TTP_ACK)
		seg->ack = t->rcv_nxt;
	ttp_ts_fill(&t->ts, ttp_now(), &seg->opts);
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
static void ttp_note_out(struct net *net, const struct ttp_tuple *t,
			 const struct ttp_seg *seg, u32 win, u32 state,
			 bool rexmit, u32 segs)
{
	ttp_mib_add(net, rexmit ? TTP_MIB_RETRANSSEGS : TTP_MIB_OUTSEGS, segs);
	if (seg->flags & TTP_RST)
		ttp_mib_inc(net, TTP_MIB_OUTRSTS);
	if (rexmit)
		trace_ttp_retransmit(net, t, seg, win, state);
	trace_ttp_send(net, t, seg, win, state);
}

static int ttp_to_ip(struct sock *sk, struct sk_buff *skb)
{
	struct ttp_sock *t = ttp_sk(sk);

	skb_set_owner_w(skb, sk);
	return t->af->xmit(sk, skb);
}

int ttp_xmit_ctl(struct sock *sk, u8 flags, u32 seq, bool rexmit)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb;
	struct ttp_seg seg;
	u32 win;

	skb = alloc_skb(TTP_HEADROOM, sk_gfp_mask(sk, GFP_ATOMIC | __GFP_NOWARN));
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, TTP_HEADROOM);
	win = ttp_fill_seg(sk, &seg, flags);
	if (!(flags & (TTP_SYN | TTP_RST)))
		ttp_fill_sack(t, &seg, TTP_OPTS_MAX);
	seg.seq = seq;
	ttp_push_header(skb, &seg);
	ttp_csum_soft(t->af, &t->h.t, skb);
	t->segs_out++;
	ttp_note_out(sock_net(sk), &t->h.t, &seg, win, sk->sk_state, rexmit, 1);
	if (flags & TTP_ACK)
		ttp_ack_sent(t);
	return ttp_to_ip(sk, skb);
}

/*
 * An skb that is still on its way keeps its header: a second copy needs a
 * head of its own.
 */
static struct sk_buff *ttp_copy_for_ip(struct sk_buff *skb)
{
	gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN;

	if (skb_cloned(skb))
		return __pskb_copy(skb, TTP_HEADROOM, gfp);
	return skb_clone(skb, gfp);
}

int ttp_xmit_data(struct sock *sk, struct sk_buff *skb, u8 flags, bool rexmit)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *copy;
	struct ttp_seg seg;
	u32 win, segs = 1;

	copy = ttp_copy_for_ip(skb);
	if (!copy)
		return -ENOMEM;
	flags |= TTP_ACK | (TTP_CB(skb)->flags & TTP_PSH);
	win = ttp_fill_seg(sk, &seg, flags);
	seg.seq = TTP_CB(skb)->seq;
	seg.len = skb->len;
	if (skb->len < t->mss)
		ttp_fill_sack(t, &seg, t->mss - skb->len);
	if (skb->len > t->mss) {
		segs = DIV_ROUND_UP(skb->len, t->mss);
		skb_shinfo(copy)->gso_size = t->mss;
		skb_shinfo(copy)->gso_type = t->af->gso_type;
	} else {
		skb_shinfo(copy)->gso_size = 0;
		skb_shinfo(copy)->gso_type = 0;
	}
	skb_shinfo(copy)->gso_segs = segs;
	ttp_push_header(copy, &seg);
	if (segs > 1)
		ttp_csum_burst(t->af, &t->h.t, copy);
	else
		ttp_csum_soft(t->af, &t->h.t, copy);
	t->segs_out += segs;
	t->data_segs_out += segs;
	ttp_note_out(sock_net(sk), &t->h.t, &seg, win, sk->sk_state, rexmit,
		     segs);
	ttp_ack_sent(t);
	return ttp_to_ip(sk, copy);
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
	ttp_note_out(net, t, seg, win, state, rexmit, 1);
	return af->reply(net, t, how, skb);
}

void ttp_xmit_reset(struct net *net, const struct ttp_tuple *t,
		    const struct ttp_reply_how *how, const struct ttp_seg *in,
		    u32 state)
{
	struct ttp_seg seg = { .flags = TTP_RST };

	if (in->flags & TTP_RST)
		return;
	if (in->flags & TTP_ACK) {
		seg.seq = in->ack;
	} else {
		seg.flags |= TTP_ACK;
		seg.ack = ttp_seg_end(in);
	}
	if (ttp_xmit_reply(net, t, how, &seg, 0, state, false) == -ENOMEM)
		ttp_mib_inc(net, TTP_MIB_ABORTFAILED);
}
