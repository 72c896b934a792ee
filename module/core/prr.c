// SPDX-License-Identifier: GPL-2.0
/*
 * This file is Proportional Rate Reduction (RFC 9937, before that RFC 6937),
 * counted in segments.
 */
#include "prr.h"

void ttp_prr_enter(struct ttp_prr *p, u32 flight)
{
	p->recover_fs = max_t(u32, flight, 1);
	p->delivered = 0;
	p->out = 0;
}

void ttp_prr_sent(struct ttp_prr *p, u32 segs)
{
	p->out += segs;
}

/* RFC 9937 6.2 */
bool ttp_prr_may_arrive(const struct ttp_prr *p)
{
	return p->delivered < p->recover_fs;
}

/* For each delivered segment ssthresh / recover_fs of one may leave. */
static u32 proportional(const struct ttp_prr *p, u32 ssthresh)
{
	u64 share = (u64)p->delivered * ssthresh + p->recover_fs - 1;
	u64 may = div64_u64(share, p->recover_fs);

	return may > p->out ? min_t(u64, may - p->out, ~0u) : 0;
}

/*
 * Losses brought the flight below ssthresh.  Normally no more leaves than
 * arrives (CRB); while recovery succeeds one more, as in slow start (SSRB).
 */
static u32 rebuild(const struct ttp_prr *p, u32 delivered, u32 room, bool safe)
{
	u32 behind = p->delivered - min(p->delivered, p->out);
	u32 may = max(behind, delivered);

	return min(safe ? may + 1 : may, room);
}

u32 ttp_prr_on_ack(struct ttp_prr *p, u32 delivered, u32 in_flight, u32 ssthresh,
		   bool safe)
{
	u32 may;

	p->delivered += delivered;
	if (in_flight > ssthresh)
		may = proportional(p, ssthresh);
	else
		may = rebuild(p, delivered, ssthresh - in_flight, safe);
	/* The first repetition needs no permission. */
	if (!may && (!p->out || !delivered))
		may = 1;
	return in_flight + may;
}
