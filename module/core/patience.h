/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how TCP_USER_TIMEOUT (RFC 5482) bounds a wait.
 */
#ifndef TTP_CORE_PATIENCE_H
#define TTP_CORE_PATIENCE_H

#include "base.h"

/* Has it taken so long since @since (us; 0: has not begun)?  @ms 0: no limit. */
bool ttp_patience_over(u64 since, u64 now, u32 ms);

/*
 * How long a timer may run that would run for @wait us: it must not oversleep
 * the end.  At least a millisecond.
 */
u64 ttp_patience_wait(u64 since, u64 now, u32 ms, u64 wait);

#endif
