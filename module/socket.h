/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what the socket layer calls.
 */
#ifndef TTP_SOCKET_H
#define TTP_SOCKET_H

#include <linux/net.h>

struct net;

/* net_proto_family.create */
int ttp_create(struct net *net, struct socket *sock, int protocol, int kern);
int ttp_proto_init(void);
void ttp_proto_exit(void);

#endif
