// SPDX-License-Identifier: GPL-2.0
/* This file is ttpcat: it joins standard input and output to one TTP connection. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "family.h"

struct options {
	int family;		/* AF_UNSPEC, AF_INET or AF_INET6 */
	int listen;
	int keep;		/* accept again after a connection ends */
	int shut;		/* shutdown(SHUT_WR) when standard input ends */
	int verbose;
	int tcp;		/* the kernel's TCP instead, for comparison */
	int timeout_ms;		/* of connect() and of an idle connection; -1 is none */
	const char *local_addr;
	const char *local_port;
};

/* Bytes read from one descriptor and not yet written to the other. */
struct pipe_buf {
	char data[65536];
	size_t start, end;
	int from, to;		/* -1 once that direction's end is closed */
};

static struct options opt = { .timeout_ms = -1 };

static void die(const char *fmt, ...)
{
	va_list args;

	fputs("ttpcat: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void note(const char *fmt, ...)
{
	va_list args;

	if (!opt.verbose)
		return;
	fputs("ttpcat: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

static void usage(FILE *out)
{
	fputs("usage: ttpcat [-46Nv] [-w SECONDS] [-s ADDRESS] [-p PORT] HOST PORT\n"
	      "       ttpcat -l [-46kNv] [-w SECONDS] [-p PORT] [ADDRESS] [PORT]\n"
	      "Joins standard input and output to a TTP connection.\n\n"
	      "  -4, -6         IPv4 or IPv6 only\n"
	      "  -l             wait for a connection instead of making one\n"
	      "  -k             with -l: wait for the next one when a connection ends\n"
	      "  -N             shut down our half when standard input ends\n"
	      "  -p PORT        local port\n"
	      "  -s ADDRESS     local address\n"
	      "  -v             say on standard error what happens\n"
	      "  -w SECONDS     give up when connecting takes this long or nothing moves for it\n"
	      "      --tcp      use the kernel's TCP instead, for comparison\n"
	      "  -h, --help     show this text\n", out);
}

static const char *addr_text(const struct sockaddr *sa, socklen_t len)
{
	static char text[NI_MAXHOST + NI_MAXSERV + 4];
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getnameinfo(sa, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return "?";
	snprintf(text, sizeof(text), strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	return text;
}

static struct addrinfo *resolve(const char *host, const char *port, int family, int passive)
{
	struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = passive ? AI_PASSIVE : 0,
	};
	struct addrinfo *list;
	int err = getaddrinfo(host, port, &hints, &list);

	if (err)
		die("%s port %s: %s", host ? host : "*", port,
		    err == EAI_SYSTEM ? strerror(errno) : gai_strerror(err));
	return list;
}

static int open_socket(int family)
{
	int type = SOCK_STREAM | SOCK_CLOEXEC;
	int fd;

	if (opt.tcp)
		fd = socket(family, type, 0);
	else
		fd = socket(ttp_family(), type, family == AF_INET6 ? TTPPROTO_TTP6 : 0);
	if (fd < 0 && errno == EAFNOSUPPORT && !opt.tcp)
		die("this kernel has no AF_TTP: load the module first (insmod ttp.ko)");
	if (fd < 0)
		die("socket: %s", strerror(errno));
	return fd;
}

/* Binds to the local address and port asked for, in the family of the socket. */
static void bind_local(int fd, int family)
{
	struct addrinfo *local;
	int on = 1;

	if (!opt.local_addr && !opt.local_port)
		return;
	local = resolve(opt.local_addr, opt.local_port ? opt.local_port : "0", family, 1);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, local->ai_addr, local->ai_addrlen) < 0)
		die("bind %s: %s", addr_text(local->ai_addr, local->ai_addrlen), strerror(errno));
	freeaddrinfo(local);
}

static int socket_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

/* connect() that gives up after the timeout; returns 0 or an errno value. */
static int connect_wait(int fd, const struct sockaddr *sa, socklen_t len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	if (connect(fd, sa, len) < 0) {
		int n;

		if (errno != EINPROGRESS)
			return errno;
		do {
			n = poll(&pfd, 1, opt.timeout_ms);
		} while (n < 0 && errno == EINTR);
		if (n < 0)
			return errno;
		if (n == 0)
			return ETIMEDOUT;
		return socket_error(fd);
	}
	return 0;
}

static int dial(const char *host, const char *port)
{
	struct addrinfo *list = resolve(host, port, opt.family, 0);
	int err = 0;

	for (struct addrinfo *ai = list; ai; ai = ai->ai_next) {
		const char *name;
		int fd = open_socket(ai->ai_family);

		bind_local(fd, ai->ai_family);
		err = connect_wait(fd, ai->ai_addr, ai->ai_addrlen);
		name = addr_text(ai->ai_addr, ai->ai_addrlen);
		if (!err) {
			note("connected to %s", name);
			freeaddrinfo(list);
			return fd;
		}
		if (ai->ai_next)
			note("connect to %s: %s", name, strerror(err));
		else
			fprintf(stderr, "ttpcat: connect to %s: %s\n", name, strerror(err));
		close(fd);
	}
	exit(1);
}

/* Without -4 and -6 one IPv6 socket serves both, unless the host has no IPv6. */
static int open_listener(void)
{
	int family = opt.family;
	struct addrinfo *local;
	int only = opt.family == AF_INET6;
	int on = 1;
	int fd;

	if (family == AF_UNSPEC && !opt.local_addr)
		family = access("/proc/net/if_inet6", F_OK) ? AF_INET : AF_INET6;
	local = resolve(opt.local_addr, opt.local_port, family, 1);
	fd = open_socket(local->ai_family);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (local->ai_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) < 0)
		die("IPV6_V6ONLY: %s", strerror(errno));
	if (bind(fd, local->ai_addr, local->ai_addrlen) < 0)
		die("bind %s: %s", addr_text(local->ai_addr, local->ai_addrlen), strerror(errno));
	if (listen(fd, 16) < 0)
		die("listen: %s", strerror(errno));
	note("listening on %s", addr_text(local->ai_addr, local->ai_addrlen));
	freeaddrinfo(local);
	return fd;
}

static int accept_one(int listener)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int fd;

	do {
		fd = accept4(listener, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC);
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		die("accept: %s", strerror(errno));
	note("connection from %s", addr_text((struct sockaddr *)&peer, len));
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return fd;
}

/* Moves what is ready; a closed end becomes -1. Returns 0 or the errno of the socket. */
static int pump(struct pipe_buf *b, int can_read, int can_write)
{
	ssize_t n;

	if (can_read && b->from >= 0 && b->start == b->end) {
		b->start = b->end = 0;
		n = read(b->from, b->data, sizeof(b->data));
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return errno;
		if (n == 0)
			b->from = -1;
		if (n > 0)
			b->end = n;
		can_write = 1;
	}
	if (can_write && b->to >= 0 && b->start < b->end) {
		n = write(b->to, b->data + b->start, b->end - b->start);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return errno;
		if (n > 0)
			b->start += n;
	}
	return 0;
}

/*
 * A descriptor is asked only for what it can do next: an idle end that has hung
 * up would otherwise wake poll() for ever.
 */
static void ask(struct pollfd *pfd, const struct pipe_buf *b, int output)
{
	int full = b->start < b->end;

	if (output) {
		pfd->fd = full ? b->to : -1;
		pfd->events = POLLOUT;
	} else {
		pfd->fd = full ? -1 : b->from;
		pfd->events = POLLIN;
	}
}

static int ready(const struct pollfd *pfd)
{
	return pfd->fd >= 0 && pfd->revents;
}

static int drained(const struct pipe_buf *b)
{
	return b->from < 0 && b->start == b->end;
}

/* Carries both directions until both have ended; returns 0, an errno value or, having said why, -1. */
static int transfer(int fd)
{
	static struct pipe_buf up, down;
	int shut = 0;
	int err = 0;

	up = (struct pipe_buf){ .from = STDIN_FILENO, .to = fd };
	down = (struct pipe_buf){ .from = fd, .to = STDOUT_FILENO };

	while (!err && !(drained(&up) && drained(&down))) {
		struct pollfd pfd[4];
		int n;

		if (drained(&up) && opt.shut && !shut) {
			note("end of input, shutting down our half");
			shutdown(fd, SHUT_WR);
			shut = 1;
		}
		ask(&pfd[0], &up, 0);
		ask(&pfd[1], &up, 1);
		ask(&pfd[2], &down, 0);
		ask(&pfd[3], &down, 1);
		/* A reset must not wait for our next write: errors need no asking. */
		if (pfd[1].fd < 0 && pfd[2].fd < 0)
			pfd[1] = (struct pollfd){ .fd = fd };
		n = poll(pfd, 4, opt.timeout_ms);
		if (n < 0 && errno != EINTR)
			die("poll: %s", strerror(errno));
		if (n == 0) {
			fprintf(stderr, "ttpcat: nothing moved for %d s\n", opt.timeout_ms / 1000);
			return -1;
		}
		if (n < 0)
			continue;
		err = pump(&down, ready(&pfd[2]), ready(&pfd[3]));
		if (!err && (pfd[1].revents & POLLERR))
			err = socket_error(fd);
		if (!err)
			err = pump(&up, ready(&pfd[0]), ready(&pfd[1]));
	}
	return err;
}

/* Serves one connection; returns the exit status it deserves. */
static int serve(int fd)
{
	int err = transfer(fd);

	if (err > 0)
		fprintf(stderr, "ttpcat: %s\n", strerror(err));
	if (!err)
		note("connection closed");
	close(fd);
	return err ? 1 : 0;
}

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "tcp", no_argument, NULL, 'T' },
	{ 0 }
};

static int parse_seconds(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n <= 0 || n > 86400)
		die("-w %s: not a number of seconds from 1 to 86400", text);
	return (int)n * 1000;
}

static void parse_options(int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "46hklNp:s:vw:", long_options, NULL)) != -1) {
		switch (c) {
		case '4': opt.family = AF_INET; break;
		case '6': opt.family = AF_INET6; break;
		case 'k': opt.keep = 1; break;
		case 'l': opt.listen = 1; break;
		case 'N': opt.shut = 1; break;
		case 'p': opt.local_port = optarg; break;
		case 's': opt.local_addr = optarg; break;
		case 'v': opt.verbose = 1; break;
		case 'w': opt.timeout_ms = parse_seconds(optarg); break;
		case 'T': opt.tcp = 1; break;
		case 'h': usage(stdout); exit(0);
		default: usage(stderr); exit(2);
		}
	}
}

static void bad_usage(const char *why)
{
	fprintf(stderr, "ttpcat: %s\n", why);
	usage(stderr);
	exit(2);
}

static int run_server(void)
{
	int listener = open_listener();
	int status;

	do {
		status = serve(accept_one(listener));
	} while (opt.keep);
	close(listener);
	return status;
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	argc -= optind;
	argv += optind;
	/* A peer that is gone is an error message, not a silent death. */
	signal(SIGPIPE, SIG_IGN);

	if (opt.keep && !opt.listen)
		bad_usage("-k needs -l");
	if (opt.listen) {
		if (argc > 0 && !opt.local_port)
			opt.local_port = argv[--argc];
		if (argc > 0)
			opt.local_addr = argv[--argc];
		if (argc > 0 || !opt.local_port)
			bad_usage("-l needs one port, and at most one address");
		return run_server();
	}
	if (argc != 2)
		bad_usage("needs a host and a port");
	return serve(dial(argv[0], argv[1]));
}
