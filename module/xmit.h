/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how one segment leaves: header, checksum, IP.
 */
#ifndef TTP_XMIT_H
#define TTP_XMIT_H

#include <linux/types.h>
#include "af.h"
#include "core/seg.h"

/* Payload of a burst whose length fits into an IP header, whatever its own. */
#define TTP_BURST_PLAIN	(65535 - TTP_HDR_MAX)

struct net;
struct sk_buff;
struct sock;
struct ttp_opts;
struct ttp_path;
struct ttp_req;
struct ttp_seg;
struct ttp_tuple;

/*
 * A segment without data.  Socket locked.  -ENOMEM: nothing was sent; other
 * errors are IP's.  @rexmit: it has been sent before.
 */
int ttp_xmit_ctl(struct sock *sk, u8 flags, u32 seq, bool rexmit);
/*
 * Send a copy of @skb, which stays in its queue.  @flags are added to ACK and
 * those of the skb; with SYN they are all, and its number precedes the data.
 */
int ttp_xmit_data(struct sock *sk, struct sk_buff *skb, u8 flags, bool rexmit);

/* It answers @in: with its mark, if fwmark_reflect is set. */
void ttp_reply_to(struct ttp_reply_how *how, const struct net *net,
		  const struct ttp_tuple *t, const struct ttp_seg *in);
/* Without a socket: @seg is complete, as seen on the wire from t->laddr. */
int ttp_xmit_reply(struct net *net, const struct ttp_tuple *t,
		   const struct ttp_reply_how *how, struct ttp_seg *seg,
		   u32 win, u32 state, bool rexmit);
/*
 * RST that answers @in (RFC 9293 3.5.2), unless @in is an RST itself; with its
 * TOS, as TCP has it.
 */
void ttp_xmit_reset(struct net *net, const struct ttp_tuple *t,
		    const struct ttp_reply_how *how, const struct ttp_seg *in,
		    u32 state);

/* Payload of a full segment on the path in use; fills t->mss, t->pmtu. */
void ttp_sync_mss(struct sock *sk);
/* The same if the path's MTU has changed since: somebody else's ICMP, a route. */
void ttp_check_mss(struct sock *sk);
/* MSS option for this path: all that fits (MUST-14). */
u16 ttp_adv_mss(const struct ttp_af *af, const struct ttp_path *path,
		u16 user_mss);
/*
 * What the peer's SYN says of its own, in @o; TCP_MAXSEG as it is then bounds
 * what we send, too.
 */
u16 ttp_peer_mss(const struct ttp_af *af, const struct ttp_opts *o,
		 u16 user_mss);
/* Has reading opened the window by enough to tell the peer? */
bool ttp_window_opened(const struct sock *sk);
/* Would an ACK now offer as much as the last one did? */
bool ttp_window_kept(const struct sock *sk);
/* Most payload one skb may carry, a multiple of the MSS. */
u32 ttp_max_burst(const struct sock *sk);

#endif
