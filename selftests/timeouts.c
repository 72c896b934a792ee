// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what time does to connections: repetition with growing
 * intervals, giving up, keepalive, zero-window probes, delayed ACKs, and the
 * end of FIN_WAIT2 and TIME_WAIT. Times are compared with wide bounds.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>

#include "reach.h"

static char buf[1 << 16];

/* Time from one arrival of a segment to its repetition, ms. */
static long long repetition(struct peer *p, unsigned int flags)
{
	static long long last;
	long long gap;
	struct seg s;

	do {
		if (!peer_poll(&s, TT_DEADLINE))
			FAIL("no repetition with flags %#x", flags);
	} while (s.dport != p->port || (s.flags & ~F_PSH) != flags);
	gap = tt_now_ms() - last;
	last += gap;
	return gap;
}

static void expect_gap(long long gap, long long ms)
{
	/* late is the machine's fault, early is the module's */
	if (gap < ms * 7 / 10 || gap > ms * 4 + 2000)
		FAIL("repeated after %lld ms, expected %lld", gap, ms);
}

static void dies_of(int fd, int error)
{
	CHECK(tt_poll(fd, 0, 3 * TT_DEADLINE) & POLLERR);
	EQ(tt_so_error(fd), error);
	EQ(tt_state(fd), TCP_CLOSE);
}

/* Claim 12: the same SYN, 1 s and 2 s later, and no more; then ETIMEDOUT. */
static void syn_repeated_then_given_up(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	tt_sysctl_set("syn_retries", 2);
	tt_sysctl_try("syn_linear_timeouts", 0);
	fd = peer_syn_sent(&p);
	p.synced = false;
	repetition(&p, F_SYN);
	expect_gap(repetition(&p, F_SYN), 2000);
	dies_of(fd, ETIMEDOUT);
}

/* A machine that stalls makes one gap longer, but not each of five. */
static void first_syn_interval(void)
{
	long long gap = 0, t0;
	struct peer p;
	int i;

	peer_open();
	for (i = 0; i < 5 && (!i || gap > 2000); i++) {
		p = peer_new();
		t0 = tt_now_ms();
		peer_syn_sent(&p);
		repetition(&p, F_SYN);
		gap = tt_now_ms() - t0;
	}
	expect_gap(gap, 1000);
}

static void blocking_connect_times_out(void)
{
	struct peer p = peer_new();
	struct tt_addr a;
	int fd;

	peer_open();
	tt_sysctl_set("syn_retries", 1);
	a = peer_addr(p.port);
	fd = tt_socket(0);
	FAILS(tt_connect(fd, &a), ETIMEDOUT);
}

/* The passive side repeats its SYN+ACK, and forgets the request in the end. */
static void synack_repeated_then_forgotten(void)
{
	struct peer p = peer_new();

	peer_open();
	tt_sysctl_set("synack_retries", 2);
	peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	repetition(&p, F_SYN | F_ACK);
	expect_gap(repetition(&p, F_SYN | F_ACK), 1000);
	expect_gap(repetition(&p, F_SYN | F_ACK), 2000);
	UNTIL(tt_count_state(TCP_SYN_RECV, p.kport) == 0);
}

static void syn_recv_gives_up(void)
{
	struct peer p = peer_new();

	peer_open();
	tt_sysctl_set("synack_retries", 1);
	tt_sysctl_set("syn_retries", 1);
	dies_of(reach(TCP_SYN_RECV, &p), ETIMEDOUT);
}

/* Nobody acknowledges: intervals double, from 200 ms or more. */
static void data_repeated_then_given_up(void)
{
	struct peer p = peer_new();
	long long gap, next;
	int fd;

	peer_open();
	tt_sysctl_set("retries2", 3);
	fd = peer_answer(&p);
	tt_write_all(fd, "lost", 4);
	repetition(&p, F_ACK);
	gap = repetition(&p, F_ACK);
	CHECK(gap >= 100);
	next = repetition(&p, F_ACK);
	/* the first repetition may be a probe for a lost tail: not doubled */
	if (next * 10 < gap * 8)
		FAIL("interval %lld ms after %lld ms", next, gap);
	dies_of(fd, ETIMEDOUT);
}

/* What is unacknowledged in CLOSE_WAIT, and what an orphan has to say. */
static void close_wait_gives_up(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	tt_sysctl_set("retries2", 2);
	fd = reach(TCP_CLOSE_WAIT, &p);
	tt_write_all(fd, "lost", 4);
	dies_of(fd, ETIMEDOUT);
}

static void orphan_gives_up(int state)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = reach(state, &p);
	tt_sysctl_set("orphan_retries", 2);
	close(fd);
	/* claim 22, first and third: the FIN is repeated, then it is over */
	repetition(&p, F_FIN | F_ACK);
	UNTIL(tt_count_state(state, p.kport) == 0);
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 0);
}

static void fin_wait1_gives_up(void) { orphan_gives_up(TCP_FIN_WAIT1); }
static void closing_gives_up(void)   { orphan_gives_up(TCP_CLOSING); }
static void last_ack_gives_up(void)  { orphan_gives_up(TCP_LAST_ACK); }

/* Claim 22, third: an orphaned closer does not wait for ever. */
static void fin_wait2_of_an_orphan_ends(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	tt_sysctl_set("fin_timeout", 1);
	fd = reach(TCP_FIN_WAIT2, &p);
	/* a program still holds it: for ever, if it likes */
	usleep(1500000);
	EQ(tt_state(fd), TCP_FIN_WAIT2);
	close(fd);
	UNTIL(tt_count_state(TCP_FIN_WAIT2, p.kport) == 0);
	peer_send(&p, F_FIN | F_ACK, 0);
	peer_expect(&p, F_RST);
}

/*
 * A peer that answers everything and never takes the rest: a program may wait
 * for it, an orphan may not.
 */
static void orphan_at_closed_window(bool in_flight)
{
	struct peer p = peer_new();
	long long end;
	struct seg s;
	int fd;

	peer_open();
	tt_sysctl_set("orphan_retries", 2);
	fd = peer_answer(&p);
	if (in_flight)
		tt_write_all(fd, "stuck", 5);
	p.win = 0;
	peer_send(&p, F_ACK, 0);
	if (!in_flight)
		tt_write_all(fd, "stuck", 5);
	close(fd);
	end = tt_now_ms() + 3 * TT_DEADLINE;
	while (tt_count_state(TCP_FIN_WAIT1, p.kport)) {
		CHECK(tt_now_ms() < end);
		if (peer_poll(&s, 100) && s.dport == p.port)
			peer_send(&p, F_ACK, 0);
	}
}

static void orphan_probes_end(void)	 { orphan_at_closed_window(false); }
static void orphan_repetitions_end(void) { orphan_at_closed_window(true); }

static void keepalive_on(int fd)
{
	tt_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	tt_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	tt_set(fd, IPPROTO_TCP, TCP_KEEPCNT, 2);
	tt_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

/* Claim 34: silence is noticed only if one asks. */
static void keepalive_finds_the_dead(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	keepalive_on(fd);
	do {
		CHECK(peer_poll(&s, TT_DEADLINE));
	} while (s.dport != p.port);
	/* one before the next: it must be answered */
	EQ(s.seq, p.rcv_nxt - 1);
	EQ(s.flags, F_ACK);
	CHECK(s.len <= 1);
	dies_of(fd, ETIMEDOUT);
}

static void keepalive_spares_the_living(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd, i;

	peer_open();
	fd = peer_answer(&p);
	keepalive_on(fd);
	for (i = 0; i < 4; i++) {
		do {
			CHECK(peer_poll(&s, TT_DEADLINE));
		} while (s.dport != p.port);
		EQ(s.seq, p.rcv_nxt - 1);
		peer_send(&p, F_ACK, 0);
	}
	EQ(tt_state(fd), TCP_ESTABLISHED);
	EQ(tt_so_error(fd), 0);
}

/* The sysctls are the defaults of the options. */
static void keepalive_sysctls(void)
{
	int fd;

	tt_sysctl_set("keepalive_time", 101);
	tt_sysctl_set("keepalive_intvl", 11);
	tt_sysctl_set("keepalive_probes", 3);
	fd = tt_socket(0);
	EQ(tt_get(fd, IPPROTO_TCP, TCP_KEEPIDLE), 101);
	EQ(tt_get(fd, IPPROTO_TCP, TCP_KEEPINTVL), 11);
	EQ(tt_get(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
}

/* Claim 30: a closed window stops the sender, who keeps asking. */
static void zero_window_is_probed(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd, i, n;

	peer_open();
	fd = peer_answer(&p);
	p.win = 0;
	peer_send(&p, F_ACK, 0);
	tt_write_all(fd, "waiting", 7);
	for (i = 0; i < 3; i++) {
		do {
			CHECK(peer_poll(&s, TT_DEADLINE));
		} while (s.dport != p.port);
		/* a probe: old, or one byte beyond; never the data */
		CHECK(s.seq == p.rcv_nxt - 1 || (s.seq == p.rcv_nxt &&
						 s.len <= 1));
		peer_send(&p, F_ACK, 0);
	}
	EQ(tt_state(fd), TCP_ESTABLISHED);
	OK(ioctl(fd, SIOCOUTQ, &n));
	EQ(n, 7);
	p.win = 1000;
	peer_send(&p, F_ACK, 0);
	peer_expect_data(&p, 7);
}

/* Probes that nobody answers end the connection. */
static void zero_window_gives_up(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	tt_sysctl_set("retries2", 2);
	fd = peer_answer(&p);
	p.win = 0;
	peer_send(&p, F_ACK, 0);
	tt_write_all(fd, "waiting", 7);
	dies_of(fd, ETIMEDOUT);
}

/* A connection whose receive buffer of @size is full: nobody reads. */
static int full_up(struct peer *p, int size, unsigned int *sent)
{
	struct seg s;
	int fd, l;

	peer_open();
	l = peer_listener(p);
	tt_set(l, SOL_SOCKET, SO_RCVBUF, size);
	peer_send(p, F_SYN, 0);
	s = peer_expect(p, F_SYN | F_ACK);
	peer_send(p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	for (*sent = 0; s.win && *sent < 200000;) {
		unsigned int n = s.win < 500 ? s.win : 500;

		peer_send(p, F_ACK | F_PSH, n);
		*sent += n;
		do
			s = peer_expect(p, F_ACK);
		while (s.ack != p->snd_nxt);
	}
	EQ(s.win, 0);
	return fd;
}

/* One byte more: it is not taken, but answered. */
static struct seg one_more(struct peer *p)
{
	struct seg s = peer_seg(p, F_ACK, 1);

	peer_xmit(&s);
	s = peer_expect(p, F_ACK);
	EQ(s.ack, p->snd_nxt);
	return s;
}

/* Our own window closes when nobody reads, and opens again with the reader. */
static void own_window_closes_and_opens(void)
{
	struct peer p = peer_new();
	unsigned int sent;
	struct seg s;
	int fd;

	fd = full_up(&p, 4096, &sent);
	one_more(&p);
	while (sent)
		sent -= OK(read(fd, buf, sizeof(buf)));
	do
		s = peer_expect(&p, F_ACK);
	while (!s.win);
	/* silly window avoidance: a worthwhile step */
	CHECK(s.win >= 500);
}

/* A few segments less do not open a large one again, a sixteenth of it does. */
static void full_window_opens_late(void)
{
	struct peer p = peer_new();
	unsigned int sent, bit = 2000;
	int fd;

	fd = full_up(&p, 65536, &sent);
	CHECK(sent > 16 * bit);
	EQ(read(fd, buf, bit), bit);
	EQ(one_more(&p).win, 0);
	EQ(read(fd, buf, sent / 4), sent / 4);
	CHECK(peer_expect(&p, F_ACK).win > bit);
}

/* Claim 31: a single segment is acknowledged late, two at once. */
static void delayed_ack(void)
{
	struct peer p = peer_new();
	long long t0;
	int i;

	peer_open();
	peer_dial(&p);
	/* a new connection acknowledges quickly at first */
	for (i = 0; i < 20; i++) {
		peer_send(&p, F_ACK, 1400);
		peer_expect(&p, F_ACK);
	}
	t0 = tt_now_ms();
	peer_send(&p, F_ACK | F_PSH, 20);
	peer_expect(&p, F_ACK);
	CHECK(tt_now_ms() - t0 <= 500 + 200);
}

/* Claim 28: three duplicate ACKs, and the segment goes out before its time. */
static void fast_retransmit(void)
{
	struct peer p = peer_new();
	uint32_t first;
	struct seg s;
	int fd, i;

	peer_open();
	fd = peer_answer(&p);
	first = p.rcv_nxt;
	tt_write_all(fd, buf, 5 * 1460);
	peer_expect_data(&p, 5 * 1460);
	p.rcv_nxt = first;
	p.synced = false;
	/* an interval to measure, so that the timer is far away */
	for (i = 0; i < 3; i++)
		peer_send(&p, F_ACK, 0);
	do {
		CHECK(peer_poll(&s, TT_DEADLINE));
	} while (s.dport != p.port);
	EQ(s.seq, first);
	CHECK(s.len > 0);
}

/* Claim 23, with a shorter 2MSL; restarted by a FIN that comes again (22). */
static void time_wait_ends(void)
{
	struct peer p = peer_new();
	long long t0;

	peer_open();
	tt_sysctl_set("tw_timeout", 12);
	reach(TCP_TIME_WAIT, &p);
	usleep(6000000);
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 1);
	t0 = tt_now_ms();
	p.snd_nxt--;
	peer_send(&p, F_FIN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port) == 0);
	CHECK(tt_now_ms() - t0 >= 9000);
	peer_send(&p, F_ACK, 0);
	peer_expect(&p, F_RST);
}

#define TIMED(fn)	TEST_FLAGS(fn, TT_PARALLEL | TT_SLOW)

static const struct tt_test tests[] = {
	TEST(fast_retransmit),
	TEST(delayed_ack),
	TEST(own_window_closes_and_opens),
	TEST(full_window_opens_late),
	TIMED(syn_repeated_then_given_up),
	TIMED(first_syn_interval),
	TIMED(blocking_connect_times_out),
	TIMED(synack_repeated_then_forgotten),
	TIMED(syn_recv_gives_up),
	TIMED(data_repeated_then_given_up),
	TIMED(close_wait_gives_up),
	TIMED(fin_wait1_gives_up),
	TIMED(closing_gives_up),
	TIMED(last_ack_gives_up),
	TEST_FLAGS(orphan_probes_end, TT_PARALLEL | TT_SLOW | TT_TTP_ONLY),
	TEST_FLAGS(orphan_repetitions_end, TT_PARALLEL | TT_SLOW | TT_TTP_ONLY),
	TIMED(fin_wait2_of_an_orphan_ends),
	TIMED(keepalive_finds_the_dead),
	TIMED(keepalive_spares_the_living),
	TIMED(keepalive_sysctls),
	TIMED(zero_window_is_probed),
	TIMED(zero_window_gives_up),
	TEST_FLAGS(time_wait_ends,
		   TT_PARALLEL | TT_SLOW | TT_TTP_ONLY | TT_TIMED),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
