// SPDX-License-Identifier: GPL-2.0
/*
 * This file makes the kernel send by full segments, for the hand-driven peer.
 */
#include "segs.h"

static char data[40 * 1460];

struct tcp_info info_of(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	OK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len));
	return info;
}

void write_segs(int fd, int segs)
{
	tt_write_all(fd, data, segs * info_of(fd).tcpi_snd_mss);
}

void send_segs(struct peer *p, int fd, int segs)
{
	write_segs(fd, segs);
	peer_expect_data(p, segs * info_of(fd).tcpi_snd_mss);
}

void ack_but(struct peer *p, int fd, unsigned int left)
{
	struct seg s = peer_seg(p, F_ACK, 0);

	s.ack = p->rcv_nxt - left * info_of(fd).tcpi_snd_mss;
	peer_xmit(&s);
	UNTIL(info_of(fd).tcpi_unacked == left);
}

struct seg next_segment(const struct peer *p)
{
	struct seg s;

	do {
		if (!peer_poll(&s, TT_DEADLINE))
			FAIL("no segment came");
	} while (s.dport != p->port);
	return s;
}
