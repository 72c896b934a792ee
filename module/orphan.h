/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what becomes of connections that no program holds.
 */
#ifndef TTP_ORPHAN_H
#define TTP_ORPHAN_H

#include <linux/types.h>
#include "core/todo.h"

struct sock;

/* The program has closed, and the connection is not over. */
void ttp_orphan_begin(struct sock *sk);
/*
 * Too many orphans, or no memory: true when this one has been aborted, and
 * @todo tells the rest.
 */
bool ttp_orphan_abort(struct sock *sk, u64 now, struct ttp_todo *todo);

#endif
