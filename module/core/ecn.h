/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares explicit congestion notification (RFC 3168 6.1): who may
 * use it, what is said of marks that came, and what of those that the peer saw.
 */
#ifndef TTP_CORE_ECN_H
#define TTP_CORE_ECN_H

#include "base.h"
#include "seg.h"

/* The sysctl ecn. */
enum ttp_ecn_policy {
	TTP_ECN_NEVER,
	TTP_ECN_ASK,		/* and agree when asked */
	TTP_ECN_AGREE,
};

struct ttp_ecn {
	bool	ok;		/* agreed; before that: wished for */
	bool	seen;		/* the peer's data has been ECT */
	bool	echo;		/* a mark came: ECE until the peer's CWR */
	bool	cwr;		/* reduced: the next new data says so */
	u32	delivered_ce;	/* segments acknowledged together with ECE */
};

/* May a connection ask?  @route: the route's attribute says so. */
bool ttp_ecn_may_ask(u32 policy, bool route);

/*
 * May the SYN with these flags have it?  One that is marked ECT itself, or
 * even CE, comes from something that is not RFC 3168's.
 */
bool ttp_ecn_may_agree(u32 policy, bool route, u8 flags, u8 ip);

/* The peer's SYN of a simultaneous open, or its SYN+ACK. */
void ttp_ecn_on_syn(struct ttp_ecn *e, u8 flags);
void ttp_ecn_on_synack(struct ttp_ecn *e, u8 flags);

/**
 * ttp_ecn_flags - ECE and CWR for a segment with these other flags
 * @plain: a SYN that is repeated, and shall go without (6.1.1.1)
 *
 * CWR with data: ttp_ecn_take_cwr() beside it.
 */
u8 ttp_ecn_flags(const struct ttp_ecn *e, u8 flags, bool plain);

/* New data leaves: is it the one to carry CWR? */
bool ttp_ecn_take_cwr(struct ttp_ecn *e);

/* The IP bits of data that leaves: repetitions are not ECT (6.1.5). */
u8 ttp_ecn_ip(const struct ttp_ecn *e, bool again);

/* An acceptable segment with ACK came: does it tell of congestion? */
bool ttp_ecn_on_ack(const struct ttp_ecn *e, u8 flags);

/* Its CWR, before its data.  True: there was one. */
bool ttp_ecn_on_cwr(struct ttp_ecn *e, u8 flags);

/*
 * Its payload, from the window.  True: the sender may have a very small window,
 * or waits to be told of a repetition, so acknowledge at once.
 */
bool ttp_ecn_on_data(struct ttp_ecn *e, u8 ip);

/* The window was reduced, for whatever reason (6.1.2); that was a mistake. */
void ttp_ecn_reduced(struct ttp_ecn *e);
void ttp_ecn_undo(struct ttp_ecn *e);

#endif
