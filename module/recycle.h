/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what net.ttp.tw_recycle 1 remembers of hosts whose
 * connections have left TIME_WAIT early: their clocks.
 */
#ifndef TTP_RECYCLE_H
#define TTP_RECYCLE_H

#include <linux/types.h>
#include "core/recycle.h"

struct in6_addr;
struct net;
struct ttp_net;
struct ttp_tuple;

/* There is room from now on: 0 or -ENOMEM.  May sleep. */
int ttp_recycle_start(struct ttp_net *tn);
void ttp_recycle_free(struct ttp_net *tn);
/* @ts has TS.Recent of the connection that has ended.  False: no room. */
bool ttp_recycle_remember(struct net *net, const struct in6_addr *host,
			  const struct ttp_ts *ts);
/* With tw_recycle 1: is the SYN older than the host's clock?  Counts it. */
bool ttp_recycle_refuses(struct net *net, const struct ttp_tuple *t,
			 const struct ttp_seg *syn);

#endif
