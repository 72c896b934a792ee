// SPDX-License-Identifier: GPL-2.0
/*
 * This file computes how much of the user's timeout is left.
 */
#include "patience.h"

bool ttp_patience_over(u64 since, u64 now, u32 ms)
{
	return ms && since && now - since >= ms * TTP_USEC_PER_MSEC;
}

u64 ttp_patience_wait(u64 since, u64 now, u32 ms, u64 wait)
{
	u64 end = since + ms * TTP_USEC_PER_MSEC;

	if (!ms || !since || now + wait <= end)
		return wait;
	return end > now + TTP_USEC_PER_MSEC ? end - now : TTP_USEC_PER_MSEC;
}
