// SPDX-License-Identifier: GPL-2.0
/*
 * This file decides about tail loss probes: when, what, and what their ACK
 * means (RFC 8985 7).
 */
#include "tlp.h"
#include "seq.h"

void ttp_tlp_init(struct ttp_tlp *t)
{
	ttp_tlp_reset(t);
	t->end_seq = 0;
	t->sampled = true;
}

void ttp_tlp_reset(struct ttp_tlp *t)
{
	t->out = false;
	t->is_retrans = false;
}

void ttp_tlp_on_rtt(struct ttp_tlp *t)
{
	t->sampled = true;
}

/*
 * RFC 8985 7.2: the others have their own clock, RACK's or the timeout's.  After
 * a probe only that of the timeout runs (7.3).
 */
bool ttp_tlp_may_arm(const struct ttp_tlp *t, bool sack_ok, u32 packets_out,
		     u32 sacked_out, bool recovering)
{
	return !t->out && sack_ok && packets_out && !sacked_out && !recovering;
}

u32 ttp_tlp_pto(u32 srtt, u32 packets_out, u32 rto_left)
{
	u64 pto = srtt ? 2ULL * srtt : TTP_TLP_PTO_INIT;

	/* A lone segment's ACK may be delayed. */
	if (srtt && packets_out == 1)
		pto += TTP_TLP_MAX_ACK_DELAY;
	return min_t(u64, pto, rto_left);
}

/* 7.3: one probe at a time, and none that could keep SRTT from being learnt. */
enum ttp_tlp_probe ttp_tlp_on_timer(const struct ttp_tlp *t, bool may_arm,
				    bool can_send_new)
{
	if (!may_arm || !t->sampled)
		return TTP_TLP_NONE;
	return can_send_new ? TTP_TLP_NEW : TTP_TLP_LAST;
}

void ttp_tlp_sent(struct ttp_tlp *t, u32 snd_nxt, enum ttp_tlp_probe probe)
{
	t->end_seq = snd_nxt;
	t->out = true;
	t->is_retrans = probe == TTP_TLP_LAST;
	t->sampled = false;
}

bool ttp_tlp_is_dsack(const struct ttp_tlp *t, u32 dup_end)
{
	return t->out && t->is_retrans && dup_end == t->end_seq;
}

/* 7.4.2 */
bool ttp_tlp_on_ack(struct ttp_tlp *t, const struct ttp_tlp_ack *a)
{
	bool beyond = ttp_after(a->ack, t->end_seq);
	bool needless;

	if (!t->out || ttp_before(a->ack, t->end_seq))
		return false;
	/* Both copies arrived: the receiver says so, with D-SACK or without. */
	needless = (a->dsack && ttp_tlp_is_dsack(t, a->dup_end)) ||
		   (!beyond && a->bare_dup);
	if (!t->is_retrans || needless) {
		t->out = false;
		return false;
	}
	/* Nothing said so until later data was acknowledged: one was lost. */
	t->out = !beyond;
	return beyond;
}
