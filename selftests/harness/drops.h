/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the counters of dropped segments, as a test wants them:
 * which one has moved, and that no other has.
 */
#ifndef SELFTESTS_DROPS_H
#define SELFTESTS_DROPS_H

#include "peer.h"

#define MAX_DROPS	64

/* All counters of drops of this netns; none where kernel TCP is tested. */
struct drops {
	int n;
	struct {
		char name[48];
		long long value;
	} c[MAX_DROPS];
};

void read_drops(struct drops *d);
/* How many were dropped for this reason since @before, 0 with kernel TCP. */
long long dropped(const struct drops *before, const char *name);
/* Since @before exactly @by segments were dropped, for this reason alone. */
void only_moved(const struct drops *before, const char *name, int by);

/* The connection is alive: what the peer sends is read and acknowledged. */
void still_works(struct peer *p, int fd);

#endif
