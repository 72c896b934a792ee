/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a peer with a clock of its own: connections that have
 * timestamps, and that the kernel closes first.
 */
#ifndef SELFTESTS_CLOCKS_H
#define SELFTESTS_CLOCKS_H

#include "options.h"

#define T0	5u		/* the peer's clock: what is older has wrapped */
#define LONG	100000000	/* rto_min_us: 3.5 of it outlast every test */
#define SHORT	1000

/* The kernel's clock, as last seen. */
extern uint32_t ts_echo;

/* Segments with the peer's clock at @val, and the kernel's echoed. */
struct seg ts_seg(const struct peer *p, unsigned int flags, unsigned int len,
		  uint32_t val);
void ts_send(struct peer *p, unsigned int flags, uint32_t val);
struct seg ts_expect(struct peer *p, unsigned int flags);

/* The same host, from another port. */
struct peer ts_other_port(const struct peer *p);
/* The kernel closes first: TIME_WAIT is its. */
void ts_kernel_closes(struct peer *p, int fd, uint32_t val);
/* A listener and a peer, with tw_recycle so. */
int ts_scene(struct peer *p, int recycle);
/* The peer calls, with its clock at @val, and the kernel closes. */
void ts_call(struct peer *p, int l, uint32_t val);

#endif
