// SPDX-License-Identifier: GPL-2.0
/*
 * This file counts the connections that no program holds, and ends those that
 * are too many.
 */
#include "orphan.h"

#include <linux/module.h>

#include "compat.h"
#include "conn.h"
#include "core/orphan.h"
#include "sock.h"

/*
 * No user keeps the module from now on: see ttp_abort_orphans().  The end is in
 * ttp_destroy_sock().
 */
void ttp_orphan_begin(struct sock *sk)
{
	ttp_sk(sk)->orphan = 1;
	atomic_inc(&ttp_net(sock_net(sk))->orphans);
	module_put(THIS_MODULE);
}

/* As with TCP: small ones may stay, and above the third number nobody grows. */
static bool ttp_orphan_oom(const struct sock *sk)
{
	return sk->sk_wmem_queued > SOCK_MIN_SNDBUF &&
	       sk_memory_allocated(sk) > sk_prot_mem_limits(sk, 2);
}

bool ttp_orphan_abort(struct sock *sk, u64 now, struct ttp_todo *todo)
{
	const struct ttp_sock *t = ttp_sk(sk);
	struct net *net = sock_net(sk);
	struct ttp_orphans o = {
		.count	 = atomic_read(&ttp_net(net)->orphans),
		.most	 = ttp_sysctl_get(net, max_orphans),
		.idle	 = t->last_sent ? now - t->last_sent : 0,
		.suspect = READ_ONCE(sk->sk_err_soft),
		.memory	 = ttp_orphan_oom(sk),
	};

	if (!t->orphan || !ttp_orphan_excess(&o))
		return false;
	ttp_mib_inc(net, TTP_MIB_ABORTONMEMORY);
	ttp_event(sk, TTP_EV_ABORT, todo);
	return true;
}
