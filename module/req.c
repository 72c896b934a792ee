// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps half-open requests: what a SYN asked for, until the final ACK
 * makes a socket of it.  None of it takes the listener's lock.
 */
#include "req.h"

#include <linux/err.h>
#include <linux/slab.h>

#include "accept.h"
#include "af.h"
#include "child.h"
#include "compat.h"
#include "conn.h"
#include "core/synack.h"
#include "limit.h"
#include "sock.h"
#include "timer.h"
#include "timewait.h"
#include "trace.h"
#include "xmit.h"

struct kmem_cache *ttp_req_cache;

static void ttp_req_free(struct rcu_head *head)
{
	struct ttp_req *req = container_of(head, struct ttp_req, rcu);

	kfree(req->way);
	kmem_cache_free(ttp_req_cache, req);
}

void ttp_req_put(struct ttp_req *req)
{
	if (!refcount_dec_and_test(&req->ref))
		return;
	sock_put(req->listener);
	call_rcu(&req->rcu, ttp_req_free);
}

/* The request has left the table, once: leave the queue, stop the timer. */
static void ttp_req_unlink(struct ttp_req *req)
{
	struct ttp_listener *l = ttp_sk(req->listener)->listener;

	spin_lock_bh(&l->lock);
	list_del_init(&req->list);
	l->nr_reqs--;
	spin_unlock_bh(&l->lock);
	smp_mb();	/* pairs with ttp_req_arm() */
	if (timer_delete(&req->timer))
		ttp_req_put(req);
	ttp_req_put(req);
}

bool ttp_req_kill(struct ttp_req *req, enum ttp_event why)
{
	if (!ttp_hash_remove(&req->h))
		return false;
	trace_ttp_state(req->h.net, &req->h.t, TTP_SYN_RECV, TTP_CLOSE, why);
	ttp_mib_inc(req->h.net, TTP_MIB_ATTEMPTFAILS);
	ttp_req_unlink(req);
	return true;
}

/* Has another segment, or the timer, been first? */
static bool ttp_req_is_over(const struct ttp_req *req)
{
	return hlist_unhashed_lockless(&req->h.node);
}

void ttp_req_how(const struct ttp_req *req, struct ttp_reply_how *how)
{
	const struct sock *lsk = req->listener;

	*how = (struct ttp_reply_how) {
		.oif	= req->h.dif ?: req->iif,
		.mark	= req->mark,
		.priority = READ_ONCE(lsk->sk_priority),
		.txhash	= READ_ONCE(req->txhash),
		.tos	= ttp_child_tos(req),
		.way	= req->way,
	};
}

void ttp_req_seg(const struct ttp_req *req, u8 flags, struct ttp_seg *seg)
{
	*seg = (struct ttp_seg) {
		.flags	= flags,
		.seq	= req->iss + !(flags & TTP_SYN),
		.ack	= req->irs + 1,
		.win	= ttp_wnd_field(req->rcv_wnd, 0),
	};

	if (flags & TTP_SYN) {
		seg->opts.has_mss = true;
		seg->opts.mss = req->adv_mss;
		seg->opts.has_wscale = req->wscale_ok;
		seg->opts.wscale = req->rcv_wscale;
		seg->opts.sack_ok = req->sack_ok;
		if (req->ecn_ok)
			seg->flags |= TTP_ECE;
	} else {
		seg->win = ttp_wnd_field(req->rcv_wnd, req->rcv_wscale);
	}
	ttp_ts_fill(&req->ts, ttp_now(), &seg->opts);
}

void ttp_req_xmit(const struct ttp_req *req, struct ttp_seg *seg, bool rexmit)
{
	struct ttp_reply_how how;

	ttp_req_how(req, &how);
	ttp_xmit_reply(req->h.net, &req->h.t, &how, seg, req->rcv_wnd,
		       TTP_SYN_RECV, rexmit);
}

static void ttp_req_resend(struct ttp_req *req)
{
	struct ttp_seg seg;

	ttp_mib_inc(req->h.net, TTP_MIB_SYNRETRANS);
	if (READ_ONCE(req->listener->sk_txrehash) == SOCK_TXREHASH_ENABLED)
		WRITE_ONCE(req->txhash, net_tx_rndhash());
	ttp_req_seg(req, TTP_SYN | TTP_ACK, &seg);
	ttp_req_xmit(req, &seg, true);
}

static void ttp_req_ack(const struct ttp_req *req, const struct ttp_seg *in)
{
	struct ttp_reply_how how;
	struct ttp_seg seg;

	ttp_req_how(req, &how);
	how.tos = in->tos;
	ttp_reply_to(&how, req->h.net, &req->h.t, in);
	ttp_req_seg(req, TTP_ACK, &seg);
	ttp_xmit_reply(req->h.net, &req->h.t, &how, &seg, req->rcv_wnd,
		       TTP_SYN_RECV, false);
}

/*
 * The timer's reference is taken before somebody else may find it armed.  Who
 * kills a request takes it out of the table and then stops the timer; who arms
 * looks at the table afterwards: one of the two sees the other.
 */
static void ttp_req_arm(struct ttp_req *req, u64 wait)
{
	WRITE_ONCE(req->rto_at, ttp_now() + wait);
	refcount_inc(&req->ref);
	mod_timer(&req->timer, ttp_timer_jiffies(wait));
	smp_mb();	/* pairs with ttp_req_unlink() */
	if (ttp_req_is_over(req) && timer_delete(&req->timer))
		ttp_req_put(req);
}

static void ttp_req_patience(const struct ttp_req *req, struct ttp_synack *s)
{
	const struct ttp_sock *l = ttp_sk(req->listener);

	s->tries = READ_ONCE(req->tries);
	s->most = READ_ONCE(l->syn_retries) ?:
		  ttp_sysctl_get(req->h.net, synack_retries);
	s->defer = READ_ONCE(l->defer_accept);
	s->acked = READ_ONCE(req->acked);
}

/* After one second, doubling (RFC 6298 5.5). */
static void ttp_req_timeout(struct ttp_req *req)
{
	enum ttp_synack_step step;
	struct ttp_synack s;

	ttp_req_patience(req, &s);
	step = ttp_synack_expired(&s);
	if (step == TTP_SYNACK_GIVE_UP) {
		ttp_req_kill(req, TTP_EV_DEAD);
		return;
	}
	WRITE_ONCE(req->tries, s.tries + 1);
	ttp_req_arm(req, min_t(u64, TTP_RTO_INIT << min(s.tries + 1, 16U),
			       TTP_RTO_MAX));
	if (step == TTP_SYNACK_SEND) {
		WRITE_ONCE(req->resent, true);
		ttp_req_resend(req);
	}
}

static void ttp_req_fire(struct timer_list *timer)
{
	struct ttp_req *req = container_of(timer, struct ttp_req, timer);

	/* Else it was killed while the timer was on its way. */
	if (!ttp_req_is_over(req))
		ttp_req_timeout(req);
	ttp_req_put(req);
}

static void ttp_req_windows(struct ttp_req *req, struct sock *lsk,
			    const struct ttp_seg *seg, u32 by_route)
{
	struct net *net = req->h.net;
	u32 full = ttp_win_from_space(lsk, READ_ONCE(lsk->sk_rcvbuf));

	req->snd_wnd = seg->win;
	req->window_clamp = READ_ONCE(ttp_sk(lsk)->window_clamp) ?: by_route;
	req->rcv_wnd = ttp_wnd_clamped(req->window_clamp,
				       min_t(u32, full, U16_MAX));
	req->wscale_ok = seg->opts.has_wscale &&
			 ttp_sysctl_get(net, window_scaling);
	if (req->wscale_ok) {
		req->snd_wscale = seg->opts.wscale;
		req->rcv_wscale = ttp_wnd_scale(ttp_wnd_ever(lsk,
							     req->window_clamp));
	}
}

static void ttp_req_timestamps(struct ttp_req *req, const struct ttp_seg *seg)
{
	req->ts.ok = ttp_sysctl_get(req->h.net, timestamps);
	req->ts.offset = ttp_ts_offset(req->h.net, &req->h.t);
	ttp_ts_on_syn(&req->ts, &seg->opts, ttp_now());
}

bool ttp_req_fill(struct ttp_req *req, struct sock *lsk, int dif,
		  const struct ttp_tuple *t, const struct ttp_seg *seg)
{
	const struct ttp_af *af = ttp_af_of(t);
	struct ttp_reply_how how;
	struct ttp_path path;

	req->h.net = sock_net(lsk);
	req->h.t = *t;
	req->h.dif = lsk->sk_bound_dev_if;
	req->h.kind = TTP_H_REQ;
	/* Whoever finds it in the queue looks in the right bucket. */
	req->h.hash = ttp_hash_of(req->h.net, t);
	/* A link-local peer has no route without its link. */
	if (ipv6_addr_type(&t->raddr) & IPV6_ADDR_LINKLOCAL)
		req->iif = dif;
	req->mark = READ_ONCE(lsk->sk_mark);
	if (!req->mark && ttp_sysctl_get(req->h.net, fwmark_accept))
		req->mark = seg->mark;
	req->txhash = net_tx_rndhash();
	req->syn_tos = seg->tos;
	req->way = seg->way;
	req->irs = seg->seq;
	req->listener = lsk;
	req->peer_mss = ttp_peer_mss(af, &seg->opts, ttp_sk(lsk)->user_mss);
	req->sack_ok = seg->opts.sack_ok && ttp_sysctl_get(req->h.net, sack);
	ttp_req_timestamps(req, seg);
	ttp_req_how(req, &how);
	if (!af->path(req->h.net, t, &how, &path))
		return false;
	req->ecn_ok = ttp_ecn_may_agree(ttp_sysctl_get(req->h.net, ecn),
					path.ecn, seg->flags, seg->ip);
	ttp_req_windows(req, lsk, seg, path.window);
	req->adv_mss = ttp_adv_mss(af, &path, ttp_sk(lsk)->user_mss);
	return true;
}

/* RFC 9293 3.6.1 (MAY-2): after TIME_WAIT, "larger than the largest" used. */
u32 ttp_req_isn(const struct net *net, const struct ttp_tuple *t,
		const struct ttp_tw *old)
{
	u32 iss = ttp_isn(net, t);

	if (old && ttp_before_eq(iss, old->snd_nxt))
		iss = old->snd_nxt + U16_MAX + 2;
	return iss;
}

/* It outlives the SYN that brought it. */
static bool ttp_req_keep_way(struct ttp_req *req)
{
	struct ttp_way *copy;

	if (!req->way)
		return true;
	copy = kmalloc(sizeof(*copy), GFP_ATOMIC | __GFP_NOWARN);
	if (copy)
		*copy = *req->way;
	req->way = copy;
	return copy;
}

struct ttp_req *ttp_req_make(struct sock *lsk, int dif,
			     const struct ttp_tuple *t,
			     const struct ttp_seg *seg,
			     const struct ttp_tw *old, u32 *reason)
{
	struct ttp_req *req;

	*reason = TTP_DROP_NOMEM;
	req = kmem_cache_zalloc(ttp_req_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!req)
		return NULL;
	if (!ttp_req_fill(req, lsk, dif, t, seg)) {
		*reason = TTP_DROP_NOROUTE;
		kmem_cache_free(ttp_req_cache, req);
		return NULL;
	}
	if (!ttp_req_keep_way(req)) {
		kmem_cache_free(ttp_req_cache, req);
		return NULL;
	}
	req->iss = ttp_req_isn(req->h.net, t, old);
	req->sent_at = ttp_now();
	refcount_set(&req->ref, 2);	/* the table, the caller */
	sock_hold(lsk);
	INIT_LIST_HEAD(&req->list);
	timer_setup(&req->timer, ttp_req_fire, 0);
	return req;
}

/* Into the queue, then into the table, where it can be found and killed. */
bool ttp_req_publish(struct ttp_req *req, struct ttp_tw *old)
{
	struct ttp_listener *l = ttp_sk(req->listener)->listener;
	bool closed;

	spin_lock_bh(&l->lock);
	closed = l->closed;
	if (!closed) {
		list_add_tail(&req->list, &l->reqs);
		l->nr_reqs++;
	}
	spin_unlock_bh(&l->lock);
	if (closed)
		return false;
	if (!ttp_hash_insert(&req->h, old ? &old->h : NULL)) {
		if (old)
			ttp_tw_replaced(old);
		ttp_req_arm(req, TTP_RTO_INIT);
		return true;
	}
	spin_lock_bh(&l->lock);
	list_del_init(&req->list);
	l->nr_reqs--;
	spin_unlock_bh(&l->lock);
	return false;
}

/* A segment that ends here: one that opens is traced by the child. */
static void ttp_req_trace(const struct ttp_req *req, const struct ttp_seg *seg)
{
	trace_ttp_recv(req->h.net, &req->h.t, seg,
		       (u32)seg->win << req->snd_wscale, TTP_SYN_RECV);
}

/* The accept queue has no room for a finished handshake (claim 15). */
static void ttp_req_overflow(struct ttp_req *req, const struct ttp_seg *seg)
{
	struct net *net = req->h.net;
	struct ttp_reply_how how;

	ttp_req_trace(req, seg);
	ttp_mib_inc(net, TTP_MIB_LISTENOVERFLOWS);
	ttp_listen_drop(req->listener, &req->h.t, seg, TTP_DROP_ACCEPTQUEUE);
	if (!ttp_sysctl_get(net, abort_on_overflow)) {
		WRITE_ONCE(req->acked, true);
		return;
	}
	ttp_req_how(req, &how);
	ttp_xmit_reset(net, &req->h.t, &how, seg, TTP_SYN_RECV);
	ttp_req_kill(req, TTP_EV_ABORT);
}

/*
 * TCP_DEFER_ACCEPT: there is nothing to accept() for before the first data.
 * What the ACK tells of the path is kept.
 */
static bool ttp_req_defer(struct ttp_req *req, const struct ttp_seg *seg)
{
	struct ttp_synack s;

	ttp_req_patience(req, &s);
	if (!ttp_synack_defers(&s, seg, req->irs))
		return false;
	if (!s.acked && !READ_ONCE(req->resent))
		WRITE_ONCE(req->rtt, max_t(u64, ttp_now() - req->sent_at, 1));
	WRITE_ONCE(req->acked, true);
	ttp_req_trace(req, seg);
	ttp_drop_note(req->h.net, &req->h.t, seg, TTP_DROP_DEFER);
	return true;
}

static struct sock *ttp_req_open(struct ttp_req *req, const struct ttp_seg *seg)
{
	struct sock *lsk = req->listener, *child;
	u32 why;

	if (ttp_req_defer(req, seg))
		return NULL;
	if (sk_acceptq_is_full(lsk)) {
		if (ttp_req_is_over(req))	/* it took the last place */
			return ERR_PTR(-EAGAIN);
		ttp_req_overflow(req, seg);
		return NULL;
	}
	child = ttp_child_make(req, &why);
	if (!child) {
		if (ttp_req_is_over(req))
			return ERR_PTR(-EAGAIN);
		ttp_req_trace(req, seg);
		ttp_listen_drop(lsk, &req->h.t, seg, why);
		return NULL;
	}
	/* Only one final ACK takes the request's place. */
	if (ttp_hash_insert(&ttp_sk(child)->h, &req->h)) {
		ttp_child_discard(child, false);
		return ERR_PTR(-EAGAIN);
	}
	ttp_req_unlink(req);
	if (!ttp_accept_add(lsk, child)) {
		ttp_child_discard(child, true);
		return NULL;
	}
	ttp_mib_inc(req->h.net, TTP_MIB_PASSIVEOPENS);
	return child;
}

static bool ttp_req_may_answer(struct ttp_req *req, const struct ttp_seg *seg)
{
	return ttp_limit_invalid(req->h.net, seg, &req->invalid_at,
				 TTP_MIB_SKIPPEDSYNRECV);
}

struct sock *ttp_req_rcv(struct ttp_req *req, const struct ttp_seg *seg)
{
	struct ttp_conn_view view = {
		.rcv_nxt = req->irs + 1,
		.rcv_wnd = req->rcv_wnd,
		.snd_una = req->iss,
		.ts_old	 = ttp_ts_is_old(&req->ts, seg, ttp_now()),
	};
	struct ttp_judgement j = ttp_judge_request(seg, &view);
	struct ttp_reply_how how;

	if (ttp_req_is_over(req))
		return ERR_PTR(-EAGAIN);
	if (j.verdict == TTP_V_OPEN)
		return ttp_req_open(req, seg);
	ttp_req_trace(req, seg);
	switch (j.verdict) {
	case TTP_V_RESEND:
		if (ttp_req_may_answer(req, seg))
			ttp_req_resend(req);
		return NULL;
	case TTP_V_RESET:
		/* Nobody repeats it. */
		return ttp_req_kill(req, TTP_EV_RCV_RST) ? NULL :
							   ERR_PTR(-EAGAIN);
	default:
		break;
	}
	ttp_drop_note(req->h.net, &req->h.t, seg, j.why ?: TTP_WHY_STATE);
	if (j.verdict == TTP_V_REPLY_RST) {
		ttp_req_how(req, &how);
		ttp_xmit_reset(req->h.net, &req->h.t, &how, seg, TTP_SYN_RECV);
	} else if (j.verdict == TTP_V_ACK ? ttp_req_may_answer(req, seg) :
		   j.verdict == TTP_V_CHALLENGE &&
		   ttp_limit_challenge(req->h.net, &req->invalid_at)) {
		ttp_req_ack(req, seg);
	}
	return NULL;
}

void ttp_req_err(struct ttp_req *req, u32 seq)
{
	if (seq == req->iss)
		ttp_req_kill(req, TTP_EV_DEAD);
}
