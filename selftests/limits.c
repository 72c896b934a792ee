// SPDX-License-Identifier: GPL-2.0
/*
 * This file sends the same invalid segment many times: it is answered rarely,
 * and the others are counted, by what they were sent to.
 */
#include <unistd.h>
#include <netinet/tcp.h>

#include "drops.h"
#include "forge.h"
#include "options.h"
#include "reach.h"

#define LONG_MS	600000		/* longer than any test */

static void xmit_times(const struct seg *s, int n)
{
	while (n--)
		peer_xmit(s);
}

/* Of @n segments one is answered; the others move this counter. */
static void one_of(struct peer *p, const struct seg *s, int n,
		   const char *skipped)
{
	long long before = count(skipped);

	xmit_times(s, n);
	UNTIL(count(skipped) - before == n - 1);
	answers(p, 1);
	EQ(count(skipped) - before, n - 1);
}

static void challenges_are_rare(void)
{
	long long sent = count("ChallengeAck");
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", LONG_MS);
	fd = peer_dial(&p);
	s = forged(&p, F_SYN, 0, 0);
	one_of(&p, &s, 5, "ACKSkippedChallenge");
	EQ(count("ChallengeAck") - sent, 1);
	/* a new time begins */
	tt_sysctl_set("invalid_ratelimit", 0);
	xmit_times(&s, 3);
	answers(&p, 3);
	EQ(count("ChallengeAck") - sent, 4);
	tt_sysctl_set("invalid_ratelimit", 500);
	still_works(&p, fd);
}

/* All connections of a namespace together, and never exactly the limit. */
static void challenges_have_a_budget(void)
{
	long long sent = count("ChallengeAck"), held, start;
	struct peer p = peer_new();
	const int limit = 10;
	struct seg s;
	int n = 0, fd;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", 0);
	tt_sysctl_set("challenge_ack_limit", limit);
	fd = peer_dial(&p);
	held = tt.ttp ? count("ChallengeAckSkipped") : 0;
	start = tt_now_ms();
	/* the second that has begun may have been spent already */
	do {
		s = forged(&p, F_RST, 1 + n % 100, 0);
		peer_xmit(&s);
	} while (++n < 100 || count("ChallengeAck") - sent < limit / 2);
	if (tt.ttp)
		UNTIL(count("ChallengeAck") - sent +
		      count("ChallengeAckSkipped") - held == n);
	sent = count("ChallengeAck") - sent;
	CHECK(sent <= (1 + limit / 2 + limit) *
		      (2 + (tt_now_ms() - start) / 1000));
	tt_sysctl_set("challenge_ack_limit", INT32_MAX);
	tt_sysctl_set("invalid_ratelimit", 500);
	while (peer_poll(&s, 50))
		;
	still_works(&p, fd);
}

static void no_challenge_at_all(void)
{
	long long held = count("ChallengeAckSkipped");
	struct peer p = peer_new();
	struct seg s, r;
	int fd;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", 0);
	tt_sysctl_set("challenge_ack_limit", 0);
	fd = peer_dial(&p);
	s = forged(&p, F_RST, 1, 0);
	/* the second that has begun may have some left */
	do {
		peer_xmit(&s);
	} while (count("ChallengeAckSkipped") == held);
	while (peer_poll(&r, 50))
		;
	held = count("ChallengeAckSkipped");
	xmit_times(&s, 4);
	UNTIL(count("ChallengeAckSkipped") - held == 4);
	peer_silent(&p, 50);
	tt_sysctl_set("challenge_ack_limit", INT32_MAX);
	xmit_times(&s, 4);
	answers(&p, 4);
	tt_sysctl_set("invalid_ratelimit", 500);
	still_works(&p, fd);
}

/* Two confused ends must not ACK each other's ACKs for ever. */
static void outside_the_window(void)
{
	long long before = count("ACKSkippedSeq");
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", LONG_MS);
	fd = peer_dial(&p);
	s = forged(&p, F_ACK, -1, 0);
	one_of(&p, &s, 5, "ACKSkippedSeq");
	s = forged(&p, F_ACK, 1 << 28, 0);
	xmit_times(&s, 3);
	UNTIL(count("ACKSkippedSeq") - before == 7);
	peer_silent(&p, 30);
	/* but data is always answered: its sender waits for that */
	s = forged(&p, F_ACK, -8, 8);
	xmit_times(&s, 3);
	answers(&p, 3);
	EQ(count("ACKSkippedSeq") - before, 7);
	tt_sysctl_set("invalid_ratelimit", 0);
	s = forged(&p, F_ACK, -1, 0);
	xmit_times(&s, 3);
	answers(&p, 3);
	tt_sysctl_set("invalid_ratelimit", 500);
	still_works(&p, fd);
}

/* The limit is of each connection, and in time. */
static void outside_the_window_again(void)
{
	long long before = count("ACKSkippedSeq");
	struct peer p = peer_new(), q = peer_new();
	long long start;
	struct seg s, r;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", 300);
	peer_dial(&p);
	peer_dial(&q);
	start = tt_now_ms();
	s = forged(&p, F_ACK, -1, 0);
	r = forged(&q, F_ACK, -1, 0);
	peer_xmit(&s);
	peer_expect(&p, F_ACK);
	peer_xmit(&r);
	peer_expect(&q, F_ACK);
	/* until one is answered again */
	do {
		peer_xmit(&s);
	} while (!peer_poll(&r, 1) || r.dport != p.port);
	CHECK(tt_now_ms() - start >= 150);
	CHECK(count("ACKSkippedSeq") > before);
	tt_sysctl_set("invalid_ratelimit", 500);
}

/* Both ends use timestamps; the peer's clock says 1000. */
static int dial_ts(struct peer *p)
{
	int l = peer_listener(p), fd;
	struct seg s = peer_seg(p, F_SYN, 0);
	uint32_t val, ecr;

	opt_add_ts(&s, 1000, 0);
	peer_xmit(&s);
	p->snd_nxt++;
	s = peer_expect(p, F_SYN | F_ACK);
	CHECK(opt_ts(&s, &val, &ecr));
	s = peer_seg(p, F_ACK, 0);
	opt_add_ts(&s, 1000, val);
	peer_xmit(&s);
	fd = OK(accept(l, NULL, NULL));
	close(l);
	return fd;
}

static void from_another_time(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", LONG_MS);
	fd = dial_ts(&p);
	s = forged(&p, F_ACK, 1, 0);
	opt_add_ts(&s, 500, 0);
	one_of(&p, &s, 5, "ACKSkippedPAWS");
	s = forged(&p, F_ACK, 0, 8);
	opt_add_ts(&s, 500, 0);
	xmit_times(&s, 3);
	answers(&p, 3);
	tt_sysctl_set("invalid_ratelimit", 500);
	EQ(tt_poll(fd, 1, 0), 0);
}

/* A half-open request: the same SYN, and segments that are not in its window. */
static void half_open(void)
{
	long long skipped = count("ACKSkippedSynRecv");
	struct peer p = peer_new();
	struct seg s, syn;
	int l, fd;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", LONG_MS);
	l = peer_listener(&p);
	syn = peer_seg(&p, F_SYN, 0);
	peer_xmit(&syn);
	p.snd_nxt++;
	peer_expect(&p, F_SYN | F_ACK);
	s = forged(&p, F_ACK, -100, 0);
	xmit_times(&s, 3);
	UNTIL(count("ACKSkippedSynRecv") - skipped == 2);
	answers(&p, 1);
	xmit_times(&syn, 4);
	UNTIL(count("ACKSkippedSynRecv") - skipped == 6);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(count("ACKSkippedSynRecv") - skipped, 6);
	tt_sysctl_set("invalid_ratelimit", 500);
	still_works(&p, fd);
}

/* RFC 5961 for a request too; TCP takes any RST in the window there. */
static void half_open_rst(void)
{
	long long sent = count("ChallengeAck");
	struct peer p = peer_new();
	struct seg s;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", LONG_MS);
	peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	s = forged(&p, F_RST, 1, 0);
	one_of(&p, &s, 4, "ACKSkippedChallenge");
	EQ(count("ChallengeAck") - sent, 1);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 1);
	s = forged(&p, F_RST, -1, 0);
	peer_xmit(&s);
	peer_silent(&p, 30);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 1);
	s = forged(&p, F_RST, 0, 0);
	peer_xmit(&s);
	UNTIL(tt_count_state(TCP_SYN_RECV, p.kport) == 0);
	tt_sysctl_set("invalid_ratelimit", 500);
}

static void time_wait(void)
{
	struct peer p = peer_new();
	struct seg s;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", LONG_MS);
	reach(TCP_TIME_WAIT, &p);
	s = forged(&p, F_ACK, -10, 0);
	one_of(&p, &s, 5, "ACKSkippedTimeWait");
	/* a FIN again is our ACK that was lost */
	s = forged(&p, F_FIN | F_ACK, -1, 0);
	xmit_times(&s, 3);
	answers(&p, 3);
	tt_sysctl_set("invalid_ratelimit", 500);
}

/* An orphan in FIN_WAIT2 costs memory only: no more than that. */
static void orphan_in_fin_wait2(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", LONG_MS);
	fd = peer_answer(&p);
	close(fd);
	peer_expect(&p, F_FIN | F_ACK);
	peer_send(&p, F_ACK, 0);
	UNTIL(tt_count_state(TCP_FIN_WAIT2, p.kport) == 1);
	s = forged(&p, F_ACK, -10, 0);
	one_of(&p, &s, 5, "ACKSkippedFinWait2");
	tt_sysctl_set("invalid_ratelimit", 500);
}

static const struct tt_test tests[] = {
	TEST(challenges_are_rare),
	TEST(challenges_have_a_budget),
	TEST_FLAGS(no_challenge_at_all, TT_TTP_ONLY),
	TEST(outside_the_window),
	TEST(outside_the_window_again),
	TEST(from_another_time),
	TEST(half_open),
	TEST_FLAGS(half_open_rst, TT_TTP_ONLY),
	TEST(time_wait),
	TEST(orphan_in_fin_wait2),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
