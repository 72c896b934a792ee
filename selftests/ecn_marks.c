// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests which segments may be marked by routers, and what a mark and
 * its echo do (RFC 3168 6.1.2 to 6.1.6).
 */
#include <unistd.h>

#include "busy.h"
#include "ecn.h"
#include "options.h"

/* What the user says of the other bits is left alone, and ours are ours. */
static void user_tos(void)
{
	struct peer p;
	int fd = ecn_open(&p);

	if (tt.v6)
		tt_set(fd, IPPROTO_IPV6, IPV6_TCLASS, 0x2b);
	else
		tt_set(fd, IPPROTO_IP, IP_TOS, 0x2b);
	EQ(ecn_data(&p, fd, 100, 0).tos, 0x28 | IP_ECT0);
	peer_send(&p, F_ACK, 10);
	EQ(peer_expect(&p, F_ACK).tos, 0x28);
}

/* 6.1.3: ECE in every segment from the mark to the peer's CWR. */
static void echo_until_cwr(void)
{
	struct peer p;
	int fd = ecn_open(&p);

	ecn_send(&p, 0, IP_ECT0, 10);
	peer_expect(&p, F_ACK);
	CHECK(info_of(fd).tcpi_options & TCPI_OPT_ECN_SEEN);
	ecn_send(&p, 0, IP_CE, 10);
	peer_expect(&p, F_ACK | F_ECE);
	ecn_send(&p, 0, IP_ECT0, 10);
	peer_expect(&p, F_ACK | F_ECE);
	EQ(ECN(ecn_data(&p, fd, 100, F_ECE)), IP_ECT0);
	ecn_send(&p, F_CWR, IP_ECT0, 10);
	peer_expect(&p, F_ACK);
	EQ(ECN(ecn_data(&p, fd, 100, 0)), IP_ECT0);
	/* a mark on the very segment that brings CWR is another one */
	ecn_send(&p, F_CWR, IP_CE, 10);
	peer_expect(&p, F_ACK | F_ECE);
	OK(shutdown(fd, SHUT_WR));
	peer_expect(&p, F_FIN | F_ACK | F_ECE);
}

/* Behind a hole too: the data is new. */
static void mark_out_of_order(void)
{
	struct peer p;
	int fd = ecn_open(&p);

	p.snd_nxt += 10;
	ecn_send(&p, 0, IP_CE, 10);
	peer_expect(&p, F_ACK | F_ECE);
	close(fd);
}

/* 6.1.5, 6.1.4: on what the receiver had, or never asked for, it is void. */
static void mark_that_does_not_count(void)
{
	struct peer p;
	int fd = ecn_open(&p);

	ecn_send(&p, 0, IP_ECT0, 10);
	peer_expect(&p, F_ACK);
	p.snd_nxt -= 10;
	ecn_send(&p, 0, IP_CE, 10);
	peer_expect(&p, F_ACK);
	p.snd_nxt += 10000000;
	ecn_send(&p, 0, IP_CE, 10);
	peer_expect(&p, F_ACK);
	p.snd_nxt -= 10000010;
	ecn_send(&p, 0, IP_CE, 0);
	ecn_send(&p, 0, IP_ECT0, 10);
	peer_expect(&p, F_ACK);
	close(fd);
}

/* A mark that has to wait, because a program has the socket, is not lost. */
static void mark_in_the_backlog(void)
{
	struct busy b;
	struct peer p;
	int fd = ecn_open(&p);

	busy_begin(&b, &p, fd);
	peer_expect(&p, F_ACK);
	ecn_send(&p, 0, IP_CE, 10);
	busy_end(&b);
	peer_expect(&p, F_ACK | F_ECE);
}

/* The sender's window may be a single segment: no ACK of a mark waits. */
static void mark_is_acked_at_once(void)
{
	struct peer p;
	int fd = ecn_open(&p), off = 0;
	long long delayed;

	/* out of the first segments' quick ACKs */
	OK(setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off)));
	delayed = tt_counter("TtpDelayedAcks");
	ecn_send(&p, 0, IP_ECT0, 10);
	peer_expect(&p, F_ACK);
	EQ(tt_counter("TtpDelayedAcks") - delayed, 1);
	ecn_send(&p, 0, IP_CE, 10);
	peer_expect(&p, F_ACK | F_ECE);
	EQ(tt_counter("TtpDelayedAcks") - delayed, 1);
	OK(setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off)));
	ecn_send(&p, F_CWR, IP_ECT0, 10);
	peer_expect(&p, F_ACK);
	EQ(tt_counter("TtpDelayedAcks") - delayed, 1);
	/* nor one of what has probably been sent before */
	OK(setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off)));
	ecn_send(&p, 0, 0, 10);
	peer_expect(&p, F_ACK);
	EQ(tt_counter("TtpDelayedAcks") - delayed, 1);
}

/* Acknowledge all but the last @left bytes of what has come. */
static void ack_with(struct peer *p, unsigned int flags, unsigned int left)
{
	struct seg s = peer_seg(p, F_ACK | flags, 0);

	s.ack = p->rcv_nxt - left;
	peer_xmit(&s);
}

/* No timeout before the test has looked, however slow the machine is. */
static int patient(struct peer *p)
{
	tt_sysctl_try("rto_min_us", 20000000);
	return ecn_open(p);
}

/* 6.1.2: one reduction for a window of data, and one CWR. */
static void reduces_once_a_window(void)
{
	static char buf[10 * 1460];
	long long before = tt.ttp ? tt_counter("TtpDeliveredCE") : 0;
	struct tcp_info info;
	struct peer p;
	struct seg s;
	int fd = patient(&p), mss = tt.v6 ? 1440 : 1460;
	unsigned int first;

	tt_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	tt_write_all(fd, buf, 10 * mss);
	peer_expect_data(&p, 10 * mss);
	EQ(info_of(fd).tcpi_ca_state, 0);
	ack_with(&p, F_ECE, 8 * mss);
	UNTIL(info_of(fd).tcpi_unacked == 8);
	info = info_of(fd);
	EQ(info.tcpi_ca_state, 2);
	first = info.tcpi_snd_ssthresh;
	CHECK(first < 10);
	EQ(info.tcpi_delivered_ce, 2);
	ack_with(&p, F_ECE, 4 * mss);
	UNTIL(info_of(fd).tcpi_unacked == 4);
	info = info_of(fd);
	EQ(info.tcpi_ca_state, 2);
	EQ(info.tcpi_snd_ssthresh, first);
	EQ(info.tcpi_delivered_ce, 6);
	/* a burst of two: only the first says it, both may be marked */
	s = ecn_data(&p, fd, 2 * mss, F_CWR);
	EQ(s.len, mss);
	EQ(ECN(s), IP_ECT0);
	s = peer_expect(&p, F_ACK);
	EQ(ECN(s), IP_ECT0);
	/* the peer has it: the next echo is of another mark */
	ack_with(&p, 0, 0);
	UNTIL(!info_of(fd).tcpi_unacked);
	info = info_of(fd);
	EQ(info.tcpi_ca_state, 0);
	EQ(info.tcpi_snd_cwnd, first);
	tt_write_all(fd, buf, 2 * mss);
	peer_expect_data(&p, 2 * mss);
	ack_with(&p, F_ECE, mss);
	UNTIL(info_of(fd).tcpi_ca_state == 2);
	CHECK(info_of(fd).tcpi_snd_ssthresh < first);
	EQ(info_of(fd).tcpi_total_retrans, 0);
	if (tt.ttp)
		EQ(tt_counter("TtpDeliveredCE") - before, 7);
}

/* A loss among what was in flight costs nothing more, but is repaired. */
static void loss_in_the_same_window(void)
{
	static char buf[10 * 1460];
	unsigned int first;
	struct peer p;
	struct seg s;
	int fd = patient(&p), mss = tt.v6 ? 1440 : 1460, i;

	tt_write_all(fd, buf, 10 * mss);
	peer_expect_data(&p, 10 * mss);
	ack_with(&p, F_ECE, 8 * mss);
	UNTIL(info_of(fd).tcpi_ca_state == 2);
	first = info_of(fd).tcpi_snd_ssthresh;
	for (i = 0; i < 3; i++)
		ack_with(&p, F_ECE, 8 * mss);
	UNTIL(info_of(fd).tcpi_ca_state == 3);
	EQ(info_of(fd).tcpi_snd_ssthresh, first);
	s = next_segment(&p);
	EQ(s.seq, p.rcv_nxt - 8 * mss);
	EQ(s.tos, 0);
	EQ(info_of(fd).tcpi_retransmits, 0);
}

/* What of an echo may still be of the old mark, and what is of a new one. */
static void echo_ends_the_window(void)
{
	struct tcp_info info;
	struct peer p;
	int fd = patient(&p), mss = tt.v6 ? 1440 : 1460;
	static char buf[3 * 1460];

	tt_write_all(fd, buf, 3 * mss);
	peer_expect_data(&p, 3 * mss);
	/* up to the last byte: that is where CWR has not reached the peer */
	ack_with(&p, F_ECE, 0);
	UNTIL(!info_of(fd).tcpi_unacked);
	info = info_of(fd);
	EQ(info.tcpi_ca_state, 2);
	ecn_data(&p, fd, 100, F_CWR);
	ack_with(&p, F_ECE, 0);
	UNTIL(!info_of(fd).tcpi_unacked);
	/* beyond it an echo is of a new mark */
	EQ(info_of(fd).tcpi_ca_state, 2);
	CHECK(info_of(fd).tcpi_snd_ssthresh <= info.tcpi_snd_ssthresh);
	ecn_data(&p, fd, 100, F_CWR);
}

/* 6.1.5: what is sent again is not ECT; what follows tells of the timeout. */
static void repetition_is_not_ect(void)
{
	struct peer p;
	int fd = ecn_open(&p);
	struct seg s;

	s = ecn_data(&p, fd, 100, 0);
	EQ(ECN(s), IP_ECT0);
	s = next_segment(&p);
	EQ(s.len, 100);
	EQ(s.tos, 0);
	EQ(s.flags & F_CWR, 0);
	UNTIL(info_of(fd).tcpi_ca_state == 4);
	ack_with(&p, 0, 0);
	s = ecn_data(&p, fd, 100, F_CWR);
	EQ(ECN(s), IP_ECT0);
	ack_with(&p, 0, 0);
	ecn_data(&p, fd, 100, 0);
}

static void ts_ack(const struct peer *p, uint32_t ack, uint32_t echo)
{
	struct seg s = peer_seg(p, F_ACK, 0);

	s.ack = ack;
	opt_add_ts(&s, 2000, echo);
	peer_xmit(&s);
}

/* A reduction that is taken back is not told: the echo says, no timeout. */
static void undone_reduction_is_not_told(void)
{
	uint32_t first, val, ecr;
	struct peer p = ecn_begin(2);
	struct seg s;
	int l, fd;

	l = peer_listener(&p);
	s = peer_seg(&p, F_SYN | F_BOTH, 0);
	/* TCP takes back at once only with SACK */
	opt_add(&s, OPT_SACK_OK, NULL, 0);
	opt_add_ts(&s, 1000, 0);
	peer_xmit(&s);
	p.snd_nxt++;
	s = peer_expect(&p, F_SYN | F_ACK | F_ECE);
	CHECK(opt_ts(&s, &val, &ecr));
	ts_ack(&p, p.rcv_nxt, val);
	fd = OK(accept(l, NULL, NULL));
	s = ecn_data(&p, fd, 100, 0);
	CHECK(opt_ts(&s, &first, &ecr));
	do {
		s = next_segment(&p);
		CHECK(opt_ts(&s, &val, &ecr));
	} while (val == first);
	UNTIL(info_of(fd).tcpi_ca_state == 4);
	ts_ack(&p, p.rcv_nxt, first);
	UNTIL(!info_of(fd).tcpi_ca_state);
	ecn_data(&p, fd, 100, 0);
}

/* 6.1.6: nor is a window probe. */
static void probe_is_not_ect(void)
{
	struct peer p;
	int fd = ecn_open(&p);
	struct seg s;

	peer_send(&p, F_ACK, 10);
	peer_expect(&p, F_ACK);
	p.win = 0;
	peer_send(&p, F_ACK, 10);
	peer_expect(&p, F_ACK);
	tt_write_all(fd, "x", 1);
	s = next_segment(&p);
	EQ(s.len, 0);
	EQ(s.tos, 0);
	close(fd);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(repetition_is_not_ect, TT_PARALLEL),
	TEST_FLAGS(undone_reduction_is_not_told, TT_PARALLEL),
	TEST_FLAGS(probe_is_not_ect, TT_PARALLEL),
	TEST(user_tos),
	TEST(echo_until_cwr),
	TEST(mark_out_of_order),
	TEST(mark_that_does_not_count),
	TEST(mark_in_the_backlog),
	TEST_FLAGS(mark_is_acked_at_once, TT_TTP_ONLY),
	TEST_FLAGS(reduces_once_a_window, TT_PARALLEL),
	TEST_FLAGS(loss_in_the_same_window, TT_PARALLEL),
	TEST_FLAGS(echo_ends_the_window, TT_PARALLEL),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
