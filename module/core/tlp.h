/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the tail loss probe (RFC 8985 7): when the last segments
 * of a flight are lost nothing tells so; one more segment makes the peer talk.
 */
#ifndef TTP_CORE_TLP_H
#define TTP_CORE_TLP_H

#include "base.h"

#define TTP_TLP_MAX_ACK_DELAY	(200 * TTP_USEC_PER_MSEC) /* RFC 8985 7.1 */
#define TTP_TLP_PTO_INIT	(1 * TTP_USEC_PER_SEC)	/* 7.2, no sample yet */

struct ttp_tlp {
	u32	end_seq;	/* snd_nxt when the probe was sent */
	bool	out;		/* a probe is unanswered; end_seq is valid */
	bool	is_retrans;	/* it repeated the last segment */
	bool	sampled;	/* a round trip was measured since then */
};

void ttp_tlp_init(struct ttp_tlp *t);

/* Fast recovery or the retransmission timer takes over (7.1). */
void ttp_tlp_reset(struct ttp_tlp *t);

/* A round trip was measured. */
void ttp_tlp_on_rtt(struct ttp_tlp *t);

/*
 * New data was sent, or an ACK advanced: is the timer to be set to
 * ttp_tlp_pto() rather than to the retransmission timeout?  @recovering: in
 * fast recovery or after a timeout.
 */
bool ttp_tlp_may_arm(const struct ttp_tlp *t, bool sack_ok, u32 packets_out,
		     u32 sacked_out, bool recovering);

/* us from now; @srtt in us, 0 before a sample; @rto_left until that timeout. */
u32 ttp_tlp_pto(u32 srtt, u32 packets_out, u32 rto_left);

enum ttp_tlp_probe {
	TTP_TLP_NONE,		/* no probe now: only the retransmission timer */
	TTP_TLP_NEW,		/* the next segment of new data, whatever cwnd */
	TTP_TLP_LAST,		/* the last segment sent, once more */
};

/*
 * The timer fired.  @may_arm: ttp_tlp_may_arm() by now; SACKs that came since
 * have a better clock.  @can_send_new: data is queued and the window has room.
 */
enum ttp_tlp_probe ttp_tlp_on_timer(const struct ttp_tlp *t, bool may_arm,
				    bool can_send_new);

/* The probe has left; @snd_nxt after it.  Then the retransmission timer runs. */
void ttp_tlp_sent(struct ttp_tlp *t, u32 snd_nxt, enum ttp_tlp_probe probe);

/* A D-SACK that only says that our probe was not needed. */
bool ttp_tlp_is_dsack(const struct ttp_tlp *t, u32 dup_end);

struct ttp_tlp_ack {
	u32	ack;
	u32	dup_end;	/* end of the D-SACK, valid with dsack */
	bool	dsack;
	bool	bare_dup;	/* a duplicate ACK without any SACK block */
};

/*
 * One ACK (7.4).  Returns true when the probe itself repaired a loss: that the
 * network lost something must not pass unnoticed by congestion control.
 */
bool ttp_tlp_on_ack(struct ttp_tlp *t, const struct ttp_tlp_ack *a);

#endif
