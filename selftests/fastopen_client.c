// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the client of Fast Open (RFC 7413): what its SYN carries,
 * and how a program says so; then both ends together.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "fastopen.h"

static void asks_first(void)
{
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	p = peer_new();
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(fo_send(fd, &p, "hello", 5), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	CHECK(fo_find(&s, &c));
	EQ(c.len, 0);
	EQ(s.len, 0);
	fo_answer(&p, &fo_known, 1400, 0);
	peer_expect(&p, F_ACK);
	tt_until_state(fd, TCP_ESTABLISHED);
	EQ(fo_info(fd).tcpi_options & TCPI_OPT_SYN_DATA, 0);
	EQ(fo_failure(fd), 1);
	fo_works(&p, fd);
}

static void data_in_the_syn(void)
{
	struct fo_count active;
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	fo_teach();
	active = fo_count("TtpFastOpenActive");
	p = peer_new();
	fd = tt_socket(SOCK_NONBLOCK);
	EQ(OK(fo_send(fd, &p, "hello", 5)), 5);
	s = peer_expect(&p, F_SYN);
	CHECK(fo_find(&s, &c));
	CHECK(fo_same(&c, &fo_known));
	EQ(s.len, 5);
	CHECK(!memcmp(s.data, "hello", 5));
	fo_answer(&p, NULL, 1400, 0);
	s = peer_expect(&p, F_ACK);
	EQ(s.len, 0);
	tt_until_state(fd, TCP_ESTABLISHED);
	fo_moved(&active, 1);
	CHECK(fo_info(fd).tcpi_options & TCPI_OPT_SYN_DATA);
	EQ(fo_info(fd).tcpi_unacked, 0);
	fo_works(&p, fd);
}

/* The longest cookie beside all other options: 40 bytes. */
static void longest_cookie(void)
{
	static const struct fo_cookie longest = { 16, "0123456789abcdef" };
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	p = peer_new();
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(fo_send(fd, &p, "x", 1), EINPROGRESS);
	peer_expect(&p, F_SYN);
	fo_answer(&p, &longest, 1400, 0);
	peer_expect(&p, F_ACK);
	close(fd);
	p = peer_new();
	fd = tt_socket(SOCK_NONBLOCK);
	EQ(OK(fo_send(fd, &p, "hello", 5)), 5);
	s = peer_expect(&p, F_SYN);
	CHECK(fo_find(&s, &c));
	CHECK(fo_same(&c, &longest));
	EQ(s.opts_len, 40);
	EQ(s.len, 5);
}

/* No more than the peer can take, with all options beside it. */
static void no_more_than_fits(void)
{
	struct peer p;
	struct seg s;
	char buf[2000];
	int fd;

	peer_open();
	fo_teach_mss(700);
	p = peer_new();
	fd = tt_socket(SOCK_NONBLOCK);
	tt_pattern(buf, sizeof(buf), 0);
	EQ(OK(fo_send(fd, &p, buf, sizeof(buf))), 660);
	s = peer_expect(&p, F_SYN);
	EQ(s.len, 660);
	fo_answer(&p, NULL, 700, 0);
	peer_expect(&p, F_ACK);
	fo_works(&p, fd);
}

/* A new cookie takes the place of the old one. */
static void cookie_changes(void)
{
	static const struct fo_cookie other = { 4, { 9, 9, 9, 9 } };
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	fo_teach();
	fd = fo_launch(&p, 10);
	fo_answer(&p, &other, 1400, 10);
	peer_expect_data(&p, 10);
	close(fd);
	p = peer_new();
	fd = tt_socket(SOCK_NONBLOCK);
	EQ(OK(fo_send(fd, &p, "hello", 5)), 5);
	s = peer_expect(&p, F_SYN);
	CHECK(fo_find(&s, &c));
	CHECK(fo_same(&c, &other));
}

/* A cookie that nobody asked for. */
static void cookie_unasked(void)
{
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	p = peer_new();
	fd = peer_syn_sent(&p);
	fo_answer(&p, &fo_known, 1400, 0);
	peer_expect(&p, F_ACK);
	close(fd);
	p = peer_new();
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(fo_send(fd, &p, "hello", 5), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	CHECK(fo_find(&s, &c));
	EQ(c.len, 0);
}

/* TCP_FASTOPEN_CONNECT: connect() returns, the first write sends the SYN. */
static void connect_waits_for_data(void)
{
	struct tt_addr a;
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	fo_teach();
	p = peer_new();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	tt_set(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, 1);
	EQ(tt_get(fd, SOL_TCP, TCP_FASTOPEN_CONNECT), 1);
	EQ(tt_connect(fd, &a), 0);
	EQ(tt_state(fd), TCP_SYN_SENT);
	EQ(tt_poll(fd, POLLOUT, 0), POLLOUT);
	peer_silent(&p, 50);
	FAILS(tt_connect(fd, &a), EISCONN);
	EQ(OK(write(fd, "hello", 5)), 5);
	s = peer_expect(&p, F_SYN);
	EQ(s.len, 5);
	CHECK(fo_find(&s, &c));
	CHECK(fo_same(&c, &fo_known));
	EQ(tt_poll(fd, POLLOUT, 0), 0);
	fo_answer(&p, NULL, 1400, 0);
	peer_expect(&p, F_ACK);
	fo_works(&p, fd);
}

/* Closed, or shut, before the first write: nothing was ever sent. */
static void connect_and_close(void)
{
	struct tt_addr a;
	struct peer p;
	int fd, again;

	peer_open();
	fo_teach();
	p = peer_new();
	a = peer_addr(p.port);
	for (again = 0; again < 2; again++) {
		fd = tt_socket(SOCK_NONBLOCK);
		tt_set(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, 1);
		EQ(tt_connect(fd, &a), 0);
		if (again)
			shutdown(fd, SHUT_RDWR);
		close(fd);
	}
	peer_silent(&p, 100);
	EQ(tt_count_state(TCP_SYN_SENT, 0), 0);
}

/* Without a cookie it asks for one, and connects as always. */
static void connect_without_a_cookie(void)
{
	struct tt_addr a;
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	p = peer_new();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	tt_set(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, 1);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	CHECK(fo_find(&s, &c));
	EQ(c.len, 0);
	fo_answer(&p, &fo_known, 1400, 0);
	peer_expect(&p, F_ACK);
	fo_works(&p, fd);
}

/* The bit 0x4, or TCP_FASTOPEN_NO_COOKIE: data without any option. */
static void without_cookies(void)
{
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int fd;

	fo_begin(5);
	fd = fo_launch(&p, 20);
	fo_answer(&p, NULL, 1400, 0);
	peer_expect(&p, F_ACK);
	CHECK(fo_info(fd).tcpi_options & TCPI_OPT_SYN_DATA);
	fo_works(&p, fd);
	tt_sysctl_set("fastopen", 1);
	p = peer_new();
	fd = tt_socket(SOCK_NONBLOCK);
	tt_set(fd, SOL_TCP, TCP_FASTOPEN_NO_COOKIE, 1);
	EQ(OK(fo_send(fd, &p, "hello", 5)), 5);
	s = peer_expect(&p, F_SYN);
	EQ(s.len, 5);
	CHECK(!fo_find(&s, &c));
}

static void switched_off(void)
{
	struct peer p;
	int fd;

	fo_begin(2);
	p = peer_new();
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(fo_send(fd, &p, "x", 1), EOPNOTSUPP);
	FAILS(setsockopt(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, &(int){ 1 }, 4),
	      EOPNOTSUPP);
	tt_sysctl_set("fastopen", 1);
	FAILS(setsockopt(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, &(int){ 2 }, 4),
	      EINVAL);
}

static void errors(void)
{
	struct tt_addr a;
	struct peer p;
	int fd;

	peer_open();
	p = peer_new();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(send(fd, "x", 1, MSG_FASTOPEN), EINVAL);
	FAILS(sendto(fd, "x", 1, MSG_FASTOPEN, &a.sa, 4), EINVAL);
	a.sa.sa_family = AF_UNSPEC;
	FAILS(sendto(fd, "x", 1, MSG_FASTOPEN, &a.sa, a.len), EOPNOTSUPP);
	FAILS(fo_send(fd, &p, "x", 1), EINPROGRESS);
	peer_expect(&p, F_SYN);
	FAILS(setsockopt(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, &(int){ 1 }, 4),
	      EINVAL);
	fo_answer(&p, &fo_known, 1400, 0);
	peer_expect(&p, F_ACK);
	tt_until_state(fd, TCP_ESTABLISHED);
	a = peer_addr(p.port);
	OK(tt_connect(fd, &a));
	FAILS(fo_send(fd, &p, "x", 1), EISCONN);
	/* what cannot be read is not missed before the handshake is over */
	fd = tt_socket(SOCK_NONBLOCK);
	p = peer_new();
	FAILS(fo_send(fd, &p, NULL, 10), EINPROGRESS);
	EQ(peer_expect(&p, F_SYN).len, 0);
}

struct upload {
	unsigned int port;
	size_t len;
	int fd;
	bool option;
};

static void *upload(void *arg)
{
	struct upload *u = arg;
	struct tt_addr a = tt_loopback(u->port);
	char *buf = calloc(1, u->len);

	tt_pattern(buf, u->len, 0);
	u->fd = tt_socket(0);
	if (u->option) {
		tt_set(u->fd, SOL_TCP, TCP_FASTOPEN_CONNECT, 1);
		OK(tt_connect(u->fd, &a));
		EQ(OK(send(u->fd, buf, u->len, 0)), u->len);
	} else {
		EQ(OK(sendto(u->fd, buf, u->len, MSG_FASTOPEN, &a.sa, a.len)),
		   u->len);
	}
	OK(shutdown(u->fd, SHUT_WR));
	free(buf);
	return NULL;
}

/* A blocking client sends @len bytes; returns whether the SYN had some. */
static bool transfer(int l, unsigned int port, size_t len, bool option)
{
	struct upload u = { .port = port, .len = len, .option = option };
	char *buf = calloc(1, len + 1);
	pthread_t thread;
	bool client, served;
	int fd;

	EQ(pthread_create(&thread, NULL, upload, &u), 0);
	fd = OK(accept(l, NULL, NULL));
	tt_read_all(fd, buf, len);
	CHECK(tt_is_pattern(buf, len, 0));
	EQ(read(fd, buf, 1), 0);
	EQ(pthread_join(thread, NULL), 0);
	client = fo_info(u.fd).tcpi_options & TCPI_OPT_SYN_DATA;
	served = fo_info(fd).tcpi_options & TCPI_OPT_SYN_DATA;
	EQ(client, served);
	close(fd);
	close(u.fd);
	free(buf);
	return client;
}

static void both_ends(void)
{
	struct fo_count active, passive;
	unsigned int port;
	int l;

	tt_sysctl_set("fastopen", 3);
	l = tt_listener(5, &port);
	tt_set(l, SOL_TCP, TCP_FASTOPEN, 5);
	active = fo_count("TtpFastOpenActive");
	passive = fo_count("TtpFastOpenPassive");
	CHECK(!transfer(l, port, 10, false));
	CHECK(transfer(l, port, 10, false));
	CHECK(transfer(l, port, 300000, false));
	CHECK(transfer(l, port, 10, true));
	CHECK(transfer(l, port, 300000, true));
	fo_moved(&active, 4);
	fo_moved(&passive, 4);
	/* a listener that has lost interest */
	tt_set(l, SOL_TCP, TCP_FASTOPEN, 0);
	CHECK(!transfer(l, port, 10, false));
	CHECK(!transfer(l, port, 300000, true));
}

/* Does the SYN to the @i-th address of this host carry data? */
static bool is_known(int l, unsigned int port, unsigned int i)
{
	int fd = tt_socket(SOCK_NONBLOCK);
	struct tt_addr a;
	char text[20];
	long n;

	snprintf(text, sizeof(text), "127.1.%u.%u", i / 200, i % 200 + 1);
	a = tt_parse(text, port);
	n = sendto(fd, "x", 1, MSG_FASTOPEN, &a.sa, a.len);
	if (n < 0)
		EQ(errno, EINPROGRESS);
	EQ(tt_poll(fd, POLLOUT, TT_DEADLINE), POLLOUT);
	tt_abort(OK(accept(l, NULL, NULL)));
	tt_abort(fd);
	return n == 1;
}

/* More servers than are remembered: the latest are. */
static void many_servers(void)
{
	struct tt_addr a = tt_any(0);
	unsigned int i, port, known = 0;
	int l = tt_socket(0);

	tt_sysctl_set("fastopen", 3);
	OK(bind(l, &a.sa, a.len));
	OK(listen(l, 8));
	a = tt_local(l);
	port = tt_port(&a);
	tt_set(l, SOL_TCP, TCP_FASTOPEN, 8);
	for (i = 0; i < 300; i++)
		CHECK(!is_known(l, port, i));
	CHECK(is_known(l, port, 299));
	CHECK(is_known(l, port, 298));
	for (i = 0; i < 300; i++)
		known += is_known(l, port, i);
	CHECK(known < 300);
}

/* Each in a namespace where no cookie is known. */
#define APART(fn)	TEST_FLAGS(fn, TT_PARALLEL)

static const struct tt_test tests[] = {
	APART(asks_first),
	APART(data_in_the_syn),
	APART(longest_cookie),
	APART(no_more_than_fits),
	APART(cookie_changes),
	APART(cookie_unasked),
	APART(connect_waits_for_data),
	APART(connect_and_close),
	APART(connect_without_a_cookie),
	APART(without_cookies),
	APART(switched_off),
	APART(errors),
	APART(both_ends),
	TEST_FLAGS(many_servers, TT_PARALLEL | TT_ONCE | TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
