// SPDX-License-Identifier: GPL-2.0
/*
 * This file holds the peer's side of a dialogue in which the kernel sends.
 */
#include <stdlib.h>
#include <unistd.h>

#include "sender.h"

#define MSS	1000	/* what the peer offers */

static uint32_t at(const struct sender *s, int n)
{
	return s->base + n * s->len;
}

static void stamp(struct sender *s, struct seg *out)
{
	if (s->flags & SND_TS)
		opt_add_ts(out, s->val++, s->ecr);
}

void snd_rtt(void)
{
	usleep(1000 * SND_RTT);
}

static void add_syn_options(struct sender *s, struct seg *syn)
{
	if (!(s->flags & SND_LARGE)) {
		syn->opts[2] = MSS >> 8;
		syn->opts[3] = MSS & 255;
	}
	if (s->flags & SND_SACK)
		opt_add(syn, OPT_SACK_OK, NULL, 0);
	stamp(s, syn);
}

void snd_open(struct sender *s, unsigned int flags)
{
	unsigned int head = tt.v6 ? 60 : 40;
	struct seg in, out;
	int l;

	peer_open();
	*s = (struct sender){ .p = peer_new(), .flags = flags, .val = 1000 };
	l = peer_listener(&s->p);
	out = peer_seg(&s->p, F_SYN, 0);
	add_syn_options(s, &out);
	peer_xmit(&out);
	s->p.snd_nxt++;
	in = peer_expect(&s->p, F_SYN | F_ACK);
	if (flags & SND_TS) {
		uint32_t ecr;

		CHECK(opt_ts(&in, &s->ecr, &ecr));
	}
	snd_rtt();
	s->base = s->p.rcv_nxt;
	s->len = flags & SND_LARGE ? PEER_MTU - head : MSS;
	if (flags & SND_LARGE && s->len > 1460)
		s->len = 1460;
	s->len -= flags & SND_TS ? 12 : 0;
	ACK(s, 0);
	s->fd = OK(accept(l, NULL, NULL));
	close(l);
	tt_set(s->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	tt_set(s->fd, SOL_SOCKET, SO_SNDBUF, 1 << 20);
}

void snd_write(struct sender *s, unsigned int segs)
{
	char *buf = calloc(segs, s->len);

	tt_write_all(s->fd, buf, segs * s->len);
	free(buf);
}

bool snd_comes(struct sender *s, struct seg *in, int ms)
{
	long long end = tt_now_ms() + ms;

	do {
		if (!peer_poll(in, end - tt_now_ms()))
			return false;
	} while (in->dport != s->p.port || !in->len);
	return true;
}

struct seg snd_expect(struct sender *s, unsigned int n)
{
	uint32_t val, ecr;
	struct seg in;

	if (!snd_comes(s, &in, TT_DEADLINE))
		FAIL("segment %u did not come", n);
	if (in.seq != at(s, n) || in.len != s->len)
		FAIL("segment %u expected, got %.2f, %u bytes", n,
		     (double)(int)(in.seq - s->base) / s->len, in.len);
	if (s->flags & SND_TS) {
		CHECK(opt_ts(&in, &val, &ecr));
		s->ecr = val;
		if (!s->stamp[n % SND_SEGS])
			s->stamp[n % SND_SEGS] = val;
	}
	return in;
}

void snd_run(struct sender *s, unsigned int from, unsigned int to)
{
	while (from < to)
		snd_expect(s, from++);
}

void snd_none(struct sender *s, int ms)
{
	struct seg in;

	if (snd_comes(s, &in, ms))
		FAIL("nothing expected, got %.2f, %u bytes",
		     (double)(int)(in.seq - s->base) / s->len, in.len);
}

void snd_say(struct sender *s, unsigned int n, unsigned int edges,
	     const int *edge)
{
	struct seg out = peer_seg(&s->p, F_ACK, 0);
	uint32_t block[8];
	unsigned int i;

	out.ack = at(s, n);
	stamp(s, &out);
	for (i = 0; i < edges; i++)
		block[i] = at(s, edge[i]);
	if (edges)
		opt_add_sack(&out, edges / 2, block);
	peer_xmit(&out);
}

struct tcp_info snd_info(struct sender *s)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	OK(getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &len));
	return info;
}

void snd_reduced(struct sender *s)
{
	struct tcp_info info = snd_info(s);

	EQ(info.tcpi_snd_ssthresh, 7);
	CHECK(info.tcpi_snd_cwnd >= 7);
	CHECK(info.tcpi_snd_cwnd <= 7 * 3 / 2);
}

/*
 * /proc/net/snmp and netstat: a line of names, a line of values, both with the
 * group in front.
 */
static long long tcp_counter(const char *path, const char *name)
{
	char names[1 << 13], values[1 << 13], *n, *v, *np, *vp;
	FILE *f = fopen(path, "r");
	long long found = -1;

	CHECK(f);
	while (found < 0 && fgets(names, sizeof(names), f) &&
	       fgets(values, sizeof(values), f)) {
		n = strtok_r(names, " \n", &np);
		v = strtok_r(values, " \n", &vp);
		for (; n && v; n = strtok_r(NULL, " \n", &np),
			       v = strtok_r(NULL, " \n", &vp))
			if (!strcmp(n, name))
				found = atoll(v);
	}
	fclose(f);
	return found;
}

long long snd_count(const char *name)
{
	char full[64];
	long long value;

	snprintf(full, sizeof(full), "%s%s", tt.ttp ? "Ttp" : "TCP", name);
	if (tt.ttp)
		value = tt_counter(full);
	else
		value = tcp_counter("/proc/net/netstat", full);
	if (value < 0 && !tt.ttp)
		value = tcp_counter("/proc/net/snmp", name);
	if (value < 0)
		FAIL("there is no counter %s", full);
	return value;
}
