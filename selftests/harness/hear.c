// SPDX-License-Identifier: GPL-2.0
/*
 * This file sends a stream piece by piece and hears what the kernel makes of it.
 */
#include "hear.h"

#include <unistd.h>

#include "options.h"

struct heard heard;

void hear(struct peer *p, int timeout_ms)
{
	uint32_t edge;
	struct seg s;

	while (peer_poll(&s, timeout_ms)) {
		if (s.dport != p->port || !(s.flags & F_ACK))
			continue;
		if (s.flags & F_RST)
			FAIL("reset: %s", peer_text(&s));
		timeout_ms = 0;
		edge = s.ack + (s.win << heard.shift);
		if ((int32_t)(edge - heard.edge) < 0)
			FAIL("the window shrank by %d: %s",
			     (int)(heard.edge - edge), peer_text(&s));
		heard.ack = s.ack;
		heard.edge = edge;
		heard.blocks = opt_sack(&s, heard.sack);
	}
}

bool hear_acked(struct peer *p, uint32_t seq)
{
	hear(p, 1);
	return (int32_t)(heard.ack - seq) >= 0;
}

int hear_dial(struct peer *p, int rcvbuf, int wscale)
{
	const uint8_t *scale, offer = wscale;
	unsigned int len;
	struct seg s;
	int l, fd;

	peer_open();
	*p = peer_new();
	l = peer_listener(p);
	if (rcvbuf)
		tt_set(l, SOL_SOCKET, SO_RCVBUF, rcvbuf / 2);
	s = peer_seg(p, F_SYN, 0);
	opt_add(&s, OPT_SACK_OK, NULL, 0);
	if (wscale >= 0)
		opt_add(&s, OPT_WSCALE, &offer, 1);
	peer_xmit(&s);
	p->snd_nxt++;
	s = peer_expect(p, F_SYN | F_ACK);
	scale = opt_find(&s, OPT_WSCALE, &len);
	EQ(!scale, wscale < 0);
	heard.shift = scale ? *scale : 0;
	heard.base = heard.ack = p->snd_nxt;
	/* the window of a SYN is never scaled (RFC 7323 2.2) */
	heard.edge = s.ack + s.win;
	peer_send(p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	close(l);
	return fd;
}

void hear_send(struct peer *p, uint32_t at, unsigned int len)
{
	struct seg s = peer_seg(p, F_ACK, len);

	s.seq = heard.base + at;
	tt_pattern(s.data, len, at);
	peer_xmit(&s);
}
