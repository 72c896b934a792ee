// SPDX-License-Identifier: GPL-2.0
/*
 * This file computes windows and the length of the next burst.
 */
#include "window.h"
#include "opts.h"
#include "seq.h"

/* With less than this part of it free, a buffer is full, as for Linux. */
#define WND_NEARLY_FULL		16

u8 ttp_wnd_scale(u32 space)
{
	u8 shift = 0;

	while (shift < TTP_WSCALE_MAX && space >> shift > 65535)
		shift++;
	return shift;
}

/* Bytes that the peer has been allowed to send and has not sent yet. */
static u32 wnd_offered(const struct ttp_rwnd *w)
{
	return ttp_after(w->rcv_edge, w->rcv_nxt) ? w->rcv_edge - w->rcv_nxt : 0;
}

static u32 wnd_max(const struct ttp_rwnd *w)
{
	return 65535u << w->wscale;
}

/*
 * The window that the free space allows, when it is larger than what was
 * offered by enough to say so (RFC 9293 3.8.6.2.2); otherwise 0.  A buffer that
 * is smaller than the unit of the field would never be offered: then a unit.
 */
static u32 wnd_opened(const struct ttp_rwnd *w)
{
	u32 grain = 1u << w->wscale;
	u32 wnd = min(w->space, wnd_max(w)) & ~(grain - 1);
	u32 least = min(w->mss, w->full / 2);
	u32 offered = wnd_offered(w);

	/* Who drains a full buffer in bits shall not get it filled in bits. */
	if (w->space < w->full / WND_NEARLY_FULL)
		return 0;
	if (!wnd && w->full < grain && w->space >= max(least, 1u))
		wnd = grain;
	if (wnd <= offered || wnd - offered < least)
		return 0;
	return wnd;
}

u32 ttp_wnd_keep(const struct ttp_rwnd *w)
{
	u32 wnd = min(wnd_offered(w), wnd_max(w)), grain = 1u << w->wscale;

	/* The field cannot say less than a grain, and less would shrink it. */
	return (wnd + (w->over ? 0 : grain - 1)) & ~(grain - 1);
}

u32 ttp_wnd_advertise(const struct ttp_rwnd *w)
{
	return wnd_opened(w) ?: ttp_wnd_keep(w);
}

u16 ttp_wnd_field(u32 wnd, u8 wscale)
{
	u32 grain = 1u << wscale;

	return min_t(u32, (wnd >> wscale) + !!(wnd & (grain - 1)), 65535);
}

bool ttp_wnd_worth_update(const struct ttp_rwnd *w)
{
	u32 wnd = wnd_opened(w);

	/* Closed short of the edge, for lack of room that is there now. */
	if (!w->said && wnd_offered(w) && !w->over)
		return true;
	/* Doubled: an update for every segment read would double the ACKs. */
	return wnd && wnd / 2 >= wnd_offered(w);
}

bool ttp_wnd_update_ok(u32 wl1, u32 wl2, u32 seq, u32 ack)
{
	return ttp_before(wl1, seq) || (wl1 == seq && ttp_before_eq(wl2, ack));
}

u32 ttp_wnd_usable(u32 snd_una, u32 snd_wnd, u32 snd_nxt)
{
	u32 edge = snd_una + snd_wnd;

	return ttp_after(edge, snd_nxt) ? edge - snd_nxt : 0;
}

/* May a burst end with a less than full segment, the last of the queue? */
static bool tail_may_go(const struct ttp_plan *p)
{
	if (p->fin)
		return true;
	return !p->cork && (p->nodelay || !p->small_out);
}

u32 ttp_plan_bytes(const struct ttp_plan *p)
{
	u64 room = (u64)p->cwnd_room * p->mss;
	u32 most = min_t(u64, min(min(p->queued, p->usable), p->max_burst), room);
	u32 full = most - most % p->mss;

	if (most == p->queued && tail_may_go(p))
		return most;
	if (full)
		return full;
	/* A peer with a tiny buffer would wait for a full segment for ever. */
	return most >= p->max_wnd - p->max_wnd / 2 ? most : 0;
}

bool ttp_plan_waits(const struct ttp_plan *p, u32 bytes)
{
	return p->ack_due && bytes < p->queued &&
	       bytes <= p->max_burst - p->mss && bytes < p->most_out / 3;
}
