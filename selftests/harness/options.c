// SPDX-License-Identifier: GPL-2.0
/*
 * This file reads and writes the options of a hand-made segment.
 */
#include <arpa/inet.h>

#include "options.h"

const uint8_t *opt_find(const struct seg *s, unsigned int kind,
			unsigned int *len)
{
	const uint8_t *p = s->opts, *end = p + s->opts_len;

	while (p < end && *p) {
		if (*p == 1) {
			p++;
			continue;
		}
		CHECK(p + 1 < end && p[1] >= 2 && p + p[1] <= end);
		if (*p == kind) {
			*len = p[1] - 2;
			return p + 2;
		}
		p += p[1];
	}
	return NULL;
}

void opt_add(struct seg *s, unsigned int kind, const void *data,
	     unsigned int len)
{
	while ((s->opts_len + 2 + len) % 4)
		s->opts[s->opts_len++] = 1;
	CHECK(s->opts_len + 2 + len <= sizeof(s->opts));
	s->opts[s->opts_len++] = kind;
	s->opts[s->opts_len++] = 2 + len;
	memcpy(s->opts + s->opts_len, data, len);
	s->opts_len += len;
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

bool opt_ts(const struct seg *s, uint32_t *val, uint32_t *ecr)
{
	unsigned int len;
	const uint8_t *p = opt_find(s, OPT_TS, &len);

	if (!p)
		return false;
	EQ(len, 8);
	*val = get32(p);
	*ecr = get32(p + 4);
	return true;
}

void opt_add_ts(struct seg *s, uint32_t val, uint32_t ecr)
{
	uint32_t data[2] = { htonl(val), htonl(ecr) };

	opt_add(s, OPT_TS, data, sizeof(data));
}

unsigned int opt_sack(const struct seg *s, uint32_t edges[8])
{
	unsigned int len, i;
	const uint8_t *p = opt_find(s, OPT_SACK, &len);

	if (!p)
		return 0;
	CHECK(len && len % 8 == 0 && len <= 32);
	for (i = 0; i < len / 4; i++)
		edges[i] = get32(p + 4 * i);
	return len / 8;
}

void opt_add_sack(struct seg *s, unsigned int blocks, const uint32_t *edges)
{
	uint32_t data[8];
	unsigned int i;

	for (i = 0; i < 2 * blocks; i++)
		data[i] = htonl(edges[i]);
	opt_add(s, OPT_SACK, data, 8 * blocks);
}
