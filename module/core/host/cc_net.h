/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a bottleneck and senders that share it: one queue, one
 * delay, loss by chance, and the congestion controls of core/ as they are.
 *
 * Data is fungible: a segment that was lost is sent again as a new one, with
 * a number of its own, and all that arrives is goodput.
 */
#ifndef TTP_CORE_HOST_CC_NET_H
#define TTP_CORE_HOST_CC_NET_H

#include "../cc.h"
#include "../rate.h"

#define NET_MSS		1500u		/* bytes, on the link as well */
#define NET_RING	(1u << 16)	/* segments in flight at most */
#define NET_FLOWS	4

struct net_seg {
	u64	sent_at;	/* us */
	u64	ack_at;		/* us; 0: dropped */
	struct ttp_rate_stamp stamp;
	bool	done;		/* acknowledged or lost */
};

enum net_state { NET_OPEN, NET_RECOVERY, NET_LOSS };

struct net_flow {
	struct ttp_cc	cc;
	struct ttp_rate	rate;
	struct ttp_win	min_rtt;
	struct net_seg	seg[NET_RING];	/* by number, modulo */
	u64	una, next;		/* numbers */
	u64	acked;			/* next number that may be acked */
	u64	recover;		/* what was sent before has paid */
	u64	last_lost;
	u64	start_at;
	u64	pace_at;		/* us: earliest next segment */
	u64	pace_frac;		/* rest, in bytes * 10^6 */
	u64	rto_at;
	u32	srtt;
	u32	in_flight;
	enum net_state state;
	bool	on;
	/* what happened */
	u64	delivered;
	u64	lost;
	u64	rtos;
};

struct net {
	u64	now;			/* us */
	u32	rnd;
	/* parameters, which may change on the way */
	u32	seg_us;			/* to serialise a segment */
	u32	rtt_us;			/* without queue */
	u32	buffer;			/* segments */
	u32	loss;			/* of 10000 */
	u32	merge_us;		/* ACKs that come within are one */
	bool	drop_next;		/* a loss on purpose */
	/* the link */
	u64	free_at;
	u64	queue_sum;		/* us of waiting, of all segments */
	u64	queue_min;
	u64	queue_nr;
	u64	overflows;
	u32	nr;
	struct net_flow *flow[NET_FLOWS];
};

struct net *net_new(u32 seed, u32 mbit, u32 rtt_us, u32 buffer);
void net_free(struct net *net);
struct net_flow *net_add(struct net *net, const char *cc, u64 start_at);
/* Runs until @until us; calls @each, if there is one, after every ACK. */
void net_run(struct net *net, u64 until,
	     void (*each)(struct net *net, struct net_flow *f));
void net_reset_queue_stats(struct net *net);

#endif
