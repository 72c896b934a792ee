// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the client of Fast Open: cookies asked for and used, data in the
 * SYN, and a pause for the whole namespace when the network seems to swallow
 * such connections.
 */
#include "fastclient.h"

#include <linux/tcp.h>
#include <linux/timekeeping.h>
#include <net/dst.h>

#include "af.h"
#include "compat.h"
#include "core/fastopen.h"
#include "fastcache.h"
#include "rtx.h"
#include "sock.h"
#include "xmit.h"

/* The first connection after a pause tells whether the path is whole again. */
static bool ttp_fast_paused(struct sock *sk)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));
	u32 secs = ttp_sysctl_get(sock_net(sk), fastopen_blackhole_timeout_sec);
	u32 times = atomic_read(&tn->fast_holes);
	u32 ago;

	if (!secs || !times)
		return false;
	smp_rmb();	/* pairs with ttp_fast_pause() */
	ago = (u32)ktime_get_seconds() - READ_ONCE(tn->fast_hole_at);
	if (ago < ttp_fo_pause(times, secs))
		return true;
	ttp_sk(sk)->fo_probe = 1;
	return false;
}

static void ttp_fast_pause(struct sock *sk)
{
	struct net *net = sock_net(sk);

	if (!ttp_sysctl_get(net, fastopen_blackhole_timeout_sec))
		return;
	WRITE_ONCE(ttp_net(net)->fast_hole_at, (u32)ktime_get_seconds());
	smp_mb__before_atomic();	/* pairs with ttp_fast_paused() */
	atomic_inc(&ttp_net(net)->fast_holes);
	ttp_mib_inc(net, TTP_MIB_FASTOPENBLACKHOLE);
}

bool ttp_fast_connect(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_fo_cookie cookie;
	enum ttp_fo_start start;
	u16 mss;

	if (!t->fo_msg && !t->fo_connect)
		return false;
	ttp_fast_cache_get(sock_net(sk), &t->h.t, &mss, &cookie);
	start = ttp_fo_start(ttp_sysctl_get(sock_net(sk), fastopen), t->fo_free,
			     ttp_fast_paused(sk), cookie.len);
	if (start == TTP_FO_PLAIN)
		return false;
	if (start != TTP_FO_FREE) {
		t->fo = cookie;
		t->fo_option = 1;
		t->fo_asked = 1;
	}
	if (start == TTP_FO_ASK) {
		t->fo_fail = TFO_COOKIE_UNAVAILABLE;
		return false;
	}
	if (mss) {
		t->peer_mss = min(t->peer_mss, mss);
		ttp_sync_mss(sk);
	}
	ttp_set_defer_connect(sk, true);
	return true;
}

bool ttp_fast_waits(const struct sock *sk)
{
	return ttp_defer_connect(sk) && sk->sk_state == TCP_SYN_SENT;
}

/* Room is left for all options, also those that a middlebox may add. */
u32 ttp_fast_begin(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	ttp_set_defer_connect(sk, false);
	ttp_check_mss(sk);
	return ttp_fo_room(t->mss + (t->ts.ok ? TTP_TS_SPACE : 0));
}

static void ttp_fast_remember(struct sock *sk, const struct ttp_seg *seg)
{
	const struct ttp_opts *o = &seg->opts;
	struct ttp_sock *t = ttp_sk(sk);
	bool given = t->fo_asked && o->has_fo && o->fo.len;

	/* What the server said, not what this socket makes of it. */
	ttp_fast_cache_put(sock_net(sk), &t->h.t, ttp_peer_mss(t->af, o, 0),
			   given ? &o->fo : NULL);
}

void ttp_fast_synack(struct sock *sk, const struct ttp_seg *seg,
		     struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (!t->fo_asked && !t->fo_data)
		return;
	ttp_fast_remember(sk, seg);
	if (!t->fo_data)
		return;
	if (!ttp_rtx_first(t)) {
		t->fo_acked = 1;
		ttp_mib_inc(sock_net(sk), TTP_MIB_FASTOPENACTIVE);
		return;
	}
	/* Refused, not lost: that says nothing about congestion. */
	t->fo_fail = t->total_retrans ? TFO_SYN_RETRANSMITTED :
					TFO_DATA_NOT_ACKED;
	ttp_mib_inc(sock_net(sk), TTP_MIB_FASTOPENACTIVEFAIL);
	todo->bits |= TTP_DO_AGAIN;
}

/* RFC 7413 7.1: three timeouts in a row, or as many as there may be. */
void ttp_fast_timeout(struct sock *sk, bool last)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (!t->fo_asked && !t->fo_data)
		return;
	if (t->retransmits != 2 && !(t->retransmits < 2 && last))
		return;
	ttp_fast_pause(sk);
	ttp_mib_inc(sock_net(sk), TTP_MIB_FASTOPENACTIVEFAIL);
}

/* Nothing has come but a FIN, and it lies behind what never came. */
static bool ttp_fast_starved(const struct ttp_sock *t)
{
	struct rb_node *first = rb_first(&t->ooo);

	return first && !rb_next(first) && !rb_to_skb(first)->len &&
	       (TTP_CB(rb_to_skb(first))->flags & TTP_FIN);
}

void ttp_fast_done(struct sock *sk)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));
	struct ttp_sock *t = ttp_sk(sk);
	struct dst_entry *dst;

	ttp_set_defer_connect(sk, false);
	if (!t->fo_asked)
		return;
	if (!t->bytes_received) {
		if (ttp_fast_starved(t))
			ttp_fast_pause(sk);
	} else if (t->fo_probe && atomic_read(&tn->fast_holes)) {
		/* The loopback device has no black holes, and proves nothing. */
		dst = __sk_dst_get(sk);
		if (dst && !(dst->dev->flags & IFF_LOOPBACK))
			atomic_set(&tn->fast_holes, 0);
	}
}
