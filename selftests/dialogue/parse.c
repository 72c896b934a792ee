// SPDX-License-Identifier: GPL-2.0
/*
 * This file reads a script, line by line, and says what is wrong with one
 * that cannot be read.
 */
#include <ctype.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "dlg.h"

void dlg_error(const struct script *s, int line, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	if (line)
		fprintf(stderr, "%s:%d: ", s->path, line);
	else
		fprintf(stderr, "%s: ", s->path);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

static char *skip_blanks(char *p)
{
	while (isspace(*p))
		p++;
	return p;
}

/* Cut the next word off; NULL at the end of the line. */
static char *word(char **p)
{
	char *w = skip_blanks(*p);

	if (!*w)
		return NULL;
	*p = w + strcspn(w, " \t");
	if (**p)
		*(*p)++ = '\0';
	return w;
}

/* 200ms or 1.5s; -1: neither. */
static long read_time(const char *text)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || v < 0 || v > 86400)
		return -1;
	if (!strcmp(end, "ms"))
		return v;
	return strcmp(end, "s") ? -1 : (long)(v * 1000);
}

static bool read_long(const char *text, long *value)
{
	char *end;

	*value = strtol(text, &end, 0);
	return end != text && !*end;
}

/* "ttp: the reason" */
static unsigned int read_ways(const struct script *s, int number, char *text,
			      char **why)
{
	static const char * const names[] = { "ttp", "tcp", "v4", "v6" };
	char *colon = strchr(text, ':');
	size_t i;

	text = skip_blanks(text);
	if (colon) {
		*colon = '\0';
		*why = strdup(skip_blanks(colon + 1));
	}
	if (!colon || !**why)
		dlg_error(s, number, "a line for some runs only needs a reason: \"| tcp: why\"");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(text, names[i]))
			return i < 2 ? (1 << i | WAY_V4 | WAY_V6) :
				       (1 << i | WAY_TTP | WAY_TCP);
	dlg_error(s, number, "\"%s\" is none of ttp, tcp, v4, v6", text);
}

static void read_result(const struct script *s, struct line *l, const char *text)
{
	l->has_result = true;
	if (!strcmp(text, "EOF"))
		l->result = 0;
	else if (dlg_errno(text) > 0)
		l->result = -dlg_errno(text);
	else if (!read_long(text, &l->result))
		dlg_error(s, l->number, "\"%s\" is no number, no error and not EOF",
			  text);
}

/* One argument, of the type that the call wants there. */
static void read_arg(const struct script *s, struct line *l, char type,
		     char *text)
{
	long v = -1;
	bool ok = true;

	switch (type) {
	case 'n':
		ok = read_long(text, &v);
		break;
	case 't':
		ok = (v = read_time(text)) >= 0;
		break;
	case 's':
		ok = (v = dlg_state(text)) >= 0;
		break;
	case 'e':
		ok = (v = dlg_events(text)) >= 0;
		break;
	case 'd':
		v = !strcmp(text, "RD") ? SHUT_RD : !strcmp(text, "WR") ?
			SHUT_WR : !strcmp(text, "RDWR") ? SHUT_RDWR : -1;
		ok = v >= 0;
		break;
	case 'o':
		ok = dlg_sockopt(text);
		/* fall through */
	default:
		l->word = strdup(text);
	}
	if (!ok)
		dlg_error(s, l->number, "%s: cannot read \"%s\"", l->call->name,
			  text);
	l->args[l->nr_args++] = v;
}

static void read_call(const struct script *s, struct line *l, char *name,
		      char *rest)
{
	const char *types;
	char *w = NULL;

	l->kind = LINE_CALL;
	l->call = dlg_call(name);
	if (!l->call)
		dlg_error(s, l->number, "\"%s\": no such call, state or arrow",
			  name);
	for (types = l->call->args; (w = word(&rest)); types++) {
		if (!strcmp(w, "="))
			break;
		if (*types == '?')
			types++;
		if (!*types || l->nr_args == MAX_ARGS)
			dlg_error(s, l->number, "%s: \"%s\" is too much", name, w);
		read_arg(s, l, *types, w);
	}
	if (*types && *types != '?')
		dlg_error(s, l->number, "%s: an argument is missing", name);
	if (!w)
		return;
	w = word(&rest);
	if (!l->call->result)
		dlg_error(s, l->number, "%s has no result", name);
	if (!w || word(&rest))
		dlg_error(s, l->number, "%s: one result expected after =", name);
	read_result(s, l, w);
}

/*
 * What stands to the right of a segment is for the reader, as in the figures
 * of the RFC: an arrow and the peer's state, or "..." for what gets lost.
 */
static void read_right(const struct script *s, const struct line *l,
		       const char *arrow, char *rest)
{
	char *w = word(&rest);

	if (!w)
		return;
	if (strcmp(w, arrow) && strcmp(w, "..."))
		dlg_error(s, l->number, "\"%s\" after the segment: %s or ... expected",
			  w, arrow);
	w = word(&rest);
	if (w && dlg_state(w) < 0)
		dlg_error(s, l->number, "\"%s\" is no state", w);
	w = w ? word(&rest) : NULL;
	if (w)
		dlg_error(s, l->number, "\"%s\" is too much", w);
}

static void read_arrow(const struct script *s, struct line *l,
		       const char *arrow, char *rest)
{
	const char *after;
	char *w;

	l->kind = strcmp(arrow, "<--") ? LINE_SENT : LINE_INJECTED;
	l->maybe = !strcmp(arrow, "?->");
	if (l->maybe && (l->state || l->after_ms >= 0))
		dlg_error(s, l->number, "what may come has neither time nor state");
	rest = skip_blanks(rest);
	if (!strncmp(rest, "ICMP ", 5)) {
		rest += 5;
		w = word(&rest);
		if (l->kind == LINE_SENT || !w || dlg_icmp(w) < 0)
			dlg_error(s, l->number, "\"%s\" is no ICMP message to send",
				  w ? w : "");
		l->kind = LINE_ICMP;
		l->icmp = dlg_icmp(w);
		rest = skip_blanks(rest);
	}
	if (*rest != '<')
		dlg_error(s, l->number, "no segment after %s", arrow);
	after = dlg_parse_segment(s, l, rest);
	read_right(s, l, arrow, (char *)after);
}

static bool is_arrow(const char *w)
{
	return w && (!strcmp(w, "-->") || !strcmp(w, "<--") ||
		     !strcmp(w, "?->"));
}

/* [+TIME] [STATE] --> SEGMENT, or STATE, or CALL ARGUMENTS [= RESULT] */
static void read_line(struct script *s, struct line *l, char *text)
{
	char *w = word(&text);

	l->after_ms = -1;
	if (*w == '+') {
		l->after_ms = read_time(w + 1);
		if (l->after_ms < 0)
			dlg_error(s, l->number, "\"%s\" is no time (+200ms, +1.5s)", w);
		w = word(&text);
	}
	if (w && !is_arrow(w) && dlg_state(w) > 0) {
		l->state = dlg_state(w);
		w = word(&text);
		if (!w) {
			l->kind = LINE_CALL;
			return;
		}
		if (!is_arrow(w))
			dlg_error(s, l->number, "after a state: nothing, --> or <--");
	}
	if (is_arrow(w)) {
		read_arrow(s, l, w, text);
		return;
	}
	if (l->after_ms >= 0)
		dlg_error(s, l->number, "only a segment can have a time");
	read_call(s, l, w, text);
}

/* "only ttp: reason" and "alone" are about the script. */
static bool read_header(struct script *s, int number, char *text)
{
	if (!strncmp(text, "only ", 5)) {
		s->ways = read_ways(s, number, text + 5, &s->why);
		return true;
	}
	if (strcmp(text, "alone"))
		return false;
	s->alone = true;
	return true;
}

static void end_line(char *text)
{
	char *p;

	for (p = text; *p; p++)
		if (*p == '#' && (p == text || isspace(p[-1])))
			*p = '\0';
	while (p > text && (!p[-1] || isspace(p[-1])))
		*--p = '\0';
	for (p = strchr(text, '\0'); p > text && isspace(p[-1]);)
		*--p = '\0';
}

static char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = strdup(slash ? slash + 1 : path);
	char *dot = strrchr(name, '.');

	if (dot)
		*dot = '\0';
	return name;
}

void dlg_parse(struct script *s, const char *path)
{
	char buf[512], *text, *bar;
	int number = 0;
	FILE *f;

	memset(s, 0, sizeof(*s));
	s->path = path;
	s->name = base_name(path);
	s->ways = WAY_ALL;
	f = fopen(path, "r");
	if (!f)
		dlg_error(s, 0, "%s", strerror(errno));
	while (fgets(buf, sizeof(buf), f)) {
		struct line *l = &s->lines[s->nr_lines];

		number++;
		if (!strchr(buf, '\n'))
			dlg_error(s, number, "too long a line, or no end of it");
		end_line(buf);
		text = skip_blanks(buf);
		if (!*text || read_header(s, number, text))
			continue;
		if (s->nr_lines++ == MAX_LINES)
			dlg_error(s, number, "more than %d lines", MAX_LINES);
		l->number = number;
		l->text = strdup(text);
		l->ways = WAY_ALL;
		bar = strstr(text, " | ");
		if (bar) {
			*bar = '\0';
			l->ways = read_ways(s, number, bar + 3, &l->why);
		}
		read_line(s, l, text);
	}
	fclose(f);
	if (!s->nr_lines)
		dlg_error(s, 0, "says nothing");
}
