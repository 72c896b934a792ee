// SPDX-License-Identifier: GPL-2.0
/*
 * This file sets, when a connection opens, what its route or a sysctl says of
 * timeouts, windows and duplicates; later changes are for later connections.
 */
#include "metrics.h"

#include "af.h"
#include "sock.h"

/* The bits of the sysctl recovery; bit 0, RACK, is always so. */
#define TTP_RECOVERY_FIXED	2	/* a reordering window that does not grow */
#define TTP_RECOVERY_NO_DUPS	4	/* three duplicates prove nothing */

static void metrics_recovery(struct sock *sk)
{
	u32 dups = ttp_sysctl_get(sock_net(sk), reordering);
	u32 how = ttp_sysctl_get(sock_net(sk), recovery);
	struct ttp_sock *t = ttp_sk(sk);

	t->rec.dupthresh = dups;
	t->rack.dupthresh = how & TTP_RECOVERY_NO_DUPS ? ~0u : dups;
	t->rack.fixed = how & TTP_RECOVERY_FIXED;
}

/* A route's own bound, which has to be locked, beats the sysctl. */
static u32 metrics_rto_min(const struct sock *sk, const struct dst_entry *dst)
{
	if (dst && dst_metric_locked(dst, RTAX_RTO_MIN))
		return clamp_t(u64, dst_metric(dst, RTAX_RTO_MIN) *
			       TTP_USEC_PER_MSEC, 1, TTP_RTO_MAX);
	return ttp_sysctl_get(sock_net(sk), rto_min_us);
}

void ttp_metrics_apply(struct sock *sk)
{
	struct ttp_sock *t = ttp_sk(sk);
	const struct dst_entry *dst = t->af->dst(sk);
	u32 cwnd = dst ? dst_metric(dst, RTAX_INITCWND) : 0;

	metrics_recovery(sk);
	t->rtt.rto_min = metrics_rto_min(sk, dst);
	if (cwnd) {
		t->cc.cwnd_init = min_t(u32, cwnd, TTP_CC_CWND_MAX);
		t->cc.cwnd = t->cc.cwnd_init;
	}
	t->quickack_route = dst && dst_metric(dst, RTAX_QUICKACK);
}
