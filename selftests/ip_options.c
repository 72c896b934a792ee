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
#define SSRR	137

/* Hosts of 10.254.0.0/24 by their last byte; those with names in peer.c: */
#define KERNEL	"\1"
#define PEER	"\2"

static void take_source_routes(void)
{
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

/* It goes to the first of them, and is to go on along the others. */
static void goes_along(const struct seg *s, int kind, const char *hosts)
{
	uint8_t want[40] = { 0 }, to[4];
	unsigned int len = put_route(want, kind, hosts + 1);

	put_host(to, hosts[0]);
	CHECK(!memcmp(&s->ip_to, to, 4));
	EQ(s->ip_opts_len, (len + 3) / 4 * 4);
	CHECK(!memcmp(s->ip_opts, want, s->ip_opts_len));
}

/* The kernel's next segment does. */
static struct seg expect_along(struct peer *p, unsigned int flags, int kind,
			       const char *hosts)
{
	struct seg s = peer_expect(p, flags);

	goes_along(&s, kind, hosts);
	return s;
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

	take_source_routes();
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

/* What a connection sends in its life, and it takes no other way. */
static void converse(struct peer *p, int fd, const char *back)
{
	char data[4000] = "";
	int i;

	tt_write_all(fd, data, sizeof(data));
	/* RFC 6691: the option makes room for itself */
	for (i = 0; i < 2; i++)
		EQ(expect_along(p, F_ACK, LSRR, back).len,
		   PEER_MTU - 20 - (3 + 4 * (strlen(back) - 1) + 3) / 4 * 4 - 20);
	peer_expect(p, F_ACK);
	/* SHLD-24 is not done: whoever guesses the numbers would lead it away */
	send_along(p, F_ACK, LSRR, "\6");
	OK(shutdown(fd, SHUT_WR));
	expect_along(p, F_FIN | F_ACK, LSRR, back);
	tt_abort(fd);
}

/* MUST-53: the recorded route in reverse, in every segment. */
static void return_route(void)
{
	struct peer p = peer_new();
	int l;

	take_source_routes();
	l = peer_listener(&p);
	send_along(&p, F_SYN, LSRR, "\3\4");
	expect_along(&p, F_SYN | F_ACK, LSRR, "\4\3" PEER);
	/* the SYN again, and by another way, gets the same answer */
	p.synced = false;
	p.snd_nxt--;
	send_along(&p, F_SYN, LSRR, "\6");
	expect_along(&p, F_SYN | F_ACK, LSRR, "\4\3" PEER);
	peer_send(&p, F_ACK, 0);
	converse(&p, OK(accept(l, NULL, NULL)), "\4\3" PEER);
	/* what the listener would have of its own is not for others' */
	OK(setsockopt(l, IPPROTO_IP, IP_OPTIONS, "\1\1\1", 4));
	p.port++;
	p.synced = false;
	send_along(&p, F_SYN, LSRR, "\3");
	expect_along(&p, F_SYN | F_ACK, LSRR, "\3" PEER);
	peer_send(&p, F_ACK, 0);
	converse(&p, OK(accept(l, NULL, NULL)), "\3" PEER);
}

/* A cookie remembers no route: the final ACK came along one. */
static void return_route_of_cookie(void)
{
	struct peer p = peer_new();
	int l;

	take_source_routes();
	tt_sysctl_set("syncookies", 2);
	l = peer_listener(&p);
	send_along(&p, F_SYN, LSRR, "\3");
	expect_along(&p, F_SYN | F_ACK, LSRR, "\3" PEER);
	send_along(&p, F_ACK, LSRR, "\4");
	/* kernel TCP looks for a route to 0.0.0.0 then */
	if (tt.ttp)
		converse(&p, OK(accept(l, NULL, NULL)), "\4" PEER);
	tt_sysctl_set("syncookies", 1);
}

/* Is there an answer to a SYN with this route? */
static void answer_to(int kind, const char *hosts, unsigned int pointer,
		      const char *back)
{
	struct peer p = peer_new();
	int l = peer_listener(&p);
	struct seg s = peer_seg(&p, F_SYN, 0);

	came_along(&s, kind, hosts);
	if (pointer)
		s.ip_opts[2] = pointer;
	peer_xmit(&s);
	if (!back) {
		peer_silent(&p, 50);
	} else {
		s = peer_expect(&p, F_SYN | F_ACK);
		if (*back)
			goes_along(&s, kind, back);
		else
			EQ(s.ip_opts_len, 0);
	}
	close(l);
}

static void return_routes_odd(void)
{
	long long before;

	take_source_routes();
	tt_run("ip route add 10.254.0.9/32 via 10.254.0.3");
	answer_to(SSRR, "\3\4", 0, "\4\3" PEER);
	answer_to(LSRR, "\3\4\5\6\7\10\3\4\5", 0, "\5\4\3\10\7\6\5\4\3" PEER);
	answer_to(LSRR, "\3\4", 200, "\4\3" PEER);
	/* RFC 1122 3.2.1.8, case B: whoever sent it recorded himself */
	answer_to(LSRR, PEER "\3", 0, "\3" PEER);
	answer_to(LSRR, PEER, 0, "");
	/* no router but those named, and there is one between */
	answer_to(LSRR, "\x9", 0, "\x9" PEER);
	before = tt.ttp ? count("DropNoRoute") : 0;
	answer_to(SSRR, "\x9", 0, NULL);
	/* kernel TCP calls them all */
	if (tt.ttp) {
		answer_to(LSRR, "\377", 0, NULL);
		EQ(count("DropNoRoute"), before + 2);
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

	take_source_routes();
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

/* All of them about options of IPv4. */
static const struct tt_test tests[] = {
	TEST_FLAGS(source_route, TT_ONCE),
	TEST_FLAGS(return_route, TT_ONCE),
	TEST_FLAGS(return_route_of_cookie, TT_ONCE),
	TEST_FLAGS(return_routes_odd, TT_ONCE),
	TEST_FLAGS(record_options, TT_ONCE),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
