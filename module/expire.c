// SPDX-License-Identifier: GPL-2.0
/*
 * This file says what each deadline means when it passes: a timer is an input
 * like a segment.
 */
#include "input.h"

#include "compat.h"
#include "conn.h"
#include "fastclient.h"
#include "pacing.h"
#include "core/patience.h"
#include "orphan.h"
#include "plpmtu.h"
#include "recover.h"
#include "run.h"
#include "sock.h"
#include "steer.h"

#define TTP_ORPHAN_RETRIES	8	/* orphan_retries 0 means this, as Linux */
#define TTP_THIN_SEGS		4	/* as Linux: fewer in flight are thin */
#define TTP_THIN_RETRIES	6	/* so many timeouts without doubling */

/* Given up: the last soft error tells more than "timed out". */
static void ttp_expire_dead(struct sock *sk, struct ttp_todo *todo)
{
	todo->err = READ_ONCE(sk->sk_err_soft) ?: ETIMEDOUT;
	ttp_mib_inc(sock_net(sk), TTP_MIB_ABORTONTIMEOUT);
	ttp_event(sk, TTP_EV_DEAD, todo);
}

static u32 ttp_orphan_retries(const struct sock *sk)
{
	return ttp_sysctl_get(sock_net(sk), orphan_retries) ?:
	       TTP_ORPHAN_RETRIES;
}

/* A closed window that answers is slow, not dead (RFC 9293 MUST-37). */
static bool ttp_expire_held_up(const struct sock *sk, u64 now)
{
	const struct ttp_sock *t = ttp_sk(sk);

	return !t->snd_wnd && ttp_state_in(sk, TTPF_SYNCED) &&
	       !sock_flag(sk, SOCK_DEAD) && now - t->last_rcv < TTP_RTO_MAX;
}

/* Since when the user waits: for a connection, or for data to get through. */
static u64 ttp_expire_since(const struct sock *sk, u64 now)
{
	const struct ttp_sock *t = ttp_sk(sk);

	if (sk->sk_state == TCP_SYN_SENT)
		return t->retransmits ? t->syn_at : 0;
	return ttp_expire_held_up(sk, now) ? t->probed_at : t->retrans_at;
}

/* RFC 9293 3.8.3: R2, in time rather than in repetitions, as Linux has it. */
static bool ttp_expire_r2(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct net *net = sock_net(sk);
	u32 retries = ttp_sysctl_get(net, retries2);

	if (ttp_patience_over(ttp_expire_since(sk, now), now,
			      t->user_timeout))
		return true;
	switch (sk->sk_state) {
	case TCP_SYN_SENT:
		retries = t->syn_retries ?: ttp_sysctl_get(net, syn_retries);
		return t->retransmits >= retries;
	case TCP_SYN_RECV:
		retries = t->syn_retries ?:
			  ttp_sysctl_get(net, synack_retries) + !!t->fast;
		return t->retransmits >= retries;
	}
	/* Closed already, but the handshake is what it waits for. */
	if (t->fast)
		return t->retransmits > ttp_sysctl_get(net, synack_retries);
	if (sock_flag(sk, SOCK_DEAD))
		retries = ttp_orphan_retries(sk);
	if (!t->retransmits || ttp_expire_held_up(sk, now))
		return false;
	if (t->user_timeout)
		return false;
	return now - t->retrans_at >=
	       ttp_rtt_retries_to_us(TTP_RTO_MIN, retries);
}

/*
 * Too few segments in flight for anything but the timer to find a loss: it
 * does not double at first.  After a timeout slow start is no longer the first.
 */
static bool ttp_expire_is_thin(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);

	return sk->sk_state == TCP_ESTABLISHED &&
	       (t->thin_linear ||
		ttp_sysctl_get(sock_net(sk), thin_linear_timeouts)) &&
	       t->packets_out < TTP_THIN_SEGS &&
	       t->retransmits <= TTP_THIN_RETRIES;
}

/*
 * No answer to SYN or SYN+ACK.  Data that Fast Open has sent meanwhile is not
 * repeated before there is one, but then at once.
 */
static void ttp_expire_handshake(struct sock *sk, u64 now,
				 struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);

	ttp_mib_inc(sock_net(sk), TTP_MIB_SYNRETRANS);
	t->total_retrans++;
	if (sk->sk_state == TCP_SYN_SENT) {
		todo->bits |= TTP_DO_SYN;
		return;
	}
	if (t->fast && t->packets_out)
		ttp_recover_on_rto(sk, now, todo);
	todo->bits &= ~(TTP_DO_REXMIT | TTP_DO_PUSH);
	todo->bits |= TTP_DO_SYNACK;
}

/* Lost, or the way is broken: the repetition may find another one. */
static void ttp_expire_again(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (!t->retransmits++)
		t->retrans_at = now;
	if (ttp_steer_anew(sk))
		ttp_mib_inc(sock_net(sk), TTP_MIB_TIMEOUTREHASH);
}

static void ttp_expire_rexmit(struct sock *sk, u64 now, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct net *net = sock_net(sk);
	u64 wait;
	bool last;

	if (t->snd_una == t->snd_nxt)
		return;
	if (ttp_orphan_abort(sk, now, todo))
		return;
	last = ttp_expire_r2(sk, now);
	ttp_fast_timeout(sk, last);
	if (last) {
		ttp_expire_dead(sk, todo);
		return;
	}
	/* R2 counts from when the window opens. */
	if (ttp_expire_held_up(sk, now))
		t->probed_at = t->probed_at ?: now;
	else
		ttp_expire_again(sk, now);
	if (!ttp_expire_is_thin(sk))
		ttp_rtt_backoff(&t->rtt);
	ttp_mib_inc(net, TTP_MIB_TIMEOUTS);
	wait = ttp_patience_wait(ttp_expire_since(sk, now), now,
				 t->user_timeout, ttp_rtt_rto(&t->rtt));
	ttp_deadline_set(&t->due, TTP_TIMER_REXMIT, now + wait);

	if (ttp_state_in(sk, TTPF(SYN_SENT) | TTPF(SYN_RECV)) || t->fast) {
		ttp_expire_handshake(sk, now, todo);
		return;
	}
	ttp_recover_on_rto(sk, now, todo);
	/* RFC 9293 3.8.3: R1 passed, look for another way. */
	if (t->retransmits >= ttp_sysctl_get(net, retries1)) {
		ttp_plpmtu_timeout(sk);
		__sk_dst_reset(sk);
	}
}

/*
 * RFC 9293 3.8.6.1; a peer that answers is probed for ever (MUST-37), but not
 * for an orphan: nobody waits for it, and memory is all that it costs.
 */
static bool ttp_expire_probed_enough(const struct sock *sk, u64 now)
{
	const struct ttp_sock *t = ttp_sk(sk);

	/* Unless the user has said how long he waits for it to be taken. */
	if (ttp_patience_over(t->probed_at, now, t->user_timeout))
		return true;
	if (sock_flag(sk, SOCK_DEAD))
		return t->probe_backoff >= ttp_orphan_retries(sk);
	return t->probes_out >= ttp_sysctl_get(sock_net(sk), retries2);
}

static void ttp_expire_probe(struct sock *sk, u64 now, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (ttp_orphan_abort(sk, now, todo))
		return;
	if (ttp_expire_probed_enough(sk, now)) {
		ttp_expire_dead(sk, todo);
		return;
	}
	if (!t->probed_at)
		t->probed_at = now;
	t->probes_out++;
	if (t->probe_backoff < 16)
		t->probe_backoff++;
	ttp_mib_inc(sock_net(sk), TTP_MIB_WINPROBE);
	todo->bits |= TTP_DO_PROBE;
}

/* TCP_USER_TIMEOUT counts here as well, then instead of the probes. */
static bool ttp_expire_kept_enough(const struct sock *sk, u64 now)
{
	const struct ttp_sock *t = ttp_sk(sk);

	if (t->user_timeout)
		return t->probes_out &&
		       ttp_patience_over(t->last_rcv, now, t->user_timeout);
	return t->probes_out >= (t->keep_probes ?:
				 ttp_sysctl_get(sock_net(sk), keepalive_probes));
}

/* RFC 9293 3.8.4 */
static void ttp_expire_keep(struct sock *sk, u64 now, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct net *net = sock_net(sk);
	u64 idle = (u64)(t->keep_time ?: ttp_sysctl_get(net, keepalive_time)) *
		   TTP_USEC_PER_SEC;
	u64 next = now + (u64)(t->keep_intvl ?:
			       ttp_sysctl_get(net, keepalive_intvl)) *
		   TTP_USEC_PER_SEC;

	if (!sock_flag(sk, SOCK_KEEPOPEN))
		return;
	/* Data in flight has a timer that notices a dead peer. */
	if (t->snd_una != t->snd_nxt || !skb_queue_empty(&sk->sk_write_queue)) {
		next = now + idle;
	} else if (now - t->last_rcv < idle) {
		next = t->last_rcv + idle;
	} else if (ttp_expire_kept_enough(sk, now)) {
		ttp_expire_dead(sk, todo);
		todo->bits |= TTP_DO_RST;
		return;
	} else {
		t->probes_out++;
		ttp_mib_inc(net, TTP_MIB_KEEPALIVE);
		todo->bits |= TTP_DO_PROBE;
	}
	ttp_deadline_set(&t->due, TTP_TIMER_KEEP, next);
}

void ttp_input_expired(struct sock *sk, u32 expired, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_todo todo = {};

	if (expired & TTP_PACING_EXPIRED)
		todo.bits |= TTP_DO_PUSH;
	if (expired & (1u << TTP_TIMER_DELACK)) {
		/* The answer that was to take it along did not come. */
		if (t->pingpong)
			t->ato = TTP_ATO_MIN;
		else
			t->ato = min_t(u32, t->ato * 2, TTP_ATO_MAX);
		t->pingpong = 0;
		ttp_mib_inc(sock_net(sk), TTP_MIB_DELAYEDACKS);
		todo.bits |= TTP_DO_DUPACK;
	}
	/*
	 * RACK's timer and the probe come before the timeout, and what they
	 * send has as much time for its answer (RFC 8985 8).
	 */
	if ((expired & (1u << TTP_TIMER_REO)) && t->packets_out)
		ttp_recover_on_reo(sk, now, &todo);
	else if ((expired & (1u << TTP_TIMER_PTO)) &&
		 ttp_recover_on_pto(sk) != TTP_TLP_NONE)
		todo.bits |= TTP_DO_TAIL;
	else if (expired & (1u << TTP_TIMER_REXMIT))
		ttp_expire_rexmit(sk, now, &todo);
	if ((expired & (1u << TTP_TIMER_PROBE)) && sk->sk_state != TCP_CLOSE)
		ttp_expire_probe(sk, now, &todo);
	if ((expired & (1u << TTP_TIMER_KEEP)) && sk->sk_state != TCP_CLOSE)
		ttp_expire_keep(sk, now, &todo);
	if ((expired & (1u << TTP_TIMER_FIN2)) && sk->sk_state == TCP_FIN_WAIT2)
		ttp_event(sk, TTP_EV_DEAD, &todo);
	ttp_run(sk, &todo);
}
