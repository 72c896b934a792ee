/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file names the work that decisions leave behind for ttp_run(), the one
 * place that acts.  OR-ing makes duplicates free: ten segments, one ACK.
 */
#ifndef TTP_CORE_TODO_H
#define TTP_CORE_TODO_H

#include "base.h"

/* State effects, in the order in which they are carried out. */
#define TTP_DO_STATE	0xffffu		/* any of them */
#define TTP_DO_SYN	(1u << 0)	/* send our SYN */
#define TTP_DO_SYNACK	(1u << 1)	/* send SYN+ACK from a full socket */
#define TTP_DO_ESTAB	(1u << 2)	/* tell the user: connected */
#define TTP_DO_FIN	(1u << 3)	/* queue our FIN behind the data */
#define TTP_DO_EOF	(1u << 4)	/* tell the reader: no more data */
#define TTP_DO_RST	(1u << 5)	/* send RST for this connection */
#define TTP_DO_ERR	(1u << 6)	/* report todo.err to the user */
#define TTP_DO_TW	(1u << 7)	/* hand over to a TIME_WAIT minisock */
#define TTP_DO_FIN2	(1u << 8)	/* our FIN is acked: watch an orphan */
#define TTP_DO_SPAWN	(1u << 9)	/* a passive open: make a request */
#define TTP_DO_DEAD	(1u << 10)	/* leave the tables, stop timers */

/* Work on the queues. */
#define TTP_DO_REXMIT	(1u << 16)	/* send an unacked SYN or FIN again */
#define TTP_DO_PUSH	(1u << 17)	/* try to send queued data */
#define TTP_DO_PROBE	(1u << 18)	/* send a window or keepalive probe */
#define TTP_DO_ACK	(1u << 19)	/* an ACK is owed now */
#define TTP_DO_DELACK	(1u << 20)	/* an ACK is owed soon */
#define TTP_DO_DUPACK	(1u << 21)	/* an ACK even if one just went out */
#define TTP_DO_READ	(1u << 22)	/* wake readers */
#define TTP_DO_WRITE	(1u << 23)	/* wake writers */
#define TTP_DO_NEW	(1u << 25)	/* two new segments, whatever cwnd: F-RTO */
#define TTP_DO_TAIL	(1u << 26)	/* send a tail loss probe */
#define TTP_DO_AGAIN	(1u << 27)	/* repeat what a SYN took along in vain */
#define TTP_DO_CHALLENGE (1u << 24)	/* rate-limited ACK, RFC 5961 */
#define TTP_DO_URGENT	(1u << 28)	/* tell the user: urgent data ahead */

struct ttp_todo {
	u32	bits;		/* TTP_DO_* */
	int	err;		/* positive errno for TTP_DO_ERR */
	u64	now;		/* us, when that was; 0: look at the clock */
};

#endif
