// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps the counters of a network namespace, one set per CPU, so
 * that counting writes to no shared cache line.
 */
#include "mib.h"

#include <linux/percpu.h>
#include "net.h"
#include "trace.h"

static const char * const ttp_mib_names[] = {
#define X(e, n) [TTP_MIB_##e] = #n,
	TTP_MIB_LIST(X)
#undef X
};

static const char * const ttp_drop_names[] = {
#define X(e, n) [TTP_DROP_##e] = #n,
	TTP_DROP_LIST(X)
#undef X
};

int ttp_mib_net_init(struct ttp_net *tn)
{
	tn->mib = alloc_percpu(struct ttp_mib_pcpu);
	return tn->mib ? 0 : -ENOMEM;
}

void ttp_mib_net_exit(struct ttp_net *tn)
{
	free_percpu(tn->mib);
	tn->mib = NULL;
}

void ttp_mib_add(struct net *net, enum ttp_mib which, long n)
{
	this_cpu_add(ttp_net(net)->mib->mib[which], n);
}

unsigned long ttp_mib_read(struct net *net, enum ttp_mib which)
{
	const struct ttp_net *tn = ttp_net(net);
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(tn->mib, cpu)->mib[which]);
	return sum;
}

unsigned long ttp_drop_read(struct net *net, u32 reason)
{
	const struct ttp_net *tn = ttp_net(net);
	unsigned long sum = 0;
	int cpu;

	if (reason >= TTP_DROP_NR)
		return 0;
	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(tn->mib, cpu)->drop[reason]);
	return sum;
}

const char *ttp_mib_name(u32 which)
{
	return which < TTP_MIB_NR ? ttp_mib_names[which] : NULL;
}

const char *ttp_drop_name(u32 reason)
{
	if (reason < TTP_NR_WHY)
		return ttp_why_name(reason);
	return reason < TTP_DROP_NR ? ttp_drop_names[reason] : NULL;
}

void ttp_drop_note(struct net *net, const struct ttp_tuple *tuple,
		   const struct ttp_seg *seg, u32 reason)
{
	/* Whose it was is not known when the header is damaged. */
	static const struct ttp_tuple nobody;

	if (reason < TTP_DROP_NR)
		this_cpu_inc(ttp_net(net)->mib->drop[reason]);
	trace_ttp_drop(net, tuple ?: &nobody, seg, reason);
}
