/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the counting of a connection without SACK: a duplicate
 * ACK stands for a segment SACKed somewhere, so that recovery need not care.
 */
#ifndef TTP_CORE_RENO_H
#define TTP_CORE_RENO_H

#include "base.h"

/*
 * A duplicate ACK came.  Changes @sacked_out, and returns the segments
 * delivered: 0 when there are more duplicates than segments in flight.
 */
u32 ttp_reno_dup(u32 *sacked_out, u32 packets_out, u32 lost_out);

/*
 * @segs segments were acknowledged; the others count without them.  Changes
 * @sacked_out, and returns the segments delivered and not counted before.
 */
u32 ttp_reno_acked(u32 *sacked_out, u32 segs, u32 packets_out, u32 lost_out);

#endif
