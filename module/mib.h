/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file lists the counters of a network namespace and the reasons for
 * which a segment can be dropped; /proc/net/ttp_snmp prints them all.
 */
#ifndef TTP_MIB_H
#define TTP_MIB_H

#include <linux/types.h>
#include "core/verdict.h"

struct net;
struct sk_buff;

/* X(enum tail, name printed after "Ttp"); TCP's name where TCP has it. */
#define TTP_MIB_LIST(X)							\
	X(ACTIVEOPENS, ActiveOpens)	/* connect() sent a SYN */	\
	X(PASSIVEOPENS, PassiveOpens)	/* a request became a child */	\
	X(ATTEMPTFAILS, AttemptFails)	/* SYN_* to CLOSE */		\
	X(ESTABRESETS, EstabResets)	/* ESTABLISHED or CLOSE_WAIT to CLOSE */ \
	X(CURRESTAB, CurrEstab)		/* gauge */			\
	X(INSEGS, InSegs)						\
	X(OUTSEGS, OutSegs)		/* without retransmissions */	\
	X(RETRANSSEGS, RetransSegs)					\
	X(EARLYDEMUX, EarlyDemux)	/* packets whose route a socket knew */ \
	X(INERRS, InErrs)		/* malformed or bad checksum */	\
	X(OUTRSTS, OutRsts)						\
	X(LISTENOVERFLOWS, ListenOverflows) /* accept queue full */	\
	X(COOKIESSENT, SyncookiesSent)					\
	X(COOKIESRECV, SyncookiesRecv)	/* an ACK brought a good one back */ \
	X(COOKIESFAILED, SyncookiesFailed) /* or a bad one */		\
	X(FASTOPENACTIVE, FastOpenActive) /* data in our SYN arrived */	\
	X(FASTOPENACTIVEFAIL, FastOpenActiveFail) /* or not, or timeouts */ \
	X(FASTOPENPASSIVE, FastOpenPassive) /* a SYN made a socket */	\
	X(FASTOPENPASSIVEFAIL, FastOpenPassiveFail) /* bad cookie, no memory */ \
	X(FASTOPENPASSIVEALTKEY, FastOpenPassiveAltKey) /* cookie of the old key */ \
	X(FASTOPENLISTENOVERFLOW, FastOpenListenOverflow) /* queue full */ \
	X(FASTOPENCOOKIEREQD, FastOpenCookieReqd) /* a SYN asked for one */ \
	X(FASTOPENBLACKHOLE, FastOpenBlackhole) /* clients pause */	\
	X(LISTENDROPS, ListenDrops)	/* SYN or final ACK not served */ \
	X(TIMEOUTS, Timeouts)		/* RTO fired */			\
	X(TIMEOUTREHASH, TimeoutRehash)	/* and a hash was drawn anew */	\
	X(FASTRETRANS, FastRetrans)					\
	X(RENORECOVERY, RenoRecovery)	/* fast recoveries, by duplicate ACKs */ \
	X(SACKRECOVERY, SackRecovery)	/* or by SACK */		\
	X(LOSTRETRANSMIT, LostRetransmit) /* sent again, and lost again */ \
	X(SACKRENEGING, SACKReneging)	/* SACKed data was not kept */	\
	X(AUTOCORKING, AutoCorking)	/* times a short skb waited for more */ \
	X(LOSSPROBES, LossProbes)	/* tail loss probes sent */	\
	X(LOSSPROBERECOVERY, LossProbeRecovery) /* that repaired a loss */ \
	X(LOSSUNDO, LossUndo)		/* timeouts that were spurious, */ \
	X(FULLUNDO, FullUndo)		/* fast recoveries, */		\
	X(DSACKUNDO, DSACKUndo)		/* and those known too late */	\
	X(SACKDISCARD, SACKDiscard)	/* blocks that cannot be true */ \
	X(SPLITREFUSED, SplitRefused)	/* too many pieces were sent already */ \
	X(DELIVEREDCE, DeliveredCE)	/* segments acknowledged with ECE */ \
	X(DSACKRECV, DSACKRecv)		/* duplicates that the peer reports */ \
	X(SYNRETRANS, SynRetrans)	/* SYN and SYN+ACK */		\
	X(TW, Tw)			/* TIME_WAIT ended by its timer */ \
	X(TWREUSED, TwReused)		/* TIME_WAIT ended by a new SYN or connect */ \
	X(TWKILLED, TwKilled)		/* or by RST */			\
	X(TWOVERFLOW, TwOverflow)	/* no memory, or max_tw_buckets reached */ \
	X(PAWSPASSIVE, PAWSPassive)	/* SYNs that tw_recycle 1 refused */ \
	X(DELAYEDACKS, DelayedAcks)	/* sent by the timer */		\
	X(DELAYEDACKLOST, DelayedAckLost) /* old data came again */	\
	X(DUPLICATEDATAREHASH, DuplicateDataRehash) /* twice: hash anew */ \
	X(DSACKOLDSENT, DSACKOldSent)	/* duplicates reported: old data */ \
	X(DSACKOFOSENT, DSACKOfoSent)	/* or data beyond the hole */	\
	X(OFOQUEUE, OfoQueue)						\
	X(OFODROP, OFODrop)		/* no room behind a hole */	\
	X(PRUNECALLED, PruneCalled)	/* room had to be made */	\
	X(RCVCOLLAPSED, RcvCollapsed)	/* skbs copied into fewer */	\
	X(OFOPRUNED, OfoPruned)		/* times data behind a hole was given up */ \
	X(RCVPRUNED, RcvPruned)		/* times all that did not help */ \
	X(RCVQDROP, RcvQDrop)		/* no room for data in order */	\
	X(BACKLOGCOALESCE, BacklogCoalesce) /* joined while it had to wait */ \
	X(RCVCOALESCE, RcvCoalesce)					\
	X(ZEROWINDOWDROP, ZeroWindowDrop) /* data into a closed window */ \
	X(TOZEROWINDOW, ToZeroWindowAdv)				\
	X(FROMZEROWINDOW, FromZeroWindowAdv)				\
	X(WINPROBE, WinProbe)						\
	X(KEEPALIVE, KeepAlive)		/* probes sent */		\
	X(CHALLENGEACK, ChallengeAck)	/* sent, RFC 5961 */		\
	X(CHALLENGESKIPPED, ChallengeAckSkipped) /* by challenge_ack_limit */ \
	X(SYNCHALLENGE, SYNChallenge)	/* SYN in a synchronised state */ \
	/* Not answered because of invalid_ratelimit: */		\
	X(SKIPPEDCHALLENGE, ACKSkippedChallenge)			\
	X(SKIPPEDSEQ, ACKSkippedSeq)	/* outside the window */	\
	X(SKIPPEDPAWS, ACKSkippedPAWS)					\
	X(SKIPPEDSYNRECV, ACKSkippedSynRecv) /* by a request */		\
	X(SKIPPEDFINWAIT2, ACKSkippedFinWait2) /* by an orphan */	\
	X(SKIPPEDTIMEWAIT, ACKSkippedTimeWait)				\
	X(ABORTONDATA, AbortOnData)	/* closed, but data came; SO_LINGER 0 */ \
	X(ABORTONCLOSE, AbortOnClose)	/* close() with unread data */	\
	X(ABORTONLINGER, AbortOnLinger)	/* TCP_LINGER2 < 0 */		\
	X(ABORTONTIMEOUT, AbortOnTimeout)				\
	X(ABORTONMEMORY, AbortOnMemory)	/* too many orphans, or no memory */ \
	X(ABORTFAILED, AbortFailed)	/* no memory for an RST */	\
	X(MEMORYPRESSURES, MemoryPressures)				\
	X(NETNSPRESSURES, NetnsMemoryPressures) /* by netns_mem */	\
	X(NETNSREFUSED, NetnsMemoryRefused) /* times there was no more */ \
	X(ICMPERRS, IcmpErrs)		/* ICMP errors matched to a socket */ \
	X(OUTOFWINDOWICMPS, OutOfWindowIcmps) /* about nothing in flight */ \
	X(PMTUDISC, PmtuDisc)		/* path MTU lowered */		\
	X(PMTUREFUSED, PmtuRefused)	/* ICMP with no smaller one */	\
	X(MTUPROBES, MTUProbes)		/* sent, RFC 4821 */		\
	X(MTUPSUCCESS, MTUPSuccess)					\
	X(MTUPFAIL, MTUPFail)

enum ttp_mib {
#define X(e, n) TTP_MIB_##e,
	TTP_MIB_LIST(X)
#undef X
	TTP_MIB_NR
};

/* Reasons of a drop that are not a judge's (enum ttp_why has those). */
#define TTP_DROP_LIST(X)						\
	X(SHORT, Short)			/* shorter than a header */	\
	X(DOFF, DataOffset)		/* impossible header length */	\
	X(OPTION, Option)		/* impossible option length */	\
	X(CSUM, Checksum)						\
	X(ADDR, Address)		/* broadcast or multicast */	\
	X(POLICY, Policy)		/* xfrm or socket filter said no */ \
	X(NOSOCK, NoSocket)		/* nobody listens */		\
	X(CLOSED, Closed)		/* the socket has just closed */ \
	X(BACKLOG, Backlog)		/* socket backlog full */	\
	X(LISTENFLAGS, ListenFlags)	/* no SYN to a listener */	\
	X(SYNQUEUE, SynQueue)		/* SYN queue full */		\
	X(ACCEPTQUEUE, AcceptQueue)	/* accept queue full */		\
	X(HOSTCLOCK, HostClock)		/* SYN from before the host's last FIN */ \
	X(DEFER, DeferAccept)		/* final ACK without the data wanted */ \
	X(NOMEM, NoMemory)						\
	X(NOROUTE, NoRoute)		/* no way back to the peer */	\
	X(RCVBUF, RcvBuffer)		/* receive buffer full */	\
	X(DUPDATA, DuplicateData)	/* already queued out of order */ \
	X(AFTERCLOSE, AfterClose)	/* data for a closed reader */

enum ttp_drop {
	/* 0 .. TTP_NR_WHY - 1 are enum ttp_why */
	TTP_DROP_FIRST = TTP_NR_WHY - 1,
#define X(e, n) TTP_DROP_##e,
	TTP_DROP_LIST(X)
#undef X
	TTP_DROP_NR
};

struct ttp_mib_pcpu {
	unsigned long	mib[TTP_MIB_NR];
	unsigned long	drop[TTP_DROP_NR];
};

void ttp_mib_add(struct net *net, enum ttp_mib which, long n);

static inline void ttp_mib_inc(struct net *net, enum ttp_mib which)
{
	ttp_mib_add(net, which, 1);
}

/* Sum over CPUs. */
unsigned long ttp_mib_read(struct net *net, enum ttp_mib which);
unsigned long ttp_drop_read(struct net *net, u32 reason);

/* Printed name, without the "Ttp" or "TtpDrop" in front; NULL past the end. */
const char *ttp_mib_name(u32 which);
const char *ttp_drop_name(u32 reason);

/*
 * Count and trace a drop; @seg may be NULL when the header could not be read.
 * The caller still owns @skb.  @reason is an enum ttp_drop or enum ttp_why.
 */
struct ttp_seg;
struct ttp_tuple;
void ttp_drop_note(struct net *net, const struct ttp_tuple *tuple,
		   const struct ttp_seg *seg, u32 reason);

#endif
