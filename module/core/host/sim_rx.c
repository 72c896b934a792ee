// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the receiving half of a simulated end: judge, acknowledge,
 * reassemble, and the user who reads, writes and closes.
 */
#include "sim.h"

static struct ttp_conn_view view_of(const struct end *e)
{
	return (struct ttp_conn_view){
		.rcv_nxt = e->rcv_nxt,
		.rcv_wnd = ttp_after(e->rcv_edge, e->rcv_nxt) ?
			   e->rcv_edge - e->rcv_nxt : 0,
		.snd_una = e->snd_una, .snd_nxt = e->snd_nxt,
		.max_wnd = e->max_wnd,
	};
}

/* RFC 9293 3.5.2: a segment that nobody wants. */
static void reply_rst(struct end *e, const struct ttp_seg *seg)
{
	if (seg->flags & TTP_RST)
		return;
	if (seg->flags & TTP_ACK) {
		end_xmit(e, seg->ack, 0, TTP_RST);
	} else {
		u32 keep = e->rcv_nxt;

		e->rcv_nxt = ttp_seg_end(seg);
		end_xmit(e, 0, 0, TTP_RST | TTP_ACK);
		e->rcv_nxt = keep;
	}
}

static void challenge(struct end *e)
{
	if (e->challenge_at && e->sim->now < e->challenge_at)
		return;
	e->challenge_at = e->sim->now + 100 * TTP_USEC_PER_MSEC;
	end_ack(e);
}

static void set_window(struct end *e, const struct ttp_seg *seg)
{
	bool syn = seg->flags & TTP_SYN;

	e->snd_wnd = seg->win << (syn ? 0 : e->snd_wscale);
	e->max_wnd = max(e->max_wnd, e->snd_wnd);
	e->wl1 = seg->seq;
	e->wl2 = seg->ack;
}

/* What the peer's SYN says. */
static void take_syn(struct end *e, const struct ttp_seg *seg)
{
	e->irs = seg->seq;
	e->rcv_nxt = seg->seq + 1;
	e->rcv_edge = e->rcv_nxt;
	if (seg->opts.has_mss)
		e->mss = min_t(u32, e->mss, seg->opts.mss);
	if (seg->opts.has_wscale && e->rcv_wscale) {
		e->snd_wscale = seg->opts.wscale;
	} else {
		e->snd_wscale = 0;
		e->rcv_wscale = 0;
	}
	set_window(e, seg);
}

/* Drop what is acknowledged; returns the number of whole segments. */
static u32 clean_rtx(struct end *e, struct ttp_rec_ack *a)
{
	u32 n = 0, i;

	while (n < e->nr_rtx) {
		struct sent *s = &e->rtx[n];
		u32 end = s->seq + s->len + !!(s->flags & TTP_SYN) +
			  !!(s->flags & TTP_FIN);

		if (ttp_after(end, e->snd_una)) {
			if (ttp_after(e->snd_una, s->seq)) {
				s->len -= e->snd_una - s->seq;
				s->seq = e->snd_una;
			}
			break;
		}
		/* Karn: only what was sent once */
		if (s->tries == 1)
			ttp_rtt_sample(&e->rtt, e->sim->now - s->at);
		end_rec_delivered(e, s, a);
		n++;
	}
	for (i = n; i < e->nr_rtx; i++)
		e->rtx[i - n] = e->rtx[i];
	e->nr_rtx -= n;
	return n;
}

static void take_ack(struct end *e, const struct ttp_seg *seg)
{
	u32 wnd = e->snd_wnd, flight = e->nr_rtx, acked = 0;
	struct ttp_rec_ack a = {};

	if (ttp_wnd_update_ok(e->wl1, e->wl2, seg->seq, seg->ack) &&
	    !ttp_after(seg->ack, e->snd_nxt))
		set_window(e, seg);
	if (ttp_after(seg->ack, e->snd_una)) {
		a.advanced = true;
		e->snd_una = seg->ack;
		e->timeouts = 0;
		acked = clean_rtx(e, &a);
		end_arm_rexmit(e);
	} else {
		a.dup = seg->ack == e->snd_una && !ttp_seg_space(seg) &&
			wnd == e->snd_wnd && e->nr_rtx;
	}
	end_rec_ack(e, &a, acked, flight);
	/* an open window ends the probing, and its backoff */
	if (e->snd_wnd && !wnd) {
		ttp_deadline_clear(&e->dl, TTP_TIMER_PROBE);
		e->rtt.backoff = 0;
	}
}

static void store(struct end *e, u32 seq, const u8 *data, u32 len)
{
	const struct end *peer = &e->sim->end[!e->id];
	u32 i;

	for (i = 0; i < len; i++) {
		u32 off = seq + i - e->irs - 1;

		if (ttp_before(seq + i, e->rcv_nxt) ||
		    !ttp_before(seq + i, e->rcv_edge))
			continue;
		if (off >= peer->app.size)
			sim_fail(e->sim, "end %d: byte %u was never sent",
				 e->id, off);
		if (data[i] != sim_byte(!e->id, off))
			sim_fail(e->sim, "end %d: byte %u is wrong", e->id, off);
		e->got[off] = 1;
	}
}

static void take_data(struct end *e, const struct ttp_seg *seg, const u8 *data)
{
	u32 size = e->sim->end[!e->id].app.size;
	u32 seq = seg->seq + !!(seg->flags & TTP_SYN);
	u32 old = e->rcv_nxt;
	bool hole;

	if (e->fin_seen && e->rcv_nxt == e->fin_seq + 1) {
		end_ack(e);
		return;
	}
	store(e, seq, data, seg->len);
	if (seg->flags & TTP_FIN && ttp_before(seq + seg->len, e->rcv_edge)) {
		e->fin_seen = true;
		e->fin_seq = seq + seg->len;
	}
	while (e->rcv_nxt - e->irs - 1 < size && e->got[e->rcv_nxt - e->irs - 1])
		e->rcv_nxt++;
	e->unacked += e->rcv_nxt - old;
	hole = ttp_after(seq, old) || e->rcv_nxt == old;
	if (e->fin_seen && e->rcv_nxt == e->fin_seq) {
		if (e->rcv_nxt - e->irs - 1 != e->sim->end[!e->id].app.written)
			sim_fail(e->sim, "end %d: FIN before the data", e->id);
		e->rcv_nxt++;
		e->unacked++;
		end_event(e, TTP_EV_RCV_FIN);
		return;
	}
	if (!ttp_seg_space(seg))
		return;
	if (hole || e->unacked >= 2 * e->mss)
		end_ack(e);
	else
		end_delack(e);
}

/* An accepted segment, in the order of RFC 9293 3.10.7.4. */
static void process(struct end *e, const struct ttp_seg *seg, const u8 *data)
{
	bool syn_out = e->snd_una == e->iss;

	take_ack(e, seg);
	if (syn_out && e->snd_una != e->iss && e->state == TTP_SYN_RECV)
		end_event(e, TTP_EV_RCV_ACK_OF_SYN);
	if (e->fin_sent && e->snd_una == e->snd_nxt &&
	    TTPF_FIN_SENT & 1u << e->state)
		end_event(e, TTP_EV_RCV_ACK_OF_FIN);
	if (e->state == TTP_CLOSE)
		return;
	if (ttp_seg_space(seg) && e->state != TTP_TIME_WAIT)
		take_data(e, seg, data);
	end_push(e);
}

static void in_listen(struct end *e, const struct ttp_seg *seg, const u8 *data)
{
	struct ttp_conn_view v = view_of(e);
	struct ttp_judgement j;

	if (!e->has_req) {
		if (seg->flags & TTP_RST)
			return;
		if (seg->flags & TTP_ACK || !(seg->flags & TTP_SYN)) {
			reply_rst(e, seg);
			return;
		}
		end_event(e, TTP_EV_RCV_SYN);
		take_syn(e, seg);
		e->has_req = true;
		ttp_deadline_set(&e->dl, TTP_TIMER_REXMIT,
				 e->sim->now + ttp_rtt_rto(&e->rtt));
		end_xmit(e, e->iss, 0, TTP_SYN | TTP_ACK);
		return;
	}
	v.rcv_nxt = e->irs + 1;
	v.snd_una = e->iss;
	j = ttp_judge_request(seg, &v);
	if (j.verdict == TTP_V_RESEND)
		end_xmit(e, e->iss, 0, TTP_SYN | TTP_ACK);
	else if (j.verdict == TTP_V_ACK || j.verdict == TTP_V_CHALLENGE)
		end_xmit(e, e->iss + 1, 0, TTP_ACK);
	else if (j.verdict == TTP_V_REPLY_RST)
		reply_rst(e, seg);
	else if (j.verdict == TTP_V_RESET)
		e->has_req = false;
	if (j.verdict != TTP_V_OPEN)
		return;
	/* The child starts in SYN_RECV, and the ACK takes it on from there. */
	e->has_req = false;
	ttp_deadline_clear(&e->dl, TTP_TIMER_REXMIT);
	if (e->rtt.backoff)
		ttp_rtt_syn_repeated(&e->rtt);
	e->snd_una = e->iss + 1;
	e->snd_nxt = e->iss + 1;
	e->state = TTP_SYN_RECV;
	end_event(e, TTP_EV_RCV_ACK_OF_SYN);
	set_window(e, seg);
	process(e, seg, data);
}

static void in_syn_sent(struct end *e, const struct ttp_seg *seg,
			const u8 *data)
{
	struct ttp_conn_view v = view_of(e);
	struct ttp_judgement j = ttp_judge_syn_sent(seg, &v);

	if (j.verdict == TTP_V_REPLY_RST)
		reply_rst(e, seg);
	else if (j.verdict == TTP_V_RESET)
		end_event(e, TTP_EV_RCV_RST);
	else if (j.verdict == TTP_V_SYN) {
		take_syn(e, seg);
		end_event(e, TTP_EV_RCV_SYN);
	} else if (j.verdict == TTP_V_SYNACK) {
		take_syn(e, seg);
		take_ack(e, seg);
		end_event(e, TTP_EV_RCV_SYNACK);
		process(e, seg, data);
	}
}

static void in_time_wait(struct end *e, const struct ttp_seg *seg)
{
	struct ttp_conn_view v = view_of(e);
	struct ttp_judgement j = ttp_judge_time_wait(seg, &v);

	if (j.verdict == TTP_V_RESET)
		end_event(e, TTP_EV_RCV_RST);
	if (j.verdict == TTP_V_RESTART)
		e->tw_until = e->sim->now + 60 * TTP_USEC_PER_SEC;
	if (j.verdict == TTP_V_RESTART || j.verdict == TTP_V_ACK)
		end_ack(e);
}

static void in_synced(struct end *e, const struct ttp_seg *seg, const u8 *data)
{
	struct ttp_conn_view v = view_of(e);
	struct ttp_judgement j = e->state == TTP_SYN_RECV ?
				 ttp_judge_syn_recv(seg, &v) :
				 ttp_judge_synced(seg, &v);

	if (j.verdict == TTP_V_ACCEPT)
		process(e, seg, data);
	else if (j.verdict == TTP_V_ACK)
		end_ack(e);
	else if (j.verdict == TTP_V_CHALLENGE)
		challenge(e);
	else if (j.verdict == TTP_V_REPLY_RST)
		reply_rst(e, seg);
	else if (j.verdict == TTP_V_RESET)
		end_event(e, TTP_EV_RCV_RST);
}

void end_input(struct end *e, const u8 *bytes, u32 hlen, u32 len)
{
	struct ttp_seg seg;

	if (ttp_seg_parse(bytes, hlen, hlen + len, &seg) != TTP_SEG_OK)
		sim_fail(e->sim, "end %d: our own segment does not parse", e->id);
	e->stuck_at = 0;
	e->keep_probes = 0;
	if (e->state == TTP_CLOSE)
		reply_rst(e, &seg);
	else if (e->state == TTP_LISTEN)
		in_listen(e, &seg, bytes + hlen);
	else if (e->state == TTP_SYN_SENT)
		in_syn_sent(e, &seg, bytes + hlen);
	else if (e->state == TTP_TIME_WAIT)
		in_time_wait(e, &seg);
	else
		in_synced(e, &seg, bytes + hlen);
	/* A peer that has gone without a RST is noticed only so. */
	if (TTPF_SYNCED & ~TTPF(TIME_WAIT) & 1u << e->state)
		ttp_deadline_set(&e->dl, TTP_TIMER_KEEP,
				 e->sim->now + 600 * TTP_USEC_PER_SEC);
}

static void app_read(struct end *e)
{
	u32 have = e->rcv_nxt - e->irs - 1 - e->read;
	struct ttp_rwnd w = {
		.full = e->rcv_buf, .mss = e->mss, .rcv_nxt = e->rcv_nxt,
		.rcv_edge = e->rcv_edge, .wscale = e->rcv_wscale,
	};

	if (e->fin_seen && e->rcv_nxt == e->fin_seq + 1)
		have--;
	e->read += min(have, 1 + sim_below(e->sim, e->app.chunk));
	have = e->rcv_nxt - e->irs - 1 - e->read;
	w.space = have < e->rcv_buf ? e->rcv_buf - have : 0;
	if (TTPF_MAY_RECV & 1u << e->state && ttp_wnd_worth_update(&w))
		end_ack(e);
}

/* The user loses patience, or interest: true when that was all. */
static bool app_breaks_off(struct end *e)
{
	struct app *a = &e->app;
	struct sim *sim = e->sim;
	bool abort = (a->abort_after && e->read >= a->abort_after) ||
		     (a->abort_at && sim->now >= a->abort_at);
	bool hangup = a->hangup_at && sim->now >= a->hangup_at;

	/* A listener whom nobody will call any more. */
	if (e->state == TTP_LISTEN && sim->end[!e->id].state == TTP_CLOSE &&
	    sim->now > 10 * TTP_USEC_PER_SEC)
		hangup = true;
	if (e->state == TTP_CLOSE || e->state == TTP_TIME_WAIT ||
	    (!abort && !hangup))
		return false;
	sim->broken = true;
	if (!abort && (a->closed || TTPF_SYNCED & 1u << e->state))
		return false;
	a->closed = true;
	end_event(e, abort ? TTP_EV_ABORT : TTP_EV_CLOSE);
	if (abort || e->state == TTP_CLOSE)
		a->at = 0;
	return true;
}

/* One thing that the user does: read, write, close. */
void end_app(struct end *e)
{
	struct app *a = &e->app;
	bool eof = e->fin_seen && e->rcv_nxt == e->fin_seq + 1;

	a->at = e->sim->now + a->pause / 2 + sim_below(e->sim, a->pause);
	if (app_breaks_off(e) || e->state == TTP_SYN_SENT ||
	    e->state == TTP_LISTEN)
		return;
	if (TTPF_SYNCED & 1u << e->state || eof)
		app_read(e);
	if (TTPF_MAY_SEND & 1u << e->state)
		a->written += min(a->size - a->written,
				  1 + sim_below(e->sim, a->chunk));
	if (!a->closed && a->written == a->size && (eof || !a->close_late) &&
	    e->state != TTP_CLOSE) {
		a->closed = true;
		end_event(e, TTP_EV_CLOSE);
	}
	end_push(e);
	if (a->closed && eof && e->read == e->sim->end[!e->id].app.written)
		a->at = 0;
}

/* What must hold after everything that happens. */
void end_check(struct end *e)
{
	u64 next = ttp_deadline_next(&e->dl);
	u32 waits = TTPF_MAY_SEND | TTPF_FIN_SENT;
	bool fin_waits = e->fin_queued && !e->fin_sent;
	u32 sent = e->snd_nxt - e->fin_sent - e->iss - 1;

	if (e->cc.cwnd < 1 || e->cc.ssthresh < 2)
		sim_fail(e->sim, "end %d: cwnd %u, ssthresh %u", e->id,
			 e->cc.cwnd, e->cc.ssthresh);
	if (e->sacked_out > e->nr_rtx || end_in_flight(e) > e->nr_rtx)
		sim_fail(e->sim, "end %d: %u of %u SACKed, %u in flight", e->id,
			 e->sacked_out, e->nr_rtx, end_in_flight(e));
	if (ttp_after(e->snd_una, e->snd_nxt))
		sim_fail(e->sim, "end %d: snd_una beyond snd_nxt", e->id);
	if (next && next <= e->sim->now)
		sim_fail(e->sim, "end %d: a deadline was missed", e->id);
	if (e->nr_rtx && !ttp_deadline_is_set(&e->dl, TTP_TIMER_REXMIT))
		sim_fail(e->sim, "end %d: unacked data, no timer", e->id);
	if (!e->nr_rtx && waits & 1u << e->state && e->snd_una != e->iss &&
	    (e->app.written > sent || fin_waits) &&
	    !ttp_deadline_is_set(&e->dl, TTP_TIMER_PROBE))
		sim_fail(e->sim, "end %d: queued data, no timer", e->id);
	if (e->unacked && TTPF_SYNCED & 1u << e->state &&
	    !ttp_deadline_is_set(&e->dl, TTP_TIMER_DELACK))
		sim_fail(e->sim, "end %d: an ACK is owed, no timer", e->id);
}

u64 end_next(struct end *e)
{
	u64 next = ttp_deadline_next(&e->dl);

	if (e->tw_until && (!next || e->tw_until < next))
		next = e->tw_until;
	if (e->app.at && (!next || e->app.at < next))
		next = e->app.at;
	return next;
}

void end_connect(struct end *e)
{
	end_event(e, TTP_EV_CONNECT);
}

void end_listen(struct end *e)
{
	end_event(e, TTP_EV_LISTEN);
}
