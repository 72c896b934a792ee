// SPDX-License-Identifier: GPL-2.0
/*
 * This file turns system calls into events of the state machine: connect,
 * listen, accept, shutdown, close.
 */
#include "user.h"

#include <linux/sched/signal.h>
#include <net/inet_common.h>
#include <net/ip.h>

#include "accept.h"
#include "af.h"
#include "bufs.h"
#include "conn.h"
#include "demux.h"
#include "fastclient.h"
#include "fastqueue.h"
#include "listen.h"
#include "metrics.h"
#include "mem.h"
#include "ooo.h"
#include "orphan.h"
#include "output.h"
#include "recover.h"
#include "rtx.h"
#include "run.h"
#include "sock.h"
#include "timewait.h"
#include "txq.h"
#include "xmit.h"

static void ttp_connect_undo(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	ttp_hash_remove(&t->h);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		ttp_put_port(sk);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet_reset_saddr(sk);
	memset(&t->h.t.raddr, 0, sizeof(t->h.t.raddr));
	t->h.t.rport = 0;
	inet_sk(sk)->inet_dport = 0;
	sk->sk_route_caps = 0;
}

/* Route, address and port: afterwards the tuple is complete and ours. */
static int ttp_connect_tuple(struct sock *sk, struct ttp_tw **old)
{
	struct ttp_sock *t = ttp_sk(sk);
	u16 port = inet_sk(sk)->inet_num;
	int err;

	err = t->af->route(sk);
	if (err) {
		if (err == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return err;
	}
	/*
	 * A reader may still be on this node from its last time in a table:
	 * moving it to another chain would send him astray.
	 */
	if (t->once_hashed)
		synchronize_rcu();
	t->once_hashed = 1;
	t->h.dif = sk->sk_bound_dev_if;
	t->af->set_addrs(sk);
	err = ttp_hash_connect(sk, ttp_tw_reusable, old);
	if (err || port)
		return err;
	/* The flow has its port only now: IPsec and multipath want to know. */
	return t->af->route(sk);
}

/* Go on where the connection with this tuple stopped (RFC 6191). */
static void ttp_connect_over(struct ttp_sock *t, const struct ttp_tw *old)
{
	t->iss = old->snd_nxt + U16_MAX + 2;
	ttp_tw_ts(old, &t->ts);
	if (!READ_ONCE(old->bind.yields_at) &&
	    ttp_sysctl_get(t->h.net, tw_recycle) != TTP_RECYCLE_TUPLES)
		return;
	t->past.until = READ_ONCE(old->expires);
	t->past.rcv_nxt = old->rcv_nxt;
}

/* What the route has to say of the SYN, and of what follows. */
static void ttp_connect_by_route(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	const struct dst_entry *dst = t->af->dst(sk);
	struct ttp_path path = { .mtu = t->pmtu };

	if (dst)
		ttp_path_of(dst, &path);
	t->ecn.ok = ttp_ecn_may_ask(ttp_sysctl_get(sock_net(sk), ecn),
				    path.ecn);
	t->adv_mss = ttp_adv_mss(t->af, &path, t->user_mss);
	ttp_bufs_set_clamp(sk, t->window_clamp ?: path.window);
	if (t->wscale_ok)
		t->rcv_wscale = ttp_wnd_scale(ttp_wnd_ever(sk, t->window_clamp));
	ttp_metrics_apply(sk);
}

static void ttp_connect_sequence(struct sock *sk, const struct ttp_tw *old)
{
	struct ttp_sock *t = ttp_sk(sk);

	t->iss = ttp_isn(sock_net(sk), &t->h.t);
	if (old)
		ttp_connect_over(t, old);
	t->snd_una = t->iss;
	t->snd_nxt = t->iss;	/* until the SYN has left */
	WRITE_ONCE(t->write_seq, t->iss + 1);
	t->snd_sml = t->iss;
	t->pushed_seq = t->iss;
	ttp_recover_init(sk, t->iss);
	t->wscale_ok = ttp_sysctl_get(sock_net(sk), window_scaling);
	t->sack_ok = ttp_sysctl_get(sock_net(sk), sack);
	t->ts.ok = ttp_sysctl_get(sock_net(sk), timestamps);
	t->ts.offset = ttp_ts_offset(sock_net(sk), &t->h.t);
	if (t->user_mss)
		t->peer_mss = t->user_mss;
	ttp_sync_mss(sk);
	ttp_connect_by_route(sk);
	t->rcv_mss = min_t(u32, t->rcv_mss, t->adv_mss);
}

int ttp_connect(struct sock *sk, ttp_sockaddr_t *uaddr, int len)
{
	struct ttp_todo todo = {};
	struct ttp_tw *old = NULL;
	int err;

	ttp_sock_reset(sk);
	err = ttp_sockaddr_get(sk, uaddr, len);
	if (err)
		return err;
	sk_set_txhash(sk);
	err = ttp_connect_tuple(sk, &old);
	if (!err)
		ttp_connect_sequence(sk, old);
	if (old) {
		if (err)
			ttp_tw_put_back(old, &ttp_sk(sk)->h);
		else
			ttp_tw_replaced(old);
		ttp_tw_put(old);
	}
	if (err) {
		ttp_connect_undo(sk);
		return err;
	}
	ttp_event(sk, TTP_EV_CONNECT, &todo);
	if (ttp_fast_connect(sk))
		todo.bits &= ~TTP_DO_SYN;
	ttp_run(sk, &todo);
	return 0;
}

/* Fast Open for programs that do not know of it. */
static void ttp_listen_fast(struct sock *sk, int backlog)
{
	u32 bits = ttp_sysctl_get(sock_net(sk), fastopen);

	if ((bits & TTP_FO_SERVER) && (bits & TTP_FO_LISTENERS) &&
	    !ttp_sk(sk)->listener->fast_max)
		ttp_fast_limit(sk, backlog);
}

/* Into the table of listeners. */
static int ttp_listen_enter(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (t->once_hashed)
		synchronize_rcu();
	t->once_hashed = 1;
	memset(&t->h.t, 0, sizeof(t->h.t));
	t->h.t.laddr = t->bind.addr;
	t->h.t.lport = htons(inet_sk(sk)->inet_num);
	t->h.dif = sk->sk_bound_dev_if;
	return ttp_listen_hash(sk);
}

int ttp_listen(struct sock *sk, int backlog)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_todo todo = {};
	int err;

	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	if (sk->sk_state == TCP_LISTEN)
		return 0;
	err = ttp_listen_start(sk);
	if (err)
		return err;
	if (!t->bind.bind) {
		err = ttp_get_port(sk, 0);
		if (err)
			return err;
		inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
	}
	ttp_listen_fast(sk, backlog);
	ttp_event(sk, TTP_EV_LISTEN, &todo);
	err = ttp_port_check_listen(sk);
	if (!err)
		err = ttp_listen_enter(sk);
	if (err)
		ttp_event(sk, TTP_EV_CLOSE, &todo);
	return err;
}

/* Out of LISTEN; what waits in the queues is refused. */
static void ttp_unlisten(struct sock *sk, struct ttp_todo *todo)
{
	ttp_listen_unhash(sk);
	ttp_listen_stop(sk);
	ttp_event(sk, TTP_EV_CLOSE, todo);
}

static int ttp_accept_wait(struct sock *sk, long *timeo)
{
	struct ttp_listener *l = ttp_sk(sk)->listener;
	DEFINE_WAIT(wait);
	int err;

	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (list_empty_careful(&l->accept))
			*timeo = schedule_timeout(*timeo);
		sched_annotate_sleep();
		lock_sock(sk);
		err = 0;
		if (!list_empty_careful(&l->accept))
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = sock_intr_errno(*timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!*timeo)
			break;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

struct sock *ttp_accept(struct sock *sk, struct proto_accept_arg *arg)
{
	struct sock *child = NULL;
	long timeo;

	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, arg->flags & O_NONBLOCK);
	arg->err = -EINVAL;
	while (sk->sk_state == TCP_LISTEN) {
		child = ttp_listen_dequeue(sk);
		if (child)
			break;
		arg->err = timeo ? ttp_accept_wait(sk, &timeo) : -EAGAIN;
		if (arg->err)
			break;
		arg->err = -EINVAL;
	}
	release_sock(sk);
	return child;
}

void ttp_shutdown(struct sock *sk, int how)
{
	struct ttp_todo todo = {};

	if (!(how & SEND_SHUTDOWN) ||
	    !ttp_state_in(sk, TTPF(ESTABLISHED) | TTPF(SYN_RECV) |
			      TTPF(CLOSE_WAIT)))
		return;
	ttp_event(sk, TTP_EV_CLOSE, &todo);
	ttp_run(sk, &todo);
}

/* Throw away what nobody will read; returns whether there was data. */
static bool ttp_drop_unread(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb;
	bool unread = false;

	while ((skb = __skb_dequeue(&sk->sk_receive_queue))) {
		unread |= ttp_after(TTP_CB(skb)->end_seq, t->copied_seq);
		__kfree_skb(skb);
	}
	return unread;
}

int ttp_disconnect(struct sock *sk, int flags)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_todo todo = {};

	if (sk->sk_state == TCP_LISTEN) {
		ttp_unlisten(sk, &todo);
	} else if (sk->sk_state != TCP_CLOSE) {
		if (sk->sk_state == TCP_SYN_SENT)
			WRITE_ONCE(sk->sk_err, ECONNRESET);
		ttp_event(sk, TTP_EV_ABORT, &todo);
	}
	ttp_run(sk, &todo);
	ttp_drop_unread(sk);
	ttp_tx_purge(sk);
	ttp_rtx_purge(sk);
	ttp_ooo_purge(sk);
	ttp_mem_trim(sk);
	inet_sk(sk)->inet_dport = 0;
	t->h.t.rport = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet_reset_saddr(sk);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		ttp_put_port(sk);
	sk->sk_shutdown = 0;
	WRITE_ONCE(t->window_clamp, 0);
	sock_reset_flag(sk, SOCK_DONE);
	ttp_sock_reset(sk);
	__sk_dst_reset(sk);
	ttp_demux_forget(sk);
	sk_error_report(sk);
	return 0;
}

/* Which of the three ways to close, and its work. */
static void ttp_close_event(struct sock *sk, struct ttp_todo *todo)
{
	bool unread = ttp_drop_unread(sk);

	if (sk->sk_state == TCP_LISTEN) {
		ttp_unlisten(sk, todo);
	} else if (sk->sk_state == TCP_CLOSE) {
		return;
	} else if (unread) {
		/* RFC 2525 2.17: the peer must learn that data was lost. */
		ttp_mib_inc(sock_net(sk), TTP_MIB_ABORTONCLOSE);
		ttp_event(sk, TTP_EV_ABORT, todo);
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_ABORTONDATA);
		ttp_event(sk, TTP_EV_ABORT, todo);
	} else {
		ttp_event(sk, TTP_EV_CLOSE, todo);
	}
}

/* SO_LINGER: until all is acknowledged, FIN included. */
static void ttp_close_wait(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	if (!timeout)
		return;
	add_wait_queue(sk_sleep(sk), &wait);
	do {
		if (sk_wait_event(sk, &timeout,
				  !ttp_state_in(sk, TTPF_FIN_SENT), &wait))
			break;
	} while (!signal_pending(current) && timeout);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/* The connection goes on alone, if it may. */
static void ttp_close_leave(struct sock *sk)
{
	struct ttp_todo todo = {};

	ttp_orphan_begin(sk);
	if (!ttp_orphan_abort(sk, ttp_now(), &todo) &&
	    sk->sk_state == TCP_FIN_WAIT2)
		todo.bits |= TTP_DO_FIN2;
	ttp_run(sk, &todo);
}

/*
 * From sock_orphan() on the connection lives by its timers and the peer; what
 * the backlog still holds is processed by release_sock().
 */
void ttp_close(struct sock *sk, long timeout)
{
	struct ttp_todo todo = {};

	lock_sock(sk);
	sock_hold(sk);
	sk->sk_shutdown = SHUTDOWN_MASK;
	ttp_close_event(sk, &todo);
	ttp_run(sk, &todo);
	if (ttp_state_in(sk, TTPF_FIN_SENT))
		ttp_close_wait(sk, timeout);

	sock_orphan(sk);
	if (sk->sk_state == TCP_CLOSE)
		ttp_destroy_sock(sk);
	else
		ttp_close_leave(sk);
	release_sock(sk);
	sock_put(sk);
}

/* A socket of bucket @i, referenced, or NULL. */
static struct sock *ttp_pick_sock(u32 i)
{
	struct hlist_head *head = ttp_hash_lock_bucket(i);
	struct sock *sk = NULL;
	struct ttp_hnode *h;

	hlist_for_each_entry(h, head, node) {
		if (h->kind == TTP_H_SOCK &&
		    refcount_inc_not_zero(&ttp_to_sk(ttp_h_sock(h))->sk_refcnt)) {
			sk = ttp_to_sk(ttp_h_sock(h));
			break;
		}
	}
	ttp_hash_unlock_bucket(i);
	return sk;
}

void ttp_abort_orphans(void)
{
	struct ttp_todo todo;
	struct sock *sk;
	u32 i;

	for (i = 0; i < ttp_hash_nr_buckets(); i++) {
		cond_resched();
		if (ttp_hash_bucket_empty(i))
			continue;
		while ((sk = ttp_pick_sock(i))) {
			local_bh_disable();
			bh_lock_sock(sk);
			todo = (struct ttp_todo){};
			if (sk->sk_state != TCP_CLOSE) {
				ttp_event(sk, TTP_EV_ABORT, &todo);
				ttp_run(sk, &todo);
			}
			bh_unlock_sock(sk);
			local_bh_enable();
			sock_put(sk);
		}
	}
}
