/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how large a connection's buffers should be: what a
 * receive buffer holds, how its reader fares, and what a sender needs.
 */
#ifndef TTP_CORE_RCVSPACE_H
#define TTP_CORE_RCVSPACE_H

#include "base.h"

/* Of 256 bytes of buffer so many are payload, until segments tell. */
#define TTP_RATIO_SHIFT	8
#define TTP_RATIO_INIT	128
#define TTP_RATIO_MIN	8

/* A reader's first round trip is measured against so many segments. */
#define TTP_RCVSPACE_SEGS	10

struct ttp_rcvspace {
	u32	ssthresh;	/* the most that is offered now, bytes */
	u32	space;		/* read in the best round trip so far, bytes */
	u32	seq;		/* the reader's place when this one began */
	u32	rtt;		/* us << 3; 0: not known yet */
	u32	rtt_seq;	/* without timestamps: the end of this sample */
	u32	tsecr;		/* the echo that the last one came from */
	u64	since;		/* us, begin of the round trip; 0: no data yet */
	u64	rtt_at;		/* us, begin of the sample */
	u8	ratio;		/* payload in 256 bytes of buffer */
};

void ttp_rcvspace_init(struct ttp_rcvspace *s);

/* Payload that @space bytes of buffer hold; asked for several times a segment. */
static inline u32 ttp_rcvspace_win(const struct ttp_rcvspace *s, s64 space)
{
	return space <= 0 ? 0 :
	       min_t(u64, ((u64)space * s->ratio) >> TTP_RATIO_SHIFT, ~0U);
}

/* The buffer that holds @win bytes of payload. */
u64 ttp_rcvspace_buf(const struct ttp_rcvspace *s, u64 win);

/* A segment of full size came: its payload, and what it costs in memory. */
void ttp_rcvspace_measure(struct ttp_rcvspace *s, u32 len, u32 truesize);

/* The first data: from here on the reader's pace counts. */
void ttp_rcvspace_start(struct ttp_rcvspace *s, u32 copied_seq, u32 adv_mss,
			u64 now);

/* A round trip told by an echo of timestamps, us. */
void ttp_rcvspace_rtt(struct ttp_rcvspace *s, u32 rtt_us);

/*
 * Without timestamps: a whole window takes at least a round trip to arrive, so
 * the shortest such time is the best guess.
 */
void ttp_rcvspace_rtt_window(struct ttp_rcvspace *s, u32 rcv_nxt, u32 rcv_wnd,
			     u64 now);

/* What decides whether a segment lets the offered window grow. */
struct ttp_rcvseg {
	u32	len;		/* payload */
	u32	truesize;
	u32	rcv_mss;
	u32	adv_mss;
	u32	room;		/* ttp_rcvspace_win() of the free buffer */
	u32	most;		/* of the largest buffer there may be, bytes */
};

/* Slow growth: only as segments prove that the buffer can bear more of them. */
void ttp_rcvspace_grow(struct ttp_rcvspace *s, const struct ttp_rcvseg *g);

/* Memory is short: so many segments are enough. */
void ttp_rcvspace_limit(struct ttp_rcvspace *s, u32 segs, u32 adv_mss);

/**
 * ttp_rcvspace_copied - the reader has come to @copied_seq
 *
 * Returns 0, or once in a round trip, when more has been read than in any
 * before: the window that the sender could use next, which is twice of that,
 * more while it still accelerates.
 */
u64 ttp_rcvspace_copied(struct ttp_rcvspace *s, u32 copied_seq, u32 adv_mss,
			u64 now);

/* The send buffer for two congestion windows of segments, @size bytes each. */
u64 ttp_sndbuf_want(u32 cwnd, u32 reordering, u32 size);

#endif
