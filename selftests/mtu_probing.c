// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the search for the path MTU by probes (RFC 4821), on a path
 * that swallows what is too long and says nothing.
 */
#include <stdlib.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "forge.h"
#include "options.h"
#include "peer.h"

#define TOTAL	800000
#define MANY	6		/* more repetitions are those of a timeout */
#define FULL	(tt.v6 ? 1440 : 1460)	/* both ends' Ethernet */

/* What the peer has seen. */
static struct {
	bool here[TOTAL + 1];	/* each byte */
	unsigned int longest;	/* segment that passed */
	unsigned int swallowed;
	unsigned int first;	/* length of the first one */
	unsigned int passed;	/* ... of the first one that passed */
	bool sack;
} seen;

static struct tcp_info info_of(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len));
	return info;
}

/*
 * The ACK of all that is here in order, with the block that has just come; what
 * came twice is said to have, lest it be taken for the repair of a loss.
 */
static void acknowledge(struct peer *p, uint32_t first, unsigned int at,
			unsigned int twice)
{
	unsigned int start = at, end = at;
	struct seg s;

	while (seen.here[p->rcv_nxt - first] && p->rcv_nxt - first < TOTAL)
		p->rcv_nxt++;
	s = peer_seg(p, F_ACK, 0);
	if (twice) {
		uint32_t edges[2] = { first + at, first + at + twice };

		opt_add_sack(&s, 1, edges);
	} else if ((int32_t)(first + at - p->rcv_nxt) > 0) {
		uint32_t edges[2];

		while (start && seen.here[start - 1])
			start--;
		while (end < TOTAL && seen.here[end])
			end++;
		edges[0] = first + start;
		edges[1] = first + end;
		opt_add_sack(&s, 1, edges);
	}
	peer_xmit(&s);
}

/*
 * Take what the kernel sends, but for segments with more than @most bytes of
 * payload, until all of it is here; false when only those came, @tries times.
 */
static bool take(struct peer *p, unsigned int most, unsigned int tries)
{
	uint32_t first = p->rcv_nxt;
	unsigned int at, i, lost = 0;
	bool twice;
	struct seg s;

	while (p->rcv_nxt - first < TOTAL) {
		CHECK(peer_poll(&s, TT_DEADLINE));
		if (s.dport != p->port || !s.len)
			continue;
		at = s.seq - first;
		CHECK(at < TOTAL && at + s.len <= TOTAL);
		if (!seen.first)
			seen.first = s.len;
		if (s.len > most) {
			seen.swallowed++;
			if (++lost >= tries)
				return false;
			continue;
		}
		lost = 0;
		if (!seen.passed)
			seen.passed = s.len;
		CHECK(tt_is_pattern(s.data, s.len, at));
		twice = seen.here[at];
		for (i = 0; i < s.len; i++)
			seen.here[at + i] = true;
		if (s.len > seen.longest)
			seen.longest = s.len;
		acknowledge(p, first, at, twice && seen.sack ? s.len : 0);
	}
	return true;
}

/* A connection with or without SACK, and a child that writes to it. */
static int open_and_write(struct peer *p, bool sack)
{
	static char buf[TOTAL];
	struct seg s;
	int fd;

	*p = peer_new();
	peer_open();
	tt_sysctl_set("timestamps", 0);
	fd = peer_syn_sent(p);
	s = peer_seg(p, F_SYN | F_ACK, 0);
	seen.sack = sack;
	if (sack)
		opt_add(&s, OPT_SACK_OK, NULL, 0);
	peer_xmit(&s);
	p->snd_nxt++;
	peer_expect(p, F_ACK);
	tt_sysctl_set("timestamps", 1);
	/* A writer that is late leaves the window unused, and no probe leaves. */
	tt_set(fd, SOL_SOCKET, SO_SNDBUFFORCE, 2 * TOTAL);
	tt_pattern(buf, TOTAL, 0);
	if (!OK(fork())) {
		tt_write_all(fd, buf, TOTAL);
		_exit(0);
	}
	return fd;
}

static void restore(void)
{
	tt_sysctl_set("mtu_probing", 0);
	tt_sysctl_set("retries1", 3);
	tt_sysctl_set("base_mss", 1024);
	tt_sysctl_set("mtu_probe_floor", 48);
	tt_sysctl_set("min_snd_mss", 48);
	tt_sysctl_set("probe_threshold", 8);
	tt_sysctl_set("probe_interval", 600);
}

/* Without the search a black hole is the end. */
static void black_hole(void)
{
	struct peer p;
	int fd;

	fd = open_and_write(&p, true);
	tt_sysctl_set("retries1", 2);
	CHECK(!take(&p, 1200, 14));
	EQ(seen.longest, 0);
	EQ(info_of(fd).tcpi_snd_mss, FULL);
	restore();
}

/* With it everything arrives, in the longest segments that pass. */
static void out_of_the_hole(bool sack)
{
	long long good = count("MTUPSuccess"), bad = count("MTUPFail");
	struct peer p;
	int fd;

	tt_sysctl_set("mtu_probing", 1);
	tt_sysctl_set("retries1", 2);
	fd = open_and_write(&p, sack);
	CHECK(take(&p, 1200, 1000));
	EQ(seen.first, FULL);
	if (seen.longest > 1200 || seen.longest <= 1200 - 8)
		FAIL("the longest segment had %u bytes, %lld probes passed, %lld did not; window %u of %u, state %u",
		     seen.longest, count("MTUPSuccess") - good,
		     count("MTUPFail") - bad, info_of(fd).tcpi_snd_cwnd,
		     info_of(fd).tcpi_snd_ssthresh, info_of(fd).tcpi_ca_state);
	EQ(info_of(fd).tcpi_snd_mss, seen.longest);
	/* what IP says of the path is something else */
	EQ(info_of(fd).tcpi_pmtu, 1500);
	CHECK(count("MTUPSuccess") > good);
	CHECK(count("MTUPFail") > bad);
	restore();
}

static void out_of_the_hole_sack(void) { out_of_the_hole(true); }
static void out_of_the_hole_reno(void) { out_of_the_hole(false); }

/* A path narrower than base_mss: half of it, and half again. */
static void narrower_than_the_base(void)
{
	struct peer p;
	int fd;

	tt_sysctl_set("mtu_probing", 1);
	tt_sysctl_set("retries1", 2);
	tt_sysctl_set("base_mss", 800);
	tt_sysctl_set("mtu_probe_floor", 250);
	fd = open_and_write(&p, true);
	CHECK(take(&p, 300, 1000));
	/* 800, 400, and not 200 */
	EQ(seen.passed, 250);
	CHECK(seen.longest >= 250 && seen.longest <= 300);
	EQ(info_of(fd).tcpi_snd_mss, seen.longest);
	restore();
}

/* The search from the beginning: up from base_mss, and nothing is lost. */
static void from_the_base_up(void)
{
	long long good = count("MTUPSuccess"), bad = count("MTUPFail");
	struct peer p;
	int fd;

	tt_sysctl_set("mtu_probing", 2);
	fd = open_and_write(&p, true);
	CHECK(take(&p, FULL, 1));
	EQ(seen.first, 1024);
	CHECK(seen.longest > (unsigned int)FULL - 8);
	EQ(info_of(fd).tcpi_snd_mss, seen.longest);
	CHECK(count("MTUPSuccess") - good >= 4);
	EQ(count("MTUPFail"), bad);
	restore();
}

static void coarse_search(void)
{
	long long good = count("MTUPSuccess");
	struct peer p;

	tt_sysctl_set("mtu_probing", 2);
	tt_sysctl_set("probe_threshold", 250);
	open_and_write(&p, true);
	CHECK(take(&p, FULL, 1));
	EQ(count("MTUPSuccess") - good, 1);
	CHECK(seen.longest < (unsigned int)FULL - 150);
	restore();
}

/* RFC 4821 7.6.2: a lost probe costs a repetition, not the window. */
static void lost_probe_is_no_congestion(void)
{
	long long bad = count("MTUPFail");
	struct peer p;
	int fd;

	tt_sysctl_set("mtu_probing", 2);
	tt_sysctl_set("probe_threshold", 400);
	fd = open_and_write(&p, true);
	/* one that has no reasons of its own to end slow start */
	OK(setsockopt(fd, SOL_TCP, TCP_CONGESTION, "reno", 4));
	CHECK(take(&p, 1024, 10));
	EQ(count("MTUPFail") - bad, 1);
	/* slow start went on to the end, as if nothing had been */
	CHECK(info_of(fd).tcpi_total_retrans >= 2);
	if (info_of(fd).tcpi_total_retrans <= MANY)
		CHECK(info_of(fd).tcpi_snd_ssthresh > 100000);
	else
		tt_note("a timeout: the machine was too slow to tell");
	restore();
}

/* Over for now, but the path may have become wider. */
static void another_search(int interval)
{
	long long bad = count("MTUPFail");
	struct peer p;

	tt_sysctl_set("mtu_probing", 2);
	tt_sysctl_set("probe_threshold", 400);
	tt_sysctl_set("probe_interval", interval);
	open_and_write(&p, true);
	CHECK(take(&p, 1024, 10));
	if (interval)
		EQ(count("MTUPFail") - bad, 1);
	else
		CHECK(count("MTUPFail") - bad > 1);
	restore();
}

static void no_other_search(void) { another_search(600); }
static void search_at_once(void)  { another_search(0); }

/* The least that a segment carries, whatever the peer says. */
static void least_segment(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	tt_sysctl_set("min_snd_mss", 200);
	tt_sysctl_set("timestamps", 0);
	fd = peer_syn_sent(&p);
	s = peer_seg(&p, F_SYN | F_ACK, 0);
	s.opts[2] = 0;
	s.opts[3] = 100;
	peer_xmit(&s);
	p.snd_nxt++;
	peer_expect(&p, F_ACK);
	EQ(info_of(fd).tcpi_snd_mss, 200);
	tt_sysctl_set("timestamps", 1);
	restore();
}

static const struct tt_test tests[] = {
	TEST(black_hole),
	TEST(out_of_the_hole_sack),
	TEST(out_of_the_hole_reno),
	TEST(narrower_than_the_base),
	TEST(from_the_base_up),
	TEST(coarse_search),
	TEST(lost_probe_is_no_congestion),
	TEST(no_other_search),
	TEST(search_at_once),
	TEST(least_segment),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
