// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps short what a connection has in queueing discipline and device:
 * what waits there is late for everybody, and can no longer be merged.
 *
 * Each skb for IP is charged to sk_wmem_alloc until it is freed.  A sender that
 * finds too much there leaves a mark (TTP_SMALLQ_FULL); the next skb that is
 * freed puts its socket on a list of the CPU (TTP_SMALLQ_LISTED, which holds a
 * reference), and a tasklet lets the sockets of the list send.  An skb may be
 * freed under any lock, so nothing is sent from there.
 */
#include "smallq.h"

#include <linux/interrupt.h>
#include <linux/skbuff.h>

#include "compat.h"
#include "pacing.h"
#include "sock.h"

enum {
	TTP_SMALLQ_FULL,
	TTP_SMALLQ_LISTED,
};

struct ttp_smallq {
	struct list_head socks;		/* ttp_sock.smallq_node; interrupts off */
	struct tasklet_struct tasklet;
};

static DEFINE_PER_CPU(struct ttp_smallq, ttp_smallqs);

static void ttp_smallq_run(struct tasklet_struct *tasklet)
{
	struct ttp_smallq *q = container_of(tasklet, struct ttp_smallq, tasklet);
	struct ttp_sock *t, *next;
	unsigned long flags;
	LIST_HEAD(socks);

	local_irq_save(flags);
	list_splice_init(&q->socks, &socks);
	local_irq_restore(flags);
	list_for_each_entry_safe(t, next, &socks, smallq_node) {
		struct sock *sk = ttp_to_sk(t);

		list_del(&t->smallq_node);
		smp_mb__before_atomic();	/* off the list, then free to join one */
		clear_bit(TTP_SMALLQ_LISTED, &t->smallq);
		ttp_pacing_go(sk);
		sock_put(sk);
	}
}

static void ttp_smallq_wake(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct ttp_smallq *q;
	unsigned long flags;

	if (!test_and_clear_bit(TTP_SMALLQ_FULL, &t->smallq) ||
	    test_and_set_bit(TTP_SMALLQ_LISTED, &t->smallq))
		return;
	/* Gone but for what is in the queues: there is nobody to go on. */
	if (!refcount_inc_not_zero(&sk->sk_refcnt))
		return;
	local_irq_save(flags);
	q = this_cpu_ptr(&ttp_smallqs);
	list_add_tail(&t->smallq_node, &q->socks);
	tasklet_schedule(&q->tasklet);
	local_irq_restore(flags);
}

void ttp_wfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	/* One byte of it keeps the socket until the last line. */
	WARN_ON_ONCE(refcount_sub_and_test(skb->truesize - 1,
					   &sk->sk_wmem_alloc));
	if (test_bit(TTP_SMALLQ_FULL, &ttp_sk(sk)->smallq))
		ttp_smallq_wake(sk);
	sk_free(sk);
}

void ttp_smallq_own(struct sock *sk, struct sk_buff *skb)
{
	skb->sk = sk;
	skb->destructor = ttp_wfree;
	skb_set_hash_from_sk(skb, sk);
	refcount_add(skb->truesize, &sk->sk_wmem_alloc);
}

/* As much as is sent in a millisecond (sk_pacing_shift), but two skbs in any case. */
static u64 ttp_smallq_most(const struct sock *sk, u32 truesize)
{
	u64 most = READ_ONCE(sk->sk_pacing_rate) >> READ_ONCE(sk->sk_pacing_shift);

	if (READ_ONCE(sk->sk_pacing_status) == SK_PACING_NONE)
		most = min_t(u64, most, ttp_sysctl_get(sock_net(sk),
						       limit_output_bytes));
	return max_t(u64, most, 2 * truesize);
}

/* Less than two: a device that is slow to free the last one must not stop us. */
static bool ttp_smallq_idle(const struct ttp_sock *t)
{
	const struct rb_node *root = t->rtx.rb_node;

	return !root || (!root->rb_left && !root->rb_right);
}

bool ttp_smallq_full(struct sock *sk, u32 truesize)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 most = ttp_smallq_most(sk, truesize);

	if (refcount_read(&sk->sk_wmem_alloc) <= most || ttp_smallq_idle(t))
		return false;
	set_bit(TTP_SMALLQ_FULL, &t->smallq);
	/* What was freed before the mark was there has not seen it: look again. */
	smp_mb__after_atomic();
	return refcount_read(&sk->sk_wmem_alloc) > most;
}

bool ttp_smallq_gathers(struct sock *sk, const struct sk_buff *tail)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (!ttp_sk_sysctl(sk, autocorking) ||
	    refcount_read(&sk->sk_wmem_alloc) <= tail->truesize)
		return false;
	if (!test_bit(TTP_SMALLQ_FULL, &t->smallq)) {
		ttp_mib_count(t->tn, TTP_MIB_AUTOCORKING, 1);
		set_bit(TTP_SMALLQ_FULL, &t->smallq);
		smp_mb__after_atomic();		/* as in ttp_smallq_full() */
	}
	return refcount_read(&sk->sk_wmem_alloc) > tail->truesize;
}

void ttp_smallq_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct ttp_smallq *q = per_cpu_ptr(&ttp_smallqs, cpu);

		INIT_LIST_HEAD(&q->socks);
		tasklet_setup(&q->tasklet, ttp_smallq_run);
	}
}

void ttp_smallq_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tasklet_kill(&per_cpu_ptr(&ttp_smallqs, cpu)->tasklet);
}
