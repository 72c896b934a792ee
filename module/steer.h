/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what spreads connections over CPUs, queues and paths.
 */
#ifndef TTP_STEER_H
#define TTP_STEER_H

#include <linux/types.h>

struct sk_buff;
struct sock;

/* A segment has come for @sk, on this CPU. */
void ttp_steer_heard(struct sock *sk, const struct sk_buff *skb);
/*
 * What we send may not get through: on from here with another hash, unless the
 * user does not want that (SO_TXREHASH).  @sk is locked.
 */
bool ttp_steer_anew(struct sock *sk);
/* SO_TXREHASH: 0, 1, or as the namespace has it (-1). */
int ttp_steer_choose(struct sock *sk, int rehash);
/* Before @sk is locked for reading: ask the device for packets (SO_BUSY_POLL). */
void ttp_steer_poll(struct sock *sk, bool nonblock);
/* The connection has ended. */
void ttp_steer_over(struct sock *sk);

#endif
