// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests how TIME_WAIT is managed: when connect() may take its tuple
 * over (RFC 6191), and how many entries there may be.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "options.h"
#include "peer.h"

/* Each case has its own port: what one leaves is not in the next one's way. */
static unsigned int case_port(void)
{
	return 20000 + getpid() % 10000;
}

/* connect() has one port to choose from; given back by the next case. */
static void one_port(void)
{
	char text[32];

	snprintf(text, sizeof(text), "%u %u", case_port(), case_port());
	tt_proc_write("/proc/sys/net/ipv4/ip_local_port_range", text);
}

static void many_ports(void)
{
	tt_proc_write("/proc/sys/net/ipv4/ip_local_port_range", "32768 60999");
}

/* A connection to the listener, closed by us first: TIME_WAIT is ours. */
static void leave_time_wait(int l, int fd)
{
	int srv = OK(accept(l, NULL, NULL));
	char c;

	close(fd);
	EQ(read(srv, &c, 1), 0);
	close(srv);
	UNTIL(tt_count_state(TCP_TIME_WAIT, case_port()) == 1);
}

static int try_connect(unsigned int port)
{
	struct tt_addr a = tt_loopback(port);
	int fd = tt_socket(0);

	if (!tt_connect(fd, &a))
		return fd;
	close(fd);
	return -1;
}

static void loopback_scene(int *l, unsigned int *port)
{
	*l = tt_listener(8, port);
	one_port();
	leave_time_wait(*l, tt_dial(*port));
}

static void defaults(void)
{
	tt_sysctl_set("tw_reuse", 2);
	tt_sysctl_try("tw_reuse_delay", 1000);
	tt_sysctl_set("timestamps", 1);
	many_ports();
}

/* tw_reuse 2, the default: on loopback, after a second. */
static void loopback_is_reused(void)
{
	unsigned int port;
	int l, fd;

	defaults();
	EQ(tt_sysctl("tw_reuse"), 2);
	loopback_scene(&l, &port);
	UNTIL((fd = try_connect(port)) >= 0);
	EQ(tt_count_state(TCP_TIME_WAIT, case_port()), 0);
	close(fd);
	many_ports();
}

static void delay_is_kept(void)
{
	unsigned int port;
	int l;

	defaults();
	tt_sysctl_set("tw_reuse_delay", 60000);
	loopback_scene(&l, &port);
	FAILS(try_connect(port), EADDRNOTAVAIL);
	tt_sysctl_set("tw_reuse_delay", 1);
	UNTIL(try_connect(port) >= 0);
	defaults();
}

static void off(void)
{
	unsigned int port;
	int l;

	defaults();
	tt_sysctl_set("tw_reuse", 0);
	tt_sysctl_try("tw_reuse_delay", 1);
	loopback_scene(&l, &port);
	tt_pause();
	tt_pause();
	FAILS(try_connect(port), EADDRNOTAVAIL);
	defaults();
}

/* Without timestamps nothing tells old from new. */
static void not_without_timestamps(void)
{
	unsigned int port;
	int l;

	defaults();
	tt_sysctl_set("timestamps", 0);
	tt_sysctl_try("tw_reuse_delay", 1);
	loopback_scene(&l, &port);
	tt_pause();
	tt_pause();
	FAILS(try_connect(port), EADDRNOTAVAIL);
	defaults();
}

/* Who binds the port by number gets it, whatever the sysctl says. */
static void bound_by_number(void)
{
	struct tt_addr a = tt_loopback(case_port()), to;
	unsigned int port;
	int l = tt_listener(8, &port), fd, i;

	defaults();
	tt_sysctl_set("tw_reuse", 0);
	to = tt_loopback(port);
	for (i = 0; i < 2; i++) {
		fd = tt_socket(0);
		tt_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		OK(bind(fd, &a.sa, a.len));
		OK(tt_connect(fd, &to));
		if (!i)
			leave_time_wait(l, fd);
	}
	EQ(tt_count_state(TCP_TIME_WAIT, case_port()), 0);
	defaults();
}

/* The peer on the wire answers our FIN and sends its own, with clocks. */
static struct seg close_with_peer(struct peer *p, int fd)
{
	uint32_t val, ecr;
	struct seg s, last;

	close(fd);
	s = peer_expect(p, F_FIN | F_ACK);
	CHECK(opt_ts(&s, &val, &ecr));
	s = peer_seg(p, F_FIN | F_ACK, 0);
	opt_add_ts(&s, 5001, val);
	peer_xmit(&s);
	p->snd_nxt++;
	last = peer_expect(p, F_ACK);
	return last;
}

static int open_with_peer(struct peer *p)
{
	struct tt_addr a = peer_addr(p->port);
	int fd = tt_socket(SOCK_NONBLOCK);
	uint32_t val, ecr;
	struct seg s;

	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(p, F_SYN);
	CHECK(opt_ts(&s, &val, &ecr));
	s = peer_seg(p, F_SYN | F_ACK, 0);
	opt_add_ts(&s, 5000, val);
	peer_xmit(&s);
	p->snd_nxt++;
	peer_expect(p, F_ACK);
	return fd;
}

/*
 * Away from loopback only with tw_reuse 1.  The new SYN starts beyond all that
 * the old connection has sent, and its clock has moved on.
 */
static void new_syn_is_beyond_the_old(void)
{
	struct peer p;
	struct tt_addr a;
	uint32_t was, val, ecr;
	struct seg last, s;
	int fd;

	defaults();
	tt_sysctl_try("tw_reuse_delay", 1);
	one_port();
	peer_open();
	p = peer_new();
	a = peer_addr(p.port);
	fd = open_with_peer(&p);
	last = close_with_peer(&p, fd);
	CHECK(opt_ts(&last, &was, &ecr));
	UNTIL(tt_count_state(TCP_TIME_WAIT, case_port()) == 1);

	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(tt_connect(fd, &a), EADDRNOTAVAIL);
	tt_sysctl_set("tw_reuse", 1);
	UNTIL(tt_connect(fd, &a) < 0 && errno == EINPROGRESS);
	p.synced = false;
	s = peer_expect(&p, F_SYN);
	EQ(s.seq, last.seq + 65535 + 2);
	CHECK(opt_ts(&s, &val, &ecr));
	CHECK((int32_t)(val - was) > 0);
	EQ(tt_count_state(TCP_TIME_WAIT, case_port()), 0);
	close(fd);
	defaults();
}

/*
 * RFC 6191 4: our clock goes on from one connection to the next of the same
 * ports, although each has an offset.
 */
static void clock_of_the_same_ports(void)
{
	struct tt_addr a, own;
	uint32_t was = 0, val, ecr;
	struct peer p;
	struct seg s;
	int i, fd;

	peer_open();
	EQ(tt_sysctl("timestamps"), 1);
	p = peer_new();
	a = peer_addr(p.port);
	own = peer_kaddr(0);
	for (i = 0; i < 3; i++) {
		fd = tt_socket(SOCK_NONBLOCK);
		OK(bind(fd, &own.sa, own.len));
		own = tt_local(fd);
		FAILS(tt_connect(fd, &a), EINPROGRESS);
		p.synced = false;
		s = peer_expect(&p, F_SYN);
		EQ(s.sport, tt_port(&own));
		CHECK(opt_ts(&s, &val, &ecr));
		if (i)
			CHECK(val - was <= (uint32_t)TT_DEADLINE);
		was = val;
		close(fd);
	}
}

/* connect() has an entry already when the way, with the port known, is barred. */
static void in_vain(void)
{
	const char *v = tt.v6 ? "-6" : "-4";
	unsigned int port;
	int l;

	OK(unshare(CLONE_NEWNET));
	tt_run("ip link set lo up");
	tt_sysctl_set("tw_reuse_delay", 1);
	loopback_scene(&l, &port);
	/* what is local is found before any rule of ours, unless moved */
	tt_run("ip %s rule add pref 1000 lookup local", v);
	tt_run("ip %s rule del pref 0", v);
	tt_run("ip %s rule add pref 500 sport %u prohibit", v, case_port());
	UNTIL(try_connect(port) < 0 && errno == EACCES);
	EQ(tt_count_state(TCP_TIME_WAIT, case_port()), 1);
	tt_run("ip %s rule del pref 500", v);
	/* and it is what it was */
	UNTIL(try_connect(port) >= 0);
	EQ(tt_count_state(TCP_TIME_WAIT, case_port()), 0);
}

/* Of both IP versions. */
static int total_time_wait(void)
{
	int n = tt_count_state(TCP_TIME_WAIT, 0);

	tt.v6 = !tt.v6;
	n += tt_count_state(TCP_TIME_WAIT, 0);
	tt.v6 = !tt.v6;
	return n;
}

/* max_tw_buckets: the connection is over at once. */
static void most_entries(void)
{
	long long before = tt.ttp ? tt_counter("TtpTwOverflow") : 0;
	unsigned int port;
	long most = tt_sysctl("max_tw_buckets");
	int l, fd, srv, n;
	char c;

	defaults();
	CHECK(most > 0);
	loopback_scene(&l, &port);
	many_ports();
	n = total_time_wait();
	tt_sysctl_set("max_tw_buckets", n);
	fd = tt_dial(port);
	srv = OK(accept(l, NULL, NULL));
	close(fd);
	EQ(read(srv, &c, 1), 0);
	close(srv);
	UNTIL(tt_count_state(TCP_LAST_ACK, 0) + tt_count_state(TCP_FIN_WAIT1, 0) +
	      tt_count_state(TCP_FIN_WAIT2, 0) == 0);
	EQ(total_time_wait(), n);
	if (tt.ttp)
		EQ(tt_counter("TtpTwOverflow") - before, 1);
	tt_sysctl_set("max_tw_buckets", most);
}

static const struct tt_test tests[] = {
	TEST(loopback_is_reused),
	TEST_FLAGS(delay_is_kept, TT_TTP_ONLY),
	TEST(off),
	TEST(not_without_timestamps),
	TEST(bound_by_number),
	TEST(new_syn_is_beyond_the_old),
	TEST(clock_of_the_same_ports),
	TEST_FLAGS(in_vain, TT_TTP_ONLY),
	TEST_FLAGS(most_entries, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
