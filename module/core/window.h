/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the arithmetic of the sliding window: what to advertise,
 * what may be sent, and when a small segment has to wait (RFC 9293 3.8.6).
 */
#ifndef TTP_CORE_WINDOW_H
#define TTP_CORE_WINDOW_H

#include "base.h"

/* Smallest shift with which @space bytes fit the 16-bit field, at most 14. */
u8 ttp_wnd_scale(u32 space);

struct ttp_rwnd {
	u32	space;		/* free receive buffer, bytes */
	u32	full;		/* the whole buffer, bytes */
	u32	mss;		/* the largest segment we expect, bytes */
	u32	rcv_nxt;
	u32	rcv_edge;	/* rightmost edge ever offered */
	u32	said;		/* what is left of the last window, bytes */
	u8	wscale;		/* our shift */
	bool	over;		/* data in order would be refused soon */
};

/**
 * ttp_wnd_advertise - the window to offer now, in bytes from rcv_nxt
 *
 * Never moves the right edge to the left (SHLD-14), also when the buffer is more
 * than full.  Opens it only by at least min(mss, full/2) (receiver's silly-window
 * avoidance, MUST-39), and, as Linux, not while less than a 16th of the buffer is
 * free: who reads a full buffer in bits would have it filled in bits.  A multiple
 * of 1 << wscale (rounded up for an edge that must not shrink, down else), at
 * most 65535 << wscale.
 *
 * Rounded up, the edge goes on with each ACK of less than a unit, so who sends
 * so little at a time never sees the window closed.  Before data in order has to
 * be refused for that (@over) it is rounded down: the field then says less than
 * a unit less than the rightmost edge, which is still taken (RFC 7323 2.4), and
 * closes.  As all is counted from that edge, no ACK takes back more.
 */
u32 ttp_wnd_advertise(const struct ttp_rwnd *w);
/* The same where it is known not to open; needs neither space, full nor mss. */
u32 ttp_wnd_keep(const struct ttp_rwnd *w);

/* The 16-bit field for @wnd bytes, not less; SYN segments pass wscale 0. */
u16 ttp_wnd_field(u32 wnd, u8 wscale);

/* True when reading has opened the window enough to tell the sender now. */
bool ttp_wnd_worth_update(const struct ttp_rwnd *w);

/**
 * ttp_wnd_update_ok - may a segment set the send window? (RFC 9293 3.10.7.4)
 * @wl1: seq of the segment that set it last, @wl2: its ack
 */
bool ttp_wnd_update_ok(u32 wl1, u32 wl2, u32 seq, u32 ack);

/* Bytes that may be sent beyond snd_nxt: 0 when the window shrank past it. */
u32 ttp_wnd_usable(u32 snd_una, u32 snd_wnd, u32 snd_nxt);

struct ttp_plan {
	u32	queued;		/* bytes not sent yet */
	u32	usable;		/* ttp_wnd_usable() */
	u32	cwnd_room;	/* segments that congestion control allows */
	u32	mss;		/* payload of a full segment, bytes, > 0 */
	u32	max_wnd;	/* largest window the peer ever offered, bytes */
	u32	max_burst;	/* most bytes for one skb, >= mss */
	u32	most_out;	/* that window and cwnd allow in flight, bytes */
	bool	ack_due;	/* the next ACK is expected soon */
	bool	nodelay;	/* TCP_NODELAY */
	bool	cork;		/* TCP_CORK or MSG_MORE: more is coming */
	bool	small_out;	/* a less than full segment is unacknowledged */
	bool	fin;		/* the queue ends with FIN: nothing follows */
};

/**
 * ttp_plan_bytes - how many bytes to send in the next burst, 0 for none
 *
 * A burst is a multiple of mss, or the tail of the queue when the sender's
 * silly-window rule and Nagle let it go: all queued data fits in window and
 * cwnd, not corked, and (nodelay, or fin, or no small segment in flight);
 * or at least half of max_wnd can be sent (RFC 9293 3.8.6.2.1).
 * fin overrides cork.  Result <= min(queued, usable, cwnd_room * mss, max_burst).
 */
u32 ttp_plan_bytes(const struct ttp_plan *p);

/**
 * ttp_plan_waits - is it better to let @bytes of ttp_plan_bytes() wait?
 *
 * One pass through the stack carries many segments, but each ACK lets out few:
 * who sends them at once gets as few by the next.  While the next ACK is due,
 * less than a third of what may be in flight waits for it, unless it is a whole
 * burst or ends the queue.  Two thirds are on their way then, so an ACK comes.
 */
bool ttp_plan_waits(const struct ttp_plan *p, u32 bytes);

#endif
