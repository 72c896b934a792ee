// SPDX-License-Identifier: GPL-2.0
/*
 * This file opens connections with congestion notification and sends on them.
 */
#include <unistd.h>

#include "ecn.h"

bool ecn_agreed(int fd)
{
	return info_of(fd).tcpi_options & TCPI_OPT_ECN;
}

struct peer ecn_begin(int ecn)
{
	peer_open();
	tt_sysctl_set("ecn", ecn);
	tt_sysctl_set("ecn_fallback", 1);
	tt_sysctl_set("syncookies", 1);
	return peer_new();
}

int ecn_accepted(struct peer *p, unsigned int flags, unsigned int want)
{
	int l = peer_listener(p), fd;
	struct seg s;

	peer_send(p, F_SYN | flags, 0);
	s = peer_expect(p, F_SYN | F_ACK | want);
	EQ(s.tos, 0);
	peer_send(p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	close(l);
	EQ(ecn_agreed(fd), !!want);
	return fd;
}

int ecn_open(struct peer *p)
{
	*p = ecn_begin(2);
	return ecn_accepted(p, F_BOTH, F_ECE);
}

struct seg ecn_data(struct peer *p, int fd, unsigned int len,
		    unsigned int flags)
{
	static char buf[3000];

	tt_write_all(fd, buf, len);
	return peer_expect(p, F_ACK | flags);
}

void ecn_send(struct peer *p, unsigned int flags, unsigned int tos,
	      unsigned int len)
{
	struct seg s = peer_seg(p, F_ACK | flags, len);

	s.tos = tos;
	peer_xmit(&s);
	p->snd_nxt += len;
}
