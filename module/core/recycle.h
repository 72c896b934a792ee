/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what net.ttp.tw_recycle may spare of TIME_WAIT, and what
 * has to be remembered instead.
 */
#ifndef TTP_CORE_RECYCLE_H
#define TTP_CORE_RECYCLE_H

#include "base.h"
#include "seg.h"
#include "ts.h"
#include "verdict.h"

enum ttp_recycle {
	TTP_RECYCLE_OFF,
	TTP_RECYCLE_HOSTS,	/* forget the connection, remember the host */
	TTP_RECYCLE_TUPLES,	/* forget nothing, but give way early */
};

/* A host's clock is remembered for so long, s: Linux's TCP_PAWS_MSL. */
#define TTP_RECYCLE_AGE		60
/* So far back it may go, in its own ticks: Linux's TCP_PAWS_WINDOW. */
#define TTP_RECYCLE_SLACK	1

/**
 * ttp_recycle_wait - how long a TIME_WAIT entry is needed in any case, us
 * @rto: of the connection that has ended, us
 * @full: net.ttp.tw_timeout, us; never longer
 *
 * 3.5 timeouts: a FIN whose ACK was lost has been repeated twice by then.  Our
 * own clock of milliseconds moves on in that time, whatever rto_min_us says.
 */
u64 ttp_recycle_wait(u32 rto, u64 full);

/* The clock of a host, as far as connections with timestamps have shown it. */
struct ttp_host_clock {
	u32	ts;		/* the last TSval */
	u32	at;		/* s, when that was */
	bool	known;
};

/* Is it known, and not too long ago? */
bool ttp_host_clock_counts(const struct ttp_host_clock *c, u64 now);

/* A connection of the host has ended with this; the clock never goes back. */
void ttp_host_clock_note(struct ttp_host_clock *c, const struct ttp_ts *ts,
			 u64 now);

/* Is this SYN from before?  Not if it has no timestamp. */
bool ttp_host_clock_refuses(const struct ttp_host_clock *c,
			    const struct ttp_seg *syn, u64 now);

/* What connect() must not forget of the connection whose tuple it took. */
struct ttp_past {
	u64	until;		/* us, the end of its 2MSL; 0: there was none */
	u32	rcv_nxt;	/* past its peer's FIN */
};

/**
 * ttp_past_fault - what is wrong with a SYN or SYN+ACK over an old connection
 * @ts: with TS.Recent of the old one
 *
 * Until its 2MSL are over, it takes what would end TIME_WAIT from the other
 * side: a later timestamp, or none that is older and a sequence number beyond
 * all that was used (RFC 6191 2, RFC 1122 4.2.2.13).
 */
enum ttp_why ttp_past_fault(const struct ttp_past *p, const struct ttp_ts *ts,
			    const struct ttp_seg *syn, u64 now);

#endif
