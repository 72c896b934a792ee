/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file keeps a connection's pending deadlines, so that one kernel timer
 * serves them all.
 */
#ifndef TTP_CORE_DEADLINE_H
#define TTP_CORE_DEADLINE_H

#include "base.h"

enum ttp_timer {
	TTP_TIMER_REXMIT,	/* SYN, data or FIN is unacknowledged */
	TTP_TIMER_REO,		/* then what is missing was not only late: RACK */
	TTP_TIMER_PTO,		/* the peer is too silent: tail loss probe */
	TTP_TIMER_PROBE,	/* the peer's window is closed, data waits */
	TTP_TIMER_DELACK,	/* an ACK is owed */
	TTP_TIMER_KEEP,		/* SO_KEEPALIVE */
	TTP_TIMER_FIN2,		/* an orphan in FIN_WAIT2 */
	TTP_NR_TIMERS
};

struct ttp_deadlines {
	u64	at[TTP_NR_TIMERS];	/* us; 0: not set */
	u64	bound;			/* none comes before; 0: not known */
};

static inline void ttp_deadline_set(struct ttp_deadlines *d, enum ttp_timer t,
				    u64 at)
{
	d->at[t] = at ? at : 1;
	if (d->bound > d->at[t])
		d->bound = d->at[t];
}

static inline void ttp_deadline_clear(struct ttp_deadlines *d, enum ttp_timer t)
{
	d->at[t] = 0;
}

static inline bool ttp_deadline_is_set(const struct ttp_deadlines *d,
				       enum ttp_timer t)
{
	return d->at[t];
}

/* True: none comes before @at.  False: perhaps one does. */
static inline bool ttp_deadline_none_before(const struct ttp_deadlines *d,
					    u64 at)
{
	return d->bound && d->bound >= at;
}

/* The earliest deadline, 0 when none is set. */
u64 ttp_deadline_next(struct ttp_deadlines *d);

/*
 * Bits 1 << t of the deadlines that have passed at @now; they are cleared.
 */
u32 ttp_deadline_expired(struct ttp_deadlines *d, u64 now);

#endif
