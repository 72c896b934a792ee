// SPDX-License-Identifier: GPL-2.0
/*
 * This file finds the deadline that comes next and those that have passed.
 */
#include "deadline.h"

u64 ttp_deadline_next(struct ttp_deadlines *d)
{
	u64 first = 0;
	u32 t;

	for (t = 0; t < TTP_NR_TIMERS; t++) {
		if (d->at[t] && (!first || d->at[t] < first))
			first = d->at[t];
	}
	d->bound = first ? first : ~0ULL;
	return first;
}

u32 ttp_deadline_expired(struct ttp_deadlines *d, u64 now)
{
	u32 bits = 0;
	u32 t;

	for (t = 0; t < TTP_NR_TIMERS; t++) {
		if (d->at[t] && d->at[t] <= now) {
			d->at[t] = 0;
			bits |= 1u << t;
		}
	}
	return bits;
}
