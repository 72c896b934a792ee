// SPDX-License-Identifier: GPL-2.0
/*
 * This file compares what the kernel has sent with what the script expects,
 * and writes both in the numbers of the script.
 */
#include <arpa/inet.h>
#include <stdarg.h>

#include "dlg.h"
#include "options.h"

uint32_t dlg_value(const struct num *n)
{
	if (n->kind != NUM_VALUE)
		return 0;
	return tt.v6 ? n->hi : n->lo;
}

/* @got is a number of the script, @real what is on the wire. */
static bool num_is(const struct num *want, uint32_t got, uint32_t real)
{
	switch (want->kind) {
	case NUM_VALUE:
		return got == dlg_value(want);
	case NUM_RANGE:
		return got >= want->lo && got <= want->hi;
	case NUM_ZERO:
		return real == 0;
	default:
		return true;
	}
}

static uint32_t get(const uint8_t *p, unsigned int bytes)
{
	uint32_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

static bool sack_is(const struct play *p, const struct option *want,
		    const uint8_t *data, unsigned int len)
{
	unsigned int i;

	if (len != 8 * want->blocks)
		return false;
	for (i = 0; i < 2 * want->blocks; i++)
		if (get(data + 4 * i, 4) - p->base_p != want->edges[i])
			return false;
	return true;
}

static bool option_is(const struct play *p, const struct option *want,
		      const uint8_t *o, unsigned int len)
{
	if (!want->kind)
		return len == want->raw_len && !memcmp(o, want->raw, len);
	if (o[0] != want->kind)
		return false;
	switch (want->kind) {
	case OPT_MSS:
		return len == 4 && num_is(&want->a, get(o + 2, 2), 0);
	case OPT_WSCALE:
		return len == 3 && num_is(&want->a, o[2], 0);
	case OPT_SACK_OK:
		return len == 2;
	case OPT_SACK:
		return sack_is(p, want, o + 2, len - 2);
	case OPT_TS:
		return len == 10 &&
		       num_is(&want->a, get(o + 2, 4), get(o + 2, 4)) &&
		       num_is(&want->b, get(o + 6, 4), get(o + 6, 4));
	}
	return len == 1;
}

/* All of them and in this order; padding counts only if the script has some. */
static bool options_are(const struct play *p, const struct segment *want,
			const struct seg *got)
{
	const uint8_t *o = got->opts, *end = o + got->opts_len;
	unsigned int i, n = 0, len;
	bool nops = false;

	if (want->no_options)
		return !got->opts_len;
	for (i = 0; i < want->nr_options; i++)
		nops |= want->options[i].kind == 1;
	for (; o < end && *o; o += len) {
		len = *o == 1 ? 1 : o[1];
		if (len < 1 || o + len > end)
			return false;
		if (*o == 1 && !nops)
			continue;
		if (n == want->nr_options ||
		    !option_is(p, &want->options[n++], o, len))
			return false;
	}
	return n == want->nr_options;
}

static bool flags_are(const struct segment *want, unsigned int got)
{
	unsigned int ignored = want->psh_matters ? 0 : F_PSH;

	return (want->flags & ~ignored) == (got & ~ignored);
}

/* The first number that a segment of the kernel carries names all others. */
static uint32_t base_for(const struct play *p, const struct segment *want,
			 const struct seg *got)
{
	if (p->bound_k || want->seq.kind != NUM_VALUE || got->flags & F_RST)
		return p->base_k;
	return got->seq - dlg_value(&want->seq);
}

bool dlg_match(struct play *p, const struct segment *want,
	       const struct seg *got, char *why, size_t why_len)
{
	uint32_t base = base_for(p, want, got);
	const struct {
		bool ok;
		const char *name;
	} checks[] = {
		{ flags_are(want, got->flags), "CTL" },
		{ num_is(&want->seq, got->seq - base, got->seq), "SEQ" },
		{ num_is(&want->ack, got->ack - p->base_p, got->ack), "ACK" },
		{ want->len.kind ? num_is(&want->len, got->len, got->len) :
				   !got->len, "DATA" },
		{ num_is(&want->wnd, got->win, got->win), "WND" },
		{ num_is(&want->urg, got->urg, got->urg), "UP" },
		{ want->res.kind ? num_is(&want->res, got->res, got->res) :
				   !got->res, "RES" },
		{ num_is(&want->tos, got->tos, got->tos), "TOS" },
		{ num_is(&want->ttl, got->ttl, got->ttl), "TTL" },
		{ (!want->nr_options && !want->no_options) ||
		  options_are(p, want, got), "options" },
	};
	size_t i, n = 0;

	why[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(checks); i++)
		if (!checks[i].ok && n < why_len)
			n += snprintf(why + n, why_len - n, "%s%s",
				      n ? ", " : "", checks[i].name);
	if (n)
		return false;
	if (want->seq.kind == NUM_VALUE && !(got->flags & F_RST))
		p->bound_k = true;
	p->base_k = base;
	return true;
}

struct text {
	char *p;
	size_t left;
};

static void add(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->p, t->left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->left)
		n = t->left ? t->left - 1 : 0;
	t->p += n;
	t->left -= n;
}

static void add_option(struct text *t, const struct play *p, const uint8_t *o,
		       unsigned int len)
{
	unsigned int i;

	if (*o == 1)
		add(t, "<NOP>");
	else if (*o == OPT_MSS && len == 4)
		add(t, "<MSS=%u>", get(o + 2, 2));
	else if (*o == OPT_WSCALE && len == 3)
		add(t, "<WS=%u>", o[2]);
	else if (*o == OPT_SACK_OK && len == 2)
		add(t, "<SACKOK>");
	else if (*o == OPT_TS && len == 10)
		add(t, "<TS=%u,%u>", get(o + 2, 4), get(o + 6, 4));
	else if (*o == OPT_SACK && len % 8 == 2) {
		for (i = 2; i + 8 <= len; i += 8)
			add(t, "%s%u-%u", i == 2 ? "<SACK=" : ",",
			    get(o + i, 4) - p->base_p,
			    get(o + i + 4, 4) - p->base_p);
		add(t, ">");
	} else {
		add(t, "<OPT=");
		for (i = 0; i < len; i++)
			add(t, "%02x", o[i]);
		add(t, ">");
	}
}

static void add_flags(struct text *t, unsigned int flags)
{
	static const char * const names[] = {
		"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR",
	};
	bool first = true;
	int i;

	add(t, "<CTL=");
	for (i = 0; i < 8; i++) {
		if (!(flags & 1 << i))
			continue;
		add(t, "%s%s", first ? "" : ",", names[i]);
		first = false;
	}
	add(t, "%s>", first ? "NONE" : "");
}

const char *dlg_text(const struct play *p, const struct seg *s)
{
	static char buf[512];
	struct text t = { buf, sizeof(buf) };
	const uint8_t *o = s->opts, *end = o + s->opts_len;
	unsigned int len;

	add(&t, p->bound_k ? "<SEQ=%u>" : "<SEQ=(%u)>", s->seq - p->base_k);
	if (s->flags & F_ACK)
		add(&t, "<ACK=%u>", s->ack - p->base_p);
	add_flags(&t, s->flags);
	if (s->len)
		add(&t, "<DATA=%u>", s->len);
	add(&t, "<WND=%u>", s->win);
	if (s->urg || s->flags & F_URG)
		add(&t, "<UP=%u>", s->urg);
	if (s->res)
		add(&t, "<RES=%u>", s->res);
	for (; o < end && *o; o += len) {
		len = *o == 1 ? 1 : o[1];
		if (len < 1 || o + len > end)
			break;
		add_option(&t, p, o, len);
	}
	return buf;
}
