// SPDX-License-Identifier: GPL-2.0
/*
 * This file moves received data into a pipe without a copy: the pages that it
 * arrived in go there.
 */
#include "splice.h"

#include <linux/sched/signal.h>
#include <linux/splice.h>
#include <net/sock.h>

#include "compat.h"
#include "rcvq.h"
#include "sock.h"
#include "stream.h"
#include "urgent.h"

/* At most @len bytes of what is queued.  0: none is, or the mark is next. */
static ssize_t ttp_splice_queued(struct sock *sk, struct pipe_inode_info *pipe,
				 size_t len, unsigned int flags)
{
	struct ttp_sock *t = ttp_sk(sk);
	struct sk_buff *skb;
	size_t moved = 0;
	u32 offset, n;
	bool skip;
	int ret;

	while (moved < len && !(moved && ttp_urg_at_mark(&t->urg, t->copied_seq))) {
		skb = ttp_recv_find(sk, t->copied_seq, &offset);
		if (!skb)
			break;
		n = ttp_urg_run(&t->urg, t->copied_seq,
				min_t(size_t, skb->len - offset, len - moved),
				sock_flag(sk, SOCK_URGINLINE), &skip);
		ret = 0;
		if (n) {
			ret = skb_splice_bits(skb, sk, offset + skip, pipe, n,
					      flags);
			/* The pipe is full, or nobody reads from it; 0: no page. */
			if (ret <= 0)
				return moved ?: ret ?: -ENOMEM;
		}
		moved += ret;
		WRITE_ONCE(t->copied_seq, t->copied_seq + skip + ret);
		ttp_urg_consumed(t);
		ttp_rcvq_eat(sk, t->copied_seq);
	}
	return moved;
}

static ssize_t ttp_splice_locked(struct sock *sk, struct pipe_inode_info *pipe,
				 size_t len, unsigned int flags, long timeo)
{
	ssize_t ret;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	for (;;) {
		ret = len ? ttp_splice_queued(sk, pipe, len, flags) : 0;
		/* Room in a full pipe is not for us to wait for. */
		if (ret || !len || !skb_queue_empty(&sk->sk_receive_queue))
			break;
		ret = ttp_recv_verdict(sk, 0, timeo);
		if (ret)
			return min_t(ssize_t, ret, 0);
		ttp_recv_window(sk);
		ttp_sk(sk)->readers++;
		sk_wait_data(sk, &timeo, NULL);
		ttp_sk(sk)->readers--;
	}
	if (ret > 0)
		ttp_recv_window(sk);
	return ret;
}

ssize_t ttp_splice_read(struct socket *sock, loff_t *ppos,
			struct pipe_inode_info *pipe, size_t len,
			unsigned int flags)
{
	struct sock *sk = sock->sk;
	ssize_t ret;

	if (*ppos)
		return -ESPIPE;		/* a stream has no places */
	sock_rps_record_flow(sk);
	lock_sock(sk);
	ret = ttp_splice_locked(sk, pipe, len, flags,
				sock_rcvtimeo(sk, sock->file->f_flags &
						  O_NONBLOCK));
	release_sock(sk);
	return ret;
}
