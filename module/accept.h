/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a listener's two queues and the way in and out of the one
 * for finished connections.
 */
#ifndef TTP_ACCEPT_H
#define TTP_ACCEPT_H

#include <linux/types.h>

struct sock;
struct ttp_listener;
struct ttp_seg;
struct ttp_tuple;

/* What a listener has more than others; it may be needed before listen(). */
struct ttp_listener *ttp_listener_of(struct sock *sk);
/* Make @sk's queues; the socket is in LISTEN.  -ENOMEM. */
int ttp_listen_start(struct sock *sk);
/* Count and trace a SYN or a final ACK that is not served. */
void ttp_listen_drop(struct sock *lsk, const struct ttp_tuple *t,
		     const struct ttp_seg *seg, u32 reason);
/* Into the queue.  False: the listener has been closed meanwhile. */
bool ttp_accept_add(struct sock *lsk, struct sock *child);
/* The oldest finished connection, or NULL; socket locked. */
struct sock *ttp_listen_dequeue(struct sock *sk);

#endif
