// SPDX-License-Identifier: GPL-2.0
/* This file prints the rows of a connection, long runs of plain data folded. */
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

#define MARGIN		25	/* "  time  state |" on either side of the arrows */
#define MIN_ARROWS	30
#define FOLD_OVER	12	/* a longer run of plain rows is folded ... */
#define FOLD_KEEP	3	/* ... except this many rows at its ends */
#define PAUSE_US	500000	/* in a live drawing, ends a run */

struct pen {
	FILE *out;
	const struct conn *conn;
	const struct draw_options *opt;
	int64_t start_us;
	int arrows;		/* columns between the two bars */
	int measuring;
};

/* What a fold hides, per direction. */
struct tally {
	size_t segments, lost, again, copies, dropped;
	const char *reason;	/* of the drops; empty: several */
	uint64_t bytes;
};

static void label(char *buf, size_t size, const struct row *row, const struct draw_options *opt)
{
	static const struct { uint8_t flag; const char *name; } names[] = {
		{ FLAG_SYN, "SYN " }, { FLAG_FIN, "FIN " }, { FLAG_RST, "RST " },
		{ FLAG_PSH, "PSH " }, { FLAG_URG, "URG " }, { FLAG_ECE, "ECE " },
		{ FLAG_CWR, "CWR " }, { FLAG_ACK, "ACK " },
	};
	const struct arrow *a = row->arrow;
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (a->flags & names[i].flag)
			n += snprintf(buf + n, size - n, "%s", names[i].name);
	n += snprintf(buf + n, size - n, "seq=%lld", (long long)a->seq);
	if (a->flags & FLAG_ACK)
		n += snprintf(buf + n, size - n, " ack=%lld", (long long)a->ack);
	if (a->len)
		n += snprintf(buf + n, size - n, " len=%u", a->len);
	if (opt->show_win || (!a->win && !(a->flags & FLAG_RST) && !a->drop))
		n += snprintf(buf + n, size - n, " win=%u", a->win);
	if (a->again)
		n += snprintf(buf + n, size - n, " (retransmission)");
	if (a->copy)
		n += snprintf(buf + n, size - n, " (copy)");
	if (a->partly)
		n += snprintf(buf + n, size - n, " (part lost)");
	if (a->drop && row->kind != ROW_DEPART)
		snprintf(buf + n, size - n, " (dropped: %s)", a->drop);
}

/* An arrow of @width columns that reads @text; the head is at the right. */
static void arrow_text(char *buf, int width, const char *text, const struct row *row)
{
	int start = 0, end = width, room, len = strlen(text);
	char head = row->arrow->drop ? 'X' : '>';

	memset(buf, ' ', width);
	buf[width] = '\0';
	switch (row->kind) {
	case ROW_DEPART:
		end = width - 6;
		memcpy(buf + end, " . . .", 6);
		head = '-';
		break;
	case ROW_ARRIVE:
		start = 6;
		memcpy(buf, ". . . ", 6);
		break;
	case ROW_LOST:
		end = width - 6;
		head = 'X';
		break;
	default:
		break;
	}
	memset(buf + start, '-', end - start);
	room = (end - start - len - 2) / 2;
	if (room < 1)
		room = 1;
	buf[start + room] = ' ';
	memcpy(buf + start + room + 1, text, len);
	buf[start + room + 1 + len] = ' ';
	buf[end - 1] = head;
}

/* The same for the other direction: mirror all but the words. */
static void mirror(char *buf, int width, const char *text)
{
	char *hit = strstr(buf, text);
	int len = strlen(text), at = hit ? hit - buf : 0;

	for (int i = 0, j = width - 1; i < j; i++, j--) {
		char c = buf[i];

		buf[i] = buf[j];
		buf[j] = c;
	}
	memcpy(buf + width - at - len, text, len);
	for (int i = 0; i < width; i++)
		if (buf[i] == '>' && (i < width - at - len || i >= width - at))
			buf[i] = '<';
}

/* Columns that the arrow of @row needs. */
static int row_width(const struct row *row, const struct draw_options *opt)
{
	char text[160];

	if (!row->arrow)
		return 0;
	label(text, sizeof(text), row, opt);
	return strlen(text) + 7 + (row->kind == ROW_WHOLE ? 0 : 6);
}

static void put_time(const struct pen *pen, const struct row *row, int side)
{
	if (row->has[side] && row->kind != ROW_START)
		fprintf(pen->out, "%10.3f", (row->us[side] - pen->start_us) / 1000.0);
	else if (side == LEFT)
		fprintf(pen->out, "%10s", "");
}

static const char *side_state(const struct pen *pen, const struct row *row, int side)
{
	if (!pen->conn->visible[side])
		return "?";
	return row->has[side] ? state_name(row->state[side]) : "";
}

static void put_row(const struct pen *pen, const struct row *row)
{
	char text[160], *middle;
	int width = row_width(row, pen->opt);

	if (width < pen->arrows)
		width = pen->arrows;
	middle = malloc(width + 1);
	if (!middle) {
		perror("ttp_ladder");
		exit(1);
	}
	memset(middle, ' ', width);
	middle[width] = '\0';
	if (row->arrow) {
		label(text, sizeof(text), row, pen->opt);
		arrow_text(middle, width, text, row);
		if (row->arrow->from == RIGHT)
			mirror(middle, width, text);
	} else if (row->text) {
		int len = snprintf(text, sizeof(text), "(%s)", row->text);

		memcpy(row->side == LEFT ? middle + 1 : middle + width - 1 - len, text, len);
	}
	put_time(pen, row, LEFT);
	fprintf(pen->out, "  %-11s |%s|", side_state(pen, row, LEFT), middle);
	if (row->has[RIGHT] && row->kind != ROW_START) {
		fprintf(pen->out, " %-11s", side_state(pen, row, RIGHT));
		put_time(pen, row, RIGHT);
	} else if (*side_state(pen, row, RIGHT)) {
		fprintf(pen->out, " %s", side_state(pen, row, RIGHT));
	}
	fputc('\n', pen->out);
	free(middle);
}

static const char *human(uint64_t bytes, char *buf, size_t size)
{
	static const char * const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = bytes / 1024.0;
	size_t unit = 0;

	if (bytes < 10240) {
		snprintf(buf, size, "%llu B", (unsigned long long)bytes);
		return buf;
	}
	for (; value >= 1024 && unit < 3; unit++)
		value /= 1024;
	snprintf(buf, size, "%.1f %s", value, units[unit]);
	return buf;
}

static void tally_row(struct tally tally[2], const struct row *row)
{
	const struct arrow *a = row->arrow;
	struct tally *t;

	/* A segment with two rows was counted when it left. */
	if (!a || (row->kind == ROW_ARRIVE && a->sent != NONE))
		return;
	t = &tally[a->from];
	t->copies += a->copy;
	if (a->drop) {
		t->reason = t->dropped && strcmp(t->reason, a->drop) ? "" : a->drop;
		t->dropped++;
	}
	if (a->copy)
		return;
	t->segments++;
	t->lost += a->lost;
	t->again += a->again;
	if (!a->again)
		t->bytes += a->len;
}

/* What was carried ... */
static void tally_text(char *buf, size_t size, const struct tally *t)
{
	char bytes[24];

	snprintf(buf, size, "%zu segment%s, %s", t->segments, t->segments == 1 ? "" : "s",
		 human(t->bytes, bytes, sizeof(bytes)));
}

/* ... and what went wrong; empty if nothing did. */
static void trouble_text(char *buf, size_t size, const struct tally *t)
{
	size_t n = 0;

	buf[0] = '\0';
	if (t->lost)
		n += snprintf(buf + n, size - n, ", %zu lost", t->lost);
	if (t->again)
		n += snprintf(buf + n, size - n, ", %zu retransmitted", t->again);
	if (t->copies)
		n += snprintf(buf + n, size - n, ", %zu copied by the network", t->copies);
	if (t->dropped)
		snprintf(buf + n, size - n, ", %zu dropped%s%s", t->dropped,
			 *t->reason ? ": " : "", t->reason);
}

/* What stands for @n rows that are folded: a line per direction, two if one is too long. */
static void put_fold(const struct pen *pen, const struct row *rows, size_t n)
{
	struct tally tally[2] = { { 0 }, { 0 } };

	for (size_t i = 0; i < n; i++)
		tally_row(tally, &rows[i]);
	for (int side = LEFT; side <= RIGHT; side++) {
		const char *shape = side == LEFT ? "   ... %s%s ... -->" : "   <-- ... %s%s ...";
		char text[64], trouble[128], line[224];

		if (!tally[side].segments && !tally[side].copies)
			continue;
		tally_text(text, sizeof(text), &tally[side]);
		trouble_text(trouble, sizeof(trouble), &tally[side]);
		if (snprintf(line, sizeof(line), shape, text, trouble) > pen->arrows) {
			snprintf(line, sizeof(line), shape, text, ",");
			fprintf(pen->out, "%10s  %-11s :%-*s:\n", "", "", pen->arrows, line);
			snprintf(line, sizeof(line), "       ... %s ...", trouble + 2);
		}
		fprintf(pen->out, "%10s  %-11s :%-*s:\n", "", "", pen->arrows, line);
	}
}

static void put_head(const struct pen *pen)
{
	const struct conn *conn = pen->conn;
	char left[64], right[64];

	if (conn->self)
		fputs("One socket, connected to itself: it sends on the left, receives on the right.\n",
		      pen->out);
	end_text(&conn->end[LEFT], left, sizeof(left));
	end_text(&conn->end[RIGHT], right, sizeof(right));
	fprintf(pen->out, "%24s%-*s%s\n", left, pen->arrows + 3, "", right);
	fprintf(pen->out, "%10s  %-11s  %*s  %-11s%10s\n", "ms", "state", pen->arrows, "", "state", "ms");
}

static int64_t row_us(const struct row *row)
{
	return row->has[LEFT] ? row->us[LEFT] : row->us[RIGHT];
}

/*
 * How many plain rows follow each other from @i on, and whether the run is over.
 * In a live drawing a pause ends it, so that a dialogue typed by hand is not folded.
 */
static size_t run_length(const struct row_list *rows, size_t i, const struct draw_options *opt,
			 int *over)
{
	size_t n = 0;

	*over = 1;
	while (i + n < rows->n && rows->v[i + n].plain) {
		if (opt->live && n && row_us(&rows->v[i + n]) - row_us(&rows->v[i + n - 1]) > PAUSE_US)
			return n;
		n++;
	}
	if (n && i + n == rows->n && opt->until_us - row_us(&rows->v[i + n - 1]) <= PAUSE_US)
		*over = 0;
	return n;
}

static void visit(struct pen *pen, const struct row_list *rows, size_t first, size_t n)
{
	for (size_t i = first; i < first + n; i++) {
		int width;

		if (!pen->measuring) {
			put_row(pen, &rows->v[i]);
			continue;
		}
		width = row_width(&rows->v[i], pen->opt);
		if (width > pen->arrows)
			pen->arrows = width;
	}
}

/*
 * Draws, or measures, what is not folded. A live drawing cannot take back a row when
 * a run turns out to be long: there the fold starts later, and ends with the run.
 */
static void walk(struct pen *pen, const struct row_list *rows)
{
	size_t head = pen->opt->live ? FOLD_OVER : FOLD_KEEP;
	size_t n;

	for (size_t i = 0; i < rows->n; i += n) {
		int over;

		n = run_length(rows, i, pen->opt, &over);
		if (!n || pen->opt->all || (n <= FOLD_OVER && over)) {
			n = n ? n : 1;
			visit(pen, rows, i, n);
			continue;
		}
		visit(pen, rows, i, n < head ? n : head);
		if (!over)
			return;
		if (n > head + FOLD_KEEP) {
			if (!pen->measuring)
				put_fold(pen, &rows->v[i + head], n - head - FOLD_KEEP);
			visit(pen, rows, i + n - FOLD_KEEP, FOLD_KEEP);
		} else if (n > head) {
			visit(pen, rows, i + head, n - head);
		}
	}
}

/* The widest arrow that is going to be drawn decides for all; live, none is known yet. */
static void measure(struct pen *pen, const struct row_list *rows)
{
	pen->arrows = pen->opt->width - 2 * MARGIN;
	if (pen->arrows < MIN_ARROWS)
		pen->arrows = MIN_ARROWS;
	if (pen->opt->live)
		return;
	pen->measuring = 1;
	walk(pen, rows);
	pen->measuring = 0;
}

static void put_totals(const struct pen *pen, const struct arrow_list *arrows)
{
	struct tally tally[2] = { { 0 }, { 0 } };
	char text[64], trouble[128];

	for (size_t i = 0; i < arrows->n; i++) {
		struct row row = { .kind = ROW_WHOLE, .arrow = &arrows->v[i] };

		tally_row(tally, &row);
	}
	for (int side = LEFT; side <= RIGHT; side++) {
		tally_text(text, sizeof(text), &tally[side]);
		trouble_text(trouble, sizeof(trouble), &tally[side]);
		fprintf(pen->out, "  %s %s%s\n", side == LEFT ? "-->" : "<--", text, trouble);
	}
}

/* @end_us is when the trace ended: what left just before it is not lost. */
void draw_conn(FILE *out, const struct conn *conn, int64_t end_us, const struct draw_options *opt)
{
	struct pen pen = { .out = out, .conn = conn, .opt = opt };
	struct arrow_list arrows;
	struct row_list rows;

	pen.start_us = conn->events.n ? conn->events.v[0].us : 0;
	match_arrows(conn, end_us, &arrows);
	rows_build(conn, &arrows, opt, &rows);
	measure(&pen, &rows);
	put_head(&pen);
	walk(&pen, &rows);
	if (opt->until_us == UNTIL_END)
		put_totals(&pen, &arrows);
	free(rows.v);
	match_free(&arrows);
}
