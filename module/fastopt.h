/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how the socket options of Fast Open are set.
 */
#ifndef TTP_FASTOPT_H
#define TTP_FASTOPT_H

#include <linux/sockptr.h>
#include "core/fastopen.h"

struct sock;

/* Those that are an integer; the socket is locked. */
int ttp_set_fast(struct sock *sk, int optname, int val);
/* TCP_FASTOPEN_KEY: one key or two, as bytes. */
int ttp_set_fast_key(struct sock *sk, sockptr_t optval, unsigned int optlen);
/* The socket's own, as TCP; returns their length in bytes. */
int ttp_get_fast_key(struct sock *sk, u8 keys[TTP_FO_KEYS][TTP_FO_KEY]);

#endif
