/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file describes a TTP socket, a half-open request and a TIME_WAIT entry,
 * who holds references to them, and in which order their locks nest.
 *
 * Locks.  The socket lock (lock_sock(), or bh_lock_sock() with the backlog in
 * softirq) protects all of struct ttp_sock but what is marked otherwise.
 * Inside it may be taken, never two at once: a bucket lock of the established
 * table, a bucket lock of the listen table, a port bucket's lock, a listener's
 * queue lock.  Two nestings exist: port bucket, then established bucket
 * (choosing a port and taking the tuple are one step); and listen bucket, then
 * the kernel's lock of SO_REUSEPORT groups.  A listener's socket lock nests
 * outside its children's.
 *
 * References to a socket: its owner (struct socket, or nobody once orphaned:
 * dropped by ttp_destroy_sock()) 1; armed timer 1 each; deferral bit 1; request to
 * its listener 1; whoever found it in a table 1.  The tables hold none: a
 * socket leaves them before its owner's reference is dropped, and its memory
 * waits for a grace period (SOCK_RCU_FREE).
 * References to a request: table 1; armed timer 1; finder 1.  To a TIME_WAIT
 * entry: the same.
 */
#ifndef TTP_SOCK_H
#define TTP_SOCK_H

#include <linux/hrtimer.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <linux/ktime.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include "core/cc.h"
#include "core/deadline.h"
#include "core/ecn.h"
#include "core/fastopen.h"
#include "core/fsm.h"
#include "core/pace.h"
#include "core/plpmtu.h"
#include "core/prr.h"
#include "core/rack.h"
#include "core/rate.h"
#include "core/rcvspace.h"
#include "core/recovery.h"
#include "core/recycle.h"
#include "core/rtt.h"
#include "core/sack.h"
#include "core/seg.h"
#include "core/seq.h"
#include "core/tlp.h"
#include "core/todo.h"
#include "core/ts.h"
#include "core/urg.h"
#include "core/verdict.h"
#include "core/window.h"
#include "fastkey.h"
#include "hash.h"
#include "net.h"
#include <linux/ttp.h>

struct ttp_af;
struct ttp_fast_place;
struct ttp_way;

/* Room that every skb keeps in front for link, IP and TTP headers, bytes. */
#define TTP_HEADROOM	L1_CACHE_ALIGN(128 + MAX_HEADER)
#define TTP_MSS_MIN	48		/* smallest payload we cut, as Linux */
#define TTP_MSS_DEFAULT	536		/* RFC 9293 MUST-15, IPv4 */
#define TTP_MSS_DEFAULT6 1220		/* IPv6 */
#define TTP_ATO_MIN	(40 * TTP_USEC_PER_MSEC)	/* delayed ACK, us */
#define TTP_ATO_MAX	(200 * TTP_USEC_PER_MSEC)
#define TTP_TS_SPACE	12		/* timestamps in every segment, bytes */
#define TTP_QUICKACKS	16		/* ACKed at once in the beginning */
/*
 * RFC 5681 3.1: a SYN or SYN+ACK that gets lost means an initial window of
 * one.  Repeated once it may only have been late, as Linux has it.
 */
#define TTP_SYN_LOST	1

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
	u32		window_clamp;	/* as in struct ttp_sock */
	u32		snd_wnd;	/* the SYN's window */
	u32		mark;
	u32		txhash;		/* lockless; the child's sk_txhash */
	int		iif;
	u16		peer_mss;	/* as in struct ttp_sock */
	u16		adv_mss;	/* ours */
	u32		rtt;		/* us, to an ACK that was held; 0 none */
	u8		syn_tos;	/* TOS or traffic class of the SYN, or of
					 * the ACK that brought a cookie
					 */
	u8		tries;		/* timeouts so far */
	bool		resent;		/* the SYN+ACK, by one of them */
	u32		invalid_at;	/* ms, last answer to an invalid segment */
	u8		snd_wscale;
	u8		rcv_wscale;
	bool		wscale_ok;
	bool		sack_ok;
	bool		ecn_ok;
	bool		acked;		/* final ACK seen, but the accept queue
					 * was full or there was no data
					 */
	struct ttp_ts	ts;
	const struct ttp_way *way;	/* NULL: by the routing table */
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
	/* Fast Open: children without their final ACK, see fastqueue.h. */
	u32		fast_max;	/* TCP_FASTOPEN; lockless */
	u32		fast_len;
	struct list_head fast_reset;	/* of these those that were reset */
	struct ttp_fast_keys fast_keys;	/* TCP_FASTOPEN_KEY */
};

/*
 * What is left of a connection in TIME_WAIT.  There may be very many, so it is
 * smaller than what TCP keeps, and not padded to whole cache lines.
 */
struct ttp_tw {
	struct ttp_hnode h;
	struct ttp_owner bind;
	refcount_t	ref;
	u32		invalid_at;	/* ms, last answer to an invalid segment */
	struct timer_list timer;
	union {
		struct {
			u32	rcv_nxt;	/* past the peer's FIN */
			u32	snd_nxt;	/* past our FIN */
			u32	rcv_wnd;	/* last offered, bytes */
			u32	mark;
		};
		struct rcu_head	rcu;	/* when the last reference is gone */
	};
	u64		expires;	/* us */
	u32		since;		/* ms, since boot */
	u32		brief;		/* us, see ttp_tw_recycle(); 0: not */
	/* IP's, as the socket had them. */
	u32		priority;
	u32		txhash;
	u32		label:20,
			tos:8,
			rcv_wscale:4;
	struct ttp_ts	ts;		/* recent, recent_at: see ttp_tw_ts() */
};

#ifndef CONFIG_LOCKDEP		/* it makes timers large */
static_assert(sizeof(struct ttp_tw) <= 240);
#endif

/* Deferred while a process owns the socket; see ttp_release_cb(). */
enum {
	TTP_DEFER_TIMER,
	TTP_DEFER_PMTU,
	TTP_DEFER_PACE,
};

struct ttp_sock {
	struct inet_sock inet;		/* first: sk, inet_sk() */
	struct ttp_hnode h;
	struct ttp_owner bind;
	const struct ttp_af *af;	/* by the addresses in use, not sk_family */
	struct ttp_net	*tn;		/* ttp_net(sock_net()) */
	u32		dst_cookie;	/* IPv6 route generation */
	u32		icmp_mtu;	/* deferred: from an ICMP message */
	unsigned long	deferred;	/* TTP_DEFER_* bits, atomic */
	struct ttp_deadlines due;
	u64		timer_at;	/* us, what sk_timer is armed for; 0 none */

	/* Sending (RFC 9293 3.3.1).  FIN has no skb: it sits at write_seq. */
	struct rb_root	rtx;		/* sent data, unacked, by seq */
	struct list_head tsorted;	/* of it what is in flight, oldest first */
	u32		iss;
	u32		snd_una;
	u32		snd_nxt;
	u32		write_seq;	/* past the last byte queued */
	u32		snd_wnd;	/* from snd_una, bytes */
	u32		snd_wl1;
	u32		snd_wl2;
	u32		max_wnd;	/* largest snd_wnd ever */
	u32		packets_out;	/* segments in rtx; of them: */
	u32		sacked_out;	/* arrived, as the peer says */
	u32		lost_out;	/* lost, as we think */
	u32		retrans_out;	/* sent again and in flight */
	u32		rtx_next;	/* with lost_out: nothing lost and not
					 * repeated lies before it
					 */
	u32		limited_seq;	/* with cwnd_limited: it lasts up to here */
	u32		snd_sml;	/* past the last small segment sent */
	u32		snd_up;		/* past the urgent byte, with urg_out */
	u32		pushed_seq;	/* PSH has been promised up to here */
	u32		mss;		/* payload of a full segment now */
	u32		pmtu;		/* mss was computed for this */
	u32		pmtu_at;	/* us, modulo 2^32 */
	u32		probe_ssthresh;	/* as before a lost probe; 0 none */
	u32		old_seq;	/* received: of the last data that came twice */
	struct ttp_plpmtu plpmtu;
	u16		peer_mss;	/* MSS option received or default, and not
					 * more than user_mss was then
					 */
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
			cwnd_limited:1,	/* in the last round trip */
			cc_chosen:1,	/* by TCP_CONGESTION */
			quickack_user:1, /* TCP_QUICKACK */
			quickack_route:1, /* "quickack" of the route */
			thin_linear:1,	/* TCP_THIN_LINEAR_TIMEOUTS */
			urg_out:1,	/* an urgent byte is unacknowledged */
			pmtu_fell:1,	/* at pmtu_at, by a message */
			burst_plain:1,	/* beyond 64 KB they were refused */
			pingpong:1,	/* interactive: delay ACKs */
			once_hashed:1,	/* has been in a table: see ttp_connect() */
			orphan:1;	/* counted, and holds the module no more */
	u8		probes_out;	/* window or keepalive probes unanswered */
	u8		probe_backoff;	/* doublings of the probe interval */
	u8		keep_probes;
	u8		syn_retries;	/* TCP_SYNCNT, 0: sysctl */
	u8		defer_accept;	/* TCP_DEFER_ACCEPT, timeouts; 0: off */
	struct ttp_ts	ts;
	struct ttp_ecn	ecn;
	u32		dsack_dups;	/* segments that arrived twice */
	u32		rehashes;	/* times sk_txhash was drawn anew */
	struct ttp_cc	cc;
	struct ttp_rtt	rtt;
	struct ttp_win	min_rtt;	/* us, of the last min_rtt_wlen */
	struct ttp_rate	rate;
	struct ttp_recovery rec;
	struct ttp_rack	rack;
	struct ttp_tlp	tlp;
	struct ttp_prr	prr;
	u32		total_retrans;
	struct ttp_pace	pace;
	struct hrtimer	pace_timer;	/* pending: holds a reference */
	unsigned long	smallq;		/* TTP_SMALLQ_* bits, atomic */
	struct list_head smallq_node;	/* with TTP_SMALLQ_LISTED, see smallq.c */
	u32		retransmits;	/* timeouts in a row */
	u32		user_timeout;	/* TCP_USER_TIMEOUT, ms; 0: retries2 */
	u64		retrans_at;	/* us, first of them */
	struct ttp_past	past;		/* what connect() took the tuple from */
	u64		syn_at;		/* us, connect() */
	u64		last_sent;	/* us, last data segment */
	u64		run_at;		/* us, when ttp_run() began that sends */
	u64		probed_at;	/* us, first probe of a closed window */
	u64		bytes_sent;
	u64		bytes_acked;
	u64		bytes_retrans;
	u32		segs_out;
	u32		data_segs_out;

	/* Receiving. */
	struct rb_root	ooo;		/* out-of-order data, by seq */
	struct sk_buff	*ooo_last;
	struct ttp_urg	urg;		/* seq and state lockless */
	struct ttp_sack_rx sack_rx;	/* what to report, with sack_ok */
	u32		irs;
	u32		rcv_nxt;
	u32		copied_seq;	/* next byte for the reader */
	u32		rcv_wup;	/* rcv_nxt when the window was last offered */
	u32		rcv_wnd;	/* offered then, bytes from rcv_wup */
	u32		rcv_promised;	/* right edge of the largest window offered */
	u32		rcv_owed;	/* bytes from copied_seq to there, not by rounding */
	u32		window_clamp;	/* TCP_WINDOW_CLAMP, bytes; 0: none */
	u32		rcv_mss;	/* estimate of the peer's segment size */
	u32		ato;		/* delayed ACK timeout, us */
	u32		readers;	/* asleep in recv() or splice() */
	u64		last_rcv;	/* us, any segment (keepalive) */
	u64		last_data_rcv;	/* us */
	u64		bytes_received;
	u32		segs_in;
	u32		data_segs_in;
	u32		ooo_segs;
	u32		notsent_lowat;	/* TCP_NOTSENT_LOWAT, bytes; 0: sysctl */
	struct ttp_rcvspace rcvspace;
	u32		ooo_fresh;	/* bytes of memory queued in ooo since it
					 * was squeezed
					 */
	u32		squeezed;	/* the receive queue is, up to here */
	int		squeeze_at;	/* bytes of memory when to try again */

	/* Memory, both ways. */
	u32		mem_quota;	/* pages taken from the namespace */

	/* Slow path. */
	struct ttp_listener *listener;	/* while listening */
	struct list_head accept;	/* in the listener's queue */
	u32		keep_time;	/* s; 0: sysctl */
	u32		keep_intvl;	/* s */
	int		linger2;	/* TCP_LINGER2: s, 0: sysctl, < 0 none */
	u32		invalid_at;	/* ms, last answer to an invalid segment */
	/* Fast Open: fo, fo_option for the next SYN or SYN+ACK only. */
	struct ttp_fast_place *fast;	/* in the listener's queue, until the
					 * SYN+ACK is acknowledged
					 */
	struct ttp_fo_cookie fo;
	u8		fo_fail;	/* enum tcp_fastopen_client_fail */
	u8		fo_option:1,
			fo_asked:1,	/* our SYN had the option */
			fo_data:1,	/* our SYN had data */
			fo_acked:1,	/* which arrived; or its SYN had */
			fo_probe:1,	/* after a pause for a black hole */
			fo_msg:1,	/* connect() is by sendmsg() */
			fo_connect:1,	/* TCP_FASTOPEN_CONNECT */
			fo_free:1;	/* TCP_FASTOPEN_NO_COOKIE */
	u8		quickacks;	/* left of TTP_QUICKACKS */
	u32		icmp_seq;	/* deferred with icmp_mtu: what was too big */
};

/* What a socket of IPv6 is. */
struct ttp6_sock {
	struct ttp_sock ttp;		/* first: ttp_sk() */
	struct ipv6_pinfo inet6;	/* last: 6.1 finds it from the end */
};

/* NULL: of IPv4. */
static inline struct ipv6_pinfo *ttp_pinfo(struct sock *sk)
{
	return sk->sk_family == AF_INET6 ?
	       &container_of(sk, struct ttp6_sock, ttp.inet.sk)->inet6 : NULL;
}

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

/* ttp_sysctl_get() for TTP's sockets: ttp_net() takes the RCU read lock. */
#define ttp_sk_sysctl(sk, name) READ_ONCE(ttp_sk(sk)->tn->sysctl.name)

/* Microseconds since boot: TTP's clock. */
static inline u64 ttp_now(void)
{
	return ktime_to_us(ktime_get());
}

/* What is known of a piece in the retransmission queue. */
#define TTP_S_SACKED	1	/* arrived; then neither of the next two */
#define TTP_S_LOST	2
#define TTP_S_RETRANS	4	/* sent again, and that is in flight */
#define TTP_S_EVER	8	/* sent more than once: no RTT sample (Karn) */

/* What TTP keeps in skb->cb; on the send side IP gets a cleared clone. */
struct ttp_skb_cb {
	u32	seq;
	u32	end_seq;
	u64	sent_at;	/* us, last transmission */
	union {
		u32	tsval;	/* of that, with timestamps */
		u32	ack;	/* on receive, see backlog.c */
	};
	u16	segs;		/* segments it counts for */
	union {
		u16	mss;	/* their payload, bytes */
		u16	win;	/* on receive: the field */
	};
	u8	flags;		/* TTP_PSH; on receive all flags */
	u8	state;		/* TTP_S_* */
	u8	tos;		/* on receive: ttp_seg.tos */
	struct ttp_rate_stamp stamp;
};

static_assert(sizeof(struct ttp_skb_cb) <= sizeof_field(struct sk_buff, cb));

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

/* More has come than a segment, and nothing was said about it. */
static inline bool ttp_ack_overdue(const struct ttp_sock *t)
{
	return t->rcv_nxt - t->rcv_wup > t->rcv_mss;
}

/* Bytes queued that have not been sent; the FIN does not count. */
static inline u32 ttp_unsent(const struct ttp_sock *t)
{
	return max(ttp_seq_diff(t->snd_nxt, t->write_seq), 0);
}

/* Open before the final ACK (RFC 7413): both ends may talk already. */
static inline bool ttp_fast_child_open(const struct sock *sk)
{
	return sk->sk_state == TCP_SYN_RECV && ttp_sk(sk)->fast;
}

/* The SYN is not acknowledged; snd_una comes round to iss again after 4 GiB. */
static inline bool ttp_syn_unacked(const struct ttp_sock *t)
{
	return t->snd_una == t->iss && !t->bytes_acked;
}

/*
 * How far before snd_una an ACK may lie: a window, but never before the first
 * byte, for an ACK of what was never sent is a guess (RFC 5961 5).
 */
static inline u32 ttp_ack_back(const struct ttp_sock *t)
{
	bool fin = t->fin_sent && t->snd_una == t->write_seq + 1;

	return min_t(u64, t->max_wnd, t->bytes_acked + fin);
}

/* Payload bytes that fit in @space bytes of buffer. */
static inline u32 ttp_win_from_space(const struct sock *sk, s64 space)
{
	return ttp_rcvspace_win(&ttp_sk(sk)->rcvspace, space);
}

/* ... in what is free of it. */
static inline u32 ttp_rcv_space(const struct sock *sk)
{
	return ttp_win_from_space(sk, (s64)READ_ONCE(sk->sk_rcvbuf) -
				  READ_ONCE(sk->sk_backlog.len) -
				  atomic_read(&sk->sk_rmem_alloc));
}

/* Sockets whose memory is not free yet: the last hurdle of rmmod. */
extern atomic_t ttp_live_socks;

/* Of @wnd bytes what may be offered. */
static inline u32 ttp_wnd_clamped(u32 clamp, u32 wnd)
{
	return clamp ? min(wnd, clamp) : wnd;
}

/* The largest buffer there may ever be, and @clamp, bound the window, bytes. */
static inline u32 ttp_wnd_ever(const struct sock *sk, u32 clamp)
{
	s64 most = READ_ONCE(sk->sk_rcvbuf);

	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		most = max_t(s64, most, ttp_sk_sysctl(sk, rmem[2]));
	return ttp_wnd_clamped(clamp, most);
}

extern struct proto ttp_prot, ttp6_prot;
extern const struct proto_ops ttp_stream_ops;
extern struct kmem_cache *ttp_req_cache;
extern struct kmem_cache *ttp_tw_cache;

#endif
