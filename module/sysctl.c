// SPDX-License-Identifier: GPL-2.0
/*
 * This file offers the sysctls net.ttp.*, of every network namespace its own;
 * net.ttp.mem, the limit of all sockets together, is the first one's alone, and
 * net.ttp.netns_mem, that of a namespace, is not for who rules only there.
 */
#include "sysctl.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include "compat.h"
#include "ccname.h"
#include "core/ecn.h"
#include "core/rack.h"
#include "core/rtt.h"
#include "demux.h"
#include "hash.h"
#include "net.h"
#include "recycle.h"
#include "sock.h"

long ttp_sysctl_mem[3];
int ttp_rmem_min = 4096;
int ttp_wmem_min = 4096;

/* A sysctl of a namespace: where its value is and what it may be. */
struct ttp_knob {
	const char *name;
	size_t	at;		/* in struct ttp_sysctl */
	u32	count;		/* of integers */
	int	min;
	int	max;		/* -1: of an unsigned integer, all */
	proc_handler *handler;	/* NULL: the usual one */
};

#define TTP_KNOB_AS(_name, _field, _min, _max) {			\
	.name = _name,							\
	.at = offsetof(struct ttp_sysctl, _field),			\
	.count = sizeof_field(struct ttp_sysctl, _field) / sizeof(int),	\
	.min = _min,							\
	.max = _max,							\
}

#define TTP_KNOB(_name, _min, _max)	TTP_KNOB_AS(#_name, _name, _min, _max)

static proc_handler ttp_recycle_handler, ttp_demux_handler;

/* Seconds stay below what fits an int of milliseconds. */
#define TTP_KNOB_SECS	(INT_MAX / MSEC_PER_SEC)

static const struct ttp_knob ttp_knobs[] = {
	TTP_KNOB(syn_retries, 1, 127),
	TTP_KNOB(synack_retries, 0, 255),
	TTP_KNOB(retries1, 0, 255),
	TTP_KNOB(retries2, 0, 255),
	TTP_KNOB(orphan_retries, 0, 255),
	TTP_KNOB(max_orphans, 0, INT_MAX),
	TTP_KNOB(fin_timeout, 1, TTP_KNOB_SECS),
	TTP_KNOB(keepalive_time, 1, TTP_KNOB_SECS),
	TTP_KNOB(keepalive_intvl, 1, TTP_KNOB_SECS),
	TTP_KNOB(keepalive_probes, 0, 255),
	TTP_KNOB(tw_timeout, 1, 3600),
	TTP_KNOB_AS("tw_reuse", reuse_tw, 0, 2),
	TTP_KNOB(tw_reuse_delay, 1, 60 * MSEC_PER_SEC),
	{
		.name	 = "tw_recycle",
		.at	 = offsetof(struct ttp_sysctl, tw_recycle),
		.count	 = 1,
		.max	 = TTP_RECYCLE_TUPLES,
		.handler = ttp_recycle_handler,
	},
	TTP_KNOB(max_tw_buckets, 0, INT_MAX),
	TTP_KNOB(rfc1337, 0, 1),
	TTP_KNOB(max_syn_backlog, 0, INT_MAX),
	TTP_KNOB(syncookies, 0, 2),
	TTP_KNOB(abort_on_overflow, 0, 1),
	TTP_KNOB(fwmark_accept, 0, 1),
	TTP_KNOB(reflect_tos, 0, 1),
	TTP_KNOB(window_scaling, 0, 1),
	TTP_KNOB(sack, 0, 1),
	TTP_KNOB(dsack, 0, 1),
	TTP_KNOB(ecn, 0, 2),
	TTP_KNOB(ecn_fallback, 0, 1),
	TTP_KNOB(slow_start_after_idle, 0, 1),
	TTP_KNOB(early_retrans, 0, 4),
	TTP_KNOB(frto, 0, 2),
	TTP_KNOB(recovery, 1, 7),
	TTP_KNOB(reordering, 1, 300),
	TTP_KNOB(min_rtt_wlen, 0, 86400),
	TTP_KNOB(rto_min_us, 1, TTP_RTO_MAX),
	TTP_KNOB(thin_linear_timeouts, 0, 1),
	TTP_KNOB(timestamps, 0, 2),
	TTP_KNOB(limit_output_bytes, 0, INT_MAX),
	TTP_KNOB(autocorking, 0, 1),
	TTP_KNOB(pacing_ss_ratio, 0, 1000),
	TTP_KNOB(pacing_ca_ratio, 0, 1000),
	TTP_KNOB(moderate_rcvbuf, 0, 1),
	TTP_KNOB(notsent_lowat, 0, -1),
	TTP_KNOB(challenge_ack_limit, 0, INT_MAX),
	TTP_KNOB(invalid_ratelimit, 0, INT_MAX),
	TTP_KNOB(mtu_probing, 0, 2),
	TTP_KNOB(base_mss, TTP_MSS_MIN, U16_MAX),
	TTP_KNOB(mtu_probe_floor, TTP_MSS_MIN, U16_MAX),
	TTP_KNOB(min_snd_mss, TTP_MSS_MIN, U16_MAX),
	TTP_KNOB(probe_threshold, 1, U16_MAX),
	TTP_KNOB(probe_interval, 0, INT_MAX),
	TTP_KNOB(stdurg, 0, 1),
	{
		.name	 = "early_demux",
		.at	 = offsetof(struct ttp_sysctl, early_demux),
		.count	 = 1,
		.max	 = 1,
		.handler = ttp_demux_handler,
	},
	TTP_KNOB(fastopen, 0, TTP_FO_BITS),
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
		.syn_retries		= 7,
		.synack_retries		= 5,
		.retries1		= 3,
		.retries2		= 15,
		.max_orphans		= ttp_hash_nr_buckets() / 2,
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
		.ecn			= TTP_ECN_AGREE,
		.ecn_fallback		= 1,
		.early_demux		= 1,
		.slow_start_after_idle	= 1,
		.early_retrans		= 3,
		.frto			= 2,
		.recovery		= 1,
		.reordering		= TTP_DUPTHRESH,
		.min_rtt_wlen		= 300,
		.rto_min_us		= TTP_RTO_MIN,
		.timestamps		= 1,
		.limit_output_bytes	= 1 << 20,
		.autocorking		= 1,
		.pacing_ss_ratio	= 200,
		.pacing_ca_ratio	= 120,
		.moderate_rcvbuf	= 1,
		.notsent_lowat		= UINT_MAX,
		.challenge_ack_limit	= TTP_LIMIT_NONE,
		.invalid_ratelimit	= 500,
		.base_mss		= 1024,
		.mtu_probe_floor	= TTP_MSS_MIN,
		.min_snd_mss		= TTP_MSS_MIN,
		.probe_threshold	= 8,
		.probe_interval		= 600,
		.fastopen		= TTP_FO_CLIENT,
		.rmem			= { 4096, 128 << 10, 6 << 20 },
		.wmem			= { 4096, 16 << 10, 4 << 20 },
	};
	s->rmem[2] = clamp(share, 128UL << 10, 6UL << 20);
	s->wmem[2] = clamp(share, 64UL << 10, 4UL << 20);
}

/* A later namespace has these of the first one, as TCP's do. */
static void ttp_sysctl_inherit(struct ttp_net *tn)
{
	const struct ttp_net *first = ttp_net(&init_net);

	memcpy(tn->sysctl.rmem, first->sysctl.rmem, sizeof(tn->sysctl.rmem));
	memcpy(tn->sysctl.wmem, first->sysctl.wmem, sizeof(tn->sysctl.wmem));
	tn->cc = READ_ONCE(first->cc);
}

static void ttp_knob_entry(struct ctl_table *entry, struct ttp_sysctl *s,
			   const struct ttp_knob *knob)
{
	entry->procname = knob->name;
	entry->data = (char *)s + knob->at;
	entry->maxlen = knob->count * sizeof(int);
	entry->mode = 0644;
	entry->proc_handler = knob->max < 0 ? proc_douintvec_minmax :
					      proc_dointvec_minmax;
	if (knob->max < 0)
		return;
	entry->extra1 = (void *)&knob->min;
	entry->extra2 = (void *)&knob->max;
	if (knob->handler)
		entry->proc_handler = knob->handler;
}

/* What tw_recycle 1 remembers has its memory before it is needed. */
static int ttp_recycle_handler(ttp_ctl_table_t *entry, int write, void *buf,
			       size_t *len, loff_t *pos)
{
	struct ttp_sysctl *s = container_of(entry->data, struct ttp_sysctl,
					    tw_recycle);
	int value = READ_ONCE(s->tw_recycle), err;
	struct ctl_table copy = *entry;

	copy.data = &value;
	err = proc_dointvec_minmax(&copy, write, buf, len, pos);
	if (err || !write)
		return err;
	if (value == TTP_RECYCLE_HOSTS)
		err = ttp_recycle_start(container_of(s, struct ttp_net, sysctl));
	if (!err)
		WRITE_ONCE(s->tw_recycle, value);
	return err;
}

/* Without it packets should not pay for it either. */
static int ttp_demux_handler(ttp_ctl_table_t *entry, int write, void *buf,
			     size_t *len, loff_t *pos)
{
	struct ttp_sysctl *s = container_of(entry->data, struct ttp_sysctl,
					    early_demux);
	int err = proc_dointvec_minmax(entry, write, buf, len, pos);

	if (!err && write && !READ_ONCE(s->early_demux))
		ttp_demux_stop(sock_net(container_of(s, struct ttp_net,
						     sysctl)->ctl4));
	return err;
}

static unsigned long ttp_netns_mem_least = 1;

/*
 * A namespace may use all the memory of the machine, unless somebody says no:
 * the limits of net.ttp.mem are reached first.
 */
static void ttp_netns_mem_entry(struct ctl_table *entry, struct net *net)
{
	struct ttp_net *tn = ttp_net(net);

	entry->procname = "netns_mem";
	entry->data = tn->mem_limit;
	entry->maxlen = sizeof(tn->mem_limit);
	entry->mode = net->user_ns == &init_user_ns ? 0644 : 0444;
	entry->proc_handler = proc_doulongvec_minmax;
	entry->extra1 = &ttp_netns_mem_least;
}

static void ttp_mem_entry(struct ctl_table *entry)
{
	entry->procname = "mem";
	entry->data = ttp_sysctl_mem;
	entry->maxlen = sizeof(ttp_sysctl_mem);
	entry->mode = 0644;
	entry->proc_handler = proc_doulongvec_minmax;
}

/* The keys of Fast Open as text; who has read them can forge cookies. */
static int ttp_fast_key_handler(ttp_ctl_table_t *entry, int write, void *buf,
				size_t *len, loff_t *pos)
{
	struct ttp_net *tn = entry->data;
	u8 keys[TTP_FO_KEYS][TTP_FO_KEY] = {};
	char text[TTP_FO_TEXT + 1];
	struct ctl_table line = { .data = text, .maxlen = sizeof(text) };
	u32 nr;
	int err;

	nr = ttp_fast_keys_get(&tn->fast_keys, keys);
	/* As TCP: zeros stand for a key that has not been drawn. */
	ttp_fo_keys_print(keys, max(nr, 1U), text);
	err = proc_dostring(&line, write, buf, len, pos);
	if (err || !write)
		return err;
	nr = ttp_fo_keys_parse(text, keys);
	if (!nr)
		return -EINVAL;
	ttp_fast_keys_set(&tn->fast_keys, keys, nr);
	return 0;
}

/* Whoever sets the pause anew begins with a clean slate. */
static int ttp_fast_pause_handler(ttp_ctl_table_t *entry, int write, void *buf,
				  size_t *len, loff_t *pos)
{
	struct ttp_sysctl *s = container_of(entry->data, struct ttp_sysctl,
					    fastopen_blackhole_timeout_sec);
	int err = proc_dointvec_minmax(entry, write, buf, len, pos);

	if (!err && write)
		atomic_set(&container_of(s, struct ttp_net, sysctl)->fast_holes,
			   0);
	return err;
}

#define TTP_FAST_KNOBS	2

static void ttp_fast_entries(struct ctl_table *key, struct ttp_net *tn)
{
	static const struct ttp_knob pause =
		TTP_KNOB(fastopen_blackhole_timeout_sec, 0, INT_MAX);

	key->procname = "fastopen_key";
	key->data = tn;
	key->maxlen = TTP_FO_TEXT;
	key->mode = 0600;
	key->proc_handler = ttp_fast_key_handler;
	ttp_knob_entry(key + 1, &tn->sysctl, &pause);
	key[1].proc_handler = ttp_fast_pause_handler;
}

int ttp_sysctl_net_init(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);
	struct ctl_table *table;
	size_t n;

	ttp_sysctl_defaults(&tn->sysctl);
	ttp_cc_defaults(tn);
	if (!net_eq(net, &init_net))
		ttp_sysctl_inherit(tn);
	for (n = 0; n < ARRAY_SIZE(tn->mem_limit); n++)
		tn->mem_limit[n] = totalram_pages();
	if (!IS_ENABLED(CONFIG_SYSCTL))
		return 0;

	/* Both limits, and the end marker that older kernels look for. */
	table = kcalloc(ARRAY_SIZE(ttp_knobs) + TTP_CC_KNOBS +
			TTP_FAST_KNOBS + 3, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	for (n = 0; n < ARRAY_SIZE(ttp_knobs); n++)
		ttp_knob_entry(&table[n], &tn->sysctl, &ttp_knobs[n]);
	ttp_cc_entries(&table[n], tn);
	n += TTP_CC_KNOBS;
	ttp_fast_entries(&table[n], tn);
	n += TTP_FAST_KNOBS;
	ttp_netns_mem_entry(&table[n++], net);
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
