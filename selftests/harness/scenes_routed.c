// SPDX-License-Identifier: GPL-2.0
/*
 * This file plays what takes memory for a way: a passive open by a source route.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <unistd.h>

#include "ends.h"
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
