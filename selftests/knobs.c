// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what sysctls set for a sender: its window after idling,
 * timeouts, and what proves a loss.
 */
#include <fcntl.h>
#include <unistd.h>

#include "options.h"
#include "segs.h"

#define OPEN_SEGS	10	/* the first window */

/* However slow the machine is, no timer shall interfere before so long. */
static void least_rto(int ms)
{
	tt_sysctl_try("rto_min_us", ms * 1000);
}

static int open_one(struct peer *p)
{
	int fd;

	peer_open();
	*p = peer_new();
	fd = peer_dial(p);
	tt_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	return fd;
}

/* One flight, acknowledged bit by bit with nothing more to send. */
static void double_window(struct peer *p, int fd)
{
	int left;

	send_segs(p, fd, OPEN_SEGS);
	for (left = OPEN_SEGS - 2; left >= 0; left -= 2)
		ack_but(p, fd, left);
	EQ(info_of(fd).tcpi_snd_cwnd, 2 * OPEN_SEGS);
}

static void full_window_counts_to_its_end(void)
{
	struct peer p;
	int fd;

	least_rto(20000);
	fd = open_one(&p);
	double_window(&p, fd);
}

/* RFC 7661: a window that was not used says nothing about a larger one. */
static void unused_window_does_not_grow(void)
{
	struct peer p;
	int fd, i;

	least_rto(20000);
	fd = open_one(&p);
	for (i = 0; i < 8; i++) {
		send_segs(&p, fd, 2);
		ack_but(&p, fd, 0);
	}
	EQ(info_of(fd).tcpi_snd_cwnd, OPEN_SEGS);
	double_window(&p, fd);
}

static void idle(int fd)
{
	struct tcp_info info = info_of(fd);

	UNTIL(info_of(fd).tcpi_last_data_sent > 2 * info.tcpi_rto / 1000);
}

/* RFC 5681 4.1, 2861: what was learnt before a pause may be wrong now. */
static void idle_window_starts_again(void)
{
	struct peer p;
	int fd;

	least_rto(1000);
	fd = open_one(&p);
	double_window(&p, fd);
	idle(fd);
	write_segs(fd, 2 * OPEN_SEGS);
	EQ(info_of(fd).tcpi_unacked, OPEN_SEGS);
	EQ(info_of(fd).tcpi_snd_cwnd, OPEN_SEGS);
	/* and slow start leads back to where it was */
	CHECK(info_of(fd).tcpi_snd_ssthresh >= 15);
}

/* RFC 2861 3.1: half of it for each RTO that has passed. */
static void idle_window_is_halved(void)
{
	struct tcp_info info;
	long long before, after;
	unsigned int rto;
	struct peer p;
	int fd, i;

	least_rto(2000);
	fd = open_one(&p);
	for (i = OPEN_SEGS; i < 8 * OPEN_SEGS; i *= 2) {
		send_segs(&p, fd, i);
		ack_but(&p, fd, 0);
		EQ(info_of(fd).tcpi_snd_cwnd, 2 * i);
	}
	rto = info_of(fd).tcpi_rto / 1000;
	UNTIL(info_of(fd).tcpi_last_data_sent > rto + rto / 8);
	info = info_of(fd);
	before = tt_now_ms();
	write_segs(fd, 1);
	after = info.tcpi_last_data_sent + tt_now_ms() - before;
	info = info_of(fd);
	CHECK(info.tcpi_snd_cwnd <= 4 * OPEN_SEGS);
	/* on a machine that stood still meanwhile, more */
	if (after < 2 * (long long)rto)
		EQ(info.tcpi_snd_cwnd, 4 * OPEN_SEGS);
}

static void idle_window_stays(void)
{
	struct peer p;
	int fd;

	least_rto(1000);
	tt_sysctl_set("slow_start_after_idle", 0);
	fd = open_one(&p);
	double_window(&p, fd);
	idle(fd);
	write_segs(fd, 2 * OPEN_SEGS);
	EQ(info_of(fd).tcpi_unacked, 2 * OPEN_SEGS);
}

/* A lost tail: does a probe ask for it, or the timer alone? */
static void tail(bool probe)
{
	struct peer p;
	struct seg s;
	int l, fd;
	long long probes, timeouts;

	peer_open();
	tt_sysctl_set("early_retrans", probe ? 3 : 0);
	/* far away when probes are there, so that they are first */
	tt_sysctl_set("rto_min_us", probe ? 10000000 : 200000);
	p = peer_new();
	l = peer_listener(&p);
	s = peer_seg(&p, F_SYN, 0);
	opt_add(&s, OPT_SACK_OK, NULL, 0);
	peer_xmit(&s);
	p.snd_nxt++;
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	probes = tt_counter("TtpLossProbes");
	timeouts = tt_counter("TtpTimeouts");
	send_segs(&p, fd, 2);
	s = next_segment(&p);
	EQ(s.seq + (probe ? 1 : 2) * s.len, p.rcv_nxt);
	EQ(tt_counter("TtpLossProbes") - probes, probe);
	EQ(tt_counter("TtpTimeouts") - timeouts, !probe);
}

static void tail_is_probed(void)
{
	tail(true);
}

static void tail_is_not_probed(void)
{
	tail(false);
}

/*
 * After a timeout the first is acknowledged: was the timeout needed? New data
 * tells (RFC 5682), or nobody asks and the next one is sent again.
 */
static void after_timeout(int frto)
{
	struct peer p;
	struct seg s;
	uint32_t una;
	int fd, mss;

	tt_sysctl_set("frto", frto);
	fd = open_one(&p);
	mss = info_of(fd).tcpi_snd_mss;
	una = p.rcv_nxt;
	write_segs(fd, OPEN_SEGS + 4);
	peer_expect_data(&p, OPEN_SEGS * mss);
	s = next_segment(&p);
	EQ(s.seq, una);
	EQ(info_of(fd).tcpi_ca_state, 4);
	s = peer_seg(&p, F_ACK, 0);
	s.ack = una + mss;
	peer_xmit(&s);
	/* what the timer repeats once more while we are slow is old news */
	do {
		s = next_segment(&p);
	} while (s.seq == una);
	EQ(s.seq - una, (frto ? OPEN_SEGS : 1) * mss);
}

static void timeout_is_doubted(void)
{
	after_timeout(2);
}

static void timeout_is_believed(void)
{
	after_timeout(0);
}

/* Without SACK so many duplicates prove a loss (RFC 5681 3.2). */
static void duplicates(int want)
{
	struct peer p;
	struct seg s;
	int fd, i;

	least_rto(20000);
	tt_sysctl_set("reordering", want);
	fd = open_one(&p);
	EQ(info_of(fd).tcpi_reordering, want);
	send_segs(&p, fd, OPEN_SEGS);
	s = peer_seg(&p, F_ACK, 0);
	s.ack = p.rcv_nxt - OPEN_SEGS * info_of(fd).tcpi_snd_mss;
	for (i = 0; i < want - 1; i++)
		peer_xmit(&s);
	UNTIL(info_of(fd).tcpi_sacked == want - 1u);
	EQ(info_of(fd).tcpi_ca_state, 1);
	peer_xmit(&s);
	UNTIL(info_of(fd).tcpi_ca_state == 3);
	EQ(next_segment(&p).seq, s.ack);
}

static void three_duplicates(void)
{
	duplicates(3);
}

static void five_duplicates(void)
{
	duplicates(5);
}

/* The way to the peer and back takes so long. */
static void wait_ms(int ms)
{
	long long start = tt_now_ms();

	UNTIL(tt_now_ms() - start > ms);
}

/*
 * recovery, bit 2: with SACK three duplicates are no proof, only time is, a
 * quarter of the round trip. The peer makes that a long one.
 */
static void time_is_the_only_proof(void)
{
	long long sent_at, took;
	uint32_t edges[2];
	struct peer p;
	struct seg s;
	int l, fd, mss, rtt = 2000;

	peer_open();
	tt_sysctl_set("recovery", 5);
	tt_sysctl_set("early_retrans", 0);
	least_rto(60000);
	p = peer_new();
	l = peer_listener(&p);
	s = peer_seg(&p, F_SYN, 0);
	opt_add(&s, OPT_SACK_OK, NULL, 0);
	peer_xmit(&s);
	p.snd_nxt++;
	/* repeated: it tells no round trip */
	peer_expect(&p, F_SYN | F_ACK);
	p.synced = false;
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	tt_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	mss = info_of(fd).tcpi_snd_mss;

	send_segs(&p, fd, 1);
	wait_ms(rtt);
	ack_but(&p, fd, 0);
	CHECK(info_of(fd).tcpi_min_rtt >= rtt * 1000u);

	send_segs(&p, fd, 5);
	s = peer_seg(&p, F_ACK, 0);
	s.ack = p.rcv_nxt - 5 * mss;
	edges[0] = s.ack + mss;
	edges[1] = s.ack + 5 * mss;
	opt_add_sack(&s, 1, edges);
	wait_ms(rtt);
	sent_at = tt_now_ms();
	peer_xmit(&s);
	EQ(next_segment(&p).seq, s.ack);
	took = tt_now_ms() - sent_at;
	CHECK(took >= rtt / 4 / 2);
	EQ(info_of(fd).tcpi_retransmits, 0);
}

/* A round trip made longer than any so far. */
static void slow_round_trip(struct peer *p, int fd, unsigned int than)
{
	send_segs(p, fd, 1);
	wait_ms(2 * than / 1000 + 50);
	ack_but(p, fd, 0);
}

static void shortest_round_trip(int wlen)
{
	struct peer p;
	unsigned int first;
	int fd, i;

	tt_sysctl_set("min_rtt_wlen", wlen);
	least_rto(20000);
	fd = open_one(&p);
	send_segs(&p, fd, 1);
	ack_but(&p, fd, 0);
	first = info_of(fd).tcpi_min_rtt;
	for (i = 0; i < 3; i++)
		slow_round_trip(&p, fd, first);
	if (wlen)
		CHECK(info_of(fd).tcpi_min_rtt <= first);
	else
		CHECK(info_of(fd).tcpi_min_rtt > first);
}

static void round_trip_is_remembered(void)
{
	shortest_round_trip(300);
}

static void round_trip_is_forgotten(void)
{
	shortest_round_trip(0);
}

static void least_timeout(void)
{
	struct peer p;
	int fd;

	tt_sysctl_set("rto_min_us", 3000000);
	fd = open_one(&p);
	send_segs(&p, fd, 1);
	ack_but(&p, fd, 0);
	CHECK(info_of(fd).tcpi_rto >= 3000000);
	tt_sysctl_set("rto_min_us", 1000);
	p = peer_new();
	fd = peer_dial(&p);
	/* the variation is that of this machine; it calms down */
	do {
		send_segs(&p, fd, 1);
		ack_but(&p, fd, 0);
	} while (info_of(fd).tcpi_rto >= 200000);
}

/* A few segments in flight: the timeout doubles each time, or not. */
static void backoff(bool thin, bool doubles)
{
	struct peer p;
	int fd = open_one(&p);

	if (thin)
		tt_set(fd, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1);
	EQ(tt_get(fd, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS), thin);
	send_segs(&p, fd, 1);
	UNTIL(info_of(fd).tcpi_retransmits >= 3);
	if (doubles)
		CHECK(info_of(fd).tcpi_backoff >= 3);
	else
		EQ(info_of(fd).tcpi_backoff, 0);
}

static void timeouts_double(void)
{
	backoff(false, true);
}

static void timeouts_stay_by_sysctl(void)
{
	tt_sysctl_set("thin_linear_timeouts", 1);
	backoff(false, false);
}

static void timeouts_stay_by_option(void)
{
	backoff(true, false);
}

/* What makes no sense is refused, and the old value stays. */
static void refuses(const char *name, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ttp/%s", name);
	fd = OK(open(path, O_WRONLY));
	FAILS(write(fd, text, strlen(text)), EINVAL);
	close(fd);
}

static void out_of_range(void)
{
	static const struct {
		const char *name, *below, *above;
		long normal;
	} knobs[] = {
		{ "ecn", "-1", "3", 2 },
		{ "ecn_fallback", "-1", "2", 1 },
		{ "slow_start_after_idle", "-1", "2", 1 },
		{ "early_retrans", "-1", "5", 3 },
		{ "frto", "-1", "3", 2 },
		{ "recovery", "0", "8", 1 },
		{ "reordering", "0", "301", 3 },
		{ "min_rtt_wlen", "-1", "86401", 300 },
		{ "rto_min_us", "0", "120000001", 200000 },
		{ "thin_linear_timeouts", "-1", "2", 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		EQ(tt_sysctl(knobs[i].name), knobs[i].normal);
		refuses(knobs[i].name, knobs[i].below);
		refuses(knobs[i].name, knobs[i].above);
		EQ(tt_sysctl(knobs[i].name), knobs[i].normal);
	}
}

static const struct tt_test tests[] = {
	TEST_FLAGS(full_window_counts_to_its_end, TT_PARALLEL),
	TEST_FLAGS(unused_window_does_not_grow, TT_PARALLEL),
	TEST_FLAGS(idle_window_starts_again, TT_PARALLEL),
	TEST_FLAGS(idle_window_stays, TT_PARALLEL),
	TEST_FLAGS(idle_window_is_halved, TT_PARALLEL),
	TEST_FLAGS(tail_is_probed, TT_PARALLEL | TT_TTP_ONLY),
	TEST_FLAGS(tail_is_not_probed, TT_PARALLEL | TT_TTP_ONLY),
	TEST_FLAGS(timeout_is_doubted, TT_PARALLEL),
	TEST_FLAGS(timeout_is_believed, TT_PARALLEL),
	TEST_FLAGS(three_duplicates, TT_PARALLEL),
	TEST_FLAGS(five_duplicates, TT_PARALLEL),
	TEST_FLAGS(time_is_the_only_proof, TT_PARALLEL | TT_TTP_ONLY),
	TEST_FLAGS(round_trip_is_remembered, TT_PARALLEL),
	TEST_FLAGS(round_trip_is_forgotten, TT_PARALLEL),
	TEST_FLAGS(least_timeout, TT_PARALLEL | TT_TTP_ONLY),
	TEST_FLAGS(timeouts_double, TT_PARALLEL),
	TEST_FLAGS(timeouts_stay_by_sysctl, TT_PARALLEL),
	TEST_FLAGS(timeouts_stay_by_option, TT_PARALLEL),
	TEST_FLAGS(out_of_range, TT_PARALLEL | TT_ONCE | TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
