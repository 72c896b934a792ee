// SPDX-License-Identifier: GPL-2.0
/*
 * This file holds the state machine: one table, from which the code runs and
 * Documentation/states.rst is printed.
 *
 * TTP_DO_DEAD goes with every edge into CLOSE from elsewhere; TTP_DO_ERR with
 * those that the user did not ask for.  A pair that is missing here cannot
 * happen, because verdict.c keeps such segments out and the timers of a state
 * end with it.
 */
#include "fsm.h"

#define TTP_GONE	(TTP_DO_DEAD)
#define TTP_FAILED	(TTP_DO_DEAD | TTP_DO_ERR)
#define TTP_ABORTED	(TTP_DO_DEAD | TTP_DO_RST)
#define TTP_PEER_DONE	(TTP_DO_ACK | TTP_DO_EOF)

const struct ttp_edge ttp_edges[TTP_NR_STATES][TTP_NR_EVENTS] = {
	[TTP_CLOSE] = {
		[TTP_EV_LISTEN]		= { TTP_LISTEN, 0 },
		[TTP_EV_CONNECT]	= { TTP_SYN_SENT, TTP_DO_SYN },
		[TTP_EV_CLOSE]		= { TTP_CLOSE, 0 },
		[TTP_EV_ABORT]		= { TTP_CLOSE, 0 },
	},
	[TTP_LISTEN] = {
		[TTP_EV_LISTEN]		= { TTP_LISTEN, 0 },
		[TTP_EV_CLOSE]		= { TTP_CLOSE, TTP_GONE },
		[TTP_EV_ABORT]		= { TTP_CLOSE, TTP_GONE },
		/* The request is the connection that goes to SYN_RECV. */
		[TTP_EV_RCV_SYN]	= { TTP_LISTEN, TTP_DO_SPAWN },
	},
	[TTP_SYN_SENT] = {
		[TTP_EV_CLOSE]		= { TTP_CLOSE, TTP_GONE },
		[TTP_EV_ABORT]		= { TTP_CLOSE, TTP_GONE },
		[TTP_EV_RCV_RST]	= { TTP_CLOSE, TTP_FAILED },
		/* Simultaneous open, or our own SYN when we call ourselves. */
		[TTP_EV_RCV_SYN]	= { TTP_SYN_RECV, TTP_DO_SYNACK },
		[TTP_EV_RCV_SYNACK]	= { TTP_ESTABLISHED,
					    TTP_DO_ACK | TTP_DO_ESTAB },
		[TTP_EV_DEAD]		= { TTP_CLOSE, TTP_FAILED },
	},
	[TTP_SYN_RECV] = {
		[TTP_EV_CLOSE]		= { TTP_FIN_WAIT1, TTP_DO_FIN },
		[TTP_EV_ABORT]		= { TTP_CLOSE, TTP_ABORTED },
		[TTP_EV_RCV_RST]	= { TTP_CLOSE, TTP_FAILED },
		/* A FIN comes later: the ACK beside it is an event before it. */
		[TTP_EV_RCV_ACK_OF_SYN]	= { TTP_ESTABLISHED, TTP_DO_ESTAB },
		[TTP_EV_DEAD]		= { TTP_CLOSE, TTP_FAILED },
	},
	[TTP_ESTABLISHED] = {
		[TTP_EV_CLOSE]		= { TTP_FIN_WAIT1, TTP_DO_FIN },
		[TTP_EV_ABORT]		= { TTP_CLOSE, TTP_ABORTED },
		[TTP_EV_RCV_RST]	= { TTP_CLOSE, TTP_FAILED },
		/* Our ACK may wait a moment: it saves a segment to send it
		 * with the FIN of a user who closes at once (RFC 9293 3.6).
		 */
		[TTP_EV_RCV_FIN]	= { TTP_CLOSE_WAIT,
					    TTP_DO_DELACK | TTP_DO_EOF },
		[TTP_EV_DEAD]		= { TTP_CLOSE, TTP_FAILED },
	},
	[TTP_FIN_WAIT1] = {
		[TTP_EV_CLOSE]		= { TTP_FIN_WAIT1, 0 },
		[TTP_EV_ABORT]		= { TTP_CLOSE, TTP_ABORTED },
		[TTP_EV_RCV_RST]	= { TTP_CLOSE, TTP_FAILED },
		[TTP_EV_RCV_ACK_OF_FIN]	= { TTP_FIN_WAIT2, TTP_DO_FIN2 },
		[TTP_EV_RCV_FIN]	= { TTP_CLOSING, TTP_PEER_DONE },
		[TTP_EV_DEAD]		= { TTP_CLOSE, TTP_FAILED },
	},
	[TTP_FIN_WAIT2] = {
		[TTP_EV_CLOSE]		= { TTP_FIN_WAIT2, 0 },
		[TTP_EV_ABORT]		= { TTP_CLOSE, TTP_ABORTED },
		[TTP_EV_RCV_RST]	= { TTP_CLOSE, TTP_FAILED },
		[TTP_EV_RCV_FIN]	= { TTP_TIME_WAIT,
					    TTP_PEER_DONE | TTP_DO_TW },
		[TTP_EV_DEAD]		= { TTP_CLOSE, TTP_FAILED },
	},
	[TTP_CLOSING] = {
		[TTP_EV_CLOSE]		= { TTP_CLOSING, 0 },
		[TTP_EV_ABORT]		= { TTP_CLOSE, TTP_ABORTED },
		[TTP_EV_RCV_RST]	= { TTP_CLOSE, TTP_FAILED },
		[TTP_EV_RCV_ACK_OF_FIN]	= { TTP_TIME_WAIT, TTP_DO_TW },
		[TTP_EV_DEAD]		= { TTP_CLOSE, TTP_FAILED },
	},
	[TTP_CLOSE_WAIT] = {
		[TTP_EV_CLOSE]		= { TTP_LAST_ACK, TTP_DO_FIN },
		[TTP_EV_ABORT]		= { TTP_CLOSE, TTP_ABORTED },
		[TTP_EV_RCV_RST]	= { TTP_CLOSE, TTP_FAILED },
		[TTP_EV_DEAD]		= { TTP_CLOSE, TTP_FAILED },
	},
	[TTP_LAST_ACK] = {
		[TTP_EV_CLOSE]		= { TTP_LAST_ACK, 0 },
		[TTP_EV_ABORT]		= { TTP_CLOSE, TTP_ABORTED },
		[TTP_EV_RCV_RST]	= { TTP_CLOSE, TTP_FAILED },
		[TTP_EV_RCV_ACK_OF_FIN]	= { TTP_CLOSE, TTP_GONE },
		[TTP_EV_DEAD]		= { TTP_CLOSE, TTP_FAILED },
	},
	[TTP_TIME_WAIT] = {
		/* The listener makes the request. */
		[TTP_EV_RCV_SYN]	= { TTP_CLOSE, TTP_GONE },
		/* Unless net.ttp.rfc1337 has such segments ignored. */
		[TTP_EV_RCV_RST]	= { TTP_CLOSE, TTP_GONE },
		[TTP_EV_2MSL]		= { TTP_CLOSE, TTP_GONE },
		[TTP_EV_HANDOVER]	= { TTP_CLOSE, TTP_GONE },
	},
};

static const char * const state_names[TTP_NR_STATES] = {
	[TTP_ESTABLISHED]	= "ESTABLISHED",
	[TTP_SYN_SENT]		= "SYN_SENT",
	[TTP_SYN_RECV]		= "SYN_RECV",
	[TTP_FIN_WAIT1]		= "FIN_WAIT1",
	[TTP_FIN_WAIT2]		= "FIN_WAIT2",
	[TTP_TIME_WAIT]		= "TIME_WAIT",
	[TTP_CLOSE]		= "CLOSE",
	[TTP_CLOSE_WAIT]	= "CLOSE_WAIT",
	[TTP_LAST_ACK]		= "LAST_ACK",
	[TTP_LISTEN]		= "LISTEN",
	[TTP_CLOSING]		= "CLOSING",
};

static const char * const event_names[TTP_NR_EVENTS] = {
	[TTP_EV_LISTEN]		= "LISTEN",
	[TTP_EV_CONNECT]	= "CONNECT",
	[TTP_EV_CLOSE]		= "CLOSE",
	[TTP_EV_ABORT]		= "ABORT",
	[TTP_EV_RCV_RST]	= "RCV_RST",
	[TTP_EV_RCV_SYN]	= "RCV_SYN",
	[TTP_EV_RCV_SYNACK]	= "RCV_SYNACK",
	[TTP_EV_RCV_ACK_OF_SYN]	= "RCV_ACK_OF_SYN",
	[TTP_EV_RCV_ACK_OF_FIN]	= "RCV_ACK_OF_FIN",
	[TTP_EV_RCV_FIN]	= "RCV_FIN",
	[TTP_EV_DEAD]		= "DEAD",
	[TTP_EV_2MSL]		= "2MSL",
	[TTP_EV_HANDOVER]	= "HANDOVER",
};

const struct ttp_edge *ttp_fsm_next(u32 state, u32 event)
{
	const struct ttp_edge *edge;

	if (state >= TTP_NR_STATES || event >= TTP_NR_EVENTS)
		return NULL;
	edge = &ttp_edges[state][event];
	return edge->next ? edge : NULL;
}

const char *ttp_state_name(u32 state)
{
	if (state >= TTP_NR_STATES || !state_names[state])
		return "UNKNOWN";
	return state_names[state];
}

const char *ttp_event_name(u32 event)
{
	if (event >= TTP_NR_EVENTS)
		return "UNKNOWN";
	return event_names[event];
}
