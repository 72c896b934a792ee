// SPDX-License-Identifier: GPL-2.0
/*
 * This file checks which socket() calls the preload library turns into TTP ones.
 *
 * It runs with TTP_FAMILY=1, as every kernel has AF_UNIX, and AF_UNIX happens to
 * take the protocol numbers 0 and 1 that TTP takes: a socket of that domain shows
 * that the library stepped in.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
	const char *name;
	int domain, type, protocol;
	int result;		/* the domain of the socket, or -errno */
} cases[] = {
	{ "v4", AF_INET, SOCK_STREAM, 0, AF_UNIX },
	{ "v4_tcp", AF_INET, SOCK_STREAM, IPPROTO_TCP, AF_UNIX },
	{ "v4_ttp", AF_INET, SOCK_STREAM, 253, AF_UNIX },
	{ "v6", AF_INET6, SOCK_STREAM, 0, AF_UNIX },
	{ "v6_tcp", AF_INET6, SOCK_STREAM, IPPROTO_TCP, AF_UNIX },
	{ "v4_nonblock", AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0, AF_UNIX },
	{ "v4_cloexec", AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP, AF_UNIX },
	{ "v6_both", AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, AF_UNIX },
	{ "v4_udp", AF_INET, SOCK_DGRAM, 0, AF_INET },
	{ "v6_udp", AF_INET6, SOCK_DGRAM, IPPROTO_UDP, AF_INET6 },
	{ "v4_stream_udp", AF_INET, SOCK_STREAM, IPPROTO_UDP, -EPROTONOSUPPORT },
	{ "netlink", AF_NETLINK, SOCK_RAW, 0, AF_NETLINK },
	{ "bad_domain", 200, SOCK_STREAM, 0, -EAFNOSUPPORT },
};

static int try_one(int domain, int type, int protocol)
{
	int got = 0, fd = socket(domain, type, protocol);
	socklen_t len = sizeof(got);

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &got, &len) < 0)
		got = -errno;
	if (!!(type & SOCK_NONBLOCK) != !!(fcntl(fd, F_GETFL) & O_NONBLOCK))
		got = -EBADF;
	if (!!(type & SOCK_CLOEXEC) != !!(fcntl(fd, F_GETFD) & FD_CLOEXEC))
		got = -EBADF;
	close(fd);
	return got;
}

int main(void)
{
	int failed = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int got = try_one(cases[i].domain, cases[i].type, cases[i].protocol);

		if (got == cases[i].result)
			continue;
		printf("# %s: %d instead of %d\n", cases[i].name, got, cases[i].result);
		failed = 1;
	}
	return failed;
}
