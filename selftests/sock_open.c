// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests socket(), bind() and the rules by which two sockets may or
 * may not have the same port.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <linux/ttp.h>

#include "ttptest.h"

static void socket_types(void)
{
	int fd = tt_socket(0), flags;

	EQ(tt_get(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
	EQ(tt_get(fd, SOL_SOCKET, SO_DOMAIN), tt.v6 ? AF_INET6 : AF_INET);
	EQ(tt_get(fd, SOL_SOCKET, SO_PROTOCOL),
	   tt.ttp ? IPPROTO_TTP : IPPROTO_TCP);
	EQ(tt_get(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	EQ(tt_get(fd, SOL_SOCKET, SO_ERROR), 0);

	fd = tt_socket(SOCK_NONBLOCK | SOCK_CLOEXEC);
	flags = OK(fcntl(fd, F_GETFL));
	CHECK(flags & O_NONBLOCK);
	flags = OK(fcntl(fd, F_GETFD));
	CHECK(flags & FD_CLOEXEC);
}

static void socket_bad_arguments(void)
{
	int good = tt.ttp ? 0 : IPPROTO_TCP;

	FAILS(socket(tt.af, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
	FAILS(socket(tt.af, SOCK_STREAM, 200), EPROTONOSUPPORT);
	FAILS(socket(tt.af, SOCK_SEQPACKET, good), ESOCKTNOSUPPORT);
	FAILS(socket(tt.af, SOCK_RDM, good), ESOCKTNOSUPPORT);
	FAILS(socket(tt.af, 15, good), EINVAL);
	CHECK(socket(tt.af, SOCK_STREAM, -1) < 0);
	CHECK(errno == EINVAL || errno == EPROTONOSUPPORT);
	CHECK(socket(tt.af, SOCK_STREAM, 1 << 20) < 0);
	CHECK(errno == EINVAL || errno == EPROTONOSUPPORT);
}

/* The argument 253 means the same as 0; there are no datagrams. */
static void socket_protocol_253(void)
{
	struct tt_addr a = tt_parse("127.0.0.1", 0);
	int fd = OK(socket(tt.af, SOCK_STREAM, IPPROTO_TTP));

	OK(bind(fd, &a.sa, a.len));
	EQ(tt_get(fd, SOL_SOCKET, SO_DOMAIN), AF_INET);
	FAILS(socket(tt.af, SOCK_DGRAM, 0), ESOCKTNOSUPPORT);
	FAILS(socket(tt.af, SOCK_RAW, 0), ESOCKTNOSUPPORT);
}

static void socketpair_refused(void)
{
	int fds[2];

	FAILS(socketpair(tt.af, SOCK_STREAM, 0, fds), EOPNOTSUPP);
}

static void local_port_range(unsigned int *low, unsigned int *high)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");

	CHECK(f && fscanf(f, "%u %u", low, high) == 2);
	fclose(f);
}

static void bind_port_zero(void)
{
	unsigned int low, high;
	struct tt_addr a, b;
	int one, two;

	local_port_range(&low, &high);
	one = tt_bound(0);
	two = tt_bound(0);
	a = tt_local(one);
	b = tt_local(two);
	CHECK(tt_port(&a) >= low && tt_port(&a) <= high);
	CHECK(tt_port(&b) >= low && tt_port(&b) <= high);
	CHECK(tt_port(&a) != tt_port(&b));
}

static void bind_gives_name(void)
{
	struct tt_addr want = tt_loopback(7001), got;
	int fd = tt_socket(0);

	got = tt_local(fd);
	want = tt_any(0);
	CHECK(tt_same_addr(&got, &want));
	EQ(got.len, want.len);
	want = tt_loopback(7001);
	OK(bind(fd, &want.sa, want.len));
	got = tt_local(fd);
	CHECK(tt_same_addr(&got, &want));
	FAILS(getpeername(fd, &got.sa, &got.len), ENOTCONN);
}

/* A short buffer gets what fits, and the length that would have been needed. */
static void getsockname_truncates(void)
{
	struct tt_addr a = tt_loopback(7002);
	unsigned char buf[4] = { 0, 0, 0xee, 0xee };
	socklen_t len = 2;
	int fd = tt_socket(0);

	OK(bind(fd, &a.sa, a.len));
	OK(getsockname(fd, (struct sockaddr *)buf, &len));
	EQ(len, a.len);
	EQ(*(sa_family_t *)buf, a.sa.sa_family);
	EQ(buf[2], 0xee);
	len = -1;
	FAILS(getsockname(fd, &a.sa, &len), EINVAL);
}

static void bind_twice(void)
{
	struct tt_addr a = tt_loopback(7004);
	int fd = tt_bound(7003);

	FAILS(bind(fd, &a.sa, a.len), EINVAL);
}

static void bind_bad_address(void)
{
	struct tt_addr a = tt_loopback(7005);
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = tt_socket(0);

	FAILS(bind(fd, &a.sa, 2), EINVAL);
	FAILS(bind(fd, &a.sa, tt.v6 ? 20 : 15), EINVAL);
	FAILS(bind(fd, (struct sockaddr *)&un, sizeof(un)), EAFNOSUPPORT);
	a = tt_parse(tt.v6 ? "127.0.0.1" : "::1", 7005);
	FAILS(bind(fd, &a.sa, sizeof(a.in6)), EAFNOSUPPORT);
	a = tt_parse(tt.v6 ? "2001:db8::1" : "192.0.2.1", 7005);
	FAILS(bind(fd, &a.sa, a.len), EADDRNOTAVAIL);
	a = tt_parse(tt.v6 ? "ff02::1" : "224.0.0.1", 7005);
	if (tt.v6)
		FAILS(bind(fd, &a.sa, a.len), EINVAL);
	/* still usable after all that */
	a = tt_loopback(7005);
	OK(bind(fd, &a.sa, a.len));
}

/* Ports below ip_unprivileged_port_start want CAP_NET_BIND_SERVICE. */
static void bind_privileged(void)
{
	struct tt_addr a = tt_loopback(80);
	int fd;

	fd = tt_socket(0);
	OK(bind(fd, &a.sa, a.len));
	close(fd);
	OK(seteuid(65534));
	fd = tt_socket(0);
	FAILS(bind(fd, &a.sa, a.len), EACCES);
	a = tt_loopback(1024);
	OK(bind(fd, &a.sa, a.len));
}

/* The protocols have port spaces of their own (claim 7). */
static void bind_beside_tcp_and_udp(void)
{
	struct tt_addr a = tt_loopback(7006);
	int tcp = OK(socket(a.sa.sa_family, SOCK_STREAM, 0));
	int udp = OK(socket(a.sa.sa_family, SOCK_DGRAM, 0));

	OK(bind(tcp, &a.sa, a.len));
	OK(listen(tcp, 1));
	OK(bind(udp, &a.sa, a.len));
	OK(listen(tt_bound(7006), 1));
}

static int try_bind(const struct tt_addr *a, int option, bool v6only)
{
	bool v6 = a->sa.sa_family == AF_INET6;
	int fd = tt_socket_of(v6, 0), err;

	if (option)
		tt_set(fd, SOL_SOCKET, option, 1);
	if (v6)
		tt_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, v6only);
	if (!bind(fd, &a->sa, a->len))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static void bind_in_use(void)
{
	struct tt_addr a = tt_loopback(7010), any = tt_any(7010);
	int fd = OK(try_bind(&a, 0, false));

	FAILS(try_bind(&a, 0, false), EADDRINUSE);
	FAILS(try_bind(&any, 0, false), EADDRINUSE);
	/* both must want it */
	FAILS(try_bind(&a, SO_REUSEADDR, false), EADDRINUSE);
	close(fd);
	fd = OK(try_bind(&any, 0, false));
	FAILS(try_bind(&a, 0, false), EADDRINUSE);
	close(fd);
	OK(try_bind(&a, 0, false));
}

static void bind_other_address_same_port(void)
{
	struct tt_addr a = tt_parse("127.0.0.1", 7011);
	struct tt_addr b = tt_parse("127.0.0.2", 7011);

	OK(listen(OK(try_bind(&a, 0, false)), 1));
	OK(listen(OK(try_bind(&b, 0, false)), 1));
}

static void reuseaddr_without_listener(void)
{
	struct tt_addr a = tt_loopback(7012), any = tt_any(7012);
	int one = OK(try_bind(&a, SO_REUSEADDR, false));
	int two = OK(try_bind(&a, SO_REUSEADDR, false));

	OK(try_bind(&any, SO_REUSEADDR, false));
	OK(listen(one, 1));
	/* only one of them may listen, and then nobody else may bind */
	FAILS(listen(two, 1), EADDRINUSE);
	FAILS(try_bind(&a, SO_REUSEADDR, false), EADDRINUSE);
	close(one);
	OK(listen(two, 1));
}

static void reuseport_shares(void)
{
	struct tt_addr a = tt_loopback(7013);
	int one = OK(try_bind(&a, SO_REUSEPORT, false));
	int two = OK(try_bind(&a, SO_REUSEPORT, false));
	int i, got[2] = { 0, 0 };

	FAILS(try_bind(&a, 0, false), EADDRINUSE);
	FAILS(try_bind(&a, SO_REUSEADDR, false), EADDRINUSE);
	OK(listen(one, 64));
	OK(listen(two, 64));
	OK(fcntl(one, F_SETFL, O_NONBLOCK));
	OK(fcntl(two, F_SETFL, O_NONBLOCK));
	for (i = 0; i < 40; i++)
		tt_dial(7013);
	while (accept(one, NULL, NULL) >= 0)
		got[0]++;
	while (accept(two, NULL, NULL) >= 0)
		got[1]++;
	EQ(got[0] + got[1], 40);
	if (!got[0] || !got[1])
		FAIL("one of two listeners got all: %d and %d", got[0], got[1]);
}

/* Another user may not share the port (it could steal connections). */
static void reuseport_other_user(void)
{
	struct tt_addr a = tt_loopback(7014);

	OK(try_bind(&a, SO_REUSEPORT, false));
	OK(setreuid(65534, 65534));
	FAILS(try_bind(&a, SO_REUSEPORT, false), EADDRINUSE);
}

/* Claim 25: TIME_WAIT keeps a port, unless SO_REUSEADDR is set. */
static void bind_over_time_wait(void)
{
	unsigned int port = tt.v6 ? 7115 : 7015;
	struct tt_addr a = tt_loopback(port);
	int l = OK(try_bind(&a, SO_REUSEADDR, false)), client, server;
	char c;

	OK(listen(l, 1));
	client = tt_dial(port);
	server = OK(accept(l, NULL, NULL));
	close(l);
	close(server);
	EQ(read(client, &c, 1), 0);
	close(client);
	UNTIL(tt_count_state(TCP_TIME_WAIT, port) == 1);
	FAILS(try_bind(&a, 0, false), EADDRINUSE);
	l = OK(try_bind(&a, SO_REUSEADDR, false));
	close(l);
	a = tt_any(port);
	FAILS(try_bind(&a, 0, false), EADDRINUSE);
	l = OK(try_bind(&a, SO_REUSEADDR, false));
	OK(listen(l, 1));
	tt_dial(port);
}

/* An established connection holds its port, unless SO_REUSEADDR is set. */
static void bind_over_established(void)
{
	struct tt_addr a = tt_loopback(7016);
	int l = OK(try_bind(&a, SO_REUSEADDR, false));

	OK(listen(l, 1));
	tt_dial(7016);
	OK(accept(l, NULL, NULL));
	close(l);
	FAILS(try_bind(&a, 0, false), EADDRINUSE);
	l = OK(try_bind(&a, SO_REUSEADDR, false));
	OK(listen(l, 1));
}

static void v6only_rules(void)
{
	struct tt_addr any6 = tt_parse("::", 7020);
	struct tt_addr any4 = tt_parse("0.0.0.0", 7020);
	struct tt_addr lo4 = tt_parse("127.0.0.1", 7020);
	int fd = OK(try_bind(&any6, 0, false));

	FAILS(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 }, 4), EINVAL);
	FAILS(try_bind(&any4, 0, false), EADDRINUSE);
	FAILS(try_bind(&lo4, 0, false), EADDRINUSE);
	close(fd);
	fd = OK(try_bind(&any6, 0, true));
	EQ(tt_get(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
	close(OK(try_bind(&any4, 0, false)));
	OK(try_bind(&lo4, 0, false));
	FAILS(try_bind(&any6, 0, true), EADDRINUSE);
}

static void v4_mapped_bind(void)
{
	struct tt_addr mapped = tt_parse("::ffff:127.0.0.1", 7021);
	struct tt_addr lo4 = tt_parse("127.0.0.1", 7021), got;
	struct tt_addr lo6 = tt_parse("::1", 7021);
	int fd = OK(try_bind(&mapped, 0, false));

	got = tt_local(fd);
	CHECK(tt_same_addr(&got, &mapped));
	FAILS(try_bind(&lo4, 0, false), EADDRINUSE);
	OK(try_bind(&lo6, 0, false));
	close(fd);
	FAILS(try_bind(&mapped, 0, true), EINVAL);
}

static const struct tt_test tests[] = {
	TEST(socket_types),
	TEST(socket_bad_arguments),
	TEST_FLAGS(socket_protocol_253, TT_ONCE | TT_TTP_ONLY),
	TEST_FLAGS(socketpair_refused, TT_ONCE),
	TEST(bind_port_zero),
	TEST(bind_gives_name),
	TEST(getsockname_truncates),
	TEST(bind_twice),
	TEST(bind_bad_address),
	TEST(bind_privileged),
	TEST_FLAGS(bind_beside_tcp_and_udp, TT_TTP_ONLY),
	TEST(bind_in_use),
	TEST_FLAGS(bind_other_address_same_port, TT_ONCE),
	TEST(reuseaddr_without_listener),
	TEST(reuseport_shares),
	TEST(reuseport_other_user),
	TEST(bind_over_time_wait),
	TEST(bind_over_established),
	TEST_FLAGS(v6only_rules, TT_ONCE),
	TEST_FLAGS(v4_mapped_bind, TT_ONCE),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
