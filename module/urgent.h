/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares urgent data on one locked socket.
 */
#ifndef TTP_URGENT_H
#define TTP_URGENT_H

#include <linux/types.h>

struct msghdr;
struct sk_buff;
struct sock;
struct ttp_seg;
struct ttp_sock;
struct ttp_todo;

/* The last byte that was queued is urgent. */
void ttp_urg_mark(struct ttp_sock *t);
/* The header of @seg, whose seq is known. */
void ttp_urg_fill(const struct ttp_sock *t, struct ttp_seg *seg);
/* snd_una has moved. */
void ttp_urg_acked(struct ttp_sock *t);

/* An acceptable segment; @skb's data is its payload. */
void ttp_urg_input(struct sock *sk, const struct sk_buff *skb,
		   const struct ttp_seg *seg, struct ttp_todo *todo);
/* copied_seq has moved. */
void ttp_urg_consumed(struct ttp_sock *t);
/* recvmsg(MSG_OOB). */
int ttp_urg_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags);

#endif
