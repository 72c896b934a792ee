/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the timestamps of one connection (RFC 7323): our clock,
 * the peer's, protection against wrapped sequence numbers, and a round trip.
 */
#ifndef TTP_CORE_TS_H
#define TTP_CORE_TS_H

#include "base.h"
#include "seg.h"

/* TS.Recent means nothing after so long (RFC 7323 5.5), s. */
#define TTP_TS_RECENT_AGE	(24 * 24 * 3600)

struct ttp_ts {
	u32	recent;		/* TS.Recent: the peer's clock, to be echoed */
	u32	recent_at;	/* s, when that was taken */
	u32	offset;		/* ms, added to our clock (RFC 7323 5.4) */
	bool	ok;		/* both ends offered the option */
	bool	has_recent;
};

/* TSval for a segment that leaves @now (us): milliseconds, with the offset. */
u32 ttp_ts_val(const struct ttp_ts *ts, u64 now);

/* Put the option in @o; on a first SYN nothing is there to echo, TSecr is 0. */
void ttp_ts_fill(const struct ttp_ts *ts, u64 now, struct ttp_opts *o);

/* The peer's SYN or SYN+ACK: does it know timestamps, and what time is it? */
void ttp_ts_on_syn(struct ttp_ts *ts, const struct ttp_opts *o, u64 now);

/**
 * ttp_ts_is_old - PAWS (RFC 7323 5.3 R1)
 *
 * True when the segment's TSval is before TS.Recent, which is valid: it is
 * from another time.  RST is exempt; so is a segment without the option, as
 * in Linux: a middlebox that strips it would end every connection.
 */
bool ttp_ts_is_old(const struct ttp_ts *ts, const struct ttp_seg *seg, u64 now);

/* The segment's TSval is after TS.Recent (RFC 6191 2). */
bool ttp_ts_is_newer(const struct ttp_ts *ts, const struct ttp_seg *seg);

/**
 * ttp_ts_note - keep the TSval of an acceptable segment (RFC 7323 4.3 (2))
 * @last_ack_sent: the last acknowledgement number that was sent
 */
void ttp_ts_note(struct ttp_ts *ts, const struct ttp_seg *seg,
		 u32 last_ack_sent, u64 now);

/* The round trip that an echo tells, us, at least 1000; 0: it tells none. */
u32 ttp_ts_rtt(const struct ttp_ts *ts, const struct ttp_opts *o, u64 now);

/* Is TSecr a time between @since (us) and @now?  For the answer to a SYN. */
bool ttp_ts_echo_ok(const struct ttp_ts *ts, const struct ttp_opts *o,
		    u64 since, u64 now);

#endif
