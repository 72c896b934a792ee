/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what spreads connections over CPUs, queues and paths.
 */
#ifndef TTP_STEER_H
#define TTP_STEER_H

#include <linux/types.h>

struct sock;

/*
 * What we send may not get through: on from here with another hash, unless the
 * user does not want that (SO_TXREHASH).  @sk is locked.
 */
bool ttp_steer_anew(struct sock *sk);
/* SO_TXREHASH: 0, 1, or as the namespace has it (-1). */
int ttp_steer_choose(struct sock *sk, int rehash);

#endif
