/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the one kernel timer of a socket, which serves all its
 * deadlines.
 */
#ifndef TTP_TIMER_H
#define TTP_TIMER_H

#include <linux/types.h>

struct sock;
struct ttp_req;

void ttp_timer_init(struct sock *sk);
/* Arm for the earliest deadline, if that is earlier than what is armed. */
void ttp_timer_arm(struct sock *sk, u64 now);
/* No more deadlines; drops the timer's reference. */
void ttp_timer_stop(struct sock *sk);
/* Serve what has expired; socket locked, not owned by a process. */
void ttp_timer_run(struct sock *sk);

unsigned long ttp_timer_jiffies(u64 us);

/* Upward calls, filled in by main.c. */
struct ttp_timer_ops {
	/* @expired: bits 1 << enum ttp_timer */
	void	(*expired)(struct sock *sk, u32 expired, u64 now);
};

extern const struct ttp_timer_ops *ttp_timer_up;

#endif
