// SPDX-License-Identifier: GPL-2.0
/* This file picks the connections to draw out of all events and says whose event each is. */
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

static int is_first_syn(const struct event *ev)
{
	return (ev->kind == EV_SEND || ev->kind == EV_RECV) &&
	       (ev->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN;
}

static int is_connect(const struct event *ev)
{
	return ev->kind == EV_STATE && !strcmp(state_name(ev->new_state), "SYN_SENT");
}

/* The left end's view: is @ev between these two ends, in either direction? */
static int same_ends(const struct conn *conn, const struct event *ev)
{
	return (end_equal(&conn->end[LEFT], &ev->src) && end_equal(&conn->end[RIGHT], &ev->dst)) ||
	       (end_equal(&conn->end[LEFT], &ev->dst) && end_equal(&conn->end[RIGHT], &ev->src));
}

/* At which end @ev happened: where it was sent, received or seen. */
int conn_side(const struct conn *conn, const struct event *ev)
{
	int at_dst = ev->kind == EV_RECV || ev->kind == EV_DROP;

	/* A socket that talks to itself is both ends: sends left, receives right. */
	if (conn->self)
		return at_dst ? RIGHT : LEFT;
	return end_equal(&conn->end[LEFT], at_dst ? &ev->dst : &ev->src) ? LEFT : RIGHT;
}

static void conn_add(struct conn *conn, const struct event *ev)
{
	int side = conn_side(conn, ev);
	int from = ev->kind == EV_RECV || ev->kind == EV_DROP ? !side : side;

	conn->visible[side] = 1;
	conn->net[side] = ev->net;
	if (conn->self)
		conn->visible[!side] = 1;
	if (ev->kind != EV_STATE && ev->kind != EV_DROP && (ev->flags & FLAG_SYN) &&
	    !conn->has_isn[from]) {
		conn->isn[from] = ev->seq;
		conn->has_isn[from] = 1;
	}
	event_add(&conn->events, ev);
}

/* Does @ev open a later connection between the ends of @conn? */
static int reopens(const struct conn *conn, const struct event *ev)
{
	int from = end_equal(&conn->end[LEFT], &ev->src) ? LEFT : RIGHT;

	if (is_connect(ev))
		return conn->has_isn[from];
	return is_first_syn(ev) && conn->has_isn[from] && conn->isn[from] != ev->seq;
}

static struct conn *conn_new(struct conn_list *conns, const struct event *ev)
{
	struct conn *conn;

	conns->v = realloc(conns->v, (conns->n + 1) * sizeof(*conns->v));
	if (!conns->v) {
		perror("ttp_ladder");
		exit(1);
	}
	conn = &conns->v[conns->n++];
	*conn = (struct conn){
		.end = { ev->src, ev->dst },
		.self = end_equal(&ev->src, &ev->dst),
		.opened = is_first_syn(ev) || is_connect(ev),
	};
	return conn;
}

static int wanted(const struct event *ev, int port, int opened_only)
{
	if (ev->kind == EV_MISSED || !ev->dst.port || !ev->src.port)
		return 0;
	if (port && ev->src.port != port && ev->dst.port != port)
		return 0;
	if (opened_only)
		return is_first_syn(ev) || is_connect(ev);
	return ev->kind == EV_SEND || ev->kind == EV_RECV;
}

static void sort_out(const struct event_list *events, int port, size_t count, int opened_only,
		     struct conn_list *conns)
{
	for (size_t i = 0; i < events->n; i++) {
		const struct event *ev = &events->v[i];
		struct conn *home = NULL;

		for (size_t j = 0; j < conns->n && !home; j++) {
			struct conn *conn = &conns->v[j];

			if (conn->closed || ev->kind == EV_MISSED || !same_ends(conn, ev))
				continue;
			if (reopens(conn, ev))
				conn->closed = 1;
			else
				home = conn;
		}
		if (!home && (!count || conns->n < count) && wanted(ev, port, opened_only))
			home = conn_new(conns, ev);
		if (home)
			conn_add(home, ev);
	}
}

/*
 * The first @count (0: all) connections that have @port (0: any) at one end. The
 * tail of one whose opening was not traced counts only if there is nothing better.
 */
void conn_select(const struct event_list *events, int port, size_t count, int tails,
		 struct conn_list *conns)
{
	*conns = (struct conn_list){ 0 };
	sort_out(events, port, count, 1, conns);
	if (!conns->n && tails)
		sort_out(events, port, count, 0, conns);
}

void conn_free(struct conn_list *conns)
{
	for (size_t i = 0; i < conns->n; i++)
		free(conns->v[i].events.v);
	free(conns->v);
	*conns = (struct conn_list){ 0 };
}

/* Whether every traced end has come to rest: in CLOSE or TIME_WAIT. */
int conn_ended(const struct conn *conn)
{
	const char *last[2] = { NULL, NULL };

	for (size_t i = 0; i < conn->events.n; i++) {
		const struct event *ev = &conn->events.v[i];

		if (ev->kind == EV_STATE)
			last[conn_side(conn, ev)] = state_name(ev->new_state);
	}
	for (int side = LEFT; side <= RIGHT; side++) {
		if (!last[side]) {
			/* A listener that refuses never has a state of its own. */
			if (conn->visible[side] && !last[!side])
				return 0;
			continue;
		}
		if (strcmp(last[side], "CLOSE") && strcmp(last[side], "TIME_WAIT"))
			return 0;
	}
	return last[LEFT] || last[RIGHT];
}

/* Removes the events of @conn and those before it: the next one is to be found quickly. */
void conn_forget(struct event_list *events, const struct conn *conn)
{
	int64_t start_us = conn->events.v[0].us, end_us = conn->events.v[conn->events.n - 1].us;
	size_t kept = 0;

	for (size_t i = 0; i < events->n; i++) {
		const struct event *ev = &events->v[i];

		if (ev->us < start_us || (ev->us <= end_us && same_ends(conn, ev)))
			continue;
		events->v[kept++] = *ev;
	}
	events->n = kept;
}
