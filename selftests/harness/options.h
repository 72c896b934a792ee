/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how a test reads and writes the options of a segment.
 */
#ifndef SELFTESTS_OPTIONS_H
#define SELFTESTS_OPTIONS_H

#include "peer.h"

#define OPT_MSS		2
#define OPT_WSCALE	3
#define OPT_SACK_OK	4
#define OPT_SACK	5
#define OPT_TS		8

/* The option's bytes behind kind and length, or NULL; *@len is their number. */
const uint8_t *opt_find(const struct seg *s, unsigned int kind,
			unsigned int *len);
/* Append an option, with NOPs in front so that it ends on a word. */
void opt_add(struct seg *s, unsigned int kind, const void *data,
	     unsigned int len);

/* Timestamps: false when there are none. */
bool opt_ts(const struct seg *s, uint32_t *val, uint32_t *ecr);
void opt_add_ts(struct seg *s, uint32_t val, uint32_t ecr);

/* SACK blocks: how many, their edges in @edges (2 each, up to 4 blocks). */
unsigned int opt_sack(const struct seg *s, uint32_t edges[8]);
void opt_add_sack(struct seg *s, unsigned int blocks, const uint32_t *edges);

#endif
