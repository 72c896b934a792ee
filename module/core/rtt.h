/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the round-trip estimator and the retransmission timeout
 * of RFC 6298, with Linux's bounds.
 */
#ifndef TTP_CORE_RTT_H
#define TTP_CORE_RTT_H

#include "base.h"

#define TTP_RTO_INIT	(1 * TTP_USEC_PER_SEC)		/* RFC 6298 2.1 */
#define TTP_RTO_MIN	(200 * TTP_USEC_PER_MSEC)	/* as Linux; RFC: 1 s */
#define TTP_RTO_MAX	(120 * TTP_USEC_PER_SEC)	/* as Linux; RFC: >= 60 s */

struct ttp_rtt {
	u32	srtt;		/* smoothed RTT, us << 3; 0 before a sample */
	u32	rttvar;		/* variation, us << 2 */
	u32	min_rtt;	/* us; ~0 before a sample */
	u32	rto;		/* us, without backoff */
	u32	rto_min;	/* us, at most TTP_RTO_MAX */
	u8	backoff;	/* doublings in force */
};

/* With TTP_RTO_MIN; the caller may then set another rto_min. */
void ttp_rtt_init(struct ttp_rtt *r);

/*
 * Take one measurement in us (0 counts as 1).  The caller obeys Karn: never a
 * segment that was sent twice.  Ends the backoff (RFC 6298 5.7).  The variance
 * term of the RTO is never less than rto_min, as in Linux.
 */
void ttp_rtt_sample(struct ttp_rtt *r, u32 rtt_us);

/* The timeout now, backoff included, within [rto_min, TTP_RTO_MAX], us. */
u32 ttp_rtt_rto(const struct ttp_rtt *r);

/* The timer fired: double (RFC 6298 5.5). */
void ttp_rtt_backoff(struct ttp_rtt *r);

/*
 * The handshake is done, but a SYN had to be repeated: there is no sample, and
 * 1 s was too short for the path (RFC 6298 5.7).
 */
void ttp_rtt_syn_repeated(struct ttp_rtt *r);

/*
 * Time in us from the first transmission until the timer fires after @retries
 * retransmissions, when timeouts start at @rto us and double up to TTP_RTO_MAX:
 * the meaning of retries2 (200 ms and 15: 924.6 s, as Linux documents).
 */
u64 ttp_rtt_retries_to_us(u32 rto, u32 retries);

#endif
