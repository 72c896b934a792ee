/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the four steps of ttp_ladder, each in its own file:
 *
 *   trace text --parse.c--> events --conn.c--> one connection's events
 *     --match.c--> arrows (a sending joined to its receptions)
 *     --rows.c--> rows in drawing order --draw.c--> text
 */
#ifndef TTP_LADDER_H
#define TTP_LADDER_H

#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define NONE ((size_t)-1)

enum { LEFT, RIGHT };

enum segment_flag {
	FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4, FLAG_PSH = 8,
	FLAG_ACK = 16, FLAG_URG = 32, FLAG_ECE = 64, FLAG_CWR = 128,
	/* The flags that open and close a connection. */
	FLAGS_CONTROL = FLAG_FIN | FLAG_SYN | FLAG_RST,
};

enum event_kind { EV_STATE, EV_SEND, EV_RECV, EV_RETRANSMIT, EV_DROP, EV_MISSED };

struct end {
	struct in6_addr addr;
	uint16_t port;
};

/* One tracepoint hit; EV_MISSED says that the kernel's buffer overran by @len events. */
struct event {
	int64_t us;
	enum event_kind kind;
	uint32_t net;
	struct end src, dst;	/* EV_STATE: local and remote */
	uint32_t seq, ack, len, win;
	uint8_t flags;
	uint8_t state;		/* index of a state name; EV_STATE: the old one */
	uint8_t new_state;
	char text[32];		/* EV_STATE: what caused it; EV_DROP: the reason */
};

struct event_list {
	struct event *v;
	size_t n, room;
};

/* A connection: its opener is on the left. */
struct conn {
	struct end end[2];
	int visible[2];		/* whether that end's network namespace was traced */
	uint32_t net[2];
	int self;		/* one socket connected to itself */
	int opened;		/* its first SYN was seen */
	int closed;		/* its addresses and ports were taken over by a later one */
	uint32_t isn[2];
	int has_isn[2];
	struct event_list events;
};

struct conn_list {
	struct conn *v;
	size_t n;
};

/* A segment on its way; either end of the way may be unknown. */
struct arrow {
	int from;		/* LEFT or RIGHT */
	size_t sent, received;	/* indices of events, or NONE */
	int64_t seq, ack;	/* relative, and past 2^32 where need be */
	uint32_t len, win;
	uint8_t flags;
	int again;		/* a retransmission */
	int lost;
	int partly;		/* some bytes of a burst were lost */
	int copy;		/* received, yet not sent: the network duplicated it */
	const char *drop;	/* why the receiver threw it away, or NULL */
	size_t next;		/* another arrow that ends in the same reception, or NONE */
};

struct arrow_list {
	struct arrow *v;
	size_t n, room;
	size_t *of_send;	/* event index -> the arrow that starts there, or NONE */
	size_t *of_recv;	/* event index -> first arrow that ends there, or NONE */
	const char **fate;	/* event index -> why that reception was dropped, or NULL */
};

enum row_kind {
	ROW_START,		/* both ends' states before anything happened */
	ROW_WHOLE,		/* a segment, from one end to the other */
	ROW_DEPART,		/* a segment that crosses another one: it leaves here ... */
	ROW_ARRIVE,		/* ... and arrives there */
	ROW_LOST,
	ROW_NOTE,		/* a change of state without a segment */
};

struct row {
	enum row_kind kind;
	const struct arrow *arrow;
	const char *text;	/* ROW_NOTE: what caused it */
	int side;		/* ROW_NOTE: where */
	int has[2];		/* whether that end takes part in this row */
	int64_t us[2];
	uint8_t state[2];
	int plain;		/* mere data or acknowledgement, may be folded */
};

struct row_list {
	struct row *v;
	size_t n, room;
};

/* The drawing's end when everything is known. */
#define UNTIL_END	INT64_MAX

/* A segment this old that has not arrived is lost. */
#define PATIENCE_US	900000

struct draw_options {
	int width;
	int all;		/* do not fold */
	int show_win;
	int live;		/* the drawing grows: a line once drawn must stay true */
	int64_t until_us;	/* draw what happened before this */
};

/* parse.c */
int parse_line(char *line, struct event *ev);
const char *state_name(uint8_t state);
uint8_t state_index(const char *name);

/* events.c: growing arrays and small questions about events */
void *list_grow(void *v, size_t n, size_t *room, size_t size);
void event_add(struct event_list *list, const struct event *ev);
int end_equal(const struct end *a, const struct end *b);
const char *end_text(const struct end *end, char *buf, size_t size);
uint32_t seq_space(const struct event *ev);

/* conn.c */
void conn_select(const struct event_list *events, int port, size_t count, int tails,
		 struct conn_list *conns);
void conn_free(struct conn_list *conns);
int conn_side(const struct conn *conn, const struct event *ev);
int conn_ended(const struct conn *conn);
void conn_forget(struct event_list *events, const struct conn *conn);

/* match.c */
void match_arrows(const struct conn *conn, int64_t end_us, struct arrow_list *arrows);
void match_free(struct arrow_list *arrows);

/* rows.c */
void rows_build(const struct conn *conn, const struct arrow_list *arrows,
		const struct draw_options *opt, struct row_list *rows);

/* draw.c */
void draw_conn(FILE *out, const struct conn *conn, int64_t end_us, const struct draw_options *opt);

/* capture.c: a private instance of the kernel's tracer */
void capture_start(int port);
void capture_read(int wait_ms, struct event_list *events, FILE *save);
void capture_stop(void);
int64_t capture_now(void);

/* live.c */
int live_run(const struct draw_options *opt, int port, size_t count, FILE *save,
	     volatile sig_atomic_t *stop);

#endif
