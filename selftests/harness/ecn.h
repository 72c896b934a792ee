/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares connections with congestion notification (RFC 3168), for
 * the hand-driven peer.
 */
#ifndef SELFTESTS_ECN_H
#define SELFTESTS_ECN_H

#include "segs.h"

/* <netinet/tcp.h> has these, but not all of struct tcp_info */
#define TCP_ESTABLISHED	1
#define TCP_SYN_RECV	3

#define F_BOTH	(F_ECE | F_CWR)
#define ECN(s)	((s).tos & 3)

/* A device, this value of the sysctl, and a peer. */
struct peer ecn_begin(int ecn);
bool ecn_agreed(int fd);
/* The peer opens with these flags, and a SYN+ACK with those comes back. */
int ecn_accepted(struct peer *p, unsigned int flags, unsigned int want);
/* An open connection with ECN, opened by the peer. */
int ecn_open(struct peer *p);
/* The kernel sends so much with these flags beside ACK: the first segment. */
struct seg ecn_data(struct peer *p, int fd, unsigned int len,
		    unsigned int flags);
/* The peer does. */
void ecn_send(struct peer *p, unsigned int flags, unsigned int tos,
	      unsigned int len);

#endif
