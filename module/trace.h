/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the tracepoints of TTP: every change of state, every
 * segment sent, received, sent again or dropped.  Their text is an interface:
 * key=value, addresses as IPv6 (IPv4 ones mapped), numbers in decimal.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ttp

#if !defined(TTP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TTP_TRACE_H

#include <linux/tracepoint.h>
#include <net/net_namespace.h>
#include "core/fsm.h"
#include "core/seg.h"
#include "hash.h"
#include "mib.h"

/* X(name) for all but the last, Z(name) for the last one. */
#define TTP_TRACE_STATES(X, Z)						\
	X(ESTABLISHED) X(SYN_SENT) X(SYN_RECV) X(FIN_WAIT1) X(FIN_WAIT2) \
	X(TIME_WAIT) X(CLOSE) X(CLOSE_WAIT) X(LAST_ACK) X(LISTEN) Z(CLOSING)

#define TTP_TRACE_EVENTS(X, Z)						\
	X(LISTEN) X(CONNECT) X(CLOSE) X(ABORT) X(RCV_RST) X(RCV_SYN)	\
	X(RCV_SYNACK) X(RCV_ACK_OF_SYN) X(RCV_ACK_OF_FIN) X(RCV_FIN)	\
	X(DEAD) X(2MSL) Z(HANDOVER)

/* Readers of the format file cannot see our enums: give them the numbers. */
#define X(s) TRACE_DEFINE_ENUM(TTP_##s);
TTP_TRACE_STATES(X, X)
#undef X
#define X(e) TRACE_DEFINE_ENUM(TTP_EV_##e);
TTP_TRACE_EVENTS(X, X)
#undef X

#define TTP_SYM_STATE(s)	{ TTP_##s, #s },
#define TTP_SYM_STATE_LAST(s)	{ TTP_##s, #s }
#define TTP_SYM_EVENT(e)	{ TTP_EV_##e, #e },
#define TTP_SYM_EVENT_LAST(e)	{ TTP_EV_##e, #e }

#define ttp_show_state(s)						\
	__print_symbolic(s, { 0, "NONE" },				\
			 TTP_TRACE_STATES(TTP_SYM_STATE, TTP_SYM_STATE_LAST))

#define ttp_show_event(e)						\
	__print_symbolic(e,						\
			 TTP_TRACE_EVENTS(TTP_SYM_EVENT, TTP_SYM_EVENT_LAST))

#define ttp_show_flags(f)						\
	((f) ? __print_flags(f, "",					\
			     { TTP_SYN, "S" }, { TTP_FIN, "F" },	\
			     { TTP_RST, "R" }, { TTP_PSH, "P" },	\
			     { TTP_ACK, "A" }, { TTP_URG, "U" },	\
			     { TTP_ECE, "E" }, { TTP_CWR, "C" }) : ".")

/* What the events about a segment have in common. */
#define TTP_TRACE_SEG_FIELDS						\
	__field(u32, net)						\
	__array(u8, saddr, 16)						\
	__array(u8, daddr, 16)						\
	__field(u16, sport)						\
	__field(u16, dport)						\
	__field(u32, seq)						\
	__field(u32, ack)						\
	__field(u32, len)						\
	__field(u8, flags)

#define TTP_TRACE_SEG_FMT						\
	"net=%u src=%pI6c sport=%u dst=%pI6c dport=%u seq=%u ack=%u flags=%s len=%u"

#define TTP_TRACE_SEG_ARGS						\
	__entry->net, __entry->saddr, __entry->sport, __entry->daddr,	\
	__entry->dport, __entry->seq, __entry->ack,			\
	ttp_show_flags(__entry->flags), __entry->len

/* @seg is NULL when the header could not be read. */
#define TTP_TRACE_SEG_ASSIGN(netp, seg, src, sp, dst, dp)		\
	__entry->net = (netp)->ns.inum;					\
	memcpy(__entry->saddr, &(src), 16);				\
	memcpy(__entry->daddr, &(dst), 16);				\
	__entry->sport = ntohs(sp);					\
	__entry->dport = ntohs(dp);					\
	__entry->seq = (seg) ? (seg)->seq : 0;				\
	__entry->ack = (seg) ? (seg)->ack : 0;				\
	__entry->len = (seg) ? (seg)->len : 0;				\
	__entry->flags = (seg) ? (seg)->flags : 0

/* @old or @event is 0 (no state) for what has just been born. */
TRACE_EVENT(ttp_state,
	TP_PROTO(const struct net *net, const struct ttp_tuple *t, u32 old,
		 u32 new, u32 event),

	TP_ARGS(net, t, old, new, event),

	TP_STRUCT__entry(
		__field(u32, net)
		__array(u8, laddr, 16)
		__array(u8, raddr, 16)
		__field(u16, lport)
		__field(u16, rport)
		__field(u32, old)
		__field(u32, new)
		__field(u32, event)
	),

	TP_fast_assign(
		__entry->net = net->ns.inum;
		memcpy(__entry->laddr, &t->laddr, 16);
		memcpy(__entry->raddr, &t->raddr, 16);
		__entry->lport = ntohs(t->lport);
		__entry->rport = ntohs(t->rport);
		__entry->old = old;
		__entry->new = new;
		__entry->event = event;
	),

	TP_printk("net=%u local=%pI6c lport=%u remote=%pI6c rport=%u old=%s new=%s event=%s",
		  __entry->net, __entry->laddr, __entry->lport, __entry->raddr,
		  __entry->rport, ttp_show_state(__entry->old),
		  ttp_show_state(__entry->new), ttp_show_event(__entry->event))
);

/* A segment of ours: @t's local end is the source; @win is in bytes. */
DECLARE_EVENT_CLASS(ttp_segment_out,
	TP_PROTO(const struct net *net, const struct ttp_tuple *t,
		 const struct ttp_seg *seg, u32 win, u32 state),

	TP_ARGS(net, t, seg, win, state),

	TP_STRUCT__entry(
		TTP_TRACE_SEG_FIELDS
		__field(u32, win)
		__field(u32, state)
	),

	TP_fast_assign(
		TTP_TRACE_SEG_ASSIGN(net, seg, t->laddr, t->lport, t->raddr,
				     t->rport);
		__entry->win = win;
		__entry->state = state;
	),

	TP_printk(TTP_TRACE_SEG_FMT " win=%u state=%s", TTP_TRACE_SEG_ARGS,
		  __entry->win, ttp_show_state(__entry->state))
);

DEFINE_EVENT(ttp_segment_out, ttp_send,
	TP_PROTO(const struct net *net, const struct ttp_tuple *t,
		 const struct ttp_seg *seg, u32 win, u32 state),
	TP_ARGS(net, t, seg, win, state)
);

/* Besides ttp_send for the same segment, and just before it. */
DEFINE_EVENT(ttp_segment_out, ttp_retransmit,
	TP_PROTO(const struct net *net, const struct ttp_tuple *t,
		 const struct ttp_seg *seg, u32 win, u32 state),
	TP_ARGS(net, t, seg, win, state)
);

/* A segment of the peer's: @t's remote end is the source. */
TRACE_EVENT(ttp_recv,
	TP_PROTO(const struct net *net, const struct ttp_tuple *t,
		 const struct ttp_seg *seg, u32 win, u32 state),

	TP_ARGS(net, t, seg, win, state),

	TP_STRUCT__entry(
		TTP_TRACE_SEG_FIELDS
		__field(u32, win)
		__field(u32, state)
	),

	TP_fast_assign(
		TTP_TRACE_SEG_ASSIGN(net, seg, t->raddr, t->rport, t->laddr,
				     t->lport);
		__entry->win = win;
		__entry->state = state;
	),

	TP_printk(TTP_TRACE_SEG_FMT " win=%u state=%s", TTP_TRACE_SEG_ARGS,
		  __entry->win, ttp_show_state(__entry->state))
);

/* The reason is text, so that a filter can name it: reason == "Old". */
TRACE_EVENT(ttp_drop,
	TP_PROTO(const struct net *net, const struct ttp_tuple *t,
		 const struct ttp_seg *seg, u32 reason),

	TP_ARGS(net, t, seg, reason),

	TP_STRUCT__entry(
		TTP_TRACE_SEG_FIELDS
		__array(char, reason, 24)
	),

	TP_fast_assign(
		TTP_TRACE_SEG_ASSIGN(net, seg, t->raddr, t->rport, t->laddr,
				     t->lport);
		strscpy(__entry->reason, ttp_drop_name(reason) ?: "Unknown",
			sizeof(__entry->reason));
	),

	TP_printk(TTP_TRACE_SEG_FMT " reason=%s", TTP_TRACE_SEG_ARGS,
		  __entry->reason)
);

#endif

/* Found through -I$(src), as out-of-tree modules do. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
