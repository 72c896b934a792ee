// SPDX-License-Identifier: GPL-2.0
/*
 * This file runs the simulation once per seed: a random network, two random
 * users, and the demand that every byte arrives and both ends come to rest.
 *
 * usage: sim [-v] [FIRST [LAST]]
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim.h"

#define HOUR	(3600 * TTP_USEC_PER_SEC)

u32 sim_edges_seen[TTP_NR_STATES];

static u32 sim_seed;
static bool sim_verbose;

void sim_fail(struct sim *sim, const char *fmt, ...)
{
	va_list ap;
	int i;

	printf("not ok 1 every seed # seed %u, at %llu us: ", sim_seed, sim->now);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	for (i = 0; i < 2; i++) {
		struct end *e = &sim->end[i];

		printf("# end %d: %s, una %u nxt %u of %u, window %u, cwnd %u, in flight %u, received %u, read %u\n",
		       i, ttp_state_name(e->state), e->snd_una - e->iss,
		       e->snd_nxt - e->iss, e->app.size, e->snd_wnd,
		       e->cc.cwnd, e->nr_rtx, e->rcv_nxt - e->irs, e->read);
	}
	printf("# again, with every segment: sim -v %u %u\n", sim_seed, sim_seed);
	exit(1);
}

u32 sim_random(struct sim *sim)
{
	sim->rnd ^= sim->rnd << 13;
	sim->rnd ^= sim->rnd >> 17;
	sim->rnd ^= sim->rnd << 5;
	return sim->rnd;
}

u32 sim_below(struct sim *sim, u32 n)
{
	return n ? (sim_random(sim) >> 4) % n : 0;
}

u8 sim_byte(int id, u32 offset)
{
	return offset * 31 + (offset >> 8) * 7 + (offset >> 16) + 101 * id;
}

static void trace(struct sim *sim, const char *what, int to, const u8 *bytes,
		  u32 hlen, u32 len)
{
	static const char letters[] = "FSRPAUEC";
	char flags[9];
	struct ttp_seg s;
	int i, n = 0;

	if (!sim->trace || ttp_seg_parse(bytes, hlen, hlen + len, &s))
		return;
	for (i = 0; i < 8; i++) {
		if (s.flags & 1 << i)
			flags[n++] = letters[i];
	}
	flags[n] = 0;
	printf("# %llu %s %d: %s seq %u ack %u len %u win %u\n", sim->now, what,
	       to, flags, s.seq - sim->end[!to].iss,
	       s.flags & TTP_ACK ? s.ack - sim->end[to].iss : 0, len, s.win);
}

static void enqueue(struct sim *sim, int to, const u8 *bytes, u32 hlen, u32 len)
{
	/* No larger than the segment, so that ASan sees a read behind it. */
	struct packet *p = malloc(offsetof(struct packet, bytes) + hlen + len);

	if (!p || sim->nr_packets == SIM_PACKETS)
		sim_fail(sim, "the channel is full");
	p->at = sim->now + sim->delay + sim_below(sim, sim->jitter);
	p->to = to;
	p->hlen = hlen;
	p->len = len;
	memcpy((u8 *)p + offsetof(struct packet, bytes), bytes, hlen + len);
	sim->packet[sim->nr_packets++] = p;
}

void sim_transmit(struct sim *sim, int to, const u8 *bytes, u32 hlen, u32 len)
{
	bool cut = sim->cut_at && sim->now >= sim->cut_at;

	sim->broken |= cut;
	if (cut || sim_below(sim, 1000) < sim->loss) {
		trace(sim, "lost to", to, bytes, hlen, len);
		return;
	}
	trace(sim, "to", to, bytes, hlen, len);
	enqueue(sim, to, bytes, hlen, len);
	while (sim_below(sim, 1000) < sim->dup)
		enqueue(sim, to, bytes, hlen, len);
}

/* Deliver the segment that is due first; false when none is due. */
static bool deliver(struct sim *sim)
{
	struct packet *p;
	u32 first = 0, i;

	for (i = 1; i < sim->nr_packets; i++) {
		if (sim->packet[i]->at < sim->packet[first]->at)
			first = i;
	}
	if (!sim->nr_packets || sim->packet[first]->at > sim->now)
		return false;
	p = sim->packet[first];
	sim->packet[first] = sim->packet[--sim->nr_packets];
	end_input(&sim->end[p->to], (u8 *)p + offsetof(struct packet, bytes),
		  p->hlen, p->len);
	free(p);
	return true;
}

static u64 next_time(struct sim *sim)
{
	u64 next = ~0ULL;
	u32 i;

	for (i = 0; i < sim->nr_packets; i++)
		next = min(next, sim->packet[i]->at);
	for (i = 0; i < 2; i++) {
		u64 at = end_next(&sim->end[i]);

		if (at)
			next = min(next, at);
	}
	return next;
}

static void step(struct sim *sim)
{
	u64 next = next_time(sim);
	int i;

	if (next == ~0ULL)
		sim_fail(sim, "nothing will ever happen again");
	sim->now = max(sim->now, next);
	if (sim->now > 100 * HOUR || ++sim->steps > 3000000)
		sim_fail(sim, "no end in sight");
	while (deliver(sim))
		;
	for (i = 0; i < 2; i++) {
		struct end *e = &sim->end[i];

		end_timers(e);
		if (e->app.at && e->app.at <= sim->now)
			end_app(e);
		end_check(e);
	}
}

static void init_end(struct sim *sim, int id)
{
	struct end *e = &sim->end[id];

	e->sim = sim;
	e->id = id;
	e->state = TTP_CLOSE;
	/* Half of them wrap while the data flows. */
	e->iss = sim_random(sim);
	if (sim_below(sim, 2))
		e->iss = 0u - sim_below(sim, 50000);
	e->snd_una = e->iss;
	e->snd_nxt = e->iss;
	e->snd_sml = e->iss;
	e->mss = 200 + sim_below(sim, SIM_MSS_MAX - 199);
	e->nodelay = sim_below(sim, 2);
	e->rcv_buf = 1u << (9 + sim_below(sim, 11));
	e->rcv_wscale = sim_below(sim, 3) ? ttp_wnd_scale(e->rcv_buf * 8) : 0;
	ttp_rtt_init(&e->rtt);
	end_rec_init(e);
	e->app.size = sim_below(sim, 3) ? sim_below(sim, 150000) : 0;
	e->app.chunk = 1 + sim_below(sim, 20000);
	e->app.pause = 2000 + sim_below(sim, 50000);
	e->app.close_late = sim_below(sim, 2);
	e->app.at = 1;
}

/* A network and two users out of one number. */
static void init_sim(struct sim *sim, u32 seed)
{
	struct end *e = sim->end;
	int i;

	memset(sim, 0, sizeof(*sim));
	sim->rnd = seed * 2654435761u | 1;
	for (i = 0; i < 20; i++)
		sim_random(sim);
	sim->now = 1;
	sim->trace = sim_verbose;
	sim->delay = sim_below(sim, 100000);
	if (sim_below(sim, 4)) {
		sim->loss = sim_below(sim, 150);
		sim->dup = sim_below(sim, 100);
		sim->jitter = sim_below(sim, 30000);
	}
	init_end(sim, 0);
	init_end(sim, 1);
	if (e[0].app.close_late && e[1].app.close_late)
		e[sim_below(sim, 2)].app.close_late = false;
	/* Some readers dawdle, so that the window closes. */
	if (!sim_below(sim, 6)) {
		e[1].app.pause = 3000000;
		e[1].app.chunk = 8192;
		e[0].app.size = min_t(u32, e[0].app.size, 50000);
	}
	if (!sim_below(sim, 12) && e[0].app.size)
		e[1].app.abort_after = 1 + sim_below(sim, e[0].app.size);
	i = sim_below(sim, 2);
	if (!sim_below(sim, 10))
		e[i].app.abort_at = 1 + sim_below(sim, 4000000);
	else if (!sim_below(sim, 15))
		e[i].app.hangup_at = 1 + sim_below(sim, 400000);
	if (!sim_below(sim, 15))
		sim->cut_at = 1 + sim_below(sim, 5000000);
	for (i = 0; i < 2; i++)
		e[i].got = calloc(e[!i].app.size + 1, 1);
}

/* Nothing but an ended connection is acceptable, and a whole one. */
static void check_result(struct sim *sim)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct end *e = &sim->end[i];
		u32 want = sim->end[!i].app.size;

		if (sim->broken)
			continue;
		if (e->read != want)
			sim_fail(sim, "end %d has read %u of %u bytes", i,
				 e->read, want);
		/* A RST may only say that the peer's TIME_WAIT was over. */
		if (e->err && e->snd_nxt != e->iss + 2 + e->app.size)
			sim_fail(sim, "end %d: error %d", i, e->err);
	}
}

static void run(struct sim *sim, u32 seed)
{
	u32 i;

	sim_seed = seed;
	init_sim(sim, seed);
	if (!sim_below(sim, 30)) {
		/* nobody listens */
		sim->end[1].app.at = 0;
		sim->broken = true;
		end_connect(&sim->end[0]);
	} else if (sim_below(sim, 5)) {
		end_listen(&sim->end[1]);
		end_connect(&sim->end[0]);
	} else {
		end_connect(&sim->end[0]);
		end_connect(&sim->end[1]);
	}
	while (sim->end[0].state != TTP_CLOSE || sim->end[1].state != TTP_CLOSE ||
	       sim->end[0].app.at || sim->end[1].app.at)
		step(sim);
	check_result(sim);
	for (i = 0; i < sim->nr_packets; i++)
		free(sim->packet[i]);
	free(sim->end[0].got);
	free(sim->end[1].got);
}

static void print_coverage(void)
{
	u32 s, ev, seen = 0, all = 0;

	printf("# not exercised:");
	for (s = 0; s < TTP_NR_STATES; s++) {
		for (ev = 0; ev < TTP_NR_EVENTS; ev++) {
			bool hit = sim_edges_seen[s] & 1u << ev;

			if (!ttp_edges[s][ev].next)
				continue;
			all++;
			seen += hit;
			if (!hit)
				printf(" %s+%s", ttp_state_name(s),
				       ttp_event_name(ev));
		}
	}
	printf("\n# %u of %u transitions were exercised\n", seen, all);
}

int main(int argc, char **argv)
{
	static struct sim sim;
	u32 first, last, seed;

	sim_verbose = argc > 1 && !strcmp(argv[1], "-v");
	argv += sim_verbose;
	argc -= sim_verbose;
	first = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	last = argc > 2 ? strtoul(argv[2], NULL, 0) : argc > 1 ? first : 300;
	printf("TAP version 14\n1..1\n");
	for (seed = first; seed <= last; seed++)
		run(&sim, seed);
	printf("# seeds %u to %u\n", first, last);
	print_coverage();
	printf("ok 1 every seed\n");
	return 0;
}
