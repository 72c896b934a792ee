/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares HyStart++ (RFC 9406): leaving the first slow start when
 * round trips grow longer, before a queue overflows.
 */
#ifndef TTP_CORE_HYSTART_H
#define TTP_CORE_HYSTART_H

#include "base.h"

enum ttp_hystart_phase {
	TTP_HYSTART_NEW,	/* no ACK yet */
	TTP_HYSTART_SS,		/* standard slow start */
	TTP_HYSTART_CSS,	/* conservative slow start, a quarter as fast */
	TTP_HYSTART_DONE,	/* for this connection */
};

struct ttp_hystart {
	u32	window_end;	/* the round ends when this is acknowledged */
	u32	last_min;	/* least RTT of the round before, us */
	u32	curr_min;	/* of this round so far; ~0: none */
	u32	baseline;	/* curr_min at the entry into CSS */
	u32	css_cnt;	/* quarters of a segment not yet granted */
	u8	samples;	/* of this round, counted up to 8 */
	u8	css_rounds;	/* that CSS still has */
	u8	phase;		/* enum ttp_hystart_phase */
};

/*
 * One ACK in the first slow start: @acked segments would be added to cwnd.
 * Returns how many may be; when the phase is DONE afterwards, slow start is
 * over and ssthresh is what cwnd is then.
 */
u32 ttp_hystart_on_ack(struct ttp_hystart *h, u32 snd_una, u32 snd_nxt,
		       u32 rtt_us, u32 acked);

#endif
