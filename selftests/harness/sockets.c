// SPDX-License-Identifier: GPL-2.0
/*
 * This file gives the C selftests their sockets, addresses, and what the
 * kernel tells about them (states, counters, sysctls).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "ttptest.h"

struct tt_addr tt_parse(const char *text, unsigned int port)
{
	struct tt_addr a;

	memset(&a, 0, sizeof(a));
	if (strchr(text, ':')) {
		a.in6.sin6_family = AF_INET6;
		a.in6.sin6_port = htons(port);
		inet_pton(AF_INET6, text, &a.in6.sin6_addr);
		a.len = sizeof(a.in6);
	} else {
		a.in.sin_family = AF_INET;
		a.in.sin_port = htons(port);
		inet_pton(AF_INET, text, &a.in.sin_addr);
		a.len = sizeof(a.in);
	}
	return a;
}

struct tt_addr tt_loopback(unsigned int port)
{
	return tt_parse(tt.v6 ? "::1" : "127.0.0.1", port);
}

struct tt_addr tt_any(unsigned int port)
{
	return tt_parse(tt.v6 ? "::" : "0.0.0.0", port);
}

unsigned int tt_port(const struct tt_addr *a)
{
	return ntohs(a->sa.sa_family == AF_INET6 ? a->in6.sin6_port :
						   a->in.sin_port);
}

struct tt_addr tt_local(int fd)
{
	struct tt_addr a = { .len = sizeof(a.ss) };

	OK(getsockname(fd, &a.sa, &a.len));
	return a;
}

struct tt_addr tt_remote(int fd)
{
	struct tt_addr a = { .len = sizeof(a.ss) };

	OK(getpeername(fd, &a.sa, &a.len));
	return a;
}

bool tt_same_addr(const struct tt_addr *a, const struct tt_addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family || tt_port(a) != tt_port(b))
		return false;
	if (a->sa.sa_family == AF_INET6)
		return !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, 16);
	return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
}

int tt_socket_of(bool v6, int flags)
{
	if (tt.ttp)
		return OK(socket(tt.af, SOCK_STREAM | flags, v6 ? 1 : 0));
	return OK(socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | flags, 0));
}

int tt_socket(int flags)
{
	return tt_socket_of(tt.v6, flags);
}

int tt_bound(unsigned int port)
{
	struct tt_addr a = tt_loopback(port);
	int fd = tt_socket(0);

	OK(bind(fd, &a.sa, a.len));
	return fd;
}

int tt_listener(int backlog, unsigned int *port)
{
	int fd = tt_bound(0);
	struct tt_addr a;

	OK(listen(fd, backlog));
	a = tt_local(fd);
	*port = tt_port(&a);
	return fd;
}

int tt_connect(int fd, const struct tt_addr *a)
{
	return connect(fd, &a->sa, a->len);
}

int tt_dial(unsigned int port)
{
	struct tt_addr a = tt_loopback(port);
	int fd = tt_socket(0);

	OK(tt_connect(fd, &a));
	return fd;
}

void tt_pair(int *client, int *server)
{
	unsigned int port;
	int l = tt_listener(8, &port);

	*client = tt_dial(port);
	*server = OK(accept(l, NULL, NULL));
	close(l);
}

void tt_set(int fd, int level, int name, int value)
{
	OK(setsockopt(fd, level, name, &value, sizeof(value)));
}

int tt_get(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = 0;

	OK(getsockopt(fd, level, name, &value, &len));
	return value;
}

int tt_so_error(int fd)
{
	return tt_get(fd, SOL_SOCKET, SO_ERROR);
}

void tt_abort(int fd)
{
	struct linger l = { .l_onoff = 1, .l_linger = 0 };

	OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	OK(close(fd));
}

/* The events that are there, 0 when none came in time. */
int tt_poll(int fd, int events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return OK(poll(&p, 1, timeout_ms)) ? p.revents : 0;
}

void tt_write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = OK(write(fd, p, len));

		p += n;
		len -= n;
	}
}

void tt_read_all(int fd, void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		ssize_t n = OK(read(fd, p, len));

		if (!n)
			FAIL("end of file, %zu bytes missing", len);
		p += n;
		len -= n;
	}
}

static uint8_t pattern_byte(uint64_t n)
{
	/* no period that a power of two or a segment size could hide */
	return (n * 2654435761u >> 13) ^ (n >> 7);
}

void tt_pattern(void *buf, size_t len, uint64_t offset)
{
	uint8_t *p = buf;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = pattern_byte(offset + i);
}

bool tt_is_pattern(const void *buf, size_t len, uint64_t offset)
{
	const uint8_t *p = buf;
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i] != pattern_byte(offset + i))
			return false;
	return true;
}

int tt_state(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	OK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len));
	return info.tcpi_state;
}

static const char * const state_names[] = {
	[TCP_ESTABLISHED] = "ESTABLISHED", [TCP_SYN_SENT] = "SYN_SENT",
	[TCP_SYN_RECV] = "SYN_RECV", [TCP_FIN_WAIT1] = "FIN_WAIT1",
	[TCP_FIN_WAIT2] = "FIN_WAIT2", [TCP_TIME_WAIT] = "TIME_WAIT",
	[TCP_CLOSE] = "CLOSE", [TCP_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_LAST_ACK] = "LAST_ACK", [TCP_LISTEN] = "LISTEN",
	[TCP_CLOSING] = "CLOSING",
};

const char *tt_state_name(int state)
{
	if (state <= 0 || state >= (int)ARRAY_SIZE(state_names))
		return "no state";
	return state_names[state];
}

void tt_until_state(int fd, int state)
{
	long long end = tt_now_ms() + TT_DEADLINE;

	while (tt_state(fd) != state) {
		if (tt_now_ms() > end)
			FAIL("state is %s, expected %s",
			     tt_state_name(tt_state(fd)), tt_state_name(state));
		tt_pause();
	}
}

static int count_in(const char *path, int state, unsigned int port,
		    unsigned int peer)
{
	FILE *f = fopen(path, "r");
	unsigned int st, lport, rport;
	char line[512];
	int n = 0;

	if (!f)
		FAIL("cannot read %s", path);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%x %x", &lport,
			   &rport, &st) == 3 &&
		    (int)st == state && (!port || port == lport) &&
		    (!peer || peer == rport))
			n++;
	fclose(f);
	return n;
}

int tt_count_conn(int state, unsigned int port, unsigned int peer)
{
	if (tt.v6)
		return count_in(tt.ttp ? "/proc/net/ttp6" : "/proc/net/tcp6",
				state, port, peer);
	return count_in(tt.ttp ? "/proc/net/ttp" : "/proc/net/tcp", state, port,
			peer);
}

int tt_count_state(int state, unsigned int port)
{
	return tt_count_conn(state, port, 0);
}

void tt_proc_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		FAIL("cannot write %s to %s: %s", text, path, strerror(errno));
	close(fd);
}

static void sysctl_path(char *path, size_t len, const char *name)
{
	snprintf(path, len, "/proc/sys/net/%s%s",
		 tt.ttp ? "ttp/" : "ipv4/tcp_", name);
}

long tt_sysctl(const char *name)
{
	char path[128], text[64] = "";
	int fd;

	sysctl_path(path, sizeof(path), name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		FAIL("cannot read %s: %s", path, strerror(errno));
	close(fd);
	return atol(text);
}

void tt_sysctl_set(const char *name, long value)
{
	char path[128], text[32];

	sysctl_path(path, sizeof(path), name);
	snprintf(text, sizeof(text), "%ld", value);
	tt_proc_write(path, text);
}

void tt_sysctl_try(const char *name, long value)
{
	char path[128];

	sysctl_path(path, sizeof(path), name);
	if (!access(path, F_OK))
		tt_sysctl_set(name, value);
}

long long tt_counter(const char *name)
{
	FILE *f = fopen("/proc/net/ttp_snmp", "r");
	long long value, found = -1;
	char key[64];

	if (!f)
		FAIL("cannot read /proc/net/ttp_snmp");
	while (fscanf(f, "%63s %lld", key, &value) == 2)
		if (!strcmp(key, name))
			found = value;
	fclose(f);
	return found;
}
