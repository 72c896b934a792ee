// SPDX-License-Identifier: GPL-2.0
/* This file draws connections while they happen, one after the other. */
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

#define TICK_MS		100

/* What a segment's fate needs to be known (PATIENCE_US) and the events to be read. */
#define LAG_US		(PATIENCE_US + 2 * TICK_MS * 1000)

/*
 * Draws @conn anew, prints the lines that were not there last time, returns how many
 * there are. A blank line sets it off from an earlier connection.
 */
static size_t print_new(const struct conn *conn, int64_t now, const struct draw_options *opt,
			size_t printed, int blank)
{
	char *text = NULL, *line;
	size_t size = 0, lines = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		perror("ttp_ladder");
		exit(1);
	}
	if (blank)
		fputc('\n', out);
	draw_conn(out, conn, now, opt);
	fclose(out);
	for (line = text; *line; lines++) {
		char *next = strchr(line, '\n') + 1;

		if (lines >= printed)
			fwrite(line, 1, next - line, stdout);
		line = next;
	}
	free(text);
	fflush(stdout);
	return lines > printed ? lines : printed;
}

static int compare_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->us < y->us ? -1 : x->us > y->us;
}

/*
 * Follows one connection to its end. Everything is computed again at every tick, as
 * later events tell what became of earlier ones, so ticks get rarer as that gets dearer.
 */
static int follow(struct event_list *events, struct draw_options *opt, int port, int blank,
		  FILE *save, volatile sig_atomic_t *stop)
{
	int wait_ms = TICK_MS, ended = 0;
	size_t printed = 0;
	struct conn_list conns;

	while (!ended) {
		int64_t now;

		capture_read(wait_ms, events, save);
		now = capture_now();
		/* Stable for equal times: glibc's qsort() merges when it has the memory. */
		if (events->n)
			qsort(events->v, events->n, sizeof(*events->v), compare_time);
		conn_select(events, port, 1, 0, &conns);
		if (conns.n) {
			const struct conn *conn = &conns.v[0];
			int64_t quiet = now - conn->events.v[conn->events.n - 1].us;

			ended = *stop || (conn_ended(conn) && quiet > LAG_US);
			opt->until_us = ended ? UNTIL_END : now - LAG_US;
			if (ended || conn->events.v[0].us < opt->until_us)
				printed = print_new(conn, now, opt, printed, blank);
			if (ended)
				conn_forget(events, conn);
		}
		ended |= *stop;
		conn_free(&conns);
		wait_ms = (capture_now() - now) / 500;
		if (wait_ms < TICK_MS)
			wait_ms = TICK_MS;
		if (wait_ms > 900)
			wait_ms = 900;
	}
	return printed > 0;
}

/* @count 0 goes on until interrupted. Returns how many were drawn. */
int live_run(const struct draw_options *options, int port, size_t count, FILE *save,
	     volatile sig_atomic_t *stop)
{
	struct draw_options opt = *options;
	struct event_list events = { 0 };
	size_t drawn = 0;

	opt.live = 1;
	while (!*stop && (!count || drawn < count))
		drawn += follow(&events, &opt, port, drawn > 0, save, stop);
	free(events.v);
	return drawn;
}
