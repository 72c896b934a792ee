// SPDX-License-Identifier: GPL-2.0
/*
 * This file is NewReno: RFC 5681 as amended by RFC 6582, with the byte
 * counting of RFC 3465 and the limited transmit of RFC 3042.
 *
 * The inflation of the window during recovery is not in cwnd but in dupacks,
 * which ttp_cong_room() adds; so cwnd always says what the network is trusted
 * with, and deflation cannot be forgotten.
 */
#include "cong.h"
#include "seq.h"

#define TTP_CWND_MAX		(1u << 24)	/* segments; keeps sums in 32 bits */
#define TTP_SSTHRESH_MIN	2		/* segments, RFC 5681 (4) */
#define TTP_LIMITED_TRANSMIT	2		/* segments, RFC 3042 2 */
#define TTP_ABC_LIMIT		2		/* segments per ACK, RFC 3465 2.2 */

void ttp_cong_init(struct ttp_cong *c, u32 iss)
{
	c->cwnd = TTP_INIT_CWND;
	c->ssthresh = ~0u;
	c->cwnd_cnt = 0;
	c->dupacks = 0;
	c->recover = iss;
	c->state = TTP_CA_OPEN;
}

static void cong_grow(struct ttp_cong *c, u32 segs, u32 limit)
{
	segs = min(segs, TTP_CWND_MAX);
	if (c->cwnd < c->ssthresh) {
		u32 room = min(c->ssthresh, TTP_CWND_MAX) - c->cwnd;

		c->cwnd += min(min(segs, limit), room);
		return;
	}
	/* One segment per window of acknowledged segments. */
	c->cwnd_cnt += segs;
	if (c->cwnd_cnt >= c->cwnd) {
		c->cwnd_cnt = min(c->cwnd_cnt - c->cwnd, c->cwnd);
		c->cwnd = min(c->cwnd + 1, TTP_CWND_MAX);
	}
}

static void cong_halve(struct ttp_cong *c, u32 inflight)
{
	c->ssthresh = max_t(u32, inflight / 2, TTP_SSTHRESH_MIN);
	c->cwnd_cnt = 0;
}

static bool cong_on_dup(struct ttp_cong *c, const struct ttp_ack_sample *s)
{
	/* After a timeout, duplicates tell of our own repetitions. */
	if (c->state == TTP_CA_LOSS)
		return false;
	if (c->dupacks < TTP_CWND_MAX)
		c->dupacks++;
	if (c->state == TTP_CA_RECOVERY || c->dupacks != TTP_DUPACK_THRESH)
		return false;
	/* RFC 6582 3.2 step 2: the window that has paid does not pay twice. */
	if (!ttp_after(s->snd_una, c->recover))
		return false;

	cong_halve(c, s->inflight);
	c->cwnd = c->ssthresh;
	c->recover = s->snd_nxt;
	c->state = TTP_CA_RECOVERY;
	return true;
}

/* RFC 6582 3.2 step 3 */
static bool cong_on_recovery_ack(struct ttp_cong *c,
				 const struct ttp_ack_sample *s)
{
	u32 left;

	if (ttp_before(s->snd_una, c->recover)) {
		/* Partial: the hole behind this one is lost as well. */
		c->dupacks -= min(c->dupacks, s->acked_segs);
		c->dupacks++;
		return true;
	}
	left = s->inflight - min(s->inflight, s->acked_segs);
	c->cwnd = min_t(u32, c->ssthresh, max_t(u32, left, 1) + 1);
	c->dupacks = 0;
	c->state = TTP_CA_OPEN;
	return false;
}

static bool cong_on_loss_ack(struct ttp_cong *c, const struct ttp_ack_sample *s)
{
	/* RFC 3465 2.3: after a timeout, one segment per ACK. */
	cong_grow(c, s->acked_segs, 1);
	if (ttp_before(s->snd_una, c->recover))
		return true;
	c->state = TTP_CA_OPEN;
	return false;
}

bool ttp_cong_on_ack(struct ttp_cong *c, const struct ttp_ack_sample *s)
{
	if (s->dup)
		return cong_on_dup(c, s);
	if (!s->acked)
		return false;

	switch ((enum ttp_ca_state)c->state) {
	case TTP_CA_RECOVERY:
		return cong_on_recovery_ack(c, s);
	case TTP_CA_LOSS:
		return cong_on_loss_ack(c, s);
	case TTP_CA_OPEN:
		break;
	}
	c->dupacks = 0;
	/* Left behind, `recover` would seem to lie ahead after 2^31 bytes. */
	if (ttp_after(s->snd_una, c->recover))
		c->recover = s->snd_una - 1;
	/* A window that was not filled says nothing about a larger one. */
	if (s->cwnd_limited)
		cong_grow(c, s->acked_segs, TTP_ABC_LIMIT);
	return false;
}

void ttp_cong_on_rto(struct ttp_cong *c, u32 inflight, u32 snd_nxt, bool first)
{
	if (first)
		cong_halve(c, inflight);
	c->cwnd = 1;
	c->cwnd_cnt = 0;
	c->dupacks = 0;
	c->recover = snd_nxt;
	c->state = TTP_CA_LOSS;
}

void ttp_cong_on_idle(struct ttp_cong *c, u64 idle_us, u32 rto_us)
{
	if (idle_us <= rto_us || c->cwnd <= TTP_INIT_CWND)
		return;
	c->cwnd = TTP_INIT_CWND;
	c->cwnd_cnt = 0;
}

u32 ttp_cong_room(const struct ttp_cong *c, u32 inflight)
{
	u32 wnd = c->cwnd;

	switch ((enum ttp_ca_state)c->state) {
	case TTP_CA_OPEN:
		wnd += min_t(u32, c->dupacks, TTP_LIMITED_TRANSMIT);
		break;
	case TTP_CA_RECOVERY:
		wnd += c->dupacks;
		break;
	case TTP_CA_LOSS:
		break;
	}
	return wnd > inflight ? wnd - inflight : 0;
}
