// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the server of Fast Open (RFC 7413) against a peer whose
 * segments are written by hand: who gets a cookie, what one is good for, and
 * the life of a connection before its final ACK.
 */
#include <fcntl.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "fastopen.h"

static void a_cookie_for_who_asks(void)
{
	static const struct fo_cookie none;
	struct fo_cookie c, again;
	struct fo_count asked;
	struct peer p;
	struct seg s;
	int l = fo_server(&p, 2, 5), fd;

	asked = fo_count("TtpFastOpenCookieReqd");
	/* whatever data came with the question */
	s = fo_dial(&p, &none, 30);
	EQ(s.len, 0);
	fo_moved(&asked, 1);
	CHECK(fo_find(&s, &c));
	EQ(c.len, 8);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	fo_served(&p, fd);
	/* the same for the same address */
	again = fo_ask(&p);
	CHECK(fo_same(&c, &again));
}

static void nobody_else_gets_one(void)
{
	static const struct fo_cookie none;
	struct fo_cookie c;
	struct peer p, q;
	struct seg s;
	int l = fo_server(&p, 2, 5);

	s = fo_dial(&p, NULL, 0);
	CHECK(!fo_find(&s, &c));
	/* a length that no cookie has is as if there were none */
	q = fo_another(&p);
	s = fo_dial(&q, &(struct fo_cookie){ .len = 2 }, 0);
	CHECK(!fo_find(&s, &c));
	q = fo_another(&p);
	s = fo_dial(&q, &(struct fo_cookie){ .len = 7 }, 0);
	CHECK(!fo_find(&s, &c));
	/* a listener that did not say so does no Fast Open */
	tt_set(l, SOL_TCP, TCP_FASTOPEN, 0);
	q = fo_another(&p);
	s = fo_dial(&q, &none, 0);
	CHECK(!fo_find(&s, &c));
	/* nor does one whose sysctl forbids it */
	tt_set(l, SOL_TCP, TCP_FASTOPEN, 5);
	tt_sysctl_set("fastopen", 1);
	q = fo_another(&p);
	s = fo_dial(&q, &none, 0);
	CHECK(!fo_find(&s, &c));
}

static void opens_at_once(void)
{
	struct fo_count passive;
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int l = fo_server(&p, 2, 5), fd;
	char buf[100];

	c = fo_ask(&p);
	passive = fo_count("TtpFastOpenPassive");
	s = fo_dial(&p, &c, 100);
	EQ(s.len, 100);
	CHECK(!fo_find(&s, &c));
	fo_moved(&passive, 1);
	fd = OK(accept(l, NULL, NULL));
	EQ(tt_state(fd), TCP_SYN_RECV);
	EQ(tt_poll(fd, POLLIN | POLLOUT, 0), POLLIN | POLLOUT);
	tt_read_all(fd, buf, 100);
	CHECK(tt_is_pattern(buf, 100, 0));
	CHECK(fo_info(fd).tcpi_options & TCPI_OPT_SYN_DATA);
	/* and the answer need not wait either */
	tt_write_all(fd, buf, 100);
	peer_expect_data(&p, 100);
	EQ(tt_state(fd), TCP_SYN_RECV);
	peer_send(&p, F_ACK, 0);
	tt_until_state(fd, TCP_ESTABLISHED);
	fo_served(&p, fd);
}

/* The server may speak first when the cookie came alone. */
static void cookie_without_data(void)
{
	struct fo_cookie c;
	struct peer p;
	int l = fo_server(&p, 2, 5), fd;

	c = fo_ask(&p);
	fo_dial(&p, &c, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(tt_state(fd), TCP_SYN_RECV);
	EQ(tt_poll(fd, POLLIN | POLLOUT, 0), POLLOUT);
	EQ(fo_info(fd).tcpi_options & TCPI_OPT_SYN_DATA, 0);
	tt_write_all(fd, "hello", 5);
	peer_expect_data(&p, 5);
	fo_served(&p, fd);
}

static void wrong_cookie(void)
{
	struct fo_cookie c, bad, given;
	struct fo_count fail;
	struct peer p;
	struct seg s;
	int l = fo_server(&p, 2, 5), fd;

	bad = c = fo_ask(&p);
	bad.val[3] ^= 1;
	fail = fo_count("TtpFastOpenPassiveFail");
	s = fo_dial(&p, &bad, 60);
	EQ(s.len, 0);
	fo_moved(&fail, 1);
	/* it gets the right one for next time, and the usual handshake */
	CHECK(fo_find(&s, &given));
	CHECK(fo_same(&c, &given));
	OK(fcntl(l, F_SETFL, O_NONBLOCK));
	FAILS(accept(l, NULL, NULL), EAGAIN);
	peer_send(&p, F_ACK, 0);
	UNTIL(tt_poll(l, POLLIN, 0));
	fd = OK(accept(l, NULL, NULL));
	OK(fcntl(fd, F_SETFL, 0));
	fo_served(&p, fd);
}

/* The client has not seen our SYN+ACK: it may say its SYN again. */
static void syn_again(void)
{
	struct fo_cookie c;
	struct peer p;
	struct seg s, syn, other;
	int l = fo_server(&p, 2, 5), fd, bare;
	uint32_t isn;
	char buf[100];

	c = fo_ask(&p);
	isn = p.snd_nxt;
	fo_dial(&p, &c, 100);
	for (bare = 0; bare < 2; bare++) {
		syn = peer_seg(&p, F_SYN, bare ? 0 : 100);
		syn.seq = isn;
		peer_xmit(&syn);
		do {
			CHECK(peer_poll(&other, TT_DEADLINE));
		} while (other.dport != p.port);
		EQ(other.flags, F_SYN | F_ACK);
		EQ(other.ack, isn + 101);
	}
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	tt_read_all(fd, buf, 100);
	fo_served(&p, fd);
	s = peer_seg(&p, F_ACK, 0);
	peer_xmit(&s);
}

/* Or it never comes back. */
static void synack_is_repeated(void)
{
	struct fo_cookie c;
	struct peer p;
	struct seg s, first;
	int l = fo_server(&p, 2, 5), fd;
	char buf[20];

	c = fo_ask(&p);
	tt_sysctl_set("synack_retries", 1);
	first = fo_dial(&p, &c, 20);
	fd = OK(accept(l, NULL, NULL));
	/* one more than others: the data would be lost with it */
	do {
		CHECK(peer_poll(&s, TT_DEADLINE));
	} while (s.dport != p.port);
	EQ(s.flags, F_SYN | F_ACK);
	EQ(s.seq, first.seq);
	EQ(s.ack, first.ack);
	do {
		CHECK(peer_poll(&s, TT_DEADLINE));
	} while (s.dport != p.port);
	EQ(s.flags, F_SYN | F_ACK);
	tt_read_all(fd, buf, 20);
	FAILS(read(fd, buf, 1), ETIMEDOUT);
	tt_sysctl_set("synack_retries", 5);
}

/* What was sent before the final ACK is repeated after it, and at once. */
static void early_data_lost(void)
{
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int l = fo_server(&p, 2, 5), fd;
	struct fo_count timeouts;
	char buf[100];
	uint32_t iss;

	c = fo_ask(&p);
	s = fo_dial(&p, &c, 0);
	iss = s.seq;
	fd = OK(accept(l, NULL, NULL));
	tt_pattern(buf, 100, 0);
	tt_write_all(fd, buf, 100);
	peer_expect_data(&p, 100);
	/* lost, and the SYN+ACK with it */
	do {
		CHECK(peer_poll(&s, TT_DEADLINE));
	} while (s.dport != p.port);
	EQ(s.flags, F_SYN | F_ACK);
	p.rcv_nxt = iss + 1;
	timeouts = fo_count("TtpTimeouts");
	peer_send(&p, F_ACK, 0);
	peer_expect_data(&p, 100);
	fo_moved(&timeouts, 0);
	fo_served(&p, fd);
}

/* Closed before the final ACK: the FIN goes, all is delivered. */
static void closed_early(void)
{
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int l = fo_server(&p, 2, 5), fd;
	char buf[10];

	c = fo_ask(&p);
	fo_dial(&p, &c, 10);
	fd = OK(accept(l, NULL, NULL));
	tt_read_all(fd, buf, 10);
	tt_write_all(fd, buf, 10);
	peer_expect_data(&p, 10);
	close(fd);
	s = peer_expect(&p, F_FIN | F_ACK);
	EQ(tt_count_state(TCP_FIN_WAIT1, p.kport), 1);
	peer_send(&p, F_ACK, 0);
	UNTIL(tt_count_state(TCP_FIN_WAIT2, p.kport) == 1);
	peer_send(&p, F_FIN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	/* the place is free */
	tt_set(l, SOL_TCP, TCP_FASTOPEN, 1);
	p = fo_another(&p);
	s = fo_dial(&p, &c, 10);
	EQ(s.len, 10);
}

/* Unread data, or the listener's end: a reset. */
static void aborted_early(void)
{
	struct fo_cookie c;
	struct peer p, q;
	int l = fo_server(&p, 2, 5), fd;

	c = fo_ask(&p);
	fo_dial(&p, &c, 10);
	fd = OK(accept(l, NULL, NULL));
	close(fd);
	peer_expect_reset(&p);
	q = fo_another(&p);
	fo_dial(&q, &c, 10);
	close(l);
	peer_expect_reset(&q);
}

/* "Unreachable" does not end what a program has in its hands. */
static void icmp_does_not_abort(void)
{
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int l = fo_server(&p, 2, 5), fd;

	c = fo_ask(&p);
	s = fo_dial(&p, &c, 0);
	fd = OK(accept(l, NULL, NULL));
	s.sport = p.kport;
	s.dport = p.port;
	peer_unreachable(&s);
	fo_served(&p, fd);
}

/* Each in a namespace where no cookie and no key is known. */
#define APART(fn)	TEST_FLAGS(fn, TT_PARALLEL)

static const struct tt_test tests[] = {
	APART(a_cookie_for_who_asks),
	APART(nobody_else_gets_one),
	APART(opens_at_once),
	APART(cookie_without_data),
	APART(wrong_cookie),
	APART(syn_again),
	APART(synack_is_repeated),
	APART(early_data_lost),
	APART(closed_early),
	APART(aborted_early),
	APART(icmp_does_not_abort),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
