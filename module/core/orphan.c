// SPDX-License-Identifier: GPL-2.0
/*
 * This file decides which connections without an owner have to go.
 */
#include "orphan.h"

bool ttp_orphan_excess(const struct ttp_orphans *o)
{
	u64 weight = o->count;

	if (o->idle > TTP_ORPHAN_IDLE)
		weight *= 2;
	if (o->suspect)
		weight *= 2;
	return o->memory || weight > o->most;
}
