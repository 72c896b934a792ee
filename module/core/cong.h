/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares congestion control and loss recovery as values: NewReno
 * (RFC 5681, RFC 6582) counts acknowledgements and says what to send again.
 */
#ifndef TTP_CORE_CONG_H
#define TTP_CORE_CONG_H

#include "base.h"

#define TTP_INIT_CWND		10	/* segments, RFC 6928 */
#define TTP_DUPACK_THRESH	3	/* RFC 5681 3.2 */

enum ttp_ca_state {
	TTP_CA_OPEN,		/* nothing suspicious; dupacks below 3 */
	TTP_CA_RECOVERY,	/* fast recovery until `recover` is acked */
	TTP_CA_LOSS,		/* after a timeout, until `recover` is acked */
};

/*
 * cwnd and ssthresh count segments, as in Linux.  cwnd is never inflated:
 * ttp_cong_room() adds the segments that are known to have left the network.
 */
struct ttp_cong {
	u32	cwnd;
	u32	ssthresh;	/* ~0 until the first loss */
	u32	cwnd_cnt;	/* acked segments towards the next increase */
	u32	dupacks;	/* in a row; also segments that left the network */
	u32	recover;	/* snd_nxt when the loss was detected; follows
				 * snd_una once that is beyond it
				 */
	u8	state;		/* enum ttp_ca_state */
};

/* One arriving acknowledgement, as far as congestion control cares. */
struct ttp_ack_sample {
	u32	snd_una;	/* after the ACK was applied */
	u32	snd_nxt;
	u32	acked;		/* bytes newly acknowledged */
	u32	acked_segs;	/* the same in segments, rounded up */
	u32	inflight;	/* segments sent and unacked before the ACK */
	bool	dup;		/* a duplicate ACK by RFC 5681 2 */
	bool	cwnd_limited;	/* the window was full when this was sent */
};

void ttp_cong_init(struct ttp_cong *c, u32 iss);

/**
 * ttp_cong_on_ack - apply one ACK
 *
 * Slow start and avoidance with byte counting (RFC 3465, L = 2 at most per
 * acked segment batch; growth only when cwnd_limited), duplicate ACK count,
 * entry into fast recovery at 3 (not again for losses before `recover`,
 * RFC 6582 3.2), inflation, partial ACK and deflation, exit with
 * cwnd = min(ssthresh, max(left, 1) + 1), left being what is in flight after
 * the ACK.  In LOSS each ACK that advances below `recover` asks for the next
 * hole (go-back-N by slow start).
 * Returns true when the first unacknowledged segment is to be sent again now.
 */
bool ttp_cong_on_ack(struct ttp_cong *c, const struct ttp_ack_sample *s);

/*
 * Retransmission timeout (RFC 5681 3.1): ssthresh = max(inflight / 2, 2) only
 * for the first timeout of a segment, cwnd = 1, state LOSS.
 */
void ttp_cong_on_rto(struct ttp_cong *c, u32 inflight, u32 snd_nxt, bool first);

/* Nothing was sent for @idle_us: restart from the initial window (RFC 5681 4.1). */
void ttp_cong_on_idle(struct ttp_cong *c, u64 idle_us, u32 rto_us);

/* Segments that may be sent now, given @inflight unacknowledged ones. */
u32 ttp_cong_room(const struct ttp_cong *c, u32 inflight);

#endif
