// SPDX-License-Identifier: GPL-2.0
/*
 * This file answers SYNs without keeping anything, and makes sockets of the
 * ACKs that bring the answer back (RFC 4987 3.6).
 */
#include "cookie.h"

#include <linux/random.h>
#include <linux/seqlock.h>
#include <linux/siphash.h>
#include <net/netns/hash.h>
#include <net/sock_reuseport.h>

#include "accept.h"
#include "af.h"
#include "child.h"
#include "compat.h"
#include "core/cookie.h"
#include "req.h"
#include "sock.h"

/*
 * A key is drawn when its generation makes the first cookie.  For all
 * namespaces: the hash tells them apart.
 */
static struct ttp_cookie_keys ttp_cookie_keys;
static DEFINE_SEQLOCK(ttp_cookie_lock);

static void ttp_cookie_draw(u32 gen)
{
	u64 key[2];

	get_random_bytes(key, sizeof(key));
	write_seqlock_bh(&ttp_cookie_lock);
	ttp_cookie_key_set(&ttp_cookie_keys, gen, key);
	write_sequnlock_bh(&ttp_cookie_lock);
}

/* False: that generation made no cookies, or its key is gone. */
static bool ttp_cookie_key(u32 gen, siphash_key_t *key)
{
	unsigned int start;
	const u64 *k;

	do {
		start = read_seqbegin(&ttp_cookie_lock);
		k = ttp_cookie_key_of(&ttp_cookie_keys, gen);
		if (k)
			memcpy(key->key, k, sizeof(key->key));
	} while (read_seqretry(&ttp_cookie_lock, start));
	return k;
}

static u32 ttp_cookie_make(const struct net *net, const struct ttp_tuple *t,
			   u32 irs, u32 gen, u32 index, const siphash_key_t *key)
{
	u64 mac = ttp_tuple_mac(t, key);

	mac = siphash_4u32(mac, mac >> 32, irs,
			   net_hash_mix(net) ^ index << 1 ^ (gen & 1), key);
	return ttp_cookie_pack(gen, index, mac);
}

/*
 * A cookie leaves.  Listeners that share a port share this too: a BPF program
 * may give the SYN to one and the ACK to another.
 */
static void ttp_cookie_note(const struct sock *lsk, u64 now)
{
	struct sock_reuseport *group = rcu_dereference(lsk->sk_reuseport_cb);

	WRITE_ONCE(ttp_sk(lsk)->listener->cookie_at, now);
	if (group)
		WRITE_ONCE(group->synq_overflow_ts, (u32)jiffies ?: 1);
}

/* Can there be cookies under way? */
static bool ttp_cookie_expected(const struct sock *lsk)
{
	const u32 valid = 2 * TTP_COOKIE_PERIOD / TTP_USEC_PER_SEC;
	struct sock_reuseport *group = rcu_dereference(lsk->sk_reuseport_cb);
	u64 sent = READ_ONCE(ttp_sk(lsk)->listener->cookie_at);
	u32 at = group ? READ_ONCE(group->synq_overflow_ts) : 0;

	return (sent && ttp_now() - sent <= 2 * TTP_COOKIE_PERIOD) ||
	       (at && (u32)jiffies - at <= valid * HZ);
}

void ttp_cookie_syn(struct sock *lsk, int dif, const struct ttp_tuple *t,
		    const struct ttp_seg *seg)
{
	u64 now = ttp_now();
	u32 gen = ttp_cookie_gen(now), index;
	struct ttp_req req = {};
	siphash_key_t key;
	struct ttp_seg out;

	if (!ttp_req_fill(&req, lsk, dif, t, seg)) {
		ttp_listen_drop(lsk, t, seg, TTP_DROP_NOROUTE);
		return;
	}
	index = ttp_cookie_mss_index(req.peer_mss);
	if (index == TTP_COOKIE_MSS_NONE) {
		ttp_listen_drop(lsk, t, seg, TTP_DROP_SYNQUEUE);
		return;
	}
	if (!ttp_cookie_key(gen, &key)) {
		ttp_cookie_draw(gen);
		if (!ttp_cookie_key(gen, &key)) {
			/* Held up for two minutes: another key is in its place. */
			ttp_listen_drop(lsk, t, seg, TTP_DROP_SYNQUEUE);
			return;
		}
	}
	req.iss = ttp_cookie_make(req.h.net, t, req.irs, gen, index, &key);
	/* Only the clock has room for it. */
	req.wscale_ok &= req.ts.ok;
	req.sack_ok &= req.ts.ok;
	req.ecn_ok &= req.ts.ok;
	ttp_req_seg(&req, TTP_SYN | TTP_ACK, &out);
	if (req.ts.ok)
		out.opts.tsval = ttp_cookie_ts_pack(out.opts.tsval, &seg->opts,
						     req.ecn_ok);
	ttp_cookie_note(lsk, now);
	ttp_mib_inc(req.h.net, TTP_MIB_COOKIESSENT);
	ttp_req_xmit(&req, &out, false);
}

/* Did we make this number, for this peer, not long ago? */
static bool ttp_cookie_check(const struct net *net, const struct ttp_tuple *t,
			     const struct ttp_seg *seg, u32 *mss)
{
	u32 cookie = seg->ack - 1;
	struct ttp_cookie c;
	siphash_key_t key;

	ttp_cookie_unpack(cookie, ttp_cookie_gen(ttp_now()), &c);
	if (!ttp_cookie_key(c.gen, &key) ||
	    ttp_cookie_make(net, t, seg->seq - 1, c.gen, c.index, &key) != cookie)
		return false;
	*mss = ttp_cookie_mss(c.index);
	return true;
}

/* The SYN as it must have been. */
static void ttp_cookie_syn_again(const struct net *net,
				 const struct ttp_seg *ack, u32 mss,
				 struct ttp_seg *syn)
{
	*syn = *ack;
	syn->seq--;
	syn->flags = TTP_SYN;
	syn->ip = TTP_IP_NOT_ECT;
	syn->opts.has_mss = true;
	syn->opts.mss = mss;
	syn->opts.has_wscale = false;
	syn->opts.sack_ok = false;
	if (ack->opts.has_ts && ttp_sysctl_get(net, timestamps) &&
	    ttp_cookie_ts_unpack(ack->opts.tsecr, &syn->opts))
		syn->flags |= TTP_ECE | TTP_CWR;
}

static struct sock *ttp_cookie_child(struct sock *lsk, int dif,
				     const struct ttp_tuple *t,
				     const struct ttp_seg *syn, u32 iss,
				     u32 *reason)
{
	struct ttp_req req = {};
	struct sock *child;

	*reason = TTP_DROP_NOROUTE;
	if (!ttp_req_fill(&req, lsk, dif, t, syn))
		return NULL;
	req.iss = iss;
	child = ttp_child_make(&req, reason);
	if (!child)
		return NULL;
	*reason = TTP_DROP_CLOSED;
	/* Another ACK with the same cookie was faster, or a TIME_WAIT is back. */
	if (ttp_hash_insert(&ttp_sk(child)->h, NULL)) {
		ttp_child_discard(child, false);
		return NULL;
	}
	if (!ttp_accept_add(lsk, child)) {
		ttp_child_discard(child, true);
		return NULL;
	}
	return child;
}

struct sock *ttp_cookie_ack(struct sock *lsk, int dif,
			    const struct ttp_tuple *t,
			    const struct ttp_seg *seg, u32 *reason)
{
	struct net *net = sock_net(lsk);
	struct sock *child;
	struct ttp_seg syn;
	u32 mss;

	*reason = 0;
	if ((seg->flags & (TTP_SYN | TTP_RST | TTP_ACK)) != TTP_ACK ||
	    !ttp_sysctl_get(net, syncookies) || !ttp_cookie_expected(lsk))
		return NULL;
	if (!ttp_cookie_check(net, t, seg, &mss)) {
		ttp_mib_inc(net, TTP_MIB_COOKIESFAILED);
		return NULL;
	}
	*reason = TTP_DROP_ACCEPTQUEUE;
	if (sk_acceptq_is_full(lsk)) {
		ttp_mib_inc(net, TTP_MIB_LISTENOVERFLOWS);
		return NULL;
	}
	ttp_cookie_syn_again(net, seg, mss, &syn);
	child = ttp_cookie_child(lsk, dif, t, &syn, seg->ack - 1, reason);
	if (!child)
		return NULL;
	ttp_mib_inc(net, TTP_MIB_COOKIESRECV);
	ttp_mib_inc(net, TTP_MIB_PASSIVEOPENS);
	return child;
}
