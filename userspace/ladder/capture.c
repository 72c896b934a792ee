// SPDX-License-Identifier: GPL-2.0
/*
 * This file runs a private instance of the kernel's tracer with the tracepoints of
 * TTP switched on, so that nobody else's tracing is disturbed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ladder.h"

#define INSTANCE	"ttp_ladder."
#define BUFFER_KB	"8192"		/* per processor */

static char instance[128];		/* its directory; empty: none */
static int pipe_fd = -1;
static char pending[65536];		/* text whose line has not ended yet */
static size_t pending_len;

static void fail(const char *what)
{
	fprintf(stderr, "ttp_ladder: %s: %s\n", what, strerror(errno));
	capture_stop();
	exit(1);
}

static int write_file(const char *name, const char *text)
{
	char path[sizeof(instance) + 64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", instance, name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

static const char *find_tracefs(void)
{
	static const char * const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char path[64];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/instances", places[i]);
		if (!access(path, F_OK))
			return places[i];
	}
	if (mount("nodev", places[0], "tracefs", 0, NULL) < 0)
		fail("cannot mount tracefs");
	return places[0];
}

/* A predecessor that was killed left its instance behind. */
static void remove_stale(const char *instances)
{
	DIR *dir = opendir(instances);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		pid_t pid;

		if (strncmp(entry->d_name, INSTANCE, strlen(INSTANCE)))
			continue;
		pid = atoi(entry->d_name + strlen(INSTANCE));
		if (pid <= 0 || !kill(pid, 0) || errno != ESRCH)
			continue;
		unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	}
	closedir(dir);
}

/*
 * Saves the kernel from recording what would not be drawn. A kernel that refuses the
 * filter records more; what is drawn is chosen again later.
 */
static void filter_port(int port)
{
	static const struct { const char *event, *here, *there; } fields[] = {
		{ "ttp_state", "lport", "rport" }, { "ttp_send", "sport", "dport" },
		{ "ttp_recv", "sport", "dport" }, { "ttp_retransmit", "sport", "dport" },
		{ "ttp_drop", "sport", "dport" },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		char name[64], text[64];

		snprintf(name, sizeof(name), "events/ttp/%s/filter", fields[i].event);
		snprintf(text, sizeof(text), "%s == %d || %s == %d",
			 fields[i].here, port, fields[i].there, port);
		write_file(name, text);
	}
}

void capture_start(int port)
{
	char path[192];
	const char *tracefs;

	if (geteuid() != 0) {
		fputs("ttp_ladder: tracing needs root; -i FILE draws a saved trace\n", stderr);
		exit(1);
	}
	tracefs = find_tracefs();
	snprintf(path, sizeof(path), "%s/events/ttp", tracefs);
	if (access(path, F_OK)) {
		fputs("ttp_ladder: this kernel has no ttp tracepoints: load the module first (insmod ttp.ko)\n",
		      stderr);
		exit(1);
	}
	snprintf(path, sizeof(path), "%s/instances", tracefs);
	remove_stale(path);
	snprintf(instance, sizeof(instance), "%s/instances/" INSTANCE "%d", tracefs, getpid());
	if (mkdir(instance, 0700) < 0) {
		instance[0] = '\0';
		fail("cannot make an instance of the tracer");
	}
	atexit(capture_stop);

	/* One clock for all processors; a buffer that can take a burst. */
	if (write_file("trace_clock", "mono") < 0)
		fail("trace_clock");
	if (write_file("buffer_size_kb", BUFFER_KB) < 0)
		fail("buffer_size_kb");
	/*
	 * Recording the names of tasks, on by default, would hook the scheduler for
	 * nothing. The kernel has one switch for all instances: other tracers of this
	 * moment see task numbers without names.
	 */
	write_file("trace_options", "norecord-cmd");
	if (port)
		filter_port(port);
	snprintf(path, sizeof(path), "%s/trace_pipe", instance);
	pipe_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (pipe_fd < 0)
		fail("trace_pipe");
	if (write_file("events/ttp/enable", "1") < 0)
		fail("events/ttp/enable");
}

static void take_line(char *line, struct event_list *events, FILE *save)
{
	struct event ev;
	int what;

	if (save)
		fprintf(save, "%s\n", line);
	what = parse_line(line, &ev);
	if (what > 0)
		event_add(events, &ev);
	if (what < 0)
		fprintf(stderr, "ttp_ladder: cannot read the event at %s\n", line);
}

static void take_text(struct event_list *events, FILE *save)
{
	char *line = pending, *end = pending + pending_len, *stop;

	while ((stop = memchr(line, '\n', end - line))) {
		*stop = '\0';
		take_line(line, events, save);
		line = stop + 1;
	}
	pending_len = end - line;
	memmove(pending, line, pending_len);
	/* No line of ours is this long. */
	if (pending_len == sizeof(pending))
		pending_len = 0;
}

/*
 * Takes what the kernel has recorded. The pause is a plain one, because poll() on a
 * trace_pipe may sleep until the buffer is half full.
 */
void capture_read(int wait_ms, struct event_list *events, FILE *save)
{
	struct timespec pause = { .tv_nsec = wait_ms * 1000000L };
	ssize_t n;

	if (wait_ms)
		nanosleep(&pause, NULL);
	while ((n = read(pipe_fd, pending + pending_len, sizeof(pending) - pending_len)) > 0) {
		pending_len += n;
		take_text(events, save);
	}
}

void capture_stop(void)
{
	if (pipe_fd >= 0)
		close(pipe_fd);
	pipe_fd = -1;
	if (!instance[0])
		return;
	write_file("events/ttp/enable", "0");
	rmdir(instance);
	instance[0] = '\0';
}

/* The tracer's clock. */
int64_t capture_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)1000000 + now.tv_nsec / 1000;
}
