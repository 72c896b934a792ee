/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the estimation of the delivery rate: how many segments
 * arrived how fast, measured over the flight of one segment and its ACK.
 *
 * What was sent is stamped with how much had been delivered by then; when it
 * is acknowledged, the difference was delivered in the time between.  That
 * time is the longer one of the intervals in which those were sent and in
 * which they were acknowledged, so that neither a burst out nor ACKs that
 * come in a bunch pretend a rate that the path does not have.
 */
#ifndef TTP_CORE_RATE_H
#define TTP_CORE_RATE_H

#include "cc.h"

/*
 * Kept with each segment from its (last) transmission on.  Times are the low
 * 32 bits of us: no segment waits an hour for its ACK without being repeated.
 */
struct ttp_rate_stamp {
	u32	delivered;	/* ttp_rate.delivered when it left */
	u32	delivered_at;
	u32	first_sent_at;
	bool	app_limited;
};

/* Of a connection. */
struct ttp_rate {
	u64	delivered;	/* segments delivered, by ACK or SACK */
	u64	limited_until;	/* app-limited until so many are; 0: not */
	u32	delivered_at;	/* when the last one was */
	u32	first_sent_at;	/* when the newest of those had been sent */
	/* The newest segment delivered by the ACK at hand. */
	struct ttp_rate_stamp newest;
	u32	sent_at;
	u32	end_seq;
	u32	newly;		/* segments delivered by the ACK at hand */
	/* The last sample that tells of the path, for users to see. */
	u32	shown;		/* segments */
	u32	shown_us;	/* in so much time; 0: none yet */
	bool	shown_limited;
};

void ttp_rate_init(struct ttp_rate *r, u64 now);

/*
 * A segment leaves, for the first time or again: fills in @stamp.  @in_flight
 * counts the segments in the network before it.
 */
void ttp_rate_on_send(struct ttp_rate *r, struct ttp_rate_stamp *stamp,
		      u32 in_flight, u64 now);

/*
 * @segs segments sent together at @sent_at (us, low bits) up to @end_seq have
 * arrived: acknowledged or SACKed now, and not before.
 */
void ttp_rate_on_delivered(struct ttp_rate *r,
			   const struct ttp_rate_stamp *stamp, u32 sent_at,
			   u32 end_seq, u32 segs, u64 now);

/*
 * The ACK is done: makes the sample of it and forgets it.  @losses segments
 * were marked lost, @min_rtt_us is the least RTT known (~0: none).
 */
void ttp_rate_on_ack(struct ttp_rate *r, struct ttp_rate_sample *s, u32 losses,
		     u32 min_rtt_us, u64 now);

/* The delivery rate in bytes a second; 0 before a sample. */
u64 ttp_rate_bytes(const struct ttp_rate *r, u32 mss);

/*
 * There is room in cwnd, nothing to send, nothing lost to repeat: what is
 * measured until all that is out has arrived shows the sender, not the path.
 */
void ttp_rate_app_limited(struct ttp_rate *r, u32 in_flight);

/*
 * The largest value of a sliding window of time, in TTP_WIN_SLOTS slots of any
 * unit: a value counts for as many slots, the one of its arrival included.
 */
#define TTP_WIN_SLOTS	5

struct ttp_win {
	u32	slot;		/* of best[0] */
	u32	best[TTP_WIN_SLOTS];	/* per slot, newest first; 0: none */
};

/* Slots only advance, modulo 2^32.  Returns the largest value. */
u32 ttp_win_max(struct ttp_win *w, u32 slot, u32 value);

/* 0: none */
u32 ttp_win_get_max(const struct ttp_win *w);

/* A window is either for maxima or for minima, with the bits turned over. */
static inline u32 ttp_win_min(struct ttp_win *w, u32 slot, u32 value)
{
	return ~ttp_win_max(w, slot, ~value);
}

/* ~0: none */
static inline u32 ttp_win_get_min(const struct ttp_win *w)
{
	return ~ttp_win_get_max(w);
}

/*
 * The least RTT, us, of the last @span s, or a fifth less; with 0 only that of
 * the same instant.  Another @span than before forgets what was.
 */
static inline u32 ttp_win_min_rtt(struct ttp_win *w, u64 now, u32 rtt_us,
				  u32 span)
{
	u64 slot = span * (TTP_USEC_PER_SEC / TTP_WIN_SLOTS);

	return ttp_win_min(w, span ? div64_u64(now, slot) : now, rtt_us);
}

#endif
