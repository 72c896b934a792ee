// SPDX-License-Identifier: GPL-2.0
/*
 * This file finds the urgent byte in sequence space.
 */
#include "urg.h"
#include "seq.h"

#define URG_MAX		0xffffu

u32 ttp_urg_at(const struct ttp_seg *seg, bool std)
{
	return seg->seq + seg->urg - (seg->urg && !std);
}

bool ttp_urg_is_news(const struct ttp_urg *u, u32 at, u32 rcv_nxt,
		     u32 copied_seq)
{
	if (ttp_before(at, copied_seq) || ttp_before(at, rcv_nxt))
		return false;
	return u->state == TTP_URG_NONE || ttp_after(at, u->seq);
}

u32 ttp_urg_run(const struct ttp_urg *u, u32 seq, u32 n, bool oob_inline,
		bool *skip)
{
	u32 off = u->seq - seq;

	*skip = false;
	if (u->state == TTP_URG_NONE || off >= n)
		return n;
	if (off)
		return off;
	*skip = !oob_inline;
	return n - *skip;
}

u32 ttp_urg_readable(const struct ttp_urg *u, u32 copied_seq, u32 n,
		     bool oob_inline)
{
	if (oob_inline || u->state == TTP_URG_NONE)
		return n;
	return min(n, u->seq - copied_seq);
}

bool ttp_urg_pointer(u32 up, u32 seq, u32 snd_nxt, u16 *ptr)
{
	if (!ttp_after(up, seq))
		return false;
	if (up - seq > URG_MAX && !ttp_after(seq + URG_MAX, snd_nxt))
		return false;
	*ptr = min(up - seq, URG_MAX);
	return true;
}
