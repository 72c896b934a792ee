/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what is done before received data is refused for lack of
 * memory.
 */
#ifndef TTP_PRUNE_H
#define TTP_PRUNE_H

#include <linux/types.h>

struct sk_buff;
struct sock;

/*
 * Room for @skb, which is about to be queued, in order or behind a hole?  When
 * it is scarce, the buffer grows if it may; many small skbs become few full
 * ones; and what lies further behind a hole than @skb is given up.
 */
bool ttp_prune_room(struct sock *sk, struct sk_buff *skb, bool in_order);

#endif
