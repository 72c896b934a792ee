// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests listen(), accept() and connect(): blocking, non-blocking,
 * interrupted, refused, to oneself, of both ends at once, and undone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include "peer.h"

static void echo_once(int a, int b)
{
	char buf[4] = "";

	tt_write_all(a, "ping", 4);
	tt_read_all(b, buf, 4);
	CHECK(!memcmp(buf, "ping", 4));
	tt_write_all(b, "pong", 4);
	tt_read_all(a, buf, 4);
	CHECK(!memcmp(buf, "pong", 4));
}

static void listen_rules(void)
{
	int fd = tt_socket(0), c, s;
	struct tt_addr a;

	/* an unbound socket gets a port */
	OK(listen(fd, 1));
	a = tt_local(fd);
	CHECK(tt_port(&a));
	EQ(tt_get(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
	EQ(tt_state(fd), TCP_LISTEN);
	OK(listen(fd, 5));
	tt_pair(&c, &s);
	FAILS(listen(c, 1), EINVAL);
}

static void accept_rules(void)
{
	struct tt_addr a, b, peer = { .len = 4 };
	unsigned int port;
	int fd, l = tt_listener(4, &port), c, s;

	fd = tt_socket(0);
	FAILS(accept(fd, NULL, NULL), EINVAL);
	FAILS(accept4(l, NULL, NULL, 0x40), EINVAL);
	OK(fcntl(l, F_SETFL, O_NONBLOCK));
	FAILS(accept(l, NULL, NULL), EAGAIN);

	c = tt_dial(port);
	peer.len = sizeof(peer.ss);
	s = OK(accept4(l, &peer.sa, &peer.len, SOCK_NONBLOCK | SOCK_CLOEXEC));
	a = tt_local(c);
	b = tt_remote(s);
	CHECK(tt_same_addr(&peer, &a));
	CHECK(tt_same_addr(&a, &b));
	EQ(peer.len, a.len);
	a = tt_remote(c);
	b = tt_local(s);
	CHECK(tt_same_addr(&a, &b));
	CHECK(fcntl(s, F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(s, F_GETFD) & FD_CLOEXEC);

	/* the flags of the listener are not inherited */
	tt_dial(port);
	s = OK(accept(l, NULL, NULL));
	CHECK(!(fcntl(s, F_GETFL) & O_NONBLOCK));
	CHECK(!(fcntl(s, F_GETFD) & FD_CLOEXEC));
}

static void accept_times_out(void)
{
	struct timeval tv = { .tv_usec = 200000 };
	unsigned int port;
	int l = tt_listener(1, &port);
	long long t0 = tt_now_ms();

	OK(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	FAILS(accept(l, NULL, NULL), EAGAIN);
	if (tt_now_ms() - t0 < 100)
		FAIL("ended after %lld ms", tt_now_ms() - t0);
}

static void connect_blocking(void)
{
	unsigned int port;
	int l = tt_listener(1, &port), c, s;
	struct tt_addr a = tt_any(port), b;

	/* the unspecified address means this host */
	c = tt_socket(0);
	OK(tt_connect(c, &a));
	s = OK(accept(l, NULL, NULL));
	a = tt_remote(c);
	b = tt_loopback(port);
	CHECK(tt_same_addr(&a, &b));
	echo_once(c, s);
	FAILS(tt_connect(c, &b), EISCONN);
	FAILS(tt_connect(l, &b), EISCONN);
}

static void connect_nonblocking(void)
{
	unsigned int port;
	int l = tt_listener(1, &port), fd;
	struct tt_addr a = tt_loopback(port);

	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	EQ(tt_poll(fd, POLLOUT, TT_DEADLINE), POLLOUT);
	EQ(tt_so_error(fd), 0);
	OK(tt_connect(fd, &a));
	FAILS(tt_connect(fd, &a), EISCONN);
	echo_once(fd, OK(accept(l, NULL, NULL)));
}

static void connect_already(void)
{
	struct peer p = peer_new();
	struct tt_addr a;
	int fd;

	peer_open();
	a = peer_addr(p.port);
	fd = peer_syn_sent(&p);
	OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	FAILS(tt_connect(fd, &a), EALREADY);
	FAILS(tt_connect(fd, &a), EALREADY);
	EQ(tt_state(fd), TCP_SYN_SENT);
	EQ(tt_poll(fd, POLLIN | POLLOUT, 0), 0);
	FAILS(send(fd, "x", 1, 0), EAGAIN);
	FAILS(recv(fd, &a, 1, 0), EAGAIN);
	peer_send(&p, F_SYN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	OK(tt_connect(fd, &a));
	FAILS(tt_connect(fd, &a), EISCONN);
}

static void nothing(int sig)
{
	(void)sig;
}

/* A child that interrupts its parent again and again until killed. */
static pid_t interrupter(int sig)
{
	pid_t parent = getpid(), pid = OK(fork());

	while (!pid) {
		usleep(50000);
		kill(parent, sig);
	}
	return pid;
}

/* A signal ends the call but not the attempt (POSIX connect). */
static void connect_interrupted(void)
{
	struct sigaction sa = { .sa_handler = nothing };
	struct peer p = peer_new();
	struct tt_addr a;
	pid_t pid;
	int fd;

	peer_open();
	a = peer_addr(p.port);
	OK(sigaction(SIGUSR1, &sa, NULL));
	fd = tt_socket(0);
	pid = interrupter(SIGUSR1);
	FAILS(tt_connect(fd, &a), EINTR);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	EQ(tt_state(fd), TCP_SYN_SENT);
	peer_expect(&p, F_SYN);
	peer_send(&p, F_SYN | F_ACK, 0);
	EQ(tt_poll(fd, POLLOUT, TT_DEADLINE), POLLOUT);
	EQ(tt_so_error(fd), 0);
	OK(tt_connect(fd, &a));
	FAILS(tt_connect(fd, &a), EISCONN);
}

/* SO_SNDTIMEO bounds a blocking connect; the attempt goes on. */
static void connect_times_out(void)
{
	struct timeval tv = { .tv_usec = 150000 };
	struct peer p = peer_new();
	struct tt_addr a;
	int fd;

	peer_open();
	a = peer_addr(p.port);
	fd = tt_socket(0);
	OK(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	peer_expect(&p, F_SYN);
	peer_send(&p, F_SYN | F_ACK, 0);
	EQ(tt_poll(fd, POLLOUT, TT_DEADLINE), POLLOUT);
	EQ(tt_state(fd), TCP_ESTABLISHED);
}

/* Claim 35. The socket may try again elsewhere afterwards. */
static void connect_refused(void)
{
	unsigned int port;
	int l = tt_listener(1, &port), fd = tt_socket(0);
	struct tt_addr a = tt_loopback(port);

	close(l);
	FAILS(tt_connect(fd, &a), ECONNREFUSED);
	EQ(tt_so_error(fd), 0);
	EQ(tt_state(fd), TCP_CLOSE);
	l = tt_listener(1, &port);
	a = tt_loopback(port);
	OK(tt_connect(fd, &a));
	echo_once(fd, OK(accept(l, NULL, NULL)));
}

static void connect_refused_nonblocking(void)
{
	unsigned int port;
	int l = tt_listener(1, &port), fd = tt_socket(SOCK_NONBLOCK);
	struct tt_addr a = tt_loopback(port);

	close(l);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	EQ(tt_poll(fd, POLLIN | POLLOUT | POLLRDHUP, TT_DEADLINE),
	   POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP);
	EQ(tt_so_error(fd), ECONNREFUSED);
	EQ(tt_so_error(fd), 0);
	FAILS(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
}

static void connect_bad_address(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct tt_addr a = tt_loopback(7100);
	int fd = tt_socket(0);

	FAILS(connect(fd, &a.sa, 1), EINVAL);
	FAILS(connect(fd, &a.sa, tt.v6 ? 20 : 15), EINVAL);
	FAILS(connect(fd, (struct sockaddr *)&un, sizeof(un)), EAFNOSUPPORT);
	a = tt_parse(tt.v6 ? "2001:db8::1" : "192.0.2.1", 7100);
	FAILS(tt_connect(fd, &a), ENETUNREACH);
	if (!tt.v6) {
		a = tt_parse("::1", 7100);
		FAILS(tt_connect(fd, &a), EAFNOSUPPORT);
	}
}

/* A bound port is the source port; the tuple may exist only once. */
/* What connect() has not begun to change, it does not give back. */
static void bad_connect_keeps_port(void)
{
	int fd = tt_bound(0), c;
	struct tt_addr a = tt_loopback(9), before = tt_local(fd), after;

	FAILS(connect(fd, &a.sa, 8), EINVAL);
	a.sa.sa_family = AF_UNIX;
	FAILS(tt_connect(fd, &a), EAFNOSUPPORT);
	after = tt_local(fd);
	CHECK(tt_same_addr(&before, &after));
	OK(listen(fd, 1));
	c = tt_dial(tt_port(&before));
	echo_once(c, OK(accept(fd, NULL, NULL)));
}

static void connect_from_bound_port(void)
{
	unsigned int port;
	struct tt_addr from = tt_loopback(7102), to, got;
	int l = tt_listener(4, &port), one = tt_socket(0), two = tt_socket(0);

	to = tt_loopback(port);
	tt_set(one, SOL_SOCKET, SO_REUSEADDR, 1);
	tt_set(two, SOL_SOCKET, SO_REUSEADDR, 1);
	OK(bind(one, &from.sa, from.len));
	OK(bind(two, &from.sa, from.len));
	OK(tt_connect(one, &to));
	got = tt_remote(OK(accept(l, NULL, NULL)));
	CHECK(tt_same_addr(&got, &from));
	FAILS(tt_connect(two, &to), EADDRNOTAVAIL);
}

static void connect_to_self(void)
{
	int fd = tt_bound(7103);
	struct tt_addr a = tt_loopback(7103), b, c;
	char buf[8] = "";

	OK(tt_connect(fd, &a));
	EQ(tt_state(fd), TCP_ESTABLISHED);
	b = tt_local(fd);
	c = tt_remote(fd);
	CHECK(tt_same_addr(&b, &c));
	tt_write_all(fd, "to self", 7);
	tt_read_all(fd, buf, 7);
	CHECK(!strcmp(buf, "to self"));
	OK(shutdown(fd, SHUT_WR));
	EQ(read(fd, buf, 8), 0);
}

/* Claim 17, with every segment in the test's hands. */
static void simultaneous_open(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = peer_syn_sent(&p);
	/* our SYN, which acknowledges nothing, crosses the kernel's */
	peer_send(&p, F_SYN, 0);
	p.synced = false;
	peer_expect(&p, F_SYN | F_ACK);
	EQ(tt_state(fd), TCP_SYN_RECV);
	p.snd_nxt--;
	peer_send(&p, F_SYN | F_ACK, 0);
	tt_until_state(fd, TCP_ESTABLISHED);
	EQ(tt_poll(fd, POLLOUT, TT_DEADLINE), POLLOUT);
	tt_write_all(fd, "hello", 5);
	peer_expect_data(&p, 5);
	peer_send(&p, F_ACK, 5);
	CHECK(tt_poll(fd, POLLIN, TT_DEADLINE) & POLLIN);
}

static void v4_mapped_connect(void)
{
	struct tt_addr mapped = tt_parse("::ffff:127.0.0.1", 7104), got;
	struct tt_addr lo4 = tt_parse("127.0.0.1", 7104);
	int l = tt_socket_of(false, 0), fd = tt_socket_of(true, 0), s;

	OK(bind(l, &lo4.sa, lo4.len));
	OK(listen(l, 1));
	OK(tt_connect(fd, &mapped));
	s = OK(accept(l, NULL, NULL));
	EQ(tt_remote(s).sa.sa_family, AF_INET);
	got = tt_remote(fd);
	CHECK(tt_same_addr(&got, &mapped));
	echo_once(fd, s);

	fd = tt_socket_of(true, 0);
	tt_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	FAILS(tt_connect(fd, &mapped), ENETUNREACH);
}

static void v4_client_of_v6_listener(void)
{
	struct tt_addr any = tt_parse("::", 7105), got;
	struct tt_addr lo4 = tt_parse("127.0.0.1", 7105);
	int l = tt_socket_of(true, 0), c = tt_socket_of(false, 0), s;

	OK(bind(l, &any.sa, any.len));
	OK(listen(l, 1));
	OK(tt_connect(c, &lo4));
	s = OK(accept(l, NULL, NULL));
	got = tt_remote(s);
	EQ(got.sa.sa_family, AF_INET6);
	CHECK(IN6_IS_ADDR_V4MAPPED(&got.in6.sin6_addr));
	echo_once(c, s);
	close(l);

	l = tt_socket_of(true, 0);
	tt_set(l, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	any = tt_parse("::", 7106);
	lo4 = tt_parse("127.0.0.1", 7106);
	OK(bind(l, &any.sa, any.len));
	OK(listen(l, 1));
	c = tt_socket_of(false, 0);
	FAILS(tt_connect(c, &lo4), ECONNREFUSED);
}

static void disconnect_by_unspec(void)
{
	struct sockaddr un = { .sa_family = AF_UNSPEC };
	unsigned int port;
	int l = tt_listener(2, &port), c = tt_dial(port), s;
	struct tt_addr a = tt_loopback(port);
	char buf[4];

	s = OK(accept(l, NULL, NULL));
	OK(connect(c, &un, sizeof(un)));
	EQ(tt_state(c), TCP_CLOSE);
	FAILS(getpeername(c, &a.sa, &a.len), ENOTCONN);
	FAILS(read(s, buf, 4), ECONNRESET);
	a = tt_loopback(port);
	OK(tt_connect(c, &a));
	echo_once(c, OK(accept(l, NULL, NULL)));

	/* a listener becomes an ordinary socket again */
	OK(connect(l, &un, sizeof(un)));
	FAILS(accept(l, NULL, NULL), EINVAL);
}

static int count_accepts(int l)
{
	int n = 0;

	while (accept(l, NULL, NULL) >= 0)
		n++;
	EQ(errno, EAGAIN);
	return n;
}

/*
 * Claim 15. Linux TCP takes one connection more than the length says; no more
 * must ever wait, and the others get their turn by repetition.
 */
static void backlog_of(int backlog, int bound)
{
	int l, fds[8], i, n = 0, first, clients = bound + 3;
	unsigned int port;
	struct tt_addr a;

	/* a cookie leaves no request that could repeat its SYN+ACK */
	tt_sysctl_try("syncookies", 0);
	l = tt_listener(backlog, &port);
	OK(fcntl(l, F_SETFL, O_NONBLOCK));
	a = tt_loopback(port);
	for (i = 0; i < clients; i++) {
		fds[i] = tt_socket(SOCK_NONBLOCK);
		FAILS(tt_connect(fds[i], &a), EINPROGRESS);
	}
	usleep(100000);
	first = count_accepts(l);
	if (first < bound || first > bound + 1)
		FAIL("%d connections waited, expected %d or one more", first,
		     bound);
	n = first;
	UNTIL((n += count_accepts(l)) == clients);
	for (i = 0; i < clients; i++)
		EQ(tt_state(fds[i]), TCP_ESTABLISHED);
}

static void backlog_bounds_queue(void)
{
	backlog_of(2, 2);
}

static void somaxconn_bounds_queue(void)
{
	tt_proc_write("/proc/sys/net/core/somaxconn", "1");
	backlog_of(100, 1);
	tt_proc_write("/proc/sys/net/core/somaxconn", "4096");
}

/* A wake-up for everyone who waits in accept(), not only the first. */
static void accept_wakes_all(void)
{
	unsigned int port;
	int l = tt_listener(8, &port), i, status;

	for (i = 0; i < 3; i++)
		if (!OK(fork()))
			_exit(accept(l, NULL, NULL) < 0);
	for (i = 0; i < 3; i++)
		tt_dial(port);
	for (i = 0; i < 3; i++) {
		OK(wait(&status));
		EQ(status, 0);
	}
}

static const struct tt_test tests[] = {
	TEST(listen_rules),
	TEST(accept_rules),
	TEST(accept_times_out),
	TEST(accept_wakes_all),
	TEST(backlog_bounds_queue),
	TEST(somaxconn_bounds_queue),
	TEST(connect_blocking),
	TEST(connect_nonblocking),
	TEST(connect_already),
	TEST(connect_interrupted),
	TEST(connect_times_out),
	TEST(connect_refused),
	TEST(connect_refused_nonblocking),
	TEST(connect_bad_address),
	TEST(bad_connect_keeps_port),
	TEST(connect_from_bound_port),
	TEST(connect_to_self),
	TEST(simultaneous_open),
	TEST_FLAGS(v4_mapped_connect, TT_ONCE),
	TEST_FLAGS(v4_client_of_v6_listener, TT_ONCE),
	TEST(disconnect_by_unspec),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
