// SPDX-License-Identifier: GPL-2.0
/*
 * This file runs loss recovery over links that lose, delay and reorder, and
 * judges what it cost: round trips, timeouts, segments sent in vain.
 *
 * usage: recsim [FIRST [LAST]]		seeds
 */
#include <stdio.h>
#include <stdlib.h>

#include "recsim.h"

#define MS	1000u
#define RTT	(2 * 50 * MS)

static u32 seed, nr;
static const char *name;
static struct rs *sim;

void rs_fail(struct rs *s, const char *what)
{
	printf("not ok %u %s # seed %u, at %llu us: %s\n", nr, name, seed, s->now,
	       what);
	printf("# una %u nxt %u of %u, cwnd %u ssthresh %u, sacked %u lost %u retrans %u, state %u frto %u\n",
	       s->una, s->nxt, s->c.total, s->cwnd, s->ssthresh, s->sacked_out,
	       s->lost_out, s->retrans_out, s->rec.state, s->rec.frto);
	printf("# sent %u again %u needless %u, rtos %u probes %u recoveries %u reductions %u undos %u, done at %llu\n",
	       s->n.sent, s->n.again, s->n.needless, s->n.rtos, s->n.probes,
	       s->n.recoveries, s->n.reductions, s->n.undos, s->n.done_at);
	exit(1);
}

#define CHECK(s, ok)						\
	do {							\
		if (!(ok))					\
			rs_fail(s, "not true: " #ok);		\
	} while (0)

/* A link of 50 ms each way, a user with all the data, both options. */
static struct rs *fresh(void)
{
	free(sim);
	sim = calloc(1, sizeof(*sim));
	if (!sim)
		exit(1);
	sim->now = 1000 * TTP_USEC_PER_SEC;
	sim->rnd = seed * 2654435761u + 1;
	rs_below(sim, 1);
	sim->c = (struct rs_config){
		.total = 400, .cwnd = 10, .ssthresh = ~0u, .delay = 50 * MS, .gap = 100,
		.sack = true, .ts = true,
		.iss = rs_below(sim, 2) ? 0u - rs_below(sim, 400 * RS_MSS) :
					  rs_below(sim, 1u << 27) * 16,
	};
	return sim;
}

/* From the first segment sent on. */
static u64 took(const struct rs *s)
{
	return s->n.done_at - 1000 * TTP_USEC_PER_SEC;
}

/* A flight of this size, and nothing behind it. */
#define FLIGHT	40

static u32 lost_from, lost_times, late_by;
static u64 lost_mask;

/* The segments of lost_mask, the first lost_times transmissions. */
static u32 fate_mask(u32 seg, u32 time)
{
	return seg < 64 && lost_mask >> seg & 1 && time <= lost_times ? ~0u : 0;
}

static void nothing_lost(void)
{
	struct rs *s = fresh();

	s->c.sack = seed & 1;
	s->c.ts = seed & 2;
	s->c.delay = 10 + rs_below(s, 200 * MS);
	s->c.gap = rs_below(s, 2000);
	/* Pauses let no PTO fire before a delayed ACK of the last one. */
	s->c.chunk = seed & 4 ? 2 + rs_below(s, 30) * 2 : 0;
	s->c.pause = 50 * MS;
	rs_run(s);
	CHECK(s, s->n.again == 0);
	CHECK(s, s->n.rtos == 0);
	CHECK(s, s->n.reductions == 0);
}

/* Neighbours change places: less than three, less than a quarter of the RTT. */
static void reordered_a_little(void)
{
	struct rs *s = fresh();

	s->c.sack = seed & 1;
	s->c.ts = seed & 2;
	s->c.gap = 1000;
	s->c.overtake = 300;
	s->c.jitter = 1999;
	/* No queue at the bottleneck: round trips are alike. */
	s->c.ssthresh = 30;
	s->c.total = 200;
	rs_run(s);
	CHECK(s, s->n.again == 0);
	CHECK(s, s->n.reductions == 0);
}

static u32 fate_late(u32 seg, u32 time)
{
	return seg % 50 == 20 && time == 1 ? late_by : 0;
}

/*
 * More than three behind, less than a quarter of the RTT: that is learnt from
 * the first time, which is taken back.
 */
static void reordered_much(void)
{
	struct rs *s = fresh();

	s->c.ts = seed & 1;
	s->c.gap = 500;
	s->c.cwnd = FLIGHT;
	s->c.ssthresh = FLIGHT;
	late_by = 5 * MS + rs_below(s, 18 * MS);
	s->c.fate = fate_late;
	rs_run(s);
	CHECK(s, s->n.again <= 1);
	CHECK(s, s->n.reductions <= 1);
	CHECK(s, s->n.undos == s->n.reductions);
	CHECK(s, s->cwnd >= FLIGHT);
	CHECK(s, s->n.rtos == 0);
}

/* @n of the flight, never the last three, at random. */
static void choose_losses(struct rs *s, u32 n)
{
	lost_mask = 0;
	lost_times = 1;
	while (n) {
		u64 bit = 1ULL << rs_below(s, FLIGHT - 3);

		n -= !(lost_mask & bit);
		lost_mask |= bit;
	}
}

static void many_lost(void)
{
	u32 n = 1 + seed % 20;
	struct rs *s = fresh();

	s->c.ts = seed & 1;
	s->c.total = FLIGHT + rs_below(s, 2) * 100;
	s->c.cwnd = FLIGHT;
	choose_losses(s, n);
	s->c.fate = fate_mask;
	rs_run(s);
	CHECK(s, s->n.again == n);
	CHECK(s, s->n.needless == 0);
	CHECK(s, s->n.rtos == 0);
	CHECK(s, s->n.recoveries == 1);
	CHECK(s, s->n.reductions == 1);
	CHECK(s, s->n.undos == 0);
	/* One to see it, one or two to repair it, and the rest of the data. */
	if (s->c.total == FLIGHT)
		CHECK(s, took(s) <= 3 * RTT + 10 * MS);
	CHECK(s, s->cwnd >= FLIGHT / 2);
}

/* NewReno finds one hole per round trip. */
static void many_lost_without_sack(void)
{
	u32 n = 1 + seed % 5;
	struct rs *s = fresh();

	s->c.sack = false;
	s->c.ts = seed & 1;
	s->c.total = FLIGHT + 60;
	s->c.cwnd = FLIGHT;
	choose_losses(s, n);
	s->c.fate = fate_mask;
	rs_run(s);
	CHECK(s, s->n.again == n);
	CHECK(s, s->n.needless == 0);
	CHECK(s, s->n.rtos == 0);
	CHECK(s, s->n.recoveries == 1);
	CHECK(s, s->n.partials == n - 1);
	CHECK(s, took(s) <= (n + 5) * RTT);
}

/* The last segments of all: only a probe can tell. */
static void tail_lost(void)
{
	u32 n = 1 + seed % 10, rounds;
	struct rs *s = fresh();

	s->c.ts = seed & 1;
	s->c.total = FLIGHT;
	s->c.cwnd = FLIGHT;
	lost_mask = ((1ULL << n) - 1) << (FLIGHT - n);
	lost_times = 1;
	s->c.fate = fate_mask;
	rs_run(s);
	CHECK(s, s->n.probes == 1);
	CHECK(s, s->n.rtos == 0);
	CHECK(s, s->n.needless == 0);
	CHECK(s, s->n.again == n);
	/* A loss that only the probe repaired is felt when more is sent. */
	CHECK(s, s->n.reductions == (n > 1));
	/* The probe's ACK after 4; then the others as in slow start. */
	for (rounds = 0; n >> rounds; rounds++)
		;
	CHECK(s, took(s) <= (4 + rounds) * RTT + 100 * MS);
}

/* The probe repaired it, and what follows is slower for it (RFC 8985 7.4). */
static void tail_lost_then_more(void)
{
	struct rs *s = fresh();

	s->c.ts = seed & 1;
	s->c.total = FLIGHT + 10;
	s->c.chunk = FLIGHT;
	s->c.cwnd = FLIGHT;
	lost_mask = 1ULL << (FLIGHT - 1);
	lost_times = 1;
	s->c.fate = fate_mask;
	s->c.pause = 40 * RTT;		/* long after the repair */
	rs_run(s);
	CHECK(s, s->n.probes == 1);
	CHECK(s, s->n.reductions == 1);
	CHECK(s, s->n.recoveries == 0);
	CHECK(s, s->cwnd <= FLIGHT / 2 + 1);
	CHECK(s, s->n.rtos == 0);
	CHECK(s, s->n.needless == 0);
}

static void repetition_lost(void)
{
	struct rs *s = fresh();
	u32 n = 1 + seed % 5;

	s->c.ts = seed & 1;
	s->c.total = FLIGHT + 200;
	s->c.cwnd = FLIGHT;
	choose_losses(s, n);
	lost_times = 2;
	s->c.fate = fate_mask;
	rs_run(s);
	CHECK(s, s->n.rtos == 0);
	CHECK(s, s->n.again == 2 * n);
	CHECK(s, s->n.needless == 0);
	CHECK(s, s->n.recoveries <= 2);
}

/*
 * The link stands still for a while, longer than the timeout.  @all_out: then
 * the third flight is the last, and F-RTO has nothing new to send.
 */
static void spurious_timeout(bool sack, bool ts, bool all_out)
{
	struct rs *s = fresh();

	s->c.sack = sack;
	s->c.ts = ts;
	if (all_out) {
		s->c.total = 10 + 20 + 40;
		s->c.hold_from = s->now + 2 * RTT + 10 * MS;
	} else {
		s->c.hold_from = s->now + 3 * RTT + rs_below(s, RTT);
	}
	s->c.hold_to = s->c.hold_from + 700 * MS + rs_below(s, 300 * MS);
	rs_run(s);
	CHECK(s, s->n.rtos >= 1);
	CHECK(s, s->n.undos == 1);
	CHECK(s, s->n.again <= s->n.rtos + s->n.probes);
	CHECK(s, s->cwnd >= 40);
}

static void spurious_timeout_eifel(void)
{
	spurious_timeout(seed & 1, true, true);
}

static void spurious_timeout_frto(void)
{
	spurious_timeout(seed & 1, false, false);
}

/* A timeout with good reason is not taken back. */
static void true_timeout(void)
{
	struct rs *s = fresh();

	s->c.sack = seed & 1;
	s->c.ts = seed & 2;
	s->c.cwnd = FLIGHT;
	lost_from = 10 + rs_below(s, 30);
	lost_mask = (1ULL << FLIGHT) - (1ULL << lost_from);
	lost_times = 2;
	s->c.fate = fate_mask;
	rs_run(s);
	CHECK(s, s->n.rtos >= 1 || s->c.sack);
	CHECK(s, s->n.undos == 0);
	/* Without SACK the second timeout goes back over what has arrived. */
	CHECK(s, s->n.needless == 0 || !s->c.sack);
}

/* Anything: all arrives, and not too much of it twice. */
static void bad_network(void)
{
	struct rs *s = fresh();

	s->c.total = 1 + rs_below(s, 400);
	s->c.sack = rs_below(s, 4);
	s->c.ts = rs_below(s, 2);
	s->c.delay = 10 + rs_below(s, 100 * MS);
	s->c.gap = rs_below(s, 1000);
	s->c.loss = rs_below(s, 3) ? rs_below(s, 250) : 0;
	s->c.ack_loss = rs_below(s, 2) ? rs_below(s, 250) : 0;
	s->c.dup = rs_below(s, 3) ? 0 : rs_below(s, 100);
	s->c.overtake = rs_below(s, 2) ? rs_below(s, 500) : 0;
	s->c.jitter = rs_below(s, 3 * s->c.delay);
	s->c.chunk = rs_below(s, 2) ? 1 + rs_below(s, 20) : 0;
	s->c.pause = rs_below(s, 300 * MS);
	rs_run(s);
}

static const struct {
	const char *name;
	void (*run)(void);
	u32 seeds;		/* at most; 0: as many as asked for */
} tests[] = {
	{ "nothing lost, nothing sent again", nothing_lost, 200 },
	{ "a little reordering, nothing sent again", reordered_a_little, 200 },
	{ "much reordering is learnt, and taken back", reordered_much, 200 },
	{ "1 to 20 losses in a window, 2 round trips", many_lost, 200 },
	{ "without SACK, one loss per round trip", many_lost_without_sack, 200 },
	{ "lost tails, a probe and no timeout", tail_lost, 200 },
	{ "lost tail, then more", tail_lost_then_more, 50 },
	{ "lost repetitions, no timeout", repetition_lost, 200 },
	{ "spurious timeout, Eifel", spurious_timeout_eifel, 200 },
	{ "spurious timeout, F-RTO", spurious_timeout_frto, 200 },
	{ "true timeout, not taken back", true_timeout, 200 },
	{ "bad networks, all arrives", bad_network, 0 },
};

int main(int argc, char **argv)
{
	u32 first = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	u32 last = argc > 2 ? strtoul(argv[2], NULL, 0) : first + 499;
	u32 i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 14\n1..%zu\n", ARRAY_SIZE(tests));
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		nr = i + 1;
		name = tests[i].name;
		for (seed = first; seed <= last; seed++) {
			if (tests[i].seeds && seed - first >= tests[i].seeds)
				break;
			tests[i].run();
		}
		printf("ok %u %s\n", nr, name);
	}
	printf("# seeds %u to %u\n", first, last);
	free(sim);
	return 0;
}
