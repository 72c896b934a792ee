// SPDX-License-Identifier: GPL-2.0
/*
 * This file decides when a SYN+ACK is repeated, and what final ACK is enough.
 */
#include "synack.h"
#include "rtt.h"

enum ttp_synack_step ttp_synack_expired(const struct ttp_synack *s)
{
	bool held = s->defer && s->acked;

	if (s->tries >= s->most && !(held && s->tries < s->defer))
		return TTP_SYNACK_GIVE_UP;
	return held && s->tries + 1 < s->defer ? TTP_SYNACK_WAIT :
						 TTP_SYNACK_SEND;
}

bool ttp_synack_defers(const struct ttp_synack *s, const struct ttp_seg *seg,
		       u32 irs)
{
	return s->tries < s->defer && ttp_seg_end(seg) == irs + 1;
}

/* What the timeout with this number takes, s. */
static u32 synack_timeout(u32 nr)
{
	u64 us = TTP_RTO_INIT << min(nr, 16U);

	return div_u64(min_t(u64, us, TTP_RTO_MAX), TTP_USEC_PER_SEC);
}

u8 ttp_defer_from_secs(int secs)
{
	int period = 0;
	u32 n = 0;

	while (n < 255 && period < secs)
		period += synack_timeout(n++);
	return n;
}

u32 ttp_defer_to_secs(u8 timeouts)
{
	u32 period = 0, n;

	for (n = 0; n < timeouts; n++)
		period += synack_timeout(n);
	return period;
}
