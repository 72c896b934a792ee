// SPDX-License-Identifier: GPL-2.0
/*
 * This file draws the state table of core/fsm.c as SVG; only the places of the
 * boxes are drawn by hand, the arrows and their texts come from the table.
 */
#include <stdio.h>

#include "states.h"

#define BOX_W	130
#define BOX_H	36

/* Centres, laid out as in RFC 9293 figure 5. */
static const struct {
	int x, y;
} place[TTP_NR_STATES] = {
	[TTP_CLOSE]		= { 470, 50 },
	[TTP_LISTEN]		= { 210, 165 },
	[TTP_SYN_RECV]		= { 210, 285 },
	[TTP_SYN_SENT]		= { 730, 165 },
	[TTP_ESTABLISHED]	= { 470, 375 },
	[TTP_FIN_WAIT1]		= { 300, 480 },
	[TTP_FIN_WAIT2]		= { 170, 590 },
	[TTP_CLOSING]		= { 430, 590 },
	[TTP_TIME_WAIT]		= { 300, 700 },
	[TTP_CLOSE_WAIT]	= { 730, 480 },
	[TTP_LAST_ACK]		= { 730, 590 },
};

static void text(int x, int y, const char *anchor, const char *s)
{
	printf("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x, y,
	       anchor, s);
}

/* "EVENT / work, work" for each event that leads from @from to @to. */
static void labels(u32 from, u32 to, int x, int y, const char *anchor)
{
	u32 ev;

	for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
		u32 todo = ttp_edges[from][ev].todo & ~TTP_DO_DEAD;

		if (!states_is_drawn(from, ev) || ttp_edges[from][ev].next != to)
			continue;
		printf("<text class=\"l\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s",
		       x, y, anchor, ttp_event_name(ev));
		if (todo) {
			printf(" / ");
			states_print_work(todo, "");
		}
		printf("</text>\n");
		y += 13;
	}
}

static bool leads(u32 from, u32 to)
{
	u32 ev;

	for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
		if (states_is_drawn(from, ev) && ttp_edges[from][ev].next == to)
			return true;
	}
	return false;
}

/* Where the line from the centre of @s towards (dx, dy) leaves the box, 1/1000. */
static int leave(int dx, int dy)
{
	int tx = dx ? 1000 * (BOX_W / 2) / abs(dx) : 1000;
	int ty = dy ? 1000 * (BOX_H / 2) / abs(dy) : 1000;

	return min(tx, ty);
}

static void straight(u32 from, u32 to)
{
	int dx = place[to].x - place[from].x, dy = place[to].y - place[from].y;
	int t = leave(dx, dy);
	int x1 = place[from].x + dx * t / 1000, y1 = place[from].y + dy * t / 1000;
	int x2 = place[to].x - dx * t / 1000, y2 = place[to].y - dy * t / 1000;
	int shift = 0, lx, ly;

	/* Two arrows between the same boxes keep apart, and so do their texts. */
	if (leads(to, from))
		shift = dy > 0 ? -14 : 14;
	x1 += shift;
	x2 += shift;
	lx = (x1 + x2) / 2 + 2 * shift;
	ly = (y1 + y2) / 2 + 4 + shift / 2;
	printf("<path d=\"M%d %d L%d %d\"/>\n", x1, y1, x2, y2);
	labels(from, to, lx, ly, "middle");
}

/* Around everything, along the margin at @x. */
static void around(u32 from, u32 to, int x)
{
	int side = x < place[from].x ? -1 : 1;

	printf("<path d=\"M%d %d H%d V%d H%d\"/>\n",
	       place[from].x + side * BOX_W / 2, place[from].y, x, place[to].y,
	       place[to].x + side * BOX_W / 2);
	labels(from, to, x - side * 4, place[from].y + 16,
	       side < 0 ? "start" : "end");
}

static void arrow(u32 from, u32 to)
{
	if (from == TTP_TIME_WAIT)
		around(from, to, 30);
	else if (from == TTP_LAST_ACK)
		around(from, to, 900);
	else
		straight(from, to);
}

/* The listener stays; what it makes begins in SYN_RECV. */
static void spawn(u32 from, u32 ev)
{
	int x = place[from].x, y1 = place[from].y + BOX_H / 2;
	int y2 = place[TTP_SYN_RECV].y - BOX_H / 2;

	if (!(ttp_edges[from][ev].todo & TTP_DO_SPAWN))
		return;
	printf("<path d=\"M%d %d V%d\" style=\"stroke-dasharray:5 4\"/>\n", x,
	       y1, y2);
	printf("<text class=\"l\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s / ",
	       x, (y1 + y2) / 2 + 4, ttp_event_name(ev));
	states_print_work(TTP_DO_SPAWN, "");
	printf("</text>\n");
}

void states_print_svg(void)
{
	u32 from, to, ev;

	printf("<!-- SPDX-License-Identifier: GPL-2.0 -->\n"
	       "<!-- This file is printed from module/core/fsm.c by \"make -C module/core/host docs\"; do not edit. -->\n"
	       "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 940 780\" width=\"940\" height=\"780\">\n"
	       "<defs><marker id=\"a\" viewBox=\"0 0 10 10\" refX=\"10\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
	       "<path d=\"M0 0 L10 5 L0 10 z\" style=\"fill:#345;stroke:none\"/></marker></defs>\n"
	       "<style>path{fill:none;stroke:#345;stroke-width:1.3;marker-end:url(#a)}"
	       "defs path{marker-end:none}"
	       "rect.b{fill:#eef3f8;stroke:#345;stroke-width:1.5}"
	       "text{font:13px sans-serif;fill:#123}"
	       "text.l{font-size:11px;fill:#000;stroke:#fff;stroke-width:4px;paint-order:stroke}</style>\n"
	       "<rect width=\"940\" height=\"780\" style=\"fill:#fff\"/>\n");
	for (from = 1; from < TTP_NR_STATES; from++) {
		for (to = 1; to < TTP_NR_STATES; to++) {
			if (from != to && leads(from, to))
				arrow(from, to);
		}
		for (ev = 0; ev < TTP_NR_EVENTS; ev++)
			spawn(from, ev);
	}
	for (from = 1; from < TTP_NR_STATES; from++) {
		printf("<rect class=\"b\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n",
		       place[from].x - BOX_W / 2, place[from].y - BOX_H / 2,
		       BOX_W, BOX_H);
		text(place[from].x, place[from].y + 5, "middle",
		     ttp_state_name(from));
	}
	text(30, 762, "start",
	     "Event / work; dashed: a new connection. Not drawn: ABORT, RCV_RST and DEAD, which end in CLOSE, and events that change nothing.");
	printf("</svg>\n");
}
