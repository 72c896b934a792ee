// SPDX-License-Identifier: GPL-2.0
/*
 * This file serves what arrives for a listener: a SYN becomes a request, or a
 * cookie when there are too many.  None of it takes the listener's lock.
 */
#include "listen.h"

#include "accept.h"
#include "af.h"
#include "child.h"
#include "compat.h"
#include "cookie.h"
#include "fastqueue.h"
#include "fastserver.h"
#include "recycle.h"
#include "req.h"
#include "sock.h"
#include "trace.h"
#include "xmit.h"

/*
 * Linux's two bounds on the SYN queue: the backlog (as with the accept queue,
 * one more), and the sysctl, which is only for those who have no cookies.
 */
static bool ttp_syn_queue_full(struct sock *lsk, u32 cookies)
{
	u32 most = ttp_sysctl_get(sock_net(lsk), max_syn_backlog);
	u32 n = READ_ONCE(ttp_sk(lsk)->listener->nr_reqs);

	return n > READ_ONCE(lsk->sk_max_ack_backlog) ||
	       (!cookies && n >= most - (most >> 2));
}

/* A SYN for which there is room. */
static struct sock *ttp_listen_syn(struct sock *lsk, int dif,
				   const struct ttp_tuple *t,
				   const struct ttp_seg *seg,
				   struct ttp_tw *old)
{
	struct ttp_opts give = {};
	struct ttp_req *req;
	struct sock *child;
	struct ttp_seg out;
	u32 reason;

	child = ttp_fast_syn(lsk, dif, t, seg, old, &give);
	if (child)
		return child;
	req = ttp_req_make(lsk, dif, t, seg, old, &reason);
	if (!req) {
		ttp_listen_drop(lsk, t, seg, reason);
		return NULL;
	}
	if (!ttp_req_publish(req, old)) {
		ttp_listen_drop(lsk, t, seg, TTP_DROP_CLOSED);
		ttp_req_put(req);
		ttp_req_put(req);
		return NULL;
	}
	trace_ttp_state(req->h.net, t, TTP_LISTEN, TTP_SYN_RECV, TTP_EV_RCV_SYN);
	ttp_req_seg(req, TTP_SYN | TTP_ACK, &out);
	out.opts.has_fo = give.has_fo;
	out.opts.fo = give.fo;
	ttp_req_xmit(req, &out, false);
	ttp_req_put(req);
	return NULL;
}

/*
 * RFC 9293 3.10.7.2, third: an ACK is for no connection that we know of, but a
 * cookie may be in it.
 */
static struct sock *ttp_listen_ack(struct sock *lsk, int dif,
				   const struct ttp_tuple *t,
				   const struct ttp_seg *seg)
{
	struct ttp_reply_how how = {
		.oif	= lsk->sk_bound_dev_if,
		.mark	= READ_ONCE(lsk->sk_mark),
		.priority = READ_ONCE(lsk->sk_priority),
	};
	struct sock *child;
	u32 reason;

	child = ttp_cookie_ack(lsk, dif, t, seg, &reason);
	if (child)
		return child;
	trace_ttp_recv(sock_net(lsk), t, seg, seg->win, TTP_LISTEN);
	if (reason) {
		ttp_listen_drop(lsk, t, seg, reason);
		return NULL;
	}
	ttp_drop_note(sock_net(lsk), t, seg, TTP_DROP_LISTENFLAGS);
	ttp_xmit_reset(sock_net(lsk), t, &how, seg, TTP_LISTEN);
	return NULL;
}

/*
 * A SYN over TIME_WAIT needs a request: the number in a cookie is a hash, and
 * cannot be put beyond the old connection's (RFC 9293 MAY-2, RFC 6191).  It
 * gets one whatever the queue holds, as with Linux.  The bound is that of
 * net.ttp.max_tw_buckets: each such request stands where an entry stood, and an
 * entry has cost its peer a whole connection, which no forged address gets.
 */
static struct sock *ttp_listen_queue(struct sock *lsk, int dif,
				     const struct ttp_tuple *t,
				     const struct ttp_seg *seg,
				     struct ttp_tw *old)
{
	u32 cookies = ttp_sysctl_get(sock_net(lsk), syncookies);
	bool full = ttp_syn_queue_full(lsk, cookies);

	if (old)
		return ttp_listen_syn(lsk, dif, t, seg, old);
	if (cookies == 2 || (cookies && full))
		ttp_cookie_syn(lsk, dif, t, seg);
	else if (full)
		ttp_listen_drop(lsk, t, seg, TTP_DROP_SYNQUEUE);
	else
		return ttp_listen_syn(lsk, dif, t, seg, NULL);
	return NULL;
}

/* RFC 9293 3.10.7.2 */
struct sock *ttp_listen_rcv(struct sock *lsk, int dif,
			    const struct ttp_tuple *t,
			    const struct ttp_seg *seg, struct ttp_tw *old)
{
	if (!(seg->flags & TTP_RST) && (seg->flags & TTP_ACK))
		return ttp_listen_ack(lsk, dif, t, seg);
	trace_ttp_recv(sock_net(lsk), t, seg, seg->win, TTP_LISTEN);
	if ((seg->flags & (TTP_SYN | TTP_RST | TTP_FIN)) != TTP_SYN) {
		ttp_drop_note(sock_net(lsk), t, seg, TTP_DROP_LISTENFLAGS);
		return NULL;
	}
	if (sk_acceptq_is_full(lsk)) {
		ttp_mib_inc(sock_net(lsk), TTP_MIB_LISTENOVERFLOWS);
		ttp_listen_drop(lsk, t, seg, TTP_DROP_ACCEPTQUEUE);
		return NULL;
	}
	if (ttp_recycle_refuses(sock_net(lsk), t, seg)) {
		ttp_listen_drop(lsk, t, seg, TTP_DROP_HOSTCLOCK);
		return NULL;
	}
	return ttp_listen_queue(lsk, dif, t, seg, old);
}

static struct ttp_req *ttp_listen_pick(struct ttp_listener *l)
{
	struct ttp_req *req;

	spin_lock_bh(&l->lock);
	req = list_first_entry_or_null(&l->reqs, struct ttp_req, list);
	if (req && !refcount_inc_not_zero(&req->ref))
		req = NULL;
	spin_unlock_bh(&l->lock);
	return req;
}

void ttp_listen_stop(struct sock *sk)
{
	struct ttp_listener *l = ttp_sk(sk)->listener;
	struct ttp_req *req;
	struct sock *child;

	spin_lock_bh(&l->lock);
	l->closed = true;
	spin_unlock_bh(&l->lock);

	ttp_fast_forget(l);
	while ((req = ttp_listen_pick(l))) {
		ttp_req_kill(req, TTP_EV_ABORT);
		ttp_req_put(req);
		cond_resched();
	}
	while ((child = ttp_listen_dequeue(sk))) {
		local_bh_disable();
		bh_lock_sock_nested(child);
		sock_hold(child);
		ttp_child_discard(child, true);
		local_bh_enable();
		cond_resched();
	}
}
