/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the states of loss recovery, what moves between them, and
 * whether a reduction of the window turned out to be a mistake.
 */
#ifndef TTP_CORE_RECOVERY_H
#define TTP_CORE_RECOVERY_H

#include "base.h"

enum ttp_rec_state {		/* the numbers of tcpi_ca_state */
	TTP_REC_OPEN,		/* nothing suspicious */
	TTP_REC_DISORDER,	/* duplicates or SACKs, no loss so far */
	TTP_REC_CWR,		/* the network asked for less, nothing lost */
	TTP_REC_RECOVERY,	/* repairing losses, cwnd by PRR */
	TTP_REC_LOSS,		/* after a timeout, slow start */
};

enum ttp_frto {			/* RFC 5682 */
	TTP_FRTO_OFF,
	TTP_FRTO_WAIT,		/* step 2: for the ACK of the repetition */
	TTP_FRTO_SENT,		/* step 3: new data went out instead of lost */
};

struct ttp_recovery {
	u32	high_seq;	/* snd_nxt when the state was entered: its end;
				 * follows snd_una once that is beyond it
				 */
	u32	prior_cwnd;	/* before the episode, for undoing; */
	u32	prior_ssthresh;	/* valid with may_undo */
	u32	retrans_ts;	/* tsval of the first repetition, if stamped */
	u32	rtx_start;	/* what was repeated since entry lies in here; */
	u32	rtx_end;	/* valid with repeated */
	u32	dupthresh;	/* duplicates that mean a loss, without SACK */
	u32	undo_left;	/* repeated segments not reported as duplicates */
	u8	state;		/* enum ttp_rec_state */
	u8	frto;		/* enum ttp_frto */
	bool	may_undo;
	bool	repeated;	/* something was sent again since entry */
	bool	stamped;
	bool	eifel;		/* no repetition is acknowledged so far */
	bool	by_timeout;	/* the episode was, or began as, LOSS */
};

/* What the caller has to do; bits. */
#define TTP_REACT_REDUCE	1	/* let congestion control set ssthresh;
					 * then ttp_prr_enter(), but for a timeout
					 */
#define TTP_REACT_ENTERED	2	/* fast recovery has begun */
#define TTP_REACT_DONE		4	/* recovered; cwnd = ssthresh unless it was
					 * a timeout's
					 */
#define TTP_REACT_UNDO		8	/* spurious: ttp_recovery_undo(), and no
					 * segment counts as lost any more
					 */
#define TTP_REACT_REORDERED	16	/* with UNDO: ttp_rack_on_undo() */
#define TTP_REACT_HEAD_LOST	32	/* the first segment is lost (no SACK) */
#define TTP_REACT_SEND_NEW	64	/* F-RTO: up to two new segments now, and
					 * nothing again
					 */
#define TTP_REACT_REPAIRED	128	/* with DONE: what is over repaired losses;
					 * ttp_rack_on_exit()
					 */

void ttp_recovery_init(struct ttp_recovery *r, u32 iss);

/* In fast recovery or after a timeout, as RACK and TLP ask. */
static inline bool ttp_recovery_active(const struct ttp_recovery *r)
{
	return r->state >= TTP_REC_RECOVERY;
}

/* PRR sets cwnd: it does not grow. */
static inline bool ttp_recovery_reducing(const struct ttp_recovery *r)
{
	return r->state == TTP_REC_CWR || r->state == TTP_REC_RECOVERY;
}

/* Lost segments wait while F-RTO listens. */
static inline bool ttp_recovery_may_repeat(const struct ttp_recovery *r)
{
	return r->frto != TTP_FRTO_SENT;
}

/* One ACK: its segments are marked and counted, new losses are not yet. */
struct ttp_rec_ack {
	u32	snd_una;	/* after the ACK */
	u32	sacked_out;
	u32	lost_out;
	u32	tsecr;		/* valid with has_ts */
	bool	has_ts;
	bool	sack_ok;	/* the connection uses SACK */
	bool	advanced;	/* snd_una moved */
	bool	dup;		/* a duplicate ACK (RFC 5681 2) */
	/* Among the segments that this ACK, or its SACKs, delivered: */
	bool	orig;		/* one from below high_seq, sent only once */
	bool	again;		/* one that was sent again */
	bool	beyond;		/* one from beyond high_seq */
	bool	can_send_new;	/* data is queued and the window has room */
};

/*
 * First: does the ACK end an episode, or show that it should not have been?
 * The caller asks before it marks losses, since undoing forgets them.
 */
u32 ttp_recovery_on_ack(struct ttp_recovery *r, const struct ttp_rec_ack *a);

/* How things are when a loss, a mark or a timeout asks for a reduction. */
struct ttp_rec_event {
	u32	snd_una;
	u32	snd_nxt;
	u32	cwnd;		/* before it */
	u32	ssthresh;
	u32	sacked_out;
	u32	lost_out;
	u32	retrans_out;
	bool	probe_lost;	/* what is lost is a probe of the path MTU */
	bool	lost_retrans;	/* among the newly lost: one sent again */
	bool	sack_ok;
};

/*
 * Second, after losses were marked, by ACK or by timer: does fast recovery
 * begin?
 */
u32 ttp_recovery_on_losses(struct ttp_recovery *r, const struct ttp_rec_event *e);

/* ECE came (RFC 3168 6.1.2). */
u32 ttp_recovery_on_congestion(struct ttp_recovery *r,
			       const struct ttp_rec_event *e);

/*
 * A loss probe repaired a loss (RFC 8985 7.4.2): a recovery that was over
 * before it was noticed.  The caller reduces, and has done.
 */
u32 ttp_recovery_on_repaired(struct ttp_recovery *r);

/*
 * What was too large for the path is lost, and not for congestion: it is
 * repeated without a reduction.  @e: before anything is marked lost.
 */
void ttp_recovery_on_mtu(struct ttp_recovery *r, const struct ttp_rec_event *e);

/**
 * ttp_recovery_on_rto - the retransmission timer fired
 * @e: before anything is marked lost
 * @again: nothing was acknowledged since the last time
 *
 * The caller then marks losses, sets cwnd to what is left in flight plus one,
 * and sends the first segment.
 */
u32 ttp_recovery_on_rto(struct ttp_recovery *r, const struct ttp_rec_event *e,
			bool again);

/*
 * [start, end), @segs segments, was sent again with @tsval.  @first: nothing
 * sent again was in flight.
 */
void ttp_recovery_on_retrans(struct ttp_recovery *r, u32 start, u32 end, u32 segs,
			     u32 tsval, bool first);

/* A D-SACK, @segs segments long; before ttp_recovery_on_ack(). */
void ttp_recovery_on_dsack(struct ttp_recovery *r, u32 start, u32 end, u32 segs);

/* Take the reduction back. */
void ttp_recovery_undo(struct ttp_recovery *r, u32 *cwnd, u32 *ssthresh);

/**
 * ttp_recovery_rto_at - when the retransmission timer shall fire (RFC 7765)
 * @oldest: when the first unacknowledged segment was sent
 * @segs: segments in flight or queued
 *
 * To be asked when an ACK advances, and when the first segment is repeated: the
 * repetition has as much time as the original had.  Too few segments for three
 * duplicates: the timeout counts from the sending, not from the ACK.
 */
u64 ttp_recovery_rto_at(u64 now, u32 rto, u64 oldest, u32 segs);

#endif
