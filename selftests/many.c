// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests numbers: many connections at once and one after another,
 * ports that run out, and the TIME_WAIT entries that are left.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "ttptest.h"

#define AT_ONCE		200
#define IN_A_ROW	600
#define FEW_PORTS	10

static char buf[1024];

static void allow_descriptors(int n)
{
	struct rlimit rl = { n, n };

	OK(setrlimit(RLIMIT_NOFILE, &rl));
}

/* Claim 37: the epoll server. Ends when @clients have come and gone. */
static void epoll_echo_server(int l, int clients)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = l }, got[64];
	int ep = OK(epoll_create1(0)), n, i;

	OK(epoll_ctl(ep, EPOLL_CTL_ADD, l, &ev));
	while (clients) {
		n = OK(epoll_wait(ep, got, 64, TT_DEADLINE));
		CHECK(n > 0);
		for (i = 0; i < n; i++) {
			int fd = got[i].data.fd;
			ssize_t len;

			if (fd == l) {
				ev.data.fd = OK(accept(l, NULL, NULL));
				OK(epoll_ctl(ep, EPOLL_CTL_ADD, ev.data.fd, &ev));
				continue;
			}
			len = OK(read(fd, buf, sizeof(buf)));
			if (len) {
				tt_write_all(fd, buf, len);
			} else {
				OK(close(fd));
				clients--;
			}
		}
	}
}

static int ended_time_waits(void)
{
	return tt.ttp ? tt_counter("TtpTw") + tt_counter("TtpTwReused") : 0;
}

static void many_at_once(void)
{
	int l, i, status, fds[AT_ONCE];
	unsigned int port;
	char got[100];

	allow_descriptors(1024);
	/*
	 * On a slow machine a FIN is repeated, acknowledged twice, and the
	 * second ACK finds nobody: that RST would end TIME_WAIT.
	 */
	tt_sysctl_try("rfc1337", 1);
	l = tt_listener(AT_ONCE, &port);
	if (!OK(fork())) {
		epoll_echo_server(l, AT_ONCE);
		_exit(0);
	}
	for (i = 0; i < AT_ONCE; i++)
		fds[i] = tt_dial(port);
	UNTIL(tt_count_state(TCP_ESTABLISHED, 0) == 2 * AT_ONCE);
	for (i = 0; i < AT_ONCE; i++) {
		tt_pattern(got, sizeof(got), i);
		tt_write_all(fds[i], got, sizeof(got));
	}
	for (i = 0; i < AT_ONCE; i++) {
		tt_read_all(fds[i], got, sizeof(got));
		CHECK(tt_is_pattern(got, sizeof(got), i));
		OK(close(fds[i]));
	}
	OK(wait(&status));
	EQ(status, 0);
	UNTIL(tt_count_state(TCP_ESTABLISHED, 0) == 0);
	/* who closed first waits: all the clients */
	UNTIL(tt_count_state(TCP_TIME_WAIT, 0) + ended_time_waits() == AT_ONCE);
}

/* The closer alternates, and so does who has TIME_WAIT. */
static void many_in_a_row(void)
{
	long long opens = tt.ttp ? tt_counter("TtpActiveOpens") : 0;
	unsigned int port;
	int l, i, c, s;

	/* the first is still there when a slow machine comes to the last */
	tt_sysctl_try("tw_timeout", 600);
	tt_sysctl_try("rfc1337", 1);
	l = tt_listener(8, &port);
	for (i = 0; i < IN_A_ROW; i++) {
		c = tt_dial(port);
		s = OK(accept(l, NULL, NULL));
		tt_write_all(c, "?", 1);
		tt_read_all(s, buf, 1);
		tt_write_all(s, "!", 1);
		tt_read_all(c, buf, 1);
		if (i % 2) {
			close(c);
			EQ(read(s, buf, 1), 0);
			close(s);
		} else {
			close(s);
			EQ(read(c, buf, 1), 0);
			close(c);
		}
	}
	if (tt.ttp)
		EQ(tt_counter("TtpActiveOpens") - opens, IN_A_ROW);
	/*
	 * On a slow machine the first have ended already. Kernel TCP lets its
	 * clients on loopback reuse them.
	 */
	UNTIL(tt_count_state(TCP_TIME_WAIT, 0) + ended_time_waits() >=
	      (tt.ttp ? IN_A_ROW : 1));
	EQ(tt_count_state(TCP_ESTABLISHED, 0), 0);
}

/* Aborted ones leave nothing behind. */
static void many_aborted(void)
{
	unsigned int port;
	int l, i, s;

	l = tt_listener(8, &port);
	for (i = 0; i < 200; i++) {
		int c = tt_dial(port);

		s = OK(accept(l, NULL, NULL));
		tt_abort(i % 2 ? c : s);
		FAILS(read(i % 2 ? s : c, buf, 1), ECONNRESET);
		close(i % 2 ? s : c);
	}
	EQ(tt_count_state(TCP_TIME_WAIT, 0), 0);
	UNTIL(tt_count_state(TCP_ESTABLISHED, 0) == 0);
}

static void few_ports(void)
{
	tt_proc_write("/proc/sys/net/ipv4/ip_local_port_range", "40000 40009");
}

/* Close a connection to @l, the client first, whichever accept() gives it. */
static void close_both(int l, int client)
{
	struct tt_addr me = tt_local(client), its;
	int s;

	tt_sysctl_try("rfc1337", 1);	/* as above: no RST ends TIME_WAIT */
	do {
		s = OK(accept(l, NULL, NULL));
		its = tt_remote(s);
	} while (!tt_same_addr(&me, &its));
	close(client);
	EQ(read(s, buf, 1), 0);
	close(s);
}

/* Claims 24 and 38: the tuple is what counts. */
static void ports_run_out(void)
{
	unsigned int port, other;
	int l, l2, i, fds[FEW_PORTS];
	struct tt_addr a;

	l = tt_listener(64, &port);
	l2 = tt_listener(64, &other);
	few_ports();
	a = tt_loopback(port);
	for (i = 0; i < FEW_PORTS; i++)
		fds[i] = tt_dial(port);
	FAILS(tt_connect(tt_socket(0), &a), EADDRNOTAVAIL);
	/* the same ports serve for another destination */
	for (i = 0; i < FEW_PORTS; i++)
		tt_dial(other);
	/* TIME_WAIT keeps its port (unless tw_reuse), a reset gives it back */
	tt_sysctl_set("tw_reuse", 0);
	close_both(l, fds[0]);
	UNTIL(tt_count_state(TCP_TIME_WAIT, 0) == 1);
	FAILS(tt_connect(tt_socket(0), &a), EADDRNOTAVAIL);
	tt_abort(fds[1]);
	tt_dial(port);
	tt_sysctl_set("tw_reuse", 2);
	close(l2);
}

static void ports_to_bind_run_out(void)
{
	struct tt_addr a = tt_loopback(0);
	int i;

	few_ports();
	for (i = 0; i < FEW_PORTS; i++)
		tt_bound(0);
	FAILS(bind(tt_socket(0), &a.sa, a.len), EADDRINUSE);
}

/* One server port, more connections than there are ports. */
static void more_than_ports(void)
{
	struct tt_addr any = tt_parse("0.0.0.0", 7300), to, from;
	int l = tt_socket(0), i, host, fd;
	char text[32];

	OK(bind(l, &any.sa, any.len));
	OK(listen(l, 128));
	few_ports();
	to = tt_parse("127.0.0.1", 7300);
	for (host = 2; host < 5; host++) {
		snprintf(text, sizeof(text), "127.0.0.%d", host);
		from = tt_parse(text, 0);
		for (i = 0; i < FEW_PORTS; i++) {
			fd = tt_socket(0);
			/* which port, is decided by the destination */
			tt_set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
			OK(bind(fd, &from.sa, from.len));
			OK(tt_connect(fd, &to));
		}
	}
	EQ(tt_count_state(TCP_ESTABLISHED, 7300), 3 * FEW_PORTS);
}

/* With a short 2MSL they go by themselves, and the ports are free again. */
static void time_waits_end(void)
{
	unsigned int port;
	int l, i, c, s;

	tt_sysctl_set("tw_timeout", 2);
	l = tt_listener(64, &port);
	few_ports();
	for (i = 0; i < FEW_PORTS; i++) {
		c = tt_dial(port);
		s = OK(accept(l, NULL, NULL));
		close(c);
		EQ(read(s, buf, 1), 0);
		close(s);
	}
	UNTIL(tt_count_state(TCP_TIME_WAIT, 0) == 0);
	for (i = 0; i < FEW_PORTS; i++)
		tt_dial(port);
}

#define APART(fn)	TEST_FLAGS(fn, TT_PARALLEL | TT_SLOW)

static const struct tt_test tests[] = {
	APART(many_at_once),
	APART(many_in_a_row),
	APART(many_aborted),
	APART(ports_run_out),
	APART(ports_to_bind_run_out),
	TEST_FLAGS(more_than_ports, TT_PARALLEL | TT_ONCE),
	TEST_FLAGS(time_waits_end, TT_PARALLEL | TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
