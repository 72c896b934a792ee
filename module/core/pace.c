// SPDX-License-Identifier: GPL-2.0
/*
 * This file computes the rate, the gaps and the size of paced bursts.
 */
#include "pace.h"

#define PACE_NSEC_PER_USEC	1000ULL
#define PACE_NSEC_PER_SEC	1000000000ULL
#define PACE_SHIFT		10	/* a burst is a 1/1024 of a second's bytes */
#define PACE_RTT_SHIFT		9	/* halves the bonus every 512 us of RTT */
#define PACE_SEGS_MIN		2
#define PACE_PERCENT_MAX	1000U

u64 ttp_pace_rate(u32 cwnd, u32 mss, u32 srtt, u32 percent)
{
	u64 bytes = (u64)cwnd * mss;

	if (!srtt)
		return TTP_PACE_ANY;
	/* 2^24 segments of 2^16 bytes at 1000 % stay within 64 bits. */
	percent = min(percent, PACE_PERCENT_MAX);
	bytes = min_t(u64, bytes, ~0ULL / (TTP_USEC_PER_SEC / 100) /
				  PACE_PERCENT_MAX);
	return div_u64(bytes * (TTP_USEC_PER_SEC / 100) * percent, srtt);
}

bool ttp_pace_in_slow_start(u32 cwnd, u32 ssthresh)
{
	return cwnd < ssthresh / 2;
}

bool ttp_pace_may(const struct ttp_pace *p, u64 now)
{
	return p->next <= now * PACE_NSEC_PER_USEC;
}

void ttp_pace_sent(struct ttp_pace *p, u64 now, u32 bytes, u64 rate)
{
	u64 now_ns = now * PACE_NSEC_PER_USEC, gap, late;

	if (!rate || rate == TTP_PACE_ANY) {
		p->next = now_ns;
		return;
	}
	gap = div64_u64((u64)bytes * PACE_NSEC_PER_SEC, rate);
	late = now_ns > p->next ? now_ns - p->next : 0;
	/* A timer's delay shall not lower the rate, nor a pause make a burst. */
	p->next = now_ns + gap - min_t(u64, gap / 2, late);
}

u32 ttp_pace_burst(u64 rate, u32 min_rtt, u32 mss, u32 most)
{
	u32 bonus = min_rtt >> PACE_RTT_SHIFT;
	u64 bytes = rate >> PACE_SHIFT;

	if (bonus < 32)
		bytes += most >> bonus;
	if (bytes < most)
		most = max_t(u32, (u32)bytes / mss, PACE_SEGS_MIN) * mss;
	return most;
}
