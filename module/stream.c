// SPDX-License-Identifier: GPL-2.0
/*
 * This file copies user data into the write queue and received data out.
 */
#include "stream.h"

#include <linux/sched/signal.h>
#include <net/sock.h>

#include "compat.h"
#include "output.h"
#include "run.h"
#include "sock.h"
#include "xmit.h"

static void ttp_send_now(struct sock *sk)
{
	struct ttp_todo todo = { .bits = TTP_DO_PUSH };

	ttp_run(sk, &todo);
}

/* The skb to append to, a new one if need be; NULL: wait for memory. */
static struct sk_buff *ttp_send_tail(struct sock *sk, u32 burst)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (skb && skb->len < burst)
		return skb;
	if (!sk_stream_memory_free(sk))
		return NULL;
	skb = ttp_tx_alloc(sk, sk->sk_allocation);
	if (skb)
		ttp_tx_queue(sk, skb);
	return skb;
}

/*
 * Append up to @want bytes to @skb.  Returns the number, 0 when the skb has no
 * room for another fragment, -ENOMEM, -EFAULT.
 */
static int ttp_send_copy(struct sock *sk, struct sk_buff *skb,
			 struct msghdr *msg, u32 want)
{
	struct page_frag *pfrag = sk_page_frag(sk);
	struct ttp_sock *t = ttp_sk(sk);
	int i = skb_shinfo(skb)->nr_frags, err;
	bool merge;

	if (!sk_page_frag_refill(sk, pfrag))
		return -ENOMEM;
	merge = skb_can_coalesce(skb, i, pfrag->page, pfrag->offset);
	if (!merge && i >= MAX_SKB_FRAGS)
		return 0;
	want = min_t(u32, want, pfrag->size - pfrag->offset);
	if (!sk_wmem_schedule(sk, want))
		return -ENOMEM;
	err = skb_copy_to_page_nocache(sk, &msg->msg_iter, skb, pfrag->page,
				       pfrag->offset, want);
	if (err)
		return err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], want);
	} else {
		skb_fill_page_desc(skb, i, pfrag->page, pfrag->offset, want);
		page_ref_inc(pfrag->page);
	}
	pfrag->offset += want;
	TTP_CB(skb)->end_seq += want;
	WRITE_ONCE(t->write_seq, t->write_seq + want);
	return want;
}

/* No memory: send what there is, so that ACKs give some back. */
static int ttp_send_wait(struct sock *sk, long *timeo)
{
	if (sk->sk_socket)
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	ttp_sk(sk)->more = 0;
	ttp_send_now(sk);
	return sk_stream_wait_memory(sk, timeo);
}

static bool ttp_send_dead(const struct sock *sk)
{
	return sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN);
}

/* Copy all of @msg; returns the bytes copied, *err says why it stopped. */
static size_t ttp_send_all(struct sock *sk, struct msghdr *msg, long *timeo,
			   int *err)
{
	struct sk_buff *skb;
	size_t copied = 0;
	bool full = false;
	u32 burst;
	int n;

	while (msg_data_left(msg)) {
		*err = -EPIPE;
		if (ttp_send_dead(sk))
			break;
		burst = ttp_max_burst(sk);
		skb = ttp_send_tail(sk, full ? 0 : burst);
		full = false;
		n = -ENOMEM;
		if (skb)
			n = ttp_send_copy(sk, skb, msg,
					  min_t(size_t, msg_data_left(msg),
						burst - min(burst, skb->len)));
		if (skb && n <= 0 && !skb->len)
			ttp_tx_unqueue(sk, skb);
		if (n > 0) {
			copied += n;
			/* A burst is ready: do not let the wire wait for us. */
			if (skb->len >= burst && msg_data_left(msg))
				ttp_send_now(sk);
		} else if (!n) {
			full = true;
		} else if (n == -ENOMEM) {
			*err = ttp_send_wait(sk, timeo);
			if (*err)
				break;
		} else {
			*err = n;
			break;
		}
	}
	return copied;
}

static int ttp_send_locked(struct sock *sk, struct msghdr *msg)
{
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	struct sk_buff *tail;
	size_t copied = 0;
	int err = 0;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	if (!ttp_state_in(sk, TTPF_MAY_SEND))
		err = sk_stream_wait_connect(sk, &timeo);
	if (!err)
		copied = ttp_send_all(sk, msg, &timeo, &err);
	if (!copied) {
		if (!err || !msg_data_left(msg))
			return 0;
		return sk_stream_error(sk, msg->msg_flags, err);
	}
	/* SHLD-27, MUST-61: the last segment of a write carries PSH. */
	ttp_sk(sk)->more = !!(msg->msg_flags & TTP_MSG_MORE);
	tail = skb_peek_tail(&sk->sk_write_queue);
	if (tail && !ttp_sk(sk)->more)
		TTP_CB(tail)->flags |= TTP_PSH;
	ttp_send_now(sk);
	return copied;
}

int ttp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	int ret;

	lock_sock(sk);
	ret = ttp_send_locked(sk, msg);
	/* An edge-triggered waiter must hear of the space that there is. */
	if (ret == -EAGAIN && skb_queue_empty(&sk->sk_write_queue))
		sk->sk_write_space(sk);
	release_sock(sk);
	return ret;
}

void ttp_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct sk_buff *tail;

	lock_sock(sk);
	tail = skb_peek_tail(&sk->sk_write_queue);
	if (ttp_sk(sk)->more && tail) {
		ttp_sk(sk)->more = 0;
		TTP_CB(tail)->flags |= TTP_PSH;
		ttp_send_now(sk);
	}
	release_sock(sk);
}

u32 ttp_readable(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);
	s32 n = READ_ONCE(t->rcv_nxt) - READ_ONCE(t->copied_seq);

	/* The peer's FIN has a number but is no byte. */
	if (n > 0 && sock_flag(sk, SOCK_DONE))
		n--;
	return max(n, 0);
}

/* The skb that holds the byte @seq, and where in it. */
static struct sk_buff *ttp_recv_find(struct sock *sk, u32 seq, u32 *offset)
{
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		*offset = seq - TTP_CB(skb)->seq;
		if (*offset < skb->len)
			return skb;
	}
	return NULL;
}

static void ttp_recv_eat(struct sock *sk, u32 upto)
{
	struct sk_buff *skb;

	while ((skb = skb_peek(&sk->sk_receive_queue)) &&
	       ttp_before_eq(TTP_CB(skb)->end_seq, upto)) {
		__skb_unlink(skb, &sk->sk_receive_queue);
		/* Its memory goes back at once, its pages with it. */
		__kfree_skb(skb);
	}
}

/* Tell the peer of the room that reading has made, if it is worth a segment. */
static void ttp_recv_window(struct sock *sk)
{
	struct ttp_todo todo = { .bits = TTP_DO_ACK };

	if (ttp_state_in(sk, TTPF_MAY_RECV) && ttp_window_opened(sk))
		ttp_run(sk, &todo);
}

/*
 * Nothing more is queued: 1 to stop with what there is, 0 to wait, or an error
 * to report when there is nothing.
 */
static int ttp_recv_verdict(struct sock *sk, size_t copied, long timeo)
{
	int err;

	if (copied)
		return sk->sk_err || sk->sk_state == TCP_CLOSE || !timeo ||
		       (sk->sk_shutdown & RCV_SHUTDOWN) ||
		       signal_pending(current);
	if (sock_flag(sk, SOCK_DONE))
		return 1;
	err = sock_error(sk);	/* getsockopt(SO_ERROR) may be faster */
	if (err)
		return err;
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 1;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;	/* never connected */
	if (!timeo)
		return -EAGAIN;
	return signal_pending(current) ? sock_intr_errno(timeo) : 0;
}

static int ttp_recv_copy(struct sk_buff *skb, u32 offset, struct msghdr *msg,
			 u32 n, int flags)
{
	/* Linux: MSG_TRUNC on a stream throws the bytes away. */
	if (flags & MSG_TRUNC)
		return 0;
	return skb_copy_datagram_msg(skb, offset, msg, n);
}

static int ttp_recv_locked(struct sock *sk, struct msghdr *msg, size_t len,
			   int flags)
{
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	size_t copied = 0, target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	struct ttp_sock *t = ttp_sk(sk);
	u32 seq = t->copied_seq, offset, n;
	struct sk_buff *skb;
	int stop;

	while (copied < len) {
		skb = ttp_recv_find(sk, seq, &offset);
		if (skb) {
			n = min_t(size_t, skb->len - offset, len - copied);
			if (ttp_recv_copy(skb, offset, msg, n, flags))
				return copied ?: -EFAULT;
			seq += n;
			copied += n;
			if (!(flags & MSG_PEEK)) {
				WRITE_ONCE(t->copied_seq, seq);
				ttp_recv_eat(sk, seq);
			}
			continue;
		}
		if (copied >= target && !READ_ONCE(sk->sk_backlog.tail))
			break;
		stop = ttp_recv_verdict(sk, copied, timeo);
		if (stop)
			return copied ?: min(stop, 0);
		ttp_recv_window(sk);
		if (copied >= target) {
			release_sock(sk);	/* let the backlog in */
			lock_sock(sk);
		} else {
			sk_wait_data(sk, &timeo,
				     skb_peek_tail(&sk->sk_receive_queue));
		}
		/* Another reader may have been here. */
		if (!(flags & MSG_PEEK) || ttp_before(seq, t->copied_seq))
			seq = t->copied_seq;
	}
	return copied;
}

int ttp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct sock *sk = sock->sk;
	int ret;

	if (flags & MSG_ERRQUEUE)
		return ttp_recv_error(sk, msg, len);
	if (flags & MSG_OOB)
		return -EINVAL;
	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN) {
		ret = -ENOTCONN;
	} else {
		ret = ttp_recv_locked(sk, msg, len, flags);
		if (ret > 0 && !(flags & MSG_PEEK))
			ttp_recv_window(sk);
	}
	release_sock(sk);
	return ret;
}
