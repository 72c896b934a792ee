// SPDX-License-Identifier: GPL-2.0
/*
 * This file is loss recovery of a simulated end: what the module does for a
 * connection without SACK, with the same parts.
 */
#include "sim.h"

static u32 lost_out(const struct end *e)
{
	u32 n = 0, i;

	for (i = 0; i < e->nr_rtx; i++)
		n += e->rtx[i].lost;
	return n;
}

static u32 retrans_out(const struct end *e)
{
	u32 n = 0, i;

	for (i = 0; i < e->nr_rtx; i++)
		n += e->rtx[i].retrans;
	return n;
}

u32 end_in_flight(const struct end *e)
{
	return e->nr_rtx - e->sacked_out - lost_out(e) + retrans_out(e);
}

u32 end_room(const struct end *e)
{
	u32 out = end_in_flight(e);

	return e->cc.cwnd > out ? e->cc.cwnd - out : 0;
}

void end_rec_init(struct end *e)
{
	ttp_cc_init(&e->cc, ttp_cc_nth(0), e->sim->now);
	ttp_recovery_init(&e->rec, e->iss);
}

static struct ttp_rec_event event(const struct end *e)
{
	return (struct ttp_rec_event){
		.snd_una = e->snd_una, .snd_nxt = e->snd_nxt,
		.cwnd = e->cc.cwnd, .ssthresh = e->cc.ssthresh,
		.sacked_out = e->sacked_out, .lost_out = lost_out(e),
		.retrans_out = retrans_out(e),
	};
}

static void head_lost(struct end *e)
{
	if (!e->nr_rtx)
		return;
	e->rtx[0].lost = true;
	e->rtx[0].retrans = false;
}

void end_rec_delivered(const struct end *e, const struct sent *s,
		       struct ttp_rec_ack *a)
{
	bool again = s->tries > 1;

	if (ttp_after(s->seq + s->len, e->rec.high_seq))
		a->beyond = true;
	else if (!again)
		a->orig = true;
	a->again |= again;
}

static void settle(struct end *e, u32 react, u32 before)
{
	u64 now = e->sim->now;
	u32 i;

	if (react & TTP_REACT_UNDO) {
		ttp_recovery_undo(&e->rec, &e->cc.cwnd, &e->cc.ssthresh);
		for (i = 0; i < e->nr_rtx; i++)
			e->rtx[i].lost = false;
		ttp_cc_undo(&e->cc, now);
	} else if (react & TTP_REACT_DONE) {
		if (before != TTP_REC_LOSS)
			e->cc.cwnd = e->cc.ssthresh;
		ttp_cc_leave(&e->cc, now);
	}
	if (react & TTP_REACT_HEAD_LOST)
		head_lost(e);
}

static bool enter(struct end *e, u32 flight, u32 delivered)
{
	struct ttp_rec_event ev = event(e);
	u32 react = ttp_recovery_on_losses(&e->rec, &ev);

	if (react & TTP_REACT_REDUCE) {
		ttp_cc_enter_recovery(&e->cc, flight, e->sim->now);
		ttp_prr_enter(&e->prr, e->nr_rtx - e->sacked_out + delivered);
	}
	if (react & TTP_REACT_HEAD_LOST)
		head_lost(e);
	return react & TTP_REACT_ENTERED;
}

static void set_cwnd(struct end *e, const struct ttp_rec_ack *a, u32 acked,
		     u32 delivered, u32 before, bool entered)
{
	bool reducing = ttp_recovery_reducing(&e->rec);
	struct ttp_cc_ack c = {
		.now = e->sim->now, .snd_una = e->snd_una,
		.snd_nxt = e->snd_nxt, .acked = acked,
		.in_flight = end_in_flight(e), .srtt_us = e->rtt.srtt >> 3,
		.min_rtt_us = e->rtt.min_rtt, .mss = e->mss,
		.cwnd_limited = e->cwnd_limited, .in_recovery = reducing,
		.in_loss = before == TTP_REC_LOSS,
		.rate.acked_sacked = delivered,
	};

	if (delivered || acked)
		ttp_cc_acked(&e->cc, &c);
	if (reducing && (delivered || entered))
		e->cc.cwnd = ttp_prr_on_ack(&e->prr, delivered, c.in_flight,
					    e->cc.ssthresh, a->advanced);
}

void end_rec_ack(struct end *e, struct ttp_rec_ack *a, u32 acked, u32 flight)
{
	bool counts = e->rec.state != TTP_REC_LOSS ||
		      ttp_after(e->snd_nxt, e->rec.high_seq);
	u32 before = e->rec.state, delivered = 0, react;

	if (acked)
		delivered = ttp_reno_acked(&e->sacked_out, acked, e->nr_rtx,
					   lost_out(e));
	else if (a->dup && counts)
		delivered = ttp_reno_dup(&e->sacked_out, e->nr_rtx, lost_out(e));
	a->snd_una = e->snd_una;
	a->sacked_out = e->sacked_out;
	a->lost_out = lost_out(e);
	a->can_send_new = end_can_send_new(e);
	react = ttp_recovery_on_ack(&e->rec, a);
	settle(e, react, before);
	if (react & TTP_REACT_SEND_NEW)
		e->frto_room = 2;
	set_cwnd(e, a, acked, delivered, before, enter(e, flight, delivered));
	end_repeat_lost(e);
}

void end_rec_timeout(struct end *e)
{
	struct ttp_rec_event ev = event(e);
	u32 flight = e->nr_rtx, react, i;

	e->timeouts++;
	react = ttp_recovery_on_rto(&e->rec, &ev, e->timeouts > 1);
	e->sacked_out = 0;
	for (i = 0; i < e->nr_rtx; i++) {
		e->rtx[i].lost = true;
		e->rtx[i].retrans = false;
	}
	ttp_cc_enter_loss(&e->cc, flight, 0, react & TTP_REACT_REDUCE,
			  e->sim->now);
	end_repeat_lost(e);
}

void end_repeat_lost(struct end *e)
{
	u32 i;

	if (!ttp_recovery_may_repeat(&e->rec))
		return;
	for (i = 0; i < e->nr_rtx && end_room(e); i++) {
		struct sent *s = &e->rtx[i];
		bool first = !retrans_out(e);

		if (!s->lost || s->retrans)
			continue;
		end_repeat(e, s);
		s->retrans = true;
		ttp_recovery_on_retrans(&e->rec, s->seq, s->seq + s->len, 1, 0,
					first);
		if (ttp_recovery_reducing(&e->rec))
			ttp_prr_sent(&e->prr, 1);
	}
}
