/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file makes paths, and senders that know them, for the tests of
 * core/bbr.c.
 */
#ifndef TTP_KUNIT_BBR_CASES_H
#define TTP_KUNIT_BBR_CASES_H

#include "../core/bbr_model.h"

#define SEC	1000000ULL
#define MSS	1500u
#define RTT	20000u
#define START	(50 * SEC)

/* A path of @bw segments per RTT, and the sender's view of it. */
struct path {
	struct ttp_cc cc;
	u64 now;
	u64 delivered;
	u32 rtt;
	bool no_rtt;		/* what comes has no RTT, */
	bool limited;		/* was limited by the application, */
	bool same_round;	/* was sent before the round began */
};

static inline struct path new_path(void)
{
	struct path p = { .now = START, .rtt = RTT };

	ttp_cc_init(&p.cc, &ttp_cc_bbr, START);
	return p;
}

static inline struct bbr *model(struct path *p)
{
	return bbr(&p->cc);
}

/* One ACK per round trip: @segs arrived, @lost did not, @out are on the way. */
static inline void round_trip(struct path *p, u32 segs, u32 lost,
			      u32 out)
{
	struct ttp_cc_ack a = {
		.now = p->now += p->rtt, .acked = segs, .in_flight = out,
		.prior_in_flight = out + segs + lost,
		.rtt_us = p->no_rtt ? 0 : p->rtt,
		.srtt_us = p->rtt, .min_rtt_us = p->rtt, .mss = MSS,
		.cwnd_limited = true,
		.rate = {
			.prior_delivered = p->same_round ? 0 : p->delivered,
			.delivered = segs, .app_limited = p->limited,
			.interval_us = p->rtt, .losses = lost,
			.acked_sacked = segs,
		},
	};

	a.delivered = p->delivered += segs;
	ttp_cc_acked(&p->cc, &a);
}

/* As far as PROBE_BW, with a path of 100 segments. */
static inline struct path settled(void)
{
	struct path p = new_path();
	u32 i;

	for (i = 0; i < 4; i++)
		round_trip(&p, 100, 0, 200);
	round_trip(&p, 100, 0, 100);
	return p;
}

#endif
