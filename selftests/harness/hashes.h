/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a look at what only the kernel knows of a packet for the
 * peer: the hash by which flows are told apart.
 */
#ifndef SELFTESTS_HASHES_H
#define SELFTESTS_HASHES_H

#include "peer.h"

/* From now on; after peer_open(). */
void hashes_open(void);
/*
 * The hash of this segment that the peer has received.  Segments are to be asked
 * about in the order in which they came; others, with other numbers, may be left
 * out.
 */
uint32_t hash_of(const struct seg *s);

#endif
