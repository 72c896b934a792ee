// SPDX-License-Identifier: GPL-2.0
/*
 * This file plays a script: it sends what the peer says, waits for what the
 * kernel must answer, and gives up at the first difference.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "dlg.h"
#include "options.h"

/* After the last line, for what nobody has asked for, ms. */
#define AFTERWARDS	20
/* The kernel's number when the peer speaks first of it. */
#define UNKNOWN_BASE	5000000

/* How long what must happen may take, ms; short to test the tester. */
int dlg_deadline(void)
{
	const char *ms = getenv("DLG_DEADLINE");

	return ms ? atoi(ms) : TT_DEADLINE;
}

void dlg_fail(const struct play *p, const char *fmt, ...)
{
	const struct line *l = p->line;
	char buf[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (l)
		tt_note("%s: %s", tt.name, l->text);
	tt_fail(p->script->path, l ? l->number : 0, "%s", buf);
}

static unsigned int span(const struct seg *s)
{
	return s->len + !!(s->flags & F_SYN) + !!(s->flags & F_FIN);
}

static bool is_ours(const struct play *p, const struct seg *s)
{
	return s->dport == p->port && (!p->kport || s->sport == p->kport);
}

/*
 * Sent before, and the kernel does not know that the peer has acknowledged it:
 * it may repeat.
 */
static bool is_repetition(const struct play *p, const struct seg *s)
{
	uint32_t end = s->seq + span(s);

	return p->bound_k && span(s) && !(s->flags & F_RST) &&
	       (int32_t)(end - p->sent_to) <= 0 &&
	       (int32_t)(end - p->known_to) > 0;
}

static bool next_segment(struct play *p, struct seg *s, int timeout_ms)
{
	long long end = tt_now_ms() + timeout_ms;

	if (p->nr_waiting) {
		*s = p->waiting[0];
		memmove(p->waiting, p->waiting + 1,
			--p->nr_waiting * sizeof(*s));
		return true;
	}
	do {
		if (!peer_poll(s, end - tt_now_ms()))
			return false;
	} while (!is_ours(p, s));
	return true;
}

static void note_sent(struct play *p, const struct seg *s)
{
	uint32_t end = s->seq + span(s), val, ecr;

	if (!p->kport)
		p->kport = s->sport;
	if ((s->flags & (F_SYN | F_ACK | F_RST)) == F_ACK)
		p->synced = true;
	if (opt_ts(s, &val, &ecr))
		p->tsval = val;
	if (s->flags & F_SYN) {
		p->write_pos = s->seq + 1 - p->base_k;
		if (!p->acked_to)
			p->acked_to = p->known_to = s->seq;
		if (!p->sent_to)
			p->sent_to = end;
	}
	if ((int32_t)(end - p->sent_to) > 0)
		p->sent_to = end;
	if (s->len && !tt_is_pattern(s->data, s->len, s->seq +
				     !!(s->flags & F_SYN) - p->base_k))
		dlg_fail(p, "not the bytes that have been sent: %s",
			 dlg_text(p, s));
}

static bool is_old(const struct play *p, const struct seg *s, uint32_t to)
{
	return is_repetition(p, s) && (int32_t)(s->seq + span(s) - to) <= 0;
}

/* Forget repetitions that have come, of what ends at @to or before. */
static void drop_repetitions(struct play *p, uint32_t to)
{
	int i, kept = 0;
	struct seg s;

	/* Those too that an earlier look has kept: the script did not want them. */
	for (i = 0; i < p->nr_waiting; i++)
		if (!is_old(p, &p->waiting[i], to))
			p->waiting[kept++] = p->waiting[i];
	p->nr_waiting = kept;
	while (p->nr_waiting < MAX_WAITING && peer_poll(&s, 0))
		if (is_ours(p, &s) && !is_old(p, &s, to))
			p->waiting[p->nr_waiting++] = s;
}

/*
 * The kernel knows by now what the peer has acknowledged: what it has repeated
 * before, it could not know of it.
 */
static void kernel_knows(struct play *p)
{
	drop_repetitions(p, p->acked_to);
	p->known_to = p->acked_to;
}

static bool is_maybe(struct play *p, const struct seg *s)
{
	char why[128];
	int i;

	for (i = 0; i < p->nr_maybes; i++) {
		if (!dlg_match(p, &p->maybes[i]->seg, s, why, sizeof(why)))
			continue;
		p->maybes[i] = p->maybes[--p->nr_maybes];
		return true;
	}
	return false;
}

static void play_sent(struct play *p, const struct line *l)
{
	long long end = tt_now_ms() + dlg_deadline();
	long long waited;
	struct seg s;
	char why[128];

	for (;;) {
		if (!next_segment(p, &s, end - tt_now_ms()))
			dlg_fail(p, "nothing came");
		if (dlg_match(p, &l->seg, &s, why, sizeof(why)))
			break;
		if (is_repetition(p, &s) || is_maybe(p, &s))
			continue;
		dlg_fail(p, "other %s, got: --> %s", why, dlg_text(p, &s));
	}
	waited = tt_now_ms() - p->last_ms;
	if (l->after_ms > 0 && waited < l->after_ms / 2)
		dlg_fail(p, "came after %lld ms, expected after %d ms", waited,
			 l->after_ms);
	if (!is_repetition(p, &s))
		p->known_to = p->acked_to;
	note_sent(p, &s);
}

void dlg_silence(struct play *p, int ms)
{
	long long end = tt_now_ms() + ms;
	struct seg s;

	while (next_segment(p, &s, end - tt_now_ms()))
		if (!is_repetition(p, &s) && !is_maybe(p, &s))
			dlg_fail(p, "nothing expected, got: --> %s",
				 dlg_text(p, &s));
}

static void put(uint8_t *p, uint32_t v, unsigned int bytes)
{
	while (bytes--) {
		p[bytes] = v;
		v >>= 8;
	}
}

static void add_option(struct play *p, struct seg *s, const struct option *o)
{
	uint8_t d[32] = { 0 };
	unsigned int i, len = 0;

	switch (o->kind) {
	case 0:
	case 1:
		CHECK(s->opts_len + o->raw_len + !!o->kind <= sizeof(s->opts));
		if (o->kind)
			s->opts[s->opts_len++] = 1;
		memcpy(s->opts + s->opts_len, o->raw, o->raw_len);
		s->opts_len += o->raw_len;
		return;
	case OPT_MSS:
		put(d, dlg_value(&o->a), len = 2);
		break;
	case OPT_WSCALE:
		put(d, dlg_value(&o->a), len = 1);
		break;
	case OPT_TS:
		put(d, dlg_value(&o->a), 4);
		put(d + 4, o->b.kind == NUM_ANY ? p->tsval : dlg_value(&o->b), 4);
		len = 8;
		break;
	case OPT_SACK:
		for (i = 0; i < 2 * o->blocks; i++)
			put(d + 4 * i, o->edges[i] + p->base_k, 4);
		len = 8 * o->blocks;
		break;
	}
	/* as it stands: the script aligns with NOP, if it wants to */
	CHECK(s->opts_len + 2 + len <= sizeof(s->opts));
	s->opts[s->opts_len++] = o->kind;
	s->opts[s->opts_len++] = 2 + len;
	memcpy(s->opts + s->opts_len, d, len);
	s->opts_len += len;
}

/* The peer's numbers wrap soon after the first, whatever the script says. */
static void name_numbers(struct play *p, const struct segment *g)
{
	if (!p->bound_p) {
		p->base_p = -3u - dlg_value(&g->seq);
		p->bound_p = true;
		p->read_pos = dlg_value(&g->seq);
	}
	if (g->flags & F_SYN && !p->synced)
		p->read_pos = dlg_value(&g->seq) + 1;
}

static void play_injected(struct play *p, const struct line *l)
{
	const struct segment *g = &l->seg;
	struct seg s = { 0 };
	unsigned int i;

	if (l->after_ms > 0)
		dlg_silence(p, p->last_ms + l->after_ms - tt_now_ms());
	name_numbers(p, g);
	s.sport = p->port;
	s.dport = p->kport;
	s.seq = dlg_value(&g->seq) + p->base_p;
	s.ack = g->ack.kind == NUM_VALUE ? dlg_value(&g->ack) + p->base_k : 0;
	s.flags = g->flags;
	s.win = g->wnd.kind ? dlg_value(&g->wnd) : p->wnd;
	s.len = dlg_value(&g->len);
	s.urg = dlg_value(&g->urg);
	s.res = dlg_value(&g->res);
	s.tos = dlg_value(&g->tos);
	s.ttl = dlg_value(&g->ttl);
	s.bad_csum = g->bad_csum;
	s.ip_option = g->ip_option;
	s.doff = g->doff;
	s.cut = g->cut;
	s.from = g->from ? dlg_address(g->from) : NULL;
	s.to = g->to ? dlg_address(g->to) : NULL;
	for (i = 0; i < g->nr_options; i++)
		add_option(p, &s, &g->options[i]);
	while (s.opts_len % 4)
		s.opts[s.opts_len++] = 0;
	if (s.len > PEER_MTU - 60)
		dlg_fail(p, "more data than a segment holds");
	tt_pattern(s.data, s.len, dlg_value(&g->seq) + !!(g->flags & F_SYN));
	/* the script may ask for a repetition later, but not for these */
	drop_repetitions(p, p->sent_to);
	p->known_to = p->acked_to;
	peer_xmit(&s);
	if (g->flags & F_ACK && p->bound_k &&
	    (int32_t)(s.ack - p->acked_to) > 0 &&
	    (int32_t)(s.ack - p->sent_to) <= 0)
		p->acked_to = s.ack;
}

static void play_icmp(struct play *p, const struct line *l)
{
	const struct dlg_icmp *icmp = &dlg_icmps[l->icmp];
	struct seg s = {
		.sport = p->kport, .dport = p->port,
		.seq = dlg_value(&l->seg.seq) + p->base_k,
	};

	if (icmp->type[tt.v6] < 0)
		dlg_fail(p, "IPv6 has no such message");
	peer_icmp(&s, icmp->type[tt.v6], icmp->code[tt.v6], 0);
}

/*
 * The state of the connection: of a socket, a request or what is left of
 * either. None of the three is CLOSED, or LISTEN while somebody listens.
 */
static int state_now(const struct play *p)
{
	const char *path = tt.ttp ? tt.v6 ? "/proc/net/ttp6" : "/proc/net/ttp" :
				    tt.v6 ? "/proc/net/tcp6" : "/proc/net/tcp";
	unsigned int lport, rport, st;
	int state = TCP_CLOSE;
	char line[512];
	FILE *f = fopen(path, "r");

	if (!f)
		dlg_fail(p, "cannot read %s", path);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%x %x", &lport,
			   &rport, &st) != 3 || lport != p->kport)
			continue;
		if (rport == p->port)
			state = st;
		else if (st == TCP_LISTEN && state == TCP_CLOSE)
			state = TCP_LISTEN;
	}
	fclose(f);
	return state;
}

void dlg_until_state(struct play *p, int state)
{
	long long end = tt_now_ms() + dlg_deadline();

	while (state_now(p) != state) {
		if (tt_now_ms() > end)
			dlg_fail(p, "the state is %s, expected %s",
				 dlg_state_name(state_now(p)),
				 dlg_state_name(state));
		tt_pause();
	}
}

static void play_line(struct play *p, const struct line *l)
{
	switch (l->kind) {
	case LINE_SENT:
		if (!l->maybe)
			play_sent(p, l);
		else if (p->nr_maybes == MAX_MAYBES)
			dlg_fail(p, "more than %d that may come", MAX_MAYBES);
		else
			p->maybes[p->nr_maybes++] = l;
		break;
	case LINE_INJECTED:
		play_injected(p, l);
		break;
	case LINE_ICMP:
		play_icmp(p, l);
		break;
	case LINE_CALL:
		if (l->call)
			l->call->run(p, l);
	}
	p->last_ms = tt_now_ms();
	if (!l->state)
		return;
	dlg_until_state(p, l->state);
	if (l->kind == LINE_INJECTED)
		kernel_knows(p);
}

void dlg_play(const struct script *s)
{
	unsigned int way = (tt.ttp ? WAY_TTP : WAY_TCP) |
			   (tt.v6 ? WAY_V6 : WAY_V4);
	struct peer ports = peer_new();
	struct play p = {
		.script = s, .fd = -1, .listener = -1, .wnd = 65535,
		.port = ports.port, .kport = ports.port + 1,
		.base_k = UNKNOWN_BASE,
	};
	int i;

	if ((s->ways & way) != way)
		tt_skip(s->why);
	peer_open();
	/* to see a segment when it comes, however busy the machine is */
	sched_setscheduler(0, SCHED_FIFO,
			   &(struct sched_param){ .sched_priority = 1 });
	p.last_ms = tt_now_ms();
	for (i = 0; i < s->nr_lines; i++) {
		const struct line *l = &s->lines[i];

		if (l->why && (l->ways & way) == way)
			tt_note("%s, line %d, %s", tt.name, l->number, l->why);
		if ((l->ways & way) != way)
			continue;
		p.line = l;
		play_line(&p, l);
	}
	dlg_silence(&p, AFTERWARDS);
}
