// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the congestion control "reno": the window of RFC 5681 and
 * RFC 6582, one segment more per round trip, half of it after a loss.
 */
#include "cc.h"

/* RFC 5681 (4) */
static u32 newreno_ssthresh(struct ttp_cc *cc, u32 flight)
{
	return max_t(u32, min(cc->cwnd, flight) / 2, TTP_CC_SSTHRESH_MIN);
}

static void newreno_on_ack(struct ttp_cc *cc, const struct ttp_cc_ack *a)
{
	u32 acked = ttp_cc_countable(a);

	if (cc->cwnd < cc->ssthresh)
		acked = ttp_cc_slow_start(cc, acked);
	/* RFC 5681 3.1, by counting: also what slow start had no use for. */
	if (acked)
		ttp_cc_avoid(cc, cc->cwnd, acked);
}

const struct ttp_cc_ops ttp_cc_newreno = {
	.name = "reno",
	.ssthresh = newreno_ssthresh,
	.on_ack = newreno_on_ack,
};
