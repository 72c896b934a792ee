// SPDX-License-Identifier: GPL-2.0
/*
 * This file sends segments that should not be: damaged, misplaced in
 * sequence space, for nobody, too many. Each is answered as RFC 9293 and 5961
 * say, does no harm, and (TTP) moves exactly the counter of its cause.
 */
#include <poll.h>
#include <unistd.h>
#include <linux/filter.h>
#include <netinet/tcp.h>

#include "drops.h"
#include "reach.h"

/* Send a damaged segment on a connection; it vanishes, the rest goes on. */
static void damaged(struct seg (*make)(const struct peer *), const char *why)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	read_drops(&before);
	s = make(&p);
	peer_xmit(&s);
	only_moved(&before, why, 1);
	EQ(tt_poll(fd, POLLIN, 20), 0);
	still_works(&p, fd);
}

static struct seg make_short(const struct peer *p)
{
	struct seg s = peer_seg(p, F_ACK, 4);

	s.cut = 12;
	return s;
}

static struct seg make_doff_small(const struct peer *p)
{
	struct seg s = peer_seg(p, F_ACK, 4);

	s.doff = 4;
	return s;
}

static struct seg make_doff_beyond(const struct peer *p)
{
	struct seg s = peer_seg(p, F_ACK, 4);

	s.doff = 15;
	return s;
}

static struct seg make_bad_csum(const struct peer *p)
{
	struct seg s = peer_seg(p, F_ACK, 4);

	s.bad_csum = true;
	return s;
}

static void too_short(void)	  { damaged(make_short, "Short"); }
static void header_too_small(void) { damaged(make_doff_small, "DataOffset"); }
static void header_too_long(void) { damaged(make_doff_beyond, "DataOffset"); }
static void wrong_checksum(void)  { damaged(make_bad_csum, "Checksum"); }

/* Options that run out of the header must not be followed there. */
static void hostile_options(void)
{
	static const uint8_t bad[][4] = {
		{ 2, 0, 0, 0 }, { 2, 1, 0, 0 }, { 8, 40, 0, 0 },
		{ 1, 1, 1, 3 }, { 254, 255, 0, 0 }, { 5, 3, 0, 0 },
	};
	struct peer p = peer_new();
	struct seg s;
	size_t i;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		s = peer_seg(&p, F_ACK, 0);
		memcpy(s.opts, bad[i], 4);
		s.opts_len = 4;
		peer_xmit(&s);
	}
	still_works(&p, fd);
}

/* Options nobody knows are passed over (MUST-6). */
static void unknown_option(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	char buf[4];
	int fd;

	peer_open();
	fd = peer_dial(&p);
	read_drops(&before);
	s = peer_seg(&p, F_ACK, 4);
	memcpy(s.opts, "\xfd\x04\xf9\x89", 4);
	s.opts_len = 4;
	peer_xmit(&s);
	p.snd_nxt += 4;
	tt_read_all(fd, buf, 4);
	only_moved(&before, "Option", 0);
	still_works(&p, fd);
}

/* Claim 35, RFC 9293 3.10.7.1: strangers get RST, but a RST gets none. */
static void for_nobody(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;

	peer_open();
	p.kport = 9;
	read_drops(&before);
	p.rcv_nxt = 12345;
	p.synced = true;
	s = peer_seg(&p, F_ACK, 0);
	peer_xmit(&s);
	s = peer_expect(&p, F_RST);
	EQ(s.seq, 12345);
	s = peer_seg(&p, F_SYN, 0);
	peer_xmit(&s);
	s = peer_expect(&p, F_RST | F_ACK);
	EQ(s.seq, 0);
	EQ(s.ack, p.snd_nxt + 1);
	s = peer_seg(&p, F_FIN, 10);
	peer_xmit(&s);
	s = peer_expect(&p, F_RST | F_ACK);
	EQ(s.ack, p.snd_nxt + 11);
	only_moved(&before, "NoSocket", 3);
	s = peer_seg(&p, F_RST, 0);
	peer_xmit(&s);
	peer_silent(&p, 50);
	only_moved(&before, "NoSocket", 4);
}

static void not_for_a_listener(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	int l;

	peer_open();
	l = peer_listener(&p);
	read_drops(&before);
	p.rcv_nxt = 777;
	p.synced = true;
	s = peer_seg(&p, F_ACK, 5);
	peer_xmit(&s);
	s = peer_expect(&p, F_RST);
	EQ(s.seq, 777);
	s = peer_seg(&p, F_RST, 0);
	peer_xmit(&s);
	s = peer_seg(&p, F_FIN, 0);
	peer_xmit(&s);
	s = peer_seg(&p, 0, 3);
	peer_xmit(&s);
	peer_silent(&p, 50);
	only_moved(&before, "ListenFlags", 4);
	EQ(tt_state(l), TCP_LISTEN);
}

/* Only a host can be a peer: no broadcast, no multicast. */
static void to_a_group(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;

	peer_open();
	peer_listener(&p);
	read_drops(&before);
	s = peer_seg(&p, F_SYN, 0);
	s.to = tt.v6 ? "ff02::1" : "255.255.255.255";
	peer_xmit(&s);
	peer_silent(&p, 50);
	only_moved(&before, "Address", 1);
}

/* What the connection must say to a segment that it cannot take. */
static void misplaced(uint32_t seq_off, uint32_t ack_off, unsigned int flags,
		      unsigned int len, const char *why, bool answered)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	still_works(&p, fd);
	read_drops(&before);
	s = peer_seg(&p, flags, len);
	s.seq += seq_off;
	s.ack += ack_off;
	s.opts_len = 0;
	peer_xmit(&s);
	if (answered) {
		s = peer_expect(&p, F_ACK);
		EQ(s.ack, p.snd_nxt);
		EQ(s.len, 0);
	} else {
		peer_silent(&p, 50);
	}
	only_moved(&before, why, 1);
	EQ(tt_state(fd), TCP_ESTABLISHED);
	still_works(&p, fd);
}

static void old_data(void)
{
	misplaced(-8, 0, F_ACK, 8, "Old", true);
}

static void old_keepalive(void)
{
	misplaced(-1, 0, F_ACK, 0, "Old", true);
}

static void beyond_window(void)
{
	misplaced(1 << 28, 0, F_ACK, 8, "Window", true);
}

static void rst_inside_window(void)
{
	misplaced(100, 0, F_RST, 0, "RstSeq", true);
}

static void rst_outside_window(void)
{
	misplaced(1 << 28, 0, F_RST, 0, "RstSeq", false);
}

static void syn_when_established(void)
{
	misplaced(0, 0, F_SYN, 0, "Syn", true);
}

static void without_ack(void)
{
	misplaced(0, 0, 0, 8, "NoAck", false);
}

static void ack_of_the_past(void)
{
	misplaced(0, -(1 << 28), F_ACK, 8, "AckOld", true);
}

/* Kernel TCP answers this only in newer kernels. */
static void ack_of_the_future(void)
{
	misplaced(0, 1000, F_ACK, 8, "AckFuture", true);
}

static void strange_in_syn_sent(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	int fd;

	peer_open();
	fd = peer_syn_sent(&p);
	read_drops(&before);
	/* neither SYN nor RST nor ACK: nothing to do with it */
	s = peer_seg(&p, F_FIN, 0);
	peer_xmit(&s);
	peer_silent(&p, 20);
	only_moved(&before, "State", 1);
	/* a RST without an ACK of our SYN is anybody's */
	s = peer_seg(&p, F_RST, 0);
	peer_xmit(&s);
	s = peer_seg(&p, F_RST | F_ACK, 0);
	s.ack += 5;
	peer_xmit(&s);
	peer_silent(&p, 20);
	EQ(tt_state(fd), TCP_SYN_SENT);
	peer_send(&p, F_SYN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	still_works(&p, fd);
}

/* Out of order twice: kept once, dropped once, delivered once. */
static void duplicate_out_of_order(void)
{
	struct peer p = peer_new();
	struct drops before;
	char buf[16];
	struct seg s;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	read_drops(&before);
	s = peer_seg(&p, F_ACK, 8);
	s.seq += 8;
	peer_xmit(&s);
	peer_expect(&p, F_ACK);
	peer_xmit(&s);
	peer_expect(&p, F_ACK);
	only_moved(&before, "DuplicateData", 1);
	EQ(tt_poll(fd, POLLIN, 20), 0);
	peer_send(&p, F_ACK, 8);
	tt_read_all(fd, buf, 16);
	CHECK(tt_is_pattern(buf, 8, 0) && tt_is_pattern(buf + 8, 8, 0));
	p.snd_nxt += 8;
	still_works(&p, fd);
}

/* Overlapping pieces in any order give each byte once. */
static void overlaps(void)
{
	static const struct { int from, len; } pieces[] = {
		{ 30, 10 }, { 20, 15 }, { 5, 5 }, { 38, 12 }, { 2, 30 },
		{ 45, 15 }, { 0, 4 },
	};
	struct peer p = peer_new();
	char all[60], buf[60];
	struct seg s;
	size_t i;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	tt_pattern(all, 60, 0);
	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		s = peer_seg(&p, F_ACK, pieces[i].len);
		s.seq += pieces[i].from;
		memcpy(s.data, all + pieces[i].from, s.len);
		peer_xmit(&s);
	}
	tt_read_all(fd, buf, 60);
	CHECK(tt_is_pattern(buf, 60, 0));
	p.snd_nxt += 60;
	still_works(&p, fd);
}

/* A socket filter that refuses everything. */
static void refused_by_filter(void)
{
	struct sock_filter no = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { 1, &no };
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	OK(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	read_drops(&before);
	s = peer_seg(&p, F_ACK, 8);
	peer_xmit(&s);
	peer_silent(&p, 50);
	only_moved(&before, "Policy", 1);
	tt_set(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
	still_works(&p, fd);
}

/* Claim 16: the SYN queue is bounded. */
static void syn_queue_full(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	int i;

	peer_open();
	tt_sysctl_try("syncookies", 0);
	tt_sysctl_set("max_syn_backlog", 4);
	peer_listener(&p);
	read_drops(&before);
	for (i = 0; i < 20; i++) {
		s = peer_seg(&p, F_SYN, 0);
		s.sport += i;
		peer_xmit(&s);
	}
	UNTIL(tt_count_state(TCP_SYN_RECV, p.kport) >= 3);
	CHECK(tt_count_state(TCP_SYN_RECV, p.kport) <= 8);
	if (tt.ttp)
		only_moved(&before, "SynQueue", 20 -
			   tt_count_state(TCP_SYN_RECV, p.kport));
	tt_sysctl_set("max_syn_backlog", 128);
}

static const struct tt_test tests[] = {
	TEST(too_short),
	TEST(header_too_small),
	TEST(header_too_long),
	TEST(wrong_checksum),
	TEST(hostile_options),
	TEST(unknown_option),
	TEST(for_nobody),
	TEST(not_for_a_listener),
	TEST(to_a_group),
	TEST(old_data),
	TEST(old_keepalive),
	TEST(beyond_window),
	TEST(rst_inside_window),
	TEST(rst_outside_window),
	TEST(syn_when_established),
	TEST(without_ack),
	TEST(ack_of_the_past),
	TEST_FLAGS(ack_of_the_future, TT_TTP_ONLY),
	TEST(strange_in_syn_sent),
	TEST(duplicate_out_of_order),
	TEST(overlaps),
	TEST(refused_by_filter),
	TEST(syn_queue_full),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
