/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares selective acknowledgements as values: what a receiver
 * reports (RFC 2018, RFC 2883), and how much of it a sender believes.
 */
#ifndef TTP_CORE_SACK_H
#define TTP_CORE_SACK_H

#include "base.h"
#include "opts.h"

/* More than a header holds: a block may have to wait for its turn. */
#define TTP_SACK_KEPT	8

/* The receiver's memory.  All zero is empty. */
struct ttp_sack_rx {
	struct ttp_sack_block block[TTP_SACK_KEPT];	/* latest first; they
							 * do not touch
							 */
	struct ttp_sack_block dup;	/* to report once; start == end: none */
	u8	nr;
};

/*
 * A segment [start, end) has come, before it is queued: whatever part of it
 * was there already will be reported as a duplicate.
 */
void ttp_sack_rx_dup(struct ttp_sack_rx *rx, u32 rcv_nxt, u32 start, u32 end);

/*
 * [start, end) was queued behind a hole; better, if the caller knows it, the
 * whole stretch without holes that the segment has become part of.
 */
void ttp_sack_rx_add(struct ttp_sack_rx *rx, u32 start, u32 end);

/* The hole is filled up to @rcv_nxt. */
void ttp_sack_rx_advance(struct ttp_sack_rx *rx, u32 rcv_nxt);

/* The receiver gave up [start, end), which it had queued (RFC 2018 8). */
void ttp_sack_rx_forget(struct ttp_sack_rx *rx, u32 start, u32 end);

/**
 * ttp_sack_rx_report - the blocks of the next ACK
 * @out: room for TTP_SACK_MAX blocks
 *
 * A duplicate goes first, once; then the block that contains it, if it lies
 * behind the hole; then the others, latest first.  The order matters when
 * fewer fit.  Returns their number.
 */
u32 ttp_sack_rx_report(struct ttp_sack_rx *rx, u32 rcv_nxt,
		       struct ttp_sack_block *out);

/* What a sender knows when blocks arrive. */
struct ttp_sack_sent {
	u32	ack;		/* of the segment with the blocks */
	u32	snd_una;	/* once that ACK is applied */
	u32	snd_nxt;
	u32	back;		/* bytes below snd_una that a duplicate may still
				 * tell of: the largest window that the peer
				 * offered, or all that was acknowledged, if less
				 */
};

/* What the blocks say, and the sender can believe. */
struct ttp_sack_news {
	struct ttp_sack_block block[TTP_SACK_MAX];	/* ascending, apart,
							 * above snd_una
							 */
	struct ttp_sack_block dup;	/* arrived twice; valid with dsack */
	bool	dsack;
	u8	nr;
	u8	refused;	/* blocks that cannot be true */
};

void ttp_sack_judge(const struct ttp_sack_block *b, u32 nr,
		    const struct ttp_sack_sent *s, struct ttp_sack_news *news);

#endif
