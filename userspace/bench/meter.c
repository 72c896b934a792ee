// SPDX-License-Identifier: GPL-2.0
/* This file reads the clocks and counters of a measurement and prints them as key=value. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + ts.tv_nsec;
}

/*
 * Where a nanosecond is an instruction, time also passes while all processes
 * wait for a timer. The idle time tells a stall from expensive code.
 */
static uint64_t idle_ms(void)
{
	uint64_t idle = 0;
	FILE *f = fopen("/proc/stat", "r");

	if (!f)
		return 0;
	if (fscanf(f, "cpu %*u %*u %*u %" SCNu64, &idle) != 1)
		idle = 0;
	fclose(f);
	return idle * 1000 / sysconf(_SC_CLK_TCK);
}

/*
 * NOPs that tools/vm/count.c, watching from outside the VM, takes for the
 * begin and the end of what is measured.
 */
#ifdef __x86_64__
#define MARK(n) asm volatile(".byte 0x0f, 0x1f, 0x80, 0x54, 0x54, 0x50, " #n)
#else
#define MARK(n) asm volatile("")
#endif

void meter_start(struct meter *m)
{
	m->idle_ms = idle_ms();
	m->start = now_ns();
	MARK(1);
}

void meter_print(const struct meter *m)
{
	uint64_t end;

	MARK(2);
	end = now_ns();
	printf(" ns=%" PRIu64 " idle_ms=%" PRIu64, end - m->start,
	       idle_ms() - m->idle_ms);
}

/* Returns bytes; 0 when the field is missing. */
static uint64_t meminfo(const char *field)
{
	size_t len = strlen(field);
	uint64_t kib = 0;
	char line[128];
	FILE *f = fopen("/proc/meminfo", "r");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, field, len) && line[len] == ':') {
			kib = strtoull(line + len + 1, NULL, 10);
			break;
		}
	}
	fclose(f);
	return kib * 1024;
}

void meter_memory(struct meter *m)
{
	m->slab = meminfo("Slab");
	m->used = meminfo("MemTotal") - meminfo("MemFree");
}

void meter_print_memory(const struct meter *before, long connections)
{
	struct meter after;

	meter_memory(&after);
	printf(" slab=%.0f memory=%.0f",
	       ((double)after.slab - before->slab) / connections,
	       ((double)after.used - before->used) / connections);
}

void latencies_init(struct latencies *l, long max)
{
	l->count = 0;
	l->ns = calloc(max, sizeof(*l->ns));
	if (!l->ns)
		fail("calloc");
	/* No page fault inside the measurement. */
	memset(l->ns, 0xff, max * sizeof(*l->ns));
}

void latencies_add(struct latencies *l, uint64_t ns)
{
	l->ns[l->count++] = ns;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

void latencies_print(struct latencies *l)
{
	long i;

	if (!l->count)
		return;
	qsort(l->ns, l->count, sizeof(*l->ns), compare);
	printf(" p50=%" PRIu64 " p99=%" PRIu64 " max=%" PRIu64,
	       l->ns[l->count / 2], l->ns[l->count * 99 / 100],
	       l->ns[l->count - 1]);
	/* The distribution: what is not exceeded by so many percent. */
	printf(" percentiles=");
	for (i = 0; i <= 100; i++)
		printf("%" PRIu64 ",", l->ns[(l->count - 1) * i / 100]);
	free(l->ns);
}
