/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file is the model of a path that the congestion control "bbr" keeps: its
 * memory, its numbers, and how they become segments and bytes a second.
 */
#ifndef TTP_CORE_BBR_MODEL_H
#define TTP_CORE_BBR_MODEL_H

#include "cc.h"
#include "rate.h"

#define BBR_BW_BITS		24	/* bandwidth: 2^-24 segments per us */
#define BBR_UNIT		256	/* gains are in 1/256 */
#define BBR_GAIN_HIGH		739	/* 2 / ln 2: doubles per round */
#define BBR_GAIN_DRAIN		88	/* its inverse */
#define BBR_GAIN_CWND		512	/* delayed and merged ACKs need room */
#define BBR_GAIN_PROBE_RTT	128
#define BBR_MARGIN_PERCENT	1	/* pace below it: queues drain */

#define BBR_CWND_MIN		4	/* segments, so that ACKs keep coming */
#define BBR_SLOT_ROUNDS		2	/* per slot of the filter: 10 in all */
#define BBR_MIN_RTT_US		(10 * TTP_USEC_PER_SEC)
#define BBR_PROBE_RTT_US	(200 * TTP_USEC_PER_MSEC)
#define BBR_CYCLE		8	/* phases */
#define BBR_DRAIN_RTTS		4	/* the second one lasts at most */
#define BBR_FULL_ROUNDS		3
#define BBR_LOSS_PERCENT	10	/* of a round: more than chance */
#define BBR_LOSS_MIN		5	/* segments, of a small window */
#define BBR_BOUND_CUT		4	/* the bound comes down by a quarter */
#define BBR_QUANTUM_MAX		44	/* segments: 64 KB leave at once */

enum bbr_mode { BBR_STARTUP, BBR_DRAIN, BBR_PROBE_BW, BBR_PROBE_RTT };

struct bbr {
	u64	round_end;	/* the round lasts until this is delivered */
	u64	min_rtt_at;	/* us */
	u64	probe_done_at;	/* PROBE_RTT: 0 until the window is small */
	u64	probed_until;	/* delivered; samples before show PROBE_RTT */
	u64	phase_at;	/* PROBE_BW: the phase began, us */
	struct ttp_win bw;	/* largest of 10 rounds */
	u32	min_rtt;	/* us; ~0: none */
	u32	probe_min;	/* the least of this PROBE_RTT */
	u32	slot;		/* of bw, counts every other round */
	u32	full_bw;	/* STARTUP: to be beaten by a quarter */
	u32	prior_cwnd;	/* before recovery or PROBE_RTT */
	u32	bound;		/* of what is in flight; ~0: none */
	u32	prior_bound;	/* before recovery */
	u32	lost;		/* in this round, segments */
	u32	arrived;
	u32	lost_before;	/* in the round before */
	u32	mss;
	u8	rounds;		/* in this slot */
	u8	mode:2;		/* enum bbr_mode */
	u8	phase:3;
	u8	full_rounds:3;	/* without a quarter more */
	bool	full:1;		/* the bandwidth of the path was reached */
	bool	prior_full:1;	/* before recovery */
	bool	round_start:1;	/* with this ACK */
	bool	recovering:1;
	bool	cut:1;		/* the bound came down in this round */
	bool	lossy:1;	/* the round before lost what a margin is */
	bool	after_idle:1;
	bool	probe_round:1;	/* PROBE_RTT: a round of it has passed */
};

static_assert(sizeof(struct bbr) <= TTP_CC_PRIV * sizeof(u64));

static inline struct bbr *bbr(struct ttp_cc *cc)
{
	return (struct bbr *)cc->priv;
}

/* Segments that fill the path without a queue, times @gain. */
static inline u32 bbr_bdp(const struct bbr *b, u32 gain)
{
	u64 n;

	if (b->min_rtt == ~0u)
		return TTP_CC_CWND_INIT;
	n = (u64)ttp_win_get_max(&b->bw) * b->min_rtt;
	/* In two steps: 2^32 * 2^32 leaves no room for a gain. */
	n = (n >> 12) * gain >> (BBR_BW_BITS - 12);
	n = (n + BBR_UNIT - 1) / BBR_UNIT;
	return (u32)min_t(u64, n, TTP_CC_CWND_MAX);
}

/* Bytes per second, less @margin percent. */
static inline u64 bbr_rate(u32 bw, u32 mss, u32 gain, u32 margin)
{
	/* 2^32 * 2^16, then 2^10 of gain less 2^16, then 2^20 */
	u64 n = ((u64)bw * min(mss, 65535u) * gain) >> 16;

	return n * (TTP_USEC_PER_SEC * (100 - margin) / 100) >>
	       (BBR_BW_BITS - 8);
}

/* Segments that hosts send and receive in one piece: a millisecond's worth. */
static inline u32 bbr_quantum(const struct bbr *b, u64 rate)
{
	u64 ms = div_u64(rate, 1000 * max_t(u32, b->mss, 1));

	return (u32)clamp_t(u64, ms, 1, BBR_QUANTUM_MAX);
}

#endif
