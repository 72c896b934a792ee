/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what a process may ask of a connection.
 */
#ifndef TTP_USER_H
#define TTP_USER_H

#include "compat.h"

struct sock;

/* Socket locked: struct proto's connect, shutdown and disconnect. */
int ttp_connect(struct sock *sk, ttp_sockaddr_t *uaddr, int len);
void ttp_shutdown(struct sock *sk, int how);
int ttp_disconnect(struct sock *sk, int flags);
int ttp_listen(struct sock *sk, int backlog);
/* Takes the lock itself: struct proto's close and accept. */
void ttp_close(struct sock *sk, long timeout);
/*
 * The module goes, and only orphans are left: connections that nobody has
 * open, still busy with their FIN.  Their peers are told by RST.
 */
void ttp_abort_orphans(void);
struct sock *ttp_accept(struct sock *sk, struct proto_accept_arg *arg);

#endif
