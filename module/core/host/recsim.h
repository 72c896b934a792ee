/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the simulation of loss recovery: a sender and a receiver
 * made of core/, an array of segments between them, and a link that a test can
 * tell which transmission of which segment to lose or to hold up.
 */
#ifndef TTP_CORE_HOST_RECSIM_H
#define TTP_CORE_HOST_RECSIM_H

#include "../base.h"
#include "../prr.h"
#include "../rack.h"
#include "../recovery.h"
#include "../reno.h"
#include "../rtt.h"
#include "../sack.h"
#include "../seq.h"
#include "../tlp.h"

#define RS_MSS		1000u
#define RS_SEGS		3000u
#define RS_EVENTS	8192u

struct rs_seg {
	u64	sent_at;
	u32	tsval;
	u32	times;		/* sent */
	bool	sacked, lost, retrans, delivered;
};

struct rs_packet {
	u64	at;
	bool	is_ack;
	u32	seg;		/* data: index */
	u32	tsval;		/* data; of an ACK the echo */
	u32	ack;
	u8	nr_sack;
	struct ttp_sack_block sack[TTP_SACK_MAX];
};

/* What a test wishes. */
struct rs_config {
	u32	total;		/* segments */
	u32	chunk;		/* the user hands over so many at a time, 0: all */
	u32	pause;		/* us between two chunks, or half as long */
	u32	cwnd, ssthresh;	/* to begin with */
	u32	delay;		/* us, one way */
	u32	gap;		/* us between two packets at the bottleneck */
	u32	loss, ack_loss, dup;	/* of 1000 */
	u32	jitter;		/* us; packets overtake each other */
	u32	overtake;	/* of 1000: held up by jitter */
	bool	sack, ts;
	u32	iss;
	/* us that this transmission takes longer, ~0u: it is lost */
	u32	(*fate)(u32 seg, u32 time);
	u64	hold_from, hold_to;	/* the link stands still; nothing is lost */
};

struct rs_stats {
	u32	sent, again, needless;	/* segments; needless: came twice */
	u32	rtos, probes, recoveries, reductions, undos, partials;
	u64	done_at;
};

struct rs {
	struct rs_config c;
	struct rs_stats	n;
	u64	now;
	u32	rnd, steps;
	/* sender */
	struct rs_seg	seg[RS_SEGS];
	u32	una, nxt, avail;	/* indices; avail: handed over */
	u32	packets_out, sacked_out, lost_out, retrans_out;
	u32	cwnd, ssthresh, cnt;
	u64	rto_at, reo_at, pto_at, chunk_at;
	u32	retries;
	struct ttp_rtt	rtt;
	struct ttp_rack	rack;
	struct ttp_tlp	tlp;
	struct ttp_prr	prr;
	struct ttp_recovery rec;
	/* receiver */
	bool	got[RS_SEGS];
	u32	rcv, unacked;
	u32	ts_recent;
	u64	delack_at;
	struct ttp_sack_rx rx;
	/* link */
	struct rs_packet packet[RS_EVENTS];
	u32	nr_packets;
	u64	free_at;
};

u32 rs_below(struct rs *s, u32 n);
void rs_fail(struct rs *s, const char *what) __attribute__((noreturn));
void rs_data(struct rs *s, u32 seg, u32 tsval);
void rs_run(struct rs *s);

u32 rs_in_flight(const struct rs *s);
void rs_tx_init(struct rs *s);
void rs_tx_ack(struct rs *s, const struct rs_packet *p);
void rs_tx_timers(struct rs *s);
void rs_tx_push(struct rs *s, u32 react);
void rs_tx_check(struct rs *s);

static inline u32 rs_seq(const struct rs *s, u32 seg)
{
	return s->c.iss + 1 + seg * RS_MSS;
}

#endif
