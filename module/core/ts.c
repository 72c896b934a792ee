// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps the two clocks of a connection with timestamps.
 */
#include "ts.h"
#include "seq.h"

static u32 ts_seconds(u64 now)
{
	return div_u64(now, TTP_USEC_PER_SEC);
}

u32 ttp_ts_val(const struct ttp_ts *ts, u64 now)
{
	return (u32)div_u64(now, TTP_USEC_PER_MSEC) + ts->offset;
}

void ttp_ts_fill(const struct ttp_ts *ts, u64 now, struct ttp_opts *o)
{
	o->has_ts = ts->ok;
	if (!ts->ok)
		return;
	o->tsval = ttp_ts_val(ts, now);
	o->tsecr = ts->has_recent ? ts->recent : 0;
}

static void ts_take(struct ttp_ts *ts, u32 tsval, u64 now)
{
	ts->recent = tsval;
	ts->recent_at = ts_seconds(now);
	ts->has_recent = true;
}

void ttp_ts_on_syn(struct ttp_ts *ts, const struct ttp_opts *o, u64 now)
{
	ts->ok &= o->has_ts;
	if (ts->ok)
		ts_take(ts, o->tsval, now);
}

bool ttp_ts_is_old(const struct ttp_ts *ts, const struct ttp_seg *seg, u64 now)
{
	if (!ts->ok || !ts->has_recent || !seg->opts.has_ts ||
	    (seg->flags & TTP_RST))
		return false;
	return ttp_before(seg->opts.tsval, ts->recent) &&
	       ts_seconds(now) - ts->recent_at < TTP_TS_RECENT_AGE;
}

bool ttp_ts_is_newer(const struct ttp_ts *ts, const struct ttp_seg *seg)
{
	return ts->ok && ts->has_recent && seg->opts.has_ts &&
	       ttp_after(seg->opts.tsval, ts->recent);
}

void ttp_ts_note(struct ttp_ts *ts, const struct ttp_seg *seg,
		 u32 last_ack_sent, u64 now)
{
	if (!ts->ok || !seg->opts.has_ts ||
	    ttp_after(seg->seq, last_ack_sent))
		return;
	/* Not old, or so old that the clock has come round (5.5). */
	if (!ttp_ts_is_old(ts, seg, now))
		ts_take(ts, seg->opts.tsval, now);
}

u32 ttp_ts_rtt(const struct ttp_ts *ts, const struct ttp_opts *o, u64 now)
{
	u32 ms;

	/* 0 is what a peer without anything to echo sends (RFC 7323 3.2). */
	if (!ts->ok || !o->has_ts || !o->tsecr)
		return 0;
	ms = ttp_ts_val(ts, now) - o->tsecr;
	/* An echo from the future, or older than any RTO: not ours. */
	if (ms > 120 * 1000)
		return 0;
	return max_t(u32, ms, 1) * TTP_USEC_PER_MSEC;
}

bool ttp_ts_echo_ok(const struct ttp_ts *ts, const struct ttp_opts *o,
		    u64 since, u64 now)
{
	if (!ts->ok || !o->has_ts || !o->tsecr)
		return true;
	return ttp_between(o->tsecr, ttp_ts_val(ts, since), ttp_ts_val(ts, now));
}
