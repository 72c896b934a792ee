// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the link and the receiver of the simulation.
 */
#include <stdio.h>

#include "recsim.h"

#define DELACK	(40 * TTP_USEC_PER_MSEC)

u32 rs_below(struct rs *s, u32 n)
{
	s->rnd ^= s->rnd << 13;
	s->rnd ^= s->rnd >> 17;
	s->rnd ^= s->rnd << 5;
	return n ? (s->rnd >> 4) % n : 0;
}

static void enqueue(struct rs *s, const struct rs_packet *p)
{
	if (s->nr_packets == RS_EVENTS)
		rs_fail(s, "the link is full");
	s->packet[s->nr_packets++] = *p;
}

/* When a packet leaves that is sent now. */
static u64 departure(const struct rs *s)
{
	bool held = s->now >= s->c.hold_from && s->now < s->c.hold_to;

	return held ? s->c.hold_to : s->now;
}

/* Those that are held up are overtaken by others. */
static u64 arrival(struct rs *s, u64 departure)
{
	u64 at = departure + s->c.delay;

	if (rs_below(s, 1000) < s->c.overtake)
		at += rs_below(s, s->c.jitter);
	return at;
}

void rs_data(struct rs *s, u32 seg, u32 tsval)
{
	struct rs_packet p = { .seg = seg, .tsval = tsval };
	u32 fate = s->c.fate ? s->c.fate(seg, s->seg[seg].times) : 0;

	if (fate == ~0u || rs_below(s, 1000) < s->c.loss)
		return;
	s->free_at = max(s->free_at, departure(s)) + s->c.gap;
	p.at = arrival(s, s->free_at) + fate;
	enqueue(s, &p);
	while (rs_below(s, 1000) < s->c.dup)
		enqueue(s, &p);
}

static void send_ack(struct rs *s)
{
	struct rs_packet p = { .is_ack = true, .tsval = s->ts_recent };

	p.ack = rs_seq(s, s->rcv);
	if (s->c.sack)
		p.nr_sack = ttp_sack_rx_report(&s->rx, p.ack, p.sack);
	if (s->c.ts)
		p.nr_sack = min_t(u8, p.nr_sack, TTP_SACK_MAX - 1);
	s->unacked = 0;
	s->delack_at = 0;
	if (rs_below(s, 1000) < s->c.ack_loss)
		return;
	p.at = arrival(s, departure(s));
	enqueue(s, &p);
}

static void receive(struct rs *s, const struct rs_packet *p)
{
	u32 start = rs_seq(s, p->seg), end = rs_seq(s, p->seg + 1);
	u32 next = rs_seq(s, s->rcv);
	bool at_once = s->got[p->seg] || p->seg != s->rcv;

	if (s->got[p->seg])
		s->n.needless++;
	ttp_sack_rx_dup(&s->rx, next, start, end);
	/* RFC 7323 4.3: echo what first filled the next ACK. */
	if (!s->unacked && p->seg <= s->rcv)
		s->ts_recent = p->tsval;
	if (!s->got[p->seg] && p->seg > s->rcv)
		ttp_sack_rx_add(&s->rx, start, end);
	s->got[p->seg] = true;
	while (s->rcv < s->c.total && s->got[s->rcv])
		s->rcv++;
	ttp_sack_rx_advance(&s->rx, rs_seq(s, s->rcv));
	/* RFC 5681 4.2: at once for what fills a hole, too. */
	at_once |= s->rx.nr || s->rcv > p->seg + 1;
	if (at_once || ++s->unacked >= 2)
		send_ack(s);
	else
		s->delack_at = s->now + DELACK;
}

/* Deliver what is due first; false when nothing is due. */
static bool arrive(struct rs *s)
{
	struct rs_packet p;
	u32 first = 0, i;

	for (i = 1; i < s->nr_packets; i++) {
		if (s->packet[i].at < s->packet[first].at)
			first = i;
	}
	if (!s->nr_packets || s->packet[first].at > s->now)
		return false;
	p = s->packet[first];
	/* In order: what arrives together was sent in this order. */
	memmove(&s->packet[first], &s->packet[first + 1],
		(--s->nr_packets - first) * sizeof(p));
	if (p.is_ack)
		rs_tx_ack(s, &p);
	else
		receive(s, &p);
	rs_tx_check(s);
	return true;
}

static u64 next_time(const struct rs *s)
{
	u64 next = ~0ULL;
	u32 i;
	const u64 timers[] = { s->rto_at, s->reo_at, s->pto_at, s->delack_at,
			       s->chunk_at };

	for (i = 0; i < ARRAY_SIZE(timers); i++) {
		if (timers[i])
			next = min(next, timers[i]);
	}
	for (i = 0; i < s->nr_packets; i++)
		next = min(next, s->packet[i].at);
	return next;
}

static void hand_over(struct rs *s)
{
	s->chunk_at = 0;
	s->avail = s->c.chunk ? min(s->avail + s->c.chunk, s->c.total) :
				s->c.total;
	if (s->avail < s->c.total)
		s->chunk_at = s->now + s->c.pause / 2 +
			      rs_below(s, s->c.pause / 2 + 1);
	rs_tx_push(s, 0);
}

void rs_run(struct rs *s)
{
	rs_tx_init(s);
	hand_over(s);
	while (s->una < s->c.total) {
		u64 next = next_time(s);

		if (next == ~0ULL)
			rs_fail(s, "nothing will ever happen again");
		s->now = max(s->now, next);
		if (s->now > 36000 * TTP_USEC_PER_SEC || ++s->steps > 200000)
			rs_fail(s, "no end in sight");
		while (arrive(s))
			;
		rs_tx_timers(s);
		if (s->delack_at && s->delack_at <= s->now)
			send_ack(s);
		if (s->chunk_at && s->chunk_at <= s->now)
			hand_over(s);
		rs_tx_check(s);
	}
	s->n.done_at = s->now;
	if (s->rcv != s->c.total)
		rs_fail(s, "acknowledged, but not received");
}
