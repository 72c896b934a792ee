// SPDX-License-Identifier: GPL-2.0
/*
 * This file decides when a socket asks its namespace for memory.
 */
#include "quota.h"

static u32 pages_of(u64 bytes, u32 page_shift)
{
	return (bytes + (1U << page_shift) - 1) >> page_shift;
}

enum ttp_quota_state ttp_quota_state(u64 pages, const unsigned long *limit)
{
	if (pages > limit[2])
		return TTP_QUOTA_OVER;
	if (pages > limit[1])
		return TTP_QUOTA_TIGHT;
	return pages > limit[0] ? TTP_QUOTA_AS_BEFORE : TTP_QUOTA_FREE;
}

/* An eighth ahead: the busier a socket is, the fewer of its segments ask. */
u32 ttp_quota_take(u64 used, u32 page_shift)
{
	u32 pages = pages_of(used, page_shift);

	return pages + pages / 8;
}

/* A page stays with a socket that holds nothing: it will talk again. */
u32 ttp_quota_keep(u64 used, u32 page_shift)
{
	u32 pages = pages_of(used, page_shift);

	return pages + pages / 4 + 1;
}
