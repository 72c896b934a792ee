/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a listener's queue of connections that Fast Open has
 * begun and the final ACK has not confirmed (RFC 7413 4.2, 5.1).
 */
#ifndef TTP_FASTQUEUE_H
#define TTP_FASTQUEUE_H

#include <linux/types.h>

struct sock;
struct ttp_fast_place;
struct ttp_listener;

/* At most so many; 0: no Fast Open here.  Socket locked. */
void ttp_fast_limit(struct sock *lsk, u32 most);
/* Is there room for one more?  A grudge that is old enough makes some. */
bool ttp_fast_room(struct sock *lsk);
/* A place, for the child to come; NULL: no memory. */
struct ttp_fast_place *ttp_fast_take(struct sock *lsk);
/* No child has come of it, or the listener does not want to wait longer. */
void ttp_fast_give_back(struct ttp_fast_place *place);
/*
 * The child's handshake is over, if it had a place.  @reset: by an RST; if
 * accept() has had it, the place stays taken for a while, since who opens and
 * resets again and again may well be forging addresses.
 */
void ttp_fast_leave(struct sock *child, bool reset);
/* The listener stops: forget who was reset. */
void ttp_fast_forget(struct ttp_listener *l);

#endif
