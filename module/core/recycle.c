// SPDX-License-Identifier: GPL-2.0
/*
 * This file decides what may follow a connection before its 2MSL are over.
 */
#include "recycle.h"
#include "seq.h"

/* Two ticks of the clock in our timestamps. */
#define RECYCLE_LEAST	(2 * TTP_USEC_PER_MSEC)

u64 ttp_recycle_wait(u32 rto, u64 full)
{
	return min_t(u64, max_t(u64, rto * 7ULL / 2, RECYCLE_LEAST), full);
}

static u32 recycle_seconds(u64 now)
{
	return div_u64(now, TTP_USEC_PER_SEC);
}

bool ttp_host_clock_counts(const struct ttp_host_clock *c, u64 now)
{
	return c->known && recycle_seconds(now) - c->at < TTP_RECYCLE_AGE;
}

void ttp_host_clock_note(struct ttp_host_clock *c, const struct ttp_ts *ts,
			 u64 now)
{
	/* What has been seen of another connection may be later. */
	if (ttp_host_clock_counts(c, now) && ttp_before(ts->recent, c->ts))
		return;
	c->ts = ts->recent;
	c->at = ts->recent_at;
	c->known = true;
}

bool ttp_host_clock_refuses(const struct ttp_host_clock *c,
			    const struct ttp_seg *syn, u64 now)
{
	return syn->opts.has_ts && ttp_host_clock_counts(c, now) &&
	       ttp_seq_diff(syn->opts.tsval, c->ts) > TTP_RECYCLE_SLACK;
}

enum ttp_why ttp_past_fault(const struct ttp_past *p, const struct ttp_ts *ts,
			    const struct ttp_seg *syn, u64 now)
{
	if (now >= p->until)
		return TTP_WHY_NONE;
	if (ttp_ts_is_old(ts, syn, now))
		return TTP_WHY_PAWS;
	if (ttp_ts_is_newer(ts, syn) || ttp_after(syn->seq, p->rcv_nxt))
		return TTP_WHY_NONE;
	return TTP_WHY_OLD;
}
