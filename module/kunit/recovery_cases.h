/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file makes connections in trouble for the tests of core/recovery.c.
 */
#ifndef TTP_KUNIT_RECOVERY_CASES_H
#define TTP_KUNIT_RECOVERY_CASES_H

#include "../core/recovery.h"

#define ISS	0xfffffe00u	/* 512 before the wrap: it happens in flight */
#define UNA	(ISS + 1)
#define NXT	(UNA + 1000)	/* ten segments of 100 */

/* Ten segments in flight, all well. */
static inline struct ttp_recovery ten_out(void)
{
	struct ttp_recovery r;

	ttp_recovery_init(&r, ISS);
	return r;
}

static inline struct ttp_rec_event event(bool sack)
{
	return (struct ttp_rec_event){
		.snd_una = UNA, .snd_nxt = NXT, .cwnd = 10, .ssthresh = 77,
		.sacked_out = 3, .lost_out = sack, .sack_ok = sack,
	};
}

/* Fast recovery, nothing repeated yet. */
static inline struct ttp_recovery recovering(bool sack)
{
	struct ttp_recovery r = ten_out();
	struct ttp_rec_event e = event(sack);

	ttp_recovery_on_losses(&r, &e);
	return r;
}

/* After a timeout, its segment sent again with timestamp 50. */
static inline struct ttp_recovery timed_out(bool sack)
{
	struct ttp_recovery r = ten_out();
	struct ttp_rec_event e = event(sack);

	ttp_recovery_on_rto(&r, &e, false);
	ttp_recovery_on_retrans(&r, UNA, UNA + 100, 1, 50, true);
	return r;
}

#endif
