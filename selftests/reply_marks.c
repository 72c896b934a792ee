// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what a segment that no socket sends tells IP: mark, priority,
 * TOS or traffic class, and flow label; and whose mark an accepted socket has.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/in6.h>
#include <netinet/tcp.h>

#include "options.h"

#ifndef IPV6_FLOWLABEL_MGR
#define IPV6_FLOWLABEL_MGR	32
#endif

/* The mark of what comes from the peer, and one of a socket. */
#define ARRIVES	7
#define OWN	5
#define PRIORITY 6
#define TOS	0x28
#define LABEL	0x12345

/*
 * What only the kernel knows of a packet is written where the peer sees it: a
 * time to live of 100, plus the mark, plus 20 for the priority.
 */
#define TTL(mark, priority)	(100 + (mark) + ((priority) ? 20 : 0))

static void rules(void)
{
	static const int marks[] = { 0, OWN, ARRIVES };
	const char *ttl = tt.v6 ? "ip6 hoplimit" : "ip ttl";
	FILE *nft = popen("nft -f -", "w");
	unsigned int i;

	CHECK(nft);
	fprintf(nft, "table inet marks {\n"
		"chain in { type filter hook prerouting priority 0;\n"
		"iifname peer0 meta mark set %d; }\n"
		"chain seen {\n", ARRIVES);
	for (i = 0; i < ARRAY_SIZE(marks); i++)
		fprintf(nft, "meta mark %d meta priority 0:%d %s set %d accept\n"
			"meta mark %d %s set %d accept\n",
			marks[i], PRIORITY, ttl, TTL(marks[i], 1),
			marks[i], ttl, TTL(marks[i], 0));
	fprintf(nft, "}\n"
		"chain out { type filter hook postrouting priority 0;\n"
		"oifname peer0 meta nfproto %s jump seen; }\n}\n",
		tt.v6 ? "ipv6" : "ipv4");
	EQ(pclose(nft), 0);
}

static void begin(void)
{
	peer_open();
	rules();
}

static void reflect(int on)
{
	tt_proc_write(tt.v6 ? "/proc/sys/net/ipv6/fwmark_reflect" :
			      "/proc/sys/net/ipv4/fwmark_reflect",
		      on ? "1" : "0");
}

static void decorate(int fd)
{
	tt_set(fd, SOL_SOCKET, SO_PRIORITY, PRIORITY);
	tt_set(fd, SOL_SOCKET, SO_MARK, OWN);
	if (tt.v6)
		tt_set(fd, IPPROTO_IPV6, IPV6_TCLASS, TOS);
	else
		tt_set(fd, IPPROTO_IP, IP_TOS, TOS);
	/* IP_TOS sets it too */
	tt_set(fd, SOL_SOCKET, SO_PRIORITY, PRIORITY);
}

static void looks(const struct seg *s, int ttl, unsigned int tos)
{
	if (s->ttl != (unsigned int)ttl || s->tos != tos)
		FAIL("ttl %u tos %#x, expected %d %#x: %s", s->ttl, s->tos, ttl,
		     tos, peer_text(s));
}

/* For nobody: the mark of what is answered, if wanted, and always its TOS. */
static void reset_of_stranger(void)
{
	struct peer p = peer_new();
	struct seg s;

	begin();
	p.kport = 9;
	s = peer_seg(&p, F_ACK, 0);
	s.tos = TOS | IP_ECT0;
	peer_xmit(&s);
	s = peer_expect(&p, F_RST);
	looks(&s, TTL(0, 0), TOS);
	reflect(1);
	peer_send(&p, F_ACK, 0);
	s = peer_expect(&p, F_RST);
	looks(&s, TTL(ARRIVES, 0), 0);
}

static void reset_of_listener(void)
{
	struct peer p = peer_new();
	struct seg s;

	begin();
	decorate(peer_listener(&p));
	peer_send(&p, F_ACK, 0);
	s = peer_expect(&p, F_RST);
	looks(&s, TTL(OWN, 1), 0);
	reflect(1);
	peer_send(&p, F_ACK, 0);
	s = peer_expect(&p, F_RST);
	looks(&s, TTL(ARRIVES, 1), 0);
}

/* Half-open: SYN+ACK as the listener has it; an ACK answers. */
static void request(void)
{
	struct peer p = peer_new();
	struct seg s, late;

	begin();
	decorate(peer_listener(&p));
	peer_send(&p, F_SYN, 0);
	s = peer_expect(&p, F_SYN | F_ACK);
	looks(&s, TTL(OWN, 1), TOS);
	late = peer_seg(&p, F_ACK, 0);
	late.seq += 1 << 20;
	peer_xmit(&late);
	s = peer_expect(&p, F_ACK);
	looks(&s, TTL(OWN, 1), 0);
	/* data is answered whenever it comes */
	reflect(1);
	late = peer_seg(&p, F_ACK, 1);
	late.seq += 1 << 20;
	late.tos = TOS;
	peer_xmit(&late);
	s = peer_expect(&p, F_ACK);
	looks(&s, TTL(ARRIVES, 1), TOS);
}

/* Whichever way it is made, and with whatever TOS. */
static void reset_of_orphan(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	begin();
	fd = peer_dial(&p);
	decorate(fd);
	close(fd);
	s = peer_expect(&p, F_FIN | F_ACK);
	looks(&s, TTL(OWN, 1), TOS);
	peer_send(&p, F_ACK, 10);
	CHECK(peer_poll(&s, TT_DEADLINE));
	CHECK(s.flags & F_RST);
	looks(&s, TTL(OWN, 1), s.tos);
}

/* As the socket's ACKs were; mark by sysctl. */
static void time_wait(void)
{
	struct peer p = peer_new();
	struct seg s, fin;
	int fd;

	begin();
	fd = peer_answer(&p);
	decorate(fd);
	OK(shutdown(fd, SHUT_WR));
	peer_expect(&p, F_FIN | F_ACK);
	fin = peer_seg(&p, F_FIN | F_ACK, 0);
	peer_send(&p, F_FIN | F_ACK, 0);
	s = peer_expect(&p, F_ACK);
	looks(&s, TTL(OWN, 1), TOS);
	peer_xmit(&fin);
	s = peer_expect(&p, F_ACK);
	looks(&s, TTL(OWN, 1), TOS);
	reflect(1);
	fin = peer_seg(&p, F_ACK, 1);
	fin.seq += 1 << 20;
	peer_xmit(&fin);
	s = peer_expect(&p, F_ACK);
	looks(&s, TTL(ARRIVES, 1), TOS);
}

/* The flow label that the kernel gives to an only user of it. */
static int labelled(struct peer *p)
{
	struct in6_flowlabel_req req = {
		.flr_label = htonl(LABEL), .flr_action = IPV6_FL_A_GET,
		.flr_share = IPV6_FL_S_ANY, .flr_flags = IPV6_FL_F_CREATE,
	};
	struct tt_addr a = peer_addr(p->port);
	int fd = tt_socket(SOCK_NONBLOCK);

	memcpy(&req.flr_dst, &a.in6.sin6_addr, sizeof(req.flr_dst));
	OK(setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req, sizeof(req)));
	tt_set(fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1);
	a.in6.sin6_flowinfo = htonl(LABEL);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	return fd;
}

/* The label, which the peer does not see, in the time to live. */
static void time_wait_label(void)
{
	struct peer p = peer_new();
	struct seg s, fin;
	int fd;

	if (!tt.v6)
		return;
	peer_open();
	tt_run("nft 'table inet marks {\n"
	       "chain out { type filter hook postrouting priority 0;\n"
	       "oifname peer0 ip6 flowlabel %d ip6 hoplimit set 99; }\n}'",
	       LABEL);
	fd = labelled(&p);
	s = peer_expect(&p, F_SYN);
	EQ(s.ttl, 99);
	peer_send(&p, F_SYN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	OK(shutdown(fd, SHUT_WR));
	peer_expect(&p, F_FIN | F_ACK);
	fin = peer_seg(&p, F_FIN | F_ACK, 0);
	peer_send(&p, F_FIN | F_ACK, 0);
	s = peer_expect(&p, F_ACK);
	EQ(s.ttl, 99);
	peer_xmit(&fin);
	s = peer_expect(&p, F_ACK);
	EQ(s.ttl, 99);
}

/* The mark with which a SYN came is the SYN+ACK's and the socket's. */
static void accepts(int own, int want)
{
	struct peer p = peer_new();
	struct seg s;
	int l, fd;

	l = peer_listener(&p);
	tt_set(l, SOL_SOCKET, SO_MARK, own);
	peer_send(&p, F_SYN, 0);
	s = peer_expect(&p, F_SYN | F_ACK);
	looks(&s, TTL(want, 0), 0);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(tt_get(fd, SOL_SOCKET, SO_MARK), want);
	tt_write_all(fd, "x", 1);
	s = peer_expect(&p, F_ACK);
	looks(&s, TTL(want, 0), 0);
	tt_abort(fd);
	close(l);
}

static void accepted_socket(void)
{
	int cookies;

	begin();
	for (cookies = 1; cookies <= 2; cookies++) {
		tt_sysctl_set("syncookies", cookies);
		tt_sysctl_set("fwmark_accept", 0);
		accepts(0, 0);
		accepts(OWN, OWN);
		tt_sysctl_set("fwmark_accept", 1);
		accepts(0, ARRIVES);
		accepts(OWN, OWN);
	}
}

/* Which way a reply takes depends on the mark as well. */
static void routed_by_mark(void)
{
	const char *v = tt.v6 ? "-6" : "-4";
	struct peer p = peer_new();
	struct seg s;

	begin();
	tt_run("ip %s rule add pref 10 fwmark %d prohibit", v, ARRIVES);
	p.kport = 9;
	peer_send(&p, F_ACK, 0);
	peer_expect(&p, F_RST);
	reflect(1);
	peer_send(&p, F_ACK, 0);
	CHECK(!peer_poll(&s, 200));
	tt_run("ip %s rule del pref 10", v);
	peer_send(&p, F_ACK, 0);
	peer_expect(&p, F_RST);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(reset_of_stranger, TT_OWN_NET),
	TEST_FLAGS(reset_of_listener, TT_OWN_NET),
	TEST_FLAGS(request, TT_OWN_NET),
	TEST_FLAGS(reset_of_orphan, TT_OWN_NET),
	TEST_FLAGS(time_wait, TT_OWN_NET),
	TEST_FLAGS(time_wait_label, TT_OWN_NET),
	TEST_FLAGS(accepted_socket, TT_OWN_NET),
	TEST_FLAGS(routed_by_mark, TT_OWN_NET),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
