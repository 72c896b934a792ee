// SPDX-License-Identifier: GPL-2.0
/*
 * This file plays a peer with a clock of its own.
 */
#include <unistd.h>
#include <netinet/tcp.h>

#include "clocks.h"

uint32_t ts_echo;

struct seg ts_seg(const struct peer *p, unsigned int flags, unsigned int len,
		  uint32_t val)
{
	struct seg s = peer_seg(p, flags, len);

	opt_add_ts(&s, val, flags & F_ACK ? ts_echo : 0);
	return s;
}

void ts_send(struct peer *p, unsigned int flags, uint32_t val)
{
	struct seg s = ts_seg(p, flags, 0, val);

	peer_xmit(&s);
	p->snd_nxt += !!(flags & (F_SYN | F_FIN));
}

struct seg ts_expect(struct peer *p, unsigned int flags)
{
	struct seg s = peer_expect(p, flags);
	uint32_t ecr;

	CHECK(opt_ts(&s, &ts_echo, &ecr));
	return s;
}

struct peer ts_other_port(const struct peer *p)
{
	struct peer q = *p;

	q.port = p->port + 1;
	q.snd_nxt = 77000;
	q.synced = false;
	return q;
}

void ts_kernel_closes(struct peer *p, int fd, uint32_t val)
{
	close(fd);
	ts_expect(p, F_FIN | F_ACK);
	ts_send(p, F_FIN | F_ACK, val);
	ts_expect(p, F_ACK);
}

void ts_call(struct peer *p, int l, uint32_t val)
{
	int n = tt_count_state(TCP_TIME_WAIT, p->kport);

	ts_send(p, F_SYN, val);
	ts_expect(p, F_SYN | F_ACK);
	ts_send(p, F_ACK, val);
	ts_kernel_closes(p, OK(accept(l, NULL, NULL)), val);
	UNTIL(tt_count_state(TCP_TIME_WAIT, p->kport) == n + 1);
}

int ts_scene(struct peer *p, int recycle)
{
	peer_open();
	tt_sysctl_set("tw_recycle", recycle);
	tt_sysctl_set("tw_timeout", 600);
	*p = peer_new();
	return peer_listener(p);
}
