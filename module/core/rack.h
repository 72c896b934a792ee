/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares RACK (RFC 8985 6): a segment is lost when one that was
 * sent sufficiently later has arrived.
 */
#ifndef TTP_CORE_RACK_H
#define TTP_CORE_RACK_H

#include "base.h"

#define TTP_DUPTHRESH	3	/* RFC 5681 3.2 */

struct ttp_rack {
	u64	xmit_ts;	/* latest sent of what was delivered; 0: none */
	u32	end_seq;	/* of that segment: the order within one us */
	u32	rtt;		/* of the latest sent segment of the last ACK, us */
	u32	fack;		/* highest sequence number delivered */
	u32	dsack_round;	/* snd_nxt when a duplicate widened the window */
	u32	overtaken;	/* ACKs that showed reordering; */
	u32	late_by;	/* and how far at most, bytes */
	u8	reo_wnd_mult;	/* quarters of min_rtt */
	u8	reo_wnd_persist; /* recoveries until that is forgotten */
	u32	dupthresh;	/* SACKed segments that prove a loss; ~0: none do */
	bool	in_dsack_round;	/* dsack_round is not acknowledged yet */
	bool	reordering_seen;
	bool	fixed;		/* duplicates do not widen the window */
};

/* A segment of ours, as far as RACK cares. */
struct ttp_rack_seg {
	u64	sent_at;	/* the last time */
	u32	end_seq;
	u32	len;		/* bytes */
	u32	tsval;		/* of that transmission, with timestamps */
	bool	retrans;	/* sent more than once */
	bool	sacked;		/* delivered by a SACK block, not by the ACK */
};

/* The ACK that delivers it. */
struct ttp_rack_ack {
	u64	now;
	u32	min_rtt;	/* us, ~0 before a sample */
	u32	tsecr;		/* valid with has_ts */
	u32	echo_rtt;	/* us, since what it echoes was sent; 0: unknown */
	bool	has_ts;
	/* Both false to begin with: */
	bool	timed;		/* ttp_rack.rtt is this ACK's */
	bool	late;		/* it has shown reordering */
	/* 0 to begin with: */
	u32	behind;		/* us, what was repeated too early took longer */
};

void ttp_rack_init(struct ttp_rack *r, u32 iss);

/*
 * @s was delivered, acknowledged or SACKed, for the first time.  Within one
 * ACK in ascending order: what it acknowledges, then its SACK blocks.
 */
void ttp_rack_update(struct ttp_rack *r, const struct ttp_rack_seg *s,
		     struct ttp_rack_ack *a);

/*
 * Once per ACK, after its segments: @dsack tells of a duplicate that a loss
 * probe does not explain.  A round with duplicates widens the window.
 */
void ttp_rack_on_dsack(struct ttp_rack *r, u32 snd_una, u32 snd_nxt, bool dsack);

/*
 * Recovery, fast or after a timeout, has ended, and there was a loss: one that
 * is undone says nothing against reordering.
 */
void ttp_rack_on_exit(struct ttp_rack *r);

/*
 * A recovery was a mistake: what it took for lost had only been overtaken, by
 * @behind us if that is known.
 */
void ttp_rack_on_undo(struct ttp_rack *r, u32 behind, u32 min_rtt);

/**
 * ttp_rack_reo_wnd - how much later, in us, a segment may arrive
 * @srtt: us; 0 before a sample
 * @sacked: segments SACKed and not acknowledged
 * @recovering: in fast recovery or after a timeout
 */
u32 ttp_rack_reo_wnd(const struct ttp_rack *r, u32 min_rtt, u32 srtt, u32 sacked,
		     bool recovering);

/* Nothing sent later was delivered: of this one nothing is known. */
#define TTP_RACK_UNKNOWN	(~0u)

/**
 * ttp_rack_remaining - how long a segment in flight may still take
 *
 * 0: it is lost.  TTP_RACK_UNKNOWN: so it is of all that were sent later.
 * Otherwise us, and the caller sets a timer to the longest of these.  Not to be
 * asked for segments delivered, or lost and not sent again.
 */
u32 ttp_rack_remaining(const struct ttp_rack *r, u32 reo_wnd, u64 sent_at,
		       u32 end_seq, u64 now);

/* The retransmission timer fired: is this one lost?  @head: it is the first. */
bool ttp_rack_lost_on_rto(const struct ttp_rack *r, u32 reo_wnd, u64 sent_at,
			  bool head, u64 now);

#endif
