/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares SYN cookies: passive opens without memory.
 */
#ifndef TTP_COOKIE_H
#define TTP_COOKIE_H

#include <linux/types.h>

struct sock;
struct ttp_seg;
struct ttp_tuple;

/* Answer a SYN and keep nothing. */
void ttp_cookie_syn(struct sock *lsk, int dif, const struct ttp_tuple *t,
		    const struct ttp_seg *seg);
/*
 * An ACK for a listener.  NULL with *@reason 0: it is no answer to a cookie.
 * NULL with a reason: it was, but could not be served.  Else the child, as
 * ttp_req_rcv() returns it, never -EAGAIN.
 */
struct sock *ttp_cookie_ack(struct sock *lsk, int dif,
			    const struct ttp_tuple *t,
			    const struct ttp_seg *seg, u32 *reason);

#endif
