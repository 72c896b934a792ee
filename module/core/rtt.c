// SPDX-License-Identifier: GPL-2.0
/*
 * This file estimates the round-trip time and the retransmission timeout.
 */
#include "rtt.h"

/* Keeps rto << backoff inside 64 bits; RTO_MAX is reached after 10 doublings. */
#define TTP_BACKOFF_MAX		31
#define TTP_RTO_SYN_REPEATED	(3 * TTP_USEC_PER_SEC)	/* RFC 6298 5.7 */

void ttp_rtt_init(struct ttp_rtt *r)
{
	r->srtt = 0;
	r->rttvar = 0;
	r->min_rtt = ~0u;
	r->rto = TTP_RTO_INIT;
	r->rto_min = TTP_RTO_MIN;
	r->backoff = 0;
}

void ttp_rtt_sample(struct ttp_rtt *r, u32 rtt_us)
{
	u32 rtt = clamp_t(u32, rtt_us, 1, TTP_RTO_MAX);
	u32 old = r->srtt >> 3;
	u64 rto;

	if (!r->srtt) {
		/* RFC 6298 2.2: SRTT = R, RTTVAR = R / 2 */
		r->srtt = rtt << 3;
		r->rttvar = rtt << 1;
	} else {
		/* 2.3: RTTVAR first, with the old SRTT; beta 1/4, alpha 1/8 */
		r->rttvar -= r->rttvar >> 2;
		r->rttvar += old > rtt ? old - rtt : rtt - old;
		r->srtt -= old;
		r->srtt += rtt;
	}
	r->min_rtt = min(r->min_rtt, rtt);
	r->backoff = 0;

	/* RTO = SRTT + 4 * RTTVAR; rttvar holds four times RTTVAR already */
	rto = (r->srtt >> 3) + max_t(u64, r->rttvar, r->rto_min);
	r->rto = min_t(u64, rto, TTP_RTO_MAX);
}

u32 ttp_rtt_rto(const struct ttp_rtt *r)
{
	u64 rto = (u64)r->rto << min_t(u32, r->backoff, TTP_BACKOFF_MAX);

	return clamp_t(u64, rto, r->rto_min, TTP_RTO_MAX);
}

void ttp_rtt_backoff(struct ttp_rtt *r)
{
	if (r->backoff < TTP_BACKOFF_MAX)
		r->backoff++;
}

void ttp_rtt_syn_repeated(struct ttp_rtt *r)
{
	r->rto = TTP_RTO_SYN_REPEATED;
	r->backoff = 0;
}

u64 ttp_rtt_retries_to_us(u32 rto, u32 retries)
{
	u64 step = clamp_t(u64, rto, 1, TTP_RTO_MAX);
	u64 sum = step;

	/* Doubling ends soon; after that the steps are all alike. */
	while (retries && step < TTP_RTO_MAX) {
		step = min_t(u64, step * 2, TTP_RTO_MAX);
		sum += step;
		retries--;
	}
	return sum + retries * TTP_RTO_MAX;
}
