// SPDX-License-Identifier: GPL-2.0
/*
 * This file carries out what packets, timers and system calls have decided.
 */
#include "run.h"

#include "compat.h"
#include "conn.h"
#include "output.h"
#include "sock.h"
#include "timer.h"
#include "timewait.h"
#include "xmit.h"

#define TTP_CHALLENGES_PER_SEC	1000	/* per namespace, RFC 5961 7 */

static void ttp_run_handover(struct sock *sk, u32 bits)
{
	bool ack = bits & (TTP_DO_ACK | TTP_DO_DELACK | TTP_DO_DUPACK);
	struct ttp_tw *tw = ttp_tw_create(sk);

	if (tw) {
		if (ack)
			ttp_tw_ack(tw);
		ttp_tw_put(tw);
	} else if (ack) {
		ttp_xmit_ctl(sk, TTP_ACK, ttp_sk(sk)->snd_nxt, false);
	}
}

static void ttp_run_fin2(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	int secs = t->linger2 ?: ttp_sysctl_get(sock_net(sk), fin_timeout);

	if (sock_flag(sk, SOCK_DEAD))
		ttp_deadline_set(&t->due, TTP_TIMER_FIN2,
				 now + (u64)max(secs, 0) * TTP_USEC_PER_SEC);
}

/* What the state machine asked for.  SYN and FIN are sent before data. */
static void ttp_run_state(struct sock *sk, struct ttp_todo *todo, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (todo->bits & TTP_DO_SYN) {
		ttp_xmit_ctl(sk, TTP_SYN, t->iss, t->retransmits);
		t->last_sent = now;
	}
	if (todo->bits & TTP_DO_SYNACK) {
		ttp_xmit_ctl(sk, TTP_SYN | TTP_ACK, t->iss, t->retransmits);
		t->last_sent = now;
	}
	if (todo->bits & TTP_DO_FIN) {
		t->fin_queued = 1;
		todo->bits |= TTP_DO_PUSH;
	}
	if (todo->bits & TTP_DO_FIN2)
		ttp_run_fin2(sk, now);
	if ((todo->bits & TTP_DO_RST) &&
	    ttp_xmit_ctl(sk, TTP_RST | TTP_ACK, t->snd_nxt, false) == -ENOMEM)
		ttp_mib_inc(sock_net(sk), TTP_MIB_ABORTFAILED);
	if (todo->bits & TTP_DO_EOF) {
		sk->sk_shutdown |= RCV_SHUTDOWN;
		sock_set_flag(sk, SOCK_DONE);
	}
	if (todo->bits & TTP_DO_TW)
		ttp_run_handover(sk, todo->bits);
}

/*
 * The end of the connection.  Who is woken by the error must find all of it:
 * the reason, and both directions shut down.
 */
static void ttp_run_dead(struct sock *sk, const struct ttp_todo *todo)
{
	bool err = (todo->bits & TTP_DO_ERR) && todo->err;

	if (err)
		WRITE_ONCE(sk->sk_err, todo->err);
	if (todo->bits & TTP_DO_DEAD)
		ttp_done(sk);
	if (err && !sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

/* RFC 5961 7: one a second for a connection, and a limit for all together. */
static bool ttp_challenge_allowed(struct sock *sk, u64 now)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));
	u32 ms = div_u64(now, TTP_USEC_PER_MSEC), sec = ms / 1000;
	struct ttp_sock *t = ttp_sk(sk);

	if (t->challenge_at && ms - t->challenge_at < 500)
		return false;
	if (READ_ONCE(tn->challenge_stamp) != sec) {
		WRITE_ONCE(tn->challenge_stamp, sec);
		WRITE_ONCE(tn->challenge_count, 0);
	}
	if (READ_ONCE(tn->challenge_count) >= TTP_CHALLENGES_PER_SEC)
		return false;
	WRITE_ONCE(tn->challenge_count, READ_ONCE(tn->challenge_count) + 1);
	t->challenge_at = ms ?: 1;
	return true;
}

/* Now rather than soon? RFC 9293 3.8.6.3: at least every second segment. */
static bool ttp_ack_is_due(const struct ttp_sock *t)
{
	return t->rcv_nxt - t->rcv_wup > t->rcv_mss || t->quickack_user ||
	       (t->quickacks && !t->pingpong) || !RB_EMPTY_ROOT(&t->ooo);
}

static void ttp_run_ack(struct sock *sk, u32 bits, bool sent, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	bool must = bits & TTP_DO_DUPACK;

	if (bits & TTP_DO_CHALLENGE) {
		if (ttp_challenge_allowed(sk, now)) {
			ttp_mib_inc(sock_net(sk), TTP_MIB_CHALLENGEACK);
			must = true;
		} else {
			ttp_mib_inc(sock_net(sk), TTP_MIB_CHALLENGESKIPPED);
		}
	}
	if (!must && !sent)
		must = (bits & TTP_DO_ACK) ||
		       ((bits & TTP_DO_DELACK) && ttp_ack_is_due(t));
	if (must) {
		if (ttp_xmit_ctl(sk, TTP_ACK, t->snd_nxt, false) == -ENOMEM)
			ttp_deadline_set(&t->due, TTP_TIMER_DELACK,
					 now + TTP_ATO_MAX);
	} else if ((bits & TTP_DO_DELACK) && !sent &&
		   !ttp_deadline_is_set(&t->due, TTP_TIMER_DELACK)) {
		ttp_deadline_set(&t->due, TTP_TIMER_DELACK, now + t->ato);
	}
}

/*
 * The send buffer follows the congestion window, so that a window's worth can
 * wait while another is on its way.
 */
static void ttp_grow_sndbuf(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 want;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK)
		return;
	want = 2ULL * t->cong.cwnd * SKB_TRUESIZE(t->mss + TTP_HEADROOM);
	want = min_t(u64, want, ttp_sysctl_get(sock_net(sk), wmem[2]));
	if (want > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, want);
}

static void ttp_run_wake(struct sock *sk, u32 bits)
{
	if (bits & TTP_DO_WRITE)
		ttp_grow_sndbuf(sk);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	if (bits & (TTP_DO_ESTAB | TTP_DO_EOF | TTP_DO_FIN2)) {
		sk->sk_state_change(sk);
		if (bits & TTP_DO_ESTAB)
			sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
		if (bits & TTP_DO_EOF)
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	}
	if (bits & TTP_DO_READ)
		sk->sk_data_ready(sk);
	if (bits & TTP_DO_WRITE)
		sk->sk_write_space(sk);
}

static void ttp_rearm_keepalive(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 secs = t->keep_time ?: ttp_sysctl_get(sock_net(sk), keepalive_time);

	/* Not cleared here: setsockopt() sets it just before the flag. */
	if (sock_flag(sk, SOCK_KEEPOPEN) && ttp_state_in(sk, TTPF_SYNCED) &&
	    !ttp_deadline_is_set(&t->due, TTP_TIMER_KEEP))
		ttp_deadline_set(&t->due, TTP_TIMER_KEEP,
				 (t->last_rcv ?: now) + secs * TTP_USEC_PER_SEC);
}

/* Every unacknowledged or stuck byte has a timer that looks after it. */
static void ttp_run_rearm(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	bool stuck;
	u64 wait;

	if (t->snd_una != t->snd_nxt &&
	    !ttp_deadline_is_set(&t->due, TTP_TIMER_REXMIT))
		ttp_deadline_set(&t->due, TTP_TIMER_REXMIT,
				 now + ttp_rtt_rto(&t->rtt));

	stuck = t->snd_una == t->snd_nxt && ttp_state_in(sk, TTPF_SYNCED) &&
		(!skb_queue_empty(&sk->sk_write_queue) ||
		 (t->fin_queued && !t->fin_sent));
	if (!stuck) {
		ttp_deadline_clear(&t->due, TTP_TIMER_PROBE);
		t->probe_backoff = 0;
	} else if (!ttp_deadline_is_set(&t->due, TTP_TIMER_PROBE)) {
		wait = (u64)ttp_rtt_rto(&t->rtt) << t->probe_backoff;
		ttp_deadline_set(&t->due, TTP_TIMER_PROBE,
				 now + min_t(u64, wait, TTP_RTO_MAX));
	}
	ttp_rearm_keepalive(sk, now);
	ttp_timer_arm(sk, now);
}

void ttp_run(struct sock *sk, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 now = ttp_now();
	u32 segs;

	if (todo->bits)
		ttp_run_state(sk, todo, now);
	if (sk->sk_state == TCP_CLOSE) {
		ttp_run_dead(sk, todo);
		return;
	}
	if (sk->sk_state == TCP_LISTEN)
		return;
	segs = t->segs_out;
	if (todo->bits & (TTP_DO_REXMIT | TTP_DO_PUSH | TTP_DO_PROBE))
		ttp_check_mss(sk);
	if (todo->bits & TTP_DO_REXMIT)
		ttp_retransmit(sk, now);
	if (todo->bits & TTP_DO_PUSH)
		ttp_push(sk, now);
	if (todo->bits & TTP_DO_PROBE)
		ttp_probe(sk, now);
	ttp_run_ack(sk, todo->bits, t->segs_out != segs, now);
	ttp_run_wake(sk, todo->bits);
	ttp_run_rearm(sk, now);
}
