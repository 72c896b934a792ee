/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how long a passive open waits for its final ACK, and how
 * TCP_DEFER_ACCEPT makes it wait for data instead.
 */
#ifndef TTP_CORE_SYNACK_H
#define TTP_CORE_SYNACK_H

#include "base.h"
#include "seg.h"

struct ttp_synack {
	u32	tries;		/* timeouts so far */
	u32	most;		/* synack_retries */
	u32	defer;		/* TCP_DEFER_ACCEPT, timeouts; 0: off */
	bool	acked;		/* the peer has the SYN+ACK */
};

enum ttp_synack_step {
	TTP_SYNACK_SEND,	/* repeat the SYN+ACK */
	TTP_SYNACK_WAIT,	/* the peer has it; only its data is missing */
	TTP_SYNACK_GIVE_UP,
};

/**
 * ttp_synack_expired - another timeout has passed
 *
 * Who has acknowledged is not given up before the deferral ends, and hears
 * nothing until then.  The timeout before the last sends the SYN+ACK again: the
 * ACK that answers it opens the connection, with data or without.
 */
enum ttp_synack_step ttp_synack_expired(const struct ttp_synack *s);

/* An ACK without anything else that has to wait for data. @irs: the peer's. */
bool ttp_synack_defers(const struct ttp_synack *s, const struct ttp_seg *seg,
		       u32 irs);

/*
 * TCP_DEFER_ACCEPT counts in seconds, the request in timeouts of 1, 2, 4 ... s
 * (at most TTP_RTO_MAX each): rounded up to a whole number of them, at most 255.
 */
u8 ttp_defer_from_secs(int secs);
u32 ttp_defer_to_secs(u8 timeouts);

#endif
