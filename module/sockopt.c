// SPDX-License-Identifier: GPL-2.0
/*
 * This file implements the socket options of levels SOL_TCP and SOL_TTP, which
 * have the same numbers and meanings, and passes SOL_IP and SOL_IPV6 on to IP.
 */
#include "sockopt.h"

#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "bufs.h"
#include "ccname.h"
#include "core/synack.h"
#include "fastopt.h"
#include "run.h"
#include "sock.h"
#include "steer.h"
#include "zerocopy.h"

/* Bounds of the options, TCP's. */
#define TTP_USER_MSS_MIN	88
#define TTP_USER_MSS_MAX	32767
#define TTP_KEEP_SECS_MAX	32767
#define TTP_KEEP_PROBES_MAX	127
#define TTP_SYN_RETRIES_MAX	127
#define TTP_LINGER2_MAX		120	/* s */

static const u32 ttp_unconnected = TTPF(CLOSE) | TTPF(LISTEN);

/* When the first keepalive probe is due, us after the last segment received. */
static u64 ttp_keep_idle(const struct sock *sk)
{
	u32 secs = ttp_sk(sk)->keep_time ?:
		   ttp_sysctl_get(sock_net(sk), keepalive_time);

	return secs * TTP_USEC_PER_SEC;
}

static void ttp_keep_restart(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);

	ttp_deadline_set(&t->due, TTP_TIMER_KEEP,
			 max(t->last_rcv + ttp_keep_idle(sk), ttp_now()));
}

void ttp_set_keepalive(struct sock *sk, int val)
{
	struct ttp_todo todo = { };

	if (!val) {
		ttp_deadline_clear(&ttp_sk(sk)->due, TTP_TIMER_KEEP);
	} else if (!sock_flag(sk, SOCK_KEEPOPEN) &&
		   ttp_state_in(sk, TTPF_SYNCED)) {
		ttp_keep_restart(sk);
		/* Nothing to do, but the timer has to follow the deadlines. */
		ttp_run(sk, &todo);
	}
}

static int ttp_set_keepidle(struct sock *sk, int val)
{
	struct ttp_todo todo = { };

	if (val < 1 || val > TTP_KEEP_SECS_MAX)
		return -EINVAL;
	ttp_sk(sk)->keep_time = val;
	if (sock_flag(sk, SOCK_KEEPOPEN) && ttp_state_in(sk, TTPF_SYNCED)) {
		ttp_keep_restart(sk);
		ttp_run(sk, &todo);
	}
	return 0;
}

/* Data that Nagle or the cork held back may go now. */
static void ttp_uncork(struct sock *sk)
{
	struct ttp_todo todo = { .bits = TTP_DO_PUSH };

	if (ttp_state_in(sk, TTPF_SYNCED))
		ttp_run(sk, &todo);
}

static void ttp_set_quickack(struct sock *sk, int val)
{
	struct ttp_todo todo = { .bits = TTP_DO_ACK };
	struct ttp_sock *t = ttp_sk(sk);

	t->quickack_user = val & 1;
	t->pingpong = !(val & 1);
	if (val && ttp_state_in(sk, TTPF_SYNCED) &&
	    ttp_deadline_is_set(&t->due, TTP_TIMER_DELACK))
		ttp_run(sk, &todo);
}

/* A connection keeps a bound once it has one.  A negative one is none, as TCP's. */
static int ttp_set_window_clamp(struct sock *sk, int val)
{
	if (!val && !ttp_state_in(sk, TTPF(CLOSE)))
		return -EINVAL;
	ttp_bufs_set_clamp(sk, val ? max_t(u32, val, SOCK_MIN_RCVBUF / 2) : 0);
	return 0;
}

/* What bounds the window: the option, else the buffer, once there is a window. */
static u32 ttp_get_window_clamp(const struct sock *sk)
{
	u32 clamp = ttp_sk(sk)->window_clamp;

	if (clamp || ttp_state_in(sk, ttp_unconnected))
		return clamp;
	return ttp_win_from_space(sk, READ_ONCE(sk->sk_rcvbuf));
}

static int ttp_in_range(int val, int lo, int hi)
{
	return val < lo || val > hi ? -EINVAL : 0;
}

/* The options that are an integer; the caller holds the socket lock. */
static int ttp_set_int(struct sock *sk, int optname, int val)
{
	struct ttp_sock *t = ttp_sk(sk);
	int err = 0;

	switch (optname) {
	case TCP_NODELAY:
		t->nodelay = !!val;
		if (val)
			ttp_uncork(sk);
		break;
	case TCP_CORK:
		t->cork = !!val;
		if (!val)
			ttp_uncork(sk);
		break;
	case TCP_MAXSEG:
		if (val)
			err = ttp_in_range(val, TTP_USER_MSS_MIN,
					   TTP_USER_MSS_MAX);
		if (!err)
			t->user_mss = val;
		break;
	case TCP_KEEPIDLE:
		err = ttp_set_keepidle(sk, val);
		break;
	case TCP_KEEPINTVL:
		err = ttp_in_range(val, 1, TTP_KEEP_SECS_MAX);
		if (!err)
			t->keep_intvl = val;
		break;
	case TCP_KEEPCNT:
		err = ttp_in_range(val, 1, TTP_KEEP_PROBES_MAX);
		if (!err)
			t->keep_probes = val;
		break;
	case TCP_SYNCNT:
		err = ttp_in_range(val, 1, TTP_SYN_RETRIES_MAX);
		if (!err)
			WRITE_ONCE(t->syn_retries, val);
		break;
	case TCP_LINGER2:
		t->linger2 = clamp(val, -1, TTP_LINGER2_MAX);
		break;
	case TCP_DEFER_ACCEPT:
		WRITE_ONCE(t->defer_accept, ttp_defer_from_secs(val));
		break;
	case TCP_USER_TIMEOUT:
		err = ttp_in_range(val, 0, INT_MAX);
		if (!err)
			t->user_timeout = val;
		break;
	case TCP_QUICKACK:
		ttp_set_quickack(sk, val);
		break;
	case TCP_THIN_LINEAR_TIMEOUTS:
		err = ttp_in_range(val, 0, 1);
		if (!err)
			t->thin_linear = val;
		break;
	case TCP_WINDOW_CLAMP:
		err = ttp_set_window_clamp(sk, val);
		break;
	case TCP_NOTSENT_LOWAT:
		WRITE_ONCE(t->notsent_lowat, val);
		sk->sk_write_space(sk);
		break;
	case TCP_FASTOPEN:
	case TCP_FASTOPEN_CONNECT:
	case TCP_FASTOPEN_NO_COOKIE:
		err = ttp_set_fast(sk, optname, val);
		break;
	default:
		err = -ENOPROTOOPT;
	}
	return err;
}

static int ttp_set_own(struct sock *sk, int optname, sockptr_t optval,
		       unsigned int optlen)
{
	int val, err;

	if (optname == TCP_CONGESTION)
		return ttp_cc_choose(sk, optval, optlen);
	if (optname == TCP_FASTOPEN_KEY)
		return ttp_set_fast_key(sk, optval, optlen);
	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	lock_sock(sk);
	err = optname == SO_TXREHASH ? ttp_steer_choose(sk, val) :
				       ttp_set_int(sk, optname, val);
	release_sock(sk);
	return err;
}

int ttp_setsockopt(struct socket *sock, int level, int optname,
		   sockptr_t optval, unsigned int optlen)
{
	struct sock *sk = sock->sk;

	switch (level) {
	case SOL_SOCKET:	/* where the kernel lets a family have its own */
		if (optname == SO_ZEROCOPY)
			return ttp_set_zerocopy(sk, optval, optlen);
		if (optname == SO_TXREHASH)
			return ttp_set_own(sk, optname, optval, optlen);
		return sock_setsockopt(sock, level, optname, optval, optlen);
	case SOL_TCP:
		if (optname == SO_TXREHASH)
			return -ENOPROTOOPT;
		fallthrough;
	case SOL_TTP:
		if (level == SOL_TTP && optname == SO_ZEROCOPY)
			return ttp_set_zerocopy(sk, optval, optlen);
		return ttp_set_own(sk, optname, optval, optlen);
	case SOL_IP:
		return ip_setsockopt(sk, level, optname, optval, optlen);
	case SOL_IPV6:
		if (sk->sk_family == AF_INET6 && ipv6_mod_enabled())
			return ipv6_setsockopt(sk, level, optname, optval,
					       optlen);
	}
	return -ENOPROTOOPT;
}

/* TCP's end of struct tcp_info has grown since 6.1, which ends at byte 232. */
#define TTP_INFO_HEAD	offsetofend(struct tcp_info, tcpi_snd_wnd)

struct ttp_info_tail {
	u32	rcv_wnd;
	u32	rehash;
	u16	total_rto;
	u16	total_rto_recoveries;
	u32	total_rto_time;
};

union ttp_info {
	struct tcp_info tcp;
	struct {
		u8 head[TTP_INFO_HEAD];
		struct ttp_info_tail tail;
	};
};

static_assert(TTP_INFO_HEAD == 232);

static u32 ttp_info_ms_ago(u64 now, u64 then)
{
	return then ? div_u64(now - then, TTP_USEC_PER_MSEC) : 0;
}

/* What tells how the connection fares. */
static void ttp_info_state(const struct sock *sk, struct tcp_info *info)
{
	const struct ttp_sock *t = ttp_sk(sk);
	u64 now = ttp_now();

	info->tcpi_state = sk->sk_state;
	info->tcpi_ca_state = t->rec.state;
	info->tcpi_retransmits = min(t->retransmits, 255U);
	info->tcpi_probes = t->probes_out;
	info->tcpi_backoff = t->rtt.backoff;
	if (t->sack_ok)
		info->tcpi_options |= TCPI_OPT_SACK;
	if (t->ts.ok)
		info->tcpi_options |= TCPI_OPT_TIMESTAMPS;
	if (t->ecn.ok)
		info->tcpi_options |= TCPI_OPT_ECN;
	if (t->ecn.seen)
		info->tcpi_options |= TCPI_OPT_ECN_SEEN;
	if (t->wscale_ok) {
		info->tcpi_options |= TCPI_OPT_WSCALE;
		info->tcpi_snd_wscale = t->snd_wscale;
		info->tcpi_rcv_wscale = t->rcv_wscale;
	}
	if (t->fo_acked)
		info->tcpi_options |= TCPI_OPT_SYN_DATA;
	info->tcpi_fastopen_client_fail = t->fo_fail;
	info->tcpi_rto = ttp_rtt_rto(&t->rtt);
	info->tcpi_ato = t->ato;
	info->tcpi_snd_mss = t->mss;
	info->tcpi_rcv_mss = t->rcv_mss;
	info->tcpi_unacked = t->packets_out;
	info->tcpi_sacked = t->sacked_out;
	info->tcpi_lost = t->lost_out;
	info->tcpi_retrans = t->retrans_out;
	info->tcpi_last_data_sent = ttp_info_ms_ago(now, t->last_sent);
	info->tcpi_last_data_recv = ttp_info_ms_ago(now, t->last_data_rcv);
	info->tcpi_last_ack_recv = ttp_info_ms_ago(now, t->last_rcv);
	info->tcpi_pmtu = t->pmtu;
	info->tcpi_rcv_ssthresh = t->rcvspace.ssthresh;
	info->tcpi_rtt = t->rtt.srtt >> 3;
	info->tcpi_rttvar = t->rtt.rttvar >> 2;
	info->tcpi_min_rtt = ttp_win_get_min(&t->min_rtt);
	info->tcpi_snd_ssthresh = min_t(u32, t->cc.ssthresh, INT_MAX);
	info->tcpi_snd_cwnd = t->cc.cwnd;
	info->tcpi_advmss = t->adv_mss;
	info->tcpi_reordering = max_t(u32, t->rec.dupthresh, t->mss ?
			DIV_ROUND_UP(t->rack.late_by, t->mss) : 0);
	info->tcpi_delivery_rate = ttp_rate_bytes(&t->rate, t->mss);
	info->tcpi_delivery_rate_app_limited = t->rate.shown_limited;
	info->tcpi_rcv_rtt = t->rcvspace.rtt >> 3;
	info->tcpi_rcv_space = t->rcvspace.space;
	info->tcpi_snd_wnd = t->snd_wnd;
	info->tcpi_notsent_bytes = max(ttp_seq_diff(t->snd_nxt, t->write_seq),
				       0);
}

/* What has been counted since it was opened. */
static void ttp_info_counts(const struct ttp_sock *t, struct tcp_info *info)
{
	info->tcpi_total_retrans = t->total_retrans;
	info->tcpi_bytes_acked = t->bytes_acked;
	info->tcpi_bytes_received = t->bytes_received;
	info->tcpi_segs_out = t->segs_out;
	info->tcpi_segs_in = t->segs_in;
	info->tcpi_data_segs_in = t->data_segs_in;
	info->tcpi_data_segs_out = t->data_segs_out;
	info->tcpi_bytes_sent = t->bytes_sent;
	info->tcpi_bytes_retrans = t->bytes_retrans;
	info->tcpi_rcv_ooopack = t->ooo_segs;
	info->tcpi_delivered = t->rate.delivered;
	info->tcpi_dsack_dups = t->dsack_dups;
	info->tcpi_reord_seen = t->rack.overtaken;
	info->tcpi_delivered_ce = t->ecn.delivered_ce;
}

static u64 ttp_info_rate(unsigned long rate)
{
	return rate == ~0UL ? ~0ULL : rate;
}

static void ttp_get_info(struct sock *sk, union ttp_info *info)
{
	const struct ttp_sock *t = ttp_sk(sk);

	memset(info, 0, sizeof(*info));
	lock_sock(sk);
	ttp_info_state(sk, &info->tcp);
	ttp_info_counts(t, &info->tcp);
	info->tcp.tcpi_pacing_rate =
		ttp_info_rate(READ_ONCE(sk->sk_pacing_rate));
	info->tcp.tcpi_max_pacing_rate =
		ttp_info_rate(READ_ONCE(sk->sk_max_pacing_rate));
	info->tail.rcv_wnd = t->rcv_wnd;
	info->tail.rehash = t->rehashes;
	if (ttp_state_in(sk, TTPF(LISTEN))) {
		/* As with TCP: how full the accept queue is, and may be. */
		info->tcp.tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
		info->tcp.tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
	}
	release_sock(sk);
}

static int ttp_get_int(struct sock *sk, int optname)
{
	const struct ttp_sock *t = ttp_sk(sk);
	struct net *net = sock_net(sk);

	switch (optname) {
	case TCP_NODELAY:
		return t->nodelay;
	case TCP_CORK:
		return t->cork;
	case TCP_MAXSEG:
		if (t->user_mss && ttp_state_in(sk, ttp_unconnected))
			return t->user_mss;
		return t->mss;
	case TCP_KEEPIDLE:
		return t->keep_time ?: ttp_sysctl_get(net, keepalive_time);
	case TCP_KEEPINTVL:
		return t->keep_intvl ?: ttp_sysctl_get(net, keepalive_intvl);
	case TCP_KEEPCNT:
		return t->keep_probes ?: ttp_sysctl_get(net, keepalive_probes);
	case TCP_SYNCNT:
		return t->syn_retries ?: ttp_sysctl_get(net, syn_retries);
	case TCP_LINGER2:
		return t->linger2 ?: ttp_sysctl_get(net, fin_timeout);
	case TCP_DEFER_ACCEPT:
		return ttp_defer_to_secs(t->defer_accept);
	case TCP_USER_TIMEOUT:
		return t->user_timeout;
	case TCP_QUICKACK:
		return !t->pingpong;
	case TCP_THIN_LINEAR_TIMEOUTS:
		return t->thin_linear;
	case TCP_WINDOW_CLAMP:
		return ttp_get_window_clamp(sk);
	case TCP_NOTSENT_LOWAT:
		return t->notsent_lowat;
	case TCP_FASTOPEN:
		return t->listener ? t->listener->fast_max : 0;
	case TCP_FASTOPEN_CONNECT:
		return t->fo_connect;
	case TCP_FASTOPEN_NO_COOKIE:
		return t->fo_free;
	case SO_TXREHASH:
		return sk->sk_txrehash;
	}
	return -ENOPROTOOPT;
}

/* Hand out at most @room bytes of an answer of @len, and say how many. */
static int ttp_answer(char __user *optval, int __user *optlen, int room,
		      const void *data, size_t len)
{
	int n = min_t(size_t, room, len);

	if (put_user(n, optlen))
		return -EFAULT;
	return copy_to_user(optval, data, n) ? -EFAULT : 0;
}

static int ttp_get_own(struct sock *sk, int optname, char __user *optval,
		       int __user *optlen)
{
	u32 cc_info[TTP_CC_INFO_MAX / sizeof(u32)];
	char name[TTP_CC_NAME_MAX];
	u8 keys[TTP_FO_KEYS][TTP_FO_KEY];
	union ttp_info info;
	int room, val;

	if (get_user(room, optlen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;

	switch (optname) {
	case TCP_INFO:
		ttp_get_info(sk, &info);
		return ttp_answer(optval, optlen, room, &info, sizeof(info));
	case TCP_CONGESTION:
		ttp_cc_name(sk, name);
		return ttp_answer(optval, optlen, room, name, sizeof(name));
	case TCP_FASTOPEN_KEY:
		val = ttp_get_fast_key(sk, keys);
		return ttp_answer(optval, optlen, room, keys, val);
	case TCP_CC_INFO:
		/* Who has no model tells nothing, as TCP's. */
		return ttp_answer(optval, optlen, room, cc_info,
				  ttp_cc_info(sk, cc_info));
	}

	lock_sock(sk);
	val = ttp_get_int(sk, optname);
	release_sock(sk);
	if (val == -ENOPROTOOPT)
		return val;
	return ttp_answer(optval, optlen, room, &val, sizeof(val));
}

int ttp_getsockopt(struct socket *sock, int level, int optname,
		   char __user *optval, int __user *optlen)
{
	struct sock *sk = sock->sk;

	switch (level) {
	case SOL_TCP:
		if (optname == SO_TXREHASH)
			return -ENOPROTOOPT;
		fallthrough;
	case SOL_TTP:
		return ttp_get_own(sk, optname, optval, optlen);
	case SOL_IP:
		return ip_getsockopt(sk, level, optname, optval, optlen);
	case SOL_IPV6:
		if (sk->sk_family == AF_INET6 && ipv6_mod_enabled())
			return ipv6_getsockopt(sk, level, optname, optval,
					       optlen);
	}
	return -ENOPROTOOPT;
}
