/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file is the contract between loss recovery and a congestion control:
 * what it is told, what it may answer, and how long its memory is.
 *
 * Recovery calls the functions ttp_cc_*(); these do what all controls share
 * and ask the ops for the rest.
 */
#ifndef TTP_CORE_CC_H
#define TTP_CORE_CC_H

#include "base.h"

#define TTP_CC_NAME_MAX		16	/* with the final 0, as TCP_CONGESTION */
#define TTP_CC_PRIV		14	/* u64 of private memory per connection */
#define TTP_CC_CWND_INIT	10	/* segments, RFC 6928 */
#define TTP_CC_CWND_MAX		(1u << 24)	/* keeps sums in 32 bits */
#define TTP_CC_SSTHRESH_MIN	2	/* segments, RFC 5681 (4) */

struct ttp_cc_ops;

/*
 * What a congestion control reads and writes.  cwnd and ssthresh count
 * segments.  pacing_rate is in bytes a second, 0: not paced by this module
 * (the caller may then pace by cwnd / srtt).
 */
struct ttp_cc {
	u32	cwnd;
	u32	ssthresh;	/* ~0 until the first loss */
	u32	cwnd_init;	/* the first cwnd, and that after idling */
	u32	cwnd_cnt;	/* acked segments towards the next increase */
	u32	prior_cwnd;	/* before the last reduction, for undo */
	u32	prior_ssthresh;
	u64	pacing_rate;
	const struct ttp_cc_ops *ops;
	u64	priv[TTP_CC_PRIV];
};

/* One delivery rate sample, made by rate.c. */
struct ttp_rate_sample {
	u64	prior_delivered; /* delivered when the newest acked one left */
	u32	delivered;	/* segments delivered between then and now */
	u32	interval_us;	/* 0: no sample */
	u32	losses;		/* segments newly marked lost by this ACK */
	u32	acked_sacked;	/* segments newly delivered by this ACK */
	bool	app_limited;	/* the sender had nothing to send at that time */
};

/* One arriving ACK. */
struct ttp_cc_ack {
	u64	now;		/* us */
	u32	snd_una;	/* after the ACK was applied */
	u32	snd_nxt;
	u32	acked;		/* segments newly acknowledged cumulatively */
	u32	in_flight;	/* segments, after the ACK */
	u32	prior_in_flight;
	u32	rtt_us;		/* this ACK's sample, 0: none */
	u32	srtt_us;	/* smoothed, 0: none yet */
	u32	min_rtt_us;	/* windowed minimum, ~0: none yet */
	u32	mss;		/* bytes */
	u64	delivered;	/* segments delivered since the connection opened */
	bool	cwnd_limited;	/* the window was full when this was sent */
	bool	ece;		/* ECN-Echo in force (RFC 3168) */
	bool	in_recovery;	/* fast recovery or CWR, also if it just began */
	bool	in_loss;	/* a timeout is being repaired, or just was */
	struct ttp_rate_sample rate;
};

enum ttp_cc_event {
	TTP_CC_TX_START,	/* a segment leaves and nothing was in flight */
	TTP_CC_IDLE_RESTART,	/* idle for more than an RTO: cwnd was validated */
	TTP_CC_RECOVERY,	/* fast recovery begins (ssthresh was asked for) */
	TTP_CC_LOSS,		/* a timeout, cwnd and ssthresh are set */
	TTP_CC_OPEN,		/* recovery or loss is over */
	TTP_CC_UNDO,		/* it had been spurious: cwnd is back */
};

struct ttp_cc_ops {
	char	name[TTP_CC_NAME_MAX];
	/* priv is all zero, cwnd and ssthresh are set. */
	void	(*init)(struct ttp_cc *cc, u64 now);
	/* The threshold after a loss event, in segments, >= 2. */
	u32	(*ssthresh)(struct ttp_cc *cc, u32 flight);
	/* Grow cwnd; not in recovery, and only when control is NULL. */
	void	(*on_ack)(struct ttp_cc *cc, const struct ttp_cc_ack *a);
	/* Instead of on_ack and PRR: sets cwnd and pacing_rate on every ACK. */
	void	(*control)(struct ttp_cc *cc, const struct ttp_cc_ack *a);
	void	(*on_event)(struct ttp_cc *cc, enum ttp_cc_event ev, u64 now);
};

/* The controls there are. */
extern const struct ttp_cc_ops ttp_cc_cubic, ttp_cc_newreno, ttp_cc_bbr;

/* Anybody may choose these, the default and "reno", unless told otherwise. */
#define TTP_CC_FOR_ALL	(1u << 0 | 1u << 1)

/* NULL: there is none of that name. */
const struct ttp_cc_ops *ttp_cc_find(const char *name);
/* The @i-th, NULL behind the last one; the 0th is the default. */
const struct ttp_cc_ops *ttp_cc_nth(u32 i);

/* A connection opens. */
void ttp_cc_init(struct ttp_cc *cc, const struct ttp_cc_ops *ops, u64 now);
/* Another control takes over an open connection, windows as they are. */
void ttp_cc_switch(struct ttp_cc *cc, const struct ttp_cc_ops *ops, u64 now);

/* PRR and the end of recovery leave cwnd alone if so. */
static inline bool ttp_cc_owns_cwnd(const struct ttp_cc *cc)
{
	return cc->ops->control;
}

/*
 * Every ACK that acknowledged, SACKed or lost something; after the calls below
 * when it also begins or ends a recovery.
 */
void ttp_cc_acked(struct ttp_cc *cc, const struct ttp_cc_ack *a);

/*
 * Fast recovery or CWR begins: remembers the windows for undo and sets
 * ssthresh; PRR then moves cwnd.  @flight is the FlightSize of RFC 5681 2,
 * segments sent and not cumulatively acknowledged (SACKed and lost ones
 * included), before the ACK that told of the loss was applied.
 */
void ttp_cc_enter_recovery(struct ttp_cc *cc, u32 flight, u64 now);

/*
 * Timeout.  @first: not the repetition of a timeout, and not within the window
 * that has paid already (RFC 5681 3.1): only then ssthresh goes down.
 * @in_flight are the segments not lost and not SACKed now, after the marking.
 */
void ttp_cc_enter_loss(struct ttp_cc *cc, u32 flight, u32 in_flight,
		       bool first, u64 now);

/* Recovery or loss is over; the caller has set cwnd where PRR owned it. */
void ttp_cc_leave(struct ttp_cc *cc, u64 now);

/* It was spurious: the windows are as before.  Instead of ttp_cc_leave(). */
void ttp_cc_undo(struct ttp_cc *cc, u64 now);

/*
 * About to send with nothing in flight, @idle_us after the last segment was
 * sent: halves cwnd for each RTO of them, down to the first window (RFC 2861
 * 3.1), and tells of TX_START.
 */
void ttp_cc_tx_start(struct ttp_cc *cc, u64 idle_us, u32 rto_us, u64 now);

/* For the controls: segments of this ACK that may count as growth. */
u32 ttp_cc_countable(const struct ttp_cc_ack *a);
/* Adds up to @acked without passing ssthresh; returns what is left of them. */
u32 ttp_cc_slow_start(struct ttp_cc *cc, u32 acked);
/* Adds one segment to cwnd per @per acknowledged ones. */
void ttp_cc_avoid(struct ttp_cc *cc, u32 per, u32 acked);

#endif
