// SPDX-License-Identifier: GPL-2.0
/*
 * This file says whether an invalid segment gets an answer now.
 */
#include "limit.h"

#include <linux/math64.h>
#include <linux/random.h>
#include "core/limit.h"
#include "net.h"
#include "sock.h"

/* Time for one more of this connection?  Then it is the last one from now on. */
static bool ttp_limit_gap(struct net *net, u32 *last, enum ttp_mib skipped)
{
	u32 now = div_u64(ttp_now(), TTP_USEC_PER_MSEC);

	if (ttp_limit_too_soon(READ_ONCE(*last), now,
			       ttp_sysctl_get(net, invalid_ratelimit))) {
		ttp_mib_inc(net, skipped);
		return false;
	}
	WRITE_ONCE(*last, now ?: 1);
	return true;
}

bool ttp_limit_invalid(struct net *net, const struct ttp_seg *seg, u32 *last,
		       enum ttp_mib skipped)
{
	return !ttp_limit_applies(seg) || ttp_limit_gap(net, last, skipped);
}

/* CPUs may overtake each other here: a few ACKs more or less do no harm. */
static bool ttp_limit_budget(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);
	struct ttp_budget b = {
		.second	= READ_ONCE(tn->challenge.second),
		.left	= READ_ONCE(tn->challenge.left),
	};
	bool may;

	may = ttp_budget_take(&b, div_u64(ttp_now(), TTP_USEC_PER_SEC),
			      ttp_sysctl_get(net, challenge_ack_limit),
			      get_random_u32());
	WRITE_ONCE(tn->challenge.second, b.second);
	WRITE_ONCE(tn->challenge.left, b.left);
	return may;
}

bool ttp_limit_challenge(struct net *net, u32 *last)
{
	if (!ttp_limit_gap(net, last, TTP_MIB_SKIPPEDCHALLENGE))
		return false;
	if (!ttp_limit_budget(net)) {
		ttp_mib_inc(net, TTP_MIB_CHALLENGESKIPPED);
		return false;
	}
	ttp_mib_inc(net, TTP_MIB_CHALLENGEACK);
	return true;
}
