// SPDX-License-Identifier: GPL-2.0
/*
 * This file carries out what packets, timers and system calls have decided.
 */
#include "run.h"

#include "bufs.h"
#include "compat.h"
#include "conn.h"
#include "mem.h"
#include "core/patience.h"
#include "limit.h"
#include "output.h"
#include "recover.h"
#include "sock.h"
#include "timer.h"
#include "timewait.h"
#include "xmit.h"

#define TTP_FRTO_SEGS		2	/* RFC 5682 2.1 step 2b */

static void ttp_run_handover(struct sock *sk, u32 bits)
{
	bool ack = bits & (TTP_DO_ACK | TTP_DO_DELACK | TTP_DO_DUPACK);
	struct ttp_tw *tw = ttp_tw_create(sk);

	if (tw) {
		if (ack)
			ttp_tw_ack(tw, NULL);
		ttp_tw_put(tw);
	} else if (ack) {
		ttp_xmit_ctl(sk, TTP_ACK, ttp_sk(sk)->snd_nxt, false);
	}
}

/* An orphan waits for the peer's FIN so long, or (TCP_LINGER2 < 0) not at all. */
static void ttp_run_fin2(struct sock *sk, u64 now, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	int secs = t->linger2 ?: ttp_sk_sysctl(sk, fin_timeout);

	if (!sock_flag(sk, SOCK_DEAD))
		return;
	if (secs >= 0) {
		/* Not before a lost FIN could have come again twice, as TCP. */
		ttp_deadline_set(&t->due, TTP_TIMER_FIN2, now +
				 max_t(u64, secs * TTP_USEC_PER_SEC,
				       ttp_rtt_rto(&t->rtt) * 7ULL / 2));
	} else if (sk->sk_state == TCP_FIN_WAIT2) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_ABORTONLINGER);
		ttp_event(sk, TTP_EV_ABORT, todo);
	}
}

/* What the state machine asked for.  SYN and FIN are sent before data. */
static void ttp_run_state(struct sock *sk, struct ttp_todo *todo, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (todo->bits & TTP_DO_SYN)
		ttp_push_syn(sk, now);
	if (todo->bits & TTP_DO_SYNACK) {
		ttp_xmit_ctl(sk, TTP_SYN | TTP_ACK, t->iss, t->total_retrans);
		t->last_sent = now;
	}
	if (todo->bits & TTP_DO_FIN) {
		t->fin_queued = 1;
		todo->bits |= TTP_DO_PUSH;
	}
	if (todo->bits & TTP_DO_FIN2)
		ttp_run_fin2(sk, now, todo);
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
	if (todo->bits & TTP_DO_DEAD) {
		ttp_tw_restore(sk);
		ttp_done(sk);
	}
	if (err && !sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

/*
 * Now rather than soon? RFC 9293 3.8.6.3: at least every second segment.  But an
 * ACK that could not open the window waits for the reader, who is about to take
 * what has come: his makes the first one superfluous.
 */
static bool ttp_ack_is_due(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);

	if (t->quickack_user || t->quickack_route ||
	    (t->quickacks && !t->pingpong) || !RB_EMPTY_ROOT(&t->ooo))
		return true;
	return ttp_ack_overdue(t) &&
	       ((s32)(t->rcv_nxt - t->copied_seq) < READ_ONCE(sk->sk_rcvlowat) ||
		ttp_window_kept(sk));
}

static void ttp_run_ack(struct sock *sk, u32 bits, bool sent, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	bool must = bits & TTP_DO_DUPACK;

	if ((bits & TTP_DO_CHALLENGE) &&
	    ttp_limit_challenge(sock_net(sk), &t->invalid_at))
		must = true;
	if (!must && !sent)
		must = (bits & TTP_DO_ACK) ||
		       ((bits & TTP_DO_DELACK) && ttp_ack_is_due(sk));
	if (must) {
		if (ttp_xmit_ctl(sk, TTP_ACK, t->snd_nxt, false) == -ENOMEM)
			ttp_deadline_set(&t->due, TTP_TIMER_DELACK,
					 now + TTP_ATO_MAX);
	} else if ((bits & TTP_DO_DELACK) && !sent &&
		   !ttp_deadline_is_set(&t->due, TTP_TIMER_DELACK)) {
		ttp_deadline_set(&t->due, TTP_TIMER_DELACK, now + t->ato);
	}
}

/* Only who fills the send buffer, or found it full, needs a larger one. */
static bool ttp_run_needs_sndbuf(const struct sock *sk)
{
	return sk->sk_wmem_queued >= READ_ONCE(sk->sk_sndbuf) / 4 ||
	       (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags));
}

static void ttp_run_wake(struct sock *sk, u32 bits)
{
	if ((bits & TTP_DO_ESTAB) ||
	    ((bits & TTP_DO_WRITE) && ttp_run_needs_sndbuf(sk)))
		ttp_bufs_grow_sndbuf(sk);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	if (bits & (TTP_DO_ESTAB | TTP_DO_EOF | TTP_DO_FIN2)) {
		sk->sk_state_change(sk);
		if (bits & TTP_DO_ESTAB)
			sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
		if (bits & TTP_DO_EOF)
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	}
	if (bits & TTP_DO_URGENT)
		sk_send_sigurg(sk);
	/* Who sleeps in recv() may want less than SO_RCVLOWAT. */
	if ((bits & TTP_DO_READ) &&
	    (ttp_sk(sk)->readers || sock_flag(sk, SOCK_DONE) ||
	     ttp_bufs_readable(sk, READ_ONCE(sk->sk_rcvlowat))))
		sk->sk_data_ready(sk);
	if (bits & TTP_DO_WRITE)
		sk->sk_write_space(sk);
}

static void ttp_rearm_keepalive(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 secs = t->keep_time ?: ttp_sk_sysctl(sk, keepalive_time);

	/* Not cleared here: setsockopt() sets it just before the flag. */
	if (sock_flag(sk, SOCK_KEEPOPEN) && ttp_state_in(sk, TTPF_SYNCED) &&
	    !ttp_deadline_is_set(&t->due, TTP_TIMER_KEEP))
		ttp_deadline_set(&t->due, TTP_TIMER_KEEP,
				 (t->last_rcv ?: now) + secs * TTP_USEC_PER_SEC);
}

/* Every unacknowledged or stuck byte has a timer that looks after it. */
static void ttp_run_rearm(struct sock *sk, bool sent_new, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	bool stuck;
	u64 wait;

	if (t->snd_una != t->snd_nxt &&
	    !ttp_deadline_is_set(&t->due, TTP_TIMER_REXMIT))
		ttp_deadline_set(&t->due, TTP_TIMER_REXMIT,
				 now + ttp_rtt_rto(&t->rtt));
	/* Until the handshake is over only the SYN+ACK is repeated. */
	if (sent_new && !t->fast)
		ttp_recover_arm_probe(t, now);

	stuck = t->snd_una == t->snd_nxt && ttp_state_in(sk, TTPF_SYNCED) &&
		!hrtimer_is_queued(&t->pace_timer) &&
		(!skb_queue_empty(&sk->sk_write_queue) ||
		 (t->fin_queued && !t->fin_sent));
	if (!stuck) {
		ttp_deadline_clear(&t->due, TTP_TIMER_PROBE);
		t->probe_backoff = 0;
		/* What is in flight can be held up by the window as well. */
		if (t->snd_wnd || t->snd_una == t->snd_nxt)
			t->probed_at = 0;
	} else if (!ttp_deadline_is_set(&t->due, TTP_TIMER_PROBE)) {
		wait = (u64)ttp_rtt_rto(&t->rtt) << t->probe_backoff;
		wait = ttp_patience_wait(t->probed_at, now, t->user_timeout,
					 min_t(u64, wait, TTP_RTO_MAX));
		ttp_deadline_set(&t->due, TTP_TIMER_PROBE, now + wait);
	}
	ttp_rearm_keepalive(sk, now);
	ttp_timer_arm(sk, now);
}

void ttp_run(struct sock *sk, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 now = todo->now ?: ttp_now();
	u32 segs, nxt;

	t->run_at = now;
	if (todo->bits & TTP_DO_STATE)
		ttp_run_state(sk, todo, now);
	if (sk->sk_state == TCP_CLOSE) {
		ttp_run_dead(sk, todo);
		return;
	}
	if (sk->sk_state == TCP_LISTEN)
		return;
	segs = t->segs_out;
	nxt = t->snd_nxt;
	if ((todo->bits & (TTP_DO_REXMIT | TTP_DO_PROBE | TTP_DO_TAIL)) ||
	    ((todo->bits & TTP_DO_PUSH) && ttp_has_to_send(sk)))
		ttp_check_mss(sk);
	if (todo->bits & TTP_DO_REXMIT)
		ttp_retransmit(sk);
	if (todo->bits & TTP_DO_AGAIN)
		ttp_push_again(sk, now);
	if (todo->bits & TTP_DO_NEW)
		ttp_push_new(sk, TTP_FRTO_SEGS, now);
	else if (todo->bits & TTP_DO_PUSH)
		ttp_push(sk, now);
	if (todo->bits & TTP_DO_TAIL)
		ttp_probe_tail(sk, now);
	if (todo->bits & TTP_DO_PROBE)
		ttp_probe(sk, now);
	ttp_run_ack(sk, todo->bits, t->segs_out != segs, now);
	ttp_run_wake(sk, todo->bits);
	ttp_run_rearm(sk, t->snd_nxt != nxt, now);
	ttp_mem_trim(sk);
}
