// SPDX-License-Identifier: GPL-2.0
/* This file holds ttpbench's modes for servers in a crowd: connects during a flood, many TIME_WAIT entries, many connections. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define NS_PER_MS 1000000ull

/*
 * paced COUNT INTERVAL DEADLINE (milliseconds): a connect in each interval,
 * none waits for the ones before. The client speaks first, and it was a good
 * one when the answer comes: with cookies a client may believe in a connection
 * that the server does not have.
 */
static void add_fd(struct pollfd *p, int *n, int fd, short events)
{
	p[(*n)++] = (struct pollfd) { .fd = fd, .events = events };
}

static void answer(struct pollfd *p)
{
	char c;

	/* The client may have given up. */
	if (recv(p->fd, &c, 1, 0) == 1 && send(p->fd, &c, 1, MSG_NOSIGNAL) < 0)
		errno = 0;
	close(p->fd);
	p->fd = -1;
}

void paced_server(const struct job *job, int listener)
{
	struct pollfd *p = calloc(job->args[0] + 2, sizeof(*p));
	int n = 0, i, fd;

	if (!p)
		fail("calloc");
	fcntl(listener, F_SETFL, O_NONBLOCK);
	add_fd(p, &n, listener, POLLIN);
	add_fd(p, &n, job->from_client, POLLIN);
	while (!p[1].revents) {
		if (poll(p, n, -1) < 0)
			fail("poll");
		for (i = 2; i < n; i++) {
			if (p[i].fd >= 0 && p[i].revents)
				answer(&p[i]);
		}
		while ((fd = accept(listener, NULL, NULL)) >= 0)
			add_fd(p, &n, fd, POLLIN);
	}
}

struct attempts {
	struct pollfd *p;
	uint64_t *since;
	int started, open;
	struct latencies good;
};

static void start_one(const struct job *job, struct attempts *a)
{
	int fd = socket(job->family, SOCK_STREAM | SOCK_NONBLOCK, job->protocol);

	if (fd < 0)
		fail("socket");
	a->since[a->started] = now_ns();
	if (connect(fd, (const void *)&job->addr, job->addrlen) &&
	    errno != EINPROGRESS)
		fail("connect");
	add_fd(a->p, &a->started, fd, POLLOUT);
	a->open++;
}

/* Connected, answered or dead. */
static void serve_one(struct attempts *a, int i, uint64_t now, uint64_t deadline)
{
	struct pollfd *p = &a->p[i];
	char c = '.';

	if (p->revents == POLLOUT && send(p->fd, &c, 1, MSG_NOSIGNAL) == 1) {
		p->events = POLLIN;
		return;
	}
	if (!p->revents && now - a->since[i] <= deadline)
		return;
	if (recv(p->fd, &c, 1, 0) == 1)
		latencies_add(&a->good, now - a->since[i]);
	close(p->fd);
	p->fd = -1;
	a->open--;
}

void paced_client(const struct job *job)
{
	uint64_t interval = job->args[1] * NS_PER_MS, start = now_ns(), now;
	uint64_t deadline = job->args[2] * NS_PER_MS;
	struct attempts a = {
		.p = calloc(job->args[0], sizeof(*a.p)),
		.since = calloc(job->args[0], sizeof(*a.since)),
	};
	int count = job->args[0], i;

	if (!a.p || !a.since)
		fail("calloc");
	latencies_init(&a.good, count);
	while (a.started < count || a.open) {
		now = now_ns();
		while (a.started < count && now >= start + a.started * interval)
			start_one(job, &a);
		if (poll(a.p, a.started, a.started < count ? 1 : 10) < 0)
			fail("poll");
		now = now_ns();
		for (i = 0; i < a.started; i++) {
			if (a.p[i].fd >= 0)
				serve_one(&a, i, now, deadline);
		}
	}
	printf(" count=%d good=%ld", count, a.good.count);
	latencies_print(&a.good);
	tell(job->to_server);
}

/*
 * timewait COUNT: what so many entries weigh, and what a connection and a round
 * trip cost before and after. All over loopback, to many addresses: there are
 * not enough ports for one.
 *
 * The round trips are on standing connections, older than the crowd: the tables
 * take in new ones at the head of a chain, where none of the crowd is met.
 */
#define PER_ADDRESS	4000
#define PROBES		500	/* the standing connections */
#define CONNECTS	2000	/* for the cost of one */
#define STAND		's'	/* the server keeps this connection for round trips */
#define STAY		'k'	/* and this one for nothing */
#define TURNS		'r'	/* a round trip on each of the standing ones */
#define QUIT		'q'

static void echo_of(int fd, char c)
{
	if (send(fd, &c, 1, MSG_NOSIGNAL) != 1 || recv(fd, &c, 1, 0) != 1)
		fail("echo");
}

static char answer_byte(int fd)
{
	char c = QUIT;

	if (recv(fd, &c, 1, 0) != 1 || send(fd, &c, 1, MSG_NOSIGNAL) != 1)
		return 0;
	return c;
}

void timewait_server(const struct job *job, int listener)
{
	int standing[PROBES], n = 0, fd, i;
	char c;

	(void)job;
	do {
		fd = accept_one(listener);
		while ((c = answer_byte(fd)) == TURNS) {
			for (i = 0; i < n; i++)
				answer_byte(standing[i]);
		}
		if (c == STAND)
			standing[n++] = fd;
		else if (c != STAY)
			close(fd);
	} while (c != QUIT);
}

static int dial(const struct job *job, unsigned int host)
{
	struct sockaddr_in to = *(const struct sockaddr_in *)&job->addr;
	int fd = socket(job->family, SOCK_STREAM, job->protocol);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (host << 8));
	if (fd < 0 || connect(fd, (const void *)&to, sizeof(to)))
		fail("connect");
	set_nodelay(fd);
	return fd;
}

/* Nanoseconds of one connection with one round trip; each leaves an entry. */
static uint64_t connections(const struct job *job, unsigned int host, long n)
{
	uint64_t start = now_ns();
	long i;

	for (i = 0; i < n; i++) {
		int fd = dial(job, host + i / PER_ADDRESS);

		echo_of(fd, '.');
		close(fd);
	}
	return (now_ns() - start) / n;
}

static void one_turn(int fd, const int *standing)
{
	int i;

	echo_of(fd, TURNS);
	for (i = 0; i < PROBES; i++)
		echo_of(standing[i], '.');
}

/* The same of a round trip on the standing connections, each in its turn. */
static uint64_t round_trips(const struct job *job, unsigned int host,
			    const int *standing)
{
	int fd = dial(job, host), turn;
	uint64_t start;

	/* After a silence acknowledgements are not delayed at first. */
	one_turn(fd, standing);
	one_turn(fd, standing);
	start = now_ns();
	for (turn = 0; turn < 4; turn++)
		one_turn(fd, standing);
	start = (now_ns() - start) / (turn * (PROBES + 1));
	close(fd);
	return start;
}

/* The first number of what the kernel says of a slab cache, 0 if nothing. */
static long slab(const struct job *job, const char *what)
{
	const char *name = strcmp(job->proto, "tcp") ? "ttp_tw" : "tw_sock_TCP";
	char path[128];
	long n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/%s", name, what);
	f = fopen(path, "r");
	if (f && fscanf(f, "%ld", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

/* What a connection and a round trip cost, beside the crowd or without it. */
struct cost {
	uint64_t rr, crr;
};

static struct cost cost(const struct job *job, unsigned int host,
			const int *standing)
{
	struct cost c = { .rr = round_trips(job, host, standing) };

	c.crr = connections(job, host + 1, CONNECTS);
	return c;
}

/* Returns the standing connections. */
static int *before_the_crowd(const struct job *job, struct cost *before)
{
	int *standing = descriptors(PROBES), i;

	if (job->addr.ss_family != AF_INET)
		fail("IPv4 only");
	for (i = 0; i < PROBES; i++) {
		standing[i] = dial(job, 199);
		echo_of(standing[i], STAND);
	}
	/* The first ones pay for caches. */
	cost(job, 200, standing);
	*before = cost(job, 202, standing);
	sleep(1);
	return standing;
}

static void with_the_crowd(const struct job *job, const struct cost *before,
			   const int *standing)
{
	struct cost after = cost(job, 204, standing);

	printf(" crr_before=%" PRIu64 " crr_after=%" PRIu64 " rr_before=%" PRIu64
	       " rr_after=%" PRIu64, before->crr, after.crr, before->rr,
	       after.rr);
	echo_of(dial(job, 206), QUIT);
}

void timewait_client(const struct job *job)
{
	struct cost before;
	int *standing = before_the_crowd(job, &before);
	struct meter m;
	long used = slab(job, "objects");

	meter_memory(&m);
	connections(job, 0, job->args[0]);
	/* Sockets are freed after a grace period. */
	sleep(1);
	printf(" count=%ld entries=%ld object=%ld", job->args[0],
	       slab(job, "objects") - used, slab(job, "object_size"));
	meter_print_memory(&m, job->args[0]);
	with_the_crowd(job, &before, standing);
}

/* established COUNT: the same of connections that stay, both ends of each. */
void established_client(const struct job *job)
{
	struct cost before;
	int *standing = before_the_crowd(job, &before);
	struct meter m;
	long i;

	meter_memory(&m);
	for (i = 0; i < job->args[0]; i++)
		echo_of(dial(job, i / PER_ADDRESS), STAY);
	sleep(1);
	printf(" count=%ld", job->args[0]);
	meter_print_memory(&m, job->args[0]);
	with_the_crowd(job, &before, standing);
}
