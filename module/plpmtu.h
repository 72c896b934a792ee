/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the search for the path MTU of one locked socket.
 */
#ifndef TTP_PLPMTU_H
#define TTP_PLPMTU_H

#include <linux/types.h>
#include "core/plpmtu.h"

struct sk_buff;
struct sock;

/* The peer's MSS is known; ttp_sync_mss() follows. */
void ttp_plpmtu_open(struct sock *sk);
/* So many timeouts in a row that the path is to blame. */
void ttp_plpmtu_timeout(struct sock *sk);
enum ttp_plpmtu_say ttp_plpmtu_wanted(struct sock *sk, u32 *len, u64 now);
/* @skb was one, and has left. */
void ttp_plpmtu_left(struct sock *sk, const struct sk_buff *skb);
/* snd_una has moved. */
void ttp_plpmtu_on_ack(struct sock *sk);
/* Is the probe the first thing missing?  Then it has failed. */
bool ttp_plpmtu_on_loss(struct sock *sk);

#endif
