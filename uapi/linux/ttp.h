/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * This file is all that a program needs to open a TTP socket.
 *
 * Addresses are plain struct sockaddr_in and struct sockaddr_in6 with their
 * own sa_family; ports are a number space of their own, beside TCP's.
 */
#ifndef _UAPI_LINUX_TTP_H
#define _UAPI_LINUX_TTP_H

/*
 * The address family: AF_ASH's number, never used by any kernel.  The module
 * parameter "family" moves it to 13, 14 or 22.
 */
#ifndef AF_TTP
#define AF_TTP		18
#endif
#ifndef PF_TTP
#define PF_TTP		AF_TTP
#endif

/* Third argument of socket(AF_TTP, SOCK_STREAM, ...). */
#define TTPPROTO_TTP	0	/* over IPv4 */
#define TTPPROTO_TTP6	1	/* over IPv6, dual-stack unless IPV6_V6ONLY */

/* The IP protocol number (RFC 3692, experiments); as a third argument, 0. */
#ifndef IPPROTO_TTP
#define IPPROTO_TTP	253
#endif

/*
 * Socket option level; SOL_TCP with the same TCP_* option numbers works too.
 * SO_ZEROCOPY and SO_TXREHASH are taken here as well as at SOL_SOCKET, where
 * Linux 6.1 lets TCP, UDP and RDS only have the first (ENOTSUPP, 524), and 7.x
 * does not tell the second of other families (EOPNOTSUPP).
 */
#ifndef SOL_TTP
#define SOL_TTP		253
#endif

#endif /* _UAPI_LINUX_TTP_H */
