// SPDX-License-Identifier: GPL-2.0
/*
 * This file lists the congestion controls and does what they have in common:
 * slow start, additive increase, and the bookkeeping around a loss.
 */
#include "cc.h"

/* The first one is the default. */
static const struct ttp_cc_ops * const cc_all[] = {
	&ttp_cc_cubic, &ttp_cc_newreno, &ttp_cc_bbr,
};

const struct ttp_cc_ops *ttp_cc_nth(u32 i)
{
	return i < ARRAY_SIZE(cc_all) ? cc_all[i] : NULL;
}

const struct ttp_cc_ops *ttp_cc_find(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cc_all); i++)
		if (!strcmp(cc_all[i]->name, name))
			return cc_all[i];
	return NULL;
}

void ttp_cc_init(struct ttp_cc *cc, const struct ttp_cc_ops *ops, u64 now)
{
	cc->cwnd_init = TTP_CC_CWND_INIT;
	cc->cwnd = cc->cwnd_init;
	cc->ssthresh = ~0u;
	ttp_cc_switch(cc, ops, now);
}

void ttp_cc_switch(struct ttp_cc *cc, const struct ttp_cc_ops *ops, u64 now)
{
	cc->cwnd_cnt = 0;
	cc->prior_cwnd = cc->cwnd;
	cc->prior_ssthresh = cc->ssthresh;
	cc->pacing_rate = 0;
	cc->ops = ops;
	memset(cc->priv, 0, sizeof(cc->priv));
	if (ops->init)
		ops->init(cc, now);
}

static void cc_event(struct ttp_cc *cc, enum ttp_cc_event ev, u64 now)
{
	if (cc->ops->on_event)
		cc->ops->on_event(cc, ev, now);
}

void ttp_cc_acked(struct ttp_cc *cc, const struct ttp_cc_ack *a)
{
	/* Whatever recovery made of it: controls divide by it. */
	cc->cwnd = max_t(u32, cc->cwnd, 1);
	if (cc->ops->control)
		cc->ops->control(cc, a);
	else if (!a->in_recovery)
		cc->ops->on_ack(cc, a);
}

static void cc_reduce(struct ttp_cc *cc, u32 flight)
{
	cc->prior_cwnd = cc->cwnd;
	cc->prior_ssthresh = cc->ssthresh;
	cc->ssthresh = max_t(u32, cc->ops->ssthresh(cc, flight),
			     TTP_CC_SSTHRESH_MIN);
}

void ttp_cc_enter_recovery(struct ttp_cc *cc, u32 flight, u64 now)
{
	cc_reduce(cc, flight);
	cc->cwnd_cnt = 0;
	cc_event(cc, TTP_CC_RECOVERY, now);
}

void ttp_cc_enter_loss(struct ttp_cc *cc, u32 flight, u32 in_flight,
		       bool first, u64 now)
{
	if (first)
		cc_reduce(cc, flight);
	/* RFC 5681 3.1: room for one, beside what is still on its way. */
	cc->cwnd = min(in_flight, TTP_CC_CWND_MAX - 1) + 1;
	cc->cwnd_cnt = 0;
	cc_event(cc, TTP_CC_LOSS, now);
}

void ttp_cc_leave(struct ttp_cc *cc, u64 now)
{
	cc_event(cc, TTP_CC_OPEN, now);
}

void ttp_cc_undo(struct ttp_cc *cc, u64 now)
{
	cc->cwnd = max(cc->cwnd, cc->prior_cwnd);
	cc->ssthresh = max(cc->ssthresh, cc->prior_ssthresh);
	cc_event(cc, TTP_CC_UNDO, now);
}

void ttp_cc_tx_start(struct ttp_cc *cc, u64 idle_us, u32 rto_us, u64 now)
{
	u32 cwnd = cc->cwnd;

	cc_event(cc, TTP_CC_TX_START, now);
	/* Who owns cwnd knows the path's rate, and paces. */
	if (idle_us <= rto_us || cc->ops->control)
		return;
	for (; idle_us > rto_us && cwnd > cc->cwnd_init; idle_us -= rto_us)
		cwnd /= 2;
	cwnd = max(cwnd, cc->cwnd_init);
	/* What was learnt is not thrown away: slow start leads back to it. */
	cc->ssthresh = max(cc->ssthresh, cc->cwnd - cc->cwnd / 4);
	if (cwnd < cc->cwnd) {
		cc->cwnd = cwnd;
		cc->cwnd_cnt = 0;
	}
	cc_event(cc, TTP_CC_IDLE_RESTART, now);
}

/*
 * All segments of an ACK count, as in Linux, not just L = 2 of them (RFC 3465
 * 2.2): a receiver that merges what arrives acknowledges 64 KB at a time, and
 * with a limit slow start would be slow indeed.
 *
 * After a timeout the ACK that fills a hole covers what had left the network
 * long before; the limit of 2.3 is there for this case.  Counting only what
 * was delivered just now meets the reason and needs no limit.
 */
u32 ttp_cc_countable(const struct ttp_cc_ack *a)
{
	/* RFC 2861: a window that was not filled says nothing of a larger one. */
	if (!a->cwnd_limited || a->ece)
		return 0;
	if (a->in_loss)
		return min(a->acked, a->rate.acked_sacked);
	return a->acked;
}

u32 ttp_cc_slow_start(struct ttp_cc *cc, u32 acked)
{
	u32 top = min(cc->ssthresh, TTP_CC_CWND_MAX);
	u32 step = min(acked, top - min(cc->cwnd, top));

	cc->cwnd += step;
	return acked - step;
}

void ttp_cc_avoid(struct ttp_cc *cc, u32 per, u32 acked)
{
	u32 n;

	per = clamp_t(u32, per, 1, TTP_CC_CWND_MAX);
	/* The count may stem from a larger window. */
	cc->cwnd_cnt = min(cc->cwnd_cnt, per);
	cc->cwnd_cnt += min(acked, TTP_CC_CWND_MAX);
	n = cc->cwnd_cnt / per;
	cc->cwnd_cnt -= n * per;
	cc->cwnd += min(n, TTP_CC_CWND_MAX - min(cc->cwnd, TTP_CC_CWND_MAX));
}
