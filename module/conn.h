/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the door of the state machine and the life of a socket.
 */
#ifndef TTP_CONN_H
#define TTP_CONN_H

#include <linux/types.h>
#include "core/fsm.h"

struct net;
struct sock;
struct ttp_tuple;

/*
 * Something happened to the connection: move sk_state as the table says and
 * add the work to @todo.  False, and nothing changes, when the table knows no
 * such edge.
 */
bool ttp_event(struct sock *sk, enum ttp_event ev, struct ttp_todo *todo);
/* A clone of a listener starts its life in SYN_RECV. */
void ttp_child_state(struct sock *child);

/* proto->init: all of it; and what connect() after disconnect() starts from. */
int ttp_sock_init(struct sock *sk);
void ttp_sock_reset(struct sock *sk);

/* sk_state is CLOSE: leave the tables, drop the queues, tell or destroy. */
void ttp_done(struct sock *sk);
/* An orphan in CLOSE: drop the owner's reference. */
void ttp_destroy_sock(struct sock *sk);

/* RFC 6528: keyed hash of the tuple plus a clock of 64 ns. */
/* Offset of our timestamps on a new connection, ms; 0 for timestamps = 2. */
u32 ttp_ts_offset(const struct net *net, const struct ttp_tuple *t);
u32 ttp_isn(const struct net *net, const struct ttp_tuple *t);
void ttp_isn_init(void);

#endif
