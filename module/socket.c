// SPDX-License-Identifier: GPL-2.0
/*
 * This file plugs TTP into the socket layer: socket(), poll(), ioctl() and the
 * two tables of functions that the rest of the kernel calls.
 */
#include "socket.h"

#include <linux/module.h>
#include <linux/sockios.h>
#include <asm/ioctls.h>
#include <net/inet_common.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "backlog.h"
#include "bufs.h"
#include "compat.h"
#include "conn.h"
#include "demux.h"
#include "rcv.h"
#include "run.h"
#include "sock.h"
#include "sockopt.h"
#include "splice.h"
#include "steer.h"
#include "stream.h"
#include "sysctl.h"
#include "user.h"

static atomic_long_t ttp_memory_allocated;
static DEFINE_PER_CPU(int, ttp_memory_per_cpu);
static struct percpu_counter ttp_sockets_allocated;
static unsigned long ttp_memory_pressure;

static void ttp_enter_memory_pressure(struct sock *sk)
{
	if (!READ_ONCE(ttp_memory_pressure)) {
		WRITE_ONCE(ttp_memory_pressure, jiffies ?: 1);
		ttp_mib_inc(sock_net(sk), TTP_MIB_MEMORYPRESSURES);
	}
}

static void ttp_leave_memory_pressure(struct sock *sk)
{
	if (READ_ONCE(ttp_memory_pressure))
		WRITE_ONCE(ttp_memory_pressure, 0);
}

static void ttp_destruct(struct sock *sk)
{
	kfree(ttp_sk(sk)->listener);
	atomic_dec(&ttp_live_socks);
	if (sk->sk_family == AF_INET6)
		inet6_sock_destruct(sk);
	else
		inet_sock_destruct(sk);
}

static struct lock_class_key ttp_slock_key;
static struct lock_class_key ttp_lock_key;

/* What inet_create() and inet6_create() do for their own. */
static void ttp_create_inet(struct net *net, struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct ipv6_pinfo *np = ttp_pinfo(sk);

	inet->pinet6 = np;
	inet->uc_ttl = -1;
	inet->mc_ttl = 1;
	inet->pmtudisc = READ_ONCE(net->ipv4.sysctl_ip_no_pmtu_disc) ?
			 IP_PMTUDISC_DONT : IP_PMTUDISC_WANT;
	if (np) {
		np->hop_limit = -1;
		np->mcast_hops = IPV6_DEFAULT_MCASTHOPS;
		np->pmtudisc = IPV6_PMTUDISC_WANT;
		sk->sk_ipv6only = READ_ONCE(net->ipv6.sysctl.bindv6only);
	}
	ttp_steer_choose(sk, -1);
	ttp_inet_default_flags(sk);
}

/*
 * Not sock_lock_init_class_and_name(): with lockdep that takes a reference on
 * the module for as long as the socket's memory lives, so an orphan would keep
 * the module.  These keys need no such guard, ttp_exit() waits for all sockets.
 */
static void ttp_lock_classes(struct sock *sk)
{
	lockdep_set_class_and_name(&sk->sk_lock.slock, &ttp_slock_key,
				   "slock-AF_TTP");
	lockdep_init_map(&sk->sk_lock.dep_map, "sk_lock-AF_TTP",
			 &ttp_lock_key, 0);
}

int ttp_create(struct net *net, struct socket *sock, int protocol, int kern)
{
	bool v6 = protocol == TTPPROTO_TTP6;
	struct sock *sk;
	int err;

	if (sock->type != SOCK_STREAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != TTPPROTO_TTP && protocol != IPPROTO_TTP && !v6)
		return -EPROTONOSUPPORT;
	if (v6 && !ipv6_mod_enabled())
		return -EAFNOSUPPORT;

	sk = sk_alloc(net, v6 ? PF_INET6 : PF_INET, GFP_KERNEL,
		      v6 ? &ttp6_prot : &ttp_prot, kern);
	if (!sk)
		return -ENOMEM;
	sock->ops = &ttp_stream_ops;
	ttp_own_sockopt(sock);
	sock_init_data(sock, sk);
	ttp_lock_classes(sk);
	sk->sk_destruct = ttp_destruct;
	sk->sk_protocol = IPPROTO_TTP;
	sk->sk_backlog_rcv = ttp_backlog_rcv;
	ttp_create_inet(net, sk);
	ttp_demux_want(net);
	err = ttp_sock_init(sk);
	if (!err && !kern)
		err = BPF_CGROUP_RUN_PROG_INET_SOCK(sk);
	if (err) {
		sock_orphan(sk);
		sock->sk = NULL;
		ttp_destroy_sock(sk);
	}
	return err;
}

static bool ttp_poll_readable(struct sock *sk)
{
	int target = sock_rcvlowat(sk, 0, INT_MAX);
	const struct ttp_sock *t = ttp_sk(sk);

	/* The byte at the mark is not for read(). */
	if (READ_ONCE(t->urg.state) != TTP_URG_NONE &&
	    READ_ONCE(t->urg.seq) == READ_ONCE(t->copied_seq) &&
	    !sock_flag(sk, SOCK_URGINLINE) && target < INT_MAX)
		target++;
	return ttp_bufs_readable(sk, target);
}

/* The order of the reads matters: none of it is under the socket's lock. */
static __poll_t ttp_poll(struct file *file, struct socket *sock,
			 poll_table *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);
	state = inet_sk_state_load(sk);
	if (state == TCP_LISTEN)
		return list_empty_careful(&ttp_sk(sk)->listener->accept) ? 0 :
		       EPOLLIN | EPOLLRDNORM;
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state == TCP_SYN_SENT && ttp_defer_connect(sk))
		mask |= EPOLLOUT | EPOLLWRNORM;	/* the SYN waits for a write */
	if (state != TCP_SYN_SENT &&
	    (state != TCP_SYN_RECV || READ_ONCE(ttp_sk(sk)->fast))) {
		if (ttp_poll_readable(sk))
			mask |= EPOLLIN | EPOLLRDNORM;
		if (READ_ONCE(ttp_sk(sk)->urg.state) == TTP_URG_HERE)
			mask |= EPOLLPRI;
		if ((shutdown & SEND_SHUTDOWN) ||
		    __sk_stream_is_writeable(sk, 1)) {
			mask |= EPOLLOUT | EPOLLWRNORM;
		} else {
			sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
			set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
			/* Pairs with the barrier of the waker's check. */
			smp_mb__after_atomic();
			if (__sk_stream_is_writeable(sk, 1))
				mask |= EPOLLOUT | EPOLLWRNORM;
		}
	}
	smp_rmb();	/* pairs with the error's writer, which wakes after it */
	if (READ_ONCE(sk->sk_err) || !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}

static int ttp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;
	struct ttp_sock *t = ttp_sk(sk);
	u32 answer;

	switch (cmd) {
	case SIOCINQ:
		if (sk->sk_state == TCP_LISTEN)
			return -EINVAL;
		lock_sock(sk);
		answer = ttp_readable_to_mark(sk);
		release_sock(sk);
		break;
	case SIOCATMARK:
		answer = READ_ONCE(t->urg.state) != TTP_URG_NONE &&
			 READ_ONCE(t->urg.seq) == READ_ONCE(t->copied_seq);
		break;
	case SIOCOUTQ:
		if (sk->sk_state == TCP_LISTEN)
			return -EINVAL;
		answer = ttp_state_in(sk, TTPF(SYN_SENT) | TTPF(SYN_RECV)) ? 0 :
			 READ_ONCE(t->write_seq) - READ_ONCE(t->snd_una);
		/* Past the FIN everything has been acknowledged. */
		answer = (s32)answer < 0 ? 0 : answer;
		break;
	case SIOCOUTQNSD:
		if (sk->sk_state == TCP_LISTEN)
			return -EINVAL;
		answer = ttp_state_in(sk, TTPF(SYN_SENT) | TTPF(SYN_RECV)) ? 0 :
			 READ_ONCE(t->write_seq) - READ_ONCE(t->snd_nxt);
		answer = (s32)answer < 0 ? 0 : answer;
		break;
	default:
		return sk->sk_family == AF_INET6 ? inet6_ioctl(sock, cmd, arg) :
						   inet_ioctl(sock, cmd, arg);
	}
	return put_user(answer, (int __user *)arg);
}

#ifdef CONFIG_COMPAT
static int ttp_compat_ioctl(struct socket *sock, unsigned int cmd,
			    unsigned long arg)
{
	if (cmd != SIOCINQ && cmd != SIOCOUTQ && cmd != SIOCOUTQNSD &&
	    cmd != SIOCATMARK)
		return -ENOIOCTLCMD;
	return ttp_ioctl(sock, cmd, (unsigned long)compat_ptr(arg));
}
#endif

static int ttp_bind(struct socket *sock, ttp_sockaddr_t *addr, int len)
{
	return sock->sk->sk_family == AF_INET6 ? inet6_bind(sock, addr, len) :
						 inet_bind(sock, addr, len);
}

static int ttp_ops_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state == SS_UNCONNECTED &&
	    (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN))
		err = ttp_listen(sk, backlog);
	release_sock(sk);
	return err;
}

/* Who waits already may have enough now. */
static int ttp_set_rcvlowat(struct sock *sk, int val)
{
	ttp_bufs_set_lowat(sk, val);
	if (sk->sk_state != TCP_LISTEN && ttp_poll_readable(sk))
		sk->sk_data_ready(sk);
	return 0;
}

static int ttp_getname(struct socket *sock, struct sockaddr *addr, int peer)
{
	return sock->sk->sk_family == AF_INET6 ?
	       inet6_getname(sock, addr, peer) : inet_getname(sock, addr, peer);
}

static int ttp_release(struct socket *sock)
{
	if (sock->sk && sock->sk->sk_family == AF_INET6)
		return inet6_release(sock);
	return inet_release(sock);
}

static int ttp_pre_connect(struct sock *sk, ttp_sockaddr_t *uaddr, int len)
{
	if (sk->sk_family == AF_INET6) {
		if (len < SIN6_LEN_RFC2133)
			return -EINVAL;
		return ttp_bpf_connect6(sk, uaddr, len);
	}
	if (len < sizeof(struct sockaddr_in))
		return -EINVAL;
	return ttp_bpf_connect4(sk, uaddr, len);
}

TTP_PROTO_ACCEPT(ttp_proto_accept, ttp_accept)
TTP_OPS_ACCEPT(ttp_ops_accept)
TTP_OPS_SENDPAGE(ttp_sendpage, ttp_sendmsg)

const struct proto_ops ttp_stream_ops = {
	.family		= PF_TTP,
	.owner		= THIS_MODULE,
	.release	= ttp_release,
	.bind		= ttp_bind,
	.connect	= inet_stream_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= ttp_ops_accept,
	.getname	= ttp_getname,
	.poll		= ttp_poll,
	.ioctl		= ttp_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= ttp_compat_ioctl,
#endif
	.gettstamp	= sock_gettstamp,
	.listen		= ttp_ops_listen,
	.shutdown	= inet_shutdown,
	.setsockopt	= ttp_setsockopt,
	.getsockopt	= ttp_getsockopt,
	.sendmsg	= ttp_sendmsg,
	.recvmsg	= ttp_recvmsg,
	.set_rcvlowat	= ttp_set_rcvlowat,
	TTP_OPS_USE_SENDPAGE(ttp_sendpage)
	.splice_read	= ttp_splice_read,
	TTP_OPS_SPLICE_EOF(ttp_splice_eof)
	.mmap		= sock_no_mmap,
};

struct proto ttp_prot = {
	.name			= "TTP",
	.owner			= THIS_MODULE,
	.obj_size		= sizeof(struct ttp_sock),
	.close			= ttp_close,
	.pre_connect		= ttp_pre_connect,
	.connect		= ttp_connect,
	.disconnect		= ttp_disconnect,
	.accept			= ttp_proto_accept,
	.shutdown		= ttp_shutdown,
	.keepalive		= ttp_set_keepalive,
	.backlog_rcv		= ttp_backlog_rcv,
	.release_cb		= ttp_release_cb,
	.get_port		= ttp_get_port,
	.put_port		= ttp_put_port,
	.no_autobind		= true,
	.memory_allocated	= &ttp_memory_allocated,
	.per_cpu_fw_alloc	= &ttp_memory_per_cpu,
	.sockets_allocated	= &ttp_sockets_allocated,
	.stream_memory_free	= ttp_stream_memory_free,
	.memory_pressure	= &ttp_memory_pressure,
	.enter_memory_pressure	= ttp_enter_memory_pressure,
	.leave_memory_pressure	= ttp_leave_memory_pressure,
	.sysctl_mem		= ttp_sysctl_mem,
	.sysctl_wmem		= &ttp_wmem_min,
	.sysctl_rmem		= &ttp_rmem_min,
};

/* The same with another name, and room for what IPv6 has. */
struct proto ttp6_prot;

static void ttp6_proto_fill(void)
{
	ttp6_prot = ttp_prot;
	strscpy(ttp6_prot.name, "TTPv6", sizeof(ttp6_prot.name));
	ttp6_prot.obj_size = sizeof(struct ttp6_sock);
	ttp_proto_pinfo(&ttp6_prot, offsetof(struct ttp6_sock, inet6));
}

int ttp_proto_init(void)
{
	int err;

	ttp_mem_init();
	err = percpu_counter_init(&ttp_sockets_allocated, 0, GFP_KERNEL);
	if (err)
		return err;
	ttp6_proto_fill();
	err = proto_register(&ttp_prot, 1);
	if (err)
		goto out_counter;
	err = proto_register(&ttp6_prot, 1);
	if (err)
		goto out_prot;
	return 0;

out_prot:
	proto_unregister(&ttp_prot);
out_counter:
	percpu_counter_destroy(&ttp_sockets_allocated);
	return err;
}

void ttp_proto_exit(void)
{
	proto_unregister(&ttp6_prot);
	proto_unregister(&ttp_prot);
	percpu_counter_destroy(&ttp_sockets_allocated);
}
