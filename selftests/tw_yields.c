// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests net.ttp.tw_recycle 2: TIME_WAIT gives way early to whoever
 * wants its port or its place, and still nothing old is taken for new.
 */
#include <unistd.h>
#include <netinet/tcp.h>

#include "clocks.h"
#include "drops.h"

static int try_bind(unsigned int port)
{
	struct tt_addr a = peer_kaddr(port);
	int fd = tt_socket(0), err;

	err = bind(fd, &a.sa, a.len);
	if (!err)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* The port of an entry is for others, but the entry is there. */
static void port_is_given_back(void)
{
	struct peer old, p, q;
	int l = ts_scene(&old, 0);

	tt_sysctl_set("rto_min_us", SHORT);
	ts_call(&old, l, T0);
	close(l);
	tt_sysctl_set("tw_recycle", 2);
	p = peer_new();
	l = peer_listener(&p);
	ts_call(&p, l, T0);
	close(l);
	tt_sysctl_set("rto_min_us", LONG);
	q = peer_new();
	l = peer_listener(&q);
	ts_call(&q, l, T0);
	close(l);
	UNTIL(try_bind(p.kport) >= 0);
	FAILS(try_bind(q.kport), EADDRINUSE);
	FAILS(try_bind(old.kport), EADDRINUSE);
	EQ(tt_count_state(TCP_TIME_WAIT, p.kport), 1);
	/* which still answers what was lost on the way */
	p.snd_nxt--;
	ts_send(&p, F_FIN | F_ACK, T0);
	ts_expect(&p, F_ACK);
}

/* Also where it would keep connect() from choosing it. */
static void port_of_who_bound_it(void)
{
	struct peer p, other;
	struct tt_addr a;
	char text[32];
	int fd;

	peer_open();
	tt_sysctl_set("tw_recycle", 2);
	tt_sysctl_set("rto_min_us", SHORT);
	p = peer_new();
	p.kport = 20000;
	other = ts_other_port(&p);
	fd = tt_socket(SOCK_NONBLOCK);
	a = peer_kaddr(p.kport);
	OK(bind(fd, &a.sa, a.len));
	a = peer_addr(p.port);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	ts_expect(&p, F_SYN);
	ts_send(&p, F_SYN | F_ACK, T0);
	ts_expect(&p, F_ACK);
	ts_kernel_closes(&p, fd, T0);
	UNTIL(tt_count_state(TCP_TIME_WAIT, p.kport) == 1);
	snprintf(text, sizeof(text), "%u %u", p.kport, p.kport);
	tt_proc_write("/proc/sys/net/ipv4/ip_local_port_range", text);
	a = peer_addr(other.port);
	fd = tt_socket(SOCK_NONBLOCK);
	UNTIL(tt_connect(fd, &a) < 0 && errno == EINPROGRESS);
	ts_expect(&other, F_SYN);
	EQ(tt_count_state(TCP_TIME_WAIT, p.kport), 1);
}

/* The kernel calls, always from one port, and closes. */
static void kernel_calls(struct peer *p)
{
	struct tt_addr a = peer_addr(p->port);
	int fd = tt_socket(SOCK_NONBLOCK);

	tt_proc_write("/proc/sys/net/ipv4/ip_local_port_range", "20000 20000");
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	ts_expect(p, F_SYN);
	ts_send(p, F_SYN | F_ACK, T0);
	ts_expect(p, F_ACK);
	ts_kernel_closes(p, fd, T0);
	UNTIL(tt_count_state(TCP_TIME_WAIT, p->kport) == 1);
}

/* The kernel's call has ended, and the entry soon gives way. */
static void kernel_has_called(struct peer *p)
{
	peer_open();
	tt_sysctl_set("tw_recycle", 2);
	tt_sysctl_set("rto_min_us", SHORT);
	*p = peer_new();
	kernel_calls(p);
}

/* And again, to the same port: @fd is in SYN_SENT. */
static struct seg calls_again(struct peer *p, int *fd)
{
	struct tt_addr a = peer_addr(p->port);

	*fd = tt_socket(SOCK_NONBLOCK);
	UNTIL(tt_connect(*fd, &a) < 0 && errno == EINPROGRESS);
	EQ(tt_count_state(TCP_TIME_WAIT, p->kport), 0);
	p->synced = false;
	return ts_expect(p, F_SYN);
}

/* connect() needs no tw_reuse, only 3.5 timeouts, and goes on from there. */
static void connect_takes_over(void)
{
	uint32_t was_seq, was;
	struct peer p;
	struct seg syn;
	int fd;

	peer_open();
	tt_sysctl_set("tw_reuse", 0);
	tt_sysctl_set("tw_recycle", 2);
	tt_sysctl_set("rto_min_us", SHORT);
	p = peer_new();
	kernel_calls(&p);
	was_seq = p.rcv_nxt;
	was = ts_echo;
	syn = calls_again(&p, &fd);
	EQ(syn.seq, was_seq + 65535 + 2);
	CHECK((int32_t)(ts_echo - was) > 0);
	EQ(tt_counter("TtpTwReused"), 1);
}

/* Not before, and not with 0, however long it takes. */
static void but_not_before(void)
{
	struct tt_addr a;
	struct peer p;
	int fd;

	peer_open();
	tt_sysctl_set("tw_reuse", 0);
	tt_sysctl_set("rto_min_us", LONG);
	tt_sysctl_set("tw_recycle", 2);
	p = peer_new();
	kernel_calls(&p);
	fd = tt_socket(SOCK_NONBLOCK);
	a = peer_addr(p.port);
	FAILS(tt_connect(fd, &a), EADDRNOTAVAIL);
}

/* A segment of before, or from who does not protect what is new. */
static void old_answers_do_not_count(void)
{
	uint32_t old_seq;
	struct drops drops;
	struct peer p;
	struct seg s;
	int fd;

	kernel_has_called(&p);
	old_seq = p.snd_nxt;
	calls_again(&p, &fd);

	/* its next number may be that of an old segment, and no clock */
	read_drops(&drops);
	p.snd_nxt = old_seq - 1000;
	s = peer_seg(&p, F_SYN | F_ACK, 0);
	peer_xmit(&s);
	only_moved(&drops, "Old", 1);
	/* a clock that has gone back */
	read_drops(&drops);
	p.snd_nxt = old_seq + 1000;
	s = ts_seg(&p, F_SYN | F_ACK, 0, T0 - 1);
	peer_xmit(&s);
	only_moved(&drops, "Paws", 1);
	/* the same for a SYN alone: simultaneous open is no way in */
	read_drops(&drops);
	s = ts_seg(&p, F_SYN, 0, T0 - 1);
	peer_xmit(&s);
	only_moved(&drops, "Paws", 1);
	EQ(tt_state(fd), TCP_SYN_SENT);

	/* what is right is right, and then PAWS watches */
	p.snd_nxt = old_seq - 1000;
	ts_send(&p, F_SYN | F_ACK, T0 + 1);
	ts_expect(&p, F_ACK);
	tt_until_state(fd, TCP_ESTABLISHED);
	read_drops(&drops);
	s = ts_seg(&p, F_ACK, 100, T0);
	peer_xmit(&s);
	only_moved(&drops, "Paws", 1);
	FAILS(read(fd, &s, 1), EAGAIN);
}

/* What failed has not ended anything: the entry is back, for the next one. */
static void failed_connect_restores_it(void)
{
	uint32_t old_seq, old_ack;
	struct drops drops;
	struct peer p;
	struct seg s;
	int fd;

	kernel_has_called(&p);
	old_seq = p.snd_nxt;
	calls_again(&p, &fd);
	close(fd);
	EQ(tt_count_state(TCP_TIME_WAIT, p.kport), 1);
	calls_again(&p, &fd);
	old_ack = p.rcv_nxt;
	ts_send(&p, F_RST | F_ACK, T0 + 1);
	UNTIL(tt_so_error(fd) == ECONNREFUSED);
	EQ(tt_count_state(TCP_TIME_WAIT, p.kport), 1);

	/* it knows where the old connection ended, and when */
	read_drops(&drops);
	s = ts_seg(&p, F_SYN, 0, T0 - 1);
	s.seq = old_seq + 1000;
	peer_xmit(&s);
	only_moved(&drops, "Syn", 1);
	p.rcv_nxt = old_ack;
	s = ts_expect(&p, F_ACK);
	EQ(s.ack, old_seq);
	calls_again(&p, &fd);
}

/* With 0 the answer itself is proof enough, as ever. */
static void with_0_they_do(void)
{
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	tt_sysctl_set("tw_reuse", 1);
	tt_sysctl_try("tw_reuse_delay", 1);
	p = peer_new();
	kernel_calls(&p);
	calls_again(&p, &fd);
	p.snd_nxt -= 1000;
	s = peer_seg(&p, F_SYN | F_ACK, 0);
	peer_xmit(&s);
	p.snd_nxt++;
	peer_expect(&p, F_ACK);
	tt_until_state(fd, TCP_ESTABLISHED);
}

/* A late SYN of the old connection is none of a new one, entry or not. */
static void old_syn_is_not_taken(void)
{
	struct drops drops;
	struct peer p;
	struct seg s;
	int l;

	l = ts_scene(&p, 2);
	tt_sysctl_set("rto_min_us", SHORT);
	ts_call(&p, l, T0);
	close(l);
	UNTIL((l = try_bind(p.kport)) >= 0);
	OK(listen(l, 1));
	read_drops(&drops);
	s = ts_seg(&p, F_SYN, 0, T0 - 10);
	s.seq = p.snd_nxt + 5000;
	peer_xmit(&s);
	only_moved(&drops, "Syn", 1);
	s = ts_expect(&p, F_ACK);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 0);
	EQ(tt_count_state(TCP_TIME_WAIT, p.kport), 1);
	/* a new one is (RFC 6191) */
	p.synced = false;
	ts_send(&p, F_SYN, T0 + 10);
	ts_expect(&p, F_SYN | F_ACK);
	EQ(tt_count_state(TCP_TIME_WAIT, p.kport), 0);
}

#define OURS(fn)	TEST_FLAGS(fn, TT_TTP_ONLY | TT_OWN_NET)

static const struct tt_test tests[] = {
	OURS(port_is_given_back),
	OURS(port_of_who_bound_it),
	OURS(connect_takes_over),
	OURS(but_not_before),
	OURS(old_answers_do_not_count),
	OURS(failed_connect_restores_it),
	OURS(with_0_they_do),
	OURS(old_syn_is_not_taken),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
