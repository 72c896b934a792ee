/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what an acknowledgement does to the sending side.
 */
#ifndef TTP_ACK_H
#define TTP_ACK_H

#include <linux/types.h>

struct sock;
struct ttp_seg;
struct ttp_todo;

#define TTP_ACKED_SYN	1
#define TTP_ACKED_FIN	2

/*
 * Apply the ACK and window of an acceptable segment.  Returns TTP_ACKED_* for
 * the state machine.
 */
u32 ttp_ack(struct sock *sk, const struct ttp_seg *seg, u64 now,
	    struct ttp_todo *todo);

#endif
