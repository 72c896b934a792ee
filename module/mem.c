// SPDX-License-Identifier: GPL-2.0
/*
 * This file counts the memory of a network namespace's sockets, in pages, and
 * refuses what would go beyond net.ttp.netns_mem.
 */
#include "mem.h"

#include "compat.h"
#include "core/quota.h"

/* What the queues hold; segments on their way belong to the device. */
static u64 ttp_mem_used(const struct sock *sk)
{
	return (u64)max(READ_ONCE(sk->sk_wmem_queued), 0) +
	       max(atomic_read(&sk->sk_rmem_alloc), 0);
}

static void ttp_mem_pressure(struct ttp_net *tn, struct net *net, bool tight)
{
	if (READ_ONCE(tn->mem_tight) == tight)
		return;
	WRITE_ONCE(tn->mem_tight, tight);
	if (tight)
		ttp_mib_inc(net, TTP_MIB_NETNSPRESSURES);
}

/*
 * A socket whose queue is shorter than the smallest buffer always gets more:
 * everybody proceeds, if slowly.
 */
static bool ttp_mem_guaranteed(const struct sock *sk)
{
	const struct ttp_net *tn = ttp_sk(sk)->tn;

	return ttp_mem_used(sk) < min(READ_ONCE(tn->sysctl.rmem[0]),
				      READ_ONCE(tn->sysctl.wmem[0]));
}

/* Take @more pages; false: there are no more. */
static bool ttp_mem_take(struct sock *sk, u32 more)
{
	struct net *net = sock_net(sk);
	struct ttp_net *tn = ttp_net(net);
	long pages = atomic_long_add_return(more, &tn->mem_pages);

	switch (ttp_quota_state(max(pages, 0L), tn->mem_limit)) {
	case TTP_QUOTA_FREE:
		ttp_mem_pressure(tn, net, false);
		return true;
	case TTP_QUOTA_AS_BEFORE:
		return true;
	case TTP_QUOTA_TIGHT:
		ttp_mem_pressure(tn, net, true);
		return true;
	case TTP_QUOTA_OVER:
		break;
	}
	ttp_mem_pressure(tn, net, true);
	if (ttp_mem_guaranteed(sk))
		return true;
	atomic_long_sub(more, &tn->mem_pages);
	ttp_mib_inc(net, TTP_MIB_NETNSREFUSED);
	return false;
}

static void ttp_mem_give(struct sock *sk, u32 pages)
{
	struct net *net = sock_net(sk);
	struct ttp_net *tn = ttp_net(net);
	long left = atomic_long_sub_return(pages, &tn->mem_pages);

	if (READ_ONCE(tn->mem_tight) &&
	    ttp_quota_state(max(left, 0L), tn->mem_limit) == TTP_QUOTA_FREE)
		ttp_mem_pressure(tn, net, false);
}

bool ttp_mem_reserve(struct sock *sk, u32 bytes)
{
	struct ttp_sock *t = ttp_sk(sk);
	u64 need = ttp_mem_used(sk) + bytes;
	u32 hold;

	if (need <= (u64)t->mem_quota << PAGE_SHIFT)
		return true;
	hold = ttp_quota_take(need, PAGE_SHIFT);
	if (!ttp_mem_take(sk, hold - t->mem_quota))
		return false;
	t->mem_quota = hold;
	return true;
}

void ttp_mem_trim(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 keep;

	sk_mem_reclaim(sk);
	if (t->mem_quota <= 1)
		return;
	keep = ttp_quota_keep(ttp_mem_used(sk), PAGE_SHIFT);
	if (t->mem_quota <= keep)
		return;
	ttp_mem_give(sk, t->mem_quota - keep);
	t->mem_quota = keep;
}

void ttp_mem_release(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (t->mem_quota)
		ttp_mem_give(sk, t->mem_quota);
	t->mem_quota = 0;
}
