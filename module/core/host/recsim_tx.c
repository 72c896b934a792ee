// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the sender of the simulation: it holds the segments and follows
 * what sack, rack, tlp, prr and recovery decide.
 */
#include "recsim.h"

/* What one ACK did. */
struct rs_ack {
	struct ttp_rec_ack r;
	struct ttp_rack_ack rack;
	u32	delivered, acked;
	u32	sample;		/* us, 0: none */
};

u32 rs_in_flight(const struct rs *s)
{
	return s->packets_out - s->sacked_out - s->lost_out + s->retrans_out;
}

static u32 tsval_at(u64 us)
{
	return us / 1000 + 77;
}

static u32 snd_una(const struct rs *s)
{
	return rs_seq(s, s->una);
}

static u32 snd_nxt(const struct rs *s)
{
	return rs_seq(s, s->nxt);
}

void rs_tx_init(struct rs *s)
{
	ttp_rtt_init(&s->rtt);
	ttp_rack_init(&s->rack, s->c.iss);
	ttp_tlp_init(&s->tlp);
	ttp_recovery_init(&s->rec, s->c.iss);
	/* As after a handshake. */
	ttp_rtt_sample(&s->rtt, 2 * s->c.delay);
	s->cwnd = s->c.cwnd;
	s->ssthresh = s->c.ssthresh;
}

/* The counters are what a walk over the segments finds. */
void rs_tx_check(struct rs *s)
{
	u32 i, sacked = 0, lost = 0, retrans = 0;

	for (i = s->una; i < s->nxt; i++) {
		struct rs_seg *g = &s->seg[i];

		sacked += g->sacked;
		lost += g->lost;
		retrans += g->retrans;
		if (g->sacked && (g->lost || g->retrans))
			rs_fail(s, "SACKed and lost");
	}
	if (s->packets_out != s->nxt - s->una || lost != s->lost_out ||
	    retrans != s->retrans_out || (s->c.sack && sacked != s->sacked_out))
		rs_fail(s, "the counters are wrong");
	if (s->sacked_out + s->lost_out > s->packets_out)
		rs_fail(s, "more lost and SACKed than sent");
	if (!s->cwnd || s->ssthresh < 2)
		rs_fail(s, "no window");
	if (s->packets_out && !s->rto_at)
		rs_fail(s, "no timer");
}

static void take_off(struct rs *s, struct rs_seg *g)
{
	s->lost_out -= g->lost;
	s->retrans_out -= g->retrans;
	g->lost = false;
	g->retrans = false;
}

static void mark_lost(struct rs *s, u32 i)
{
	take_off(s, &s->seg[i]);
	s->seg[i].lost = true;
	s->lost_out++;
}

static struct ttp_rec_event event(const struct rs *s, bool lost_retrans)
{
	return (struct ttp_rec_event){
		.snd_una = snd_una(s), .snd_nxt = snd_nxt(s), .cwnd = s->cwnd,
		.ssthresh = s->ssthresh, .sacked_out = s->sacked_out,
		.lost_out = s->lost_out, .retrans_out = s->retrans_out,
		.lost_retrans = lost_retrans, .sack_ok = s->c.sack,
	};
}

static void transmit(struct rs *s, u32 i)
{
	struct rs_seg *g = &s->seg[i];

	g->sent_at = s->now;
	g->tsval = tsval_at(s->now);
	s->n.sent++;
	if (g->times++) {
		s->n.again++;
		ttp_recovery_on_retrans(&s->rec, rs_seq(s, i), rs_seq(s, i + 1),
					1, g->tsval, !s->retrans_out);
		s->retrans_out += !g->retrans;
		g->retrans = true;
	}
	if (ttp_recovery_reducing(&s->rec))
		ttp_prr_sent(&s->prr, 1);
	if (!s->rto_at || i == s->una)
		s->rto_at = s->now + ttp_rtt_rto(&s->rtt);
	rs_data(s, i, g->tsval);
}

static void transmit_new(struct rs *s)
{
	s->packets_out++;
	transmit(s, s->nxt++);
}

static bool may_probe(const struct rs *s)
{
	return ttp_tlp_may_arm(&s->tlp, s->c.sack, s->packets_out,
			       s->sacked_out, ttp_recovery_active(&s->rec));
}

static void arm_probe(struct rs *s)
{
	s->pto_at = 0;
	if (s->rto_at > s->now && may_probe(s))
		s->pto_at = s->now + ttp_tlp_pto(s->rtt.srtt >> 3, s->packets_out,
						 s->rto_at - s->now);
}

void rs_tx_push(struct rs *s, u32 react)
{
	u32 i = s->una, fresh = 0;

	if (react & TTP_REACT_SEND_NEW) {
		for (i = 0; i < 2 && s->nxt < s->avail; i++)
			transmit_new(s);
		arm_probe(s);
		return;
	}
	while (rs_in_flight(s) < s->cwnd) {
		while (i < s->nxt && !(s->seg[i].lost && !s->seg[i].retrans))
			i++;
		if (i < s->nxt && ttp_recovery_may_repeat(&s->rec)) {
			transmit(s, i);
		} else if (s->nxt < s->avail) {
			transmit_new(s);
			fresh++;
		} else {
			break;
		}
	}
	if (fresh)
		arm_probe(s);
}

/* Losses by time; returns whether a repetition is among them. */
static bool find_losses(struct rs *s)
{
	u32 wnd = ttp_rack_reo_wnd(&s->rack, s->rtt.min_rtt, s->rtt.srtt >> 3,
				   s->sacked_out, ttp_recovery_active(&s->rec));
	bool lost_retrans = false;
	u32 i, wait = 0;

	for (i = s->una; i < s->nxt; i++) {
		struct rs_seg *g = &s->seg[i];
		u32 left;

		if (g->sacked || (g->lost && !g->retrans))
			continue;
		left = ttp_rack_remaining(&s->rack, wnd, g->sent_at,
					  rs_seq(s, i + 1), s->now);
		if (!left) {
			lost_retrans |= g->retrans;
			mark_lost(s, i);
		} else if (left != TTP_RACK_UNKNOWN) {
			wait = max(wait, left);
		}
	}
	s->reo_at = wait ? s->now + wait : 0;
	return lost_retrans;
}

static void reduce(struct rs *s, u32 flight)
{
	s->n.reductions++;
	s->ssthresh = max_t(u32, s->cwnd / 2, 2);
	s->cnt = 0;
	ttp_prr_enter(&s->prr, flight);
}

/* After losses were marked; returns true when fast recovery begins. */
static bool enter(struct rs *s, bool lost_retrans, u32 delivered)
{
	struct ttp_rec_event e = event(s, lost_retrans);
	u32 react = ttp_recovery_on_losses(&s->rec, &e);

	if (react & TTP_REACT_REDUCE)
		reduce(s, s->packets_out - s->sacked_out + delivered);
	if (react & TTP_REACT_HEAD_LOST)
		mark_lost(s, s->una);
	if (react & TTP_REACT_ENTERED) {
		s->n.recoveries++;
		ttp_tlp_reset(&s->tlp);
	}
	return react & TTP_REACT_ENTERED;
}

static void deliver(struct rs *s, struct rs_ack *a, u32 i, bool sacked)
{
	struct rs_seg *g = &s->seg[i];
	struct ttp_rack_seg seg = {
		.sent_at = g->sent_at, .end_seq = rs_seq(s, i + 1),
		.len = RS_MSS, .tsval = g->tsval, .retrans = g->times > 1,
		.sacked = sacked,
	};

	if (ttp_after(seg.end_seq, s->rec.high_seq))
		a->r.beyond = true;
	else if (g->times == 1)
		a->r.orig = true;
	a->r.again |= g->times > 1;
	if (g->times == 1)
		a->sample = s->now - g->sent_at;
	ttp_rack_update(&s->rack, &seg, &a->rack);
	take_off(s, g);
}

static void apply_ack(struct rs *s, const struct rs_packet *p, struct rs_ack *a)
{
	while (s->una < s->nxt && ttp_after_eq(p->ack, rs_seq(s, s->una + 1))) {
		struct rs_seg *g = &s->seg[s->una];

		if (g->sacked)
			s->sacked_out--;
		else
			deliver(s, a, s->una, false);
		a->delivered += !g->sacked;
		s->una++;
		s->packets_out--;
		a->acked++;
	}
	a->r.advanced = a->acked;
	a->r.dup = !a->acked && s->packets_out && p->ack == snd_una(s);
	if (s->c.sack)
		return;
	if (a->acked)
		a->delivered = ttp_reno_acked(&s->sacked_out, a->acked,
						       s->packets_out,
						       s->lost_out);
	else if (a->r.dup && s->rec.state != TTP_REC_LOSS)
		a->delivered = ttp_reno_dup(&s->sacked_out,
						     s->packets_out, s->lost_out);
}

static void apply_sacks(struct rs *s, const struct rs_packet *p,
			struct rs_ack *a)
{
	struct ttp_sack_sent sent = { p->ack, snd_una(s), snd_nxt(s),
				      min_t(u32, s->una, 1000) * RS_MSS };
	struct ttp_sack_news news;
	struct ttp_tlp_ack t = { .ack = p->ack };
	u32 i, b;

	ttp_sack_judge(p->sack, p->nr_sack, &sent, &news);
	if (news.refused)
		rs_fail(s, "an honest block was refused");
	for (b = 0; b < news.nr; b++) {
		i = (news.block[b].start - rs_seq(s, 0)) / RS_MSS;
		for (; ttp_before(rs_seq(s, i), news.block[b].end); i++) {
			if (s->seg[i].sacked)
				continue;
			deliver(s, a, i, true);
			s->seg[i].sacked = true;
			s->sacked_out++;
			a->delivered++;
		}
	}
	if (news.dsack) {
		t.dup_end = news.dup.end;
		ttp_recovery_on_dsack(&s->rec, news.dup.start, news.dup.end,
				      (news.dup.end - news.dup.start) / RS_MSS);
	}
	t.dsack = news.dsack;
	t.bare_dup = a->r.dup && !p->nr_sack;
	ttp_rack_on_dsack(&s->rack, snd_una(s), snd_nxt(s), news.dsack &&
			  !ttp_tlp_is_dsack(&s->tlp, news.dup.end));
	if (ttp_tlp_on_ack(&s->tlp, &t) && ttp_recovery_on_repaired(&s->rec)) {
		reduce(s, s->cwnd);
		s->cwnd = s->ssthresh;
	}
}

static void measure(struct rs *s, const struct rs_packet *p, struct rs_ack *a)
{
	if (s->c.ts && a->acked)
		a->sample = max_t(u32, (tsval_at(s->now) - p->tsval) * 1000, 1);
	else if (a->r.again)
		return;
	if (!a->sample)
		return;
	ttp_rtt_sample(&s->rtt, a->sample);
	ttp_tlp_on_rtt(&s->tlp);
}

static void settle(struct rs *s, u32 react, u32 state,
		   const struct rs_ack *a)
{
	u32 i;

	if (react & TTP_REACT_UNDO) {
		s->n.undos++;
		ttp_recovery_undo(&s->rec, &s->cwnd, &s->ssthresh);
		for (i = s->una; i < s->nxt; i++) {
			/* Where it was repeated, both copies fly. */
			s->lost_out -= s->seg[i].lost;
			s->seg[i].lost = false;
		}
		if (react & TTP_REACT_REORDERED)
			ttp_rack_on_undo(&s->rack, a->rack.behind,
					 s->rtt.min_rtt);
	}
	if (react & TTP_REACT_DONE && state != TTP_REC_LOSS)
		s->cwnd = s->ssthresh;
	if (react & TTP_REACT_REPAIRED)
		ttp_rack_on_exit(&s->rack);
	if (react & TTP_REACT_HEAD_LOST) {
		s->n.partials++;
		mark_lost(s, s->una);
	}
}

static void grow(struct rs *s, u32 acked)
{
	if (s->cwnd < s->ssthresh) {
		s->cwnd += min(acked, 2u);
		return;
	}
	s->cnt += acked;
	if (s->cnt >= s->cwnd) {
		s->cnt = 0;
		s->cwnd++;
	}
}

static void set_timers(struct rs *s, const struct rs_ack *a)
{
	if (!a->acked)
		return;
	s->retries = 0;
	s->rto_at = 0;
	if (s->packets_out)
		s->rto_at = ttp_recovery_rto_at(s->now, ttp_rtt_rto(&s->rtt),
						s->seg[s->una].sent_at,
						s->avail - s->una);
	arm_probe(s);
}

void rs_tx_ack(struct rs *s, const struct rs_packet *p)
{
	bool full = rs_in_flight(s) + 1 >= s->cwnd;
	u32 state, lost, react;
	bool entered, lost_retrans = false;
	struct rs_ack a = { .rack = { .now = s->now, .min_rtt = s->rtt.min_rtt,
				      .tsecr = p->tsval, .has_ts = s->c.ts } };

	if (s->c.ts)
		a.rack.echo_rtt = (tsval_at(s->now) - p->tsval) * 1000;
	if (ttp_before(p->ack, snd_una(s)))
		return;
	apply_ack(s, p, &a);
	if (s->c.sack)
		apply_sacks(s, p, &a);
	measure(s, p, &a);

	a.r.snd_una = snd_una(s);
	a.r.sacked_out = s->sacked_out;
	a.r.lost_out = s->lost_out;
	a.r.tsecr = p->tsval;
	a.r.has_ts = s->c.ts;
	a.r.sack_ok = s->c.sack;
	a.r.can_send_new = s->nxt < s->avail;
	state = s->rec.state;
	react = ttp_recovery_on_ack(&s->rec, &a.r);
	settle(s, react, state, &a);

	lost = s->lost_out;
	if (s->c.sack)
		lost_retrans = find_losses(s);
	entered = enter(s, lost_retrans, a.delivered);
	if (ttp_recovery_reducing(&s->rec)) {
		if (a.delivered || entered)
			s->cwnd = ttp_prr_on_ack(&s->prr, a.delivered,
						 rs_in_flight(s), s->ssthresh,
						 a.acked && s->lost_out <= lost);
	} else if (a.acked && (full || s->rec.state == TTP_REC_LOSS)) {
		grow(s, a.acked);
	}
	set_timers(s, &a);
	rs_tx_push(s, react);
}

static void on_rto(struct rs *s)
{
	struct ttp_rec_event e = event(s, false);
	u32 wnd = ttp_rack_reo_wnd(&s->rack, s->rtt.min_rtt, s->rtt.srtt >> 3,
				   s->sacked_out, ttp_recovery_active(&s->rec));
	u32 react, i;

	s->n.rtos++;
	react = ttp_recovery_on_rto(&s->rec, &e, s->retries++);
	if (react & TTP_REACT_REDUCE)
		reduce(s, s->packets_out);
	ttp_tlp_reset(&s->tlp);
	if (!s->c.sack)
		s->sacked_out = 0;
	for (i = s->una; i < s->nxt; i++) {
		if (s->seg[i].sacked)
			continue;
		if (!s->c.sack ||
		    ttp_rack_lost_on_rto(&s->rack, wnd, s->seg[i].sent_at,
					 i == s->una, s->now))
			mark_lost(s, i);
	}
	s->cwnd = rs_in_flight(s) + 1;
	s->cnt = 0;
	ttp_rtt_backoff(&s->rtt);
	s->rto_at = s->now + ttp_rtt_rto(&s->rtt);
	s->reo_at = 0;
	s->pto_at = 0;
	rs_tx_push(s, 0);
}

static void on_reo(struct rs *s)
{
	bool entered;

	s->reo_at = 0;
	entered = enter(s, find_losses(s), 0);
	if (entered)
		s->cwnd = ttp_prr_on_ack(&s->prr, 0, rs_in_flight(s),
					 s->ssthresh, false);
	rs_tx_push(s, 0);
}

static void on_pto(struct rs *s)
{
	enum ttp_tlp_probe probe = ttp_tlp_on_timer(&s->tlp, may_probe(s),
						    s->nxt < s->avail);

	s->pto_at = 0;
	if (probe == TTP_TLP_NONE)
		return;
	s->n.probes++;
	if (probe == TTP_TLP_NEW)
		transmit_new(s);
	else
		transmit(s, s->nxt - 1);
	ttp_tlp_sent(&s->tlp, snd_nxt(s), probe);
	s->rto_at = s->now + ttp_rtt_rto(&s->rtt);
}

void rs_tx_timers(struct rs *s)
{
	if (s->reo_at && s->reo_at <= s->now)
		on_reo(s);
	if (s->pto_at && s->pto_at <= s->now)
		on_pto(s);
	if (s->rto_at && s->rto_at <= s->now && s->packets_out)
		on_rto(s);
}
