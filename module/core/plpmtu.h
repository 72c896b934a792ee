/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the search for the path MTU by probes (RFC 4821, RFC
 * 8899): no word of a router is needed, only that full segments arrive.
 *
 * An MTU here is what IP has to carry, in bytes; "head" is what of it is no
 * payload.
 */
#ifndef TTP_CORE_PLPMTU_H
#define TTP_CORE_PLPMTU_H

#include "base.h"

#define TTP_PLPMTU_CWND_MIN	11	/* segments; a probe is one that may be lost */
#define TTP_PLPMTU_BEHIND	4	/* segments behind a probe, to tell of its loss */

struct ttp_plpmtu {
	u32	low;		/* arrives */
	u32	high;		/* may arrive */
	u32	probe;		/* under way, 0 none */
	u32	start;		/* the probe is [start, end) */
	u32	end;
	bool	on;		/* low, not what IP says, decides */
	u64	since;		/* us, when the search began */
};

/* @high: what the two hosts could do; @low: what surely passes. */
void ttp_plpmtu_init(struct ttp_plpmtu *p, u32 low, u32 high, bool on, u64 now);

/* IP says that the path carries @mtu; what to use of that. */
u32 ttp_plpmtu_limit(struct ttp_plpmtu *p, u32 mtu);

/**
 * ttp_plpmtu_black_hole - many timeouts in a row: are full segments lost?
 * @base: payload to begin with; @least: payload to go down to
 *
 * The first time falls back to low, further ones to half of it and half again.
 */
void ttp_plpmtu_black_hole(struct ttp_plpmtu *p, u32 base, u32 least, u32 head,
			   u64 now);

struct ttp_plpmtu_view {
	u32	mss;		/* payload of a full segment now */
	u32	head;
	u32	unsent;		/* bytes */
	u32	snd_wnd;	/* bytes, from snd_una */
	u32	usable;		/* of it beyond snd_nxt */
	u32	cwnd;		/* segments */
	u32	in_flight;	/* segments */
	bool	calm;		/* nothing is lost or out of order */
	u32	threshold;	/* a search this narrow is over, bytes */
};

enum ttp_plpmtu_say {
	TTP_PLPMTU_NO,
	TTP_PLPMTU_WAIT,	/* soon: send nothing until the window has room */
	TTP_PLPMTU_PROBE,
};

/* Is it time for a probe?  Then with *@len bytes of payload. */
enum ttp_plpmtu_say ttp_plpmtu_ask(const struct ttp_plpmtu *p,
				   const struct ttp_plpmtu_view *v, u32 *len);

/* The search is over for @interval us: another one, from @low to @high. */
void ttp_plpmtu_renew(struct ttp_plpmtu *p, u32 threshold, u64 interval,
		      u32 low, u32 high, u64 now);

void ttp_plpmtu_sent(struct ttp_plpmtu *p, u32 mtu, u32 start, u32 end);
/* Everything before @snd_una has arrived; true: the probe with it. */
bool ttp_plpmtu_acked(struct ttp_plpmtu *p, u32 snd_una);

/* If something is lost now, is it the probe? */
static inline bool ttp_plpmtu_is_first(const struct ttp_plpmtu *p, u32 snd_una)
{
	return p->probe && p->start == snd_una;
}

/* The probe was lost. */
void ttp_plpmtu_failed(struct ttp_plpmtu *p);

/* Something else was lost too, or was sent again: the probe tells nothing. */
static inline void ttp_plpmtu_void(struct ttp_plpmtu *p)
{
	p->probe = 0;
}

#endif
