/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares Proportional Rate Reduction (RFC 9937): how cwnd comes
 * down to ssthresh during recovery, clocked by what is delivered.
 */
#ifndef TTP_CORE_PRR_H
#define TTP_CORE_PRR_H

#include "base.h"

struct ttp_prr {
	u32	recover_fs;	/* segments in flight when it began */
	u32	delivered;	/* of them, and later ones, since then */
	u32	out;		/* sent since then, new or again */
};

/*
 * Congestion control has chosen ssthresh.  @flight: segments that were not
 * delivered before the ACK that started this: packets_out - sacked_out, both
 * after that ACK, plus what it delivered.
 */
void ttp_prr_enter(struct ttp_prr *p, u32 flight);

/**
 * ttp_prr_on_ack - the cwnd for now, in segments
 * @delivered: segments that this ACK delivered; an entry by timer has 0
 * @in_flight: after losses were marked
 * @safe: snd_una advanced and no further loss was found: recovery goes well
 *
 * Not to be asked when nothing was delivered, except when fast recovery begins;
 * never 0 for an empty network.
 */
u32 ttp_prr_on_ack(struct ttp_prr *p, u32 delivered, u32 in_flight, u32 ssthresh,
		   bool safe);

/*
 * Without SACK a duplicate stands for a segment that has arrived, but anybody
 * can make duplicates.  False: of those that were in flight all have arrived.
 */
bool ttp_prr_may_arrive(const struct ttp_prr *p);

/* @segs were sent, new or again. */
void ttp_prr_sent(struct ttp_prr *p, u32 segs);

#endif
