/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a dialogue: the lines of a script, what each of them
 * says, and what is known while they are played.
 *
 * "Kernel" is the host under test, "peer" the other end, which the script
 * speaks for.  Documentation/dialogues.rst describes the language.
 */
#ifndef SELFTESTS_DLG_H
#define SELFTESTS_DLG_H

#include "peer.h"

#define MAX_LINES	300
#define MAX_OPTIONS	12
#define MAX_ARGS	3
#define MAX_MAYBES	8
#define MAX_WAITING	16

/* A number as it is written: 5, 5/7 (IPv4/IPv6), 1..9, *, zero. */
struct num {
	enum {
		NUM_UNSAID, NUM_VALUE, NUM_RANGE, NUM_ANY,
		NUM_ZERO,	/* 0 on the wire, not a number of the figure */
	} kind;
	uint32_t lo, hi;	/* VALUE: for IPv4 and IPv6 */
};

struct option {
	unsigned int kind;	/* OPT_*, 0 for OPT=hex, 1 for a NOP */
	struct num a, b;	/* MSS, WS: a; TS: a, b */
	unsigned int blocks;	/* SACK */
	uint32_t edges[8];
	uint8_t raw[38];
	unsigned int raw_len;
};

struct segment {
	struct num seq, ack, wnd, len, urg, res, tos, ttl;
	unsigned int flags;
	bool psh_matters;
	bool no_options;	/* there must be none */
	unsigned int nr_options;
	struct option options[MAX_OPTIONS];
	/* only to inject: what is to be wrong with it */
	bool bad_csum;
	unsigned int doff, cut;
	const char *from, *to;	/* a word of dlg_address() */
	bool ip_option;
};

struct call;

enum line_kind { LINE_SENT, LINE_INJECTED, LINE_ICMP, LINE_CALL };

/* In which runs a line counts. */
#define WAY_TTP	1
#define WAY_TCP	2
#define WAY_V4	4
#define WAY_V6	8
#define WAY_ALL	15

struct line {
	int number;
	char *text;
	enum line_kind kind;
	unsigned int ways;
	char *why;		/* not all of them */
	bool maybe;		/* SENT: need not come */
	int after_ms;		/* since the line before; -1 unsaid */
	int state;		/* TCP_* afterwards; 0 unsaid */
	struct segment seg;
	unsigned int icmp;	/* dlg_icmps[] */
	const struct call *call;
	long args[MAX_ARGS];
	char *word;		/* the one argument that is a name */
	int nr_args;
	bool has_result;
	long result;		/* -errno */
};

struct script {
	const char *path;
	char *name;
	unsigned int ways;
	char *why;
	bool alone;		/* wants a netns of its own, and waits */
	int nr_lines;
	struct line lines[MAX_LINES];
};

struct play {
	const struct script *script;
	const struct line *line;
	int fd, listener;	/* -1: none */
	unsigned int port, kport;	/* the peer's, the kernel's; 0 unknown */
	/* real number = number in the script + base */
	uint32_t base_k, base_p;
	bool bound_k, bound_p;
	bool synced;		/* the kernel has acknowledged a SYN */
	uint32_t sent_to;	/* real, past all that the kernel has sent */
	uint32_t acked_to;	/* real, what the peer has acknowledged */
	uint32_t known_to;	/* real, and what the kernel knows of that */
	uint32_t tsval;		/* the kernel's last */
	uint32_t read_pos, write_pos;	/* script numbers of the streams */
	unsigned int wnd;
	long long last_ms;
	/* read before the peer spoke, but not asked for yet */
	int nr_waiting;
	struct seg waiting[MAX_WAITING];
	int nr_maybes;
	const struct line *maybes[MAX_MAYBES];
};

/* parse.c */
void dlg_parse(struct script *s, const char *path);
void dlg_error(const struct script *s, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/* segment.c: at "<SEQ=..."; gives what follows the segment */
const char *dlg_parse_segment(const struct script *s, struct line *l,
			      const char *text);

/* names.c: -1 when there is no such name */
int dlg_state(const char *name);
const char *dlg_state_name(int state);
int dlg_errno(const char *name);
const char *dlg_errno_name(int err);
int dlg_flag(const char *name, size_t len);

struct dlg_icmp {
	const char *name;
	int type[2], code[2];	/* IPv4, IPv6; -1: none */
};

extern const struct dlg_icmp dlg_icmps[];
int dlg_icmp(const char *name);

struct dlg_sockopt {
	const char *name;
	int level[2], opt[2];
};

const struct dlg_sockopt *dlg_sockopt(const char *name);
/* The address that such a word means; NULL: no such word. */
const char *dlg_address(const char *word);

/* match.c */
bool dlg_match(struct play *p, const struct segment *want,
	       const struct seg *got, char *why, size_t why_len);
const char *dlg_text(const struct play *p, const struct seg *s);
uint32_t dlg_value(const struct num *n);

/* calls.c */
struct call {
	const char *name;
	/*
	 * n number, t time, w word, o socket option, e poll events,
	 * d direction, s state; behind a ? those that may be left out
	 */
	const char *args;
	bool result;
	void (*run)(struct play *p, const struct line *l);
};

const struct call *dlg_call(const char *name);
long dlg_events(const char *text);	/* -1: no such */

/* play.c */
void dlg_play(const struct script *s);
int dlg_deadline(void);
void dlg_silence(struct play *p, int ms);
void dlg_until_state(struct play *p, int state);
void dlg_fail(const struct play *p, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

#endif
