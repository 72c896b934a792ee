// SPDX-License-Identifier: GPL-2.0
/*
 * This file prints the state table of core/fsm.c as documentation:
 * "print_states rst" as reStructuredText, "dot" as a graph, "svg" as a picture.
 */
#include <stdio.h>

#include "states.h"

/* The order of a connection's life; the numbers of the states are historical. */
static const u8 order[] = {
	TTP_CLOSE, TTP_LISTEN, TTP_SYN_SENT, TTP_SYN_RECV, TTP_ESTABLISHED,
	TTP_FIN_WAIT1, TTP_FIN_WAIT2, TTP_CLOSING, TTP_TIME_WAIT,
	TTP_CLOSE_WAIT, TTP_LAST_ACK,
};

static const char * const states[TTP_NR_STATES] = {
	[TTP_CLOSE] = "No connection: a new socket, or one whose connection is over.",
	[TTP_LISTEN] = "Waits for connections. The listener itself never leaves this state because of a segment; each SYN makes a request.",
	[TTP_SYN_SENT] = "Our SYN is on its way and nothing has come back.",
	[TTP_SYN_RECV] = "Both SYNs are known; ours is not acknowledged. A passive open spends this time as a request, so the full socket is here only for an instant or after a simultaneous open.",
	[TTP_ESTABLISHED] = "Data flows both ways.",
	[TTP_FIN_WAIT1] = "We have closed; our FIN (perhaps still behind data) is not acknowledged.",
	[TTP_FIN_WAIT2] = "Our FIN is acknowledged; the peer may still send.",
	[TTP_CLOSING] = "Both have closed at once: the peer's FIN has come, the acknowledgement of ours has not.",
	[TTP_TIME_WAIT] = "All is done; the address pair rests for 2 MSL, so that old segments die and a lost last ACK can be repeated. A small stand-in does the waiting.",
	[TTP_CLOSE_WAIT] = "The peer has closed; we have not and may still send.",
	[TTP_LAST_ACK] = "Both have closed, the peer first; our FIN is not acknowledged.",
};

static const char * const events[TTP_NR_EVENTS] = {
	[TTP_EV_LISTEN] = "the user calls listen()",
	[TTP_EV_CONNECT] = "the user calls connect()",
	[TTP_EV_CLOSE] = "the user calls close(), or shutdown() for writing",
	[TTP_EV_ABORT] = "the user closes with unread data, or with a linger time of 0",
	[TTP_EV_RCV_RST] = "an acceptable RST arrives",
	[TTP_EV_RCV_SYN] = "a SYN arrives that does not acknowledge ours",
	[TTP_EV_RCV_SYNACK] = "a SYN arrives that acknowledges ours",
	[TTP_EV_RCV_ACK_OF_SYN] = "our SYN is acknowledged",
	[TTP_EV_RCV_ACK_OF_FIN] = "our FIN is acknowledged",
	[TTP_EV_RCV_FIN] = "a FIN arrives and is the next in sequence",
	[TTP_EV_DEAD] = "a timer gives up: retries, keepalive, FIN_WAIT2 of an orphan",
	[TTP_EV_2MSL] = "TIME_WAIT is over, or connect() takes the address pair",
	[TTP_EV_HANDOVER] = "the stand-in for TIME_WAIT has taken over from the full socket",
};

/* In the order of their bits, which is the order in which they are done. */
static const struct {
	u32 bit;
	const char *name;
	const char *text;
} work[] = {
	{ TTP_DO_SYN, "syn", "send our SYN" },
	{ TTP_DO_SYNACK, "synack", "send SYN+ACK" },
	{ TTP_DO_ESTAB, "estab", "tell the user that the connection stands" },
	{ TTP_DO_FIN, "fin", "queue our FIN behind the data" },
	{ TTP_DO_EOF, "eof", "tell the reader that no more data comes" },
	{ TTP_DO_RST, "rst", "send RST" },
	{ TTP_DO_ERR, "err", "report an error to the user" },
	{ TTP_DO_TW, "tw", "make the stand-in for TIME_WAIT" },
	{ TTP_DO_FIN2, "fin2", "limit the wait if nobody owns the socket any more" },
	{ TTP_DO_SPAWN, "spawn", "make a request for a new connection" },
	{ TTP_DO_DEAD, "dead", "leave the tables, stop the timers" },
	{ TTP_DO_ACK, "ack", "send an ACK" },
	{ TTP_DO_DELACK, "delack", "send an ACK soon, with data or FIN if some comes" },
};

void states_print_work(u32 todo, const char *none)
{
	const char *sep = "";
	size_t i;

	if (!todo)
		printf("%s", none);
	for (i = 0; i < ARRAY_SIZE(work); i++) {
		if (todo & work[i].bit) {
			printf("%s%s", sep, work[i].name);
			sep = ", ";
		}
	}
}

static void print_title(const char *title, char line)
{
	size_t i;

	printf("\n%s\n", title);
	for (i = 0; i < strlen(title); i++)
		putchar(line);
	printf("\n\n");
}

static void print_state(u32 s)
{
	u32 ev;
	size_t i;

	print_title(ttp_state_name(s), '-');
	printf("%s\n\n", states[s]);
	printf(".. list-table::\n   :header-rows: 1\n   :widths: 25 20 25\n\n");
	printf("   * - event\n     - next state\n     - work\n");
	for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
		const struct ttp_edge *e = ttp_fsm_next(s, ev);

		if (!e)
			continue;
		printf("   * - %s\n     - %s\n     - ", ttp_event_name(ev),
		       e->next == s ? "(stays)" : ttp_state_name(e->next));
		states_print_work(e->todo, "\\-");
		printf("\n");
	}
	printf("\nEntered from:\n\n");
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		const char *sep = "";

		for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
			if (order[i] == s || ttp_edges[order[i]][ev].next != s)
				continue;
			if (!*sep)
				printf("* %s, by ", ttp_state_name(order[i]));
			printf("%s%s", sep, ttp_event_name(ev));
			sep = ", ";
		}
		if (*sep)
			printf("\n");
	}
}

/* One row per state, one column per event, the next state in the cell. */
static void print_matrix(void)
{
	u32 ev, cells = 0;
	size_t i;

	print_title("All transitions at a glance", '=');
	printf("A dot is a pair that cannot happen; = stays in the state.\n\n");
	printf("::\n\n    %-16s", "event \\ state");
	for (i = 0; i < ARRAY_SIZE(order); i++)
		printf(i + 1 < ARRAY_SIZE(order) ? " %-11s" : " %s",
		       ttp_state_name(order[i]));
	for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
		printf("\n    %-16s", ttp_event_name(ev));
		for (i = 0; i < ARRAY_SIZE(order); i++) {
			u32 next = ttp_edges[order[i]][ev].next;
			const char *cell = !next ? "." : next == order[i] ? "=" :
					   ttp_state_name(next);

			cells += !!next;
			printf(i + 1 < ARRAY_SIZE(order) ? " %-11s" : " %s", cell);
		}
	}
	printf("\n\n%u pairs, %u of them transitions.\n",
	       (u32)ARRAY_SIZE(order) * TTP_NR_EVENTS, cells);
}

static void print_rst(void)
{
	size_t i;

	printf(".. SPDX-License-Identifier: GPL-2.0\n"
	       ".. This file is printed from module/core/fsm.c by \"make -C module/core/host docs\"; do not edit.\n\n"
	       "=================\nThe state machine\n=================\n\n"
	       "A connection is in one of %u states. What happens to it is an event: a call of the\n"
	       "user, a segment that verdict.c has accepted, or a timer. One segment may carry several\n"
	       "events, always taken in the order RST (alone), SYN, acknowledgement of our SYN,\n"
	       "acknowledgement of our FIN, FIN. The table says which state follows, and which work\n"
	       "that leaves for the one place that acts (run.c). The states are those of RFC 9293\n"
	       "3.3.2, with CLOSE for CLOSED.\n\n"
	       ".. image:: states.svg\n   :alt: the states and the events that lead from one to the next\n", (u32)ARRAY_SIZE(order));
	print_matrix();
	print_title("Events", '=');
	for (i = 0; i < TTP_NR_EVENTS; i++)
		printf("%s\n    %s\n", ttp_event_name(i), events[i]);
	print_title("Work", '=');
	for (i = 0; i < ARRAY_SIZE(work); i++)
		printf("%s\n    %s\n", work[i].name, work[i].text);
	print_title("State by state", '=');
	printf("The numbers of the states are those of the kernel's TCP.\n");
	for (i = 0; i < ARRAY_SIZE(order); i++)
		print_state(order[i]);
}

bool states_is_drawn(u32 state, u32 ev)
{
	u32 next = ttp_edges[state][ev].next;

	return next && next != state && ev != TTP_EV_ABORT &&
	       ev != TTP_EV_RCV_RST && ev != TTP_EV_DEAD &&
	       ev != TTP_EV_HANDOVER;
}

static void print_dot(void)
{
	u32 ev;
	size_t i;

	printf("// SPDX-License-Identifier: GPL-2.0\n"
	       "// This file is printed from module/core/fsm.c; draw it with: dot -Tsvg states.dot\n"
	       "// Not drawn: ABORT, RCV_RST and DEAD, which end in CLOSE, and events that change nothing.\n"
	       "digraph ttp {\n\tnode [shape=box, style=rounded, fontname=sans];\n"
	       "\tedge [fontname=sans, fontsize=10];\n");
	for (i = 0; i < ARRAY_SIZE(order); i++)
		printf("\t%s;\n", ttp_state_name(order[i]));
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
			const struct ttp_edge *e = &ttp_edges[order[i]][ev];

			if (!states_is_drawn(order[i], ev))
				continue;
			printf("\t%s -> %s [label=\"%s",
			       ttp_state_name(order[i]),
			       ttp_state_name(e->next), ttp_event_name(ev));
			if (e->todo & ~TTP_DO_DEAD) {
				printf(" / ");
				states_print_work(e->todo & ~TTP_DO_DEAD, "");
			}
			printf("\"];\n");
		}
	}
	printf("}\n");
}

/* Every state and every bit of work that the table uses must be explained. */
static bool is_explained(void)
{
	u32 known = 0, s, ev;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(work); i++)
		known |= work[i].bit;
	for (s = 1; s < TTP_NR_STATES; s++) {
		if (!states[s])
			return false;
		for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
			if (!events[ev] || ttp_edges[s][ev].todo & ~known)
				return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	if (!is_explained()) {
		fprintf(stderr, "print_states: a state, an event or a piece of work has no explanation\n");
		return 1;
	}
	if (argc == 2 && !strcmp(argv[1], "rst")) {
		print_rst();
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "dot")) {
		print_dot();
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "svg")) {
		states_print_svg();
		return 0;
	}
	fprintf(stderr, "usage: print_states rst|dot|svg\n");
	return 2;
}
