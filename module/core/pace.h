/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares pacing: at which rate a window is spread over its round
 * trip, when the next burst may leave, and how large it is.
 */
#ifndef TTP_CORE_PACE_H
#define TTP_CORE_PACE_H

#include "base.h"

#define TTP_PACE_ANY	(~0ULL)		/* bytes a second: no limit */
#define TTP_PACE_FREE	10		/* segments that open a connection unpaced */

struct ttp_pace {
	u64	next;		/* ns, when the next burst may leave */
};

/**
 * ttp_pace_rate - bytes a second that spread @percent of a window over an RTT
 * @cwnd: segments
 * @mss: bytes
 * @srtt: us; 0: unknown
 *
 * TTP_PACE_ANY when the RTT is not known.
 */
u64 ttp_pace_rate(u32 cwnd, u32 mss, u32 srtt, u32 percent);

/*
 * Slow start doubles the window in a round trip, so it has to send twice as
 * fast; near its end, and later, what was measured is nearly true.
 */
bool ttp_pace_in_slow_start(u32 cwnd, u32 ssthresh);

/* True when a burst may leave at @now, us. */
bool ttp_pace_may(const struct ttp_pace *p, u64 now);

/* @bytes left at @now, us.  A sender that was late may catch up a little. */
void ttp_pace_sent(struct ttp_pace *p, u64 now, u32 bytes, u64 rate);

/**
 * ttp_pace_burst - how many bytes to hand over in one piece
 * @rate: bytes a second
 * @min_rtt: us, ~0: unknown
 * @most: bytes that the device takes at once, whole segments
 *
 * A millisecond's worth, so that a burst fits into small buffers on its way; on
 * short paths more, where ACKs come as fast as bursts could.  Two at least, since
 * every second segment is acknowledged.  Whole segments, but may be more than
 * @most when that is less than two.
 */
u32 ttp_pace_burst(u64 rate, u32 min_rtt, u32 mss, u32 most);

#endif
