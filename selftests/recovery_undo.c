// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests how a sender recognises that it repeated without need:
 * F-RTO (RFC 5682), timestamps (RFC 3522, RFC 4015), D-SACK (RFC 3708).
 */
#include <unistd.h>

#include "sender.h"

#define NEVER	0x7fffffff	/* tcpi_snd_ssthresh before the first loss */

/* The window is what it was, and nothing counts as lost. */
static void expect_undone(struct sender *s)
{
	UNTIL(INFO(s, ca_state) == TCP_CA_Open);
	EQ(INFO(s, lost), 0);
	EQ(INFO(s, snd_ssthresh), NEVER);
	CHECK(INFO(s, snd_cwnd) >= 10);
}

/*
 * A delay longer than the timeout: the ACK of the first lets two new segments
 * out, and the next is for an original.
 */
static void frto(unsigned int flags)
{
	bool probe = flags & SND_SACK;
	unsigned int next = 10;
	struct sender s;

	snd_open(&s, flags);
	snd_write(&s, 30);
	snd_run(&s, 0, 10);
	if (probe)
		snd_expect(&s, next++);
	snd_expect(&s, 0);
	EQ(INFO(&s, ca_state), TCP_CA_Loss);
	ACK(&s, 1);
	snd_expect(&s, next++);
	snd_expect(&s, next++);
	COUNT("LossUndo", 0);
	ACK(&s, 3);
	expect_undone(&s);
	snd_expect(&s, next++);
	COUNT("LossUndo", 1);
	COUNT("Timeouts", 1);
	COUNT("RetransSegs", 1);
	COUNT("FullUndo", 0);
}

static void frto_plain(void)	{ frto(0); }
static void frto_with_sack(void) { frto(SND_SACK); }

/* RFC 5682 2.1 step 3a: a duplicate, so the timeout was right. */
static void frto_finds_losses(void)
{
	struct sender s;

	snd_open(&s, 0);
	snd_write(&s, 20);
	snd_run(&s, 0, 10);
	snd_expect(&s, 0);
	ACK(&s, 1);
	snd_expect(&s, 10);
	snd_expect(&s, 11);
	ACK(&s, 1);
	snd_expect(&s, 1);
	EQ(INFO(&s, ca_state), TCP_CA_Loss);
	EQ(INFO(&s, snd_ssthresh), 7);
	COUNT("LossUndo", 0);
	COUNT("Timeouts", 1);
}

/* RFC 3522: the ACK echoes the original, not the repetition. */
static void echo_of_the_original(void)
{
	struct sender s;

	snd_open(&s, SND_SACK | SND_TS);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	usleep(20000);		/* the clock goes on */
	SACK(&s, 0, 1, 4);
	snd_expect(&s, 0);
	EQ(INFO(&s, ca_state), TCP_CA_Recovery);
	EQ(INFO(&s, snd_ssthresh), 7);
	CHECK(s.ecr != s.stamp[0]);
	s.ecr = s.stamp[0];
	ACK(&s, 10);
	expect_undone(&s);
	COUNT("FullUndo", 1);
	COUNT("SackRecovery", 1);
	COUNT("LossUndo", 0);
}

static void echo_of_the_repetition(void)
{
	struct sender s;

	snd_open(&s, SND_SACK | SND_TS);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	usleep(20000);
	SACK(&s, 0, 1, 4);
	snd_expect(&s, 0);
	ACK(&s, 10);
	UNTIL(INFO(&s, ca_state) == TCP_CA_Open);
	snd_reduced(&s);
	COUNT("FullUndo", 0);
}

/*
 * One segment overtakes all others by half a round trip.  By its measure they
 * are lost; the first that arrives after all shows that they only take longer,
 * and none of them begins another recovery.
 */
static void overtaken(void)
{
	unsigned int i, again = 0;
	struct seg in;
	struct sender s;

	snd_open(&s, SND_SACK | SND_TS);
	snd_write(&s, 9);
	snd_run(&s, 0, 9);
	usleep(1000 * SND_RTT / 2);
	snd_write(&s, 1);
	snd_expect(&s, 9);
	SACK(&s, 0, 9, 10);
	UNTIL(INFO(&s, ca_state) == TCP_CA_Recovery);
	EQ(INFO(&s, lost), 9);
	while (snd_comes(&s, &in, 20))
		again++;
	CHECK(again >= 1 && again < 9);
	for (i = 0; i < 8; i++) {
		s.ecr = s.stamp[i];
		SACK(&s, i + 1, 9, 10);
	}
	UNTIL(INFO(&s, unacked) == 2);
	EQ(INFO(&s, lost), 0);
	EQ(INFO(&s, ca_state), TCP_CA_Disorder);
	COUNT("FullUndo", 1);
	COUNT("SackRecovery", 1);
	COUNT("RetransSegs", again);
}

static void timeout_undone_by_the_echo(void)
{
	struct sender s;

	snd_open(&s, SND_SACK | SND_TS);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	snd_expect(&s, 9);	/* the probe */
	snd_expect(&s, 0);
	EQ(INFO(&s, ca_state), TCP_CA_Loss);
	s.ecr = s.stamp[0];
	ACK(&s, 10);
	expect_undone(&s);
	COUNT("LossUndo", 1);
	COUNT("Timeouts", 1);
}

/* RFC 3708: all that was repeated has arrived twice. */
static void duplicate_reported(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	SACK(&s, 0, 1, 4);
	snd_expect(&s, 0);
	SACK(&s, 10, 0, 1);
	expect_undone(&s);
	COUNT("FullUndo", 1);
	COUNT("DSACKRecv", 1);
	COUNT("DSACKUndo", 0);
}

/* It is never too late. */
static void duplicate_reported_late(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	SACK(&s, 0, 1, 4);
	snd_expect(&s, 0);
	ACK(&s, 10);
	UNTIL(INFO(&s, ca_state) == TCP_CA_Open);
	snd_reduced(&s);
	SACK(&s, 10, 0, 1);
	UNTIL(INFO(&s, dsack_dups) == 1);
	expect_undone(&s);
	COUNT("DSACKUndo", 1);
	COUNT("FullUndo", 0);
}

/* Two were repeated, one was doubled: the other was lost. */
static void one_duplicate_of_two(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	SACK(&s, 0, 2, 10);
	snd_run(&s, 0, 2);
	SACK(&s, 10, 0, 1);
	UNTIL(INFO(&s, ca_state) == TCP_CA_Open);
	snd_reduced(&s);
	COUNT("FullUndo", 0);
	/* the same once more is no news; the other one is */
	SACK(&s, 10, 1, 2);
	UNTIL(INFO(&s, dsack_dups) == 2);
	expect_undone(&s);
	COUNT("DSACKUndo", 1);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(frto_plain, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(frto_with_sack, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(frto_finds_losses, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(echo_of_the_original, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(echo_of_the_repetition, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(overtaken, TT_OWN_NET | TT_TIMED | TT_TTP_ONLY),
	TEST_FLAGS(timeout_undone_by_the_echo, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(duplicate_reported, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(duplicate_reported_late, TT_OWN_NET | TT_TIMED),
	TEST_FLAGS(one_duplicate_of_two, TT_OWN_NET | TT_TIMED),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
