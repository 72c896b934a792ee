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

/* Copies the value of @key out of "key=value key=value ..."; false when there is none. */
static int field(const char *text, const char *key, char *value, size_t size)
{
	size_t key_len = strlen(key);

	while (*text) {
		size_t len = strcspn(text, " \n");

		if (len > key_len && text[key_len] == '=' && !strncmp(text, key, key_len)) {
			len -= key_len + 1;
			if (len >= size)
				return 0;
			memcpy(value, text + key_len + 1, len);
			value[len] = '\0';
			return 1;
		}
		text += len;
		text += strspn(text, " \n");
	}
	return 0;
}

static int field_u32(const char *text, const char *key, uint32_t *value)
{
	char buf[16];
	char *end;
	unsigned long long n;

	if (!field(text, key, buf, sizeof(buf)))
		return 0;
	n = strtoull(buf, &end, 10);
	*value = (uint32_t)n;
	return end != buf && !*end && n <= UINT32_MAX;
}

static int field_end(const char *text, const char *addr_key, const char *port_key,
		     struct end *end)
{
	char addr[INET6_ADDRSTRLEN + 1];
	uint32_t port;

	if (!field(text, addr_key, addr, sizeof(addr)) || !field_u32(text, port_key, &port))
		return 0;
	end->port = port;
	return port <= UINT16_MAX && inet_pton(AF_INET6, addr, &end->addr) == 1;
}

static int field_flags(const char *text, uint8_t *flags)
{
	static const char letters[] = "FSRPAUEC";
	char buf[16];

	if (!field(text, "flags", buf, sizeof(buf)))
		return 0;
	*flags = 0;
	if (!strcmp(buf, "."))
		return 1;
	for (const char *p = buf; *p; p++) {
		const char *hit = strchr(letters, *p);

		if (!hit)
			return 0;
		*flags |= 1 << (hit - letters);
	}
	return 1;
}

static int parse_state(const char *text, struct event *ev)
{
	char old[16], new[16];

	if (!field_end(text, "local", "lport", &ev->src) ||
	    !field_end(text, "remote", "rport", &ev->dst) ||
	    !field(text, "old", old, sizeof(old)) || !field(text, "new", new, sizeof(new)) ||
	    !field(text, "event", ev->text, sizeof(ev->text)))
		return 0;
	ev->state = state_index(old);
	ev->new_state = state_index(new);
	return 1;
}

static int parse_segment(const char *text, struct event *ev)
{
	char state[16];

	if (!field_end(text, "src", "sport", &ev->src) ||
	    !field_end(text, "dst", "dport", &ev->dst) ||
	    !field_u32(text, "seq", &ev->seq) || !field_u32(text, "ack", &ev->ack) ||
	    !field_u32(text, "len", &ev->len) || !field_flags(text, &ev->flags))
		return 0;
	if (ev->kind == EV_DROP)
		return field(text, "reason", ev->text, sizeof(ev->text));
	if (!field_u32(text, "win", &ev->win) || !field(text, "state", state, sizeof(state)))
		return 0;
	ev->state = state_index(state);
	return 1;
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

/*
 * Returns 1 for an event, 0 for a line that is none, -1 for one of ours that
 * makes no sense. A process may be named anything, so the last match counts.
 */
int parse_line(const char *line, struct event *ev)
{
	const char *name = NULL, *missed;

	*ev = (struct event){ 0 };
	missed = strstr(line, "[LOST ");
	if (missed && strstr(missed, " EVENTS]")) {
		ev->kind = EV_MISSED;
		ev->len = strtoul(missed + 6, NULL, 10);
		return 1;
	}
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const char *hit = strstr(line, kinds[i]);

		for (; hit; hit = strstr(hit + 1, kinds[i])) {
			if (hit > name && hit > line && hit[-1] == ' ') {
				name = hit;
				ev->kind = i;
			}
		}
	}
	if (!name || line[0] == '#')
		return 0;
	if (!parse_time(line, name, &ev->us))
		return -1;
	name += strlen(kinds[ev->kind]);
	if (!field_u32(name, "net", &ev->net))
		return -1;
	if (ev->kind == EV_STATE)
		return parse_state(name, ev) ? 1 : -1;
	return parse_segment(name, ev) ? 1 : -1;
}
