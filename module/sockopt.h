/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the socket options, as struct proto_ops wants them.
 */
#ifndef TTP_SOCKOPT_H
#define TTP_SOCKOPT_H

#include <linux/sockptr.h>

struct socket;
struct sock;

int ttp_setsockopt(struct socket *sock, int level, int optname,
		   sockptr_t optval, unsigned int optlen);
int ttp_getsockopt(struct socket *sock, int level, int optname,
		   char __user *optval, int __user *optlen);

/* proto->keepalive: SO_KEEPALIVE is about to be set or cleared. */
void ttp_set_keepalive(struct sock *sk, int val);

#endif
