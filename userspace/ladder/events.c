// SPDX-License-Identifier: GPL-2.0
/* This file holds the growing arrays of ttp_ladder and small questions about events. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

/* Makes room for one more element; out of memory there is nothing left to draw. */
void *list_grow(void *v, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return v;
	*room = *room ? *room * 2 : 64;
	v = realloc(v, *room * size);
	if (!v) {
		perror("ttp_ladder");
		exit(1);
	}
	return v;
}

void event_add(struct event_list *list, const struct event *ev)
{
	list->v = list_grow(list->v, list->n, &list->room, sizeof(*list->v));
	list->v[list->n++] = *ev;
}

int end_equal(const struct end *a, const struct end *b)
{
	return a->port == b->port && !memcmp(&a->addr, &b->addr, sizeof(a->addr));
}

const char *end_text(const struct end *end, char *buf, size_t size)
{
	char addr[INET6_ADDRSTRLEN];

	if (IN6_IS_ADDR_V4MAPPED(&end->addr)) {
		inet_ntop(AF_INET, &end->addr.s6_addr[12], addr, sizeof(addr));
		snprintf(buf, size, "%s:%u", addr, end->port);
	} else {
		inet_ntop(AF_INET6, &end->addr, addr, sizeof(addr));
		snprintf(buf, size, "[%s]:%u", addr, end->port);
	}
	return buf;
}

/* The sequence numbers a segment takes: SYN and FIN count as a byte each. */
uint32_t seq_space(const struct event *ev)
{
	return ev->len + !!(ev->flags & FLAG_SYN) + !!(ev->flags & FLAG_FIN);
}
