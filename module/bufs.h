/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how the two buffers of a socket follow what the
 * connection needs and what memory there is.
 */
#ifndef TTP_BUFS_H
#define TTP_BUFS_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct ttp_rwnd;
struct ttp_seg;
struct ttp_sock;

/* A window of @wnd bytes was told; @opened: there is more room than before. */
void ttp_bufs_offered(struct ttp_sock *t, u32 wnd, bool opened);
/* Memory that received data in order may cost at most, bytes. */
s64 ttp_bufs_tolerated(const struct sock *sk);
/* Memory for @skb, with at most @most bytes in the receive buffer before it? */
bool ttp_bufs_room(struct sock *sk, const struct sk_buff *skb, s64 most);

/* The one place that says what window the buffer allows. */
void ttp_bufs_rwnd(const struct sock *sk, struct ttp_rwnd *w);
/* And what to offer of it now; fills in @w at least as ttp_wnd_keep() needs it. */
u32 ttp_bufs_window(const struct sock *sk, struct ttp_rwnd *w);

/*
 * Offer at most @clamp bytes from now on, 0: as many as fit.  What has been
 * offered stays; a larger bound is used as segments come.
 */
void ttp_bufs_set_clamp(struct sock *sk, u32 clamp);

/* The receive buffer is full: let it grow, or offer less from now on. */
void ttp_bufs_clamp(struct sock *sk);

/* Data came: what does it cost, how long is the way, may more come at once? */
void ttp_bufs_segment(struct sock *sk, const struct sk_buff *skb,
		      const struct ttp_seg *seg, u64 now);

/* Bytes that a reader could have now; socket not necessarily locked. */
u32 ttp_readable(const struct sock *sk);
/*
 * As many as @target, or no more will come before some are read; socket not
 * necessarily locked.
 */
bool ttp_bufs_readable(const struct sock *sk, u32 target);

/* SO_RCVLOWAT: a reader waits for @val bytes, so the buffer has to hold them. */
void ttp_bufs_set_lowat(struct sock *sk, int val);

/* The reader has taken data. */
void ttp_bufs_copied(struct sock *sk);

/* ACKs came: as much may wait as the congestion window will take. */
void ttp_bufs_grow_sndbuf(struct sock *sk);

#endif
