// SPDX-License-Identifier: GPL-2.0
/* This file is the command line of ttp_ladder, which draws TTP connections as ladders. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ladder.h"

#define TICK_MS		50
#define NO_CONN_MS	500	/* how long to wait for a command's first segment after its end */

struct settings {
	struct draw_options draw;
	int port;
	long count;		/* -1: not given */
	int live;
	int settle_ms;
	const char *input, *output;
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = sig;
}

static void usage(FILE *out)
{
	fputs("usage: ttp_ladder [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	      "       ttp_ladder [OPTION...] --live\n"
	      "       ttp_ladder [OPTION...] -i FILE\n"
	      "Draws a TTP connection as a ladder: each end's time and state at its side, the\n"
	      "segments as arrows between them. Runs COMMAND and then draws what it caused, or\n"
	      "draws while it happens, or draws a saved trace.\n\n"
	      "  -p, --port PORT      only connections with this port at one end\n"
	      "  -n, --count COUNT    draw this many connections (default 1; --live: no limit)\n"
	      "  -i, --input FILE     draw the trace text in FILE, '-' for standard input\n"
	      "  -o, --output FILE    save the trace text for a later -i\n"
	      "  -w, --width COLUMNS  width of the drawing (default: the terminal's, or 100)\n"
	      "  -t, --settle SECONDS time for the close to finish after COMMAND (default 2)\n"
	      "      --all            do not fold long runs of data\n"
	      "      --win            show the window of every segment\n"
	      "      --live           draw while it happens, until interrupted\n"
	      "  -h, --help           show this text\n", out);
}

static long number(const char *option, const char *text, long min, long max)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < min || n > max) {
		fprintf(stderr, "ttp_ladder: %s %s: not a number from %ld to %ld\n",
			option, text, min, max);
		exit(2);
	}
	return n;
}

static int default_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 80)
		return size.ws_col > 120 ? 120 : size.ws_col;
	return 100;
}

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'A' },
	{ "count", required_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ "input", required_argument, NULL, 'i' },
	{ "live", no_argument, NULL, 'L' },
	{ "output", required_argument, NULL, 'o' },
	{ "port", required_argument, NULL, 'p' },
	{ "settle", required_argument, NULL, 't' },
	{ "width", required_argument, NULL, 'w' },
	{ "win", no_argument, NULL, 'W' },
	{ 0 }
};

static void parse_options(int argc, char **argv, struct settings *set)
{
	int c;

	while ((c = getopt_long(argc, argv, "+hi:n:o:p:t:w:", long_options, NULL)) != -1) {
		switch (c) {
		case 'A': set->draw.all = 1; break;
		case 'L': set->live = 1; break;
		case 'W': set->draw.show_win = 1; break;
		case 'i': set->input = optarg; break;
		case 'n': set->count = number("--count", optarg, 1, 100000); break;
		case 'o': set->output = optarg; break;
		case 'p': set->port = number("--port", optarg, 1, 65535); break;
		case 't': set->settle_ms = number("--settle", optarg, 0, 3600) * 1000; break;
		case 'w': set->draw.width = number("--width", optarg, 80, 400); break;
		case 'h': usage(stdout); exit(0);
		default: usage(stderr); exit(2);
		}
	}
	if (!!set->input + set->live + (optind < argc) != 1) {
		usage(stderr);
		exit(2);
	}
	if (set->input && set->output) {
		fputs("ttp_ladder: -o saves what is traced, -i traces nothing\n", stderr);
		exit(2);
	}
	if (!set->draw.width)
		set->draw.width = default_width();
	if (set->count < 0)
		set->count = !set->live;
}

static FILE *open_or_die(const char *name, const char *mode)
{
	FILE *file = fopen(name, mode);

	if (!file) {
		fprintf(stderr, "ttp_ladder: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	return file;
}

static void read_file(const char *name, struct event_list *events)
{
	FILE *file = strcmp(name, "-") ? open_or_die(name, "r") : stdin;
	size_t room = 0, number = 0;
	char *line = NULL;

	while (getline(&line, &room, file) > 0) {
		struct event ev;
		int what = parse_line(line, &ev);

		number++;
		if (what > 0)
			event_add(events, &ev);
		if (what < 0)
			fprintf(stderr, "ttp_ladder: %s:%zu: cannot read this line\n", name, number);
	}
	free(line);
	if (file != stdin)
		fclose(file);
}

/* Sorts by time and keeps the order of equal times: an insertion sort, as little is amiss. */
static void sort_events(struct event_list *events)
{
	for (size_t i = 1; i < events->n; i++) {
		struct event ev = events->v[i];
		size_t j = i;

		for (; j > 0 && events->v[j - 1].us > ev.us; j--)
			events->v[j] = events->v[j - 1];
		events->v[j] = ev;
	}
}

/* Draws the connections asked for and returns how many there were. */
static size_t draw_all(struct event_list *events, struct settings *set, int64_t end_us)
{
	struct conn_list conns;
	unsigned long missed = 0;
	size_t n;

	sort_events(events);
	for (size_t i = 0; i < events->n; i++)
		if (events->v[i].kind == EV_MISSED)
			missed += events->v[i].len;
	conn_select(events, set->port, set->count, 1, &conns);
	for (size_t i = 0; i < conns.n; i++) {
		if (i)
			putchar('\n');
		draw_conn(stdout, &conns.v[i], end_us, &set->draw);
	}
	n = conns.n;
	conn_free(&conns);
	if (missed)
		printf("The trace is incomplete, %lu events are missing: some segments drawn as lost may not be.\n",
		       missed);
	if (!n)
		fprintf(stderr, "ttp_ladder: no TTP connection%s in the trace\n",
			set->port ? " with this port" : "");
	return n;
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid < 0) {
		perror("ttp_ladder: fork");
		exit(1);
	}
	if (pid == 0) {
		execvp(argv[0], argv);
		fprintf(stderr, "ttp_ladder: %s: %s\n", argv[0], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	return pid;
}

/* Whether the connections asked for have come to rest, or none has come at all. */
static int settled(const struct event_list *events, const struct settings *set, int waited_ms)
{
	struct conn_list conns;
	int rest = 1;

	conn_select(events, set->port, set->count, 1, &conns);
	if (!conns.n)
		rest = waited_ms >= NO_CONN_MS;
	for (size_t i = 0; i < conns.n; i++)
		rest &= conn_ended(&conns.v[i]);
	conn_free(&conns);
	return rest;
}

/* A signal to us ends the command too, if it did not get it itself from the terminal. */
static int run_command(char **argv, struct settings *set, struct event_list *events, FILE *save)
{
	int status = 0, told = 0;
	pid_t pid = start(argv), done;

	while ((done = waitpid(pid, &status, WNOHANG)) == 0) {
		capture_read(TICK_MS, events, save);
		if (stop && !told) {
			kill(pid, stop);
			told = 1;
		}
	}
	if (done < 0) {
		perror("ttp_ladder: waitpid");
		return 1;
	}
	stop = 0;
	for (int ms = 0; ms < set->settle_ms && !stop && !settled(events, set, ms); ms += TICK_MS)
		capture_read(TICK_MS, events, save);
	/* The last segment of a close may still be on its way when its sender is at rest. */
	capture_read(2 * TICK_MS, events, save);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

int main(int argc, char **argv)
{
	struct settings set = { .count = -1, .settle_ms = 2000, .draw.until_us = UNTIL_END };
	struct event_list events = { 0 };
	FILE *save = NULL;
	int64_t end_us;
	int status = 0;

	parse_options(argc, argv, &set);
	if (set.input) {
		read_file(set.input, &events);
		end_us = events.n ? events.v[events.n - 1].us : 0;
		status = draw_all(&events, &set, end_us) ? 0 : 1;
		free(events.v);
		return status;
	}
	if (set.output)
		save = open_or_die(set.output, "w");
	catch_signals();
	capture_start(set.port);
	if (set.live) {
		live_run(&set.draw, set.port, set.count, save, &stop);
	} else {
		status = run_command(argv + optind, &set, &events, save);
		end_us = capture_now();
		capture_stop();
		if (!draw_all(&events, &set, end_us) && !status)
			status = 1;
	}
	if (save && fclose(save)) {
		perror("ttp_ladder: -o");
		status = 1;
	}
	free(events.v);
	return status;
}
