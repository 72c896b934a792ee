/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file describes what TTP keeps for each network namespace.
 */
#ifndef TTP_NET_H
#define TTP_NET_H

#include <linux/types.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "core/limit.h"
#include "fastkey.h"
#include "mib.h"

struct ctl_table;
struct ttp_cc_ops;
struct ctl_table_header;
struct sock;
struct ttp_fast_cache;
struct ttp_recycle_hosts;

/* Sysctl values; names and units of net.ipv4.tcp_*; read with READ_ONCE(). */
struct ttp_sysctl {
	int	syn_retries;		/* repetitions of a SYN */
	int	synack_retries;
	int	retries1;		/* then the route is suspected */
	int	retries2;		/* then the connection is given up */
	int	orphan_retries;		/* 0: 8 */
	int	max_orphans;
	int	fin_timeout;		/* s, orphans in FIN_WAIT2 */
	int	keepalive_time;		/* s */
	int	keepalive_intvl;	/* s */
	int	keepalive_probes;
	int	tw_timeout;		/* s, 2MSL */
	int	reuse_tw;		/* tw_reuse (a macro of the kernel): by connect();
					 * 2: on loopback only
					 */
	int	tw_reuse_delay;		/* ms */
	int	tw_recycle;		/* enum ttp_recycle */
	int	max_tw_buckets;		/* TIME_WAIT entries */
	int	rfc1337;		/* TIME_WAIT ignores RST */
	int	max_syn_backlog;
	int	syncookies;		/* 1: when the queue is full; 2: always */
	int	abort_on_overflow;
	int	fwmark_accept;		/* an accepted socket has the SYN's mark */
	int	reflect_tos;		/* and its TOS */
	int	window_scaling;
	int	sack;
	int	dsack;
	int	ecn;			/* enum ttp_ecn_policy */
	int	ecn_fallback;		/* a SYN again goes without */
	int	slow_start_after_idle;
	int	early_retrans;		/* 3, 4: loss probes */
	int	frto;
	int	recovery;		/* see metrics.c */
	int	reordering;		/* duplicates that mean a loss */
	int	min_rtt_wlen;		/* s */
	int	rto_min_us;
	int	thin_linear_timeouts;
	int	timestamps;		/* 1: with a random offset; 2: without */
	int	limit_output_bytes;	/* in the queues below a connection */
	int	autocorking;
	int	pacing_ss_ratio;	/* % of cwnd / srtt, in slow start */
	int	pacing_ca_ratio;	/* and later */
	int	moderate_rcvbuf;
	unsigned int notsent_lowat;	/* bytes */
	int	challenge_ack_limit;	/* per second, RFC 5961 7 */
	int	invalid_ratelimit;	/* ms between answers to invalid segments */
	int	mtu_probing;		/* 1: after a black hole; 2: always */
	int	base_mss;		/* bytes: where the search begins */
	int	mtu_probe_floor;	/* bytes: and where it may fall to */
	int	min_snd_mss;		/* bytes */
	int	probe_threshold;	/* bytes: narrower is no search */
	int	probe_interval;		/* s until the next search */
	int	early_demux;
	int	stdurg;			/* the urgent pointer names the byte */
	int	fastopen;		/* TTP_FO_* */
	int	fastopen_blackhole_timeout_sec;
	int	rmem[3];		/* bytes: min, default, max */
	int	wmem[3];
};

struct ttp_net {
	struct net	*net;		/* whose this is */
	struct ttp_sysctl sysctl;
	struct ttp_mib_pcpu __percpu *mib;
	/* Kernel sockets that send for requests, TIME_WAIT and strangers. */
	struct sock *ctl4;
	struct sock *ctl6;		/* NULL without IPv6 */
	struct ctl_table *sysctl_table;
	struct ctl_table_header *sysctl_hdr;
	const struct ttp_cc_ops *cc;	/* of new sockets; READ_ONCE() */
	unsigned long cc_allowed;	/* bits: which anybody may choose */
	atomic_t tw_count;
	bool demux_hooked;		/* see demux.c */
	struct ttp_recycle_hosts *recycle_hosts; /* NULL until tw_recycle is 1 */
	/* Memory of the sockets' queues; see mem.h. */
	unsigned long mem_limit[3];	/* netns_mem, pages */
	atomic_long_t mem_pages;
	bool mem_tight;
	atomic_t orphans;		/* connections that no program holds */
	struct ttp_budget challenge;	/* lockless */
	/* Fast Open: of servers here, of clients, and of bad networks. */
	struct ttp_fast_keys fast_keys;
	struct ttp_fast_cache *fast_cache;
	atomic_t fast_holes;		/* black holes in a row */
	u32 fast_hole_at;		/* s, the last one */
};

extern unsigned int ttp_net_id;

static inline struct ttp_net *ttp_net(const struct net *net)
{
	return net_generic(net, ttp_net_id);
}

/* ttp_mib_add() where @tn is at hand: ttp_net() takes the RCU read lock. */
static inline void ttp_mib_count(struct ttp_net *tn, enum ttp_mib which, long n)
{
	this_cpu_add(tn->mib->mib[which], n);
}

#define ttp_sysctl_get(net, name) READ_ONCE(ttp_net(net)->sysctl.name)

/* Pernet parts, each called by main.c and undone in reverse order. */
int ttp_mib_net_init(struct ttp_net *tn);
void ttp_mib_net_exit(struct ttp_net *tn);
int ttp_sysctl_net_init(struct net *net);
void ttp_sysctl_net_exit(struct net *net);
int ttp_proc_net_init(struct net *net);
void ttp_proc_net_exit(struct net *net);

#endif
