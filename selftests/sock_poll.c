// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what poll(), select() and epoll say in every state, and
 * that sleepers are woken.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "peer.h"

#define ALL	(POLLIN | POLLPRI | POLLOUT | POLLRDHUP)

static char buf[1 << 16];

static void fill(int fd)
{
	while (send(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	EQ(errno, EAGAIN);
}

static void drain_until_out(int from, int to)
{
	OK(fcntl(from, F_SETFL, O_NONBLOCK));
	UNTIL((read(from, buf, sizeof(buf)), tt_poll(to, POLLOUT, 0)));
}

static void poll_unconnected(void)
{
	EQ(tt_poll(tt_socket(0), ALL, 0), POLLOUT | POLLHUP);
}

static void poll_listener(void)
{
	unsigned int port;
	int l = tt_listener(2, &port);

	EQ(tt_poll(l, ALL, 0), 0);
	tt_dial(port);
	EQ(tt_poll(l, ALL, TT_DEADLINE), POLLIN);
	OK(accept(l, NULL, NULL));
	EQ(tt_poll(l, ALL, 0), 0);
}

static void poll_syn_sent(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = peer_syn_sent(&p);
	EQ(tt_poll(fd, ALL, 50), 0);
	peer_send(&p, F_SYN | F_ACK, 0);
	EQ(tt_poll(fd, ALL, TT_DEADLINE), POLLOUT);
}

static void poll_established(void)
{
	int c, s;

	tt_pair(&c, &s);
	EQ(tt_poll(c, ALL, 0), POLLOUT);
	EQ(tt_poll(s, ALL, 0), POLLOUT);
	EQ(tt_poll(s, POLLIN, 0), 0);
	tt_write_all(c, "x", 1);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	EQ(tt_poll(s, ALL, 0), POLLIN | POLLOUT);
	OK(read(s, buf, 1));
	EQ(tt_poll(s, ALL, 0), POLLOUT);
}

static void poll_send_queue_full(void)
{
	int c, s;

	tt_pair(&c, &s);
	fill(c);
	EQ(tt_poll(c, ALL, 0), 0);
	drain_until_out(s, c);
	EQ(tt_poll(c, ALL, 0), POLLOUT);
}

static void poll_peer_finished(void)
{
	int c, s;

	tt_pair(&c, &s);
	OK(shutdown(c, SHUT_WR));
	/* ours is done, theirs is not */
	UNTIL(tt_poll(s, ALL, 0) == (POLLIN | POLLOUT | POLLRDHUP));
	EQ(tt_state(s), TCP_CLOSE_WAIT);
	tt_until_state(c, TCP_FIN_WAIT2);
	EQ(tt_poll(c, ALL, 0), POLLOUT);
	OK(shutdown(s, SHUT_WR));
	UNTIL(tt_poll(c, ALL, 0) == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP));
	UNTIL(tt_poll(s, ALL, 0) == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP));
}

static void poll_own_shutdown(void)
{
	int c, s;

	tt_pair(&c, &s);
	OK(shutdown(c, SHUT_RD));
	EQ(tt_poll(c, ALL, 0), POLLIN | POLLOUT | POLLRDHUP);
	OK(shutdown(c, SHUT_WR));
	EQ(tt_poll(c, ALL, 0), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
}

static void poll_reset(void)
{
	int c, s;

	tt_pair(&c, &s);
	tt_abort(c);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN | POLLERR | POLLHUP);
	EQ(tt_poll(s, ALL, 0), POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP);
	EQ(tt_so_error(s), ECONNRESET);
	/* reported once */
	EQ(tt_poll(s, ALL, 0), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
}

/* Someone who sleeps in poll() is woken by a connection, data, the end. */
static void sleepers_are_woken(void)
{
	unsigned int port;
	int l = tt_listener(2, &port), c, s;

	if (!OK(fork())) {
		usleep(100000);
		c = tt_dial(port);
		usleep(100000);
		tt_write_all(c, "x", 1);
		usleep(100000);
		OK(shutdown(c, SHUT_WR));
		pause();
	}
	EQ(tt_poll(l, POLLIN, TT_DEADLINE), POLLIN);
	s = OK(accept(l, NULL, NULL));
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	EQ(read(s, buf, 10), 1);
	EQ(tt_poll(s, POLLRDHUP, TT_DEADLINE), POLLRDHUP);
	EQ(read(s, buf, 10), 0);
}

static void writer_is_woken(void)
{
	int c, s;

	tt_pair(&c, &s);
	fill(c);
	if (!OK(fork())) {
		usleep(100000);
		while (read(s, buf, sizeof(buf)) > 0)
			;
		_exit(0);
	}
	EQ(tt_poll(c, POLLOUT, TT_DEADLINE), POLLOUT);
	/* a blocking write gets through, too */
	tt_write_all(c, buf, sizeof(buf));
	tt_write_all(c, buf, sizeof(buf));
}

static int do_select(int fd, bool *r, bool *w)
{
	struct timeval tv = { 0, 0 };
	fd_set rd, wr, ex;
	int n;

	FD_ZERO(&rd);
	FD_ZERO(&wr);
	FD_ZERO(&ex);
	FD_SET(fd, &rd);
	FD_SET(fd, &wr);
	FD_SET(fd, &ex);
	n = OK(select(fd + 1, &rd, &wr, &ex, &tv));
	*r = FD_ISSET(fd, &rd);
	*w = FD_ISSET(fd, &wr);
	CHECK(!FD_ISSET(fd, &ex));
	return n;
}

static void select_sets(void)
{
	bool r, w;
	int c, s;

	tt_pair(&c, &s);
	EQ(do_select(s, &r, &w), 1);
	CHECK(!r && w);
	fill(s);
	EQ(do_select(s, &r, &w), 0);
	tt_write_all(c, "x", 1);
	UNTIL(do_select(s, &r, &w) == 1 && r && !w);
	tt_abort(c);
	UNTIL(do_select(s, &r, &w) == 2 && r && w);
}

struct acceptor {
	int listener, error;
	atomic_bool ended;
	pthread_t thread;
};

static void *accept_last(void *arg)
{
	struct sched_param idle = { 0 };
	struct acceptor *a = arg;
	int fd;

	EQ(pthread_setschedparam(pthread_self(), SCHED_IDLE, &idle), 0);
	fd = accept(a->listener, NULL, NULL);
	a->error = fd < 0 ? errno : 0;
	close(fd);
	a->ended = true;
	return NULL;
}

static void start_acceptor(struct acceptor *a)
{
	a->ended = false;
	EQ(pthread_create(&a->thread, NULL, accept_last, a), 0);
}

#define STEALS	60

/*
 * SO_RCVTIMEO is for the whole of accept(): whoever is woken for a connection
 * that another takes has not gained time. The other wins nearly always here,
 * by its rank on the one CPU that they share; if not, all begins anew.
 */
static void accept_woken_in_vain(void)
{
	struct sched_param first = { .sched_priority = 1 };
	struct timeval tv = { .tv_usec = 300000 };
	struct acceptor a = { 0 };
	unsigned int port;
	cpu_set_t one;
	int i, c, s;

	a.listener = tt_listener(1, &port);
	OK(setsockopt(a.listener, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
	start_acceptor(&a);
	OK(sched_setscheduler(0, SCHED_FIFO, &first));
	for (i = 0; i < STEALS && !a.ended; i++) {
		c = tt_dial(port);
		s = accept4(a.listener, NULL, NULL, SOCK_NONBLOCK);
		close(c);
		if (s >= 0) {
			close(s);
			usleep(20000);
			continue;
		}
		EQ(pthread_join(a.thread, NULL), 0);
		EQ(a.error, 0);
		start_acceptor(&a);
		i = 0;
	}
	if (!a.ended)
		FAIL("woken %d times, and it still waits", STEALS);
	EQ(pthread_join(a.thread, NULL), 0);
	EQ(a.error, EAGAIN);
}

static int epoll_with(int fd, unsigned int events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };
	int ep = OK(epoll_create1(0));

	OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	return ep;
}

/* The events reported, 0 for none. */
static unsigned int epoll_next(int ep, int timeout_ms)
{
	struct epoll_event ev;

	return OK(epoll_wait(ep, &ev, 1, timeout_ms)) ? ev.events : 0;
}

static void epoll_level(void)
{
	int c, s, ep;

	tt_pair(&c, &s);
	ep = epoll_with(s, EPOLLIN | EPOLLRDHUP);
	EQ(epoll_next(ep, 0), 0);
	tt_write_all(c, "xy", 2);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLIN);
	EQ(epoll_next(ep, 0), EPOLLIN);
	OK(read(s, buf, 1));
	EQ(epoll_next(ep, 0), EPOLLIN);
	OK(read(s, buf, 1));
	EQ(epoll_next(ep, 0), 0);
	close(c);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLIN | EPOLLRDHUP);
	EQ(epoll_next(ep, 0), EPOLLIN | EPOLLRDHUP);
}

static void epoll_edge_in(void)
{
	int c, s, ep;

	tt_pair(&c, &s);
	ep = epoll_with(s, EPOLLIN | EPOLLRDHUP | EPOLLET);
	EQ(epoll_next(ep, 0), 0);
	tt_write_all(c, "xy", 2);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLIN);
	/* not again for the same data, read or not */
	EQ(epoll_next(ep, 50), 0);
	OK(read(s, buf, 1));
	EQ(epoll_next(ep, 50), 0);
	/* new data is a new edge, though old data is there */
	tt_write_all(c, "z", 1);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLIN);
	close(c);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLIN | EPOLLRDHUP);
	EQ(epoll_next(ep, 50), 0);
}

static void epoll_edge_out(void)
{
	int c, s, ep;

	tt_pair(&c, &s);
	ep = epoll_with(c, EPOLLOUT | EPOLLET);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLOUT);
	EQ(epoll_next(ep, 50), 0);
	fill(c);
	EQ(epoll_next(ep, 50), 0);
	drain_until_out(s, c);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLOUT);
}

static void epoll_edge_connect(void)
{
	struct peer p = peer_new();
	int fd, ep;

	peer_open();
	fd = peer_syn_sent(&p);
	ep = epoll_with(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	EQ(epoll_next(ep, 50), 0);
	peer_send(&p, F_SYN | F_ACK, 0);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLOUT);
	EQ(epoll_next(ep, 50), 0);
	peer_expect(&p, F_ACK);
	peer_send(&p, F_ACK, 10);
	UNTIL(epoll_next(ep, 0) & EPOLLIN);
	peer_send(&p, F_ACK | F_FIN, 0);
	UNTIL(epoll_next(ep, 0) & EPOLLRDHUP);
}

static void epoll_oneshot(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT };
	int c, s, ep;

	tt_pair(&c, &s);
	ep = epoll_with(s, EPOLLIN | EPOLLONESHOT);
	tt_write_all(c, "x", 1);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLIN);
	tt_write_all(c, "y", 1);
	EQ(epoll_next(ep, 50), 0);
	OK(epoll_ctl(ep, EPOLL_CTL_MOD, s, &ev));
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLIN);
}

static void epoll_listener(void)
{
	unsigned int port;
	int l = tt_listener(4, &port), ep;

	OK(fcntl(l, F_SETFL, O_NONBLOCK));
	ep = epoll_with(l, EPOLLIN | EPOLLET);
	EQ(epoll_next(ep, 0), 0);
	tt_dial(port);
	tt_dial(port);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLIN);
	EQ(epoll_next(ep, 50), 0);
	OK(accept(l, NULL, NULL));
	OK(accept(l, NULL, NULL));
	FAILS(accept(l, NULL, NULL), EAGAIN);
	tt_dial(port);
	EQ(epoll_next(ep, TT_DEADLINE), EPOLLIN);
}

static void epoll_reset(void)
{
	int c, s, ep;

	tt_pair(&c, &s);
	ep = epoll_with(s, EPOLLIN | EPOLLRDHUP | EPOLLET);
	tt_abort(c);
	EQ(epoll_next(ep, TT_DEADLINE),
	   EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP);
	FAILS(read(s, buf, 1), ECONNRESET);
	EQ(read(s, buf, 1), 0);
}

/* SO_RCVLOWAT: not readable before so much is there, unless it ends. */
static void rcvlowat(void)
{
	int c, s;

	tt_pair(&c, &s);
	tt_set(s, SOL_SOCKET, SO_RCVLOWAT, 4);
	tt_write_all(c, "abc", 3);
	EQ(tt_poll(s, POLLIN, 50), 0);
	tt_write_all(c, "d", 1);
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
	EQ(read(s, buf, 10), 4);
	tt_write_all(c, "e", 1);
	EQ(tt_poll(s, POLLIN, 50), 0);
	OK(shutdown(c, SHUT_WR));
	EQ(tt_poll(s, POLLIN, TT_DEADLINE), POLLIN);
}

static const struct tt_test tests[] = {
	TEST(poll_unconnected),
	TEST(poll_listener),
	TEST(poll_syn_sent),
	TEST(poll_established),
	TEST(poll_send_queue_full),
	TEST(poll_peer_finished),
	TEST(poll_own_shutdown),
	TEST(poll_reset),
	TEST(sleepers_are_woken),
	TEST(writer_is_woken),
	TEST(accept_woken_in_vain),
	TEST(select_sets),
	TEST(epoll_level),
	TEST(epoll_edge_in),
	TEST(epoll_edge_out),
	TEST(epoll_edge_connect),
	TEST(epoll_oneshot),
	TEST(epoll_listener),
	TEST(epoll_reset),
	TEST(rcvlowat),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
