// SPDX-License-Identifier: GPL-2.0
/*
 * This file finds the function that a kernel address belongs to.
 */
#include <stdlib.h>

#include "ksyms.h"
#include "ttptest.h"

static struct ksym *syms;
static size_t nr;

static int by_address(const void *a, const void *b)
{
	const struct ksym *s = a, *t = b;

	return s->start < t->start ? -1 : s->start > t->start;
}

static struct ksym *new_sym(void)
{
	static size_t room;

	if (nr == room) {
		room = room ? 2 * room : 4096;
		syms = realloc(syms, room * sizeof(*syms));
		CHECK(syms);
	}
	return &syms[nr];
}

/* Its code is gone after loading, but is there again the next time. */
static void add_init(void)
{
	struct ksym *s = new_sym();

	s->start = ksym_section(".init.text");
	strcpy(s->name, "(init)");
	s->module = true;
	nr += s->start != 0;
}

unsigned long ksym_section(const char *name)
{
	unsigned long at = 0;
	char path[128];
	FILE *in;

	snprintf(path, sizeof(path), "/sys/module/ttp/sections/%s", name);
	in = fopen(path, "r");
	if (in) {
		CHECK(fscanf(in, "%lx", &at) == 1);
		fclose(in);
	}
	return at;
}

void ksyms_read(void)
{
	FILE *in = fopen("/proc/kallsyms", "r");
	char line[256], type, module[64];
	struct ksym *s;
	int n;

	CHECK(in);
	nr = 0;
	while (fgets(line, sizeof(line), in)) {
		s = new_sym();
		n = sscanf(line, "%lx %c %47s %63s", &s->start, &type, s->name,
			   module);
		s->module = n == 4 && !strcmp(module, "[ttp]");
		if (n >= 3 && (type == 't' || type == 'T'))
			nr++;
	}
	fclose(in);
	add_init();
	qsort(syms, nr, sizeof(*syms), by_address);
	CHECK(nr && syms[nr - 1].start);
}

const struct ksym *ksym_of(unsigned long address)
{
	size_t low = 0, high = nr, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (syms[mid].start <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &syms[low - 1] : NULL;
}

const char *ksym_text(unsigned long address)
{
	static char text[8][64];
	static unsigned int turn;
	const struct ksym *s = ksym_of(address);
	char *out = text[turn++ % ARRAY_SIZE(text)];

	if (s)
		snprintf(out, sizeof(text[0]), "%s+%#lx", s->name,
			 address - s->start);
	else
		snprintf(out, sizeof(text[0]), "%#lx", address);
	return out;
}

void ksym_range(const char *name, unsigned long *start, unsigned long *end)
{
	size_t i;

	*start = 0;
	*end = 0;
	for (i = 0; i + 1 < nr; i++) {
		if (!strcmp(syms[i].name, name)) {
			*start = syms[i].start;
			*end = syms[i + 1].start;
		}
	}
}

void ksym_module(unsigned long *start, unsigned long *end)
{
	size_t i;

	*start = 0;
	*end = 0;
	for (i = 0; i < nr; i++) {
		if (!syms[i].module)
			continue;
		if (!*start)
			*start = syms[i].start;
		*end = syms[i].start + 4096;
	}
	CHECK(*start);
}
