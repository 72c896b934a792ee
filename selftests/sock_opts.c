// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests socket options: what can be set, what is told, and what
 * effect it has on the segments.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/ttp.h>

#include "peer.h"

/* <linux/tcp.h> has struct tcp_info in full, but not the states */
enum { ESTABLISHED = 1, LISTEN = 10, CLOSE = 7 };

static char buf[1 << 16];

static void so_error_is_cleared(void)
{
	int c, s;

	tt_pair(&c, &s);
	EQ(tt_so_error(s), 0);
	tt_abort(c);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE) & POLLERR, POLLERR);
	EQ(tt_so_error(s), ECONNRESET);
	EQ(tt_so_error(s), 0);
}

static void buffer_sizes(void)
{
	int fd = tt_socket(0);

	CHECK(tt_get(fd, SOL_SOCKET, SO_RCVBUF) > 0);
	CHECK(tt_get(fd, SOL_SOCKET, SO_SNDBUF) > 0);
	/* the kernel doubles what is asked for (socket(7)) */
	tt_set(fd, SOL_SOCKET, SO_RCVBUF, 20000);
	EQ(tt_get(fd, SOL_SOCKET, SO_RCVBUF), 40000);
	tt_set(fd, SOL_SOCKET, SO_SNDBUF, 20000);
	EQ(tt_get(fd, SOL_SOCKET, SO_SNDBUF), 40000);
	tt_set(fd, SOL_SOCKET, SO_RCVBUF, 1);
	CHECK(tt_get(fd, SOL_SOCKET, SO_RCVBUF) > 1000);
}

static void buffer_defaults_from_sysctl(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s",
		 tt.ttp ? "ttp/rmem" : "ipv4/tcp_rmem");
	tt_proc_write(path, "4096 65536 1000000");
	fd = tt_socket(0);
	EQ(tt_get(fd, SOL_SOCKET, SO_RCVBUF), 65536);
	tt_proc_write(path, "4096 131072 6291456");
}

/* A small receive buffer is a small window: the sender stops early. */
static void receive_buffer_bounds_peer(void)
{
	size_t small = 0, n;
	unsigned int port;
	int l = tt_listener(1, &port), c, s;

	tt_set(l, SOL_SOCKET, SO_RCVBUF, 8192);
	c = tt_dial(port);
	s = OK(accept(l, NULL, NULL));
	EQ(tt_get(s, SOL_SOCKET, SO_RCVBUF), 16384);
	tt_set(c, SOL_SOCKET, SO_SNDBUF, 8192);
	while ((ssize_t)(n = send(c, buf, 1024, MSG_DONTWAIT)) > 0)
		small += n;
	if (small > 100000)
		FAIL("%zu bytes went into two buffers of 16 KiB", small);
	OK(fcntl(s, F_SETFL, O_NONBLOCK));
	while (small) {
		UNTIL((ssize_t)(n = read(s, buf, sizeof(buf))) > 0);
		small -= n;
	}
}

static void linger_and_reuse(void)
{
	struct linger l = { 1, 7 }, got;
	socklen_t len = sizeof(got);
	int fd = tt_socket(0);

	OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &got, &len));
	EQ(got.l_onoff, 1);
	EQ(got.l_linger, 7);
	EQ(tt_get(fd, SOL_SOCKET, SO_REUSEADDR), 0);
	tt_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	EQ(tt_get(fd, SOL_SOCKET, SO_REUSEADDR), 1);
}

static void set_and_get(int level, int name, int value)
{
	int fd = tt_socket(0);

	tt_set(fd, level, name, value);
	if (tt_get(fd, level, name) != value)
		FAIL("option %d of level %d is %d after setting %d", name,
		     level, tt_get(fd, level, name), value);
}

/* At the level of TCP, and for TTP at its own. */
static void transport_options(void)
{
	static const int options[][2] = {
		{ TCP_NODELAY, 1 }, { TCP_MAXSEG, 1000 }, { TCP_KEEPIDLE, 30 },
		{ TCP_KEEPINTVL, 5 }, { TCP_KEEPCNT, 3 }, { TCP_SYNCNT, 2 },
		{ TCP_LINGER2, 7 }, { TCP_CORK, 1 },
		{ TCP_USER_TIMEOUT, 3000 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		set_and_get(IPPROTO_TCP, options[i][0], options[i][1]);
		if (tt.ttp)
			set_and_get(SOL_TTP, options[i][0], options[i][1]);
	}
	set_and_get(SOL_SOCKET, SO_KEEPALIVE, 1);
}

static void bad_options(void)
{
	int fd = tt_socket(0), value = 1;
	socklen_t len = 4;

	FAILS(setsockopt(fd, IPPROTO_TCP, 9999, &value, 4), ENOPROTOOPT);
	FAILS(getsockopt(fd, IPPROTO_TCP, 9999, &value, &len), ENOPROTOOPT);
	FAILS(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, 1), EINVAL);
	FAILS(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, (void *)1, 4), EFAULT);
	FAILS(setsockopt(fd, 200, 1, &value, 4), ENOPROTOOPT);
	value = 0;
	FAILS(setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &value, 4), EINVAL);
	FAILS(setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &value, 4), EINVAL);
	value = 5;
	FAILS(setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &value, 4), EINVAL);
	len = -1;
	FAILS(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &len), EINVAL);
}

static void ip_options(void)
{
	if (tt.v6) {
		set_and_get(IPPROTO_IPV6, IPV6_TCLASS, 0x28);
		set_and_get(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 9);
	} else {
		set_and_get(IPPROTO_IP, IP_TOS, 0x28);
		set_and_get(IPPROTO_IP, IP_TTL, 9);
	}
}

static void get_info(int fd, struct tcp_info *info)
{
	socklen_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	OK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len));
	/* struct tcp_info of 6.1 */
	CHECK(len >= 232 || len == sizeof(*info));
}

static void tcp_info_tells(void)
{
	struct tcp_info info;
	socklen_t len = 1;
	unsigned int port;
	int c, s, l;

	tt_pair(&c, &s);
	/* a round trip, to be measured */
	tt_write_all(c, buf, 1000);
	tt_read_all(s, buf, 1000);
	UNTIL((get_info(c, &info), info.tcpi_unacked == 0));
	EQ(info.tcpi_state, ESTABLISHED);
	CHECK(info.tcpi_snd_mss >= 500 && info.tcpi_snd_mss <= 65535);
	CHECK(info.tcpi_rcv_mss > 0);
	CHECK(info.tcpi_rtt > 0);
	CHECK(info.tcpi_rto >= 200000);
	CHECK(info.tcpi_snd_cwnd >= 2);
	CHECK(info.tcpi_pmtu >= 1280);
	EQ(info.tcpi_retransmits, 0);
	get_info(s, &info);
	EQ(info.tcpi_state, ESTABLISHED);
	/* a short buffer gets what fits */
	OK(getsockopt(c, IPPROTO_TCP, TCP_INFO, &info, &len));
	EQ(len, 1);
	l = tt_listener(3, &port);
	get_info(l, &info);
	EQ(info.tcpi_state, LISTEN);
	get_info(tt_socket(0), &info);
	EQ(info.tcpi_state, CLOSE);
}

static void tcp_info_counts(void)
{
	struct peer p = peer_new();
	struct tcp_info info;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	tt_write_all(fd, buf, 100);
	peer_expect_data(&p, 100);
	get_info(fd, &info);
	EQ(info.tcpi_unacked, 1);
	/* no answer: the timer sends it again */
	UNTIL((get_info(fd, &info), info.tcpi_retransmits >= 1));
	CHECK(info.tcpi_total_retrans >= 1);
	peer_send(&p, F_ACK, 0);
	UNTIL((get_info(fd, &info), info.tcpi_unacked == 0));
	EQ(info.tcpi_retransmits, 0);
}

static void other_info(void)
{
	uint32_t mem[SK_MEMINFO_VARS];
	socklen_t len = sizeof(mem);
	int c, s;

	tt_pair(&c, &s);
	OK(getsockopt(c, SOL_SOCKET, SO_MEMINFO, mem, &len));
	EQ(mem[SK_MEMINFO_RCVBUF], tt_get(c, SOL_SOCKET, SO_RCVBUF));
	EQ(mem[SK_MEMINFO_SNDBUF], tt_get(c, SOL_SOCKET, SO_SNDBUF));
	len = sizeof(buf);
	OK(getsockopt(c, IPPROTO_TCP, TCP_CC_INFO, buf, &len));
}

/* Claim 6: our MSS fits the path; no segment is longer than the peer's. */
static void mss_both_ways(void)
{
	struct peer p = peer_new();
	unsigned int mss, i;
	struct seg s;
	int fd;

	peer_open();
	fd = peer_listener(&p);
	s = peer_seg(&p, F_SYN, 0);
	s.opts[2] = 600 >> 8;
	s.opts[3] = 600 & 255;
	peer_xmit(&s);
	p.snd_nxt++;
	s = peer_expect(&p, F_SYN | F_ACK);
	CHECK(s.opts_len >= 4 && s.opts[0] == 2 && s.opts[1] == 4);
	mss = s.opts[2] << 8 | s.opts[3];
	EQ(mss, tt.v6 ? 1440 : 1460);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(fd, NULL, NULL));
	CHECK(tt_get(fd, IPPROTO_TCP, TCP_MAXSEG) <= 600);
	tt_write_all(fd, buf, 3000);
	for (i = 0; i < 3000; i += s.len) {
		s = peer_expect(&p, F_ACK);
		CHECK(s.len <= 600);
		peer_send(&p, F_ACK, 0);
	}
}

/* TCP_MAXSEG set before connecting is what the SYN tells. */
static void maxseg_is_told(void)
{
	struct peer p = peer_new();
	struct tt_addr a;
	struct seg s;
	int fd;

	peer_open();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	tt_set(fd, IPPROTO_TCP, TCP_MAXSEG, 1000);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	EQ(s.opts[0] << 8 | s.opts[1], 0x0204);
	EQ(s.opts[2] << 8 | s.opts[3], 1000);
}

/* Nagle holds a second small segment back; TCP_NODELAY does not. */
static void nodelay_against_nagle(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	tt_write_all(fd, "one", 3);
	peer_expect_data(&p, 3);
	tt_write_all(fd, "two", 3);
	tt_write_all(fd, "three", 5);
	peer_silent(&p, 100);
	peer_send(&p, F_ACK, 0);
	/* together, as soon as the first is acknowledged */
	s = peer_expect(&p, F_ACK);
	EQ(s.len, 8);
	tt_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	tt_write_all(fd, "four", 4);
	s = peer_expect(&p, F_ACK);
	EQ(s.len, 4);
	CHECK(s.flags & F_PSH);
}

static void options_are_inherited(void)
{
	unsigned int port;
	int l = tt_listener(1, &port), s;

	tt_set(l, IPPROTO_TCP, TCP_NODELAY, 1);
	tt_set(l, SOL_SOCKET, SO_KEEPALIVE, 1);
	tt_set(l, IPPROTO_TCP, TCP_KEEPIDLE, 77);
	tt_dial(port);
	s = OK(accept(l, NULL, NULL));
	EQ(tt_get(s, IPPROTO_TCP, TCP_NODELAY), 1);
	EQ(tt_get(s, SOL_SOCKET, SO_KEEPALIVE), 1);
	EQ(tt_get(s, IPPROTO_TCP, TCP_KEEPIDLE), 77);
}

static char lots[1 << 20];
static volatile sig_atomic_t signals;

static void on_sigio(int sig)
{
	(void)sig;
	signals++;
}

/*
 * SO_RCVLOWAT: the buffer grows until it holds so much, and nobody is told of
 * less, but for a reader who asks for less.
 */
static void rcvlowat_grows(void)
{
	int c, s, n = 0;

	OK(unshare(CLONE_NEWNET));
	tt_run("ip link set lo up");
	tt_pair(&c, &s);
	EQ(tt_get(s, SOL_SOCKET, SO_RCVBUF), 131072);
	tt_set(s, SOL_SOCKET, SO_RCVLOWAT, sizeof(lots));
	EQ(tt_get(s, SOL_SOCKET, SO_RCVLOWAT), sizeof(lots));
	CHECK(tt_get(s, SOL_SOCKET, SO_RCVBUF) > (int)sizeof(lots));
	CHECK(signal(SIGIO, on_sigio) != SIG_ERR);
	OK(fcntl(s, F_SETOWN, getpid()));
	OK(fcntl(s, F_SETFL, O_ASYNC));
	tt_write_all(c, lots, sizeof(lots) - 1);
	UNTIL(!ioctl(s, SIOCINQ, &n) && n == sizeof(lots) - 1);
	EQ(tt_poll(s, POLLIN, 0), 0);
	EQ(signals, 0);
	tt_write_all(c, lots, 1);
	UNTIL(signals > 0);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	/* no more than half of what the buffer may have */
	tt_set(s, SOL_SOCKET, SO_RCVLOWAT, INT_MAX);
	n = tt_get(s, SOL_SOCKET, SO_RCVLOWAT);
	CHECK(n > (int)sizeof(lots) && n < INT_MAX);
	CHECK(tt_get(s, SOL_SOCKET, SO_RCVBUF) > n);
	tt_set(s, SOL_SOCKET, SO_RCVBUF, 1 << 17);
	tt_set(s, SOL_SOCKET, SO_RCVLOWAT, INT_MAX);
	EQ(tt_get(s, SOL_SOCKET, SO_RCVLOWAT), 1 << 17);
	tt_set(s, SOL_SOCKET, SO_RCVLOWAT, 1);
	EQ(tt_poll(s, POLLIN, 0), POLLIN);
}

static volatile pid_t reader_tid;

static void *read_one(void *fd)
{
	char c;

	reader_tid = syscall(SYS_gettid);
	return (void *)read(*(int *)fd, &c, 1);
}

static bool reader_sleeps(void)
{
	char text[256], *state;
	FILE *f;

	if (!reader_tid)
		return false;
	snprintf(text, sizeof(text), "/proc/self/task/%d/stat", reader_tid);
	f = fopen(text, "r");
	CHECK(f && fgets(text, sizeof(text), f));
	fclose(f);
	state = strrchr(text, ')');
	return state && state[2] == 'S';
}

/* POSIX: recv() waits for the smaller of the mark and what it asks for. */
static void rcvlowat_reader_wants_less(void)
{
	pthread_t reader;
	void *got;
	int c, s;

	tt_pair(&c, &s);
	tt_set(s, SOL_SOCKET, SO_RCVLOWAT, 1000);
	EQ(pthread_create(&reader, NULL, read_one, &s), 0);
	UNTIL(reader_sleeps());
	tt_write_all(c, "x", 1);
	EQ(pthread_join(reader, &got), 0);
	EQ((long)got, 1);
}

static const struct tt_test tests[] = {
	TEST(so_error_is_cleared),
	TEST(buffer_sizes),
	TEST(buffer_defaults_from_sysctl),
	TEST(receive_buffer_bounds_peer),
	TEST(linger_and_reuse),
	TEST(transport_options),
	TEST(bad_options),
	TEST(ip_options),
	TEST(tcp_info_tells),
	TEST(tcp_info_counts),
	TEST(other_info),
	TEST(mss_both_ways),
	TEST(maxseg_is_told),
	TEST(nodelay_against_nagle),
	TEST(options_are_inherited),
	TEST(rcvlowat_grows),
	/* TCP wakes no reader before the mark */
	TEST_FLAGS(rcvlowat_reader_wants_less, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
