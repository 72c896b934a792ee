// SPDX-License-Identifier: GPL-2.0
/*
 * This file spreads what a connection sends over time.
 *
 * sk_pacing_rate always tells the rate.  Whether anybody acts on it is said by
 * sk_pacing_status: nobody; this file, when the congestion control or
 * SO_MAX_PACING_RATE asks; or the fq qdisc, once it has seen the socket.
 */
#include "pacing.h"

#include <linux/hrtimer.h>

#include "compat.h"
#include "sock.h"
#include "timer.h"
#include "xmit.h"

void ttp_pacing_go(struct sock *sk)
{
	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		ttp_timer_up->expired(sk, TTP_PACING_EXPIRED, ttp_now());
	else if (!test_and_set_bit(TTP_DEFER_PACE, &ttp_sk(sk)->deferred))
		sock_hold(sk);
	bh_unlock_sock(sk);
}

static enum hrtimer_restart ttp_pacing_fire(struct hrtimer *timer)
{
	struct ttp_sock *t = container_of(timer, struct ttp_sock, pace_timer);
	struct sock *sk = ttp_to_sk(t);

	ttp_pacing_go(sk);
	sock_put(sk);
	return HRTIMER_NORESTART;
}

void ttp_pacing_init(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	ttp_hrtimer_setup(&t->pace_timer, ttp_pacing_fire, CLOCK_MONOTONIC,
			  HRTIMER_MODE_ABS_SOFT);
}

void ttp_pacing_stop(struct sock *sk)
{
	if (hrtimer_try_to_cancel(&ttp_sk(sk)->pace_timer) == 1)
		__sock_put(sk);
}

void ttp_pacing_need(struct sock *sk)
{
	cmpxchg(&sk->sk_pacing_status, SK_PACING_NONE, SK_PACING_NEEDED);
}

void ttp_pacing_update(struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);
	u64 rate = t->cc.pacing_rate;
	u32 percent;

	if (!rate) {
		percent = ttp_pace_in_slow_start(t->cc.cwnd, t->cc.ssthresh) ?
			  ttp_sk_sysctl(sk, pacing_ss_ratio) :
			  ttp_sk_sysctl(sk, pacing_ca_ratio);
		rate = ttp_pace_rate(max(t->cc.cwnd, t->packets_out), t->mss,
				     t->rtt.srtt >> 3, percent);
	}
	rate = min_t(u64, rate, READ_ONCE(sk->sk_max_pacing_rate));
	WRITE_ONCE(sk->sk_pacing_rate, min_t(u64, rate, ULONG_MAX));
}

static bool ttp_pacing_is_ours(const struct sock *sk)
{
	return smp_load_acquire(&sk->sk_pacing_status) == SK_PACING_NEEDED;
}

bool ttp_pacing_hold(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (!ttp_pacing_is_ours(sk) || ttp_pace_may(&t->pace, now))
		return false;
	if (!hrtimer_is_queued(&t->pace_timer)) {
		sock_hold(sk);
		hrtimer_start(&t->pace_timer, ns_to_ktime(t->pace.next),
			      HRTIMER_MODE_ABS_SOFT);
	}
	return true;
}

void ttp_pacing_sent(struct sock *sk, u64 now, u32 bytes)
{
	struct ttp_sock *t = ttp_sk(sk);
	unsigned long rate = READ_ONCE(sk->sk_pacing_rate);

	if (ttp_pacing_is_ours(sk) && t->data_segs_out >= TTP_PACE_FREE)
		ttp_pace_sent(&t->pace, now, bytes,
			      rate == ~0UL ? TTP_PACE_ANY : rate);
}

u32 ttp_pacing_burst(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);
	u32 most = ttp_max_burst(sk);

	return min(most, ttp_pace_burst(READ_ONCE(sk->sk_pacing_rate),
					ttp_win_get_min(&t->min_rtt), t->mss,
					most));
}
