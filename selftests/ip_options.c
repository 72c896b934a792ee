// SPDX-License-Identifier: GPL-2.0
/*
 * This file shows what becomes of options of IPv4: source routes of programs
 * and of datagrams, routes and times that are recorded (RFC 9293 3.9.2.1).
 */
#define _GNU_SOURCE
#include <unistd.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>

#include "forge.h"

#define LSRR	131

/* Hosts of 10.254.0.0/24 by their last byte; those with names in peer.c: */
#define KERNEL	"\1"
#define PEER	"\2"

static void only_ipv4(void)
{
	if (tt.v6)
		tt_skip("an option of IPv4");
	peer_open();
	tt_run("sysctl -qw net.ipv4.conf.all.accept_source_route=1");
	tt_run("sysctl -qw net.ipv4.conf.peer0.accept_source_route=1");
}

static void put_host(uint8_t *to, char host)
{
	const uint8_t a[4] = { 10, 254, 0, host };

	memcpy(to, a, sizeof(a));
}

/* Write the option with these hosts, the pointer at the first; its length. */
static unsigned int put_route(uint8_t *o, int kind, const char *hosts)
{
	unsigned int i, n = strlen(hosts);

	o[0] = kind;
	o[1] = 3 + 4 * n;
	o[2] = 4;
	for (i = 0; i < n; i++)
		put_host(o + 3 + 4 * i, hosts[i]);
	return o[1];
}

/* It has come along all of them. */
static void came_along(struct seg *s, int kind, const char *hosts)
{
	unsigned int len = put_route(s->ip_opts, kind, hosts);

	s->ip_opts[2] = len + 1;
	s->ip_opts_len = (len + 3) / 4 * 4;
}

static void send_along(struct peer *p, unsigned int flags, int kind,
		       const char *hosts)
{
	struct seg s = peer_seg(p, flags, 0);

	came_along(&s, kind, hosts);
	peer_xmit(&s);
	p->snd_nxt += !!(flags & F_SYN);
}

/*
 * MUST-51: a loose route by way of another router, in every segment; MUST-52:
 * that the answer came along another does not matter.
 */
static void source_route(void)
{
	/* NOP, LSRR of one router and the peer behind it (RFC 791 3.1) */
	const uint8_t route[12] = { 1, 131, 11, 4, 10, 254, 0, 3,
				    10, 254, 0, 2 };
	struct peer p = peer_new();
	struct tt_addr to = peer_addr(p.port);
	char data[4000] = "";
	uint8_t want[8];
	struct seg s;
	int fd, i;

	only_ipv4();
	fd = tt_socket(SOCK_NONBLOCK);
	OK(setsockopt(fd, IPPROTO_IP, IP_OPTIONS, route, sizeof(route)));
	FAILS(tt_connect(fd, &to), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	/* the route that is left ends at the peer */
	EQ(s.ip_opts_len, 12);
	put_host((void *)&to.in.sin_addr, 3);
	EQ(s.ip_to, to.in.sin_addr.s_addr);
	put_route(want, LSRR, PEER);
	CHECK(memmem(s.ip_opts, s.ip_opts_len, want + 3, 4));
	memcpy(want, s.ip_opts, sizeof(want));
	send_along(&p, F_SYN | F_ACK, LSRR, "\4\5");
	s = peer_expect(&p, F_ACK);
	EQ(s.ip_to, to.in.sin_addr.s_addr);
	EQ(s.ip_opts_len, 12);
	CHECK(!memcmp(want, s.ip_opts, sizeof(want)));
	/* cut from one: the sums are over the peer's address, not the router's */
	tt_write_all(fd, data, sizeof(data));
	for (i = 0; i < 2; i++) {
		s = peer_expect(&p, F_ACK);
		EQ(s.len, PEER_MTU - 20 - 12 - 20);
		EQ(s.ip_to, to.in.sin_addr.s_addr);
	}
}

/*
 * MAY-10, MAY-11: IP_OPTIONS may ask for a record of the route and of the
 * times; IP fills in what is ours, and room is left for them.
 */
static void record_options(void)
{
	/* room for one address, and for one time stamp */
	const uint8_t ask[16] = { 7, 7, 4, [7] = 68, 8, 5, 0 };
	struct peer p = peer_new();
	struct tt_addr to = peer_addr(p.port);
	char data[4000] = "";
	uint8_t me[4];
	struct seg s;
	int fd;

	only_ipv4();
	fd = tt_socket(SOCK_NONBLOCK);
	OK(setsockopt(fd, IPPROTO_IP, IP_OPTIONS, ask, sizeof(ask)));
	FAILS(tt_connect(fd, &to), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	EQ(s.ip_opts_len, sizeof(ask));
	EQ(s.ip_opts[2], 8);
	put_host(me, *KERNEL);
	CHECK(!memcmp(s.ip_opts + 3, me, 4));
	EQ(s.ip_opts[9], 9);
	/* milliseconds of the day, hardly ever none */
	CHECK(memcmp(s.ip_opts + 11, "\0\0\0", 4));
	peer_send(&p, F_SYN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	tt_write_all(fd, data, sizeof(data));
	s = peer_expect(&p, F_ACK);
	EQ(s.len, PEER_MTU - 20 - sizeof(ask) - 20);
	EQ(s.ip_opts[2], 8);
}

static const struct tt_test tests[] = {
	TEST(source_route),
	TEST(record_options),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
