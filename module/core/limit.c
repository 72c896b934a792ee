// SPDX-License-Identifier: GPL-2.0
/*
 * This file limits the answers to segments that should not be there.
 */
#include "limit.h"

bool ttp_limit_too_soon(u32 last, u32 now, u32 gap)
{
	return last && now - last < gap;
}

bool ttp_budget_take(struct ttp_budget *b, u32 second, u32 limit, u32 rnd)
{
	u32 half = limit / 2 + limit % 2;

	if (limit >= TTP_LIMIT_NONE)
		return true;
	if (b->second != second) {
		b->second = second;
		b->left = limit ? half + rnd % limit : 0;
	}
	if (!b->left)
		return false;
	b->left--;
	return true;
}
