// SPDX-License-Identifier: GPL-2.0
/*
 * This file plays what takes memory for a way: a passive open by a source route,
 * a route that is no longer valid, and hosts that nothing was sent to before.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <unistd.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include "ends.h"
#include "faults.h"
#include "peer.h"
#include "scenes.h"

/* One SYN, and what belongs to its answer if there is one. */
static void knock(const struct peer *p)
{
	/* LSRR that has come by one router (RFC 791 3.1) */
	static const uint8_t route[8] = { 131, 7, 8, 10, 254, 0, 3 };
	struct seg syn = peer_seg(p, F_SYN, 0), s, ack;

	memcpy(syn.ip_opts, route, sizeof(route));
	syn.ip_opts_len = sizeof(route);
	peer_xmit(&syn);
	while (peer_poll(&s, 100)) {
		if (s.dport != p->port || s.flags != (F_SYN | F_ACK))
			continue;
		ack = peer_seg(p, F_ACK, 0);
		ack.seq++;
		ack.ack = s.seq + 1;
		peer_xmit(&ack);
		break;
	}
}

void scene_routed(void)
{
	long long deadline = tt_now_ms() + TT_DEADLINE;
	struct peer p = peer_new();
	struct tt_addr a = peer_kaddr(0);
	int l, fd = -1;

	if (tt.v6)	/* it has none */
		return;
	tt_proc_write("/proc/sys/net/ipv4/conf/all/accept_source_route", "1");
	tt_proc_write("/proc/sys/net/ipv4/conf/default/accept_source_route", "1");
	peer_open();
	l = CLEAN(socket(tt.af, SOCK_STREAM | SOCK_NONBLOCK, 0));
	if (l >= 0 && !CLEAN(bind(l, &a.sa, a.len)) && !CLEAN(listen(l, 4))) {
		a = tt_local(l);
		p.kport = tt_port(&a);
		while (fd < 0) {
			if (tt_now_ms() > deadline)
				BAD("nobody comes by the source route");
			knock(&p);
			if (tt_poll(l, POLLIN, 100))
				fd = CLEAN(accept(l, NULL, NULL));
		}
		tt_abort(fd);
	}
	close(l);
	peer_close();
}

/*
 * A connection's route becomes invalid: who has data to send sees to it, who
 * has only an ACK to send leaves that to IP.
 */
static void rerouted4(void)
{
	long long deadline = tt_now_ms() + TT_DEADLINE;
	struct peer p = peer_new();
	struct seg data, ack;
	int fd;

	faults_pause();
	peer_open();
	fd = peer_dial(&p);
	data = peer_seg(&p, F_ACK | F_PSH, 100);
	tt_proc_write("/proc/sys/net/ipv4/route/flush", "1");
	faults_resume();
	do {
		if (tt_now_ms() > deadline)
			BAD("data is not acknowledged");
		peer_xmit(&data);
	} while (!peer_poll(&ack, 100));
	tt_abort(fd);
	peer_close();
}

/* An address of this host; with it comes its route, and goes. */
static struct tt_addr own_address(int request, const char *text)
{
	struct tt_addr a = tt_parse(text, 0);
	struct in6_ifreq req = { a.in6.sin6_addr, 128, if_nametoindex("lo") };
	int fd = OK(socket(AF_INET6, SOCK_DGRAM, 0));

	/* a case that failed has left it */
	if (ioctl(fd, request, &req) && errno != EEXIST)
		FAIL("no such address: %s", strerror(errno));
	close(fd);
	return a;
}

/* Looked up in the file: to use it would have the kernel make its copy. */
static bool has_route(const struct tt_addr *a)
{
	FILE *in = fopen("/proc/net/ipv6_route", "r");
	char line[256], want[33];
	bool has = false;
	int i;

	CHECK(in);
	for (i = 0; i < 16; i++)
		sprintf(want + 2 * i, "%02x", a->in6.sin6_addr.s6_addr[i]);
	while (!has && fgets(line, sizeof(line), in))
		has = !strncmp(line, want, 32);
	fclose(in);
	return has;
}

/* The refusal is the first that takes the route to who has called. */
static void rerouted6(void)
{
	struct tt_addr from = own_address(SIOCSIFADDR, "fd00:77::1");
	struct tt_addr to = own_address(SIOCSIFADDR, "fd00:77::2");
	long long deadline = tt_now_ms() + TT_DEADLINE;
	int fd = CLEAN(socket(tt.af, SOCK_STREAM | SOCK_NONBLOCK, 1));

	to.in6.sin6_port = htons(7);
	if (fd >= 0) {
		UNTIL(!bind(fd, &from.sa, from.len));
		UNTIL(has_route(&from) && has_route(&to));
		if (CLEAN(tt_connect(fd, &to)) && errno == EINPROGRESS)
			while (!tt_poll(fd, POLLOUT, 1000))
				if (tt_now_ms() > deadline)
					BAD("neither refused nor an error");
		close(fd);
	}
	own_address(SIOCDIFADDR, "fd00:77::1");
	own_address(SIOCDIFADDR, "fd00:77::2");
}

void scene_rerouted(void)
{
	if (tt.v6)
		rerouted6();
	else
		rerouted4();
}
