// SPDX-License-Identifier: GPL-2.0
/*
 * This file sizes a socket's buffers: the receive buffer follows the reader
 * (dynamic right-sizing), the send buffer the congestion window.
 */
#include "bufs.h"

#include <linux/log2.h>
#include <linux/skbuff.h>

#include "compat.h"
#include "mem.h"

bool ttp_bufs_room(struct sock *sk, const struct sk_buff *skb, s64 most)
{
	return atomic_read(&sk->sk_rmem_alloc) <= most &&
	       ttp_mem_reserve(sk, skb->truesize) &&
	       sk_rmem_schedule(sk, (struct sk_buff *)skb, skb->truesize);
}

/* Bytes that wait for the reader or may still come. */
static u32 ttp_bufs_promised(const struct ttp_sock *t)
{
	return max(ttp_seq_diff(t->copied_seq, t->rcv_promised), 0);
}

/* ... that were offered because there was room, not to round up. */
static u32 ttp_bufs_owed(const struct ttp_sock *t)
{
	return min(t->rcv_owed, ttp_bufs_promised(t));
}

void ttp_bufs_offered(struct ttp_sock *t, u32 wnd, bool opened)
{
	t->rcv_owed = ttp_bufs_owed(t);
	t->rcv_promised = ttp_seq_max(t->rcv_promised, t->rcv_nxt + wnd);
	if (opened)
		t->rcv_owed = ttp_bufs_promised(t);
}

s64 ttp_bufs_tolerated(const struct sock *sk)
{
	return 2 * max_t(s64, READ_ONCE(sk->sk_rcvbuf),
			 ttp_bufs_owed(ttp_sk(sk)));
}

/* What has been offered, and whether it has to be taken back. */
static void ttp_bufs_edge(const struct sock *sk, struct ttp_rwnd *w)
{
	const struct ttp_sock *t = ttp_sk(sk);

	w->rcv_nxt = t->rcv_nxt;
	w->rcv_edge = t->rcv_promised;
	w->said = ttp_rcv_window(t);
	/* There must be room for what is in the window when rounding ends. */
	w->over = atomic_read(&sk->sk_rmem_alloc) > READ_ONCE(sk->sk_rcvbuf) &&
		  ttp_bufs_promised(t) - ttp_bufs_owed(t) >
		  ttp_bufs_tolerated(sk) / 8;
	w->wscale = t->rcv_wscale;
}

void ttp_bufs_rwnd(const struct sock *sk, struct ttp_rwnd *w)
{
	const struct ttp_sock *t = ttp_sk(sk);

	w->space = ttp_wnd_clamped(t->window_clamp, min(ttp_rcv_space(sk),
							t->rcvspace.ssthresh));
	/* The whole of what may be offered now, or half of it is never free. */
	w->full = ttp_win_from_space(sk, READ_ONCE(sk->sk_rcvbuf));
	w->full = ttp_wnd_clamped(t->window_clamp,
				  min(w->full, t->rcvspace.ssthresh));
	w->mss = t->rcv_mss;
	ttp_bufs_edge(sk, w);
}

/*
 * A quick look: in a buffer of some segments, is the window so wide that it
 * cannot open by one?  So it mostly is.
 */
static bool ttp_bufs_is_wide(const struct sock *sk)
{
	u32 full = ttp_win_from_space(sk, READ_ONCE(sk->sk_rcvbuf));
	const struct ttp_sock *t = ttp_sk(sk);
	u32 top = ttp_wnd_clamped(t->window_clamp, t->rcvspace.ssthresh);
	u32 offered = max(ttp_seq_diff(t->rcv_nxt, t->rcv_promised), 0);

	return min(top, full) / 2 >= t->rcv_mss &&
	       offered + t->rcv_mss > max(top, 1u << t->rcv_wscale);
}

u32 ttp_bufs_window(const struct sock *sk, struct ttp_rwnd *w)
{
	if (ttp_bufs_is_wide(sk)) {
		ttp_bufs_edge(sk, w);
		return ttp_wnd_keep(w);
	}
	ttp_bufs_rwnd(sk, w);
	return ttp_wnd_advertise(w);
}

void ttp_bufs_set_clamp(struct sock *sk, u32 clamp)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 old = t->window_clamp;

	WRITE_ONCE(t->window_clamp, clamp);
	if (!clamp)
		return;
	if (old && clamp > old)
		t->rcvspace.ssthresh = max(t->rcvspace.ssthresh,
					   min(t->rcv_wnd, clamp));
	else
		t->rcvspace.ssthresh = min(t->rcvspace.ssthresh, clamp);
}

u32 ttp_readable(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);
	s32 n = READ_ONCE(t->rcv_nxt) - READ_ONCE(t->copied_seq);

	/* The peer's FIN has a number but is no byte. */
	if (n > 0 && sock_flag(sk, SOCK_DONE))
		n--;
	return max(n, 0);
}

bool ttp_bufs_readable(const struct sock *sk, u32 target)
{
	const struct ttp_sock *t = ttp_sk(sk);
	u32 n = ttp_readable(sk);

	if (n >= min_t(u32, target, READ_ONCE(sk->sk_rcvbuf) >> 1))
		return true;
	/* A sender that waits for room, and a reader for data, wait for ever. */
	return n && ttp_rcv_window(t) <= READ_ONCE(t->rcv_mss);
}

/* As TCP: half of the largest buffer at most, which then grows at once. */
void ttp_bufs_set_lowat(struct sock *sk, int val)
{
	bool locked = sk->sk_userlocks & SOCK_RCVBUF_LOCK;
	s64 most = locked ? READ_ONCE(sk->sk_rcvbuf) :
			    ttp_sysctl_get(sock_net(sk), rmem[2]), buf;

	val = min_t(s64, val, most >> 1);
	WRITE_ONCE(sk->sk_rcvlowat, val ?: 1);
	if (locked)
		return;
	buf = min_t(u64, ttp_rcvspace_buf(&ttp_sk(sk)->rcvspace, val), most);
	if (buf > READ_ONCE(sk->sk_rcvbuf))
		WRITE_ONCE(sk->sk_rcvbuf, buf);
}

/* May the receive buffer grow by itself? */
static bool ttp_bufs_may_grow(const struct sock *sk)
{
	return ttp_sk_sysctl(sk, moderate_rcvbuf) &&
	       !(sk->sk_userlocks & SOCK_RCVBUF_LOCK);
}

void ttp_bufs_clamp(struct sock *sk)
{
	s64 most = ttp_sk_sysctl(sk, rmem[2]);
	struct ttp_sock *t = ttp_sk(sk);
	s64 used = atomic_read(&sk->sk_rmem_alloc);

	/* What was offered costs more than was thought. */
	if (ttp_bufs_may_grow(sk) && ttp_mem_plenty(sk) &&
	    used > READ_ONCE(sk->sk_rcvbuf) && most > READ_ONCE(sk->sk_rcvbuf))
		WRITE_ONCE(sk->sk_rcvbuf, min(used, most));
	if (used > READ_ONCE(sk->sk_rcvbuf))
		ttp_rcvspace_limit(&t->rcvspace, 2, t->adv_mss);
	else if (ttp_mem_tight(sk))
		ttp_rcvspace_limit(&t->rcvspace, 4, t->adv_mss);
}

static void ttp_bufs_rtt(struct ttp_sock *t, const struct ttp_seg *seg, u64 now)
{
	u32 rtt;

	if (!t->ts.ok || !seg->opts.has_ts) {
		ttp_rcvspace_rtt_window(&t->rcvspace, t->rcv_nxt, t->rcv_wnd,
					now);
	} else if (seg->opts.tsecr != t->rcvspace.tsecr &&
		   seg->len >= t->rcv_mss) {
		rtt = ttp_ts_rtt(&t->ts, &seg->opts, now);
		if (rtt)
			ttp_rcvspace_rtt(&t->rcvspace, rtt);
	}
	t->rcvspace.tsecr = seg->opts.tsecr;
}

/* Tiny segments tell nothing about a bulk of data. */
#define TTP_GROW_LEAST	128

static void ttp_bufs_grow_offer(struct sock *sk, const struct sk_buff *skb)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_rcvseg g;

	if (ttp_mem_tight(sk)) {
		ttp_rcvspace_limit(&t->rcvspace, 4, t->adv_mss);
		return;
	}
	if (skb->len < TTP_GROW_LEAST)
		return;
	g = (struct ttp_rcvseg) {
		.len	  = skb->len,
		.truesize = skb->truesize,
		.rcv_mss  = t->rcv_mss,
		.adv_mss  = t->adv_mss,
		.room	  = ttp_wnd_clamped(t->window_clamp, ttp_rcv_space(sk)),
		.most	  = max(ttp_sk_sysctl(sk, rmem[2]),
				READ_ONCE(sk->sk_rcvbuf)),
	};
	ttp_rcvspace_grow(&t->rcvspace, &g);
}

void ttp_bufs_segment(struct sock *sk, const struct sk_buff *skb,
		      const struct ttp_seg *seg, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 len = skb_shinfo(skb)->gso_size ?: skb->len;

	/* The peer's segment size, as the delayed ACK needs it. */
	if (len >= t->rcv_mss) {
		t->rcv_mss = min_t(u32, len, t->adv_mss);
		ttp_rcvspace_measure(&t->rcvspace, skb->len, skb->truesize);
	}
	if (!t->rcvspace.since)
		ttp_rcvspace_start(&t->rcvspace, t->copied_seq, t->adv_mss, now);
	ttp_bufs_rtt(t, seg, now);
	ttp_bufs_grow_offer(sk, skb);
}

void ttp_bufs_copied(struct sock *sk)
{
	s64 most = ttp_sk_sysctl(sk, rmem[2]), buf;
	struct ttp_sock *t = ttp_sk(sk);
	u64 want;

	t->squeeze_at = 0;
	want = ttp_rcvspace_copied(&t->rcvspace, t->copied_seq, t->adv_mss,
				   ttp_now());
	if (!want || !ttp_bufs_may_grow(sk))
		return;
	/* A window that will not be offered needs no buffer. */
	want = ttp_wnd_clamped(t->window_clamp, min_t(u64, want, U32_MAX));
	buf = min_t(u64, ttp_rcvspace_buf(&t->rcvspace, want), most);
	if (buf > READ_ONCE(sk->sk_rcvbuf))
		WRITE_ONCE(sk->sk_rcvbuf, buf);
}

/* What a segment costs: its page fragment is filled, its head rounded up. */
static u32 ttp_bufs_seg_size(const struct ttp_sock *t)
{
	u32 head = t->mss + TTP_HEADROOM +
		   SKB_DATA_ALIGN(sizeof(struct skb_shared_info));

	return roundup_pow_of_two(head) +
	       SKB_DATA_ALIGN(sizeof(struct sk_buff));
}

void ttp_bufs_grow_sndbuf(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 want;

	if ((sk->sk_userlocks & SOCK_SNDBUF_LOCK) || !ttp_mem_plenty(sk))
		return;
	want = ttp_sndbuf_want(t->cc.cwnd, t->mss ? t->rack.late_by / t->mss : 0,
			       ttp_bufs_seg_size(t));
	want = min_t(u64, want, ttp_sk_sysctl(sk, wmem[2]));
	if (want > READ_ONCE(sk->sk_sndbuf))
		WRITE_ONCE(sk->sk_sndbuf, want);
}
