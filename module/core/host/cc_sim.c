// SPDX-License-Identifier: GPL-2.0
/*
 * This file lets the congestion controls send over a simulated bottleneck of
 * 100 Mbit/s and asks whether they do what they are there for.
 *
 * usage: cc_sim [SEED]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cc_net.h"

#define MBIT		100
#define RTT		20000u		/* us */
#define BDP		167u		/* segments */
#define SEC		1000000ULL
#define SEEDS		3		/* averaged where chance plays */

static u32 seed;
static const char * const names[] = { "reno", "cubic", "bbr" };

/* The simulation at hand is freed by the next one, also after a failure. */
static struct net *open_net;

static struct net *sim_new(u32 s, u32 mbit, u32 rtt_us, u32 buffer)
{
	if (open_net)
		net_free(open_net);
	return open_net = net_new(s, mbit, rtt_us, buffer);
}

#define MUST(cond, ...)							\
	do {								\
		if (!(cond)) {						\
			printf("# not so: " #cond ": ");		\
			printf(__VA_ARGS__);				\
			printf("\n");					\
			return false;					\
		}							\
	} while (0)

/* What arrived in the time since, of what the link could carry. */
static double share(const struct net *net, const struct net_flow *f,
		    u64 delivered, u64 since)
{
	return (f->delivered - delivered) * (double)net->seg_us /
	       (net->now - since);
}

static double goodput(const char *cc, u32 loss, u32 merge_us)
{
	double sum = 0;
	u32 i;

	for (i = 0; i < SEEDS; i++) {
		struct net *net = sim_new(seed + i, MBIT, RTT, BDP);
		struct net_flow *f = net_add(net, cc, 0);

		net->loss = loss;
		net->merge_us = merge_us;
		net_run(net, 30 * SEC, NULL);
		sum += share(net, f, 0, 0);
	}
	return sum / SEEDS;
}

/* In a table for the reader, and in relations that have to hold. */
static bool sim_goodput(void)
{
	static const u32 losses[] = { 0, 10, 100, 300 };
	double got[3][4];
	u32 merge, c, l;

	for (merge = 0; merge <= 2000; merge += 2000) {
		printf("# goodput in %% of the link, ACKs of %u us merged\n",
		       merge);
		printf("# loss      0 %%   0.1 %%     1 %%     3 %%\n");
		for (c = 0; c < 3; c++) {
			printf("# %-6s", names[c]);
			for (l = 0; l < 4; l++) {
				got[c][l] = goodput(names[c], losses[l], merge);
				printf(" %7.2f", 100 * got[c][l]);
			}
			printf("\n");
		}
		for (l = 0; l < 4; l++) {
			/* At 3 % it is in the region of 9438 4.3: as Reno. */
			MUST(got[1][l] >= got[0][l] * (l < 3 ? 1 : 0.95),
			     "cubic, reno, %u", l);
			MUST(got[2][l] >= got[1][l] || !l, "bbr, cubic, %u", l);
		}
		for (c = 0; c < 3; c++)
			MUST(got[c][0] >= 0.93, "%s without loss", names[c]);
		MUST(got[1][0] >= 0.98, "cubic without loss");
		/* With its margin and nothing queued, it would be 99 %. */
		MUST(got[2][0] >= 0.993 || merge, "bbr leaves the path idle");
		MUST(got[2][2] >= 0.93, "bbr at 1 %%");
		MUST(got[2][3] >= 0.90, "bbr at 3 %%");
	}
	return true;
}

static double jain(struct net *net, const u64 *before, u64 since)
{
	double sum = 0, squares = 0;
	u32 i;

	for (i = 0; i < net->nr; i++) {
		double x = share(net, net->flow[i], before[i], since);

		sum += x;
		squares += x * x;
	}
	return sum * sum / net->nr / squares;
}

/* Latecomers get their part: over the last 30 s of 60, buffer as the path. */
static bool sim_fairness(void)
{
	u32 c, n, i, s;

	for (c = 0; c < 3; c++) {
		for (n = 2; n <= NET_FLOWS; n++) {
			double sum = 0;

			for (s = 0; s < SEEDS; s++) {
				struct net *net = sim_new(seed + s, MBIT, RTT,
							  BDP);
				u64 before[NET_FLOWS];

				for (i = 0; i < n; i++)
					net_add(net, names[c], i * SEC +
						(seed + s + i) * 7919ULL %
						400000);
				net_run(net, 30 * SEC, NULL);
				for (i = 0; i < n; i++)
					before[i] = net->flow[i]->delivered;
				net_run(net, 60 * SEC, NULL);
				sum += jain(net, before, 30 * SEC);
			}
			printf("# %u times %s: Jain's index %.3f\n", n,
			       names[c], sum / SEEDS);
			MUST(sum / SEEDS >= 0.85, "%u times %s", n, names[c]);
		}
	}
	return true;
}

/* Without loss and in a deep buffer: who leaves it empty? */
static bool sim_queue(void)
{
	double mean[3];
	u32 c;

	for (c = 0; c < 3; c++) {
		struct net *net = sim_new(seed, MBIT, RTT, 8 * BDP);

		net_add(net, names[c], 0);
		net_run(net, 5 * SEC, NULL);
		net_reset_queue_stats(net);
		net_run(net, 30 * SEC, NULL);
		mean[c] = (double)net->queue_sum / net->queue_nr / RTT;
		printf("# %s: a queue of %.2f, at least %.2f round trips\n",
		       names[c], mean[c], (double)net->queue_min / RTT);
		if (c == 2)
			MUST(!net->queue_min, "bbr never drains the queue");
	}
	MUST(mean[2] <= 0.10, "bbr keeps a queue");
	MUST(mean[0] >= 1 && mean[1] >= 1, "the others do, else this is no test");
	return true;
}

/*
 * RFC 9406: the first slow start ends before a deep buffer overflows.  Five
 * rounds of CSS make 1.25^5 = 3 of what two round trips of slow start beyond
 * the path had grown to: a buffer of less than ten times the path is not deep.
 */
static bool sim_hystart(void)
{
	static const u32 rtts[] = { 5000, 20000, 100000 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rtts); i++) {
		u32 bdp = rtts[i] / 120;
		u64 overflows[2];
		u32 c;

		for (c = 0; c < 2; c++) {
			struct net *net = sim_new(seed, MBIT, rtts[i],
						  12 * max(bdp, 85u));
			struct net_flow *f = net_add(net, names[c], 0);

			net_run(net, 5 * SEC, NULL);
			overflows[c] = net->overflows;
			printf("# %s, %u us: ssthresh %u (path %u), %llu lost\n",
			       names[c], rtts[i], f->cc.ssthresh, bdp,
			       overflows[c]);
			if (c) {
				MUST(f->cc.ssthresh != ~0u, "still in slow start");
				MUST(f->cc.cwnd >= bdp, "left too early");
			}
		}
		MUST(overflows[0], "slow start overflows, else this is no test");
		MUST(!overflows[1], "HyStart++ does not");
	}
	return true;
}

/* The curve of RFC 9438 (1), from the loss below on. */
static struct {
	double top, low;		/* segments */
	double worst;			/* of what is allowed */
	u64 at;
} curve;

static void watch_curve(struct net *net, struct net_flow *f)
{
	double k = cbrt((curve.top - curve.low) / 0.4);
	double t, w, may;

	if (f->state != NET_OPEN)
		return;
	if (!curve.at)
		curve.at = net->now;
	t = (net->now - curve.at) / 1e6;
	w = 0.4 * pow(t - k, 3) + curve.top;
	/* What the curve climbs in a round trip, and what whole numbers need. */
	may = 1.2 * (t - k) * (t - k) * net->rtt_us / 1e6 + 1;
	curve.worst = fmax(curve.worst, fabs(w - f->cc.cwnd) / may);
}

/* A path that never fills: cwnd after one loss is that of the formula. */
static bool sim_curve(void)
{
	struct net *net = sim_new(seed, 1000, 100000, 100000);
	struct net_flow *f = net_add(net, "cubic", 0);
	u64 t;

	f->cc.ssthresh = 700;
	net_run(net, 2 * SEC, NULL);
	net->drop_next = true;
	memset(&curve, 0, sizeof(curve));
	/* The loss is noticed a round trip later, at the window of then. */
	for (t = net->now; f->state == NET_OPEN; t += 1000)
		net_run(net, t, NULL);
	curve.top = f->cc.prior_cwnd;
	curve.low = f->cc.ssthresh;
	net_run(net, t + 20 * SEC, watch_curve);
	printf("# from %.0f over %.0f to %u segments, %.2f round trips off\n",
	       curve.low, curve.top, f->cc.cwnd, curve.worst);
	MUST(f->cc.cwnd > 1.2 * curve.top, "it did not come far");
	MUST(curve.worst <= 1, "not the curve");
	return true;
}

static struct {
	u32 cwnd;
	enum net_state state;
	u64 falls;
	u64 bin_at, bin;
	double least;
} steady;

static void watch_steady(struct net *net, struct net_flow *f)
{
	if (f->state == NET_OPEN && steady.state == NET_OPEN &&
	    f->cc.cwnd < steady.cwnd)
		steady.falls++;
	steady.cwnd = f->cc.cwnd;
	steady.state = f->state;
	if (net->now < 3 * SEC)
		return;
	if (!steady.bin_at)
		steady.least = 1;
	if (net->now - steady.bin_at < SEC)
		return;
	if (steady.bin_at && share(net, f, steady.bin, steady.bin_at) <
	    steady.least)
		steady.least = share(net, f, steady.bin, steady.bin_at);
	steady.bin_at = net->now;
	steady.bin = f->delivered;
}

/* No control swings: not a second with less than it should have. */
static bool sim_steady(void)
{
	static const double least[] = { 0.70, 0.90, 0.85 };
	u32 c;

	for (c = 0; c < 3; c++) {
		struct net *net = sim_new(seed, MBIT, RTT, BDP);

		net_add(net, names[c], 0);
		memset(&steady, 0, sizeof(steady));
		net_run(net, 40 * SEC, watch_steady);
		printf("# %s: %.2f of the link in the worst second\n",
		       names[c], steady.least);
		MUST(steady.least >= least[c], "%s swings", names[c]);
		if (c < 2)
			MUST(!steady.falls, "%s: less without a loss", names[c]);
	}
	return true;
}

/* A path that changes: rate to a fifth and back, then three times as long. */
static bool sim_change(void)
{
	u32 c;

	for (c = 0; c < 3; c++) {
		struct net *net = sim_new(seed, MBIT, RTT, BDP);
		struct net_flow *f = net_add(net, names[c], 0);
		double part[3];
		u64 before;

		net_run(net, 10 * SEC, NULL);
		net->seg_us *= 5;
		net_run(net, 13 * SEC, NULL);
		before = f->delivered;
		net_run(net, 23 * SEC, NULL);
		part[0] = share(net, f, before, 13 * SEC);
		net->seg_us /= 5;
		net_run(net, 28 * SEC, NULL);
		before = f->delivered;
		net_run(net, 38 * SEC, NULL);
		part[1] = share(net, f, before, 28 * SEC);
		net->rtt_us *= 3;
		net_run(net, 55 * SEC, NULL);
		before = f->delivered;
		net_run(net, 75 * SEC, NULL);
		part[2] = share(net, f, before, 55 * SEC);
		printf("# %s: slower %.2f, as before %.2f, longer %.2f\n",
		       names[c], part[0], part[1], part[2]);
		if (c)
			MUST(part[0] > 0.85 && part[1] > 0.85 && part[2] > 0.85,
			     "%s does not follow", names[c]);
	}
	return true;
}

static const struct {
	const char *name;
	bool (*run)(void);
} cases[] = {
	{ "goodput at 0, 0.1, 1 and 3 % loss", sim_goodput },
	{ "fairness among the same", sim_fairness },
	{ "bbr drains its queue", sim_queue },
	{ "cubic: HyStart++ (RFC 9406)", sim_hystart },
	{ "cubic: the curve (RFC 9438 4.2)", sim_curve },
	{ "no swings", sim_steady },
	{ "a path that changes", sim_change },
};

int main(int argc, char **argv)
{
	bool failed = false;
	u32 i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	seed = argc > 1 ? (u32)strtoul(argv[1], NULL, 0) : 1;
	printf("TAP version 14\n1..%zu\n# SEED=%u\n", ARRAY_SIZE(cases), seed);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bool ok = cases[i].run();

		printf("%sok %u %s\n", ok ? "" : "not ", i + 1, cases[i].name);
		failed |= !ok;
	}
	net_free(open_net);
	return failed;
}
