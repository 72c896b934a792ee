// SPDX-License-Identifier: GPL-2.0
/*
 * This file offers the sysctls net.ttp.*, of every network namespace its own;
 * net.ttp.mem, the limit of all sockets together, is the first one's alone.
 */
#include "sysctl.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include "compat.h"
#include "hash.h"
#include "net.h"

long ttp_sysctl_mem[3];
int ttp_rmem_min = 4096;
int ttp_wmem_min = 4096;

/* A sysctl of a namespace: where its value is and what it may be. */
struct ttp_knob {
	const char *name;
	size_t	at;		/* in struct ttp_sysctl */
	u32	count;		/* of integers */
	int	min;
	int	max;
};

#define TTP_KNOB_AS(_name, _field, _min, _max) {			\
	.name = _name,							\
	.at = offsetof(struct ttp_sysctl, _field),			\
	.count = sizeof_field(struct ttp_sysctl, _field) / sizeof(int),	\
	.min = _min,							\
	.max = _max,							\
}

#define TTP_KNOB(_name, _min, _max)	TTP_KNOB_AS(#_name, _name, _min, _max)

/* Seconds stay below what fits an int of milliseconds. */
#define TTP_KNOB_SECS	(INT_MAX / MSEC_PER_SEC)

static const struct ttp_knob ttp_knobs[] = {
	TTP_KNOB(syn_retries, 1, 127),
	TTP_KNOB(synack_retries, 0, 255),
	TTP_KNOB(retries1, 0, 255),
	TTP_KNOB(retries2, 0, 255),
	TTP_KNOB(orphan_retries, 0, 255),
	TTP_KNOB(fin_timeout, 1, TTP_KNOB_SECS),
	TTP_KNOB(keepalive_time, 1, TTP_KNOB_SECS),
	TTP_KNOB(keepalive_intvl, 1, TTP_KNOB_SECS),
	TTP_KNOB(keepalive_probes, 0, 255),
	TTP_KNOB(tw_timeout, 1, 3600),
	TTP_KNOB_AS("tw_reuse", reuse_tw, 0, 2),
	TTP_KNOB(tw_reuse_delay, 1, 60 * MSEC_PER_SEC),
	TTP_KNOB(max_tw_buckets, 0, INT_MAX),
	TTP_KNOB(max_syn_backlog, 0, INT_MAX),
	TTP_KNOB(syncookies, 0, 2),
	TTP_KNOB(abort_on_overflow, 0, 1),
	TTP_KNOB(window_scaling, 0, 1),
	TTP_KNOB(sack, 0, 1),
	TTP_KNOB(dsack, 0, 1),
	TTP_KNOB(timestamps, 0, 2),
	TTP_KNOB(rmem, 1, INT_MAX),
	TTP_KNOB(wmem, 1, INT_MAX),
};

void ttp_mem_init(void)
{
	unsigned long pages = max(nr_free_buffer_pages() / 16, 128UL);

	ttp_sysctl_mem[0] = pages / 4 * 3;
	ttp_sysctl_mem[1] = pages;
	ttp_sysctl_mem[2] = ttp_sysctl_mem[0] * 2;
}

/* TCP's defaults, also where TCP takes them from the size of memory. */
static void ttp_sysctl_defaults(struct ttp_sysctl *s)
{
	unsigned long share = nr_free_buffer_pages() << (PAGE_SHIFT - 7);

	*s = (struct ttp_sysctl) {
		.syn_retries		= 6,
		.synack_retries		= 5,
		.retries1		= 3,
		.retries2		= 15,
		.fin_timeout		= 60,
		.keepalive_time		= 7200,
		.keepalive_intvl	= 75,
		.keepalive_probes	= 9,
		.tw_timeout		= 60,
		.reuse_tw		= 2,
		.tw_reuse_delay		= 1000,
		.max_tw_buckets		= ttp_hash_nr_buckets() / 2,
		.max_syn_backlog	= max(128U, ttp_hash_nr_buckets() / 128),
		.syncookies		= 1,
		.window_scaling		= 1,
		.sack			= 1,
		.dsack			= 1,
		.timestamps		= 1,
		.rmem			= { 4096, 128 << 10, 6 << 20 },
		.wmem			= { 4096, 16 << 10, 4 << 20 },
	};
	s->rmem[2] = clamp(share, 128UL << 10, 6UL << 20);
	s->wmem[2] = clamp(share, 64UL << 10, 4UL << 20);
}

static void ttp_knob_entry(struct ctl_table *entry, struct ttp_sysctl *s,
			   const struct ttp_knob *knob)
{
	entry->procname = knob->name;
	entry->data = (char *)s + knob->at;
	entry->maxlen = knob->count * sizeof(int);
	entry->mode = 0644;
	entry->proc_handler = proc_dointvec_minmax;
	entry->extra1 = (void *)&knob->min;
	entry->extra2 = (void *)&knob->max;
}

static void ttp_mem_entry(struct ctl_table *entry)
{
	entry->procname = "mem";
	entry->data = ttp_sysctl_mem;
	entry->maxlen = sizeof(ttp_sysctl_mem);
	entry->mode = 0644;
	entry->proc_handler = proc_doulongvec_minmax;
}

int ttp_sysctl_net_init(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);
	struct ctl_table *table;
	size_t n = 0;

	ttp_sysctl_defaults(&tn->sysctl);
	if (!IS_ENABLED(CONFIG_SYSCTL))
		return 0;

	/* net.ttp.mem, and the end marker that older kernels look for. */
	table = kcalloc(ARRAY_SIZE(ttp_knobs) + 2, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	for (; n < ARRAY_SIZE(ttp_knobs); n++)
		ttp_knob_entry(&table[n], &tn->sysctl, &ttp_knobs[n]);
	if (net_eq(net, &init_net))
		ttp_mem_entry(&table[n++]);

	tn->sysctl_hdr = ttp_register_sysctl(net, "net/ttp", table, n);
	if (!tn->sysctl_hdr) {
		kfree(table);
		return -ENOMEM;
	}
	tn->sysctl_table = table;
	return 0;
}

void ttp_sysctl_net_exit(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);

	if (tn->sysctl_hdr)
		unregister_net_sysctl_table(tn->sysctl_hdr);
	kfree(tn->sysctl_table);
}
