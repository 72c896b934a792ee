/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the passive open: the SYN queue of half-open requests and
 * the accept queue of finished connections.
 */
#ifndef TTP_LISTEN_H
#define TTP_LISTEN_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct ttp_af;
struct ttp_req;
struct ttp_seg;
struct ttp_tuple;

/* Make @sk's queues; the socket is in LISTEN.  -ENOMEM. */
int ttp_listen_start(struct sock *sk);
/* Refuse what waits in the queues; socket locked, already out of the tables. */
void ttp_listen_stop(struct sock *sk);
/* The oldest finished connection, or NULL; socket locked. */
struct sock *ttp_listen_dequeue(struct sock *sk);

/*
 * A segment for a listener, which is not locked.  @iss_least: the ISN must be
 * after it (a TIME_WAIT entry's snd_nxt), 0 for no such limit.
 */
void ttp_listen_rcv(struct sock *lsk, struct sk_buff *skb,
		    const struct ttp_af *af, const struct ttp_tuple *t,
		    const struct ttp_seg *seg, u32 iss_least);
/*
 * A segment for a request.  Returns the child when the segment completes the
 * handshake: locked, with the caller's reference, in SYN_RECV, queued for
 * accept(); the segment is still to be given to it.
 */
struct sock *ttp_req_rcv(struct ttp_req *req, struct sk_buff *skb,
			 const struct ttp_seg *seg);
/* ICMP says that the peer cannot be reached. */
void ttp_req_err(struct ttp_req *req, u32 seq);
void ttp_req_put(struct ttp_req *req);

#endif
