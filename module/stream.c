// SPDX-License-Identifier: GPL-2.0
/*
 * This file moves user data into the write queue and copies received data out.
 */
#include "stream.h"

#include <linux/sched/signal.h>
#include <net/inet_common.h>
#include <net/sock.h>

#include "bufs.h"
#include "compat.h"
#include "fastclient.h"
#include "mem.h"
#include "rcvq.h"
#include "run.h"
#include "smallq.h"
#include "steer.h"
#include "txfill.h"
#include "txq.h"
#include "urgent.h"
#include "xmit.h"
#include "zerocopy.h"

static void ttp_send_now(struct sock *sk)
{
	struct ttp_todo todo = { .bits = TTP_DO_PUSH };

	ttp_run(sk, &todo);
}

/* The skb to append to, a new one if need be; NULL: wait for memory. */
static struct sk_buff *ttp_send_tail(struct sock *sk, u32 burst)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	/* A burst may be larger than a whole buffer. */
	if (skb && skb->len < burst &&
	    (skb->len < ttp_sk(sk)->mss || sk_stream_memory_free(sk)))
		return skb;
	if (!sk_stream_memory_free(sk))
		return NULL;
	skb = ttp_tx_alloc(sk, sk->sk_allocation);
	if (skb)
		ttp_tx_queue(sk, skb);
	return skb;
}

/* Append up to @want bytes to @skb, as txfill.h says. */
static int ttp_send_fill(struct sock *sk, struct sk_buff *skb,
			 struct msghdr *msg, u32 want, struct ubuf_info *pin)
{
	if (pin && ttp_pin_used(pin))
		return ttp_fill_pinned(sk, skb, msg, want, pin);
	/* Who cannot send fragments would copy each of them later. */
	if ((msg->msg_flags & MSG_SPLICE_PAGES) &&
	    (sk->sk_route_caps & NETIF_F_SG))
		return ttp_fill_pages(sk, skb, msg, want);
	return ttp_fill_copy(sk, skb, msg, want);
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

bool ttp_stream_memory_free(const struct sock *sk, int wake)
{
	const struct ttp_sock *t = ttp_sk(sk);
	u32 lowat = READ_ONCE(t->notsent_lowat) ?:
		    ttp_sk_sysctl(sk, notsent_lowat);
	s32 unsent = READ_ONCE(t->write_seq) - READ_ONCE(t->snd_nxt);

	/* Who sleeps is woken when half of it is free. */
	return (u64)max(unsent, 0) << wake < lowat;
}

static bool ttp_send_dead(const struct sock *sk)
{
	return sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN);
}

/* Bytes that one skb takes at most; what fits into one segment is no burst. */
static u32 ttp_send_burst(const struct sock *sk, size_t left)
{
	u32 mss = ttp_sk(sk)->mss;

	return left <= mss && skb_queue_empty(&sk->sk_write_queue) ?
	       mss : ttp_max_burst(sk);
}

/* Queue all of @msg; returns the bytes queued, *err says why it stopped. */
static size_t ttp_send_all(struct sock *sk, struct msghdr *msg, long *timeo,
			   struct ubuf_info *pin, int *err)
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
		burst = ttp_send_burst(sk, msg_data_left(msg));
		skb = ttp_send_tail(sk, full ? 0 : burst);
		full = false;
		n = -ENOMEM;
		if (skb)
			n = ttp_send_fill(sk, skb, msg,
					  min_t(size_t, msg_data_left(msg),
						burst - min(burst, skb->len)),
					  pin);
		if (skb && n <= 0 && !skb->len)
			ttp_tx_unqueue(sk, skb);
		if (n > 0) {
			copied += n;
			/*
			 * A burst is ready, and the next one takes a while: do
			 * not let the wire wait for us.  A mere rest goes with
			 * it, so that the reader is woken once.
			 */
			if (skb->len >= burst && msg_data_left(msg) >= burst)
				ttp_send_now(sk);
		} else if (!n) {
			full = true;
			if (msg_data_left(msg) >= ttp_sk(sk)->mss)
				ttp_send_now(sk);
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

/* One skb with as much of @msg as the SYN has room for. */
static size_t ttp_send_with_syn(struct sock *sk, struct msghdr *msg)
{
	u32 room = ttp_fast_begin(sk);
	struct sk_buff *skb = NULL;
	size_t copied = 0;
	int n;

	if (msg_data_left(msg) && room)
		skb = ttp_tx_alloc(sk, sk->sk_allocation);
	if (skb)
		ttp_tx_queue(sk, skb);
	while (skb && msg_data_left(msg) && copied < room) {
		n = ttp_fill_copy(sk, skb, msg, min_t(size_t, room - copied,
						      msg_data_left(msg)));
		if (n <= 0)
			break;
		copied += n;
	}
	/* What is missing goes after the handshake, or fails then. */
	if (skb && !copied)
		ttp_tx_unqueue(sk, skb);
	else if (skb && !msg_data_left(msg))
		TTP_CB(skb)->flags |= TTP_PSH;
	return copied;
}

/*
 * sendmsg(MSG_FASTOPEN), or the first write after connect() of a socket with
 * TCP_FASTOPEN_CONNECT.  0: connected, the rest can be sent.
 */
static int ttp_send_fast(struct socket *sock, struct msghdr *msg,
			 size_t *copied)
{
	int flags = msg->msg_flags & MSG_DONTWAIT ? O_NONBLOCK : 0, err = 0;
	struct ttp_todo todo = { .bits = TTP_DO_SYN };
	ttp_sockaddr_t *addr = msg->msg_name;
	struct ttp_sock *t = ttp_sk(sock->sk);
	struct sock *sk = sock->sk;

	if (!(ttp_sysctl_get(sock_net(sk), fastopen) & TTP_FO_CLIENT) ||
	    (addr && msg->msg_namelen >= sizeof(addr->sa_family) &&
	     addr->sa_family == AF_UNSPEC))
		return -EOPNOTSUPP;
	if (!ttp_fast_waits(sk)) {
		t->fo_msg = 1;
		err = __inet_stream_connect(sock, addr, msg->msg_namelen,
					    O_NONBLOCK, 1);
		t->fo_msg = 0;
		if (err && err != -EINPROGRESS)
			return err;
	}
	if (ttp_fast_waits(sk)) {
		*copied = ttp_send_with_syn(sk, msg);
		ttp_run(sk, &todo);
	}
	err = __inet_stream_connect(sock, NULL, 0, flags, 1);
	return err == -EALREADY ? -EINPROGRESS : err;
}

/* May what was written wait for more, behind what has not left the machine? */
static bool ttp_send_gathers(struct sock *sk, const struct sk_buff *tail)
{
	return tail && tail == skb_peek(&sk->sk_write_queue) &&
	       !RB_EMPTY_ROOT(&ttp_sk(sk)->rtx) && !ttp_sk(sk)->urg_out &&
	       !skb_zcopy((struct sk_buff *)tail) &&
	       skb_shinfo(tail)->nr_frags < MAX_SKB_FRAGS &&
	       tail->len < ttp_max_burst(sk) && ttp_smallq_gathers(sk, tail);
}

static int ttp_send_pinned(struct sock *sk, struct msghdr *msg,
			   struct ubuf_info *pin)
{
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	struct sk_buff *tail;
	size_t copied = 0, early = 0;
	int err = 0;

	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	if ((msg->msg_flags & MSG_FASTOPEN) || ttp_fast_waits(sk)) {
		if (pin)
			ttp_pin_copied(pin);
		err = ttp_send_fast(sk->sk_socket, msg, &early);
		if (err == -EINPROGRESS && early)
			return early;
		if (err)
			return sk_stream_error(sk, msg->msg_flags, err);
	}
	if (!ttp_state_in(sk, TTPF_MAY_SEND) && !ttp_fast_child_open(sk))
		err = sk_stream_wait_connect(sk, &timeo);
	if (!err)
		copied = ttp_send_all(sk, msg, &timeo, pin, &err);
	if (!copied) {
		if (early || !err || !msg_data_left(msg))
			return early;
		return sk_stream_error(sk, msg->msg_flags, err);
	}
	/* SHLD-27, MUST-61: the last segment of a write carries PSH. */
	ttp_sk(sk)->more = !!(msg->msg_flags & TTP_MSG_MORE);
	if (msg->msg_flags & MSG_OOB)
		ttp_urg_mark(ttp_sk(sk));
	tail = skb_peek_tail(&sk->sk_write_queue);
	if (tail && !ttp_sk(sk)->more)
		TTP_CB(tail)->flags |= TTP_PSH;
	if (!ttp_send_gathers(sk, tail))
		ttp_send_now(sk);
	return early + copied;
}

static int ttp_send_locked(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct ubuf_info *pin = NULL;
	int ret;

	if ((msg->msg_flags & MSG_ZEROCOPY) && len &&
	    sock_flag(sk, SOCK_ZEROCOPY)) {
		pin = ttp_pin(sk, len);
		if (!pin)
			return -ENOBUFS;
	}
	ret = ttp_send_pinned(sk, msg, pin);
	if (ret < 0)
		net_zcopy_put_abort(pin, true);
	else
		net_zcopy_put(pin);
	return ret;
}

int ttp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	int ret;

	sock_rps_record_flow(sk);
	lock_sock(sk);
	ret = ttp_send_locked(sk, msg, len);
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

u32 ttp_readable_to_mark(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);

	return ttp_urg_readable(&t->urg, t->copied_seq, ttp_readable(sk),
				sock_flag(sk, SOCK_URGINLINE));
}

struct sk_buff *ttp_recv_find(struct sock *sk, u32 seq, u32 *offset)
{
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		*offset = seq - TTP_CB(skb)->seq;
		if (*offset < skb->len)
			return skb;
	}
	return NULL;
}

/* An ACK that was left to the reader. */
static bool ttp_ack_waits(const struct sock *sk)
{
	const struct ttp_sock *t = ttp_sk(sk);

	return ttp_deadline_is_set(&t->due, TTP_TIMER_DELACK) &&
	       ttp_ack_overdue(t);
}

void ttp_recv_window(struct sock *sk)
{
	struct ttp_todo todo = { .bits = TTP_DO_ACK };

	ttp_bufs_copied(sk);
	ttp_mem_trim(sk);
	if (ttp_state_in(sk, TTPF_MAY_RECV) &&
	    (ttp_window_opened(sk) || ttp_ack_waits(sk)))
		ttp_run(sk, &todo);
}

int ttp_recv_verdict(struct sock *sk, size_t copied, long timeo)
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
	bool skip;
	int stop;

	while (copied < len) {
		/* RFC 6093 3.2: a read never goes over the mark. */
		if (ttp_urg_at_mark(&t->urg, seq)) {
			if (copied)
				break;
			if (signal_pending(current))
				return timeo ? sock_intr_errno(timeo) : -EAGAIN;
		}
		skb = ttp_recv_find(sk, seq, &offset);
		if (skb) {
			n = min_t(size_t, skb->len - offset, len - copied);
			n = ttp_urg_run(&t->urg, seq, n,
					sock_flag(sk, SOCK_URGINLINE), &skip);
			if (n && ttp_recv_copy(skb, offset + skip, msg, n, flags))
				return copied ?: -EFAULT;
			seq += n + skip;
			copied += n;
			if (!(flags & MSG_PEEK)) {
				WRITE_ONCE(t->copied_seq, seq);
				ttp_urg_consumed(t);
				ttp_rcvq_eat(sk, seq);
			}
			continue;
		}
		if (copied >= target && !READ_ONCE(sk->sk_backlog.tail))
			break;
		stop = ttp_recv_verdict(sk, copied, timeo);
		if (stop)
			return copied ?: min(stop, 0);
		if (copied)	/* else reading has made no room */
			ttp_recv_window(sk);
		if (copied >= target) {
			release_sock(sk);	/* let the backlog in */
			lock_sock(sk);
		} else {
			t->readers++;
			sk_wait_data(sk, &timeo,
				     skb_peek_tail(&sk->sk_receive_queue));
			t->readers--;
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
	sock_rps_record_flow(sk);
	ttp_steer_poll(sk, flags & MSG_DONTWAIT);
	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN) {
		ret = -ENOTCONN;
	} else if (flags & MSG_OOB) {
		ret = ttp_urg_recv(sk, msg, len, flags);
	} else {
		ret = ttp_recv_locked(sk, msg, len, flags);
		if (ret > 0 && !(flags & MSG_PEEK))
			ttp_recv_window(sk);
	}
	release_sock(sk);
	return ret;
}
