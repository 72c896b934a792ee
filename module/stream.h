/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how bytes move between a process and a socket.
 */
#ifndef TTP_STREAM_H
#define TTP_STREAM_H

#include <linux/net.h>

struct sock;

int ttp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int ttp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
/* The file behind a sendfile() has ended: what was to follow will not. */
void ttp_splice_eof(struct socket *sock);
/* Bytes that a reader could have now; socket not necessarily locked. */
u32 ttp_readable(const struct sock *sk);

#endif
