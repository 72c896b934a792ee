// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests a sender whose peer has no SACK: duplicates are counted
 * (RFC 5681, RFC 3042, RFC 6582), and when time is all that tells (RFC 6298).
 */
#include <unistd.h>

#include "sender.h"

static void dups(struct sender *s, unsigned int n, unsigned int count)
{
	while (count--)
		ACK(s, n);
}

/* RFC 3042: the first two duplicates let new segments out, the third the lost. */
static void limited_transmit(void)
{
	struct sender s;

	snd_open(&s, 0);
	snd_write(&s, 30);
	snd_run(&s, 0, 10);
	ACK(&s, 0);
	snd_expect(&s, 10);
	ACK(&s, 0);
	snd_expect(&s, 11);
	EQ(INFO(&s, ca_state), TCP_CA_Disorder);
	ACK(&s, 0);
	snd_expect(&s, 0);
	EQ(INFO(&s, ca_state), TCP_CA_Recovery);
	EQ(INFO(&s, sacked), 3);
	EQ(INFO(&s, snd_ssthresh), 7);
	COUNT("RenoRecovery", 1);
	COUNT("SackRecovery", 0);
	COUNT("FastRetrans", 1);
	/* as with SACK, in proportion */
	ACK(&s, 0);
	snd_expect(&s, 12);
	ACK(&s, 0);
	snd_expect(&s, 13);
	dups(&s, 0, 2);
	snd_none(&s, 20);
	ACK(&s, 0);
	snd_expect(&s, 14);
	COUNT("RetransSegs", 1);
	COUNT("Timeouts", 0);
}

/* RFC 6582 3.2: behind a partial ACK is the next hole. */
static void partial_ack(void)
{
	struct sender s;

	snd_open(&s, 0);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	dups(&s, 0, 3);
	snd_expect(&s, 0);
	dups(&s, 0, 4);
	ACK(&s, 3);
	snd_expect(&s, 3);
	ACK(&s, 7);
	snd_expect(&s, 7);
	EQ(INFO(&s, ca_state), TCP_CA_Recovery);
	ACK(&s, 10);
	UNTIL(INFO(&s, unacked) == 0);
	snd_write(&s, 1);
	snd_expect(&s, 10);
	ACK(&s, 11);
	UNTIL(INFO(&s, unacked) == 0);
	EQ(INFO(&s, ca_state), TCP_CA_Open);
	COUNT("RenoRecovery", 1);
	COUNT("FastRetrans", 3);
	COUNT("Timeouts", 0);
}

/*
 * RFC 9937 6.2: a partial ACK tells of one more loss, so that no more leaves
 * than has arrived: that one, and nothing beside it.
 */
static void partial_ack_is_not_safe(void)
{
	struct sender s;

	snd_open(&s, 0);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	dups(&s, 0, 3);
	snd_expect(&s, 0);
	snd_write(&s, 20);
	ACK(&s, 3);
	snd_expect(&s, 3);
	snd_none(&s, 20);
	EQ(INFO(&s, ca_state), TCP_CA_Recovery);
	ACK(&s, 5);
	snd_expect(&s, 5);
}

/* More duplicates than segments are out: somebody makes them up. */
static void too_many_duplicates(void)
{
	struct sender s;

	snd_open(&s, 0);
	snd_write(&s, 3);
	snd_run(&s, 0, 3);
	dups(&s, 0, 20);
	EQ(INFO(&s, sacked), 2);
	EQ(INFO(&s, ca_state), TCP_CA_Disorder);
	snd_expect(&s, 0);
	COUNT("RenoRecovery", 0);
	COUNT("Timeouts", 1);
}

/*
 * RFC 9937 6.2: duplicates beyond what was in flight when recovery began are
 * made up as well, and let nothing out: no more than ssthresh is in flight.
 */
static void too_many_duplicates_in_recovery(void)
{
	struct sender s;
	struct seg in;
	int n = 0;

	snd_open(&s, 0);
	snd_write(&s, 40);
	snd_run(&s, 0, 10);
	dups(&s, 0, 2);
	snd_run(&s, 10, 12);
	ACK(&s, 0);
	snd_expect(&s, 0);
	EQ(INFO(&s, snd_ssthresh), 7);
	dups(&s, 0, 60);
	EQ(INFO(&s, ca_state), TCP_CA_Recovery);
	while (snd_comes(&s, &in, 20))
		n++;
	CHECK(n > 0 && n <= 7);
}

/* Without SACK there is no probe; after the timeout, slow start. */
static void timeout_and_slow_start(void)
{
	struct sender s;

	snd_open(&s, 0);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	snd_expect(&s, 0);
	EQ(INFO(&s, ca_state), TCP_CA_Loss);
	EQ(INFO(&s, snd_cwnd), 1);
	EQ(INFO(&s, snd_ssthresh), 7);
	EQ(INFO(&s, lost), 10);
	EQ(INFO(&s, retransmits), 1);
	ACK(&s, 1);
	snd_run(&s, 1, 3);
	EQ(INFO(&s, retransmits), 0);
	ACK(&s, 3);
	snd_run(&s, 3, 7);
	ACK(&s, 7);
	snd_run(&s, 7, 10);
	ACK(&s, 10);
	snd_write(&s, 1);
	snd_expect(&s, 10);
	ACK(&s, 11);
	UNTIL(INFO(&s, ca_state) == TCP_CA_Open);
	COUNT("Timeouts", 1);
	COUNT("LossProbes", 0);
	COUNT("FastRetrans", 0);
	COUNT("RetransSegs", 10);
	COUNT("LossUndo", 0);
}

/*
 * Karn: what was sent twice gives no round trip, and the backoff stays until
 * there is one (RFC 6298 3, 5.7).
 */
static void no_sample_of_a_repetition(void)
{
	struct sender s;
	long long rtt, rto;

	snd_open(&s, 0);
	rtt = INFO(&s, rtt);
	rto = INFO(&s, rto);
	snd_write(&s, 1);
	snd_expect(&s, 0);
	snd_expect(&s, 0);
	CHECK(INFO(&s, rto) > 3 * rto / 2);
	ACK(&s, 1);
	UNTIL(INFO(&s, unacked) == 0);
	EQ(INFO(&s, rtt), rtt);
	CHECK(INFO(&s, rto) > 3 * rto / 2);
	snd_write(&s, 1);
	snd_expect(&s, 1);
	ACK(&s, 2);
	UNTIL(INFO(&s, unacked) == 0);
	CHECK(INFO(&s, rtt) < rtt);
	CHECK(INFO(&s, rto) < 3 * rto / 2);
	COUNT("Timeouts", 1);
}

/* With timestamps the echo tells which of the two has arrived (RFC 7323 4). */
static void sample_by_timestamp(void)
{
	struct sender s;
	long long rto;

	snd_open(&s, SND_TS);
	rto = INFO(&s, rto);
	snd_write(&s, 1);
	snd_expect(&s, 0);
	snd_expect(&s, 0);
	ACK(&s, 1);
	UNTIL(INFO(&s, unacked) == 0);
	CHECK(INFO(&s, rto) < 3 * rto / 2);
	COUNT("Timeouts", 1);
}

/* Each timeout doubles the next. */
static void backoff(void)
{
	struct sender s;
	long long rto;

	snd_open(&s, 0);
	rto = INFO(&s, rto);
	snd_write(&s, 1);
	snd_run(&s, 0, 1);
	snd_expect(&s, 0);
	EQ(INFO(&s, backoff), 1);
	EQ(INFO(&s, retransmits), 1);
	snd_expect(&s, 0);
	EQ(INFO(&s, backoff), 2);
	CHECK(INFO(&s, rto) / 1000 >= 4 * rto / 1000 * 9 / 10);
	EQ(INFO(&s, retransmits), 2);
	EQ(INFO(&s, snd_ssthresh), tt.ttp ? 2 : 7);
	COUNT("Timeouts", 2);
}

/*
 * RFC 7765: what an ACK leaves unacknowledged has been out for a while, and
 * its timeout counts from there.
 */
static void timeout_counts_from_the_sending(void)
{
	const int wait = 3 * SND_RTT / 2;
	struct sender s;
	long long t0, rto;

	snd_open(&s, 0);
	snd_write(&s, 2);
	snd_run(&s, 0, 2);
	t0 = tt_now_ms();
	usleep(1000 * wait);
	ACK(&s, 1);
	rto = INFO(&s, rto) / 1000;
	CHECK(rto > wait);
	snd_expect(&s, 1);
	t0 = tt_now_ms() - t0;
	COUNT("Timeouts", 1);
	if (t0 < rto / 2 || t0 >= rto + wait)
		FAIL("repeated after %lld ms, expected %lld", t0, rto);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(limited_transmit, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(partial_ack, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(partial_ack_is_not_safe, TT_PARALLEL | TT_TTP_ONLY | TT_TIMED),
	TEST_FLAGS(too_many_duplicates, TT_PARALLEL | TT_TIMED),
	/* TCP believes as many as are in flight by then */
	TEST_FLAGS(too_many_duplicates_in_recovery,
		   TT_PARALLEL | TT_TTP_ONLY | TT_TIMED),
	TEST_FLAGS(timeout_and_slow_start, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(no_sample_of_a_repetition, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(sample_by_timestamp, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(backoff, TT_PARALLEL | TT_TIMED),
	/* TCP counts from the ACK */
	TEST_FLAGS(timeout_counts_from_the_sending, TT_PARALLEL | TT_TTP_ONLY | TT_TIMED),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
