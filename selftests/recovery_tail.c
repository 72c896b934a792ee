// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the tail loss probe (RFC 8985 7): when it is sent, what it
 * carries, and what its answer means.
 */
#include <unistd.h>

#include "sender.h"

/* Silence after the last of three: that one again, after two round trips. */
static void last_segment_again(void)
{
	struct sender s;
	long long t0;

	snd_open(&s, SND_SACK);
	snd_write(&s, 3);
	snd_run(&s, 0, 3);
	t0 = tt_now_ms();
	snd_expect(&s, 2);
	CHECK(tt_now_ms() - t0 >= 2 * SND_RTT / 2);
	EQ(INFO(&s, ca_state), TCP_CA_Open);
	COUNT("LossProbes", 1);
	COUNT("RetransSegs", 1);
	COUNT("Timeouts", 0);
	/* it came twice: nothing had been lost, and nothing is paid */
	SACK(&s, 3, 2, 3);
	UNTIL(INFO(&s, unacked) == 0);
	snd_write(&s, 1);
	snd_expect(&s, 3);
	ACK(&s, 4);
	UNTIL(INFO(&s, unacked) == 0);
	CHECK(INFO(&s, snd_cwnd) >= 10);
	COUNT("DSACKRecv", 1);
	COUNT("LossProbeRecovery", 0);
}

/*
 * Who does not report what came twice sends a duplicate ACK for it, when
 * nothing is in flight any more: nothing was lost, and nothing is paid.
 */
static void both_came_without_dsack(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 3);
	snd_run(&s, 0, 3);
	snd_expect(&s, 2);
	COUNT("LossProbes", 1);
	ACK(&s, 3);
	UNTIL(INFO(&s, unacked) == 0);
	ACK(&s, 3);
	snd_write(&s, 1);
	snd_expect(&s, 3);
	ACK(&s, 4);
	UNTIL(INFO(&s, unacked) == 0);
	CHECK(INFO(&s, snd_cwnd) >= 10);
	COUNT("LossProbeRecovery", 0);
	COUNT("Timeouts", 0);
}

/* With something new to send, that; one only, and then the timeout. */
static void new_segment_first(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 13);
	snd_run(&s, 0, 10);
	snd_expect(&s, 10);
	COUNT("LossProbes", 1);
	COUNT("RetransSegs", 0);
	snd_expect(&s, 0);
	COUNT("LossProbes", 1);
	COUNT("Timeouts", 1);
	EQ(INFO(&s, ca_state), TCP_CA_Loss);
}

/* The probe makes the peer talk: what is lost before it is found by RACK. */
static void probe_leads_to_recovery(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 11);
	snd_run(&s, 0, 11);
	COUNT("LossProbes", 1);
	SACK(&s, 0, 10, 11);
	snd_expect(&s, 0);
	EQ(INFO(&s, ca_state), TCP_CA_Recovery);
	EQ(INFO(&s, lost), 10);
	SACK(&s, 1, 10, 11);
	snd_run(&s, 1, 3);
	COUNT("SackRecovery", 1);
	COUNT("Timeouts", 0);
}

/* A lone segment's ACK may be delayed; its probe still comes in time. */
static void probe_repairs(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	ACK(&s, 9);
	snd_expect(&s, 9);
	COUNT("LossProbes", 1);
	COUNT("Timeouts", 0);
	ACK(&s, 10);
	UNTIL(INFO(&s, unacked) == 0);
	COUNT("LossProbeRecovery", 0);
	/* nobody said that both had arrived, so one was lost: that counts */
	snd_write(&s, 1);
	snd_expect(&s, 10);
	ACK(&s, 11);
	UNTIL(INFO(&s, unacked) == 0);
	COUNT("LossProbeRecovery", 1);
	CHECK(INFO(&s, snd_ssthresh) < 20);
	EQ(INFO(&s, snd_cwnd), INFO(&s, snd_ssthresh));
	EQ(INFO(&s, ca_state), TCP_CA_Open);
	/* once */
	snd_write(&s, 1);
	snd_expect(&s, 11);
	ACK(&s, 12);
	UNTIL(INFO(&s, unacked) == 0);
	COUNT("LossProbeRecovery", 1);
	COUNT("LossProbes", 1);
}

/*
 * On a way that is always as long the timeout comes no later than a lone
 * segment's probe: the probe then goes first, alone, and is no timeout.
 */
static void lone_segment(void)
{
	struct sender s;
	unsigned int i;

	snd_open(&s, SND_SACK);
	for (i = 0; i < 6; i++) {
		snd_write(&s, 1);
		snd_expect(&s, i);
		snd_rtt();
		ACK(&s, i + 1);
		UNTIL(INFO(&s, unacked) == 0);
	}
	snd_write(&s, 1);
	snd_expect(&s, i);
	snd_expect(&s, i);
	snd_none(&s, 100);
	COUNT("LossProbes", 1);
	COUNT("RetransSegs", 1);
	COUNT("Timeouts", 0);
	EQ(INFO(&s, ca_state), TCP_CA_Open);
}

/* SACKs have a better clock, and so has RACK. */
static void not_while_there_are_sacks(void)
{
	struct sender s;

	snd_open(&s, SND_SACK);
	snd_write(&s, 10);
	snd_run(&s, 0, 10);
	SACK(&s, 0, 1, 10);
	snd_expect(&s, 0);
	snd_expect(&s, 0);
	COUNT("LossProbes", 0);
	COUNT("Timeouts", 1);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(last_segment_again, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(both_came_without_dsack, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(new_segment_first, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(probe_leads_to_recovery, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(probe_repairs, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(lone_segment, TT_PARALLEL | TT_TIMED),
	TEST_FLAGS(not_while_there_are_sacks, TT_PARALLEL | TT_TIMED),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
