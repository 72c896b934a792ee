// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what a sender makes of SACK: what is lost and when (RACK,
 * RFC 8985), how much may leave meanwhile (PRR, RFC 9937), and what it must
 * not believe.
 */
#include <unistd.h>

#include "sender.h"

/* RFC 8985 6.2: three behind the hole, and what is missing is lost. */
static void three_behind_the_hole(void)
{
	struct sender s;

	snd_open(&s, SND_SACK | SND_TS);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	SACK(&s, 0, 1, 4);
	snd_expect(&s, 0);
	EQ(INFO(&s, ca_state), TCP_CA_Recovery);
	EQ(INFO(&s, unacked), 10);
	EQ(INFO(&s, sacked), 3);
	EQ(INFO(&s, lost), 1);
	EQ(INFO(&s, retrans), 1);
	EQ(INFO(&s, snd_ssthresh), 7);
	ACK(&s, 10);
	UNTIL(INFO(&s, ca_state) == TCP_CA_Open);
	snd_reduced(&s);
	EQ(INFO(&s, unacked), 0);
	EQ(INFO(&s, sacked), 0);
	EQ(INFO(&s, lost), 0);
	EQ(INFO(&s, retrans), 0);
	EQ(INFO(&s, total_retrans), 1);
	COUNT("SackRecovery", 1);
	COUNT("RenoRecovery", 0);
	COUNT("FastRetrans", 1);
	COUNT("RetransSegs", 1);
	COUNT("Timeouts", 0);
	COUNT("LossProbes", 0);
}

/* Two could have overtaken it: they wait, a quarter of the round trip. */
static void two_wait_a_little(void)
{
	struct sender s;
	long long t0;

	snd_open(&s, SND_SACK);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	snd_rtt();
	t0 = tt_now_ms();
	SACK(&s, 0, 1, 3);
	EQ(INFO(&s, ca_state), TCP_CA_Disorder);
	snd_expect(&s, 0);
	CHECK(tt_now_ms() - t0 >= SND_RTT / 4 / 2);
	COUNT("SackRecovery", 1);
	COUNT("FastRetrans", 1);
	COUNT("Timeouts", 0);
}

/* As many holes as there are, in one round trip. */
static void every_hole_at_once(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	SACK(&s, 0, 1, 3, 4, 6, 7, 10);
	snd_expect(&s, 0);
	snd_expect(&s, 3);
	snd_expect(&s, 6);
	EQ(INFO(&s, lost), 3);
	EQ(INFO(&s, sacked), 7);
	ACK(&s, 10);
	UNTIL(INFO(&s, ca_state) == TCP_CA_Open);
	COUNT("SackRecovery", 1);
	COUNT("FastRetrans", 3);
}

/*
 * RFC 9937: 10 in flight shall become 7, clocked by what arrives.  Limited
 * transmit first (RFC 3042); then two of three, then nothing, until 7 are in
 * flight, and from there one for one.
 */
static void rate_is_reduced_in_proportion(void)
{
	static const bool sends[] = { true, true, false, false, true, true, true };
	struct sender s;
	unsigned int i, next = 12;

	snd_open(&s, SND_SACK);
	snd_write(&s, 30);
	snd_run(&s, 0, 10);
	SACK(&s, 0, 1, 2);
	SACK(&s, 0, 1, 3);
	SACK(&s, 0, 1, 4);
	snd_expect(&s, 10);
	snd_expect(&s, 11);
	snd_expect(&s, 0);
	for (i = 0; i < ARRAY_SIZE(sends); i++) {
		SACK(&s, 0, 1, 5 + i);
		if (sends[i])
			snd_expect(&s, next++);
		else
			snd_none(&s, 20);
	}
	EQ(INFO(&s, snd_cwnd), 7);
	ACK(&s, next);
	UNTIL(INFO(&s, ca_state) == TCP_CA_Open);
	COUNT("FastRetrans", 1);
	COUNT("RetransSegs", 1);
}

/* What was sent after the repetition has arrived, the repetition has not. */
static void repetition_is_lost_too(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 30);
	snd_run(&s, 0, 10);
	SACK(&s, 0, 1, 2);
	SACK(&s, 0, 1, 3);
	SACK(&s, 0, 1, 4);
	snd_expect(&s, 10);
	snd_expect(&s, 11);
	snd_expect(&s, 0);
	SACK(&s, 0, 1, 12);
	snd_run(&s, 12, 18);
	SACK(&s, 0, 1, 18);
	snd_expect(&s, 0);
	COUNT("LostRetransmit", 1);
	COUNT("FastRetrans", 2);
	COUNT("SackRecovery", 1);
	COUNT("Timeouts", 0);
}

/* Segment 3 overtakes 0 to 2, and the sender learns that this happens. */
static void show_reordering(struct sender *s)
{
	snd_write(s, 5);
	snd_run(s, 0, 5);
	snd_rtt();
	SACK(s, 0, 3, 4);
	ACK(s, 4);
	ACK(s, 5);
	UNTIL(INFO(s, unacked) == 0);
	EQ(INFO(s, reord_seen), 1);
	EQ(INFO(s, reordering), 4);
}

/* Once reordering was seen, three behind the hole are no proof any more. */
static void reordering_is_tolerated(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	show_reordering(&s);
	snd_write(&s, 5);
	snd_run(&s, 5, 10);
	snd_rtt();
	SACK(&s, 5, 6, 10);
	ACK(&s, 10);
	snd_none(&s, SND_RTT);
	COUNT("RetransSegs", 0);
	COUNT("SackRecovery", 0);
}

/* Segment @n is missing: how long until it is repeated? Then it came twice. */
static long long wait_for(struct sender *s, int n)
{
	long long t0;

	snd_write(s, 5);
	snd_run(s, n, n + 5);
	snd_rtt();
	t0 = tt_now_ms();
	SACK(s, n, n + 1, n + 5);
	snd_expect(s, n);
	t0 = tt_now_ms() - t0;
	SACK(s, n + 5, n, n + 1);
	UNTIL(INFO(s, unacked) == 0);
	return t0;
}

/* RFC 8985 6.2 step 4: too early, so wait longer the next time. */
static void duplicates_widen_the_window(void)
{
	struct sender s;
	long long ms;
	int n;

	snd_open(&s, SND_SACK);
	show_reordering(&s);
	ms = wait_for(&s, 5);
	CHECK(ms >= SND_RTT / 4 / 2);
	EQ(INFO(&s, dsack_dups), 1);
	for (n = 10; n < 30; n += 5)
		ms = wait_for(&s, n);
	/* a round trip by now, and the timeout waits for that */
	if (ms < SND_RTT / 2)
		FAIL("repeated after %lld ms of %d", ms, SND_RTT);
	EQ(INFO(&s, dsack_dups), 5);
	COUNT("DSACKRecv", 5);
	COUNT("FastRetrans", 5);
	COUNT("Timeouts", 0);
}

/* Three rounds with D-SACKs of what was sent once; then how long is waited. */
static long long wait_after_doubling(void)
{
	struct sender s;
	long long t0;
	int i;

	snd_open(&s, SND_SACK);
	show_reordering(&s);
	for (i = 5; i < 20; i += 5) {
		snd_write(&s, 5);
		snd_run(&s, i, i + 5);
		snd_rtt();
		SACK(&s, i + 5, i, i + 1);
		UNTIL(INFO(&s, unacked) == 0);
	}
	EQ(INFO(&s, dsack_dups), 3);
	snd_write(&s, 5);
	snd_run(&s, i, i + 5);
	snd_rtt();
	t0 = tt_now_ms();
	SACK(&s, i, i + 1, i + 5);
	snd_expect(&s, i);
	t0 = tt_now_ms() - t0;
	close(s.fd);
	peer_close();
	return t0;
}

/*
 * What the network has doubled is no reason to wait longer: nothing had been
 * repeated.  A machine that stalls is late, but not each of five times.
 */
static void duplicates_of_the_network(void)
{
	long long ms = SND_RTT;
	int i;

	for (i = 0; i < 5 && ms > SND_RTT * 3 / 4; i++)
		ms = wait_after_doubling();
	if (ms > SND_RTT * 3 / 4)
		FAIL("repeated after %lld ms, expected %d", ms, SND_RTT / 4);
}

/* RFC 2018 8: what was reported may have been thrown away after all. */
static void reneging(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	SACK(&s, 0, 1, 10);
	snd_expect(&s, 0);
	EQ(INFO(&s, sacked), 9);
	ACK(&s, 1);
	snd_expect(&s, 1);
	EQ(INFO(&s, ca_state), TCP_CA_Loss);
	EQ(INFO(&s, sacked), 0);
	ACK(&s, 2);
	snd_run(&s, 2, 4);
	ACK(&s, 4);
	snd_run(&s, 4, 8);
	ACK(&s, 8);
	snd_run(&s, 8, 10);
	ACK(&s, 10);
	UNTIL(INFO(&s, ca_state) == TCP_CA_Open);
	COUNT("SACKReneging", 1);
	COUNT("Timeouts", 1);
}

/* Blocks of what was never sent, or turned round, change nothing. */
static void lies(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	SACK(&s, 0, 4, 11);
	COUNT("SACKDiscard", 1);
	SACK(&s, 0, 5, 3, 20, 24);
	COUNT("SACKDiscard", 3);
	EQ(INFO(&s, sacked), 0);
	EQ(INFO(&s, lost), 0);
	EQ(INFO(&s, ca_state), TCP_CA_Open);
	COUNT("SackRecovery", 0);
	/* and a true one among them counts */
	SACK(&s, 0, 20, 24, 1, 4);
	snd_expect(&s, 0);
	EQ(INFO(&s, sacked), 3);
	COUNT("SACKDiscard", 4);
}

/* What getsockopt() tells of a path without losses. */
static void what_is_measured(void)
{
	const long long us = 1000LL * SND_RTT, rate = 10 * 1000000LL / SND_RTT;
	struct sender s;
	long long before;

	snd_open(&s, SND_SACK);
	before = INFO(&s, delivered);
	/* of the SYN: there is one from the beginning */
	CHECK(INFO(&s, min_rtt) >= us / 2);
	CHECK(INFO(&s, min_rtt) < UINT32_MAX);
	EQ(INFO(&s, reordering), 3);
	snd_write(&s, 20);
	snd_run(&s, 0, 10);
	snd_rtt();
	ACK(&s, 10);
	snd_run(&s, 10, 20);
	EQ(INFO(&s, delivered), before + 10);
	EQ(INFO(&s, delivery_rate_app_limited), 1);
	CHECK(INFO(&s, delivery_rate) <= rate * 2);
	CHECK(INFO(&s, delivery_rate) >= rate / 10);
	CHECK(INFO(&s, min_rtt) >= us / 2);
	/* these had been waiting when they were let out */
	snd_rtt();
	ACK(&s, 20);
	UNTIL(INFO(&s, unacked) == 0);
	EQ(INFO(&s, delivery_rate_app_limited), 0);
	/* one alone tells little of the path: the rate from before stays */
	snd_write(&s, 1);
	snd_expect(&s, 20);
	snd_rtt();
	ACK(&s, 21);
	UNTIL(INFO(&s, unacked) == 0);
	EQ(INFO(&s, delivered), before + 21);
	EQ(INFO(&s, delivery_rate_app_limited), 0);
	CHECK(INFO(&s, delivery_rate) >= rate / 10);
}

/*
 * A router drops what is too large, and says so once: all of it is repeated in
 * smaller pieces, at once, and the window is not to blame.
 */
static void too_big_for_the_path(void)
{
	const unsigned int most = 1280 - 20 - (tt.v6 ? 40 : 20);
	unsigned int seen = 0, want, pieces = 0;
	struct sender s;
	struct seg in;

	snd_open(&s, SND_SACK | SND_LARGE);
	snd_write(&s, 10);
	want = 10 * s.len;
	in = snd_expect(&s, 0);
	snd_run(&s, 1, 10);
	peer_too_big(&in, 1280);
	while (seen < want) {
		do {
			CHECK(peer_poll(&in, TT_DEADLINE));
		} while (in.dport != s.p.port || !in.len);
		EQ(in.seq - s.base, seen);
		if (in.len > most)
			FAIL("%u bytes, %u fit", in.len, most);
		seen += in.len;
		CHECK(INFO(&s, snd_cwnd) >= 10);
		/* the first window of them comes without any ACK */
		if (++pieces < 10 && seen < want)
			continue;
		in = peer_seg(&s.p, F_ACK, 0);
		in.ack = s.base + seen;
		peer_xmit(&in);
	}
	UNTIL(INFO(&s, unacked) == 0);
	EQ(INFO(&s, ca_state), TCP_CA_Open);
	EQ(INFO(&s, snd_ssthresh), 0x7fffffff);
	EQ(INFO(&s, snd_mss), most);
	COUNT("Timeouts", 0);
	COUNT("SackRecovery", 0);
	if (tt.ttp)
		COUNT("PmtuDisc", 1);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(three_behind_the_hole, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(two_wait_a_little, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(every_hole_at_once, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(rate_is_reduced_in_proportion, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(repetition_is_lost_too, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(reordering_is_tolerated, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(duplicates_widen_the_window, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(duplicates_of_the_network, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(reneging, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(lies, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(what_is_measured, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(too_big_for_the_path, TT_OWN_NET | TT_TIMED),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
