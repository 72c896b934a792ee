/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what a listener makes of a SYN that wants Fast Open.
 */
#ifndef TTP_FASTSERVER_H
#define TTP_FASTSERVER_H

#include <linux/types.h>

struct sock;
struct ttp_opts;
struct ttp_seg;
struct ttp_tuple;
struct ttp_tw;

/*
 * A SYN for which there is room.  Returns the child that it opens at once:
 * locked, with the caller's reference, in SYN_RECV, queued for accept(); the
 * SYN is still to be given to it.  NULL: the handshake is an ordinary one, and
 * its SYN+ACK offers the cookie of @give, if any.  @old: as for
 * ttp_listen_rcv().
 */
struct sock *ttp_fast_syn(struct sock *lsk, int dif, const struct ttp_tuple *t,
			  const struct ttp_seg *seg, struct ttp_tw *old,
			  struct ttp_opts *give);

#endif
