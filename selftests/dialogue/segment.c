// SPDX-License-Identifier: GPL-2.0
/*
 * This file reads a segment as RFC 9293 writes it in its figures:
 * <SEQ=100><ACK=300><CTL=SYN,ACK>.
 */
#include <ctype.h>
#include <stdlib.h>

#include "dlg.h"
#include "options.h"

struct field {
	const struct script *s;
	struct line *l;
	char name[16];
	char value[128];
	const char *p;		/* in value */
};

#define BAD(f, ...)	dlg_error((f)->s, (f)->l->number, __VA_ARGS__)

static uint32_t read_u32(struct field *f)
{
	unsigned long v;
	char *end;

	if (!isdigit(*f->p))
		BAD(f, "<%s=%s>: a number expected", f->name, f->value);
	errno = 0;
	v = strtoul(f->p, &end, 0);
	if (errno || v > UINT32_MAX)
		BAD(f, "<%s=%s>: too large a number", f->name, f->value);
	f->p = end;
	return v;
}

/* One number; a range, "*" and "zero" where the kernel's are compared. */
static struct num read_num(struct field *f)
{
	struct num n = { .kind = NUM_VALUE };

	if (*f->p == '*') {
		f->p++;
		n.kind = NUM_ANY;
		return n;
	}
	if (!strncmp(f->p, "zero", 4)) {
		f->p += 4;
		n.kind = NUM_ZERO;
		return n;
	}
	n.lo = n.hi = read_u32(f);
	if (*f->p == '/') {
		f->p++;
		n.hi = read_u32(f);
	} else if (!strncmp(f->p, "..", 2)) {
		f->p += 2;
		n.kind = NUM_RANGE;
		n.hi = read_u32(f);
		if (f->l->kind != LINE_SENT)
			BAD(f, "<%s=%s>: a range cannot be sent", f->name,
			    f->value);
	}
	return n;
}

static void comma(struct field *f)
{
	if (*f->p++ != ',')
		BAD(f, "<%s=%s>: a comma expected", f->name, f->value);
}

static void read_flags(struct field *f)
{
	struct segment *g = &f->l->seg;

	for (;;) {
		size_t len = strcspn(f->p, ",");
		bool not = *f->p == '!';
		int flag = dlg_flag(f->p + not, len - not);

		if (!strcmp(f->value, "NONE")) {
			f->p += len;
			return;
		}
		if (flag < 0)
			BAD(f, "<CTL=%s>: no such flag", f->value);
		if (flag == F_PSH)
			g->psh_matters = true;
		else if (not)
			BAD(f, "<CTL=%s>: flags that are not named must not be set, but PSH",
			    f->value);
		if (!not)
			g->flags |= flag;
		f->p += len;
		if (!*f->p++)
			break;
	}
	f->p--;
}

static void read_sack(struct field *f, struct option *o)
{
	for (;;) {
		if (o->blocks == 4)
			BAD(f, "<SACK=%s>: more than 4 blocks", f->value);
		o->edges[2 * o->blocks] = read_u32(f);
		if (*f->p++ != '-')
			BAD(f, "<SACK=%s>: a block is 1-9", f->value);
		o->edges[2 * o->blocks++ + 1] = read_u32(f);
		if (!*f->p)
			return;
		comma(f);
	}
}

static void read_hex(struct field *f, struct option *o)
{
	while (*f->p) {
		char two[3] = { f->p[0], f->p[0] ? f->p[1] : 0 };

		if (!isxdigit(two[0]) || !isxdigit(two[1]))
			BAD(f, "<OPT=%s>: pairs of hex digits expected",
			    f->value);
		if (o->raw_len == sizeof(o->raw))
			BAD(f, "<OPT=%s>: too long", f->value);
		o->raw[o->raw_len++] = strtoul(two, NULL, 16);
		f->p += 2;
	}
}

static bool read_option(struct field *f)
{
	static const struct {
		const char *name;
		unsigned int kind;
	} kinds[] = {
		{ "MSS", OPT_MSS }, { "WS", OPT_WSCALE },
		{ "SACKOK", OPT_SACK_OK }, { "SACK", OPT_SACK },
		{ "TS", OPT_TS }, { "NOP", 1 }, { "OPT", 0 },
	};
	struct segment *g = &f->l->seg;
	struct option *o = &g->options[g->nr_options];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, f->name))
			break;
	if (i == ARRAY_SIZE(kinds))
		return false;
	if (g->nr_options++ == MAX_OPTIONS)
		BAD(f, "more than %d options", MAX_OPTIONS);
	o->kind = kinds[i].kind;
	if (o->kind == OPT_MSS || o->kind == OPT_WSCALE || o->kind == OPT_TS)
		o->a = read_num(f);
	if (o->kind == OPT_TS) {
		comma(f);
		o->b = read_num(f);
	}
	if (o->kind == OPT_SACK)
		read_sack(f, o);
	if (!o->kind)
		read_hex(f, o);
	return true;
}

/* What only a segment of the peer can have. */
static bool read_fault(struct field *f)
{
	struct segment *g = &f->l->seg;

	if (!strcmp(f->name, "DOFF"))
		g->doff = read_u32(f);
	else if (!strcmp(f->name, "CUT"))
		g->cut = read_u32(f);
	else if (!strcmp(f->name, "CHECKSUM") && !strcmp(f->value, "bad"))
		g->bad_csum = true;
	else if (!strcmp(f->name, "IPOPTION") && !strcmp(f->value, "unknown"))
		g->ip_option = true;
	else if (!strcmp(f->name, "FROM") && dlg_address(f->value))
		g->from = strdup(f->value);
	else if (!strcmp(f->name, "TO") && dlg_address(f->value))
		g->to = strdup(f->value);
	else
		return false;
	if (!isdigit(f->value[0]))
		f->p = strchr(f->p, '\0');
	if (f->l->kind != LINE_INJECTED)
		BAD(f, "<%s>: only in what the peer sends", f->name);
	return true;
}

static void read_field(struct field *f)
{
	struct segment *g = &f->l->seg;
	struct { const char *name; struct num *n; } nums[] = {
		{ "SEQ", &g->seq }, { "ACK", &g->ack }, { "WND", &g->wnd },
		{ "DATA", &g->len }, { "UP", &g->urg }, { "RES", &g->res },
		{ "TOS", &g->tos }, { "TTL", &g->ttl },
	};
	size_t i;

	f->p = f->value;
	for (i = 0; i < ARRAY_SIZE(nums); i++) {
		if (strcmp(f->name, nums[i].name))
			continue;
		if (nums[i].n->kind != NUM_UNSAID)
			BAD(f, "<%s> twice", f->name);
		*nums[i].n = read_num(f);
		break;
	}
	if (i < ARRAY_SIZE(nums))
		;
	else if (!strcmp(f->name, "CTL"))
		read_flags(f);
	else if (!strcmp(f->name, "OPTIONS") && !strcmp(f->value, "NONE"))
		f->p = strchr(f->p, '\0'), g->no_options = true;
	else if (!read_option(f) && !read_fault(f))
		BAD(f, "<%s%s%s>: no such field", f->name,
		    *f->value ? "=" : "", f->value);
	if (*f->p)
		BAD(f, "<%s=%s>: cannot read \"%s\"", f->name, f->value, f->p);
}

/* What must be said so that the line makes sense. */
static void check_segment(const struct script *s, const struct line *l,
			  bool ctl)
{
	const struct segment *g = &l->seg;

	if (l->kind == LINE_ICMP)
		return;
	if (!ctl)
		dlg_error(s, l->number, "a segment needs <CTL=...>");
	if (l->kind != LINE_INJECTED)
		return;
	if (g->seq.kind != NUM_VALUE)
		dlg_error(s, l->number, "what the peer sends needs <SEQ=number>");
	if (g->flags & F_ACK && g->ack.kind != NUM_VALUE)
		dlg_error(s, l->number, "an ACK of the peer needs <ACK=number>");
}

const char *dlg_parse_segment(const struct script *s, struct line *l,
			      const char *text)
{
	struct field f = { .s = s, .l = l };
	bool ctl = false;

	while (*text == '<' && strncmp(text, "<--", 3)) {
		const char *end = strchr(text, '>');
		size_t len = end ? (size_t)(end - text - 1) : 0, name;

		if (!end)
			BAD(&f, "no > after %s", text);
		name = strcspn(text + 1, "=>");
		memset(f.value, 0, sizeof(f.value));
		if (name >= sizeof(f.name) || len >= sizeof(f.value))
			BAD(&f, "cannot read %.20s...", text);
		memcpy(f.name, text + 1, name);
		f.name[name] = '\0';
		if (name < len)
			memcpy(f.value, text + 1 + name + 1, len - name - 1);
		read_field(&f);
		ctl |= !strcmp(f.name, "CTL");
		text = end + 1;
		while (*text == ' ' || *text == '\t')
			text++;
	}
	check_segment(s, l, ctl);
	return text;
}
