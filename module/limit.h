/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the limits on answers to invalid segments: one for each
 * connection, and one for all challenge ACKs of a namespace.
 *
 * @last is where the connection, request or TIME_WAIT entry keeps the time of
 * its last such answer, ms; it is lockless.
 */
#ifndef TTP_LIMIT_H
#define TTP_LIMIT_H

#include <linux/types.h>
#include "mib.h"

struct net;
struct ttp_seg;

/* May @seg, invalid, be answered?  When not, @skipped is counted. */
bool ttp_limit_invalid(struct net *net, const struct ttp_seg *seg, u32 *last,
		       enum ttp_mib skipped);
/* May a challenge ACK leave (RFC 5961)?  Counted either way. */
bool ttp_limit_challenge(struct net *net, u32 *last);

#endif
