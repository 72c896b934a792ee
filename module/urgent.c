// SPDX-License-Identifier: GPL-2.0
/*
 * This file sends and receives urgent data: one byte of the stream, and a mark
 * in it, that TCP's programs take for a second channel (RFC 6093).
 *
 * The byte stays where it is in the queues; the reader passes over it.
 */
#include "urgent.h"

#include <linux/skbuff.h>

#include "rcvq.h"
#include "sock.h"

void ttp_urg_mark(struct ttp_sock *t)
{
	t->snd_up = t->write_seq;
	t->urg_out = 1;
}

void ttp_urg_fill(const struct ttp_sock *t, struct ttp_seg *seg)
{
	if (t->urg_out && !(seg->flags & (TTP_SYN | TTP_RST)) &&
	    ttp_urg_pointer(t->snd_up, seg->seq, t->snd_nxt, &seg->urg))
		seg->flags |= TTP_URG;
}

void ttp_urg_acked(struct ttp_sock *t)
{
	if (t->urg_out && !ttp_after(t->snd_up, t->snd_una))
		t->urg_out = 0;
}

static void ttp_urg_set(struct ttp_sock *t, enum ttp_urg_state state)
{
	WRITE_ONCE(t->urg.state, state);
}

/*
 * A newer pointer.  The last urgent byte, if the reader waits before it, was
 * read or is lost now; he must pass over it, or he would read it as data.
 */
static void ttp_urg_replace(struct sock *sk, u32 at)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (ttp_urg_at_mark(&t->urg, t->copied_seq) &&
	    !sock_flag(sk, SOCK_URGINLINE) && t->copied_seq != t->rcv_nxt) {
		WRITE_ONCE(t->copied_seq, t->copied_seq + 1);
		ttp_rcvq_eat(sk, t->copied_seq);
	}
	WRITE_ONCE(t->urg.seq, at);
	ttp_urg_set(t, TTP_URG_AWAITED);
}

void ttp_urg_input(struct sock *sk, const struct sk_buff *skb,
		   const struct ttp_seg *seg, struct ttp_todo *todo)
{
	struct ttp_sock *t = ttp_sk(sk);
	u32 at, off;

	if (seg->flags & TTP_URG) {
		at = ttp_urg_at(seg, ttp_sysctl_get(sock_net(sk), stdurg));
		if (ttp_urg_is_news(&t->urg, at, t->rcv_nxt, t->copied_seq)) {
			ttp_urg_replace(sk, at);
			todo->bits |= TTP_DO_URGENT;
		}
	}
	off = t->urg.seq - seg->seq;
	if (t->urg.state != TTP_URG_AWAITED || off >= skb->len ||
	    skb_copy_bits(skb, off, &t->urg.byte, 1))
		return;
	ttp_urg_set(t, TTP_URG_HERE);
	todo->bits |= TTP_DO_READ;
}

void ttp_urg_consumed(struct ttp_sock *t)
{
	if (t->urg.state != TTP_URG_NONE &&
	    ttp_after(t->copied_seq, t->urg.seq))
		ttp_urg_set(t, TTP_URG_NONE);
}

int ttp_urg_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct ttp_sock *t = ttp_sk(sk);

	if (sock_flag(sk, SOCK_URGINLINE) || t->urg.state == TTP_URG_NONE ||
	    t->urg.state == TTP_URG_READ)
		return -EINVAL;		/* there is none to read apart */
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (t->urg.state == TTP_URG_AWAITED)
		return sk->sk_state == TCP_CLOSE ||
		       (sk->sk_shutdown & RCV_SHUTDOWN) ? 0 : -EAGAIN;
	if (!(flags & MSG_PEEK))
		ttp_urg_set(t, TTP_URG_READ);
	msg->msg_flags |= MSG_OOB;
	if (!len) {
		msg->msg_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, &t->urg.byte, 1))
		return -EFAULT;
	return 1;
}
