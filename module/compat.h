/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file hides what differs among the kernels that TTP is built for.
 *
 * compat.mk looks into the kernel's headers and defines TTP_HAVE_* for what it
 * finds; no version number is compared, because stable kernels carry changes
 * of later ones.  The newest kernel's form is the one that callers see.
 */
#ifndef TTP_COMPAT_H
#define TTP_COMPAT_H

#include <linux/bpf-cgroup.h>
#include <linux/filter.h>
#include <linux/hrtimer.h>
#include <linux/ipv6.h>
#include <linux/security.h>
#include <linux/sysctl.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <net/flow.h>
#include <net/inet_common.h>
#include <net/inet_dscp.h>
#include <net/inet_sock.h>
#include <net/ip6_route.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#ifdef TTP_HAVE_SKBUFF_REF_H
#include <linux/skbuff_ref.h>
#endif
#ifdef TTP_HAVE_PROTO_MEMORY_H
#include <net/proto_memory.h>
#endif
#ifdef TTP_HAVE_GSO_H
#include <net/gso.h>
#endif
#ifdef TTP_HAVE_RPS_H
#include <net/rps.h>
#endif

/* The structure around a timer, in its callback. */
#define ttp_timer_of(var, timer, field) \
	container_of(timer, typeof(*(var)), field)
#define ttp_timer_delete(timer)		timer_delete(timer)
#define ttp_timer_delete_sync(timer)	timer_delete_sync(timer)

static inline void
ttp_hrtimer_setup(struct hrtimer *timer,
		  enum hrtimer_restart (*fire)(struct hrtimer *),
		  clockid_t clock, enum hrtimer_mode mode)
{
#ifdef TTP_HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, fire, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = fire;
#endif
}

/* What the handler of a sysctl gets. */
#ifdef TTP_HAVE_CONST_CTL_TABLE
typedef const struct ctl_table ttp_ctl_table_t;
#else
typedef struct ctl_table ttp_ctl_table_t;
#endif

/* What IPv6 puts between its header and ours when a burst is longer than 64 KB. */
#ifdef TTP_HAVE_HOP_JUMBO
#define TTP_JUMBO_LEN	sizeof(struct hop_jumbo_hdr)
#else
#define TTP_JUMBO_LEN	0
#endif

/* What bind() and connect() get from the socket layer. */
#ifdef TTP_HAVE_SOCKADDR_UNSIZED
typedef struct sockaddr_unsized ttp_sockaddr_t;
#else
typedef struct sockaddr ttp_sockaddr_t;
#endif

/*
 * TTP_PROTO_ACCEPT(name, fn) defines @name, as proto.accept wants it, around
 * @fn(sk, arg), which returns the child or sets arg->err.
 */
#ifdef TTP_HAVE_PROTO_ACCEPT_ARG
#define TTP_PROTO_ACCEPT(name, fn)					\
static struct sock *name(struct sock *sk, struct proto_accept_arg *arg)	\
{									\
	return fn(sk, arg);						\
}
#else
struct proto_accept_arg {
	int flags;
	int err;
	int is_empty;
	bool kern;
};

#define TTP_PROTO_ACCEPT(name, fn)					\
static struct sock *name(struct sock *sk, int flags, int *err, bool kern) \
{									\
	struct proto_accept_arg arg = { .flags = flags, .kern = kern };	\
	struct sock *child = fn(sk, &arg);				\
									\
	*err = arg.err;							\
	return child;							\
}
#endif

/*
 * TTP_PROTO_IOCTL(name, fn) defines @name, as proto.ioctl wants it, around
 * @fn(sk, cmd, answer), which returns 0 when the answer is for the user.
 */
#ifdef TTP_HAVE_PROTO_IOCTL_KARG
#define TTP_PROTO_IOCTL(name, fn)					\
static int name(struct sock *sk, int cmd, int *karg)			\
{									\
	return fn(sk, cmd, karg);					\
}
#else
#define TTP_PROTO_IOCTL(name, fn)					\
static int name(struct sock *sk, int cmd, unsigned long arg)		\
{									\
	int answer;							\
	int err = fn(sk, cmd, &answer);					\
									\
	return err ?: put_user(answer, (int __user *)arg);		\
}
#endif

/* Where the ipv6_pinfo of a socket is; it must be the last member. */
static inline void ttp_proto_pinfo(struct proto *prot, unsigned int offset)
{
#ifdef TTP_HAVE_PINFO_OFFSET
	prot->ipv6_pinfo_offset = offset;
#endif
}

/* The user who owns the socket. */
static inline kuid_t ttp_sk_uid(const struct sock *sk)
{
#ifdef TTP_HAVE_SK_UID
	return sk_uid(sk);
#else
	return READ_ONCE(sk->sk_uid);
#endif
}

/* Register @n entries; one more, all zero, follows them in @table. */
static inline struct ctl_table_header *
ttp_register_sysctl(struct net *net, const char *path, struct ctl_table *table,
		    size_t n)
{
#ifdef TTP_HAVE_NET_SYSCTL_SZ
	return register_net_sysctl_sz(net, path, table, n);
#else
	return register_net_sysctl(net, path, table);
#endif
}

/* Set the TOS of an IPv4 flow, ECN bits left out as routing wants it. */
static inline void ttp_flowi4_set_tos(struct flowi4 *fl4, u8 tos)
{
#ifdef TTP_HAVE_FLOWI4_DSCP
	fl4->flowi4_dscp = inet_dsfield_to_dscp(tos);
#else
	fl4->flowi4_tos = tos & INET_DSCP_MASK;
#endif
}

/* Let LSMs label the flow; older kernels forgot a const. */
static inline void ttp_classify_flow(const struct sock *sk,
				     struct flowi_common *flow)
{
	security_sk_classify_flow((struct sock *)sk, flow);
}

/* The cgroup's BPF programs may forbid or redirect a connect(). */
#ifdef TTP_HAVE_BPF_CONNECT_LEN
#define ttp_bpf_connect4(sk, uaddr, len) \
	BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, uaddr, &(len))
#define ttp_bpf_connect6(sk, uaddr, len) \
	BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, uaddr, &(len))
#else
#define ttp_bpf_connect4(sk, uaddr, len) \
	BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, uaddr)
#define ttp_bpf_connect6(sk, uaddr, len) \
	BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, uaddr)
#endif

/* recvmsg(MSG_ERRQUEUE). */
static inline int ttp_recv_error(struct sock *sk, struct msghdr *msg, int len)
{
#ifdef TTP_HAVE_RECV_ERROR_ADDRLEN
	return inet_recv_error(sk, msg, len, &msg->msg_namelen);
#else
	return inet_recv_error(sk, msg, len);
#endif
}

/* Keep an IPv6 route in the socket; its addresses are not cached beside it. */
static inline void ttp_ip6_dst_store(struct sock *sk, struct dst_entry *dst)
{
#ifdef TTP_HAVE_DST_STORE_BOOL
	ip6_dst_store(sk, dst, false, false);
#else
	ip6_dst_store(sk, dst, NULL, NULL);
#endif
}

/* 0 when the socket's filter passes @skb; it leaves at least @cap bytes. */
static inline int ttp_sk_filter(struct sock *sk, struct sk_buff *skb, u32 cap)
{
#ifdef TTP_HAVE_FILTER_REASON
	return sk_filter_trim_cap(sk, skb, cap) ? -EPERM : 0;
#else
	return sk_filter_trim_cap(sk, skb, cap);
#endif
}

/* A clone must not share what hangs on its parent's IPv6 part. */
static inline void ttp_inet6_unshare(struct sock *sk)
{
	struct ipv6_pinfo *np = inet6_sk(sk);

#ifdef TTP_HAVE_INET_FL_LIST
	RCU_INIT_POINTER(inet_sk(sk)->ipv6_fl_list, NULL);
#endif
	if (!np)
		return;
#ifndef TTP_HAVE_INET_FL_LIST
	RCU_INIT_POINTER(np->ipv6_fl_list, NULL);
#endif
	RCU_INIT_POINTER(np->ipv6_mc_list, NULL);
	RCU_INIT_POINTER(np->opt, NULL);
	np->ipv6_ac_list = NULL;
	np->pktoptions = NULL;
	np->rxpmtu = NULL;
}

/* More data follows at once, says send() or sendfile(). */
#ifdef MSG_SENDPAGE_NOTLAST
#define TTP_MSG_MORE		(MSG_MORE | MSG_SENDPAGE_NOTLAST)
#else
#define TTP_MSG_MORE		MSG_MORE
#endif

/* An initialiser for struct proto_ops: @fn hears that sendfile() has ended. */
#ifdef TTP_HAVE_SPLICE_EOF
#define TTP_OPS_SPLICE_EOF(fn)	.splice_eof = fn,
#else
#define TTP_OPS_SPLICE_EOF(fn)
#endif

/*
 * TTP_OPS_SENDPAGE(name, fn) defines @name, as proto_ops.sendpage wants it,
 * around @fn(sock, msg, len), a sendmsg() that knows MSG_SPLICE_PAGES; and
 * TTP_OPS_USE_SENDPAGE(name) is the initialiser that goes with it.
 */
#ifdef TTP_HAVE_SENDPAGE
#define TTP_OPS_SENDPAGE(name, fn)					\
static ssize_t name(struct socket *sock, struct page *page, int offset,	\
		    size_t size, int flags)				\
{									\
	struct bio_vec bvec = { .bv_page = page, .bv_len = size,	\
				.bv_offset = offset };			\
	struct msghdr msg = { .msg_flags = flags };			\
									\
	if (sendpage_ok(page))						\
		msg.msg_flags |= MSG_SPLICE_PAGES;			\
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bvec, 1, size);	\
	return fn(sock, &msg, size);					\
}
#define TTP_OPS_USE_SENDPAGE(name) .sendpage = name,
#else
#define TTP_OPS_SENDPAGE(name, fn)
#define TTP_OPS_USE_SENDPAGE(name)
#endif

/*
 * Append pages of @iter to @skb, @max bytes at most.  -EMSGSIZE: no room.
 * Where pages come through sendpage() there is one in an iterator, already seen
 * to be one that may be sent.
 */
static inline ssize_t ttp_splice_from_iter(struct sk_buff *skb,
					   struct iov_iter *iter, ssize_t max,
					   gfp_t gfp)
{
#ifdef TTP_HAVE_SENDPAGE
	const struct bio_vec *bv = iter->bvec;
	u32 offset = bv->bv_offset + iter->iov_offset;
	size_t n = min_t(size_t, max, iter->count);
	int i = skb_shinfo(skb)->nr_frags;

	if (skb_can_coalesce(skb, i, bv->bv_page, offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], n);
	} else if (i < MAX_SKB_FRAGS) {
		get_page(bv->bv_page);
		skb_fill_page_desc_noacc(skb, i, bv->bv_page, offset, n);
	} else {
		return -EMSGSIZE;
	}
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	iov_iter_advance(iter, n);
	return n;
#elif defined(TTP_HAVE_SPLICE_ITER_GFP)
	return skb_splice_from_iter(skb, iter, max, gfp);
#else
	return skb_splice_from_iter(skb, iter, max);
#endif
}

/* The record of a MSG_ZEROCOPY call of @len bytes; joined to @old if possible. */
static inline struct ubuf_info *
ttp_zerocopy_realloc(struct sock *sk, size_t len, struct ubuf_info *old)
{
#ifdef TTP_HAVE_ZEROCOPY_DEVMEM
	return msg_zerocopy_realloc(sk, len, old, false);
#else
	return msg_zerocopy_realloc(sk, len, old);
#endif
}

/* Append user memory, charged; -EMSGSIZE, -EEXIST: no room in this skb. */
static inline int ttp_zerocopy_from_iter(struct sock *sk, struct sk_buff *skb,
					 struct msghdr *msg, int len,
					 struct ubuf_info *pin)
{
#ifdef TTP_HAVE_ZEROCOPY_BINDING
	return skb_zerocopy_iter_stream(sk, skb, msg, len, pin, NULL);
#else
	return skb_zerocopy_iter_stream(sk, skb, msg, len, pin);
#endif
}

/* Our setsockopt() gets SOL_SOCKET too, where the kernel has that. */
static inline void ttp_own_sockopt(struct socket *sock)
{
#ifdef TTP_HAVE_CUSTOM_SOCKOPT
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
#endif
}

/*
 * TTP_OPS_ACCEPT(name) defines @name, as proto_ops.accept wants it: accept(),
 * and the child's setsockopt() is as its listener's.
 */
#ifdef TTP_HAVE_PROTO_ACCEPT_ARG
#define TTP_OPS_ACCEPT(name)						\
static int name(struct socket *sock, struct socket *child,		\
		struct proto_accept_arg *arg)				\
{									\
	int err = inet_accept(sock, child, arg);			\
									\
	if (!err)							\
		ttp_own_sockopt(child);					\
	return err;							\
}
#else
#define TTP_OPS_ACCEPT(name)						\
static int name(struct socket *sock, struct socket *child, int flags,	\
		bool kern)						\
{									\
	int err = inet_accept(sock, child, flags, kern);		\
									\
	if (!err)							\
		ttp_own_sockopt(child);					\
	return err;							\
}
#endif

/* Draw another txhash, if the user lets us. */
static inline bool ttp_rethink_txhash(struct sock *sk)
{
#ifdef TTP_HAVE_RETHINK_RESET_DST
	return __sk_rethink_txhash_reset_dst(sk);
#else
	return sk_rethink_txhash(sk);
#endif
}

/* Among IPv6 routes that cost the same @txhash chooses, not the addresses. */
static inline void ttp_ip6_choose_path(const struct net *net,
				       struct flowi6 *fl6, u32 txhash)
{
#ifdef TTP_HAVE_ECMP_MP_HASH
	ip6_ecmp_set_mp_hash(net, fl6, txhash);
#endif
}

/* No more packets of this flow are for the reader. */
static inline void ttp_rps_forget(struct sock *sk)
{
#ifdef TTP_HAVE_RPS_DELETE_FLOW
	sock_rps_delete_flow(sk);
#endif
	sock_rps_reset_rxhash(sk);
}

/* Flags with which every inet socket starts; multicast matters to getsockopt. */
static inline void ttp_inet_default_flags(struct sock *sk)
{
#ifdef TTP_HAVE_INET_FLAGS
	inet_set_bit(MC_LOOP, sk);
	inet_set_bit(MC_ALL, sk);
	if (inet6_sk(sk)) {
		inet6_set_bit(MC6_LOOP, sk);
		inet6_set_bit(MC6_ALL, sk);
	}
#else
	inet_sk(sk)->mc_loop = 1;
	inet_sk(sk)->mc_all = 1;
	if (inet6_sk(sk)) {
		inet6_sk(sk)->mc_loop = 1;
		inet6_sk(sk)->mc_all = 1;
	}
#endif
}

/* connect() has succeeded, but its SYN waits for data (TCP_FASTOPEN_CONNECT). */
static inline bool ttp_defer_connect(const struct sock *sk)
{
#ifdef TTP_HAVE_INET_FLAGS
	return inet_test_bit(DEFER_CONNECT, sk);
#else
	return inet_sk(sk)->defer_connect;
#endif
}

static inline void ttp_set_defer_connect(struct sock *sk, bool on)
{
#ifdef TTP_HAVE_INET_FLAGS
	inet_assign_bit(DEFER_CONNECT, sk, on);
#else
	inet_sk(sk)->defer_connect = on;
#endif
}

/* The user wants ICMP errors at once (IP_RECVERR, IPV6_RECVERR). */
static inline bool ttp_recverr(const struct sock *sk)
{
#ifdef TTP_HAVE_INET_FLAGS
	if (sk->sk_family == AF_INET6)
		return inet6_test_bit(RECVERR6, sk);
	return inet_test_bit(RECVERR, sk);
#else
	if (sk->sk_family == AF_INET6)
		return inet6_sk(sk)->recverr;
	return inet_sk(sk)->recverr;
#endif
}

/* connect()'s address has a flow label (IPV6_FLOWINFO_SEND). */
static inline bool ttp_sndflow(const struct sock *sk)
{
#ifdef TTP_HAVE_INET_FLAGS
	return inet6_test_bit(SNDFLOW, sk);
#else
	return inet6_sk(sk)->sndflow;
#endif
}

#endif
