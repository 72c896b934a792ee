// SPDX-License-Identifier: GPL-2.0
/*
 * This file runs a socket's timer: armed only to come earlier, and a late fire
 * looks at the deadlines again.
 */
#include "timer.h"

#include <linux/jiffies.h>
#include <linux/timer.h>

#include "compat.h"
#include "pacing.h"
#include "sock.h"

unsigned long ttp_timer_jiffies(u64 us)
{
	return jiffies + usecs_to_jiffies(min_t(u64, us, 3600 * TTP_USEC_PER_SEC));
}

void ttp_timer_arm(struct sock *sk, u64 now)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 next;

	if (t->timer_at && ttp_deadline_none_before(&t->due, t->timer_at))
		return;
	next = ttp_deadline_next(&t->due);
	if (!next || (t->timer_at && t->timer_at <= next))
		return;
	t->timer_at = next;
	sk_reset_timer(sk, &sk->sk_timer,
		       ttp_timer_jiffies(next > now ? next - now : 0));
}

void ttp_timer_stop(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	memset(&t->due, 0, sizeof(t->due));
	t->timer_at = 0;
	sk_stop_timer(sk, &sk->sk_timer);
	ttp_pacing_stop(sk);
}

void ttp_timer_run(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 now = ttp_now();
	u32 expired;

	t->timer_at = 0;
	if (sk->sk_state == TCP_CLOSE)
		return;
	expired = ttp_deadline_expired(&t->due, now);
	if (expired)
		ttp_timer_up->expired(sk, expired, now);
	ttp_timer_arm(sk, ttp_now());
}

/* Its reference goes to the deferral bit when a process owns the socket. */
static void ttp_timer_fire(struct timer_list *timer)
{
	struct sock *sk = ttp_timer_of(sk, timer, sk_timer);

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		ttp_timer_run(sk);
	else if (!test_and_set_bit(TTP_DEFER_TIMER, &ttp_sk(sk)->deferred))
		sock_hold(sk);
	bh_unlock_sock(sk);
	sock_put(sk);
}

void ttp_timer_init(struct sock *sk)
{
	timer_setup(&sk->sk_timer, ttp_timer_fire, 0);
	ttp_pacing_init(sk);
	ttp_sk(sk)->timer_at = 0;
}
