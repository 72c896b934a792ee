/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what a listener does with an arriving segment.
 */
#ifndef TTP_LISTEN_H
#define TTP_LISTEN_H

#include <linux/types.h>

struct sock;
struct ttp_seg;
struct ttp_tuple;

/* Refuse what waits in the queues; socket locked, already out of the tables. */
void ttp_listen_stop(struct sock *sk);

/*
 * A segment for a listener, which is not locked; @dif: where it came from.
 * @iss_least: the ISN must be after it (a TIME_WAIT entry's snd_nxt), 0 for no
 * such limit.  Returns a child as ttp_req_rcv() does, when a cookie came back:
 * in an ACK that of a SYN+ACK, in a SYN that of Fast Open.
 */
struct sock *ttp_listen_rcv(struct sock *lsk, int dif,
			    const struct ttp_tuple *t,
			    const struct ttp_seg *seg, u32 iss_least);

#endif
