/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file describes a TTP socket, a half-open request and a TIME_WAIT entry,
 * who holds references to them, and in which order their locks nest.
 *
 * Locks.  The socket lock (lock_sock(), or bh_lock_sock() with the backlog in
 * softirq) protects all of struct ttp_sock but what is marked otherwise.
 * Inside it may be taken, never two at once: a bucket lock of the established
 * table, a bucket lock of the listen table, a port bucket's lock, a listener's
 * queue lock.  One nesting exists: port bucket, then established bucket
 * (choosing a port and taking the tuple are one step).  A listener's socket
 * lock nests outside its children's.
 *
 * References to a socket: its owner (struct socket, or nobody once orphaned:
 * dropped by ttp_destroy_sock()) 1; armed timer 1; deferral bit 1; request to
 * its listener 1; whoever found it in a table 1.  The tables hold none: a
 * socket leaves them before its owner's reference is dropped, and its memory
 * waits for a grace period (SOCK_RCU_FREE).
 * References to a request: table 1; armed timer 1; finder 1.  To a TIME_WAIT
 * entry: the same.
 */
#ifndef TTP_SOCK_H
#define TTP_SOCK_H

#include <linux/skbuff.h>
#include <linux/timer.h>
#include <linux/ktime.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include "core/cong.h"
#include "core/deadline.h"
#include "core/fsm.h"
#include "core/rtt.h"
#include "core/sack.h"
#include "core/seg.h"
#include "core/seq.h"
#include "core/todo.h"
#include "core/ts.h"
#include "core/verdict.h"
#include "core/window.h"
#include "hash.h"
#include "net.h"
#include <linux/ttp.h>

struct ttp_af;

/* Room that every skb keeps in front for link, IP and TTP headers, bytes. */
#define TTP_HEADROOM	L1_CACHE_ALIGN(128 + MAX_HEADER)
#define TTP_MSS_MIN	48		/* smallest payload we cut, as Linux */
#define TTP_MSS_DEFAULT	536		/* RFC 9293 MUST-15, IPv4 */
#define TTP_MSS_DEFAULT6 1220		/* IPv6 */
#define TTP_ATO_MIN	(40 * TTP_USEC_PER_MSEC)	/* delayed ACK, us */
#define TTP_ATO_MAX	(200 * TTP_USEC_PER_MSEC)
#define TTP_TS_SPACE	12		/* timestamps in every segment, bytes */
#define TTP_QUICKACKS	16		/* ACKed at once in the beginning */

/* A passive open before its final ACK.  Lockless but for the refs. */
struct ttp_req {
	struct ttp_hnode h;
	refcount_t	ref;
	struct sock	*listener;	/* referenced */
	struct list_head list;		/* listener's queue lock */
	struct timer_list timer;
	u64		sent_at;	/* us, first SYN+ACK */
	u64		rto_at;		/* us, next repetition */
	u32		irs;		/* the peer's ISN */
	u32		iss;		/* ours */
	u32		rcv_wnd;	/* offered in the SYN+ACK, bytes */
	u32		snd_wnd;	/* the SYN's window */
	u32		mark;
	int		iif;
	u16		peer_mss;	/* its MSS option or the default */
	u16		adv_mss;	/* ours */
	u8		tries;		/* repetitions of the SYN+ACK so far */
	u8		snd_wscale;
	u8		rcv_wscale;
	bool		wscale_ok;
	bool		sack_ok;
	bool		acked;		/* final ACK seen, accept queue was full */
	struct ttp_ts	ts;
	struct rcu_head	rcu;
};

/* What a listening socket has more than others. */
struct ttp_listener {
	spinlock_t	lock;		/* both lists, closed; softirq-safe */
	struct list_head reqs;
	u32		nr_reqs;
	struct list_head accept;	/* ttp_sock.accept */
	u64		cookie_at;	/* us, last cookie sent; lockless */
	bool		closed;
};

/* What is left of a connection in TIME_WAIT. */
struct ttp_tw {
	struct ttp_hnode h;
	struct ttp_owner bind;
	refcount_t	ref;
	struct timer_list timer;
	u32		rcv_nxt;	/* past the peer's FIN */
	u32		snd_nxt;	/* past our FIN */
	u32		rcv_wnd;	/* last offered, bytes */
	u32		mark;
	u64		expires;	/* us */
	u64		since;		/* us */
	struct ttp_ts	ts;
	u8		rcv_wscale;
	u8		tos;
	struct rcu_head	rcu;
};

/* Deferred while a process owns the socket; see ttp_release_cb(). */
enum {
	TTP_DEFER_TIMER,
	TTP_DEFER_PMTU,
};

struct ttp_sock {
	struct inet_sock inet;		/* first: sk, inet_sk() */
	struct ttp_hnode h;
	struct ttp_owner bind;
	const struct ttp_af *af;	/* by the addresses in use, not sk_family */
	u32		dst_cookie;	/* IPv6 route generation */
	unsigned long	deferred;	/* TTP_DEFER_* bits, atomic */
	struct ttp_deadlines due;
	u64		timer_at;	/* us, what sk_timer is armed for; 0 none */

	/* Sending (RFC 9293 3.3.1).  FIN has no skb: it sits at write_seq. */
	struct sk_buff_head rtxq;	/* sent data, unacked, by seq */
	u32		iss;
	u32		snd_una;
	u32		snd_nxt;
	u32		write_seq;	/* past the last byte queued */
	u32		snd_wnd;	/* from snd_una, bytes */
	u32		snd_wl1;
	u32		snd_wl2;
	u32		max_wnd;	/* largest snd_wnd ever */
	u32		packets_out;	/* segments in rtxq */
	u32		rtx_next;	/* LOSS: next byte to send again */
	u32		snd_sml;	/* past the last small segment sent */
	u32		pushed_seq;	/* PSH has been promised up to here */
	u32		mss;		/* payload of a full segment now */
	u32		pmtu;		/* mss was computed for this */
	u16		peer_mss;	/* MSS option received or default */
	u16		user_mss;	/* TCP_MAXSEG, 0 none */
	u16		adv_mss;	/* MSS option sent */
	u8		snd_wscale;	/* shift for windows received */
	u8		rcv_wscale;	/* shift for windows sent */
	u8		wscale_ok:1,
			sack_ok:1,	/* both ends offered it */
			fin_queued:1,	/* FIN follows write_seq */
			fin_sent:1,	/* and has been sent at least once */
			nodelay:1,
			cork:1,
			more:1,		/* the last send() had MSG_MORE */
			cwnd_limited:1,
			quickack_user:1, /* TCP_QUICKACK */
			pingpong:1;	/* interactive: delay ACKs */
	struct ttp_ts	ts;
	struct ttp_cong	cong;
	struct ttp_rtt	rtt;
	u32		retransmits;	/* timeouts in a row */
	u64		retrans_at;	/* us, first of them */
	u64		syn_at;		/* us, connect() */
	u64		last_sent;	/* us, last data segment */
	u32		user_timeout;	/* TCP_USER_TIMEOUT, ms; 0: retries2 */
	u8		probes_out;	/* window or keepalive probes unanswered */
	u8		probe_backoff;	/* doublings of the probe interval */
	u8		once_hashed;	/* has been in a table: see ttp_connect() */
	u8		unpinned;	/* gave its module reference back */
	u32		icmp_mtu;	/* deferred: from an ICMP message */
	u32		total_retrans;
	u64		bytes_sent;
	u64		bytes_acked;
	u64		bytes_retrans;
	u32		segs_out;
	u32		data_segs_out;

	/* Receiving. */
	struct rb_root	ooo;		/* out-of-order data, by seq */
	struct sk_buff	*ooo_last;
	struct ttp_sack_rx sack_rx;	/* what to report, with sack_ok */
	u32		irs;
	u32		rcv_nxt;
	u32		copied_seq;	/* next byte for the reader */
	u32		rcv_wup;	/* rcv_nxt when the window was last offered */
	u32		rcv_wnd;	/* offered then, bytes from rcv_wup */
	u32		rcv_promised;	/* right edge of the largest window offered */
	u32		rcv_mss;	/* estimate of the peer's segment size */
	u32		ato;		/* delayed ACK timeout, us */
	u8		quickacks;	/* left of TTP_QUICKACKS */
	u64		last_rcv;	/* us, any segment (keepalive) */
	u64		last_data_rcv;	/* us */
	u64		bytes_received;
	u32		segs_in;
	u32		data_segs_in;
	u32		ooo_segs;

	/* Slow path. */
	struct ttp_listener *listener;	/* while listening */
	struct list_head accept;	/* in the listener's queue */
	u32		keep_time;	/* s; 0: sysctl */
	u32		keep_intvl;	/* s */
	u8		keep_probes;
	u8		syn_retries;	/* TCP_SYNCNT, 0: sysctl */
	int		linger2;	/* TCP_LINGER2: s, 0: sysctl, < 0 none */
	u32		challenge_at;	/* ms, last challenge ACK of this socket */

	struct ipv6_pinfo inet6;	/* last: 6.1 finds it from the end */
};

static inline struct ttp_sock *ttp_sk(const struct sock *sk)
{
	return (struct ttp_sock *)sk;
}

static inline struct sock *ttp_to_sk(const struct ttp_sock *t)
{
	return (struct sock *)&t->inet.sk;
}

static inline struct ttp_sock *ttp_h_sock(const struct ttp_hnode *h)
{
	return container_of(h, struct ttp_sock, h);
}

static inline struct ttp_req *ttp_h_req(const struct ttp_hnode *h)
{
	return container_of(h, struct ttp_req, h);
}

static inline struct ttp_tw *ttp_h_tw(const struct ttp_hnode *h)
{
	return container_of(h, struct ttp_tw, h);
}

/* Microseconds since boot: TTP's clock. */
static inline u64 ttp_now(void)
{
	return ktime_to_us(ktime_get());
}

/* What TTP keeps in skb->cb; on the send side IP gets a cleared clone. */
struct ttp_skb_cb {
	u32	seq;
	u32	end_seq;
	u64	sent_at;	/* us, last transmission */
	u16	segs;		/* segments it counts for in packets_out */
	u8	flags;		/* TTP_PSH; on receive all flags */
	bool	rexmitted;	/* sent twice: no RTT sample (Karn) */
};

#define TTP_CB(skb) ((struct ttp_skb_cb *)(skb)->cb)

static inline bool ttp_state_in(const struct sock *sk, u32 set)
{
	return (1u << sk->sk_state) & set;
}

/* Bytes of the offered receive window that are left. */
static inline u32 ttp_rcv_window(const struct ttp_sock *t)
{
	s32 win = t->rcv_wup + t->rcv_wnd - t->rcv_nxt;

	return win < 0 ? 0 : win;
}

/* The SYN is not acknowledged; snd_una comes round to iss again after 4 GiB. */
static inline bool ttp_syn_unacked(const struct ttp_sock *t)
{
	return t->snd_una == t->iss && !t->bytes_acked;
}

/* Payload bytes that fit in @space bytes of buffer: half goes to overhead. */
static inline u32 ttp_win_from_space(s64 space)
{
	return space < 0 ? 0 : space >> 1;
}

static inline u32 ttp_rcv_space(const struct sock *sk)
{
	return ttp_win_from_space((s64)READ_ONCE(sk->sk_rcvbuf) -
				  READ_ONCE(sk->sk_backlog.len) -
				  atomic_read(&sk->sk_rmem_alloc));
}

/* Sockets whose memory is not free yet: the last hurdle of rmmod. */
extern atomic_t ttp_live_socks;

/* The largest window that this buffer may ever grow to, bytes. */
static inline u32 ttp_wnd_ever(const struct sock *sk)
{
	s64 most = READ_ONCE(sk->sk_rcvbuf);

	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		most = max_t(s64, most, ttp_sysctl_get(sock_net(sk), rmem[2]));
	return ttp_win_from_space(most);
}

extern struct proto ttp_prot;
extern const struct proto_ops ttp_stream_ops;
extern struct kmem_cache *ttp_req_cache;
extern struct kmem_cache *ttp_tw_cache;

#endif
