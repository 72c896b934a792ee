/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the simulation: two ends made of core/ and nothing else,
 * and a channel between them that loses, doubles and reorders, all from a seed.
 */
#ifndef TTP_CORE_HOST_SIM_H
#define TTP_CORE_HOST_SIM_H

#include "../base.h"
#include "../cc.h"
#include "../deadline.h"
#include "../fsm.h"
#include "../prr.h"
#include "../recovery.h"
#include "../reno.h"
#include "../rtt.h"
#include "../seg.h"
#include "../seq.h"
#include "../verdict.h"
#include "../window.h"

#define SIM_MSS_MAX	1460
#define SIM_RTX_MAX	4096

/* A segment that has been sent and not acknowledged. */
struct sent {
	u32	seq;
	u32	len;
	u8	flags;		/* TTP_SYN, TTP_FIN */
	u32	tries;
	u64	at;		/* the last time */
	bool	lost;
	bool	retrans;	/* sent again, and that is in flight */
};

/* What the user of an end does. */
struct app {
	u32	size;		/* bytes to send */
	u32	written;	/* of these, handed over so far */
	u32	chunk;		/* most bytes per write or read */
	u32	pause;		/* most us between two actions */
	u64	at;		/* next action, 0: none */
	bool	close_late;	/* only after the peer's end of data */
	bool	closed;
	u32	abort_after;	/* bytes read before ABORT, 0: never */
	u64	abort_at;	/* the same as a time */
	u64	hangup_at;	/* CLOSE in whatever state, 0: never */
};

struct end {
	struct sim	*sim;
	int		id;
	u32		state;
	bool		has_req;	/* LISTEN: a request waits for its ACK */
	u64		tw_until;
	int		err;
	/* sending */
	u32		iss, snd_una, snd_nxt, snd_wnd, wl1, wl2, max_wnd;
	u32		snd_sml;	/* end of the last small segment */
	u32		mss;
	u8		snd_wscale;
	bool		fin_queued, fin_sent, nodelay;
	struct sent	rtx[SIM_RTX_MAX];
	u32		nr_rtx;
	/* receiving */
	u32		irs, rcv_nxt, rcv_edge, rcv_buf, read;
	u32		unacked;	/* bytes received since our last ACK */
	u8		rcv_wscale;
	bool		fin_seen;
	u32		fin_seq;
	u8		*got;		/* 1: byte at this offset has come */
	u64		challenge_at;
	u64		stuck_at;	/* first timeout since the peer was heard */
	u32		keep_probes;	/* unanswered */
	struct ttp_rtt	rtt;
	/* recovering */
	struct ttp_cc	cc;
	struct ttp_recovery rec;
	struct ttp_prr	prr;
	u32		sacked_out;	/* duplicate ACKs count as this */
	u32		timeouts;	/* in a row */
	u32		frto_room;	/* segments that may leave despite cwnd */
	bool		cwnd_limited;
	struct ttp_deadlines dl;
	struct app	app;
};

struct packet {
	u64	at;
	int	to;
	u32	hlen;
	u32	len;
	u8	bytes[TTP_HDR_MAX + SIM_MSS_MAX];
};

#define SIM_PACKETS	8192

struct sim {
	u64		now;
	u32		rnd;
	u32		loss;		/* of 1000 */
	u32		dup;		/* of 1000 */
	u32		delay;		/* us */
	u32		jitter;		/* us */
	bool		trace;
	u64		cut_at;		/* from then on everything is lost */
	bool		broken;		/* not all bytes can be expected */
	u32		steps;
	struct end	end[2];
	struct packet	*packet[SIM_PACKETS];
	u32		nr_packets;
};

extern u32 sim_edges_seen[TTP_NR_STATES];	/* bits 1 << event */

u32 sim_random(struct sim *sim);
/* 0 .. n - 1 */
u32 sim_below(struct sim *sim, u32 n);
void sim_transmit(struct sim *sim, int to, const u8 *bytes, u32 hlen, u32 len);
void sim_fail(struct sim *sim, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* The byte of end @id's stream at @offset. */
u8 sim_byte(int id, u32 offset);

void end_connect(struct end *e);
void end_listen(struct end *e);
void end_input(struct end *e, const u8 *bytes, u32 hlen, u32 len);
void end_timers(struct end *e);
void end_app(struct end *e);
void end_check(struct end *e);
u64 end_next(struct end *e);

/* sim_tx.c */
void end_xmit(struct end *e, u32 seq, u32 len, u8 flags);
void end_ack(struct end *e);
void end_delack(struct end *e);
void end_repeat(struct end *e, struct sent *s);
bool end_can_send_new(const struct end *e);
void end_arm_rexmit(struct end *e);
void end_push(struct end *e);
void end_event(struct end *e, u32 event);

/* sim_rec.c */
void end_rec_init(struct end *e);
u32 end_in_flight(const struct end *e);
/* Segments that congestion control lets out now. */
u32 end_room(const struct end *e);
/* @s is acknowledged. */
void end_rec_delivered(const struct end *e, const struct sent *s,
		       struct ttp_rec_ack *a);
/* @acked segments are, and @flight were out before. */
void end_rec_ack(struct end *e, struct ttp_rec_ack *a, u32 acked, u32 flight);
void end_rec_timeout(struct end *e);
void end_repeat_lost(struct end *e);

#endif
