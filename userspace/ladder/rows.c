// SPDX-License-Identifier: GPL-2.0
/*
 * This file puts the arrows of a connection in drawing order.
 *
 * A row normally shows a segment's departure and arrival at once. That is true to
 * both ends' order of events as long as no segment of the other direction crosses
 * it; a segment that is crossed gets a row for its departure and one for its arrival.
 */
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

/* A change of state this soon before a sending is shown with the sending. */
#define SAME_MOMENT_US 200000

/* What an end has done and what is not drawn yet: a departure or a note. */
struct item {
	size_t arrow;		/* or NONE */
	size_t note;		/* event index */
};

struct queue {
	struct item *v;
	size_t head, n, room;
};

struct builder {
	const struct conn *conn;
	const struct arrow_list *arrows;
	struct row_list *rows;
	struct queue queue[2];
	uint8_t *state;		/* event index -> state after it, at its end */
	char *changed;		/* event index -> whether that is a new state */
	char *own_row;		/* event index -> whether it is a note of its own */
	char *departed;		/* arrow index -> whether its departure has a row */
	uint8_t initial[2];
};

static struct row *row_add(struct builder *b, enum row_kind kind)
{
	struct row_list *rows = b->rows;

	rows->v = list_grow(rows->v, rows->n, &rows->room, sizeof(*rows->v));
	rows->v[rows->n] = (struct row){ .kind = kind };
	return &rows->v[rows->n++];
}

static void row_end(struct builder *b, struct row *row, int side, size_t ev)
{
	if (ev == NONE)
		return;
	row->has[side] = 1;
	row->us[side] = b->conn->events.v[ev].us;
	row->state[side] = b->state[ev];
	if (b->changed[ev])
		row->plain = 0;
}

static void emit_arrow(struct builder *b, size_t index, enum row_kind kind)
{
	const struct arrow *arrow = &b->arrows->v[index];
	struct row *row = row_add(b, kind);

	row->arrow = arrow;
	row->plain = !(arrow->flags & FLAGS_CONTROL);
	if (kind != ROW_ARRIVE)
		row_end(b, row, arrow->from, arrow->sent);
	if (kind == ROW_WHOLE || kind == ROW_ARRIVE)
		row_end(b, row, !arrow->from, arrow->received);
	if (kind == ROW_DEPART)
		b->departed[index] = 1;
}

static void emit_note(struct builder *b, size_t ev)
{
	struct row *row = row_add(b, ROW_NOTE);

	row->side = conn_side(b->conn, &b->conn->events.v[ev]);
	row->text = b->conn->events.v[ev].text;
	row_end(b, row, row->side, ev);
}

/* Draws the oldest item of @side, which will not wait for its arrival any more. */
static void emit_head(struct builder *b, int side)
{
	struct queue *q = &b->queue[side];
	struct item item = q->v[q->head++];

	if (item.arrow == NONE)
		emit_note(b, item.note);
	else if (b->arrows->v[item.arrow].lost)
		emit_arrow(b, item.arrow, ROW_LOST);
	else if (!b->conn->visible[!side])
		emit_arrow(b, item.arrow, ROW_WHOLE);
	else
		emit_arrow(b, item.arrow, ROW_DEPART);
}

static int head_complete(const struct builder *b, int side)
{
	const struct queue *q = &b->queue[side];
	const struct item *item = &q->v[q->head];

	return item->arrow == NONE || b->arrows->v[item->arrow].lost || !b->conn->visible[!side];
}

static void push(struct builder *b, int side, size_t arrow, size_t note)
{
	struct queue *q = &b->queue[side];

	q->v = list_grow(q->v, q->n, &q->room, sizeof(*q->v));
	q->v[q->n++] = (struct item){ .arrow = arrow, .note = note };
}

static void drain(struct builder *b, int side)
{
	while (b->queue[side].head < b->queue[side].n && head_complete(b, side))
		emit_head(b, side);
}

static void flush(struct builder *b, int side)
{
	while (b->queue[side].head < b->queue[side].n)
		emit_head(b, side);
}

static void arrive(struct builder *b, size_t index)
{
	const struct arrow *arrow = &b->arrows->v[index];
	struct queue *q = &b->queue[arrow->from];

	if (arrow->sent == NONE) {
		emit_arrow(b, index, arrow->copy ? ROW_ARRIVE : ROW_WHOLE);
		return;
	}
	if (b->departed[index]) {
		emit_arrow(b, index, ROW_ARRIVE);
		return;
	}
	/* Whatever left the other end earlier is drawn earlier. */
	while (q->v[q->head].arrow != index)
		emit_head(b, arrow->from);
	q->head++;
	emit_arrow(b, index, ROW_WHOLE);
	drain(b, arrow->from);
}

/* The list of arrows that end in one event is kept last first. */
static void arrive_all(struct builder *b, size_t index)
{
	if (index == NONE)
		return;
	arrive_all(b, b->arrows->v[index].next);
	arrive(b, index);
}

/*
 * Draws the departure of an arrow about to arrive at @side, if it comes before that
 * of one it crosses: rows would else be out of order of time more than they must.
 */
static void depart_crossed(struct builder *b, size_t index, int side)
{
	const struct arrow *arrow = &b->arrows->v[index];
	const struct queue *here = &b->queue[side];
	size_t last = NONE;

	if (arrow->sent == NONE || b->departed[index])
		return;
	for (size_t i = here->head; i < here->n; i++)
		if (here->v[i].arrow != NONE && !b->arrows->v[here->v[i].arrow].lost)
			last = b->arrows->v[here->v[i].arrow].sent;
	if (last == NONE || last < arrow->sent)
		return;
	while (!b->departed[index])
		emit_head(b, arrow->from);
}

/* Whether a change of state at event @i goes with a sending right after it. */
static int explains_sending(const struct conn *conn, size_t i)
{
	int side = conn_side(conn, &conn->events.v[i]);

	for (size_t j = i + 1; j < conn->events.n; j++) {
		const struct event *ev = &conn->events.v[j];

		if (ev->us - conn->events.v[i].us > SAME_MOMENT_US)
			return 0;
		if (ev->kind == EV_STATE || ev->kind == EV_RETRANSMIT ||
		    conn_side(conn, ev) != side)
			continue;
		return ev->kind == EV_SEND;
	}
	return 0;
}

/* Finds each end's state after each event, and the changes that need their own row. */
static void trace_states(struct builder *b)
{
	const struct conn *conn = b->conn;
	size_t last_recv[2] = { NONE, NONE };
	int pending[2] = { 0, 0 };
	int seen[2] = { 0, 0 };
	uint8_t now[2] = { 0, 0 };

	for (size_t i = 0; i < conn->events.n; i++) {
		const struct event *ev = &conn->events.v[i];
		int side = conn_side(conn, ev);
		int by_segment;

		if (conn->self && ev->kind == EV_STATE && !strncmp(ev->text, "RCV_", 4))
			side = RIGHT;
		if (!seen[side]++)
			b->initial[side] = ev->kind == EV_SEND || (conn->self && side == RIGHT) ?
					   0 : ev->state;
		b->state[i] = ev->state ? ev->state : now[side];
		switch (ev->kind) {
		case EV_SEND:
			b->changed[i] = pending[side];
			pending[side] = 0;
			break;
		case EV_RECV:
		case EV_DROP:
			last_recv[side] = i;
			break;
		case EV_STATE:
			b->state[i] = ev->new_state;
			b->changed[i] = 1;
			by_segment = !strncmp(ev->text, "RCV_", 4) && last_recv[side] != NONE;
			if (by_segment) {
				b->state[last_recv[side]] = ev->new_state;
				b->changed[last_recv[side]] = 1;
			} else if (explains_sending(conn, i)) {
				pending[side] = 1;
			} else {
				b->own_row[i] = 1;
			}
			break;
		default:
			break;
		}
		now[side] = b->state[i];
	}
}

static void emit_start(struct builder *b)
{
	struct row *row;

	if (!b->initial[LEFT] && !b->initial[RIGHT])
		return;
	row = row_add(b, ROW_START);
	for (int side = LEFT; side <= RIGHT; side++) {
		row->state[side] = b->initial[side];
		row->has[side] = b->initial[side] != 0;
	}
}

static void *zeroed(size_t n)
{
	void *v = calloc(n + 1, 1);

	if (!v) {
		perror("ttp_ladder");
		exit(1);
	}
	return v;
}

void rows_build(const struct conn *conn, const struct arrow_list *arrows,
		const struct draw_options *opt, struct row_list *rows)
{
	struct builder b = { .conn = conn,
			     .arrows = arrows, .rows = rows };

	*rows = (struct row_list){ 0 };
	b.state = zeroed(conn->events.n);
	b.changed = zeroed(conn->events.n);
	b.own_row = zeroed(conn->events.n);
	b.departed = zeroed(arrows->n);
	trace_states(&b);
	emit_start(&b);

	for (size_t i = 0; i < conn->events.n; i++) {
		const struct event *ev = &conn->events.v[i];
		int side = conn_side(conn, ev);

		if (ev->us >= opt->until_us)
			break;
		if (arrows->of_send[i] != NONE) {
			push(&b, side, arrows->of_send[i], NONE);
			drain(&b, side);
		} else if (arrows->of_recv[i] != NONE) {
			depart_crossed(&b, arrows->of_recv[i], side);
			flush(&b, side);
			arrive_all(&b, arrows->of_recv[i]);
		} else if (b.own_row[i]) {
			push(&b, side, NONE, i);
			drain(&b, side);
		}
	}
	if (opt->until_us == UNTIL_END) {
		flush(&b, LEFT);
		flush(&b, RIGHT);
	}
	for (int side = LEFT; side <= RIGHT; side++)
		free(b.queue[side].v);
	free(b.state);
	free(b.changed);
	free(b.own_row);
	free(b.departed);
}
