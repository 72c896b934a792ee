// SPDX-License-Identifier: GPL-2.0
/*
 * This file watches allocations by the kernel's tracepoints of kmem with a
 * stack trace each, read as the ring buffer has them: to print the thousands
 * of names would take seconds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "allocs.h"
#include "ksyms.h"
#include "ttptest.h"

#define TRACE		"/sys/kernel/tracing/instances/allocs"
#define PAGE		4096
#define NO_FAIL		0x8000UL	/* __GFP_NOFAIL */
#define MAX_PENDING	8
#define MAX_KINDS	8

/* Where an event has what. */
struct kind {
	char name[32];
	int id;
	int call_site, ptr, flags;	/* offsets; -1: none */
};

static struct kind kinds[MAX_KINDS];
static int nr_kinds, stack_id;

/*
 * None of these is the module's, though it is on the stack: what the kernel's
 * checkers and the slab allocator take for themselves, what it makes once,
 * what it takes to free, the files in sysfs of a cache (6.1 loses a name when
 * they fail), per-CPU memory, which has to grow at times; and interruptions.
 */
static const char * const not_ours[] = {
	"kmemleak_", "__stack_depot_save", "allocate_slab", "fill_pool",
	"ref_tracker_alloc", "once_disable_jump", "kmem_cache_destroy",
	"sysfs_slab_add", "pcpu_alloc", "__do_softirq", "asm_",
};

static int offset_of(const char *format, const char *field)
{
	char want[64];
	const char *at;
	int offset;

	snprintf(want, sizeof(want), " %s;", field);
	at = strstr(format, want);
	if (!at || sscanf(strstr(at, "offset:"), "offset:%d", &offset) != 1)
		return -1;
	return offset;
}

static int event_id(const char *event, char *format, size_t size)
{
	char path[256];
	ssize_t n;
	int fd, id;

	snprintf(path, sizeof(path), TRACE "/events/%s/format", event);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	n = OK(read(fd, format, size - 1));
	close(fd);
	format[n] = '\0';
	CHECK(sscanf(strstr(format, "ID:"), "ID: %d", &id) == 1);
	return id;
}

static void watch(const char *event)
{
	struct kind *k = &kinds[nr_kinds];
	char format[PAGE], path[256];

	k->id = event_id(event, format, sizeof(format));
	if (k->id < 0)
		return;		/* of another kernel */
	snprintf(k->name, sizeof(k->name), "%s", event);
	k->call_site = offset_of(format, "call_site");
	k->ptr = offset_of(format, "ptr");
	k->flags = offset_of(format, "gfp_flags");
	CHECK(k->flags > 0);
	nr_kinds++;
	snprintf(path, sizeof(path), TRACE "/events/%s/enable", event);
	tt_proc_write(path, "1");
}

void allocs_start(void)
{
	char format[PAGE];

	if (mkdir(TRACE, 0755) && errno != EEXIST)
		tt_need("tracefs");
	tt_proc_write(TRACE "/trace", "0");
	tt_proc_write(TRACE "/buffer_size_kb", "4096");
	tt_proc_write(TRACE "/options/stacktrace", "1");
	stack_id = event_id("ftrace/kernel_stack", format, sizeof(format));
	CHECK(stack_id > 0);
	nr_kinds = 0;
	watch("kmem/kmalloc");
	watch("kmem/kmalloc_node");
	watch("kmem/kmem_cache_alloc");
	watch("kmem/kmem_cache_alloc_node");
	watch("kmem/mm_page_alloc");
	CHECK(nr_kinds >= 3);
}

void allocs_stop(void)
{
	tt_proc_write(TRACE "/events/enable", "0");
	rmdir(TRACE);
}

static unsigned long word(const unsigned char *data, int offset)
{
	unsigned long value;

	memcpy(&value, data + offset, sizeof(value));
	return value;
}

static bool is_ours(const char *function)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(not_ours); i++)
		if (!strncmp(function, not_ours[i], strlen(not_ours[i])))
			return false;
	return true;
}

/* From the allocator outwards to the module and through it. */
static bool follow(struct alloc *a, const unsigned long *stack, int depth)
{
	const struct ksym *s;
	int i, n = 0;

	for (i = 0; i < depth && n < ALLOC_PATH && stack[i] != ~0UL; i++) {
		s = ksym_of(stack[i]);
		if (s && s->module)
			a->path[n++] = stack[i];
		else if (n)
			break;
		else if (!s || !is_ours(s->name))
			return false;
	}
	return n;
}

/* What is known of an allocation before its stack has been read. */
struct event {
	unsigned long caller;	/* 0: of pages, the stack will say */
	bool failed, must_not;
};

struct reader {
	void (*seen)(const struct alloc *a);
	/* Stacks follow their events, but an interrupt may come between. */
	struct event pending[MAX_PENDING];
	int nr;
};

/* Some events have no stack, and that of an interrupt is not theirs. */
static bool belongs(const struct event *e, const unsigned long *stack,
		    int depth)
{
	const struct ksym *s = ksym_of(stack[0]);
	int i;

	if (!e->caller)
		return s && !strncmp(s->name, "__alloc_pages", 13);
	for (i = 0; i < depth; i++)
		if (stack[i] == e->caller)
			return true;
	return false;
}

static void take_stack(struct reader *r, const unsigned char *data, size_t len)
{
	static unsigned long stack[512];
	struct alloc a = {};
	struct event *e;
	int depth, n;

	depth = (len - 16) / sizeof(long);
	CHECK(depth <= (int)ARRAY_SIZE(stack));
	memcpy(stack, data + 16, depth * sizeof(long));
	for (n = r->nr; n && !belongs(&r->pending[n - 1], stack, depth); n--)
		;
	if (!n)
		return;
	r->nr = n - 1;
	e = &r->pending[r->nr];
	a.pages = !e->caller;
	a.caller = a.pages ? stack[1] : e->caller;
	a.failed = e->failed;
	if (!e->must_not && follow(&a, stack, depth))
		r->seen(&a);
}

static void push_event(struct reader *r, const struct kind *k,
		       const unsigned char *data)
{
	struct event *e;

	if (r->nr == MAX_PENDING)	/* the oldest will get no stack */
		memmove(&r->pending[0], &r->pending[1],
			--r->nr * sizeof(*e));
	e = &r->pending[r->nr++];
	e->caller = k->call_site < 0 ? 0 : word(data, k->call_site);
	e->failed = e->caller && !word(data, k->ptr);
	e->must_not = word(data, k->flags) & NO_FAIL;
}

static void take_event(struct reader *r, const unsigned char *data, size_t len)
{
	unsigned short id;
	int i;

	memcpy(&id, data, sizeof(id));
	if (id == stack_id) {
		take_stack(r, data, len);
		return;
	}
	for (i = 0; i < nr_kinds; i++)
		if (kinds[i].id == id)
			push_event(r, &kinds[i], data);
}

/* A page of the ring buffer: include/linux/ring_buffer.h says what is in it. */
static void take_page(struct reader *r, const unsigned char *page)
{
	size_t at = 16, end = at + (word(page, 8) & 0xfffff), size;
	unsigned int head, first;

	if (word(page, 8) >> 31 & 1)
		FAIL("the trace has lost events");
	while (at + 4 <= end) {
		memcpy(&head, page + at, 4);
		memcpy(&first, page + at + 4, 4);
		switch (head & 31) {
		case 29:		/* padding */
			size = head >> 5 ? 4 + first : end - at;
			break;
		case 30:		/* times */
		case 31:
			size = 8;
			break;
		case 0:
			size = 4 + first;
			take_event(r, page + at + 8, first - 4);
			break;
		default:
			size = 4 + (head & 31) * 4;
			take_event(r, page + at + 4, size - 4);
		}
		at += size;
	}
}

static void read_cpu(const char *path, struct reader *r)
{
	static unsigned char page[PAGE];
	int fd = OK(open(path, O_RDONLY | O_NONBLOCK));

	r->nr = 0;
	while (read(fd, page, PAGE) == PAGE)
		take_page(r, page);
	close(fd);
}

void allocs_read(void (*seen)(const struct alloc *a))
{
	struct reader r = { .seen = seen };
	glob_t cpus;
	size_t i;

	OK(glob(TRACE "/per_cpu/cpu*/trace_pipe_raw", 0, NULL, &cpus) ? -1 : 0);
	for (i = 0; i < cpus.gl_pathc; i++)
		read_cpu(cpus.gl_pathv[i], &r);
	globfree(&cpus);
}
