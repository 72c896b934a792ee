// SPDX-License-Identifier: GPL-2.0
/* This file holds the modes of ttpbench that have many connections under way at once. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define EVENTS	64

static char chunk[CHUNK];

int *descriptors(long count)
{
	int *fds = calloc(count, sizeof(*fds));

	if (!fds)
		fail("calloc");
	return fds;
}

static void dont_wait(int fd)
{
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK))
		fail("fcntl");
}

static int *accept_all(int listener, long count)
{
	int *fds = descriptors(count);
	long i;

	for (i = 0; i < count; i++)
		fds[i] = accept_one(listener);
	return fds;
}

static int *connect_all(const struct job *job, long count)
{
	int *fds = descriptors(count);
	long i;

	for (i = 0; i < count; i++) {
		fds[i] = client_socket(job);
		set_nodelay(fds[i]);
	}
	return fds;
}

static void close_all(const int *fds, long count)
{
	while (count--)
		close_hard(fds[count]);
}

/* An epoll instance with all of these; an event's data is the index. */
static int watch_all(const int *fds, long count, uint32_t events)
{
	int ep = epoll_create1(0);
	long i;

	for (i = 0; i < count; i++) {
		struct epoll_event e = { .events = events, .data.u64 = i };

		if (epoll_ctl(ep, EPOLL_CTL_ADD, fds[i], &e))
			fail("epoll_ctl");
	}
	return ep;
}

static int await(int ep, struct epoll_event *events)
{
	int n = epoll_wait(ep, events, EVENTS, -1);

	if (n < 0)
		fail("epoll_wait");
	return n;
}

static void give_byte(int fd)
{
	if (send(fd, "", 1, MSG_NOSIGNAL) != 1)
		fail("send");
}

static void take_byte(int fd)
{
	char c;

	errno = 0;
	if (recv(fd, &c, 1, 0) != 1)
		fail("recv");
}

/* streams CONNECTIONS BYTES: the server answers a byte where it has all of them. */
void streams_server(const struct job *job, int listener)
{
	struct epoll_event events[EVENTS];
	long left = job->args[0], *bytes = calloc(left, sizeof(*bytes));
	int *fds = accept_all(listener, left);
	int ep = watch_all(fds, left, EPOLLIN), i, n;

	if (!bytes)
		fail("calloc");
	while (left) {
		n = await(ep, events);
		for (i = 0; i < n; i++) {
			long at = events[i].data.u64;
			ssize_t got = recv(fds[at], chunk, CHUNK, 0);

			if (got <= 0)
				fail("recv");
			bytes[at] += got;
			if (bytes[at] < job->args[1])
				continue;
			give_byte(fds[at]);
			left--;
		}
	}
	hear(job->from_client);
	close_all(fds, job->args[0]);
}

/* Whatever fits, of the @left bytes; what is left then. */
static long send_some(int fd, long left)
{
	while (left) {
		ssize_t n = send(fd, chunk, left < CHUNK ? left : CHUNK,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			fail("send");
		left -= n;
	}
	return left;
}

void streams_client(const struct job *job)
{
	struct epoll_event events[EVENTS];
	long count = job->args[0], running = count, at;
	long *left = calloc(count, sizeof(*left));
	int *fds = connect_all(job, count), ep, i, n;
	struct meter m;

	if (!left)
		fail("calloc");
	for (at = 0; at < count; at++) {
		left[at] = job->args[1];
		dont_wait(fds[at]);
	}
	ep = watch_all(fds, count, EPOLLOUT);
	meter_start(&m);
	while (running) {
		n = await(ep, events);
		for (i = 0; i < n; i++) {
			at = events[i].data.u64;
			left[at] = send_some(fds[at], left[at]);
			if (left[at])
				continue;
			epoll_ctl(ep, EPOLL_CTL_DEL, fds[at], NULL);
			running--;
		}
	}
	for (at = 0; at < count; at++) {
		struct pollfd pfd = { .fd = fds[at], .events = POLLIN };

		poll(&pfd, 1, -1);
		take_byte(fds[at]);
	}
	meter_print(&m);
	printf(" bytes=%ld", count * job->args[1]);
	tell(job->to_server);
	close_all(fds, count);
}

/* active CONNECTIONS ROUNDS: the server answers each byte with another. */
void active_server(const struct job *job, int listener)
{
	struct epoll_event events[EVENTS];
	long count = job->args[0], left = count * job->args[1];
	int *fds = accept_all(listener, count);
	int ep = watch_all(fds, count, EPOLLIN), i, n;

	for (i = 0; i < count; i++)
		set_nodelay(fds[i]);
	tell(job->to_client);
	while (left) {
		n = await(ep, events);
		for (i = 0; i < n; i++) {
			take_byte(fds[events[i].data.u64]);
			give_byte(fds[events[i].data.u64]);
		}
		left -= n;
	}
	hear(job->from_client);
	close_all(fds, count);
}

void active_client(const struct job *job)
{
	long count = job->args[0], round, i;
	int *fds = connect_all(job, count);
	struct meter m;

	hear(job->from_server);
	meter_start(&m);
	for (round = 0; round < job->args[1]; round++) {
		for (i = 0; i < count; i++)
			give_byte(fds[i]);
		for (i = 0; i < count; i++)
			take_byte(fds[i]);
	}
	meter_print(&m);
	printf(" count=%ld", count * job->args[1]);
	tell(job->to_server);
	close_all(fds, count);
}

/* accept LISTENERS COUNT: they share the port, by SO_REUSEPORT. */
void accept_server(const struct job *job, int listener)
{
	struct epoll_event events[EVENTS];
	long listeners = job->args[0], accepted = 0, i;
	int *fds = descriptors(listeners), *children, ep, n, fd;

	children = descriptors(job->args[1]);
	fds[0] = listener;
	for (i = 1; i < listeners; i++)
		fds[i] = listener_socket(job, true);
	for (i = 0; i < listeners; i++)
		dont_wait(fds[i]);
	ep = watch_all(fds, listeners, EPOLLIN);
	tell(job->to_client);
	while (accepted < job->args[1]) {
		n = await(ep, events);
		while (n--) {
			while ((fd = accept(fds[events[n].data.u64], NULL,
					    NULL)) >= 0)
				children[accepted++] = fd;
		}
	}
	tell(job->to_client);
	hear(job->from_client);
	/* Reset, so that no TIME_WAIT is left for the next measurement. */
	close_all(children, accepted);
}

void accept_client(const struct job *job)
{
	struct meter m;
	int *fds;

	hear(job->from_server);
	meter_start(&m);
	fds = connect_all(job, job->args[1]);
	hear(job->from_server);
	meter_print(&m);
	printf(" count=%ld", job->args[1]);
	tell(job->to_server);
	close_all(fds, job->args[1]);
}

/* Returns 0 in the child, which does not outlive its parent. */
static pid_t fork_one(void)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static void join_all(const int *pids, long count)
{
	int status;

	while (count--) {
		if (waitpid(pids[count], &status, 0) < 0 || status)
			fail("one of the processes failed");
	}
}

/* pairs CONNECTIONS ROUNDS: round trips of a byte, each connection has two processes of its own. */
void pairs_server(const struct job *job, int listener)
{
	long count = job->args[0], round, i;
	int *fds = accept_all(listener, count);
	int *pids = descriptors(count);

	for (i = 0; i < count; i++) {
		set_nodelay(fds[i]);
		pids[i] = fork_one();
		if (pids[i])
			continue;
		for (round = 0; round < job->args[1]; round++) {
			take_byte(fds[i]);
			give_byte(fds[i]);
		}
		_exit(0);
	}
	tell(job->to_client);
	join_all(pids, count);
	hear(job->from_client);
	close_all(fds, count);
}

void pairs_client(const struct job *job)
{
	long count = job->args[0], round, i;
	int *fds = connect_all(job, count);
	int *pids = descriptors(count);
	struct meter m;

	hear(job->from_server);
	meter_start(&m);
	for (i = 0; i < count; i++) {
		pids[i] = fork_one();
		if (pids[i])
			continue;
		for (round = 0; round < job->args[1]; round++) {
			give_byte(fds[i]);
			take_byte(fds[i]);
		}
		_exit(0);
	}
	join_all(pids, count);
	meter_print(&m);
	printf(" count=%ld", count * job->args[1]);
	tell(job->to_server);
	close_all(fds, count);
}
