// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the preload library of ttp_run: its socket() turns IPv4 and
 * IPv6 stream sockets into TTP sockets and passes every other call on.
 *
 * Nothing else needs interposing: a TTP socket takes and returns the addresses
 * and options of TCP; only SO_ZEROCOPY is refused on Linux 6.1, by the kernel, and
 * programs then copy. The system call is made directly, so there is no dlsym()
 * that could fail or run too early.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "family.h"

#define EXPORT __attribute__((visibility("default")))

static int family;

/*
 * Runs before main(), while the environment and /sys are surely as the caller
 * left them: some programs wipe the first and lock themselves out of the second.
 */
__attribute__((constructor)) static void find_family(void)
{
	int saved = errno;

	family = ttp_family();
	errno = saved;
}

static int is_tcp(int domain, int type, int protocol)
{
	if (domain != AF_INET && domain != AF_INET6)
		return 0;
	if ((type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != SOCK_STREAM)
		return 0;
	return protocol == 0 || protocol == IPPROTO_TCP || protocol == IPPROTO_TTP;
}

EXPORT int socket(int domain, int type, int protocol)
{
	if (!is_tcp(domain, type, protocol))
		return (int)syscall(SYS_socket, domain, type, protocol);

	/* Another library's constructor may come before ours. */
	if (!family)
		find_family();
	return (int)syscall(SYS_socket, family, type,
			    domain == AF_INET6 ? TTPPROTO_TTP6 : 0);
}
