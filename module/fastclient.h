/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares Fast Open as a client does it: what its SYN carries, what
 * the answer says of that, and when not to try (RFC 7413 4.1.3, 7.1).
 */
#ifndef TTP_FASTCLIENT_H
#define TTP_FASTCLIENT_H

#include <linux/types.h>

struct sock;
struct ttp_seg;
struct ttp_todo;

/*
 * connect(), before the SYN: true when the SYN is to wait for the data of the
 * first write.
 */
bool ttp_fast_connect(struct sock *sk);
/* connect() has returned, but the SYN waits. */
bool ttp_fast_waits(const struct sock *sk);
/* Bytes that the SYN has room for; it does not wait any longer. */
u32 ttp_fast_begin(struct sock *sk);
/* The SYN+ACK has come, and its ACK has been applied. */
void ttp_fast_synack(struct sock *sk, const struct ttp_seg *seg,
		     struct ttp_todo *todo);

/* The retransmission timer has run out; @last: for good. */
void ttp_fast_timeout(struct sock *sk, bool last);
/* The connection has ended: what does that say of the path? */
void ttp_fast_done(struct sock *sk);

#endif
