// SPDX-License-Identifier: GPL-2.0
/*
 * This file notices when the machine stands still: a process on each CPU sleeps
 * for a moment, again and again, and looks how long that took.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "stall.h"
#include "ttptest.h"

#define NAP_MS	5
#define LEAST_MS	30	/* sooner is not late */
#define LATE	1024	/* remembered; the oldest are overwritten */

static struct late {
	long long at;
	int ms;
} *late;			/* shared with the watchers, a row for each CPU */

static void watch(int cpu)
{
	struct late *mine = late + cpu * LATE;
	unsigned int n = 0;
	long long before;
	cpu_set_t set;
	int ms;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (;;) {
		before = tt_now_ms();
		usleep(NAP_MS * 1000);
		ms = tt_now_ms() - before - NAP_MS;
		if (ms < LEAST_MS)
			continue;
		mine[n % LATE].ms = ms;
		mine[n++ % LATE].at = before + ms;
	}
}

void stall_watch(void)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN), cpu;

	late = mmap(NULL, cpus * LATE * sizeof(*late), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (late == MAP_FAILED)
		exit(1);
	for (cpu = 0; cpu < cpus; cpu++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		watch(cpu);
	}
}

bool stall_since(long long since, int ms)
{
	int n = sysconf(_SC_NPROCESSORS_ONLN) * LATE, i;

	for (i = 0; i < n; i++)
		if (late[i].at >= since && late[i].ms > ms)
			return true;
	return false;
}
