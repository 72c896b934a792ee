// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the only writer of sk_state: events come in, the table decides.
 */
#include "conn.h"

#include <linux/module.h>
#include <linux/random.h>
#include <linux/siphash.h>

#include "compat.h"
#include "fastclient.h"
#include "fastqueue.h"
#include "mem.h"
#include "ooo.h"
#include "recover.h"
#include "rtx.h"
#include "sock.h"
#include "steer.h"
#include "timer.h"
#include "trace.h"
#include "txq.h"

atomic_t ttp_live_socks;

static siphash_aligned_key_t ttp_isn_key;
static siphash_aligned_key_t ttp_ts_key;

void ttp_isn_init(void)
{
	get_random_bytes(&ttp_isn_key, sizeof(ttp_isn_key));
	get_random_bytes(&ttp_ts_key, sizeof(ttp_ts_key));
}

/*
 * The same for a tuple as long as the machine runs: one connection's clock
 * goes on where the last one's was, which TIME_WAIT can rely on (RFC 6191).
 */
u32 ttp_ts_offset(const struct net *net, const struct ttp_tuple *t)
{
	if (ttp_sysctl_get(net, timestamps) != 1)
		return 0;
	return ttp_tuple_mac(t, &ttp_ts_key) + net_hash_mix(net);
}

u32 ttp_isn(const struct net *net, const struct ttp_tuple *t)
{
	u64 hash = ttp_tuple_mac(t, &ttp_isn_key);

	return (u32)(hash ^ hash >> 32) + net_hash_mix(net) +
	       (u32)(ktime_get_ns() >> 6);
}

static void ttp_state_count(struct net *net, u32 old, u32 new)
{
	bool was = old == TTP_ESTABLISHED || old == TTP_CLOSE_WAIT;
	bool is = new == TTP_ESTABLISHED || new == TTP_CLOSE_WAIT;

	if (was != is)
		ttp_mib_add(net, TTP_MIB_CURRESTAB, is - was);
	if (new != TTP_CLOSE)
		return;
	if (was)
		ttp_mib_inc(net, TTP_MIB_ESTABRESETS);
	else if (old == TTP_SYN_SENT || old == TTP_SYN_RECV)
		ttp_mib_inc(net, TTP_MIB_ATTEMPTFAILS);
}

static void ttp_set_state(struct sock *sk, u32 new)
{
	/* The kernel's own tracepoint too: its tools watch it. */
	inet_sk_set_state(sk, new);
}

/*
 * TIME_WAIT belongs to a minisock.  The kernel takes any socket in that state
 * for one, so a full socket passes through it without stopping: what is left
 * to do is the handover, and the minisock reports the end of TIME_WAIT.
 */
static u32 ttp_pass_time_wait(struct ttp_todo *todo)
{
	const struct ttp_edge *edge = ttp_fsm_next(TTP_TIME_WAIT,
						   TTP_EV_HANDOVER);

	todo->bits |= edge->todo;
	return edge->next;
}

/*
 * Two segments that arrive at once on two CPUs may each make a child of a
 * request.  The one that does not get its place in the table is discarded, and
 * never was a connection: the request's states are those of the other.
 */
static bool ttp_never_was(const struct sock *sk)
{
	return sk->sk_state == TCP_SYN_RECV &&
	       hlist_unhashed_lockless(&ttp_sk(sk)->h.node);
}

bool ttp_event(struct sock *sk, enum ttp_event ev, struct ttp_todo *todo)
{
	const struct ttp_edge *edge = ttp_fsm_next(sk->sk_state, ev);
	u32 old = sk->sk_state, next;

	if (!edge)
		return false;
	next = edge->next;
	todo->bits |= edge->todo;
	if (next == old)
		return true;
	if (!ttp_never_was(sk)) {
		ttp_state_count(sock_net(sk), old, next);
		trace_ttp_state(sock_net(sk), &ttp_sk(sk)->h.t, old, next, ev);
	}
	if (next == TTP_TIME_WAIT)
		next = ttp_pass_time_wait(todo);
	ttp_set_state(sk, next);
	return true;
}

void ttp_child_state(struct sock *child)
{
	ttp_set_state(child, TTP_SYN_RECV);
}

/* Nothing is known of the next connection's path. */
static void ttp_sock_reset_path(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	t->burst_plain = 0;
	t->pmtu_fell = 0;
	memset(&t->plpmtu, 0, sizeof(t->plpmtu));
	t->probe_ssthresh = 0;
	memset(&t->pace, 0, sizeof(t->pace));
	WRITE_ONCE(sk->sk_pacing_rate, READ_ONCE(sk->sk_max_pacing_rate));
}

void ttp_sock_reset(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	ttp_sock_reset_path(sk);
	ttp_recover_init(sk, 0);
	ttp_rtt_init(&t->rtt);
	memset(&t->due, 0, sizeof(t->due));
	t->snd_wnd = 0;
	t->max_wnd = 0;
	t->packets_out = 0;
	t->sacked_out = 0;
	t->lost_out = 0;
	t->retrans_out = 0;
	t->mss = TTP_MSS_DEFAULT;
	t->peer_mss = U16_MAX;
	t->adv_mss = TTP_MSS_DEFAULT;
	t->snd_wscale = 0;
	t->rcv_wscale = 0;
	t->wscale_ok = 0;
	t->sack_ok = 0;
	memset(&t->sack_rx, 0, sizeof(t->sack_rx));
	memset(&t->ts, 0, sizeof(t->ts));
	memset(&t->past, 0, sizeof(t->past));
	memset(&t->ecn, 0, sizeof(t->ecn));
	t->urg_out = 0;
	memset(&t->urg, 0, sizeof(t->urg));
	t->fin_queued = 0;
	t->fin_sent = 0;
	t->cwnd_limited = 0;
	t->limited_seq = 0;
	t->more = 0;
	t->pingpong = 0;
	t->fo_fail = 0;
	t->fo_option = 0;
	t->fo_asked = 0;
	t->fo_data = 0;
	t->fo_acked = 0;
	t->fo_probe = 0;
	t->retransmits = 0;
	t->retrans_at = 0;
	t->last_sent = 0;
	t->probed_at = 0;
	t->probes_out = 0;
	t->probe_backoff = 0;
	t->total_retrans = 0;
	t->rehashes = 0;
	t->dsack_dups = 0;
	t->bytes_sent = 0;
	t->bytes_acked = 0;
	t->bytes_retrans = 0;
	t->segs_out = 0;
	t->data_segs_out = 0;
	t->rcv_nxt = 0;
	t->copied_seq = 0;
	t->rcv_wup = 0;
	t->rcv_wnd = 0;
	t->rcv_promised = 0;
	t->rcv_owed = 0;
	t->rcv_mss = TTP_MSS_DEFAULT;
	t->ato = TTP_ATO_MIN;
	t->quickacks = TTP_QUICKACKS;
	t->last_rcv = 0;
	t->last_data_rcv = 0;
	t->bytes_received = 0;
	t->segs_in = 0;
	t->data_segs_in = 0;
	t->ooo_segs = 0;
	t->old_seq = 0;
	ttp_rcvspace_init(&t->rcvspace);
	t->squeezed = 0;
	t->squeeze_at = 0;
	t->ooo_fresh = 0;
}

/*
 * Who found no room has said so (SOCK_NOSPACE) and then looked again; nobody
 * else waits for it, and a reader asleep on the same queue shall sleep on.
 */
static void ttp_write_space(struct sock *sk)
{
	struct socket_wq *wq;

	if (!sk->sk_socket || !test_bit(SOCK_NOSPACE, &sk->sk_socket->flags) ||
	    !sk_stream_is_writeable(sk))
		return;
	clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM |
					   EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

int ttp_sock_init(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	ttp_timer_init(sk);
	t->rtx = RB_ROOT;
	INIT_LIST_HEAD(&t->tsorted);
	t->ooo = RB_ROOT;
	INIT_LIST_HEAD(&t->accept);
	t->h.net = sock_net(sk);
	t->tn = ttp_net(sock_net(sk));
	t->h.kind = TTP_H_SOCK;
	ttp_recover_choose(sk);
	ttp_sock_reset(sk);
	sk->sk_write_space = ttp_write_space;
	WRITE_ONCE(sk->sk_sndbuf, ttp_sysctl_get(sock_net(sk), wmem[1]));
	WRITE_ONCE(sk->sk_rcvbuf, ttp_sysctl_get(sock_net(sk), rmem[1]));
	/* Sent skbs wake writers when acknowledged, not when the NIC is done. */
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sock_set_flag(sk, SOCK_RCU_FREE);
	sk_sockets_allocated_inc(sk);
	atomic_inc(&ttp_live_socks);
	return 0;
}

void ttp_done(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	ttp_timer_stop(sk);
	ttp_steer_over(sk);
	ttp_fast_done(sk);
	ttp_fast_leave(sk, false);
	ttp_hash_remove(&t->h);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		ttp_put_port(sk);
	ttp_tx_purge(sk);
	ttp_rtx_purge(sk);
	ttp_ooo_purge(sk);
	ttp_mem_trim(sk);
	sk->sk_shutdown = SHUTDOWN_MASK;
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	else
		ttp_destroy_sock(sk);
}

void ttp_destroy_sock(struct sock *sk)
{
	WARN_ON_ONCE(sk->sk_state != TCP_CLOSE);
	WARN_ON_ONCE(!sock_flag(sk, SOCK_DEAD));
	ttp_timer_stop(sk);
	ttp_put_port(sk);
	ttp_tx_purge(sk);
	ttp_rtx_purge(sk);
	ttp_ooo_purge(sk);
	sk_sockets_allocated_dec(sk);
	sk_stream_kill_queues(sk);
	ttp_mem_release(sk);
	if (ttp_sk(sk)->orphan) {
		atomic_dec(&ttp_net(sock_net(sk))->orphans);
		/* sk_free() will put the reference that it gave back. */
		__module_get(THIS_MODULE);
	}
	sock_put(sk);
}
