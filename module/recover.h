/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares loss recovery of one connection: what an ACK or a timer
 * says about losses, and what follows for the congestion window.
 */
#ifndef TTP_RECOVER_H
#define TTP_RECOVER_H

#include <linux/types.h>

#include "core/rack.h"
#include "core/recovery.h"

struct sk_buff;
struct sock;
struct ttp_sock;
struct ttp_todo;

/* One ACK, while it is applied. */
struct ttp_ack_run {
	struct ttp_rec_ack r;
	struct ttp_rack_ack rack;
	u64	now;
	u32	delivered;	/* segments, by ACK or SACK */
	u32	acked;		/* segments, cumulatively */
	u32	flight;		/* packets_out before it */
	u32	in_flight;	/* ttp_in_flight() before it */
	u32	lost;		/* lost_out without the losses that it shows */
	u32	rtt;		/* us, 0: no sample */
	bool	rtt_sacked;	/* of a segment that may have overtaken others */
	bool	ece;		/* the peer has seen a mark */
	bool	repaired;	/* by a loss probe */
	bool	bare;		/* nothing in it but what was known */
	bool	lost_again;	/* something sent again is lost again */
};

/*
 * The namespace's congestion control, unless TCP_CONGESTION has named one: for
 * a socket that is new, by socket() or as a child, and never again.
 */
void ttp_recover_choose(struct sock *sk);
/* From the beginning, with the congestion control that it has. */
void ttp_recover_init(struct sock *sk, u32 iss);

/* @segs segments of @skb, up to @end_seq, have arrived; not to be counted again. */
void ttp_recover_delivered(struct ttp_sock *t, struct ttp_ack_run *run,
			   const struct sk_buff *skb, u32 end_seq, u32 segs,
			   bool sacked);
/* The ACK is applied: find losses, change states, set cwnd and timers. */
void ttp_recover_on_ack(struct sock *sk, struct ttp_ack_run *run,
			struct ttp_todo *todo);

/* The timers of recovery fired. */
void ttp_recover_on_reo(struct sock *sk, u64 now, struct ttp_todo *todo);
void ttp_recover_on_rto(struct sock *sk, u64 now, struct ttp_todo *todo);
/*
 * t->mss has fallen, or bursts of more than @burst bytes do not pass, and who
 * told so has dropped what was larger.
 */
void ttp_recover_on_mtu(struct sock *sk, u32 burst, struct ttp_todo *todo);
/* Is a probe to be sent, and which: enum ttp_tlp_probe. */
u32 ttp_recover_on_pto(struct sock *sk);
/* Something new was sent, or snd_una moved: when would silence be strange? */
void ttp_recover_arm_probe(struct ttp_sock *t, u64 now);

#endif
