// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the server of Fast Open: it gives cookies to those who ask, and
 * for a SYN that brings one back it makes the socket before the final ACK.
 */
#include "fastserver.h"

#include "accept.h"
#include "child.h"
#include "core/fastopen.h"
#include "fastkey.h"
#include "fastqueue.h"
#include "req.h"
#include "sock.h"
#include "timewait.h"
#include "trace.h"

/* In the table and in the accept queue; @place is the child's or given back. */
static struct sock *ttp_fast_child(struct ttp_req *req, struct ttp_tw *old,
				   struct ttp_fast_place *place)
{
	struct sock *lsk = req->listener, *child;
	u32 why;

	child = ttp_child_make(req, &why);
	if (!child) {
		ttp_fast_give_back(place);
		return NULL;
	}
	ttp_sk(child)->fast = place;
	if (ttp_hash_insert(&ttp_sk(child)->h, old ? &old->h : NULL)) {
		ttp_child_discard(child, false);
		return NULL;
	}
	if (old)
		ttp_tw_replaced(old);
	if (!ttp_accept_add(lsk, child)) {
		ttp_child_discard(child, true);
		return NULL;
	}
	return child;
}

static struct sock *ttp_fast_open(struct sock *lsk, int dif,
				  const struct ttp_tuple *t,
				  const struct ttp_seg *seg,
				  struct ttp_tw *old)
{
	struct net *net = sock_net(lsk);
	struct ttp_fast_place *place;
	struct ttp_req req = {};
	struct sock *child;

	if (!ttp_req_fill(&req, lsk, dif, t, seg))
		return NULL;
	req.iss = ttp_req_isn(net, t, old);
	place = ttp_fast_take(lsk);
	if (!place)
		return NULL;
	child = ttp_fast_child(&req, old, place);
	if (!child)
		return NULL;
	trace_ttp_state(net, t, TTP_LISTEN, TTP_SYN_RECV, TTP_EV_RCV_SYN);
	ttp_mib_inc(net, TTP_MIB_PASSIVEOPENS);
	ttp_mib_inc(net, TTP_MIB_FASTOPENPASSIVE);
	return child;
}

/* Before the child is unlocked: its first SYN+ACK will say it. */
static void ttp_fast_renew(struct sock *child, const struct ttp_opts *give)
{
	ttp_sk(child)->fo = give->fo;
	ttp_sk(child)->fo_option = give->has_fo;
	ttp_mib_inc(sock_net(child), TTP_MIB_FASTOPENPASSIVEALTKEY);
}

struct sock *ttp_fast_syn(struct sock *lsk, int dif, const struct ttp_tuple *t,
			  const struct ttp_seg *seg, struct ttp_tw *old,
			  struct ttp_opts *give)
{
	const struct ttp_opts *o = &seg->opts;
	struct net *net = sock_net(lsk);
	struct ttp_fo_syn syn = {
		.bits		= ttp_sysctl_get(net, fastopen),
		.free		= ttp_sk(lsk)->fo_free,
		.data		= seg->len,
		.option		= o->has_fo,
		.cookie_len	= o->has_fo ? o->fo.len : 0,
	};
	enum ttp_fo_answer answer;
	struct sock *child = NULL;

	if (o->has_fo && !o->fo.len)
		ttp_mib_inc(net, TTP_MIB_FASTOPENCOOKIEREQD);
	if (!ttp_fo_concerns(&syn) || !ttp_fast_room(lsk))
		return NULL;
	if (syn.cookie_len)
		syn.match = ttp_fast_match(lsk, t, &o->fo);
	answer = ttp_fo_answer(&syn);
	if (answer == TTP_FO_OPEN || answer == TTP_FO_OPEN_GIVE)
		child = ttp_fast_open(lsk, dif, t, seg, old);
	if (!child && (syn.cookie_len || answer == TTP_FO_OPEN))
		ttp_mib_inc(net, TTP_MIB_FASTOPENPASSIVEFAIL);
	/* Whom we could not serve now shall have it easier next time. */
	if (answer != TTP_FO_IGNORE && syn.option &&
	    (!child || answer == TTP_FO_OPEN_GIVE))
		give->has_fo = ttp_fast_cookie(lsk, t, &give->fo);
	if (child && answer == TTP_FO_OPEN_GIVE)
		ttp_fast_renew(child, give);
	return child;
}
