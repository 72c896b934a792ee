/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how a request becomes a socket.
 */
#ifndef TTP_CHILD_H
#define TTP_CHILD_H

#include <linux/types.h>

struct sock;
struct ttp_req;

/*
 * A clone of the listener for @req: in SYN_RECV, with a route, not in the
 * table; locked, with two references (its future owner's and the caller's).
 * NULL: no memory, no route, or the listener is being closed; *@why says which,
 * as an enum ttp_drop.
 */
struct sock *ttp_child_make(struct ttp_req *req, u32 *why);

/* TOS or traffic class of the SYN+ACK and of the socket (net.ttp.reflect_tos). */
u8 ttp_child_tos(const struct ttp_req *req);

/*
 * Nobody will accept it: abort (@reset: telling the peer), unlock and drop
 * both references.
 */
void ttp_child_discard(struct sock *child, bool reset);

#endif
