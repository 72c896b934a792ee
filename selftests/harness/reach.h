/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the way into any state of the diagram.
 */
#ifndef SELFTESTS_REACH_H
#define SELFTESTS_REACH_H

#include "peer.h"

/*
 * A socket in the state (TCP_*), connected to the peer. For TIME_WAIT, which
 * has no socket, the descriptor is -1.
 */
int reach(int state, struct peer *p);

#endif
