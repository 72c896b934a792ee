/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the TIME_WAIT minisock: what is left of a connection so
 * that the last ACK can be repeated and the tuple rests for 2MSL.
 */
#ifndef TTP_TIMEWAIT_H
#define TTP_TIMEWAIT_H

#include <linux/types.h>

struct net;
struct sock;
struct ttp_hnode;
struct ttp_seg;
struct ttp_ts;
struct ttp_tw;

/* Replace @sk in the tables; referenced for the caller.  NULL: no memory. */
struct ttp_tw *ttp_tw_create(struct sock *sk);
/*
 * A segment for it.  Returns true when it is a SYN that a listener may have:
 * the entry still stands then, see ttp_tw_replaced().
 */
bool ttp_tw_rcv(struct ttp_tw *tw, const struct ttp_seg *seg);
/* Its timestamps as they are now. */
void ttp_tw_ts(const struct ttp_tw *tw, struct ttp_ts *ts);
/* Acknowledge all that the connection has received; @in, or NULL, is answered. */
void ttp_tw_ack(struct ttp_tw *tw, const struct ttp_seg *in);
/* The same, in answer to a segment that it cannot use: not too often. */
void ttp_tw_refuse(struct ttp_tw *tw, const struct ttp_seg *seg);
/* May connect() take its tuple over? See net.ttp.tw_reuse. */
bool ttp_tw_reusable(const struct ttp_hnode *h, const struct ttp_tw *tw);
/* It did, or a SYN that came: the entry is out of the table, and its end. */
void ttp_tw_replaced(struct ttp_tw *tw);
/* It did, in vain: the entry takes its place back from @h. */
void ttp_tw_put_back(struct ttp_tw *tw, struct ttp_hnode *h);
/*
 * With tw_recycle 2: connect() took a tuple over and has failed.  What is not
 * old enough to be forgotten comes back.
 */
void ttp_tw_restore(struct sock *sk);
void ttp_tw_put(struct ttp_tw *tw);
/* All of a namespace that goes away; NULL: all. */
void ttp_tw_purge(struct net *net);

#endif
