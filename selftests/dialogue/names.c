// SPDX-License-Identifier: GPL-2.0
/*
 * This file knows the words of the language: states, errors, flags, ICMP
 * messages, socket options, addresses.
 */
#include <netinet/tcp.h>
#include <netinet/ip.h>
#include <linux/errqueue.h>

#include "dlg.h"

static const char * const states[] = {
	[TCP_ESTABLISHED] = "ESTABLISHED", [TCP_SYN_SENT] = "SYN-SENT",
	[TCP_SYN_RECV] = "SYN-RECEIVED", [TCP_FIN_WAIT1] = "FIN-WAIT-1",
	[TCP_FIN_WAIT2] = "FIN-WAIT-2", [TCP_TIME_WAIT] = "TIME-WAIT",
	[TCP_CLOSE] = "CLOSED", [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
	[TCP_LAST_ACK] = "LAST-ACK", [TCP_LISTEN] = "LISTEN",
	[TCP_CLOSING] = "CLOSING",
};

int dlg_state(const char *name)
{
	size_t i;

	for (i = 1; i < ARRAY_SIZE(states); i++)
		if (!strcmp(states[i], name))
			return i;
	return -1;
}

const char *dlg_state_name(int state)
{
	if (state <= 0 || state >= (int)ARRAY_SIZE(states))
		return "no state";
	return states[state];
}

#define E(name) { #name, name }

static const struct {
	const char *name;
	int value;
} errnos[] = {
	E(EAGAIN), E(EINPROGRESS), E(EALREADY), E(EISCONN), E(ENOTCONN),
	E(ECONNREFUSED), E(ECONNRESET), E(ECONNABORTED), E(EPIPE),
	E(ETIMEDOUT), E(EHOSTUNREACH), E(ENETUNREACH), E(ENOPROTOOPT),
	E(EPROTO), E(EINVAL), E(EADDRINUSE), E(EADDRNOTAVAIL), E(EOPNOTSUPP),
	E(ENOBUFS), E(EACCES),
};

int dlg_errno(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errnos); i++)
		if (!strcmp(errnos[i].name, name))
			return errnos[i].value;
	return -1;
}

const char *dlg_errno_name(int err)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].value == err)
			return errnos[i].name;
	return err ? strerror(err) : "0";
}

int dlg_flag(const char *name, size_t len)
{
	static const char * const flags[] = {
		"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (strlen(flags[i]) == len && !memcmp(flags[i], name, len))
			return 1 << i;
	return -1;
}

/* RFC 792 and RFC 4443; where IPv6 has no such message, what comes nearest. */
const struct dlg_icmp dlg_icmps[] = {
	{ "net-unreachable", { 3, 1 }, { 0, 0 } },
	{ "host-unreachable", { 3, 1 }, { 1, 3 } },
	{ "protocol-unreachable", { 3, 4 }, { 2, 1 } },
	{ "port-unreachable", { 3, 1 }, { 3, 4 } },
	{ "source-route-failed", { 3, 1 }, { 5, 0 } },
	{ "prohibited", { 3, 1 }, { 13, 1 } },
	{ "source-quench", { 4, -1 }, { 0, -1 } },
	{ "time-exceeded", { 11, 3 }, { 0, 0 } },
	{ "parameter-problem", { 12, 4 }, { 0, 0 } },
	{ NULL, { 0, 0 }, { 0, 0 } },
};

int dlg_icmp(const char *name)
{
	int i;

	for (i = 0; dlg_icmps[i].name; i++)
		if (!strcmp(dlg_icmps[i].name, name))
			return i;
	return -1;
}

#define SOCKET(name) { #name, { SOL_SOCKET, SOL_SOCKET }, \
		       { SO_##name, SO_##name } }
#define TRANSPORT(name) { #name, { IPPROTO_TCP, IPPROTO_TCP }, \
			  { TCP_##name, TCP_##name } }
#define IP(name, name4, name6) { #name, { IPPROTO_IP, IPPROTO_IPV6 }, \
				 { name4, name6 } }

static const struct dlg_sockopt sockopts[] = {
	SOCKET(ERROR), SOCKET(KEEPALIVE), SOCKET(RCVBUF), SOCKET(SNDBUF),
	SOCKET(OOBINLINE), SOCKET(LINGER), SOCKET(REUSEADDR),
	TRANSPORT(NODELAY), TRANSPORT(CORK), TRANSPORT(QUICKACK),
	TRANSPORT(KEEPIDLE), TRANSPORT(KEEPINTVL), TRANSPORT(KEEPCNT),
	TRANSPORT(USER_TIMEOUT), TRANSPORT(SYNCNT), TRANSPORT(MAXSEG),
	TRANSPORT(LINGER2), TRANSPORT(DEFER_ACCEPT), TRANSPORT(WINDOW_CLAMP),
	IP(TOS, IP_TOS, IPV6_TCLASS), IP(TTL, IP_TTL, IPV6_UNICAST_HOPS),
	IP(RECVERR, IP_RECVERR, IPV6_RECVERR),
};

const struct dlg_sockopt *dlg_sockopt(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sockopts); i++)
		if (!strcmp(sockopts[i].name, name))
			return &sockopts[i];
	return NULL;
}

const char *dlg_address(const char *word)
{
	if (!strcmp(word, "group"))
		return tt.v6 ? "ff02::1" : "224.0.0.1";
	if (!strcmp(word, "broadcast"))
		return tt.v6 ? "ff02::1" : "255.255.255.255";
	if (!strcmp(word, "subnet-broadcast"))
		return tt.v6 ? "ff02::1" : "10.254.0.255";
	if (!strcmp(word, "loopback"))
		return tt.v6 ? "::1" : "127.0.0.1";
	if (!strcmp(word, "nobody"))
		return tt.v6 ? "::" : "0.0.0.0";
	return NULL;
}
