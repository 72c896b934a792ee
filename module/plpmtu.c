// SPDX-License-Identifier: GPL-2.0
/*
 * This file asks core/plpmtu.c when to probe the path, and acts on the answers
 * of the network: a probe is one segment, longer than the others.
 */
#include "plpmtu.h"

#include <linux/skbuff.h>

#include "af.h"
#include "rtx.h"
#include "sock.h"
#include "xmit.h"

/* What every packet of the connection has in front of its payload. */
static u32 ttp_plpmtu_head(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);

	return t->af->ip_len(sk) + TTP_HDR_LEN + (t->ts.ok ? TTP_TS_SPACE : 0);
}

/* The peer's MSS counts no options. */
static u32 ttp_plpmtu_most(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);

	return t->af->ip_len(sk) + TTP_HDR_LEN + t->peer_mss;
}

void ttp_plpmtu_open(struct sock *sk)
{
	struct net *net = sock_net(sk);

	ttp_plpmtu_init(&ttp_sk(sk)->plpmtu,
			ttp_plpmtu_head(sk) + ttp_sysctl_get(net, base_mss),
			ttp_plpmtu_most(sk),
			ttp_sysctl_get(net, mtu_probing) > 1, ttp_now());
}

void ttp_plpmtu_timeout(struct sock *sk)
{
	struct net *net = sock_net(sk);

	if (!ttp_sysctl_get(net, mtu_probing))
		return;
	ttp_plpmtu_black_hole(&ttp_sk(sk)->plpmtu,
			      ttp_sysctl_get(net, base_mss),
			      max(ttp_sysctl_get(net, mtu_probe_floor),
				  ttp_sysctl_get(net, min_snd_mss)),
			      ttp_plpmtu_head(sk), ttp_now());
	ttp_sync_mss(sk);
}

static enum ttp_plpmtu_say plpmtu_ask(struct sock *sk, u32 *len, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct net *net = sock_net(sk);
	struct ttp_plpmtu_view v = {
		.mss		= t->mss,
		.head		= ttp_plpmtu_head(sk),
		.unsent		= ttp_unsent(t),
		.snd_wnd	= t->snd_wnd,
		.usable		= ttp_wnd_usable(t->snd_una, t->snd_wnd,
						 t->snd_nxt),
		.cwnd		= t->cc.cwnd,
		.in_flight	= ttp_in_flight(t),
		.calm		= t->rec.state == TTP_REC_OPEN && !t->urg_out &&
				  RB_EMPTY_ROOT(&t->ooo),
		.threshold	= ttp_sysctl_get(net, probe_threshold),
	};

	ttp_plpmtu_renew(&t->plpmtu, v.threshold,
			 ttp_sysctl_get(net, probe_interval) * TTP_USEC_PER_SEC,
			 v.mss + v.head, min(ttp_plpmtu_most(sk), t->pmtu),
			 now);
	return ttp_plpmtu_ask(&t->plpmtu, &v, len);
}

enum ttp_plpmtu_say ttp_plpmtu_wanted(struct sock *sk, u32 *len, u64 now)
{
	return ttp_sk(sk)->plpmtu.on ? plpmtu_ask(sk, len, now) : TTP_PLPMTU_NO;
}

void ttp_plpmtu_left(struct sock *sk, const struct sk_buff *skb)
{
	struct ttp_sock *t = ttp_sk(sk);

	ttp_plpmtu_sent(&t->plpmtu, ttp_plpmtu_head(sk) + skb->len,
			TTP_CB(skb)->seq, TTP_CB(skb)->end_seq);
	/* It is worth more than one segment. */
	t->cc.cwnd--;
	ttp_mib_inc(sock_net(sk), TTP_MIB_MTUPROBES);
}

void ttp_plpmtu_on_ack(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 before;

	if (!ttp_plpmtu_acked(&t->plpmtu, t->snd_una))
		return;
	before = ttp_plpmtu_head(sk) + t->mss;
	ttp_mib_inc(sock_net(sk), TTP_MIB_MTUPSUCCESS);
	/* As many bytes as before, in longer segments. */
	t->cc.cwnd = max_t(u32, 1, div_u64((u64)(t->cc.cwnd + 1) * before,
					   t->plpmtu.low));
	ttp_sync_mss(sk);
}

bool ttp_plpmtu_on_loss(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (t->rec.state > TTP_REC_DISORDER ||
	    !ttp_plpmtu_is_first(&t->plpmtu, t->snd_una))
		return false;
	ttp_mib_inc(sock_net(sk), TTP_MIB_MTUPFAIL);
	ttp_plpmtu_failed(&t->plpmtu);
	t->cc.cwnd++;
	return true;
}
