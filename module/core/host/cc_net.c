// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the simulated bottleneck and its senders: it calls a congestion
 * control in the order that loss recovery does.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cc_net.h"

#define NET_NEVER	(~0ULL)
#define NET_REORDER	3		/* later arrivals that mean a loss */
#define NET_RTO_US	200000u

static u32 net_random(struct net *net)
{
	net->rnd ^= net->rnd << 13;
	net->rnd ^= net->rnd >> 17;
	net->rnd ^= net->rnd << 5;
	return net->rnd;
}

struct net *net_new(u32 seed, u32 mbit, u32 rtt_us, u32 buffer)
{
	struct net *net = calloc(1, sizeof(*net));

	assert(net);
	net->rnd = seed * 2654435761u | 1;
	net->seg_us = NET_MSS * 8 / mbit;
	net->rtt_us = rtt_us;
	net->buffer = buffer;
	net_reset_queue_stats(net);
	return net;
}

void net_free(struct net *net)
{
	while (net->nr)
		free(net->flow[--net->nr]);
	free(net);
}

struct net_flow *net_add(struct net *net, const char *cc, u64 start_at)
{
	struct net_flow *f = calloc(1, sizeof(*f));

	assert(f && net->nr < NET_FLOWS && ttp_cc_find(cc));
	ttp_cc_init(&f->cc, ttp_cc_find(cc), start_at);
	ttp_rate_init(&f->rate, start_at);
	f->start_at = start_at;
	net->flow[net->nr++] = f;
	return f;
}

void net_reset_queue_stats(struct net *net)
{
	net->queue_sum = 0;
	net->queue_nr = 0;
	net->queue_min = NET_NEVER;
}

/* The way of a segment there and of its ACK back; 0: dropped. */
static u64 net_pass(struct net *net)
{
	u64 wait = net->free_at > net->now ? net->free_at - net->now : 0;

	if (net->drop_next || net_random(net) % 10000 < net->loss) {
		net->drop_next = false;
		return 0;
	}
	net->queue_sum += wait;
	net->queue_nr++;
	if (wait < net->queue_min)
		net->queue_min = wait;
	if (wait / net->seg_us >= net->buffer) {
		net->overflows++;
		return 0;
	}
	net->free_at = net->now + wait + net->seg_us;
	return net->free_at + net->rtt_us;
}

static struct net_seg *seg_of(struct net_flow *f, u64 nr)
{
	return &f->seg[nr % NET_RING];
}

static void flow_pace(struct net *net, struct net_flow *f)
{
	u64 bytes;

	if (!f->cc.pacing_rate)
		return;
	if (f->pace_at < net->now)
		f->pace_at = net->now;
	bytes = NET_MSS * 1000000ULL + f->pace_frac;
	f->pace_at += bytes / f->cc.pacing_rate;
	f->pace_frac = bytes % f->cc.pacing_rate;
}

static void flow_send(struct net *net, struct net_flow *f)
{
	while (f->in_flight < f->cc.cwnd && f->pace_at <= net->now &&
	       f->next - f->una < NET_RING) {
		struct net_seg *s = seg_of(f, f->next);

		s->sent_at = net->now;
		s->done = false;
		ttp_rate_on_send(&f->rate, &s->stamp, f->in_flight, net->now);
		s->ack_at = net_pass(net);
		if (!f->in_flight)
			f->rto_at = net->now + f->srtt + NET_RTO_US;
		f->next++;
		f->in_flight++;
		flow_pace(net, f);
	}
}

static u32 flow_mark_lost(struct net_flow *f, u64 before)
{
	u32 n = 0;
	u64 nr;

	for (nr = f->una; nr < before; nr++) {
		struct net_seg *s = seg_of(f, nr);

		if (s->done)
			continue;
		s->done = true;
		f->in_flight--;
		f->last_lost = nr;
		n++;
	}
	while (f->una < f->next && seg_of(f, f->una)->done)
		f->una++;
	f->lost += n;
	return n;
}

/* The next segment whose ACK will come. */
static struct net_seg *flow_next_ack(struct net_flow *f)
{
	for (; f->acked < f->next; f->acked++)
		if (seg_of(f, f->acked)->ack_at)
			return seg_of(f, f->acked);
	return NULL;
}

/* Recovery begins or ends; PRR is not modelled, cwnd is ssthresh at once. */
static void flow_alert(struct net *net, struct net_flow *f, u32 flight, u32 lost)
{
	if (f->state != NET_OPEN && f->una >= f->recover) {
		f->state = NET_OPEN;
		ttp_cc_leave(&f->cc, net->now);
	}
	/* The window that has paid does not pay twice. */
	if (!lost || f->state != NET_OPEN || f->last_lost < f->recover)
		return;
	f->state = NET_RECOVERY;
	f->recover = f->next;
	ttp_cc_enter_recovery(&f->cc, flight, net->now);
	if (!ttp_cc_owns_cwnd(&f->cc))
		f->cc.cwnd = f->cc.ssthresh;
}

static void flow_ack(struct net *net, struct net_flow *f)
{
	struct ttp_cc_ack a = {
		.now = net->now, .mss = NET_MSS, .cwnd_limited = true,
		.prior_in_flight = f->in_flight,
		.in_loss = f->state == NET_LOSS,
	};
	u32 flight = f->next - f->una, lost;
	struct net_seg *s;

	while ((s = flow_next_ack(f)) && s->ack_at <= net->now) {
		u32 seq = (u32)(f->acked + 1) * NET_MSS;

		f->acked++;
		f->delivered++;
		if (s->done)
			continue;	/* a timeout was too early */
		s->done = true;
		f->in_flight--;
		a.acked++;
		a.rtt_us = net->now - s->sent_at;
		ttp_rate_on_delivered(&f->rate, &s->stamp, (u32)s->sent_at,
				      seq, 1, net->now);
	}
	lost = flow_mark_lost(f, f->acked > NET_REORDER ?
				 f->acked - NET_REORDER : 0);
	if (a.rtt_us) {
		ttp_win_min_rtt(&f->min_rtt, net->now, a.rtt_us, 10);
		f->srtt = f->srtt ? f->srtt - f->srtt / 8 + a.rtt_us / 8 :
				    a.rtt_us;
	}
	flow_alert(net, f, flight, lost);
	a.in_recovery = f->state == NET_RECOVERY;
	a.snd_una = (u32)f->acked * NET_MSS;
	a.snd_nxt = (u32)f->next * NET_MSS;
	a.in_flight = f->in_flight;
	a.srtt_us = f->srtt;
	a.min_rtt_us = ttp_win_get_min(&f->min_rtt);
	a.delivered = f->rate.delivered;
	ttp_rate_on_ack(&f->rate, &a.rate, lost, a.min_rtt_us, net->now);
	ttp_cc_acked(&f->cc, &a);
	f->rto_at = net->now + f->srtt + NET_RTO_US;
}

static void flow_timeout(struct net *net, struct net_flow *f)
{
	u32 flight = f->next - f->una;

	f->rtos++;
	flow_mark_lost(f, f->next);
	f->recover = f->next;
	ttp_cc_enter_loss(&f->cc, flight, f->in_flight, f->state != NET_LOSS,
			  net->now);
	f->state = NET_LOSS;
	f->rto_at = net->now + f->srtt + NET_RTO_US;
}

/* When this sender has something to do. */
static u64 flow_when(struct net *net, struct net_flow *f)
{
	struct net_seg *s = flow_next_ack(f);
	u64 when = s ? s->ack_at + net->merge_us : NET_NEVER;

	if (!f->on)
		return f->start_at;
	if (f->in_flight)
		when = min(when, f->rto_at);
	if (f->in_flight < f->cc.cwnd)
		when = min(when, max(f->pace_at, net->now));
	return when;
}

static void flow_step(struct net *net, struct net_flow *f,
		      void (*each)(struct net *net, struct net_flow *f))
{
	struct net_seg *s = flow_next_ack(f);

	f->on = true;
	if (s && s->ack_at + net->merge_us <= net->now) {
		flow_ack(net, f);
		if (each)
			each(net, f);
	} else if (f->in_flight && f->rto_at <= net->now) {
		flow_timeout(net, f);
	}
	flow_send(net, f);
}

void net_run(struct net *net, u64 until,
	     void (*each)(struct net *net, struct net_flow *f))
{
	for (;;) {
		struct net_flow *first = NULL;
		u64 when = NET_NEVER;
		u32 i;

		for (i = 0; i < net->nr; i++) {
			u64 w = flow_when(net, net->flow[i]);

			if (w < when) {
				when = w;
				first = net->flow[i];
			}
		}
		if (!first || when > until)
			break;
		net->now = max(net->now, when);
		flow_step(net, first, each);
	}
	net->now = until;
}
