// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the sending half of a simulated end: segments, bursts,
 * retransmissions, and the work that a transition leaves.
 */
#include <stdio.h>

#include "sim.h"

static u32 end_window(struct end *e, bool syn)
{
	struct ttp_rwnd w = {
		.full = e->rcv_buf, .mss = e->mss, .rcv_nxt = e->rcv_nxt,
		.rcv_edge = e->rcv_edge, .wscale = syn ? 0 : e->rcv_wscale,
	};
	u32 unread = e->irs || e->rcv_nxt ? e->rcv_nxt - e->irs - 1 - e->read : 0;
	u32 wnd, edge;

	if (e->fin_seen && e->rcv_nxt == e->fin_seq + 1)
		unread--;
	w.space = unread < e->rcv_buf ? e->rcv_buf - unread : 0;
	wnd = ttp_wnd_advertise(&w);
	edge = e->rcv_nxt + wnd;
	if (!syn && ttp_before(edge, e->rcv_edge))
		sim_fail(e->sim, "end %d: window shrank", e->id);
	e->rcv_edge = edge;
	return ttp_wnd_field(wnd, w.wscale);
}

void end_xmit(struct end *e, u32 seq, u32 len, u8 flags)
{
	bool syn = flags & TTP_SYN;
	struct ttp_seg seg = {
		.sport = 1, .dport = 2, .seq = seq, .flags = flags,
		.ack = flags & TTP_ACK ? e->rcv_nxt : 0,
	};
	u8 buf[TTP_HDR_MAX + SIM_MSS_MAX];
	u32 hlen, i;

	if (!(flags & TTP_RST))
		seg.win = end_window(e, syn);
	if (syn) {
		seg.opts.has_mss = true;
		seg.opts.mss = e->mss;
		/* A SYN+ACK answers only what was asked; scale 0 asks nothing. */
		seg.opts.has_wscale = e->rcv_wscale;
		seg.opts.wscale = e->rcv_wscale;
	}
	hlen = ttp_seg_build(buf, &seg);
	for (i = 0; i < len; i++)
		buf[hlen + i] = sim_byte(e->id, seq - e->iss - 1 + i);
	if (flags & TTP_ACK) {
		ttp_deadline_clear(&e->dl, TTP_TIMER_DELACK);
		e->unacked = 0;
	}
	sim_transmit(e->sim, !e->id, buf, hlen, len);
}

void end_ack(struct end *e)
{
	end_xmit(e, e->snd_nxt, 0, TTP_ACK);
}

void end_delack(struct end *e)
{
	if (!ttp_deadline_is_set(&e->dl, TTP_TIMER_DELACK))
		ttp_deadline_set(&e->dl, TTP_TIMER_DELACK,
				 e->sim->now + 40 * TTP_USEC_PER_MSEC);
}

/* Bytes that the user has written and that were never sent. */
static u32 unsent(const struct end *e)
{
	return e->app.written - (e->snd_nxt - e->fin_sent - e->iss - 1);
}

static void arm_rexmit(struct end *e)
{
	ttp_deadline_set(&e->dl, TTP_TIMER_REXMIT,
			 e->sim->now + ttp_rtt_rto(&e->rtt));
}

/* An ACK has advanced. */
void end_arm_rexmit(struct end *e)
{
	u32 segs = e->nr_rtx + (unsent(e) + e->mss - 1) / e->mss;

	ttp_deadline_clear(&e->dl, TTP_TIMER_REXMIT);
	if (e->nr_rtx)
		ttp_deadline_set(&e->dl, TTP_TIMER_REXMIT,
				 ttp_recovery_rto_at(e->sim->now,
						     ttp_rtt_rto(&e->rtt),
						     e->rtx[0].at, segs));
}

/* Send what was never sent before, and remember it. */
static void send_new(struct end *e, u32 len, u8 flags)
{
	if (e->nr_rtx == SIM_RTX_MAX)
		sim_fail(e->sim, "end %d: retransmit queue full", e->id);
	e->rtx[e->nr_rtx++] = (struct sent){
		.seq = e->snd_nxt, .len = len,
		.flags = flags & (TTP_SYN | TTP_FIN), .tries = 1,
		.at = e->sim->now,
	};
	end_xmit(e, e->snd_nxt, len, flags);
	e->snd_nxt += len + !!(flags & TTP_SYN) + !!(flags & TTP_FIN);
	if (!ttp_deadline_is_set(&e->dl, TTP_TIMER_REXMIT))
		arm_rexmit(e);
}

void end_repeat(struct end *e, struct sent *s)
{
	u8 flags = s->flags;

	if (e->state != TTP_SYN_SENT)
		flags |= TTP_ACK;
	s->tries++;
	s->at = e->sim->now;
	end_xmit(e, s->seq, s->len, flags);
	if (s == e->rtx)
		arm_rexmit(e);
}

static bool may_push(const struct end *e)
{
	u32 states = TTPF_MAY_SEND | TTPF_FIN_SENT;

	/* Nothing but SYN before ours is acknowledged. */
	return states & 1u << e->state && ttp_after(e->snd_una, e->iss);
}

static void send_burst(struct end *e, u32 n, u32 usable)
{
	u32 left = unsent(e);

	while (n) {
		u32 len = min(n, e->mss);
		u8 flags = TTP_ACK | TTP_PSH;

		n -= len;
		left -= len;
		usable -= len;
		if (!left && e->fin_queued && usable) {
			flags |= TTP_FIN;
			e->fin_sent = true;
		}
		send_new(e, len, flags);
		if (len < e->mss)
			e->snd_sml = e->snd_nxt;
	}
}

bool end_can_send_new(const struct end *e)
{
	return may_push(e) && !e->fin_sent && unsent(e) &&
	       ttp_wnd_usable(e->snd_una, e->snd_wnd, e->snd_nxt);
}

void end_push(struct end *e)
{
	u32 usable, n;

	if (!may_push(e) || e->fin_sent)
		return;
	for (;;) {
		struct ttp_plan p = {
			.queued = unsent(e), .mss = e->mss,
			.max_wnd = e->max_wnd, .max_burst = 4 * e->mss,
			.nodelay = e->nodelay, .fin = e->fin_queued,
			.small_out = ttp_after(e->snd_sml, e->snd_una),
		};

		usable = ttp_wnd_usable(e->snd_una, e->snd_wnd, e->snd_nxt);
		p.usable = usable;
		p.cwnd_room = max(end_room(e), e->frto_room);
		e->frto_room = 0;
		n = ttp_plan_bytes(&p);
		if (n > p.usable || n > p.queued)
			sim_fail(e->sim, "end %d: plan of %u", e->id, n);
		/* Whether the ACK is really due: it must do no harm if not. */
		p.most_out = e->snd_wnd;
		p.ack_due = e->nr_rtx && !ttp_recovery_active(&e->rec);
		if (!n || ttp_plan_waits(&p, n))
			break;
		send_burst(e, n, usable);
	}
	e->cwnd_limited = !end_room(e);
	if (e->fin_queued && !e->fin_sent && !unsent(e) && usable) {
		e->fin_sent = true;
		send_new(e, 0, TTP_ACK | TTP_FIN);
	}
	if ((unsent(e) || (e->fin_queued && !e->fin_sent)) && !e->nr_rtx) {
		if (!ttp_deadline_is_set(&e->dl, TTP_TIMER_PROBE))
			ttp_deadline_set(&e->dl, TTP_TIMER_PROBE,
					 e->sim->now + ttp_rtt_rto(&e->rtt));
	} else {
		ttp_deadline_clear(&e->dl, TTP_TIMER_PROBE);
	}
}

/* The probe timer: ask for the window, or override silly-window avoidance. */
static void end_probe(struct end *e)
{
	u32 usable = ttp_wnd_usable(e->snd_una, e->snd_wnd, e->snd_nxt);

	if (!may_push(e))
		return;
	ttp_rtt_backoff(&e->rtt);
	if (usable && unsent(e))
		send_burst(e, min(min(usable, unsent(e)), e->mss), usable);
	else
		end_xmit(e, e->snd_una - 1, 0, TTP_ACK);
	end_push(e);
}

/* Has a timer fired in vain for as long as TCP's users are used to? */
static bool gives_up(struct end *e)
{
	u32 rto = e->state == TTP_SYN_SENT ? TTP_RTO_INIT : TTP_RTO_MIN;
	u32 retries = TTPF_SYNCED & 1u << e->state ? 15 : 6;

	if (!e->stuck_at)
		e->stuck_at = e->sim->now;
	if (e->sim->now - e->stuck_at < ttp_rtt_retries_to_us(rto, retries))
		return false;
	if (e->has_req) {
		e->has_req = false;
		e->stuck_at = 0;
	} else {
		end_event(e, TTP_EV_DEAD);
	}
	return true;
}

static void end_keepalive(struct end *e)
{
	if (e->keep_probes++ == 9) {
		end_event(e, TTP_EV_DEAD);
		return;
	}
	end_xmit(e, e->snd_una - 1, 0, TTP_ACK);
	ttp_deadline_set(&e->dl, TTP_TIMER_KEEP,
			 e->sim->now + 75 * TTP_USEC_PER_SEC);
}

void end_timers(struct end *e)
{
	u32 retry = 1u << TTP_TIMER_REXMIT | 1u << TTP_TIMER_PROBE;
	u32 bits, t;

	for (t = 0; t < TTP_NR_TIMERS; t++) {
		if (e->dl.at[t] && e->dl.at[t] < e->sim->now)
			sim_fail(e->sim, "end %d: timer %u was passed over",
				 e->id, t);
	}
	bits = ttp_deadline_expired(&e->dl, e->sim->now);
	if (bits & retry && gives_up(e))
		return;
	if (bits & 1u << TTP_TIMER_REXMIT) {
		if (e->has_req) {
			ttp_rtt_backoff(&e->rtt);
			end_xmit(e, e->iss, 0, TTP_SYN | TTP_ACK);
			arm_rexmit(e);
		} else if (e->nr_rtx) {
			ttp_rtt_backoff(&e->rtt);
			if (e->snd_una == e->iss)
				end_repeat(e, e->rtx);
			else
				end_rec_timeout(e);
		}
	}
	if (bits & 1u << TTP_TIMER_PROBE)
		end_probe(e);
	if (bits & 1u << TTP_TIMER_DELACK)
		end_ack(e);
	if (bits & 1u << TTP_TIMER_KEEP)
		end_keepalive(e);
	if (e->tw_until && e->tw_until <= e->sim->now) {
		e->tw_until = 0;
		end_event(e, TTP_EV_2MSL);
	}
}

static void end_dead(struct end *e)
{
	e->dl = (struct ttp_deadlines){ };
	e->nr_rtx = 0;
	e->sacked_out = 0;
	e->has_req = false;
	e->tw_until = 0;
	/* What has arrived may still be read, unless the end was a bad one. */
	if (e->err || !e->fin_seen)
		e->app.at = 0;
}

void end_event(struct end *e, u32 event)
{
	const struct ttp_edge *edge = ttp_fsm_next(e->state, event);

	if (!edge)
		sim_fail(e->sim, "end %d: %s in %s", e->id,
			 ttp_event_name(event), ttp_state_name(e->state));
	if (e->sim->trace)
		printf("# %llu end %d %s -> %s by %s\n", e->sim->now, e->id,
		       ttp_state_name(e->state), ttp_state_name(edge->next),
		       ttp_event_name(event));
	sim_edges_seen[e->state] |= 1u << event;
	e->state = edge->next;
	if (edge->todo & TTP_DO_SYN)
		send_new(e, 0, TTP_SYN);
	if (edge->todo & TTP_DO_SYNACK)
		end_xmit(e, e->iss, 0, TTP_SYN | TTP_ACK);
	if (edge->todo & TTP_DO_FIN)
		e->fin_queued = true;
	if (edge->todo & TTP_DO_RST)
		end_xmit(e, e->snd_nxt, 0, TTP_RST | TTP_ACK);
	if (edge->todo & TTP_DO_ERR)
		e->err = event == TTP_EV_RCV_RST ? 104 : 110;
	if (edge->todo & TTP_DO_ACK)
		end_ack(e);
	if (edge->todo & TTP_DO_DELACK)
		end_delack(e);
	if (edge->todo & TTP_DO_TW) {
		e->dl = (struct ttp_deadlines){ };
		e->tw_until = e->sim->now + 60 * TTP_USEC_PER_SEC;
	}
	if (edge->todo & TTP_DO_DEAD)
		end_dead(e);
}
