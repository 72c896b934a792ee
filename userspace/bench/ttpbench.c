// SPDX-License-Identifier: GPL-2.0
/* This program measures a stream protocol between a client and a server process; all protocols run the same code. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "family.h"

static const char usage[] =
"usage: ttpbench [-S NETNS] [-C NETNS] [-a ADDRESS] [-p PORT] [-t SECONDS] [-g CONTROL] PROTOCOL MODE ARGUMENT...\n"
"  PROTOCOL: tcp, ttp, mptcp, sctp, or FAMILY:PROTOCOL in numbers\n"
"  bulk BYTES                     one way, until the server has it all\n"
"  timed MILLISECONDS             one way, what arrives in this time\n"
"  rr REQUEST RESPONSE COUNT      round trips, sizes in bytes\n"
"  crr REQUEST RESPONSE COUNT     a connection for each round trip\n"
"  streams CONNECTIONS BYTES      one way on each, side by side, until the server has it all\n"
"  active CONNECTIONS ROUNDS      in each round a byte each way on every connection\n"
"  pairs CONNECTIONS ROUNDS       the same, each connection with two processes of its own\n"
"  accept LISTENERS COUNT         connections to so many listeners of one port\n"
"  idle COUNT                     memory of established connections\n"
"  paced COUNT INTERVAL DEADLINE  a connect in each interval (ms), given up after the deadline\n"
"  timewait COUNT                 memory of TIME_WAIT, and what a connection costs beside it\n"
"  established COUNT              the same of connections that stay\n"
"  -S, -C  names of ip-netns(8) for the server and the client\n"
"  -a      the server's address, IPv4 or IPv6 (127.0.0.1)\n"
"  -t      give up after this time (120)\n"
"  -g      the client's congestion control\n"
"One line of key=value comes out; times are of CLOCK_MONOTONIC in ns.\n";

static const char *role = "client";

void fail(const char *what)
{
	fprintf(stderr, "ttpbench: %s: %s: %s\n", role, what,
		errno ? strerror(errno) : "unexpected");
	exit(1);
}

/* The server and the client meet by single bytes in pipes. */
void tell(int fd)
{
	if (write(fd, "", 1) != 1)
		fail("write to a pipe");
}

void hear(int fd)
{
	char c;

	errno = 0;
	if (read(fd, &c, 1) != 1)
		fail("the other process ended early");
}

void set_nodelay(int fd)
{
	int one = 1;

	/* SCTP has its own; whoever knows neither sends at once anyway. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

void close_hard(int fd)
{
	struct linger reset = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static int new_socket(const struct job *job)
{
	int fd = socket(job->family, SOCK_STREAM, job->protocol);

	if (fd < 0)
		fail("socket");
	return fd;
}

int client_socket(const struct job *job)
{
	int fd = new_socket(job);

	if (job->control && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION,
				       job->control, strlen(job->control)))
		fail(job->control);
	if (connect(fd, (const void *)&job->addr, job->addrlen))
		fail("connect");
	return fd;
}

int accept_one(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		fail("accept");
	return fd;
}

static void enter(const char *netns)
{
	char path[256];
	int fd;

	if (!netns)
		return;
	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

int listener_socket(const struct job *job, bool shared)
{
	int one = 1, fd = new_socket(job);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one,
				 sizeof(one)))
		fail("SO_REUSEPORT");
	if (bind(fd, (const void *)&job->addr, job->addrlen))
		fail("bind");
	if (listen(fd, 1024))
		fail("listen");
	return fd;
}

static void serve(const struct job *job, const struct mode *mode)
{
	int listener;

	role = "server";
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	enter(job->server_ns);
	listener = listener_socket(job, mode->shared);
	tell(job->to_client);
	mode->server(job, listener);
	close(listener);
	exit(0);
}

static void gave_up(int sig)
{
	static const char text[] = "ttpbench: no end in time\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(2);
	_exit(1);
}

static int run(struct job *job, const struct mode *mode)
{
	int up[2], down[2], status;
	pid_t pid;

	if (pipe(up) || pipe(down))
		fail("pipe");
	job->from_server = up[0];
	job->to_client = up[1];
	job->from_client = down[0];
	job->to_server = down[1];
	job->samples = mmap(NULL, MAX_SAMPLES * sizeof(*job->samples),
			    PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (job->samples == MAP_FAILED)
		fail("mmap");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (!pid) {
		close(up[0]);
		close(down[1]);
		serve(job, mode);
	}
	/* A server that dies closes its ends, and nobody waits for it. */
	close(up[1]);
	close(down[0]);
	enter(job->client_ns);
	hear(job->from_server);
	printf("proto=%s mode=%s", job->proto, mode->name);
	mode->client(job);
	if (waitpid(pid, &status, 0) != pid || status)
		fail("the server failed");
	printf("\n");
	return 0;
}

static void set_address(struct job *job, const char *text, int port)
{
	struct sockaddr_in *v4 = (void *)&job->addr;
	struct sockaddr_in6 *v6 = (void *)&job->addr;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		job->addrlen = sizeof(*v4);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		job->addrlen = sizeof(*v6);
	} else {
		errno = EINVAL;
		fail(text);
	}
}

/* IPv6 is a family of its own everywhere but in TTP, where it is a protocol. */
static void set_protocol(struct job *job, const char *name)
{
	job->proto = name;
	job->family = job->addr.ss_family;
	if (!strcmp(name, "tcp")) {
		job->protocol = IPPROTO_TCP;
	} else if (!strcmp(name, "mptcp")) {
		job->protocol = 262;
	} else if (!strcmp(name, "sctp")) {
		job->protocol = IPPROTO_SCTP;
	} else if (!strcmp(name, "ttp")) {
		job->family = ttp_family();
		job->protocol = job->addr.ss_family == AF_INET6 ?
				TTPPROTO_TTP6 : 0;
	} else if (sscanf(name, "%d:%d", &job->family, &job->protocol) != 2) {
		errno = EINVAL;
		fail(name);
	}
}

static void many_files(void)
{
	struct rlimit limit = { .rlim_cur = 1 << 20, .rlim_max = 1 << 20 };

	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	const char *address = "127.0.0.1";
	const struct mode *mode = modes;
	struct job job = { 0 };
	int opt, port = 5001, seconds = 120, i;

	while ((opt = getopt(argc, argv, "+S:C:a:p:t:g:h")) != -1) {
		switch (opt) {
		case 'S': job.server_ns = optarg; break;
		case 'C': job.client_ns = optarg; break;
		case 'a': address = optarg; break;
		case 'p': port = atoi(optarg); break;
		case 't': seconds = atoi(optarg); break;
		case 'g': job.control = optarg; break;
		default:
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : 2;
		}
	}
	argv += optind;
	argc -= optind;
	while (argc >= 2 && mode->name && strcmp(mode->name, argv[1]))
		mode++;
	if (argc < 2 || !mode->name || argc != 2 + mode->nargs) {
		fputs(usage, stderr);
		return 2;
	}
	for (i = 0; i < mode->nargs; i++) {
		job.args[i] = atol(argv[2 + i]);
		if (job.args[i] <= 0) {
			fputs(usage, stderr);
			return 2;
		}
	}
	set_address(&job, address, port);
	set_protocol(&job, argv[0]);
	many_files();
	signal(SIGALRM, gave_up);
	alarm(seconds);
	return run(&job, mode);
}
