/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a peer that sends a stream piece by piece, in any order,
 * and hears what the kernel answers: how far it has it, and what it allows.
 */
#ifndef SELFTESTS_HEAR_H
#define SELFTESTS_HEAR_H

#include "peer.h"

/* What the peer was told last, and the furthest byte that it might send. */
struct heard {
	uint32_t base;		/* the first byte of the stream */
	uint32_t ack, edge;
	unsigned int shift;	/* the kernel's window scale */
	unsigned int blocks;	/* SACKed, and their edges */
	uint32_t sack[8];
};

extern struct heard heard;

/*
 * The peer opens and offers SACK, and this window scale unless it is negative;
 * SO_RCVBUF is set to half of @rcvbuf, unless 0.  Returns the kernel's socket.
 */
int hear_dial(struct peer *p, int rcvbuf, int wscale);
/* Bytes @at to @at + @len of the stream. */
void hear_send(struct peer *p, uint32_t at, unsigned int len);
/* Every segment that has come; fails if an edge is left of one before. */
void hear(struct peer *p, int timeout_ms);
bool hear_acked(struct peer *p, uint32_t seq);

#endif
