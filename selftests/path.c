// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what a connection makes of the way to its peer: an MTU that
 * others have learnt, ICMP that is out of date, a long way, a device with odd
 * limits, IPsec.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>

#include "busy.h"
#include "drops.h"
#include "reach.h"

#ifndef SO_RCVBUFFORCE
#define SO_RCVBUFFORCE	33
#endif

static char buf[1 << 16];

/* Payload of a full segment to the peer. */
static unsigned int full(unsigned int mtu)
{
	return mtu - 20 - (tt.v6 ? 40 : 20);
}

static void set_mtu(int mtu)
{
	struct ifreq ifr = { .ifr_name = "peer0", .ifr_mtu = mtu };
	int fd = OK(socket(AF_INET, SOCK_DGRAM, 0));

	OK(ioctl(fd, SIOCSIFMTU, &ifr));
	close(fd);
}

/* Sent, and received whole. */
static struct seg full_segment(struct peer *p, int fd)
{
	struct seg s;

	tt_write_all(fd, buf, full(1500));
	s = peer_expect(p, F_ACK);
	EQ(s.len, full(1500));
	return s;
}

/*
 * The MTU changes, and nobody tells this connection: it has to look. A segment
 * that is too long must not even be tried.
 */
static void mtu_falls_and_rises(void)
{
	long long told = tt_counter("TtpPmtuDisc");
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	s = full_segment(&p, fd);
	peer_send(&p, F_ACK, 0);
	set_mtu(1300);
	tt_write_all(fd, buf, full(1500));
	s = peer_expect(&p, F_ACK);
	EQ(s.len, full(1300));
	peer_expect_data(&p, full(1500) - full(1300));
	peer_send(&p, F_ACK, 0);
	set_mtu(1500);
	s = full_segment(&p, fd);
	EQ(tt_counter("TtpPmtuDisc"), told);
}

/* What was sent before the MTU fell is cut to be sent again. */
static void mtu_falls_under_way(void)
{
	struct peer p = peer_new();
	uint32_t first;
	struct seg s;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	first = p.rcv_nxt;
	tt_write_all(fd, buf, full(1500));
	peer_expect_data(&p, full(1500));
	set_mtu(1300);
	do {
		CHECK(peer_poll(&s, TT_DEADLINE));
	} while (s.dport != p.port || s.len > full(1300));
	EQ(s.seq, first);
	EQ(s.len, full(1300));
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len));
	return info;
}

/*
 * RFC 5927: "too big" about a number that is not in flight, or with an MTU that
 * no packet has exceeded, is a forgery or out of date.
 */
static void too_big_must_make_sense(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	s = full_segment(&p, fd);
	peer_too_big(&s, 1500);
	UNTIL(tt_counter("TtpPmtuRefused") == 1);
	peer_too_big(&s, 9000);
	UNTIL(tt_counter("TtpPmtuRefused") == 2);
	s.seq += s.len;		/* SND.NXT: nothing has that number yet */
	peer_too_big(&s, 1300);
	UNTIL(tt_counter("TtpOutOfWindowIcmps") == 1);
	EQ(tt_counter("TtpPmtuDisc"), 0);
	EQ(info_of(fd).tcpi_pmtu, 1500);
	s.seq -= s.len;
	peer_too_big(&s, 1300);
	UNTIL(tt_counter("TtpPmtuDisc") == 1);
	EQ(info_of(fd).tcpi_pmtu, 1300);
}

/*
 * While a reader has the socket one of them can wait: that which says less, if
 * it is about what is in flight.
 */
static void too_big_for_a_reader(void)
{
	struct peer p = peer_new();
	struct busy b;
	struct seg s;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	s = full_segment(&p, fd);
	p.rcv_nxt = s.seq;	/* it stays in flight */
	busy_begin(&b, &p, fd);
	peer_too_big(&s, 1400);
	peer_too_big(&s, 1300);
	peer_too_big(&s, 1400);
	s.seq += s.len;		/* may be just leaving, for all one knows */
	peer_too_big(&s, 1290);
	s.seq++;
	peer_too_big(&s, 1280);
	UNTIL(tt_counter("TtpOutOfWindowIcmps") == 1);
	EQ(tt_counter("TtpPmtuDisc"), 0);
	busy_end(&b);
	UNTIL(tt_counter("TtpPmtuDisc") == 1);
	EQ(info_of(fd).tcpi_pmtu, 1300);
}

/*
 * "Host unreachable" explains a death only if nothing has been heard of the
 * peer since.
 */
static void unreachable(bool heard_since, int error)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	tt_sysctl_set("retries2", 2);
	fd = peer_answer(&p);
	tt_write_all(fd, "first", 5);
	s = peer_expect(&p, F_ACK);
	peer_unreachable(&s);
	if (tt.ttp)
		EQ(tt_counter("TtpIcmpErrs"), 1);
	if (heard_since) {
		peer_send(&p, F_ACK, 0);
		tt_write_all(fd, "second", 6);
	}
	CHECK(tt_poll(fd, 0, 3 * TT_DEADLINE) & POLLERR);
	EQ(tt_so_error(fd), error);
}

static void unreachable_and_dead(void) { unreachable(false, EHOSTUNREACH); }
static void unreachable_once(void)     { unreachable(true, ETIMEDOUT); }

static unsigned int rto_ms(int fd)
{
	return info_of(fd).tcpi_rto / 1000;
}

/* What the peer has had already comes again. */
static void until_repeated(const struct peer *p)
{
	struct seg s;

	do {
		CHECK(peer_poll(&s, TT_DEADLINE));
	} while (s.dport != p->port || (int32_t)(s.seq - p->rcv_nxt) >= 0);
}

/*
 * A way longer than the first timeout must not be sent everything twice: the
 * timeout that did not suffice for the SYN grows (RFC 6298 5.7), and stays
 * grown until a round trip has been measured (Karn's algorithm).
 */
static void slow_path_is_measured(void)
{
	struct peer p = peer_new();
	int fd, n;

	peer_open();
	fd = peer_syn_sent(&p);
	until_repeated(&p);
	peer_send(&p, F_SYN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	EQ(rto_ms(fd), 3000);
	tt_write_all(fd, "first", 5);
	peer_expect_data(&p, 5);
	until_repeated(&p);
	EQ(rto_ms(fd), 6000);
	/* which of the two is this the answer to? */
	peer_send(&p, F_ACK, 0);
	UNTIL(!OK(ioctl(fd, SIOCOUTQ, &n)) && !n);
	EQ(rto_ms(fd), 6000);
	tt_write_all(fd, "second", 6);
	peer_expect_data(&p, 6);
	peer_send(&p, F_ACK, 0);
	UNTIL(rto_ms(fd) < 3000);
}

#define MUCH	4000000

#define BURSTS	"/sys/kernel/tracing/instances/bursts"

/* Record what leaves TTP with more payload. */
static void record_bursts(unsigned int payload)
{
	char make[200];

	tt_run("mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing");
	/* a case that failed has left its own */
	tt_run("! test -d " BURSTS " || rmdir " BURSTS);
	snprintf(make, sizeof(make), "mkdir %s && echo 'len > %u' >%s",
		 BURSTS, payload, BURSTS "/events/ttp/ttp_send/filter");
	tt_run(make);
	tt_run("echo 1 >" BURSTS "/events/ttp/ttp_send/enable");
}

static bool bursts_recorded(void)
{
	bool some = !system("grep -q ttp_send: " BURSTS "/trace");

	tt_run("echo 0 >" BURSTS "/events/enable; rmdir " BURSTS);
	return some;
}

static void send_much(int fd)
{
	size_t at, n;

	for (at = 0; at < MUCH; at += n) {
		n = MUCH - at < sizeof(buf) ? MUCH - at : sizeof(buf);
		tt_pattern(buf, n, at);
		tt_write_all(fd, buf, n);
	}
	_exit(0);
}

/* By a socket of the caller's; the segments are short, the window is large. */
static void move_much(int c)
{
	unsigned int port;
	struct tt_addr a;
	int l, s;
	size_t at;
	ssize_t n;

	l = tt_listener(1, &port);
	tt_set(l, IPPROTO_TCP, TCP_MAXSEG, 1000);
	tt_set(l, SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20);
	a = tt_loopback(port);
	OK(tt_connect(c, &a));
	s = OK(accept(l, NULL, NULL));
	if (!OK(fork()))
		send_much(c);
	for (at = 0; at < MUCH; at += n) {
		n = OK(read(s, buf, sizeof(buf)));
		CHECK(n && tt_is_pattern(buf, n, at));
	}
}

/*
 * A device that wants no bursts worth the name gets none, not ones without a
 * limit.
 */
static void tiny_gso_max_size(void)
{
	tt_run("ip link set lo gso_max_size 400");
	record_bursts(2000);
	move_much(tt_socket(0));
	tt_run("ip link set lo gso_max_size 65536");
	CHECK(!bursts_recorded());
}

#define OPTIONS6	1808	/* bytes; the kernel takes eight options at most */

/* IP's length counts its options: what they take, the burst cannot have. */
static void options_shorten_bursts(void)
{
	uint8_t o[OPTIONS6] = { 0, OPTIONS6 / 8 - 1 };
	unsigned int at;
	int c;

	if (!tt.v6)
		tt_skip("IPv4's options are shorter than what is spared anyway");
	c = tt_socket(0);
	for (at = 2; at + 257 <= OPTIONS6; at += 257) {
		o[at] = 0x1e;		/* nobody knows it, nobody minds */
		o[at + 1] = 255;
	}
	o[at] = 1;			/* PadN to the end */
	o[at + 1] = OPTIONS6 - at - 2;
	OK(setsockopt(c, IPPROTO_IPV6, IPV6_DSTOPTS, o, sizeof(o)));
	record_bursts(65535 - OPTIONS6 - 20);	/* TTP's header, at least */
	move_much(c);
	CHECK(!bursts_recorded());
}

/* What comes from the peer must have come through ESP, or it is dropped. */
static void ipsec_policy(const char *verb)
{
	char cmd[256];

	snprintf(cmd, sizeof(cmd), "ip xfrm policy %s src %s dst %s dir in %s",
		 verb, tt.v6 ? "fd00:254::2/128" : "10.254.0.2/32",
		 tt.v6 ? "fd00:254::1/128" : "10.254.0.1/32",
		 strcmp(verb, "add") ? "" : "tmpl proto esp mode transport");
	if (system(cmd))
		tt_need("ip xfrm");
}

/* The policy of the packet's IP version counts, not the listener's. */
static void ipsec_on_dual_stack(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct tt_addr a;
	int l, fd;

	peer_open();
	l = tt_socket_of(true, 0);
	a = tt_parse("::", 0);
	OK(bind(l, &a.sa, a.len));
	OK(listen(l, 8));
	a = tt_local(l);
	p.kport = tt_port(&a);
	ipsec_policy("add");
	read_drops(&before);
	peer_send(&p, F_SYN, 0);
	only_moved(&before, "Policy", 1);
	peer_silent(&p, 50);
	ipsec_policy("del");
	p.snd_nxt--;
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	ipsec_policy("add");
	peer_send(&p, F_ACK, 0);
	only_moved(&before, "Policy", 2);
	ipsec_policy("del");
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	ipsec_policy("add");
	peer_send(&p, F_ACK, 8);
	p.snd_nxt -= 8;
	only_moved(&before, "Policy", 3);
	EQ(tt_poll(fd, POLLIN, 0), 0);
	ipsec_policy("del");
	still_works(&p, fd);
}

/* TIME_WAIT has no socket, and is under the policy all the same. */
static void ipsec_in_time_wait(void)
{
	static const unsigned int flags[] = {
		F_RST, F_SYN, F_FIN | F_ACK, F_ACK,
	};
	struct peer p = peer_new();
	struct drops before;
	size_t i;

	peer_open();
	reach(TCP_TIME_WAIT, &p);
	ipsec_policy("add");
	read_drops(&before);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct seg s = peer_seg(&p, flags[i], 0);

		/* the peer's FIN again, or a SYN beyond it */
		s.seq += flags[i] & F_FIN ? -1 : flags[i] & F_SYN ? 100000 : 0;
		peer_xmit(&s);
		only_moved(&before, "Policy", i + 1);
		peer_silent(&p, 50);
		EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 1);
	}
	ipsec_policy("del");
	peer_send(&p, F_RST, 0);
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port) == 0);
}

#define TIMED(fn)	TEST_FLAGS(fn, TT_PARALLEL | TT_SLOW)

static const struct tt_test tests[] = {
	TEST(mtu_falls_and_rises),
	TEST(mtu_falls_under_way),
	TEST_FLAGS(too_big_must_make_sense, TT_TTP_ONLY | TT_OWN_NET),
	TEST_FLAGS(too_big_for_a_reader, TT_TTP_ONLY | TT_OWN_NET),
	TEST_FLAGS(tiny_gso_max_size, TT_TTP_ONLY | TT_OWN_NET),
	TEST_FLAGS(options_shorten_bursts, TT_TTP_ONLY | TT_OWN_NET),
	TEST(ipsec_on_dual_stack),
	TEST(ipsec_in_time_wait),
	TEST_FLAGS(slow_path_is_measured, TT_PARALLEL | TT_SLOW | TT_TTP_ONLY),
	TIMED(unreachable_and_dead),
	TIMED(unreachable_once),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
