/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the one exit: decisions collect work, ttp_run() does it.
 */
#ifndef TTP_RUN_H
#define TTP_RUN_H

#include "core/todo.h"

struct sock;

/*
 * Do what @todo says, in this order: state effects, retransmission, new data,
 * an ACK if one is still owed, wake-ups, timers.  Socket locked.  The socket
 * may be closed and, if orphaned, without its owner's reference afterwards:
 * callers hold one of their own.
 */
void ttp_run(struct sock *sk, struct ttp_todo *todo);

#endif
