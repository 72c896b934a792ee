// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what becomes of segments that come while a reader has the
 * socket: data in order is joined, and nothing that they say gets lost.
 */
#include <poll.h>
#include <unistd.h>
#include <linux/tcp.h>

#include "busy.h"
#include "options.h"

static char buf[4096];

static long long joined(void)
{
	return tt.ttp ? tt_counter("TtpBacklogCoalesce") : 0;
}

/*
 * Some have been joined since @before, if that can be told. How many depends on
 * where the kernel's TUN device has put them.
 */
static void expect_some_joined(long long before)
{
	if (tt.ttp)
		CHECK(joined() > before);
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len));
	return info;
}

/* A connection with ten bytes on their way to the peer, and a busy reader. */
static int begin(struct peer *p, struct busy *b)
{
	int fd;

	peer_open();
	*p = peer_new();
	fd = peer_dial(p);
	tt_write_all(fd, "0123456789", 10);
	peer_expect_data(p, 10);
	p->rcv_nxt -= 10;	/* not acknowledged yet */
	busy_begin(b, p, fd);
	p->rcv_nxt += 10;
	return fd;
}

/* All @len bytes, from the peer's pattern, each segment of which begins anew. */
static void expect_segments(int fd, unsigned int segs, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < segs; i++) {
		tt_read_all(fd, buf, len);
		CHECK(tt_is_pattern(buf, len, 0));
	}
}

static void data_is_joined(void)
{
	long long before = joined();
	struct tcp_info info;
	struct busy b;
	struct peer p;
	int fd, i;

	fd = begin(&p, &b);
	for (i = 0; i < 5; i++)
		peer_send(&p, F_ACK | (i & 1 ? F_PSH : 0), 100);
	expect_some_joined(before);
	busy_end(&b);
	expect_segments(fd, 5, 100);
	info = info_of(fd);
	/* what busy_begin() sent, and the end of the handshake */
	EQ(info.tcpi_data_segs_in, 1 + 5);
	CHECK(info.tcpi_segs_in >= info.tcpi_data_segs_in);
	while (peer_expect(&p, F_ACK).ack != p.snd_nxt)
		;
}

/* The last one's ACK and window count, and its FIN. */
static void the_last_one_counts(void)
{
	long long before = joined();
	struct busy b;
	struct peer p;
	int fd;

	fd = begin(&p, &b);
	p.rcv_nxt -= 5;
	peer_send(&p, F_ACK, 100);
	p.rcv_nxt += 5;
	p.win = 5000;
	peer_send(&p, F_ACK, 100);
	peer_send(&p, F_ACK | F_PSH | F_FIN, 100);
	expect_some_joined(before);
	busy_end(&b);
	expect_segments(fd, 3, 100);
	EQ(read(fd, buf, 1), 0);
	EQ(info_of(fd).tcpi_unacked, 0);
	if (tt.ttp)
		EQ(info_of(fd).tcpi_snd_wnd, 5000);
}

/* A hole, an old ACK, another timestamp, urgent data, ECN: each for itself. */
static void what_differs_is_not_joined(void)
{
	static const uint8_t ts[8] = { 0, 0, 0, 1 };
	long long before = joined();
	struct seg s, last;
	struct busy b;
	struct peer p;
	int fd, i;

	fd = begin(&p, &b);
	peer_send(&p, F_ACK, 100);
	s = peer_seg(&p, F_ACK, 100);
	s.seq += 100;		/* the one between is missing */
	last = s;
	peer_xmit(&s);
	s.seq += 100;		/* without SACK, ACKs of what is early are counted */
	peer_xmit(&s);
	s = peer_seg(&p, F_ACK, 100);	/* and here it is, late */
	s.ack -= 5;
	peer_xmit(&s);
	p.snd_nxt += 300;
	for (i = 0; i < 4; i++) {
		s = peer_seg(&p, F_ACK | (i == 0 ? F_URG : i == 1 ? F_CWR : 0),
			     100);
		if (i == 0)
			s.urg = 1;
		if (i == 2)
			s.tos = IP_ECT0;
		if (i == 3)
			opt_add(&s, OPT_TS, ts, sizeof(ts));
		peer_xmit(&s);
		p.snd_nxt += 100;
	}
	peer_xmit(&last);
	peer_send(&p, F_ACK, 0);
	peer_send(&p, F_ACK, 0);
	EQ(joined(), before);
	busy_end(&b);
	tt_read_all(fd, buf, 399);
	CHECK(tt_is_pattern(buf, 100, 0));
}

static const struct tt_test tests[] = {
	TEST(data_is_joined),
	TEST(the_last_one_counts),
	TEST_FLAGS(what_differs_is_not_joined, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
