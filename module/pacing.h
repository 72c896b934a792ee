/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the pacing of one connection: by a timer of its own, or by
 * the fq qdisc when the socket's packets pass one.
 */
#ifndef TTP_PACING_H
#define TTP_PACING_H

#include <linux/types.h>

struct sock;

/* In the bits of ttp_timer_ops.expired(), beyond those of enum ttp_timer. */
#define TTP_PACING_EXPIRED	(1u << 31)

void ttp_pacing_init(struct sock *sk);
/* Drops the reference of a pending timer. */
void ttp_pacing_stop(struct sock *sk);

/* The congestion control relies on it. */
void ttp_pacing_need(struct sock *sk);
/* The window or the round trip has changed: sk_pacing_rate, bytes a second. */
void ttp_pacing_update(struct sock *sk);

/* The time has come, or there is room below: push, now or when a process lets go. */
void ttp_pacing_go(struct sock *sk);
/* Has the next burst to wait? Then the timer is armed. */
bool ttp_pacing_hold(struct sock *sk, u64 now);
void ttp_pacing_sent(struct sock *sk, u64 now, u32 bytes);
/* Most bytes to send in one piece, in whole segments. */
u32 ttp_pacing_burst(const struct sock *sk);

#endif
