/* SPDX-License-Identifier: GPL-2.0 */
/* This file holds what the parts of ttpbench share: the job both processes know, and what the server reports. */
#ifndef TTPBENCH_BENCH_H
#define TTPBENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* What one write of bulk data hands over, and what one read asks for. */
#define CHUNK 65536

/* What a timed run did in each of its tenths of a second. */
#define SAMPLE_NS	100000000u
#define MAX_SAMPLES	1000

struct sample {
	uint64_t bytes;		/* the server's */
	uint32_t cwnd;		/* the client's, in segments, at the end; 0: unknown */
};

struct job {
	const char *proto;
	int family;
	int protocol;
	struct sockaddr_storage addr;
	socklen_t addrlen;
	const char *control;	/* NULL: the default */
	const char *server_ns;
	const char *client_ns;
	long args[3];
	struct sample *samples;	/* MAX_SAMPLES of them, shared by both processes */
	/* Both ends of the two pipes between the processes. */
	int to_client;
	int from_server;
	int to_server;
	int from_client;
};

/* What the server tells at the end; one write of this size is atomic. */
struct server_report {
	uint64_t bytes;
	uint64_t ns;
	uint64_t longest_gap;
};

struct mode {
	const char *name;
	int nargs;
	void (*server)(const struct job *job, int listener);
	void (*client)(const struct job *job);
	bool shared;		/* the server's port may have several listeners */
};

extern const struct mode modes[];

/* ttpbench.c */
void fail(const char *what) __attribute__((noreturn));
int client_socket(const struct job *job);
int listener_socket(const struct job *job, bool shared);
int accept_one(int listener);
void set_nodelay(int fd);
void close_hard(int fd);
void tell(int fd);
void hear(int fd);

/* many.c */
int *descriptors(long count);
void streams_server(const struct job *job, int listener);
void streams_client(const struct job *job);
void active_server(const struct job *job, int listener);
void active_client(const struct job *job);
void accept_server(const struct job *job, int listener);
void accept_client(const struct job *job);
void pairs_server(const struct job *job, int listener);
void pairs_client(const struct job *job);

/* crowd.c */
void paced_server(const struct job *job, int listener);
void paced_client(const struct job *job);
void timewait_server(const struct job *job, int listener);
void timewait_client(const struct job *job);
void established_client(const struct job *job);

/* meter.c */
struct meter {
	uint64_t start;
	uint64_t idle_ms;
	uint64_t slab;
	uint64_t used;
};

struct latencies {
	uint64_t *ns;
	long count;
};

uint64_t now_ns(void);
void meter_start(struct meter *m);
void meter_print(const struct meter *m);
void meter_memory(struct meter *m);
void meter_print_memory(const struct meter *before, long connections);
void latencies_init(struct latencies *l, long max);
void latencies_add(struct latencies *l, uint64_t ns);
void latencies_print(struct latencies *l);

#endif
