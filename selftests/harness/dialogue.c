// SPDX-License-Identifier: GPL-2.0
/*
 * This file holds a conversation between the hand-driven peer and a socket:
 * what the peer says next in a connection, and what it must hear.
 */
#include <fcntl.h>
#include <unistd.h>

#include "peer.h"

/* Ports differ between cases: what one leaves behind does not hit the next. */
static unsigned int fresh_port(void)
{
	static unsigned int next;

	return 10000 + (getpid() * 7 + next++) % 20000;
}

struct peer peer_new(void)
{
	/* the sequence numbers wrap in every dialogue */
	return (struct peer){ .port = fresh_port(), .snd_nxt = -3u,
			      .win = 65535 };
}

struct seg peer_seg(const struct peer *p, unsigned int flags, unsigned int len)
{
	struct seg s = {
		.sport = p->port, .dport = p->kport, .seq = p->snd_nxt,
		.ack = flags & F_ACK ? p->rcv_nxt : 0, .flags = flags,
		.win = p->win, .len = len,
	};

	if (flags & F_SYN) {
		static const uint8_t mss[4] = { 2, 4, 1460 >> 8, 1460 & 255 };

		memcpy(s.opts, mss, sizeof(mss));
		s.opts_len = sizeof(mss);
	}
	tt_pattern(s.data, len, 0);
	return s;
}

void peer_send(struct peer *p, unsigned int flags, unsigned int len)
{
	struct seg s = peer_seg(p, flags, len);

	peer_xmit(&s);
	p->snd_nxt += len + !!(flags & F_SYN) + !!(flags & F_FIN);
}

static bool is_ours(const struct peer *p, const struct seg *s)
{
	return s->dport == p->port && (!p->kport || s->sport == p->kport);
}

static unsigned int span(const struct seg *s)
{
	return s->len + !!(s->flags & F_SYN) + !!(s->flags & F_FIN);
}

static bool is_repetition(const struct peer *p, const struct seg *s)
{
	return p->synced && span(s) &&
	       (int32_t)(s->seq + span(s) - p->rcv_nxt) <= 0;
}

struct seg peer_expect(struct peer *p, unsigned int flags)
{
	long long end = tt_now_ms() + TT_DEADLINE;
	struct seg s;

	for (;;) {
		if (!peer_poll(&s, end - tt_now_ms()))
			FAIL("no segment with flags %#x came", flags);
		if (!is_ours(p, &s))
			continue;
		if ((s.flags & ~F_PSH) == flags && (!p->synced ||
		    s.seq == p->rcv_nxt || (flags & F_RST)))
			break;
		if (is_repetition(p, &s))
			continue;
		if ((s.flags & ~F_ECE) == F_ACK && !s.len && flags != F_ACK)
			continue;
		FAIL("flags %#x at seq %u expected, got %s", flags, p->rcv_nxt,
		     peer_text(&s));
	}
	p->kport = s.sport;
	p->rcv_nxt = s.seq + span(&s);
	p->synced = true;
	return s;
}

void peer_expect_reset(struct peer *p)
{
	long long end = tt_now_ms() + TT_DEADLINE;
	struct seg s;

	do {
		if (!peer_poll(&s, end - tt_now_ms()))
			FAIL("no reset came");
		if (is_ours(p, &s) && !(s.flags & F_RST) && span(&s) &&
		    !is_repetition(p, &s))
			FAIL("a reset expected, got %s", peer_text(&s));
	} while (!is_ours(p, &s) || !(s.flags & F_RST));
}

void peer_expect_data(struct peer *p, unsigned int len)
{
	while (len) {
		struct seg s = peer_expect(p, F_ACK);

		if (s.len > len)
			FAIL("%u bytes more than expected", s.len - len);
		len -= s.len;
	}
}

void peer_silent(struct peer *p, int ms)
{
	long long end = tt_now_ms() + ms;
	struct seg s;

	while (peer_poll(&s, end - tt_now_ms()))
		if (is_ours(p, &s) && !is_repetition(p, &s))
			FAIL("nothing expected, got %s", peer_text(&s));
}

int peer_syn_sent(struct peer *p)
{
	struct tt_addr a = peer_addr(p->port);
	int fd = tt_socket(SOCK_NONBLOCK);

	FAILS(tt_connect(fd, &a), EINPROGRESS);
	OK(fcntl(fd, F_SETFL, 0));
	peer_expect(p, F_SYN);
	return fd;
}

int peer_answer(struct peer *p)
{
	int fd = peer_syn_sent(p);

	peer_send(p, F_SYN | F_ACK, 0);
	peer_expect(p, F_ACK);
	return fd;
}

int peer_listener(struct peer *p)
{
	struct tt_addr a = peer_kaddr(p->kport = fresh_port());
	int fd = tt_socket(0);

	tt_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	OK(bind(fd, &a.sa, a.len));
	OK(listen(fd, 8));
	return fd;
}

int peer_dial(struct peer *p)
{
	int l = peer_listener(p), fd;

	peer_send(p, F_SYN, 0);
	peer_expect(p, F_SYN | F_ACK);
	peer_send(p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	close(l);
	return fd;
}
