/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how a namespace's memory is shared out: a socket takes
 * pages ahead of its need and gives them back late, so that the common count
 * is rarely touched.
 */
#ifndef TTP_CORE_QUOTA_H
#define TTP_CORE_QUOTA_H

#include "base.h"

enum ttp_quota_state {
	TTP_QUOTA_FREE,		/* no shortage */
	TTP_QUOTA_AS_BEFORE,	/* between the limits: what was, stays */
	TTP_QUOTA_TIGHT,	/* be modest */
	TTP_QUOTA_OVER,		/* nothing more */
};

/* What @pages in use mean; @limit: min, pressure, max. */
enum ttp_quota_state ttp_quota_state(u64 pages, const unsigned long *limit);

/* Pages to hold for @used bytes: what to take when more are needed. */
u32 ttp_quota_take(u64 used, u32 page_shift);

/* Pages to hold for @used bytes at most: what is more goes back. */
u32 ttp_quota_keep(u64 used, u32 page_shift);

#endif
