// SPDX-License-Identifier: GPL-2.0
/*
 * This file lets TIME_WAIT entries answer late segments and end after 2MSL.
 */
#include "timewait.h"

#include <linux/slab.h>

#include "af.h"
#include "compat.h"
#include "limit.h"
#include "recycle.h"
#include "sock.h"
#include "timer.h"
#include "trace.h"
#include "xmit.h"

struct kmem_cache *ttp_tw_cache;

static void ttp_tw_free(struct rcu_head *head)
{
	kmem_cache_free(ttp_tw_cache, container_of(head, struct ttp_tw, rcu));
}

void ttp_tw_put(struct ttp_tw *tw)
{
	if (refcount_dec_and_test(&tw->ref))
		call_rcu(&tw->rcu, ttp_tw_free);
}

static u32 ttp_tw_ms(void)
{
	return div_u64(ttp_now(), TTP_USEC_PER_MSEC);
}

static u64 ttp_tw_full(const struct net *net)
{
	return (u64)ttp_sysctl_get(net, tw_timeout) * TTP_USEC_PER_SEC;
}

void ttp_tw_ts(const struct ttp_tw *tw, struct ttp_ts *ts)
{
	ts->recent = READ_ONCE(tw->ts.recent);
	ts->recent_at = READ_ONCE(tw->ts.recent_at);
	ts->offset = tw->ts.offset;
	ts->ok = tw->ts.ok;
	ts->has_recent = tw->ts.has_recent;
}

/*
 * An entry has no lock, and of its timestamps these two words move.  Of two FINs
 * at once the first to come decides: TS.Recent is then one of two clocks that
 * the peer has had since the last, and never goes back.  Who sees recent_at
 * from before sees it older by a TIME_WAIT, of 24 days that it may grow old.
 */
static void ttp_tw_ts_note(struct ttp_tw *tw, const struct ttp_seg *seg,
			   struct ttp_ts *ts)
{
	u32 was;

	ttp_tw_ts(tw, ts);
	was = ts->recent;
	ttp_ts_note(ts, seg, tw->rcv_nxt, ttp_now());
	if (cmpxchg(&tw->ts.recent, was, ts->recent) == was)
		WRITE_ONCE(tw->ts.recent_at, ts->recent_at);
}

/* net.ttp.tw_recycle was 1, and the host's clock is known. */
static bool ttp_tw_forgets(const struct ttp_tw *tw)
{
	return tw->brief && !READ_ONCE(tw->bind.yields_at);
}

/* With the whole of it still to come. */
static u64 ttp_tw_length(const struct ttp_tw *tw)
{
	return ttp_tw_forgets(tw) ? tw->brief : ttp_tw_full(tw->h.net);
}

static void ttp_tw_yield_after(struct ttp_tw *tw, u64 wait)
{
	WRITE_ONCE(tw->bind.yields_at, (u32)ttp_timer_jiffies(wait) ?: 1);
}

/*
 * net.ttp.tw_recycle, as it is now: it lasts only as long as the peer may be
 * missing our last ACK (1), or longer but out of everybody's way (2).
 */
static void ttp_tw_recycle(struct ttp_tw *tw, const struct ttp_sock *t)
{
	u32 how = ttp_sysctl_get(tw->h.net, tw_recycle);

	if (!tw->ts.ok || !tw->ts.has_recent || how == TTP_RECYCLE_OFF ||
	    (how == TTP_RECYCLE_HOSTS &&
	     !ttp_recycle_remember(tw->h.net, &tw->h.t.raddr, &tw->ts)))
		return;
	tw->brief = ttp_recycle_wait(ttp_rtt_rto(&t->rtt),
				     ttp_tw_full(tw->h.net));
	if (how == TTP_RECYCLE_TUPLES)
		ttp_tw_yield_after(tw, tw->brief);
}

/* It is out of the table: the rest of what holds it. */
static void ttp_tw_left(struct ttp_tw *tw, enum ttp_event ev)
{
	struct net *net = tw->h.net;

	trace_ttp_state(net, &tw->h.t, TTP_TIME_WAIT, TTP_CLOSE, ev);
	ttp_mib_inc(net, ev == TTP_EV_2MSL ? TTP_MIB_TW :
			 ev == TTP_EV_RCV_RST ? TTP_MIB_TWKILLED :
						TTP_MIB_TWREUSED);
	atomic_dec(&ttp_net(net)->tw_count);
	ttp_port_leave(&tw->bind);
	ttp_tw_put(tw);
}

/* True for the one who takes it out of the table. */
static bool ttp_tw_leave(struct ttp_tw *tw, enum ttp_event ev)
{
	if (!ttp_hash_remove(&tw->h))
		return false;
	ttp_tw_left(tw, ev);
	return true;
}

static void ttp_tw_disarm(struct ttp_tw *tw)
{
	smp_mb();	/* pairs with ttp_tw_arm() */
	if (timer_delete(&tw->timer))
		ttp_tw_put(tw);
}

static void ttp_tw_end(struct ttp_tw *tw, enum ttp_event ev)
{
	if (ttp_tw_leave(tw, ev))
		ttp_tw_disarm(tw);
}

static bool ttp_tw_on_loopback(const struct ttp_tw *tw)
{
	const struct ttp_tuple *t = &tw->h.t;

	return tw->h.dif == LOOPBACK_IFINDEX ||
	       ipv6_addr_loopback(&t->laddr) || ipv6_addr_loopback(&t->raddr) ||
	       (ttp_addr_is_v4(&t->raddr) &&
		(ipv4_is_loopback(ttp_addr_v4(&t->laddr)) ||
		 ipv4_is_loopback(ttp_addr_v4(&t->raddr))));
}

/*
 * RFC 6191 from the other side: with timestamps nothing old can be mistaken for
 * new.  After a second our clock has moved on for sure.  Who bound the port by
 * number has chosen this tuple, and does not depend on the sysctl.  An entry
 * that yields is there for the peer's segments only.
 */
bool ttp_tw_reusable(const struct ttp_hnode *h, const struct ttp_tw *tw)
{
	const struct ttp_sock *t = ttp_h_sock(h);
	u32 reuse = ttp_sysctl_get(tw->h.net, reuse_tw);

	if (!tw->ts.ok || !ttp_sysctl_get(tw->h.net, timestamps))
		return false;
	if (t->bind.bind || ttp_owner_yields(&tw->bind))
		return true;
	if (!reuse || (reuse == 2 && !ttp_tw_on_loopback(tw)))
		return false;
	return ttp_tw_ms() - tw->since >=
	       ttp_sysctl_get(tw->h.net, tw_reuse_delay);
}

void ttp_tw_replaced(struct ttp_tw *tw)
{
	ttp_tw_left(tw, TTP_EV_RCV_SYN);
	ttp_tw_disarm(tw);
}

/*
 * The timer has a reference of its own.  Who kills an entry takes it out of
 * the table and then stops the timer; who arms looks at the table afterwards:
 * one of the two sees the other.
 */
static void ttp_tw_arm(struct ttp_tw *tw, u64 length)
{
	WRITE_ONCE(tw->expires, ttp_now() + length);
	refcount_inc(&tw->ref);
	mod_timer(&tw->timer, ttp_timer_jiffies(length));
	smp_mb();	/* pairs with ttp_tw_disarm() */
	if (hlist_unhashed_lockless(&tw->h.node) && timer_delete(&tw->timer))
		ttp_tw_put(tw);
}

void ttp_tw_put_back(struct ttp_tw *tw, struct ttp_hnode *h)
{
	u64 until = READ_ONCE(tw->expires), now = ttp_now();

	/* Out of the table the timer had nothing to end. */
	if (ttp_timer_delete_sync(&tw->timer))
		ttp_tw_put(tw);
	ttp_hash_insert(&tw->h, h);
	ttp_tw_arm(tw, until > now ? until - now : 1);
}

static void ttp_tw_fire(struct timer_list *timer)
{
	struct ttp_tw *tw = container_of(timer, struct ttp_tw, timer);

	ttp_tw_leave(tw, TTP_EV_2MSL);
	ttp_tw_put(tw);
}

static void ttp_tw_inherit(struct ttp_tw *tw, struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	tw->h.net = t->h.net;
	tw->h.dif = t->h.dif;
	tw->h.t = t->h.t;
	tw->h.kind = TTP_H_TW;
	tw->bind = t->bind;
	tw->bind.tw = true;
	tw->bind.addr = t->h.t.laddr;
	tw->bind.reuse = sk->sk_reuse;
	tw->rcv_nxt = t->rcv_nxt;
	tw->snd_nxt = t->snd_nxt;
	tw->rcv_wnd = ttp_rcv_window(t);
	tw->rcv_wscale = t->rcv_wscale;
	tw->ts = t->ts;
	tw->since = ttp_tw_ms();
	tw->mark = READ_ONCE(sk->sk_mark);
	tw->priority = READ_ONCE(sk->sk_priority);
	tw->txhash = sk->sk_txhash;
	tw->tos = inet_sk(sk)->tos;
	if (t->af == &ttp_af6) {
		tw->tos = inet6_sk(sk)->tclass;
		tw->label = ntohl(inet6_sk(sk)->flow_label &
				  IPV6_FLOWLABEL_MASK);
	}
	refcount_set(&tw->ref, 2);	/* the table, the caller */
}

/* Memory for one more, counted; NULL: enough is enough. */
static struct ttp_tw *ttp_tw_alloc(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);
	struct ttp_tw *tw = NULL;

	if (atomic_inc_return(&tn->tw_count) <=
	    ttp_sysctl_get(net, max_tw_buckets))
		tw = kmem_cache_zalloc(ttp_tw_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!tw) {
		atomic_dec(&tn->tw_count);
		ttp_mib_inc(net, TTP_MIB_TWOVERFLOW);
	}
	return tw;
}

/* It is ready: in the tables instead of the socket, for so long, us. */
static void ttp_tw_publish(struct ttp_tw *tw, struct ttp_sock *t, u64 length)
{
	tw->bind.bind = NULL;
	ttp_port_inherit(tw->h.net, ntohs(tw->h.t.lport), &tw->bind, &t->bind);
	timer_setup(&tw->timer, ttp_tw_fire, 0);
	/* The socket is in the table: only its lock's holder takes it out. */
	ttp_hash_insert(&tw->h, &t->h);
	ttp_tw_arm(tw, length);
}

struct ttp_tw *ttp_tw_create(struct sock *sk)
{
	struct ttp_tw *tw;

	tw = ttp_tw_alloc(sock_net(sk));
	if (!tw)
		return NULL;
	ttp_tw_inherit(tw, sk);
	ttp_tw_recycle(tw, ttp_sk(sk));
	ttp_tw_publish(tw, ttp_sk(sk), ttp_tw_length(tw));
	return tw;
}

/* In nobody's way: it was not in that of this socket's connect(). */
void ttp_tw_restore(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 until = t->past.until, now = ttp_now();
	struct ttp_tw *tw;

	t->past.until = 0;
	if (now >= until)
		return;
	tw = ttp_tw_alloc(sock_net(sk));
	if (!tw)
		return;
	ttp_tw_inherit(tw, sk);
	tw->rcv_nxt = t->past.rcv_nxt;
	ttp_tw_yield_after(tw, 0);
	ttp_tw_publish(tw, t, until - now);
	ttp_tw_put(tw);
}

void ttp_tw_ack(struct ttp_tw *tw, const struct ttp_seg *in)
{
	struct ttp_reply_how how = {
		.oif	= tw->h.dif,
		.mark	= tw->mark,
		.priority = tw->priority,
		.txhash	= tw->txhash,
		.label	= htonl(tw->label),
		.tos	= tw->tos,
	};
	struct ttp_seg seg = {
		.flags	= TTP_ACK,
		.seq	= tw->snd_nxt,
		.ack	= tw->rcv_nxt,
		.win	= ttp_wnd_field(tw->rcv_wnd, tw->rcv_wscale),
	};
	struct ttp_ts ts;

	if (in)
		ttp_reply_to(&how, tw->h.net, &tw->h.t, in);
	ttp_tw_ts(tw, &ts);
	ttp_ts_fill(&ts, ttp_now(), &seg.opts);
	ttp_xmit_reply(tw->h.net, &tw->h.t, &how, &seg, tw->rcv_wnd,
		       TTP_TIME_WAIT, false);
}

void ttp_tw_refuse(struct ttp_tw *tw, const struct ttp_seg *seg)
{
	if (ttp_limit_invalid(tw->h.net, seg, &tw->invalid_at,
			      TTP_MIB_SKIPPEDTIMEWAIT))
		ttp_tw_ack(tw, seg);
}

/* RFC 9293 3.10.7.4, eighth step: the peer's FIN again, the 2MSL start anew. */
static void ttp_tw_restart(struct ttp_tw *tw, const struct ttp_seg *seg)
{
	u64 length = ttp_tw_length(tw);
	struct ttp_ts ts;

	WRITE_ONCE(tw->expires, ttp_now() + length);
	ttp_tw_ts_note(tw, seg, &ts);
	if (ttp_tw_forgets(tw))
		ttp_recycle_remember(tw->h.net, &tw->h.t.raddr, &ts);
	if (READ_ONCE(tw->bind.yields_at))
		ttp_tw_yield_after(tw, tw->brief);
	mod_timer_pending(&tw->timer, ttp_timer_jiffies(length));
	ttp_tw_ack(tw, seg);
}

static struct ttp_judgement ttp_tw_judge(const struct ttp_tw *tw,
					 const struct ttp_seg *seg)
{
	struct ttp_conn_view view = {
		.rcv_nxt  = tw->rcv_nxt,
		.rcv_wnd  = tw->rcv_wnd,
		.snd_una  = tw->snd_nxt,
		.rfc1337  = ttp_sysctl_get(tw->h.net, rfc1337),
	};
	struct ttp_ts ts;

	ttp_tw_ts(tw, &ts);
	view.ts_old = ttp_ts_is_old(&ts, seg, ttp_now());
	view.ts_newer = ttp_ts_is_newer(&ts, seg);
	return ttp_judge_time_wait(seg, &view);
}

bool ttp_tw_rcv(struct ttp_tw *tw, const struct ttp_seg *seg)
{
	struct ttp_judgement j = ttp_tw_judge(tw, seg);

	trace_ttp_recv(tw->h.net, &tw->h.t, seg, seg->win, TTP_TIME_WAIT);
	switch (j.verdict) {
	case TTP_V_REUSE:
		return true;
	case TTP_V_RESET:
		ttp_tw_end(tw, TTP_EV_RCV_RST);
		return false;
	case TTP_V_RESTART:
		ttp_tw_restart(tw, seg);
		return false;
	case TTP_V_ACK:
		ttp_tw_refuse(tw, seg);
		break;
	default:
		break;
	}
	ttp_drop_note(tw->h.net, &tw->h.t, seg, j.why ?: TTP_WHY_STATE);
	return false;
}

/* One entry of @net in bucket @i, referenced, or NULL. */
static struct ttp_tw *ttp_tw_pick(u32 i, const struct net *net)
{
	struct hlist_head *head = ttp_hash_lock_bucket(i);
	struct ttp_tw *tw = NULL;
	struct ttp_hnode *h;

	hlist_for_each_entry(h, head, node) {
		if (h->kind != TTP_H_TW || (net && h->net != net))
			continue;
		if (refcount_inc_not_zero(&ttp_h_tw(h)->ref)) {
			tw = ttp_h_tw(h);
			break;
		}
	}
	ttp_hash_unlock_bucket(i);
	return tw;
}

void ttp_tw_purge(struct net *net)
{
	struct ttp_tw *tw;
	u32 i;

	for (i = 0; i < ttp_hash_nr_buckets(); i++) {
		cond_resched();
		if (ttp_hash_bucket_empty(i))
			continue;
		while ((tw = ttp_tw_pick(i, net))) {
			ttp_tw_leave(tw, TTP_EV_2MSL);
			if (ttp_timer_delete_sync(&tw->timer))
				ttp_tw_put(tw);
			ttp_tw_put(tw);
		}
	}
}
