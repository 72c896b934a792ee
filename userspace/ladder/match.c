// SPDX-License-Identifier: GPL-2.0
/*
 * This file joins each sending to its reception, and so finds what was lost.
 *
 * Most segments arrive as they left and are found by their numbers. A burst may
 * be cut on the way and neighbours may be merged by the receiver: what is left
 * over is therefore joined by the sequence numbers it covers.
 */
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

/* One sending or reception, in the numbers of its own direction. */
struct half {
	size_t ev, arrow;
	int64_t us;
	int64_t seq, ack;
	uint32_t space, covered;
	uint8_t flags;
	int used;
	int extra;		/* a copy of a reception that was joined */
};

struct half_list {
	struct half *v;
	size_t n, room;
};

/* Sequence numbers of one end, made relative to its first and never wrapping. */
struct counter {
	int known;
	uint32_t base;
	int64_t high;
};

static int64_t unwrap(const struct counter *c, uint32_t seq)
{
	return c->high + (int32_t)(seq - (c->base + (uint32_t)c->high));
}

/* Without a SYN the first number seen counts as 1, the first after a handshake. */
static int64_t relative(struct counter *c, uint32_t seq)
{
	if (!c->known) {
		c->known = 1;
		c->base = seq - 1;
	}
	return unwrap(c, seq);
}

static void half_add(struct half_list *list, const struct half *half)
{
	list->v = list_grow(list->v, list->n, &list->room, sizeof(*list->v));
	list->v[list->n++] = *half;
}

static size_t arrow_add(struct arrow_list *list, const struct event *ev, int from,
			const struct half *half)
{
	list->v = list_grow(list->v, list->n, &list->room, sizeof(*list->v));
	list->v[list->n] = (struct arrow){
		.from = from, .sent = NONE, .received = NONE, .next = NONE,
		.seq = half->seq, .ack = half->ack,
		.len = ev->len, .win = ev->win, .flags = ev->flags,
	};
	return list->n++;
}

/* Ends @arrow in event @ev. */
static void arrow_end(struct arrow_list *list, size_t arrow, size_t ev)
{
	list->v[arrow].received = ev;
	list->v[arrow].next = list->of_recv[ev];
	list->of_recv[ev] = arrow;
}

/* A drop right after the reception of the same segment is that segment's fate. */
static int is_fate(const struct event *drop, const struct event *recv)
{
	return recv->kind == EV_RECV && recv->seq == drop->seq &&
	       recv->len == drop->len && recv->flags == drop->flags &&
	       drop->us - recv->us < 1000;
}

static int join_drop(const struct conn *conn, const struct arrow_list *arrows,
		     const struct half_list *recvs, const struct event *drop)
{
	for (size_t i = recvs->n; i > 0 && recvs->n - i < 8; i--) {
		size_t ev = recvs->v[i - 1].ev;

		if (!arrows->fate[ev] && is_fate(drop, &conn->events.v[ev])) {
			arrows->fate[ev] = drop->text;
			return 1;
		}
	}
	return 0;
}

/*
 * Notes what of the opening and the close an end has sent, and says whether it had
 * before: an end has one SYN, one SYN ACK and one FIN, so a second is a retransmission.
 */
static int control_again(unsigned int *sent, uint8_t flags)
{
	unsigned int what = 0;
	int again;

	if (flags & FLAG_SYN)
		what = flags & FLAG_ACK ? 1 : 2;
	else if (flags & FLAG_FIN)
		what = 4;
	again = (*sent & what) != 0;
	*sent |= what;
	return again;
}

/* Sorts the events into sendings and receptions per direction; every sending becomes an arrow. */
static void collect(const struct conn *conn, struct arrow_list *arrows,
		    struct half_list sends[2], struct half_list recvs[2])
{
	struct counter count[2];
	uint32_t again_seq[2] = { 0, 0 };
	unsigned int control[2] = { 0, 0 };
	int again[2] = { 0, 0 };

	for (int i = LEFT; i <= RIGHT; i++)
		count[i] = (struct counter){ .known = conn->has_isn[i], .base = conn->isn[i] };

	for (size_t i = 0; i < conn->events.n; i++) {
		const struct event *ev = &conn->events.v[i];
		int side = conn_side(conn, ev);
		int from = ev->kind == EV_SEND || ev->kind == EV_RETRANSMIT ? side : !side;
		struct half half = { .ev = i, .us = ev->us, .flags = ev->flags,
				     .space = seq_space(ev) };

		if (ev->kind == EV_STATE)
			continue;
		if (ev->kind == EV_RETRANSMIT) {
			again[from] = 1;
			again_seq[from] = ev->seq;
			continue;
		}
		/* A reset by someone who knows of no connection has a number of its own. */
		if ((ev->flags & FLAG_RST) && !count[from].known)
			half.seq = ev->seq;
		else
			half.seq = relative(&count[from], ev->seq);
		if (ev->flags & FLAG_ACK)
			half.ack = relative(&count[!from], ev->ack);
		if (ev->kind == EV_DROP && join_drop(conn, arrows, &recvs[from], ev))
			continue;
		if (ev->kind == EV_DROP)
			arrows->fate[i] = ev->text;
		if (ev->kind != EV_SEND) {
			half_add(&recvs[from], &half);
			continue;
		}
		if (half.seq + half.space > count[from].high && !(ev->flags & FLAG_RST))
			count[from].high = half.seq + half.space;
		half.arrow = arrow_add(arrows, ev, from, &half);
		arrows->v[half.arrow].sent = i;
		arrows->of_send[i] = half.arrow;
		arrows->v[half.arrow].again = control_again(&control[from], ev->flags) ||
					      (again[from] && again_seq[from] == ev->seq);
		again[from] = 0;
		half_add(&sends[from], &half);
	}
}

/* Order by what identifies a segment. */
static int compare_numbers(const struct half *x, const struct half *y)
{
	int fx = x->flags & FLAGS_CONTROL, fy = y->flags & FLAGS_CONTROL;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	if (x->ack != y->ack)
		return x->ack < y->ack ? -1 : 1;
	return fx - fy;
}

/* The same, then by time: the index of an event grows with it. */
static int compare_halves(const void *a, const void *b)
{
	const struct half *x = a, *y = b;
	int order = compare_numbers(x, y);

	if (order)
		return order;
	return x->ev < y->ev ? -1 : x->ev > y->ev;
}

static void sort_halves(struct half_list *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare_halves);
}

static void pair(struct arrow_list *arrows, struct half *send, struct half *recv)
{
	send->used = recv->used = 1;
	arrow_end(arrows, send->arrow, recv->ev);
}

/*
 * Joins sendings @s to receptions @r of segments with the same numbers, all in
 * order of time. Fewer receptions than sendings: from the last on, each takes the
 * latest sending that had the time to travel, as no way is shorter than @fastest.
 */
static void pair_group(struct arrow_list *arrows, struct half *s, size_t ns,
		       struct half *r, size_t nr, int64_t fastest)
{
	if (nr >= ns) {
		for (size_t i = 0, j = 0; i < ns; i++) {
			while (j < nr && r[j].ev < s[i].ev)
				j++;
			if (j < nr)
				pair(arrows, &s[i], &r[j++]);
			while (i + 1 == ns && j < nr)
				r[j++].extra = 1;
		}
		return;
	}
	while (nr-- > 0) {
		while (ns > 0 && (s[ns - 1].ev > r[nr].ev || r[nr].us - s[ns - 1].us < fastest))
			ns--;
		if (!ns)
			return;
		pair(arrows, &s[--ns], &r[nr]);
	}
}

/* Walks both sorted lists; once to learn the shortest way, once to join. */
static int64_t pair_equal(struct arrow_list *arrows, struct half_list *sends,
			  struct half_list *recvs, int64_t fastest, int join)
{
	size_t i = 0, j = 0;

	while (i < sends->n && j < recvs->n) {
		int order = compare_numbers(&sends->v[i], &recvs->v[j]);
		size_t ns = 1, nr = 1;

		if (order) {
			if (order < 0)
				i++;
			else
				j++;
			continue;
		}
		while (i + ns < sends->n && !compare_numbers(&sends->v[i], &sends->v[i + ns]))
			ns++;
		while (j + nr < recvs->n && !compare_numbers(&recvs->v[j], &recvs->v[j + nr]))
			nr++;
		if (join) {
			pair_group(arrows, &sends->v[i], ns, &recvs->v[j], nr, fastest);
		} else if (ns == 1 && nr == 1 && sends->v[i].ev < recvs->v[j].ev) {
			int64_t way = recvs->v[j].us - sends->v[i].us;

			if (fastest < 0 || way < fastest)
				fastest = way;
		}
		i += ns;
		j += nr;
	}
	return fastest;
}

static int overlap(const struct half *a, const struct half *b)
{
	int64_t start = a->seq > b->seq ? a->seq : b->seq;
	int64_t end_a = a->seq + a->space, end_b = b->seq + b->space;
	int64_t end = end_a < end_b ? end_a : end_b;

	return end > start ? (int)(end - start) : 0;
}

/* Credits reception @r to the latest sendings of each byte it holds. */
static void cover(struct arrow_list *arrows, struct half_list *sends, size_t first, struct half *r)
{
	for (size_t i = first; i < sends->n; i++) {
		struct half *s = &sends->v[i];

		if (s->seq >= r->seq + r->space)
			break;
		if (s->used || s->ev > r->ev || !overlap(s, r))
			continue;
		/* Sorted by number, then by time: a later copy of @s comes next. */
		if (i + 1 < sends->n && !compare_numbers(s, s + 1) && !s[1].used &&
		    s[1].ev < r->ev)
			continue;
		r->used = 1;
		s->covered += overlap(s, r);
		arrows->v[s->arrow].received = r->ev;
		if (s->covered >= s->space)
			s->used = 1;
	}
}

/* Joins by the bytes covered what could not be joined by equal numbers. */
static void pair_covering(struct arrow_list *arrows, struct half_list *sends,
			  struct half_list *recvs)
{
	uint32_t longest = 0;
	size_t first = 0;

	for (size_t i = 0; i < sends->n; i++)
		if (sends->v[i].space > longest)
			longest = sends->v[i].space;

	for (size_t i = 0; i < recvs->n; i++) {
		struct half *r = &recvs->v[i];

		if (r->used || r->extra || !r->space)
			continue;
		while (first < sends->n && sends->v[first].seq + longest < r->seq)
			first++;
		cover(arrows, sends, first, r);
	}
	for (size_t i = 0; i < sends->n; i++) {
		struct half *s = &sends->v[i];

		if (!s->covered)
			continue;
		arrow_end(arrows, s->arrow, arrows->v[s->arrow].received);
		arrows->v[s->arrow].partly = s->covered < s->space;
		s->used = 1;
	}
}

/* What is left: lost if it had ample time to arrive, received out of nowhere otherwise. */
static void settle(const struct conn *conn, struct arrow_list *arrows, int from, int64_t end_us,
		   const struct half_list *sends, const struct half_list *recvs, int64_t fastest)
{
	int64_t patience = fastest < 0 ? PATIENCE_US : fastest * 4 + 20000;

	if (patience > PATIENCE_US)
		patience = PATIENCE_US;
	for (size_t i = 0; i < sends->n; i++) {
		const struct half *s = &sends->v[i];

		if (!s->used && conn->visible[!from] && end_us - s->us > patience)
			arrows->v[s->arrow].lost = 1;
	}
	for (size_t i = 0; i < recvs->n; i++) {
		const struct half *r = &recvs->v[i];
		size_t arrow;

		if (r->used)
			continue;
		arrow = arrow_add(arrows, &conn->events.v[r->ev], from, r);
		arrow_end(arrows, arrow, r->ev);
		arrows->v[arrow].copy = conn->visible[from];
	}
}

void match_arrows(const struct conn *conn, int64_t end_us, struct arrow_list *arrows)
{
	struct half_list sends[2] = { 0 }, recvs[2] = { 0 };
	size_t n = conn->events.n;

	*arrows = (struct arrow_list){ 0 };
	arrows->of_send = malloc((n + 1) * sizeof(size_t));
	arrows->of_recv = malloc((n + 1) * sizeof(size_t));
	arrows->fate = calloc(n + 1, sizeof(*arrows->fate));
	if (!arrows->of_send || !arrows->of_recv || !arrows->fate) {
		perror("ttp_ladder");
		exit(1);
	}
	for (size_t i = 0; i < n; i++)
		arrows->of_send[i] = arrows->of_recv[i] = NONE;

	collect(conn, arrows, sends, recvs);
	for (int from = LEFT; from <= RIGHT; from++) {
		int64_t fastest;

		sort_halves(&sends[from]);
		sort_halves(&recvs[from]);
		fastest = pair_equal(arrows, &sends[from], &recvs[from], -1, 0);
		pair_equal(arrows, &sends[from], &recvs[from], fastest < 0 ? 0 : fastest, 1);
		pair_covering(arrows, &sends[from], &recvs[from]);
		settle(conn, arrows, from, end_us, &sends[from], &recvs[from], fastest);
		free(sends[from].v);
		free(recvs[from].v);
	}
	for (size_t i = 0; i < arrows->n; i++) {
		struct arrow *arrow = &arrows->v[i];

		if (arrow->received != NONE)
			arrow->drop = arrows->fate[arrow->received];
	}
}

void match_free(struct arrow_list *arrows)
{
	free(arrows->v);
	free(arrows->of_send);
	free(arrows->of_recv);
	free(arrows->fate);
}
