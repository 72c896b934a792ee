// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps the blocks that a receiver reports, and reads those that a
 * sender is told: a peer wrote them, they may be old, doubled or nonsense.
 */
#include "sack.h"
#include "seq.h"

static bool is_empty(const struct ttp_sack_block *b)
{
	return b->start == b->end;
}

/* They overlap, or one begins where the other ends. */
static bool touch(const struct ttp_sack_block *a, const struct ttp_sack_block *b)
{
	return ttp_before_eq(a->start, b->end) && ttp_before_eq(b->start, a->end);
}

static bool overlap(const struct ttp_sack_block *a,
		    const struct ttp_sack_block *b)
{
	return ttp_before(a->start, b->end) && ttp_before(b->start, a->end);
}

static bool is_within(const struct ttp_sack_block *in,
		      const struct ttp_sack_block *out)
{
	return ttp_after_eq(in->start, out->start) &&
	       ttp_before_eq(in->end, out->end);
}

static void join(struct ttp_sack_block *a, const struct ttp_sack_block *b)
{
	if (ttp_before(b->start, a->start))
		a->start = b->start;
	a->end = ttp_seq_max(a->end, b->end);
}

/* The lowest of our blocks that @b overlaps, NULL for none. */
static const struct ttp_sack_block *first_hit(const struct ttp_sack_rx *rx,
					      const struct ttp_sack_block *b)
{
	const struct ttp_sack_block *hit = NULL;
	u32 i;

	for (i = 0; i < rx->nr; i++) {
		if (overlap(&rx->block[i], b) &&
		    (!hit || ttp_before(rx->block[i].start, hit->start)))
			hit = &rx->block[i];
	}
	return hit;
}

void ttp_sack_rx_dup(struct ttp_sack_rx *rx, u32 rcv_nxt, u32 start, u32 end)
{
	struct ttp_sack_block d = { start, end };
	const struct ttp_sack_block *hit;

	if (ttp_before(start, rcv_nxt)) {
		if (ttp_after(end, rcv_nxt))
			d.end = rcv_nxt;
	} else {
		/* RFC 2883 4.3: of several doubled parts the first. */
		hit = first_hit(rx, &d);
		if (!hit)
			return;
		d.start = ttp_seq_max(d.start, hit->start);
		if (ttp_after(d.end, hit->end))
			d.end = hit->end;
	}
	if (is_empty(&d))
		return;
	/* Two that came before the same ACK: one report, if they can share it. */
	if (!is_empty(&rx->dup) && touch(&rx->dup, &d))
		join(&rx->dup, &d);
	else
		rx->dup = d;
}

static void push_front(struct ttp_sack_rx *rx, struct ttp_sack_block b)
{
	if (rx->nr == TTP_SACK_KEPT)
		rx->nr--;
	memmove(&rx->block[1], &rx->block[0], rx->nr * sizeof(b));
	rx->block[0] = b;
	rx->nr++;
}

void ttp_sack_rx_add(struct ttp_sack_rx *rx, u32 start, u32 end)
{
	struct ttp_sack_block b = { start, end };
	u32 i, kept = 0;

	if (is_empty(&b))
		return;
	for (i = 0; i < rx->nr; i++) {
		if (touch(&rx->block[i], &b))
			join(&b, &rx->block[i]);
		else
			rx->block[kept++] = rx->block[i];
	}
	rx->nr = kept;
	/* RFC 2018 4: first the block with the segment that has just come. */
	push_front(rx, b);
}

void ttp_sack_rx_advance(struct ttp_sack_rx *rx, u32 rcv_nxt)
{
	u32 i, kept = 0;

	for (i = 0; i < rx->nr; i++) {
		if (ttp_after(rx->block[i].start, rcv_nxt))
			rx->block[kept++] = rx->block[i];
	}
	rx->nr = kept;
}

void ttp_sack_rx_forget(struct ttp_sack_rx *rx, u32 start, u32 end)
{
	struct ttp_sack_block gone = { start, end };
	struct ttp_sack_rx old = *rx;
	u32 i;

	rx->nr = 0;
	/* From the back, so that the order survives; a cut makes two of one. */
	for (i = old.nr; i--;) {
		struct ttp_sack_block b = old.block[i];

		if (!overlap(&b, &gone)) {
			push_front(rx, b);
			continue;
		}
		if (ttp_after(b.end, end))
			push_front(rx, (struct ttp_sack_block){ end, b.end });
		if (ttp_before(b.start, start))
			push_front(rx, (struct ttp_sack_block){ b.start, start });
	}
}

/*
 * May the duplicate be reported?  Behind the hole only while it is held, for
 * there the sender takes a block outside the second one for news.
 */
static bool dup_holds(struct ttp_sack_rx *rx, u32 rcv_nxt)
{
	u32 i;

	if (is_empty(&rx->dup))
		return false;
	if (ttp_before(rx->dup.start, rcv_nxt))
		return ttp_before_eq(rx->dup.end, rcv_nxt);
	for (i = 0; i < rx->nr; i++) {
		struct ttp_sack_block b = rx->block[i];

		if (!is_within(&rx->dup, &b))
			continue;
		/* RFC 2883 4.2: the block around the duplicate is the second. */
		memmove(&rx->block[1], &rx->block[0], i * sizeof(b));
		rx->block[0] = b;
		return true;
	}
	return false;
}

u32 ttp_sack_rx_report(struct ttp_sack_rx *rx, u32 rcv_nxt,
		       struct ttp_sack_block *out)
{
	u32 i, n = 0;

	if (dup_holds(rx, rcv_nxt))
		out[n++] = rx->dup;
	rx->dup = (struct ttp_sack_block){ 0, 0 };	/* RFC 2883 4: once */
	for (i = 0; i < rx->nr && n < TTP_SACK_MAX; i++)
		out[n++] = rx->block[i];
	return n;
}

/* RFC 2883 4: below the ACK, or inside the block that follows. */
static bool is_dsack(const struct ttp_sack_block *b, u32 nr, u32 ack)
{
	return ttp_before(b[0].start, ack) ||
	       (nr > 1 && is_within(&b[0], &b[1]));
}

/* Of that, only what we did send, and not so long ago, can be true. */
static bool dsack_is_true(const struct ttp_sack_block *b,
			  const struct ttp_sack_sent *s)
{
	u32 low = s->snd_una - s->back;
	/* A duplicate across the ACK would have moved the ACK. */
	u32 high = ttp_before(b->start, s->ack) ? s->ack : s->snd_nxt;

	return ttp_before(b->start, b->end) &&
	       ttp_after_eq(b->start, low) && ttp_before_eq(b->end, high);
}

/* Ascending, and joined with those it touches. */
static void insert(struct ttp_sack_news *news, struct ttp_sack_block b)
{
	u32 i, kept = 0, at;

	for (i = 0; i < news->nr; i++) {
		if (touch(&news->block[i], &b))
			join(&b, &news->block[i]);
		else
			news->block[kept++] = news->block[i];
	}
	for (at = 0; at < kept; at++) {
		if (ttp_before(b.start, news->block[at].start))
			break;
	}
	memmove(&news->block[at + 1], &news->block[at], (kept - at) * sizeof(b));
	news->block[at] = b;
	news->nr = kept + 1;
}

void ttp_sack_judge(const struct ttp_sack_block *b, u32 nr,
		    const struct ttp_sack_sent *s, struct ttp_sack_news *news)
{
	u32 i = 0;

	memset(news, 0, sizeof(*news));
	nr = min_t(u32, nr, TTP_SACK_MAX);
	if (nr && is_dsack(b, nr, s->ack)) {
		news->dsack = dsack_is_true(b, s);
		if (news->dsack)
			news->dup = b[0];
		else
			news->refused++;
		i = 1;
	}
	for (; i < nr; i++) {
		if (!ttp_before(b[i].start, b[i].end) ||
		    ttp_after(b[i].end, s->snd_nxt)) {
			news->refused++;
			continue;
		}
		/* Of an ACK that was overtaken; or snd_una would be beyond it. */
		if (!ttp_after(b[i].start, s->snd_una))
			continue;
		insert(news, b[i]);
	}
}
