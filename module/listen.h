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
struct ttp_tw;

/* Refuse what waits in the queues; socket locked, already out of the tables. */
void ttp_listen_stop(struct sock *sk);

/*
 * A segment for a listener, which is not locked; @dif: where it came from.
 * @old: the TIME_WAIT entry that must give way to the SYN, or NULL; what is not
 * served leaves it where it is.  Returns a child as ttp_req_rcv() does, when a
 * cookie came back: in an ACK that of a SYN+ACK, in a SYN that of Fast Open;
 * never -EAGAIN.
 */
struct sock *ttp_listen_rcv(struct sock *lsk, int dif,
			    const struct ttp_tuple *t,
			    const struct ttp_seg *seg, struct ttp_tw *old);

#endif
