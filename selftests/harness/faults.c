// SPDX-License-Identifier: GPL-2.0
/*
 * This file works the kernel's fault injection (selftests/config), by its
 * files below /sys/kernel/debug.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "faults.h"
#include "ttptest.h"

#define DEBUGFS	"/sys/kernel/debug/"

static const char * const dirs[] = {
	[FAULT_SLAB] = DEBUGFS "failslab",
	[FAULT_PAGES] = DEBUGFS "fail_page_alloc",
};

static void set(enum fault which, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dirs[which], name);
	tt_proc_write(path, value);
}

static void set_all(const char *name, const char *value)
{
	set(FAULT_SLAB, name, value);
	set(FAULT_PAGES, name, value);
}

static long get(const char *path)
{
	char text[32] = "";
	int fd = OK(open(path, O_RDONLY));

	OK(read(fd, text, sizeof(text) - 1));
	close(fd);
	return atol(text);
}

static void set_range(const char *from, const char *to, unsigned long start,
		      unsigned long end)
{
	char text[32];

	snprintf(text, sizeof(text), "%#lx", start);
	set_all(from, text);
	snprintf(text, sizeof(text), "%#lx", end);
	set_all(to, text);
}

void faults_below(unsigned long start, unsigned long end)
{
	set_range("require-start", "require-end", start, end);
}

void faults_except(unsigned long start, unsigned long end)
{
	set_range("reject-start", "reject-end", start, end);
}

void faults_arm(enum fault which, int percent, int times)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", percent);
	set(which, "probability", text);
	snprintf(text, sizeof(text), "%d", times);
	set(which, "times", text);
}

void faults_off(void)
{
	set_all("times", "0");
}

int faults_left(enum fault which)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/times", dirs[which]);
	return get(path);
}

/* What the pause has interrupted: @times of each. */
static int paused[ARRAY_SIZE(dirs)];

void faults_pause(void)
{
	paused[FAULT_SLAB] = faults_left(FAULT_SLAB);
	paused[FAULT_PAGES] = faults_left(FAULT_PAGES);
	faults_off();
}

static void resume(enum fault which)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", paused[which]);
	set(which, "times", text);
}

void faults_resume(void)
{
	resume(FAULT_SLAB);
	resume(FAULT_PAGES);
}

void faults_need(void)
{
	if (access(DEBUGFS "failslab/require-start", F_OK) ||
	    access(DEBUGFS "fail_page_alloc/require-start", F_OK))
		tt_skip("this kernel has no fault injection");
	faults_off();
	set_all("probability", "100");
	set_all("interval", "1");
	set_all("space", "0");
	set_all("verbose", "0");
	set_all("task-filter", "N");
	set_all("ignore-gfp-wait", "N");
	set_all("stacktrace-depth", "32");
	faults_except(0, 0);
	set(FAULT_SLAB, "cache-filter", "N");
	set(FAULT_PAGES, "ignore-gfp-highmem", "N");
	set(FAULT_PAGES, "min-order", "0");
}
