// SPDX-License-Identifier: GPL-2.0
/*
 * This file turns a finished request into a socket of its own.
 */
#include "child.h"

#include "af.h"
#include "bufs.h"
#include "compat.h"
#include "conn.h"
#include "metrics.h"
#include "plpmtu.h"
#include "recover.h"
#include "run.h"
#include "sock.h"
#include "timer.h"
#include "xmit.h"

/* What the clone must not share with its parent. */
static void ttp_child_detach(struct sock *child, const struct sock *lsk)
{
	struct ttp_sock *c = ttp_sk(child);
	struct inet_sock *inet = inet_sk(child);

	atomic_inc(&ttp_live_socks);
	ttp_timer_init(child);
	c->rtx = RB_ROOT;
	INIT_LIST_HEAD(&c->tsorted);
	c->ooo = RB_ROOT;
	c->ooo_last = NULL;
	c->mem_quota = 0;
	c->listener = NULL;
	c->fast = NULL;
	c->deferred = 0;
	INIT_LIST_HEAD(&c->accept);
	INIT_HLIST_NODE(&c->h.node);
	memset(&c->bind, 0, sizeof(c->bind));
	ttp_recover_choose(child);
	ttp_sock_reset(child);

	RCU_INIT_POINTER(child->sk_rx_dst, NULL);
	RCU_INIT_POINTER(inet->inet_opt, NULL);
	inet->mc_list = NULL;
	inet->pinet6 = ttp_pinfo(child);
	ttp_inet6_unshare(child);
}

/*
 * Karn: a repeated SYN+ACK gives no round trip, nor does a cookie; but an ACK
 * that came before and was held back has shown one.
 */
static void ttp_child_rtt(struct ttp_sock *c, const struct ttp_req *req)
{
	bool resent = READ_ONCE(req->resent);
	u32 rtt = READ_ONCE(req->rtt);

	if (resent)
		ttp_rtt_syn_repeated(&c->rtt);
	if (rtt)
		c->last_sent = ttp_now() - rtt;
	else
		c->last_sent = resent ? 0 : req->sent_at;
}

static void ttp_child_sequence(struct ttp_sock *c, const struct ttp_req *req)
{
	c->iss = req->iss;
	c->snd_una = req->iss;
	c->snd_nxt = req->iss + 1;
	c->write_seq = req->iss + 1;
	c->snd_sml = req->iss;
	c->pushed_seq = req->iss;
	c->irs = req->irs;
	c->rcv_nxt = req->irs + 1;
	c->copied_seq = c->rcv_nxt;
	c->rcv_wup = c->rcv_nxt;
	/* An ACK of the request has said so much: scaled, it is rounded. */
	c->rcv_wnd = ttp_wnd_field(req->rcv_wnd, req->rcv_wscale) <<
		     req->rcv_wscale;
	c->rcv_promised = c->rcv_nxt + c->rcv_wnd;
	c->rcv_owed = c->rcv_wnd;
	ttp_bufs_set_clamp(ttp_to_sk(c), req->window_clamp);
	c->snd_wl1 = req->irs;
	c->snd_wl2 = req->iss;
	c->snd_wnd = req->snd_wnd;
	c->max_wnd = req->snd_wnd;
	c->peer_mss = req->peer_mss;
	c->adv_mss = req->adv_mss;
	c->wscale_ok = req->wscale_ok;
	c->snd_wscale = req->snd_wscale;
	c->rcv_wscale = req->rcv_wscale;
	c->ts = req->ts;
	c->sack_ok = req->sack_ok;
	c->ecn.ok = req->ecn_ok;
	c->rcv_mss = min_t(u32, c->rcv_mss, c->adv_mss);
	ttp_recover_init(ttp_to_sk(c), req->iss);
	ttp_child_rtt(c, req);
	if (req->tries > TTP_SYN_LOST)
		c->cc.cwnd = 1;
	c->last_rcv = ttp_now();
}

static bool ttp_child_port(struct sock *child, const struct sock *lsk)
{
	struct ttp_sock *c = ttp_sk(child);
	u16 port = ntohs(c->h.t.lport);

	inet_sk(child)->inet_num = port;
	inet_sk(child)->inet_sport = c->h.t.lport;
	c->bind.addr = c->h.t.laddr;
	c->bind.uid = ttp_sk_uid(child);
	c->bind.dif = child->sk_bound_dev_if;
	c->bind.reuse = child->sk_reuse;
	c->bind.reuseport = child->sk_reuseport;
	c->bind.fixed = true;
	return ttp_port_inherit(sock_net(child), port, &c->bind,
				&ttp_sk(lsk)->bind);
}

u8 ttp_child_tos(const struct ttp_req *req)
{
	const struct sock *lsk = req->listener;

	if (ttp_sysctl_get(req->h.net, reflect_tos))
		return req->syn_tos & ~TTP_IP_ECN;
	return ttp_addr_is_v4(&req->h.t.raddr) ? inet_sk(lsk)->tos :
						 inet6_sk(lsk)->tclass;
}

static void ttp_child_set_tos(struct sock *child, const struct ttp_req *req)
{
	if (ttp_sk(child)->af == &ttp_af6)
		inet6_sk(child)->tclass = ttp_child_tos(req);
	else
		inet_sk(child)->tos = ttp_child_tos(req);
}

struct sock *ttp_child_make(struct ttp_req *req, u32 *why)
{
	struct sock *lsk = req->listener, *child;
	struct ttp_sock *c;

	*why = TTP_DROP_NOMEM;
	child = sk_clone_lock(lsk, GFP_ATOMIC | __GFP_NOWARN);
	if (!child)
		return NULL;
	c = ttp_sk(child);
	ttp_child_detach(child, lsk);
	ttp_child_state(child);
	c->h.net = sock_net(child);
	c->h.kind = TTP_H_SOCK;
	c->h.t = req->h.t;
	c->h.dif = req->h.dif ?: req->iif;
	child->sk_bound_dev_if = c->h.dif;
	child->sk_mark = req->mark;
	child->sk_txhash = READ_ONCE(req->txhash);
	c->once_hashed = 1;
	c->af = ttp_af_of(&c->h.t);
	ttp_child_sequence(c, req);
	ttp_child_set_tos(child, req);
	c->af->set_addrs(child);
	/* The listener's own IP_OPTIONS are not for its children, as with TCP. */
	if (req->way && !c->af->take_way(child, req->way))
		*why = TTP_DROP_NOMEM;
	else if (c->af->route(child))
		*why = TTP_DROP_NOROUTE;
	else if (!ttp_child_port(child, lsk))
		*why = TTP_DROP_CLOSED;
	else
		*why = 0;
	if (*why) {
		ttp_child_discard(child, false);
		return NULL;
	}
	ttp_plpmtu_open(child);
	ttp_sync_mss(child);
	ttp_metrics_apply(child);
	return child;
}

void ttp_child_discard(struct sock *child, bool reset)
{
	struct ttp_todo todo = {};

	sock_orphan(child);
	if (child->sk_state == TCP_CLOSE) {
		ttp_destroy_sock(child);
	} else {
		ttp_event(child, TTP_EV_ABORT, &todo);
		if (!reset)
			todo.bits &= ~TTP_DO_RST;
		ttp_run(child, &todo);
	}
	bh_unlock_sock(child);
	sock_put(child);
}
