/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares forged segments, and how their effect is seen.
 */
#ifndef SELFTESTS_FORGE_H
#define SELFTESTS_FORGE_H

#include "peer.h"

/* A segment of the peer, but @off bytes further on, and without options. */
struct seg forged(const struct peer *p, unsigned int flags, uint32_t off,
		  unsigned int len);
/* So many bare ACKs come, and no more. */
void answers(struct peer *p, int n);
/* A counter by its name without "Ttp"; kernel TCP's in TcpExt, by the same. */
long long count(const char *name);

#endif
