/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file describes what TTP keeps for each network namespace.
 */
#ifndef TTP_NET_H
#define TTP_NET_H

#include <linux/types.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "mib.h"

struct ctl_table;
struct ctl_table_header;
struct sock;

/* Sysctl values; names and units of net.ipv4.tcp_*; read with READ_ONCE(). */
struct ttp_sysctl {
	int	syn_retries;		/* repetitions of a SYN */
	int	synack_retries;
	int	retries1;		/* then the route is suspected */
	int	retries2;		/* then the connection is given up */
	int	orphan_retries;		/* 0: 8 */
	int	fin_timeout;		/* s, orphans in FIN_WAIT2 */
	int	keepalive_time;		/* s */
	int	keepalive_intvl;	/* s */
	int	keepalive_probes;
	int	tw_timeout;		/* s, 2MSL */
	int	reuse_tw;		/* tw_reuse (a macro of the kernel): by connect();
					 * 2: on loopback only
					 */
	int	tw_reuse_delay;		/* ms */
	int	max_tw_buckets;		/* TIME_WAIT entries */
	int	max_syn_backlog;
	int	syncookies;		/* 1: when the queue is full; 2: always */
	int	abort_on_overflow;
	int	window_scaling;
	int	sack;
	int	dsack;
	int	timestamps;		/* 1: with a random offset; 2: without */
	int	rmem[3];		/* bytes: min, default, max */
	int	wmem[3];
};

struct ttp_net {
	struct ttp_sysctl sysctl;
	struct ttp_mib_pcpu __percpu *mib;
	/* Kernel sockets that send for requests, TIME_WAIT and strangers. */
	struct sock *ctl4;
	struct sock *ctl6;		/* NULL without IPv6 */
	struct ctl_table *sysctl_table;
	struct ctl_table_header *sysctl_hdr;
	atomic_t tw_count;
	/* Challenge ACKs of this second (RFC 5961 7). */
	u32 challenge_stamp;		/* s */
	u32 challenge_count;
};

extern unsigned int ttp_net_id;

static inline struct ttp_net *ttp_net(const struct net *net)
{
	return net_generic(net, ttp_net_id);
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
