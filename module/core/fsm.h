/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the state machine of RFC 9293 3.3.2 as a table: what
 * state follows when an event meets a state, and what work that leaves.
 */
#ifndef TTP_CORE_FSM_H
#define TTP_CORE_FSM_H

#include "base.h"
#include "todo.h"

/*
 * The numbers are the kernel's TCP_* numbers, because generic socket code
 * shifts by sk_state; sock.h asserts that they agree.
 */
enum ttp_state {
	TTP_ESTABLISHED = 1,
	TTP_SYN_SENT,
	TTP_SYN_RECV,
	TTP_FIN_WAIT1,
	TTP_FIN_WAIT2,
	TTP_TIME_WAIT,
	TTP_CLOSE,
	TTP_CLOSE_WAIT,
	TTP_LAST_ACK,
	TTP_LISTEN,
	TTP_CLOSING,
	TTP_NR_STATES		/* 12; slot 0 is no state */
};

/*
 * What can happen to a connection.  One segment may yield several events,
 * always in the order RST (alone), SYN, ack-of-SYN, ack-of-FIN, FIN.  "FIN"
 * means newly in sequence: retransmitted FINs never become events.
 */
enum ttp_event {
	TTP_EV_LISTEN,		/* user: listen() */
	TTP_EV_CONNECT,		/* user: connect() */
	TTP_EV_CLOSE,		/* user: close() or shutdown() for writing */
	TTP_EV_ABORT,		/* user: close with unread data, linger 0 */
	TTP_EV_RCV_RST,		/* peer: acceptable RST */
	TTP_EV_RCV_SYN,		/* peer: SYN without an acceptable ACK */
	TTP_EV_RCV_SYNACK,	/* peer: SYN that acknowledges our SYN */
	TTP_EV_RCV_ACK_OF_SYN,	/* peer: our SYN or SYN+ACK is acknowledged */
	TTP_EV_RCV_ACK_OF_FIN,	/* peer: our FIN is acknowledged */
	TTP_EV_RCV_FIN,		/* peer: FIN, next in sequence */
	TTP_EV_DEAD,		/* timer: retries, keepalive, FIN_WAIT2 over */
	TTP_EV_2MSL,		/* timer: TIME_WAIT over, or tuple reused */
	TTP_EV_HANDOVER,	/* a TIME_WAIT minisock has taken the place */
	TTP_NR_EVENTS
};

/* next == 0: the event cannot happen in that state. */
struct ttp_edge {
	u8	next;		/* enum ttp_state */
	u32	todo;		/* TTP_DO_* bits */
};

extern const struct ttp_edge ttp_edges[TTP_NR_STATES][TTP_NR_EVENTS];

/* The edge for an event, or NULL when the pair is illegal or out of range. */
const struct ttp_edge *ttp_fsm_next(u32 state, u32 event);

/* Names as in RFC 9293 with '_', e.g. "FIN_WAIT1", "RCV_FIN"; never NULL. */
const char *ttp_state_name(u32 state);
const char *ttp_event_name(u32 event);

/* Sets of states, as bits 1 << state. */
#define TTPF(s)			(1u << TTP_##s)
/* both ends know both sequence numbers (RFC 9293 3.10.7.4) */
#define TTPF_SYNCED	(TTPF(ESTABLISHED) | TTPF(FIN_WAIT1) | TTPF(FIN_WAIT2) | \
			 TTPF(CLOSING) | TTPF(CLOSE_WAIT) | TTPF(LAST_ACK) | \
			 TTPF(TIME_WAIT))
/* the user may still queue data, and queued data may still be sent */
#define TTPF_MAY_SEND	(TTPF(ESTABLISHED) | TTPF(CLOSE_WAIT))
/* the peer may still send data */
#define TTPF_MAY_RECV	(TTPF(ESTABLISHED) | TTPF(FIN_WAIT1) | TTPF(FIN_WAIT2))
/* our FIN has been queued and the peer has not acknowledged it */
#define TTPF_FIN_SENT	(TTPF(FIN_WAIT1) | TTPF(CLOSING) | TTPF(LAST_ACK))

#endif
