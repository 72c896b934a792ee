// SPDX-License-Identifier: GPL-2.0
/*
 * This file judges arriving segments; it changes nothing.
 */
#include "verdict.h"
#include "seq.h"

static struct ttp_judgement judge(enum ttp_verdict verdict, enum ttp_why why)
{
	return (struct ttp_judgement){ .verdict = verdict, .why = why };
}

/*
 * Why the segment's place in sequence space is not acceptable, or WHY_NONE
 * (RFC 9293 3.4).  Two steps away from the letter: an empty segment exactly at
 * the right edge is acceptable, because a peer that has filled the window
 * sends its ACKs from there, and two such peers would ACK each other's
 * "unacceptable" ACKs for ever; and a segment that covers the whole window is,
 * although neither its first nor its last byte lies inside.
 */
static enum ttp_why seq_fault(const struct ttp_seg *seg, u32 rcv_nxt, u32 wnd)
{
	u32 space = ttp_seg_space(seg);
	u32 end = seg->seq + space;

	if (!space)
		return seg->seq - rcv_nxt <= wnd ? TTP_WHY_NONE :
		       ttp_before(seg->seq, rcv_nxt) ? TTP_WHY_OLD :
		       TTP_WHY_WINDOW;
	if (ttp_before_eq(end, rcv_nxt))
		return TTP_WHY_OLD;
	if (!wnd || !ttp_before(seg->seq, rcv_nxt + wnd))
		return TTP_WHY_WINDOW;
	return TTP_WHY_NONE;
}

/* RFC 5961 3.2; @seg has RST.  Also with a zero window (MUST-66). */
static struct ttp_judgement judge_rst(const struct ttp_seg *seg, u32 rcv_nxt,
				      u32 wnd)
{
	if (seg->seq == rcv_nxt)
		return judge(TTP_V_RESET, TTP_WHY_NONE);
	if (seg->seq - rcv_nxt < wnd)
		return judge(TTP_V_CHALLENGE, TTP_WHY_RST_SEQ);
	return judge(TTP_V_DROP, TTP_WHY_RST_SEQ);
}

/*
 * RFC 7323 5.3 R1.  An empty ACK that another one has overtaken is as old: it
 * tells nothing, and an answer would look like a duplicate ACK to the peer.
 */
static struct ttp_judgement judge_old_ts(const struct ttp_seg *seg,
					 const struct ttp_conn_view *c)
{
	if (!ttp_seg_space(seg) && seg->seq == c->rcv_nxt &&
	    (seg->flags & TTP_ACK) && !ttp_after(seg->ack, c->snd_una))
		return judge(TTP_V_DROP, TTP_WHY_PAWS);
	return judge(TTP_V_ACK, TTP_WHY_PAWS);
}

struct ttp_judgement ttp_judge_synced(const struct ttp_seg *seg,
				      const struct ttp_conn_view *c)
{
	enum ttp_why why;

	if (seg->flags & TTP_RST)
		return judge_rst(seg, c->rcv_nxt, c->rcv_wnd);
	/* RFC 5961 4.2: wherever it lies. */
	if (seg->flags & TTP_SYN)
		return judge(TTP_V_CHALLENGE, TTP_WHY_SYN);
	if (c->ts_old)
		return judge_old_ts(seg, c);
	why = seq_fault(seg, c->rcv_nxt, c->rcv_wnd);
	if (why)
		return judge(TTP_V_ACK, why);
	if (!(seg->flags & TTP_ACK))
		return judge(TTP_V_DROP, TTP_WHY_NO_ACK);
	/* RFC 5961 5.2; rate-limited, lest two confused ends answer for ever. */
	if (!ttp_between(seg->ack, c->snd_una - c->max_wnd, c->snd_nxt))
		return judge(TTP_V_CHALLENGE,
			     ttp_after(seg->ack, c->snd_nxt) ?
			     TTP_WHY_ACK_FUTURE : TTP_WHY_ACK_OLD);
	return judge(TTP_V_ACCEPT, TTP_WHY_NONE);
}

/* Does the ACK cover something that is unacknowledged, and was sent? */
static bool ack_is_new(const struct ttp_seg *seg, const struct ttp_conn_view *c)
{
	return ttp_after(seg->ack, c->snd_una) &&
	       ttp_before_eq(seg->ack, c->snd_nxt);
}

static enum ttp_why ack_fault(const struct ttp_seg *seg,
			      const struct ttp_conn_view *c)
{
	return ttp_after(seg->ack, c->snd_nxt) ? TTP_WHY_ACK_FUTURE :
						 TTP_WHY_ACK_OLD;
}

struct ttp_judgement ttp_judge_syn_recv(const struct ttp_seg *seg,
					const struct ttp_conn_view *c)
{
	enum ttp_why why;

	if (seg->flags & TTP_RST)
		return judge_rst(seg, c->rcv_nxt, c->rcv_wnd);
	if (seg->flags & TTP_SYN) {
		if (c->fast && seg->seq == c->irs && !(seg->flags & TTP_ACK))
			return judge(TTP_V_RESEND, TTP_WHY_OLD);
		if (seg->seq + 1 != c->rcv_nxt)
			return judge(TTP_V_CHALLENGE, TTP_WHY_SYN);
		if (seg->flags & TTP_ACK && ack_is_new(seg, c))
			return judge(TTP_V_ACCEPT, TTP_WHY_NONE);
		return judge(TTP_V_ACK, TTP_WHY_OLD);
	}
	if (c->ts_old)
		return judge(TTP_V_ACK, TTP_WHY_PAWS);
	why = seq_fault(seg, c->rcv_nxt, c->rcv_wnd);
	if (why)
		return judge(TTP_V_ACK, why);
	if (!(seg->flags & TTP_ACK))
		return judge(TTP_V_DROP, TTP_WHY_NO_ACK);
	if (!ack_is_new(seg, c))
		return judge(TTP_V_REPLY_RST, ack_fault(seg, c));
	return judge(TTP_V_ACCEPT, TTP_WHY_NONE);
}

struct ttp_judgement ttp_judge_syn_sent(const struct ttp_seg *seg,
					const struct ttp_conn_view *c)
{
	bool has_ack = seg->flags & TTP_ACK;

	if (has_ack && !ack_is_new(seg, c))
		return judge(seg->flags & TTP_RST ? TTP_V_DROP : TTP_V_REPLY_RST,
			     ack_fault(seg, c));
	if (seg->flags & TTP_RST)
		return has_ack ? judge(TTP_V_RESET, TTP_WHY_NONE) :
				 judge(TTP_V_DROP, TTP_WHY_NO_ACK);
	if (c->snd_una == c->snd_nxt)
		return judge(TTP_V_DROP, TTP_WHY_STATE);
	if (seg->flags & TTP_SYN)
		return judge(has_ack ? TTP_V_SYNACK : TTP_V_SYN, TTP_WHY_NONE);
	return judge(TTP_V_DROP, TTP_WHY_STATE);
}

struct ttp_judgement ttp_judge_request(const struct ttp_seg *seg,
				       const struct ttp_conn_view *c)
{
	u32 iss = c->snd_una;
	enum ttp_why why;

	if (seg->flags & TTP_RST)
		return judge_rst(seg, c->rcv_nxt, c->rcv_wnd);
	if (c->ts_old)
		return judge(TTP_V_ACK, TTP_WHY_PAWS);
	if (seg->flags & TTP_SYN) {
		if (seg->seq + 1 == c->rcv_nxt && !(seg->flags & TTP_ACK))
			return judge(TTP_V_RESEND, TTP_WHY_NONE);
		if (seg->seq - c->rcv_nxt < c->rcv_wnd)
			return judge(TTP_V_CHALLENGE, TTP_WHY_SYN);
		return judge(TTP_V_ACK, TTP_WHY_SYN);
	}
	why = seq_fault(seg, c->rcv_nxt, c->rcv_wnd);
	if (why)
		return judge(TTP_V_ACK, why);
	if (!(seg->flags & TTP_ACK))
		return judge(TTP_V_DROP, TTP_WHY_NO_ACK);
	if (seg->ack != iss + 1)
		return judge(TTP_V_REPLY_RST, ttp_after(seg->ack, iss) ?
			     TTP_WHY_ACK_FUTURE : TTP_WHY_ACK_OLD);
	return judge(TTP_V_OPEN, TTP_WHY_NONE);
}

/* RFC 1122 4.2.2.13 (a), RFC 6191 2: surely beyond all that was used before. */
static bool syn_is_newer(const struct ttp_seg *seg,
			 const struct ttp_conn_view *c)
{
	return !(seg->flags & TTP_ACK) && !c->ts_old &&
	       (ttp_after(seg->seq, c->rcv_nxt) || c->ts_newer);
}

struct ttp_judgement ttp_judge_time_wait(const struct ttp_seg *seg,
					 const struct ttp_conn_view *c)
{
	enum ttp_why why;

	if (seg->flags & TTP_RST) {
		if (seg->seq != c->rcv_nxt)
			return judge(TTP_V_DROP, TTP_WHY_RST_SEQ);
		return c->rfc1337 ? judge(TTP_V_DROP, TTP_WHY_STATE) :
				    judge(TTP_V_RESET, TTP_WHY_NONE);
	}
	if (seg->flags & TTP_SYN) {
		if (syn_is_newer(seg, c))
			return judge(TTP_V_REUSE, TTP_WHY_NONE);
		return judge(TTP_V_ACK, TTP_WHY_SYN);
	}
	if (!(seg->flags & TTP_ACK))
		return judge(TTP_V_DROP, TTP_WHY_NO_ACK);
	if (c->ts_old)
		return judge(TTP_V_ACK, TTP_WHY_PAWS);
	if (seg->flags & TTP_FIN && ttp_seg_end(seg) == c->rcv_nxt &&
	    !ttp_after(seg->ack, c->snd_una))
		return judge(TTP_V_RESTART, TTP_WHY_NONE);
	why = seq_fault(seg, c->rcv_nxt, c->rcv_wnd);
	if (why)
		return judge(TTP_V_ACK, why);
	if (ttp_seg_space(seg))
		return judge(TTP_V_ACK, TTP_WHY_STATE);
	return judge(TTP_V_DROP, TTP_WHY_STATE);
}

static const char * const why_names[TTP_NR_WHY] = {
	[TTP_WHY_NONE]		= "None",
	[TTP_WHY_OLD]		= "Old",
	[TTP_WHY_WINDOW]	= "Window",
	[TTP_WHY_RST_SEQ]	= "RstSeq",
	[TTP_WHY_SYN]		= "Syn",
	[TTP_WHY_NO_ACK]	= "NoAck",
	[TTP_WHY_ACK_OLD]	= "AckOld",
	[TTP_WHY_ACK_FUTURE]	= "AckFuture",
	[TTP_WHY_STATE]		= "State",
	[TTP_WHY_PAWS]		= "Paws",
};

const char *ttp_why_name(u32 why)
{
	return why < TTP_NR_WHY ? why_names[why] : "Unknown";
}
