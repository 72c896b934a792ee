/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the request: a passive open before its final ACK.
 */
#ifndef TTP_REQ_H
#define TTP_REQ_H

#include <linux/types.h>
#include "core/fsm.h"

struct net;
struct sock;
struct ttp_reply_how;
struct ttp_req;
struct ttp_seg;
struct ttp_tuple;
struct ttp_tw;

/*
 * Set @req, all zero, to what the SYN @seg asks and what @lsk may grant; the
 * ISN is the caller's, and the source route @seg's.  @dif: where it came from.
 * False: no way back.
 */
bool ttp_req_fill(struct ttp_req *req, struct sock *lsk, int dif,
		  const struct ttp_tuple *t, const struct ttp_seg *seg);
/* Our ISN; beyond all that @old, if not NULL, has sent. */
u32 ttp_req_isn(const struct net *net, const struct ttp_tuple *t,
		const struct ttp_tw *old);
/*
 * A request with two references, the table's and the caller's.  @old: a
 * TIME_WAIT entry with its tuple, or NULL.  NULL: *@reason says why.
 */
struct ttp_req *ttp_req_make(struct sock *lsk, int dif,
			     const struct ttp_tuple *t,
			     const struct ttp_seg *seg,
			     const struct ttp_tw *old, u32 *reason);
/*
 * Into the listener's queue and the table, where @old, if not NULL, gives up
 * its place in the same step.  False: the listener is closing, or the same SYN
 * was faster on another CPU, or @old has just ended; the table's reference is
 * the caller's then.
 */
bool ttp_req_publish(struct ttp_req *req, struct ttp_tw *old);
/* Out of table and queue, with nothing sent; true for the first who asks. */
bool ttp_req_kill(struct ttp_req *req, enum ttp_event why);
void ttp_req_put(struct ttp_req *req);

/* A segment of the request, and sending it. */
void ttp_req_seg(const struct ttp_req *req, u8 flags, struct ttp_seg *seg);
void ttp_req_xmit(const struct ttp_req *req, struct ttp_seg *seg, bool rexmit);
/* How to reach the peer otherwise. */
void ttp_req_how(const struct ttp_req *req, struct ttp_reply_how *how);

/*
 * A segment for a request.  Returns the child when the segment completes the
 * handshake: locked, with the caller's reference, in SYN_RECV, queued for
 * accept(); the segment is still to be given to it.  -EAGAIN: another segment
 * was first; it is still to be given to whoever has the request's place now.
 */
struct sock *ttp_req_rcv(struct ttp_req *req, const struct ttp_seg *seg);
/* ICMP says that the peer cannot be reached. */
void ttp_req_err(struct ttp_req *req, u32 seq);

#endif
