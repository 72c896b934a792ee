/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how bytes move between a process and a socket.
 */
#ifndef TTP_STREAM_H
#define TTP_STREAM_H

#include <linux/net.h>

struct sk_buff;
struct sock;

int ttp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int ttp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
/* The file behind a sendfile() has ended: what was to follow will not. */
void ttp_splice_eof(struct socket *sock);
/* Is little enough unsent (TCP_NOTSENT_LOWAT)? @wake: 1 to wake a sleeper. */
bool ttp_stream_memory_free(const struct sock *sk, int wake);
/* As ttp_readable(), but not beyond urgent data; socket locked. */
u32 ttp_readable_to_mark(const struct sock *sk);

/*
 * What readers do; socket locked.  The skb that holds the byte @seq, and where
 * in it.
 */
struct sk_buff *ttp_recv_find(struct sock *sk, u32 seq, u32 *offset);
/*
 * Nothing more is queued: 1 to stop with what there is, 0 to wait, or an error
 * to report when there is nothing.
 */
int ttp_recv_verdict(struct sock *sk, size_t copied, long timeo);
/* Tell the peer of the room that reading has made, if it is worth a segment. */
void ttp_recv_window(struct sock *sk);

#endif
