// SPDX-License-Identifier: GPL-2.0
/*
 * This file looks at the urgent pointers of a sender: in first transmissions,
 * repetitions and probes, beside much other data.
 */
#include <fcntl.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "peer.h"

static char buf[200000];

/* The next segment of the kernel with data, whatever its flags. */
static struct seg next_data(struct peer *p)
{
	struct seg s;

	do {
		CHECK(peer_poll(&s, TT_DEADLINE));
	} while (s.dport != p->port || !s.len);
	CHECK(s.flags & F_ACK);
	return s;
}

/* It must point past the byte before @up. */
static void points_to(const struct seg *s, uint32_t up)
{
	CHECK(s->flags & F_URG);
	EQ(s->seq + s->urg, up);
}

static void in_its_segment(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	EQ(send(fd, "abU", 3, MSG_OOB), 3);
	s = next_data(&p);
	EQ(s.len, 3);
	points_to(&s, p.rcv_nxt + 3);
	/* again, as long as it is not acknowledged */
	s = next_data(&p);
	EQ(s.seq, p.rcv_nxt);
	points_to(&s, p.rcv_nxt + 3);
	p.rcv_nxt += 3;
	peer_send(&p, F_ACK, 0);
	tt_write_all(fd, "later", 5);
	s = peer_expect(&p, F_ACK);
	EQ(s.len, 5);
	EQ(s.urg, 0);
}

/* What is behind the urgent byte has no pointer; what is before it has. */
static void around_it(void)
{
	struct peer p = peer_new();
	uint32_t up;
	struct seg s;
	int fd, i;

	peer_open();
	fd = peer_answer(&p);
	tt_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	up = p.rcv_nxt + 6;
	tt_write_all(fd, "abc", 3);
	s = next_data(&p);
	CHECK(!(s.flags & F_URG));
	EQ(send(fd, "deU", 3, MSG_OOB), 3);
	s = next_data(&p);
	points_to(&s, up);
	tt_write_all(fd, "xyz", 3);
	/* the first one again has one now, and the third never */
	for (i = 0; i < 4; i++) {
		s = next_data(&p);
		if ((int32_t)(s.seq - up) < 0)
			points_to(&s, up);
		else
			CHECK(!(s.flags & F_URG));
	}
	p.rcv_nxt = up + 3;
	peer_send(&p, F_ACK, 0);
}

/* Nagle and the cork let urgent data pass. */
static void not_held_back(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	tt_set(fd, IPPROTO_TCP, TCP_CORK, 1);
	tt_write_all(fd, "abc", 3);
	peer_silent(&p, 20);
	EQ(send(fd, "U", 1, MSG_OOB), 1);
	s = next_data(&p);
	EQ(s.len, 4);
	points_to(&s, p.rcv_nxt + 4);
}

/*
 * Behind much data that waits: each segment has a pointer of its own, to the
 * same byte, or says that it is further on than it can say.
 */
static void behind_much_data(void)
{
	const unsigned int much = 100000;
	struct peer p = peer_new();
	uint32_t up, first;
	unsigned int got = 0;
	struct seg s;
	int fd;

	peer_open();
	p.win = 1000;
	fd = peer_answer(&p);
	tt_set(fd, SOL_SOCKET, SO_SNDBUF, 1 << 20);
	first = p.rcv_nxt;
	up = first + much + 1;
	tt_write_all(fd, buf, much);
	EQ(send(fd, "U", 1, MSG_OOB), 1);
	tt_write_all(fd, buf, 5000);
	/* what the small window let out before there was anything urgent */
	while (got < 1000) {
		s = next_data(&p);
		got = s.seq + s.len - first;
	}
	p.win = 65535;
	while (got < much + 5001) {
		uint32_t at = first + got;

		p.rcv_nxt = at;
		peer_send(&p, F_ACK, 0);
		do {
			s = next_data(&p);
		} while ((int32_t)(s.seq - at) < 0);
		EQ(s.seq, at);
		if ((int32_t)(s.seq - up) >= 0) {
			CHECK(!(s.flags & F_URG));
		} else if (up - s.seq > 65535) {
			CHECK(s.flags & F_URG);
			EQ(s.urg, 65535);
		} else {
			points_to(&s, up);
		}
		got += s.len;
	}
}

/*
 * A burst from before there was anything urgent: its segments have one header
 * as long as they are one skb, but when they go again each has its own pointer.
 */
static void burst_again(void)
{
	const unsigned int much = 12000;
	struct peer p = peer_new();
	uint32_t first, up, top;
	struct seg s;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	first = p.rcv_nxt;
	up = first + much + 1;
	tt_write_all(fd, buf, much);
	do {
		s = next_data(&p);
	} while (s.seq + s.len != first + much);
	EQ(send(fd, "U", 1, MSG_OOB), 1);
	do {
		s = next_data(&p);
	} while (s.seq + s.len != up);
	points_to(&s, up);
	/* each ACK lets out more of what the timeout took for lost */
	top = first;
	while (top != up) {
		s = next_data(&p);
		points_to(&s, up);
		if (s.seq != top)
			continue;
		top = s.seq + s.len;
		p.rcv_nxt = top;
		peer_send(&p, F_ACK, 0);
	}
}

/* A closed window closes nothing for the pointer (RFC 9293 3.8.6.1). */
static void closed_window(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	p.win = 0;
	peer_send(&p, F_ACK, 1);
	peer_expect(&p, F_ACK);
	EQ(send(fd, "abU", 3, MSG_OOB), 3);
	do {
		CHECK(peer_poll(&s, TT_DEADLINE));
	} while (s.dport != p.port || s.seq != p.rcv_nxt ||
		 !(s.flags & F_URG));
	EQ(s.len, 0);
	points_to(&s, p.rcv_nxt + 3);
	p.win = 1000;
	peer_send(&p, F_ACK, 0);
	s = next_data(&p);
	EQ(s.len, 3);
	points_to(&s, p.rcv_nxt + 3);
}

static const struct tt_test tests[] = {
	TEST(in_its_segment),
	TEST(around_it),
	TEST(not_held_back),
	TEST(behind_much_data),
	TEST_FLAGS(burst_again, TT_TTP_ONLY),
	TEST(closed_window),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
