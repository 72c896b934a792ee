// SPDX-License-Identifier: GPL-2.0
/*
 * This file says what each deadline means when it passes: a timer is an input
 * like a segment.
 */
#include "input.h"

#include "compat.h"
#include "conn.h"
#include "run.h"
#include "sock.h"

#define TTP_ORPHAN_RETRIES	8	/* orphan_retries 0 means this, as Linux */

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

/* RFC 9293 3.8.3: R2, in time rather than in repetitions, as Linux has it. */
static bool ttp_expire_r2(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct net *net = sock_net(sk);
	u32 retries = ttp_sysctl_get(net, retries2);

	switch (sk->sk_state) {
	case TCP_SYN_SENT:
		retries = t->syn_retries ?: ttp_sysctl_get(net, syn_retries);
		return t->retransmits >= retries;
	case TCP_SYN_RECV:
		return t->retransmits >= ttp_sysctl_get(net, synack_retries);
	}
	if (sock_flag(sk, SOCK_DEAD))
		retries = ttp_orphan_retries(sk);
	/* A closed window that answers is slow, not dead (MUST-37). */
	if (!t->retransmits ||
	    (!t->snd_wnd && !sock_flag(sk, SOCK_DEAD) &&
	     now - t->last_rcv < TTP_RTO_MAX))
		return false;
	if (t->user_timeout)
		return now - t->retrans_at >= t->user_timeout * TTP_USEC_PER_MSEC;
	return now - t->retrans_at >=
	       ttp_rtt_retries_to_us(TTP_RTO_MIN, retries);
}

static void ttp_expire_rexmit(struct sock *sk, u64 now, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct net *net = sock_net(sk);

	if (t->snd_una == t->snd_nxt)
		return;
	if (ttp_expire_r2(sk, now)) {
		ttp_expire_dead(sk, todo);
		return;
	}
	if (!t->retrans_at)
		t->retrans_at = now;
	t->retransmits++;
	ttp_rtt_backoff(&t->rtt);
	ttp_mib_inc(net, TTP_MIB_TIMEOUTS);
	ttp_deadline_set(&t->due, TTP_TIMER_REXMIT, now + ttp_rtt_rto(&t->rtt));

	if (ttp_state_in(sk, TTPF(SYN_SENT) | TTPF(SYN_RECV))) {
		ttp_mib_inc(net, TTP_MIB_SYNRETRANS);
		t->total_retrans++;
		todo->bits |= sk->sk_state == TCP_SYN_SENT ? TTP_DO_SYN :
							     TTP_DO_SYNACK;
		return;
	}
	ttp_cong_on_rto(&t->cong, t->packets_out, t->snd_nxt,
			t->retransmits == 1);
	t->rtx_next = t->snd_una;
	/* RFC 9293 3.8.3: R1 passed, look for another way. */
	if (t->retransmits >= ttp_sysctl_get(net, retries1))
		__sk_dst_reset(sk);
	todo->bits |= TTP_DO_REXMIT;
}

/*
 * RFC 9293 3.8.6.1; a peer that answers is probed for ever (MUST-37), but not
 * for an orphan: nobody waits for it, and memory is all that it costs.
 */
static bool ttp_expire_probed_enough(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);

	if (sock_flag(sk, SOCK_DEAD))
		return t->probe_backoff >= ttp_orphan_retries(sk);
	return t->probes_out >= ttp_sysctl_get(sock_net(sk), retries2);
}

static void ttp_expire_probe(struct sock *sk, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (ttp_expire_probed_enough(sk)) {
		ttp_expire_dead(sk, todo);
		return;
	}
	t->probes_out++;
	if (t->probe_backoff < 16)
		t->probe_backoff++;
	ttp_mib_inc(sock_net(sk), TTP_MIB_WINPROBE);
	todo->bits |= TTP_DO_PROBE;
}

/* RFC 9293 3.8.4 */
static void ttp_expire_keep(struct sock *sk, u64 now, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct net *net = sock_net(sk);
	u64 idle = (u64)(t->keep_time ?: ttp_sysctl_get(net, keepalive_time)) *
		   TTP_USEC_PER_SEC;
	u32 most = t->keep_probes ?: ttp_sysctl_get(net, keepalive_probes);
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
	} else if (t->probes_out >= most) {
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

	if (expired & (1u << TTP_TIMER_DELACK)) {
		/* The reader was slow to answer: wait longer, and be patient. */
		t->ato = min_t(u32, t->ato * 2, TTP_ATO_MAX);
		ttp_mib_inc(sock_net(sk), TTP_MIB_DELAYEDACKS);
		todo.bits |= TTP_DO_DUPACK;
	}
	if (expired & (1u << TTP_TIMER_REXMIT))
		ttp_expire_rexmit(sk, now, &todo);
	if ((expired & (1u << TTP_TIMER_PROBE)) && sk->sk_state != TCP_CLOSE)
		ttp_expire_probe(sk, &todo);
	if ((expired & (1u << TTP_TIMER_KEEP)) && sk->sk_state != TCP_CLOSE)
		ttp_expire_keep(sk, now, &todo);
	if ((expired & (1u << TTP_TIMER_FIN2)) && sk->sk_state == TCP_FIN_WAIT2)
		ttp_event(sk, TTP_EV_DEAD, &todo);
	ttp_run(sk, &todo);
}
