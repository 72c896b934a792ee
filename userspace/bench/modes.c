// SPDX-License-Identifier: GPL-2.0
/* This file holds what ttpbench can measure: the server's and the client's half of every mode. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

static char chunk[CHUNK];

/* Returns 0, or -1 when the stream ended first. */
static int recv_all(int fd, long len)
{
	while (len > 0) {
		ssize_t n = recv(fd, chunk, len < CHUNK ? len : CHUNK, 0);

		if (n < 0)
			fail("recv");
		if (!n)
			return -1;
		len -= n;
	}
	return 0;
}

static void send_all(int fd, long len)
{
	while (len > 0) {
		ssize_t n = send(fd, chunk, len < CHUNK ? len : CHUNK,
				 MSG_NOSIGNAL);

		if (n < 0)
			fail("send");
		len -= n;
	}
}

static void report(const struct job *job, const struct server_report *r)
{
	if (write(job->to_client, r, sizeof(*r)) != sizeof(*r))
		fail("write to the client");
}

static void print_report(const struct job *job)
{
	struct server_report r;

	if (read(job->from_server, &r, sizeof(r)) != sizeof(r))
		fail("the server ended early");
	printf(" received=%" PRIu64 " server_ns=%" PRIu64 " gap=%" PRIu64,
	       r.bytes, r.ns, r.longest_gap);
}

static struct sample *sample_at(const struct job *job, uint64_t ns)
{
	uint64_t i = ns / SAMPLE_NS;

	return &job->samples[i < MAX_SAMPLES ? i : MAX_SAMPLES - 1];
}

/* Takes what arrives, @max bytes or until @deadline, and notes the longest silence. */
static void take(const struct job *job, int fd, struct server_report *r,
		 uint64_t max, uint64_t deadline)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint64_t start = now_ns(), last = start, now = start;

	while (r->bytes < max) {
		ssize_t n;

		if (deadline) {
			if (now >= deadline)
				break;
			if (!poll(&pfd, 1, (deadline - now) / 1000000 + 1)) {
				now = now_ns();
				continue;
			}
		}
		n = recv(fd, chunk, CHUNK, 0);
		if (n < 0)
			fail("recv");
		if (!n)
			break;
		r->bytes += n;
		now = now_ns();
		sample_at(job, now - start)->bytes += n;
		if (now - last > r->longest_gap)
			r->longest_gap = now - last;
		last = now;
	}
	/* A silence up to the deadline is one too. */
	if (deadline && now - last > r->longest_gap)
		r->longest_gap = now - last;
	r->ns = now - start;
}

/* bulk BYTES: one way, until the server says that it has them all. */
static void bulk_server(const struct job *job, int listener)
{
	struct server_report r = { 0 };
	int fd = accept_one(listener);

	take(job, fd, &r, job->args[0], 0);
	send_all(fd, 1);
	recv_all(fd, 1);
	close(fd);
	report(job, &r);
}

static void bulk_client(const struct job *job)
{
	int fd = client_socket(job);
	struct meter m;

	meter_start(&m);
	send_all(fd, job->args[0]);
	recv_all(fd, 1);
	meter_print(&m);
	close(fd);
	printf(" bytes=%ld", job->args[0]);
	print_report(job);
}

/* timed MILLISECONDS: one way, what arrives in this time. */
static void timed_server(const struct job *job, int listener)
{
	struct server_report r = { 0 };
	int fd = accept_one(listener);

	take(job, fd, &r, UINT64_MAX, now_ns() + job->args[0] * 1000000);
	report(job, &r);
	hear(job->from_client);
	close_hard(fd);
}

static void note_cwnd(const struct job *job, int fd, uint64_t ns)
{
	struct sample *s = sample_at(job, ns);
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (!s->cwnd && !getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		s->cwnd = info.tcpi_snd_cwnd;
}

static void print_samples(const struct job *job)
{
	long i, n = job->args[0] * 1000000 / SAMPLE_NS;

	n = n < MAX_SAMPLES ? n : MAX_SAMPLES;
	printf(" goodput=");
	for (i = 0; i < n; i++)
		printf("%" PRIu64 ",", job->samples[i].bytes);
	printf(" cwnd=");
	for (i = 0; i < n; i++)
		printf("%u,", job->samples[i].cwnd);
}

static void timed_client(const struct job *job)
{
	int fd = client_socket(job);
	struct pollfd pfd = { .fd = job->from_server, .events = POLLIN };
	struct timeval wait = { .tv_usec = 100000 };
	struct meter m;

	/* The pipe is looked at even when nothing can be sent. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	meter_start(&m);
	while (!poll(&pfd, 1, 0)) {
		if (send(fd, chunk, CHUNK, MSG_NOSIGNAL) < 0 &&
		    errno != EAGAIN)
			fail("send");
		note_cwnd(job, fd, now_ns() - m.start);
	}
	meter_print(&m);
	print_report(job);
	print_samples(job);
	close_hard(fd);
	tell(job->to_server);
}

/* rr REQUEST RESPONSE COUNT: round trips over one connection. */
static void rr_server(const struct job *job, int listener)
{
	int fd = accept_one(listener);

	set_nodelay(fd);
	while (!recv_all(fd, job->args[0]))
		send_all(fd, job->args[1]);
	close(fd);
}

static void rr_client(const struct job *job)
{
	int fd = client_socket(job);
	struct latencies l;
	struct meter m;
	uint64_t last;
	long i;

	set_nodelay(fd);
	latencies_init(&l, job->args[2]);
	meter_start(&m);
	last = m.start;
	for (i = 0; i < job->args[2]; i++) {
		uint64_t now;

		send_all(fd, job->args[0]);
		if (recv_all(fd, job->args[1]))
			fail("the server closed");
		now = now_ns();
		latencies_add(&l, now - last);
		last = now;
	}
	meter_print(&m);
	printf(" count=%ld", i);
	latencies_print(&l);
	close(fd);
}

/* crr REQUEST RESPONSE COUNT: a connection for each round trip; the client closes first. */
static void crr_server(const struct job *job, int listener)
{
	long i;

	for (i = 0; i < job->args[2]; i++) {
		int fd = accept_one(listener);

		set_nodelay(fd);
		while (!recv_all(fd, job->args[0]))
			send_all(fd, job->args[1]);
		close(fd);
	}
}

static void crr_client(const struct job *job)
{
	struct latencies l;
	struct meter m;
	uint64_t last;
	long i;

	latencies_init(&l, job->args[2]);
	meter_start(&m);
	last = m.start;
	for (i = 0; i < job->args[2]; i++) {
		int fd = client_socket(job);
		uint64_t now;

		set_nodelay(fd);
		send_all(fd, job->args[0]);
		if (recv_all(fd, job->args[1]))
			fail("the server closed");
		close(fd);
		now = now_ns();
		latencies_add(&l, now - last);
		last = now;
	}
	meter_print(&m);
	printf(" count=%ld", i);
	latencies_print(&l);
}

/* idle COUNT: what so many established connections cost, both ends together. */
static void idle_server(const struct job *job, int listener)
{
	int *fds = descriptors(job->args[0]);
	long i;

	for (i = 0; i < job->args[0]; i++) {
		fds[i] = accept_one(listener);
		tell(job->to_client);
	}
	hear(job->from_client);
	for (i = 0; i < job->args[0]; i++)
		close_hard(fds[i]);
}

static void idle_client(const struct job *job)
{
	int *fds = descriptors(job->args[0]);
	struct meter before, m;
	long i;

	meter_memory(&before);
	meter_start(&m);
	for (i = 0; i < job->args[0]; i++) {
		fds[i] = client_socket(job);
		hear(job->from_server);
	}
	meter_print(&m);
	/* Time for what is freed after a grace period, and for late segments. */
	sleep(1);
	printf(" count=%ld", job->args[0]);
	meter_print_memory(&before, job->args[0]);
	/* Reset, so that no TIME_WAIT is left for the next measurement. */
	for (i = 0; i < job->args[0]; i++)
		close_hard(fds[i]);
	tell(job->to_server);
}

const struct mode modes[] = {
	{ "bulk", 1, bulk_server, bulk_client, false },
	{ "timed", 1, timed_server, timed_client, false },
	{ "rr", 3, rr_server, rr_client, false },
	{ "crr", 3, crr_server, crr_client, false },
	{ "streams", 2, streams_server, streams_client, false },
	{ "active", 2, active_server, active_client, false },
	{ "pairs", 2, pairs_server, pairs_client, false },
	{ "accept", 2, accept_server, accept_client, true },
	{ "idle", 1, idle_server, idle_client, false },
	{ "paced", 3, paced_server, paced_client, false },
	{ "timewait", 1, timewait_server, timewait_client, false },
	{ "established", 1, timewait_server, established_client, false },
	{ NULL, 0, NULL, NULL, false },
};
