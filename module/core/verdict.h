/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the judges: what is to be done with an arriving segment,
 * before anything is changed (RFC 9293 3.10.7, RFC 5961).
 */
#ifndef TTP_CORE_VERDICT_H
#define TTP_CORE_VERDICT_H

#include "base.h"
#include "seg.h"

enum ttp_verdict {
	TTP_V_ACCEPT,		/* process it */
	TTP_V_DROP,		/* drop it silently */
	TTP_V_ACK,		/* drop it, answer with an ACK */
	TTP_V_CHALLENGE,	/* drop it, answer with a rate-limited ACK */
	TTP_V_RESET,		/* a valid RST: the connection is gone */
	TTP_V_REPLY_RST,	/* drop it, answer with RST */
	TTP_V_SYN,		/* SYN_SENT: simultaneous open */
	TTP_V_SYNACK,		/* SYN_SENT: the peer accepts */
	TTP_V_RESEND,		/* request, Fast Open: the SYN again, repeat SYN+ACK */
	TTP_V_OPEN,		/* request: the final ACK, make the child */
	TTP_V_RESTART,		/* TIME_WAIT: FIN again: ACK, restart 2MSL */
	TTP_V_REUSE,		/* TIME_WAIT: a new SYN may take the tuple */
};

/* Why a segment was not accepted; indexes drop counters and their names. */
enum ttp_why {
	TTP_WHY_NONE,
	TTP_WHY_OLD,		/* entirely before rcv_nxt */
	TTP_WHY_WINDOW,		/* beyond the receive window */
	TTP_WHY_RST_SEQ,	/* RST not exactly at rcv_nxt */
	TTP_WHY_SYN,		/* SYN in a synchronised state */
	TTP_WHY_NO_ACK,		/* no ACK bit where there must be one */
	TTP_WHY_ACK_OLD,	/* ACK too far in the past (RFC 5961 5.2) */
	TTP_WHY_ACK_FUTURE,	/* ACK of what was never sent */
	TTP_WHY_STATE,		/* nothing that this state can use */
	TTP_WHY_PAWS,		/* a timestamp from another time (RFC 7323) */
	TTP_NR_WHY
};

struct ttp_judgement {
	enum ttp_verdict verdict;
	enum ttp_why why;
};

/* What the judges need to know of a connection. */
struct ttp_conn_view {
	u32	rcv_nxt;
	u32	rcv_wnd;	/* from rcv_nxt, bytes */
	u32	snd_una;
	u32	snd_nxt;
	u32	max_wnd;	/* largest window the peer has offered, bytes */
	bool	ts_old;		/* ttp_ts_is_old() */
	u32	irs;		/* for SYN_RECV */
	bool	fast;		/* SYN_RECV: opened by Fast Open */
	bool	ts_newer;	/* ttp_ts_is_newer(); for TIME_WAIT */
	bool	rfc1337;	/* TIME_WAIT ignores RST */
};

/**
 * ttp_judge_synced - a segment for a connection in a synchronised state
 *
 * RFC 9293 3.10.7.4 in its order: sequence, RST, SYN, ACK bit, ACK range; with
 * RFC 5961: RST exactly at rcv_nxt resets, elsewhere in the window it is
 * challenged; SYN is challenged; an ACK must lie in
 * [snd_una - max_wnd, snd_nxt].  With a zero window, RST and ACK at rcv_nxt
 * are still taken (MUST-66), and a FIN or data at rcv_nxt beyond the window
 * is answered by an ACK.  An old but acceptable ACK is TTP_V_ACCEPT; one
 * outside the range is TTP_V_CHALLENGE.  SYN is challenged wherever it lies.
 * An empty segment exactly at the right edge is acceptable (see verdict.c).
 * With an old timestamp it is TTP_V_ACK (RFC 7323 5.3 R1), but an empty one at
 * rcv_nxt that acknowledges nothing new is DROP: the network reordered it.
 *
 * Use it for SYN_RECV too (child, simultaneous open): there an ACK outside
 * (snd_una, snd_nxt] is TTP_V_REPLY_RST; and the peer's own SYN (again, one
 * before rcv_nxt) is TTP_V_ACK, or TTP_V_ACCEPT when it carries an acceptable
 * ACK (SYN+ACK of a simultaneous open).  What Fast Open has opened is RESEND
 * for the peer's SYN again, wherever its data has moved rcv_nxt to.
 */
struct ttp_judgement ttp_judge_synced(const struct ttp_seg *seg,
				      const struct ttp_conn_view *c);
struct ttp_judgement ttp_judge_syn_recv(const struct ttp_seg *seg,
					const struct ttp_conn_view *c);

/**
 * ttp_judge_syn_sent - a segment for SYN_SENT (RFC 9293 3.10.7.3)
 *
 * SYNACK, SYN, RESET (RST with acceptable ACK), REPLY_RST (bad ACK without
 * RST), or DROP.  Uses snd_una and snd_nxt only; if they are equal, our SYN
 * still waits for data (Fast Open), and a SYN is DROP too.
 */
struct ttp_judgement ttp_judge_syn_sent(const struct ttp_seg *seg,
					const struct ttp_conn_view *c);

/**
 * ttp_judge_request - a segment for a half-open request (SYN_RECV, passive)
 * @c: rcv_nxt is past the peer's SYN, snd_una our ISN
 *
 * RESEND: the same SYN again.  OPEN: ACK of iss+1 at an acceptable sequence
 * number (data and FIN allowed).  RESET: RST exactly at irs+1 (elsewhere in
 * the window CHALLENGE, outside DROP).  REPLY_RST: ACK of anything else.
 * ACK: outside the window.  CHALLENGE: another SYN in the window.  DROP: no
 * ACK bit.
 */
struct ttp_judgement ttp_judge_request(const struct ttp_seg *seg,
				       const struct ttp_conn_view *c);

/**
 * ttp_judge_time_wait - a segment for TIME_WAIT (RFC 9293 3.10.7.4, 1122
 * 4.2.2.13, RFC 1337)
 * @c: rcv_nxt is past the peer's FIN, snd_una past ours
 *
 * RESET: a RST exactly at rcv_nxt, unless rfc1337; TIME_WAIT ends.  DROP: any
 * other RST, and segments that carry nothing new.  RESTART: the peer's FIN
 * again.  REUSE: a SYN without ACK, with a sequence number after
 * rcv_nxt or a timestamp after TS.Recent (RFC 6191), and no timestamp before
 * it.  ACK: any other SYN, anything old by its timestamp, outside the window
 * or with data.  REPLY_RST never.
 */
struct ttp_judgement ttp_judge_time_wait(const struct ttp_seg *seg,
					 const struct ttp_conn_view *c);

/* "Old", "Window", ... : the tail of the counter's name; never NULL. */
const char *ttp_why_name(u32 why);

#endif
