/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the limit of what a connection may have in the queues
 * below it, and the destructor that takes part in it.
 */
#ifndef TTP_SMALLQ_H
#define TTP_SMALLQ_H

#include <linux/types.h>

struct sk_buff;
struct sock;

void ttp_smallq_init(void);
/* When no socket is left. */
void ttp_smallq_exit(void);

/* @skb is for IP: charged to @sk until it has left the machine. */
void ttp_smallq_own(struct sock *sk, struct sk_buff *skb);
/* skb->destructor then. */
void ttp_wfree(struct sk_buff *skb);

/*
 * Must another skb of @truesize bytes wait?  Then the connection goes on by
 * itself as soon as one that is below has left.  Socket locked.
 */
bool ttp_smallq_full(struct sock *sk, u32 truesize);

/*
 * Has something below not left yet, so that @tail, which is not full, may as
 * well wait for more to join it (net.ttp.autocorking)?  As above, then.
 */
bool ttp_smallq_gathers(struct sock *sk, const struct sk_buff *tail);

#endif
