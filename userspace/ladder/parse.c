// SPDX-License-Identifier: GPL-2.0
/* This file turns one line of the kernel's trace text into an event. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

static const char * const states[] = {
	"?", "CLOSE", "LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT1",
	"FIN_WAIT2", "CLOSING", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT",
};

static const char * const kinds[] = {
	[EV_STATE] = "ttp_state: ",
	[EV_SEND] = "ttp_send: ",
	[EV_RECV] = "ttp_recv: ",
	[EV_RETRANSMIT] = "ttp_retransmit: ",
	[EV_DROP] = "ttp_drop: ",
};

#define MAX_FIELDS	16

struct field {
	const char *key, *value;
};

struct fields {
	struct field v[MAX_FIELDS];
	size_t n;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *state_name(uint8_t state)
{
	return state < COUNT(states) ? states[state] : "?";
}

uint8_t state_index(const char *name)
{
	for (size_t i = 1; i < COUNT(states); i++)
		if (!strcmp(name, states[i]))
			return i;
	return 0;
}

/*
 * Cuts "key=value key=value ..." into fields in place. Plain loops: a trace has many
 * lines, and the vector instructions of strcspn() and the like are slow when emulated.
 */
static size_t split(char *text, struct field *fields)
{
	size_t n = 0;

	while (*text && n < MAX_FIELDS) {
		while (*text == ' ' || *text == '\n')
			text++;
		fields[n].key = text;
		while (*text && *text != '=' && *text != ' ')
			text++;
		if (*text != '=')
			continue;
		*text++ = '\0';
		fields[n++].value = text;
		while (*text && *text != ' ' && *text != '\n')
			text++;
		if (*text)
			*text++ = '\0';
	}
	return n;
}

/* The value of @key, or NULL. */
static const char *field(const struct fields *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].key, key))
			return f->v[i].value;
	return NULL;
}

static int field_text(const struct fields *f, const char *key, char *buf, size_t size)
{
	const char *value = field(f, key);

	return value && (size_t)snprintf(buf, size, "%s", value) < size;
}

static int field_state(const struct fields *f, const char *key, uint8_t *state)
{
	const char *value = field(f, key);

	if (value)
		*state = state_index(value);
	return value != NULL;
}

static int field_u32(const struct fields *f, const char *key, uint32_t *value)
{
	const char *text = field(f, key);
	uint64_t n = 0;

	if (!text || !*text)
		return 0;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return 0;
		n = n * 10 + (*text - '0');
		if (n > UINT32_MAX)
			return 0;
	}
	*value = n;
	return 1;
}

static int field_end(const struct fields *f, const char *addr_key, const char *port_key,
		     struct end *end)
{
	const char *addr = field(f, addr_key);
	uint32_t port;

	if (!addr || !field_u32(f, port_key, &port))
		return 0;
	end->port = port;
	return port <= UINT16_MAX && inet_pton(AF_INET6, addr, &end->addr) == 1;
}

static int field_flags(const struct fields *f, uint8_t *flags)
{
	static const char letters[] = "FSRPAUEC";
	const char *value = field(f, "flags");

	if (!value)
		return 0;
	*flags = 0;
	if (!strcmp(value, "."))
		return 1;
	for (; *value; value++) {
		const char *hit = strchr(letters, *value);

		if (!hit)
			return 0;
		*flags |= 1 << (hit - letters);
	}
	return 1;
}

static int parse_state(const struct fields *f, struct event *ev)
{
	return field_end(f, "local", "lport", &ev->src) &&
	       field_end(f, "remote", "rport", &ev->dst) &&
	       field_state(f, "old", &ev->state) && field_state(f, "new", &ev->new_state) &&
	       field_text(f, "event", ev->text, sizeof(ev->text));
}

static int parse_segment(const struct fields *f, struct event *ev)
{
	if (!field_end(f, "src", "sport", &ev->src) ||
	    !field_end(f, "dst", "dport", &ev->dst) ||
	    !field_u32(f, "seq", &ev->seq) || !field_u32(f, "ack", &ev->ack) ||
	    !field_u32(f, "len", &ev->len) || !field_flags(f, &ev->flags))
		return 0;
	if (ev->kind == EV_DROP)
		return field_text(f, "reason", ev->text, sizeof(ev->text));
	return field_u32(f, "win", &ev->win) && field_state(f, "state", &ev->state);
}

/* "... 12.345678: " in front of the event's name; the clock's unit is a microsecond. */
static int parse_time(const char *line, const char *name, int64_t *us)
{
	const char *p = name;
	char *end;
	long long sec, frac;

	if (p - line < 4 || p[-1] != ' ' || p[-2] != ':')
		return 0;
	for (p -= 2; p > line && p[-1] != ' '; p--)
		;
	sec = strtoll(p, &end, 10);
	if (end == p || *end != '.')
		return 0;
	p = end + 1;
	frac = strtoll(p, &end, 10);
	if (end - p != 6)
		return 0;
	*us = sec * 1000000 + frac;
	return 1;
}

/* The last " ttp_NAME: " in @line, as a process may be named anything; NULL: none. */
static char *find_name(char *line, enum event_kind *kind)
{
	char *name = NULL;

	for (char *p = line; *p; p++) {
		if (p[0] != ' ' || p[1] != 't' || p[2] != 't' || p[3] != 'p' || p[4] != '_')
			continue;
		for (size_t i = 0; i < COUNT(kinds); i++) {
			if (!strncmp(p + 1, kinds[i], strlen(kinds[i]))) {
				name = p + 1;
				*kind = i;
			}
		}
	}
	return name;
}

/*
 * Returns 1 for an event, 0 for a line that is none, -1 for one of ours that makes
 * no sense. Cuts the line up.
 */
int parse_line(char *line, struct event *ev)
{
	struct fields f;
	char *name;
	int good;

	*ev = (struct event){ 0 };
	if (!strncmp(line, "CPU:", 4)) {
		const char *missed = strstr(line, " [LOST ");

		if (!missed)
			return 0;
		ev->kind = EV_MISSED;
		ev->len = strtoul(missed + 7, NULL, 10);
		return 1;
	}
	if (line[0] == '#')
		return 0;
	name = find_name(line, &ev->kind);
	if (!name)
		return 0;
	if (!parse_time(line, name, &ev->us))
		return -1;
	f.n = split(name + strlen(kinds[ev->kind]), f.v);
	good = field_u32(&f, "net", &ev->net) &&
	       (ev->kind == EV_STATE ? parse_state(&f, ev) : parse_segment(&f, ev));
	return good ? 1 : -1;
}
