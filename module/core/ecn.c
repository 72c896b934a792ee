// SPDX-License-Identifier: GPL-2.0
/*
 * This file decides about explicit congestion notification (RFC 3168).
 */
#include "ecn.h"

#define ECN_SETUP	(TTP_ECE | TTP_CWR)

bool ttp_ecn_may_ask(u32 policy, bool route)
{
	return policy == TTP_ECN_ASK || route;
}

bool ttp_ecn_may_agree(u32 policy, bool route, u8 flags, u8 ip)
{
	return (policy != TTP_ECN_NEVER || route) &&
	       (flags & ECN_SETUP) == ECN_SETUP && ip == TTP_IP_NOT_ECT;
}

void ttp_ecn_on_syn(struct ttp_ecn *e, u8 flags)
{
	e->ok &= (flags & ECN_SETUP) == ECN_SETUP;
}

void ttp_ecn_on_synack(struct ttp_ecn *e, u8 flags)
{
	/* Both: somebody has sent back what we asked (6.1.1). */
	e->ok &= (flags & ECN_SETUP) == TTP_ECE;
}

u8 ttp_ecn_flags(const struct ttp_ecn *e, u8 flags, bool plain)
{
	if (!e->ok || (flags & TTP_RST))
		return 0;
	if (flags & TTP_SYN) {
		if (flags & TTP_ACK)
			return TTP_ECE;
		return plain ? 0 : ECN_SETUP;
	}
	return e->echo ? TTP_ECE : 0;
}

bool ttp_ecn_take_cwr(struct ttp_ecn *e)
{
	bool cwr = e->cwr;

	e->cwr = false;
	return cwr;
}

u8 ttp_ecn_ip(const struct ttp_ecn *e, bool again)
{
	return e->ok && !again ? TTP_IP_ECT0 : TTP_IP_NOT_ECT;
}

bool ttp_ecn_on_ack(const struct ttp_ecn *e, u8 flags)
{
	/* In a SYN+ACK it is an answer, not an echo. */
	return e->ok && (flags & (TTP_SYN | TTP_ECE)) == TTP_ECE;
}

bool ttp_ecn_on_cwr(struct ttp_ecn *e, u8 flags)
{
	if (!e->ok || !(flags & TTP_CWR))
		return false;
	e->echo = false;
	return true;
}

bool ttp_ecn_on_data(struct ttp_ecn *e, u8 ip)
{
	bool news;

	if (!e->ok)
		return false;
	/* After ECT, data without it has most likely been sent before. */
	if (ip == TTP_IP_NOT_ECT)
		return e->seen;
	e->seen = true;
	if (ip != TTP_IP_CE)
		return false;
	news = !e->echo;
	e->echo = true;
	return news;
}

void ttp_ecn_reduced(struct ttp_ecn *e)
{
	e->cwr = e->ok;
}

void ttp_ecn_undo(struct ttp_ecn *e)
{
	e->cwr = false;
}
