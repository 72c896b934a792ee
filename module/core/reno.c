// SPDX-License-Identifier: GPL-2.0
/*
 * This file counts duplicate ACKs as if they were SACKs (RFC 6582).
 */
#include "reno.h"

/* RFC 5681 2: one at least is missing, else there were no duplicates. */
static u32 reno_most(u32 packets_out, u32 lost_out)
{
	u32 holes = max_t(u32, lost_out, 1);

	return packets_out - min(packets_out, holes);
}

u32 ttp_reno_dup(u32 *sacked_out, u32 packets_out, u32 lost_out)
{
	if (*sacked_out >= reno_most(packets_out, lost_out))
		return 0;
	++*sacked_out;
	return 1;
}

/* One filled the hole; the others are those that the duplicates stood for. */
u32 ttp_reno_acked(u32 *sacked_out, u32 segs, u32 packets_out, u32 lost_out)
{
	u32 known = segs ? min(*sacked_out, segs - 1) : 0;

	*sacked_out = min(*sacked_out - known, reno_most(packets_out, lost_out));
	return segs - known;
}
