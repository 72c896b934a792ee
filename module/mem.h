/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the memory account of a network namespace: before a
 * socket's queues grow, it takes pages from there; what it does not need any
 * more it gives back.  All under the socket's lock.
 */
#ifndef TTP_MEM_H
#define TTP_MEM_H

#include "compat.h"
#include "sock.h"

/* May the queues of @sk grow by @bytes, as far as its namespace goes? */
bool ttp_mem_reserve(struct sock *sk, u32 bytes);

/* Give back what is more than the queues need, or (at the end) all. */
void ttp_mem_trim(struct sock *sk);
void ttp_mem_release(struct sock *sk);

/* Memory is short: in the namespace, its cgroup or the machine. */
static inline bool ttp_mem_tight(const struct sock *sk)
{
	return READ_ONCE(ttp_sk(sk)->tn->mem_tight) ||
	       sk_under_memory_pressure(sk);
}

/* There is plenty: a good time to let buffers grow. */
static inline bool ttp_mem_plenty(const struct sock *sk)
{
	return !ttp_mem_tight(sk) &&
	       sk_memory_allocated(sk) < sk_prot_mem_limits(sk, 0);
}

#endif
