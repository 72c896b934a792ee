// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests Fast Open where something is lacking: room in the SYN for
 * all that a program sends at once, and memory for a connection's place in
 * the listener's queue.
 */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "fastopen.h"
#include "faults.h"
#include "ksyms.h"

#define MUCH	20000
#define MSS	1000
#define FITS	(MSS - 40)	/* room is left for all options */

static char buf[MUCH], want[MUCH];

struct sender {
	int fd;
	const struct peer *p;
	long sent;
	int error;
	int done;
};

static void *send_much(void *arg)
{
	struct sender *s = arg;

	s->sent = fo_send(s->fd, s->p, want, MUCH);
	s->error = errno;
	__atomic_store_n(&s->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static bool sent(struct sender *s)
{
	return __atomic_load_n(&s->done, __ATOMIC_ACQUIRE);
}

/* All that the kernel sends, acknowledged as it comes, is the rest. */
static void takes(struct peer *p, size_t from)
{
	while (from < MUCH) {
		struct seg s = peer_expect(p, F_ACK);

		CHECK(s.len <= MSS && from + s.len <= MUCH);
		CHECK(tt_is_pattern(s.data, s.len, from));
		from += s.len;
		if (s.len)
			peer_send(p, F_ACK, 0);
	}
}

/* A blocking program waits until the rest may go, and for nothing else. */
static void rest_waits(unsigned int refuse)
{
	struct sender s = { .fd = tt_socket(0) };
	struct peer p, seen;
	pthread_t thread;
	struct seg syn;

	peer_open();
	fo_teach_mss(MSS);
	seen = p = peer_new();
	s.p = &seen;
	tt_pattern(want, MUCH, 0);
	tt_set(s.fd, SOL_SOCKET, SO_SNDBUF, 4 * MUCH);
	EQ(pthread_create(&thread, NULL, send_much, &s), 0);
	syn = peer_expect(&p, F_SYN);
	EQ(syn.len, FITS);
	CHECK(tt_is_pattern(syn.data, FITS, 0));
	/* not before the SYN+ACK, and nobody has been told of success */
	peer_silent(&p, 200);
	CHECK(!sent(&s));
	fo_answer(&p, NULL, MSS, refuse);
	takes(&p, FITS - refuse);
	EQ(pthread_join(thread, NULL), 0);
	EQ(s.sent, MUCH);
}

static void rest_waits_for_the_answer(void)
{
	rest_waits(0);
}

static void refused_and_rest(void)
{
	rest_waits(FITS);
}

/* What was in the SYN is gone with it, and the program hears of all. */
static void rest_is_refused(void)
{
	struct sender s = { .fd = tt_socket(0) };
	struct peer p, seen;
	pthread_t thread;

	peer_open();
	fo_teach_mss(MSS);
	seen = p = peer_new();
	s.p = &seen;
	EQ(pthread_create(&thread, NULL, send_much, &s), 0);
	peer_expect(&p, F_SYN);
	peer_send(&p, F_RST | F_ACK, 0);
	EQ(pthread_join(thread, NULL), 0);
	EQ(s.sent, -1);
	EQ(s.error, ECONNREFUSED);
}

/* Until then there is room for nothing more. */
static void second_write(void)
{
	struct peer p;
	int fd;

	peer_open();
	fo_teach_mss(MSS);
	p = peer_new();
	fd = tt_socket(SOCK_NONBLOCK);
	tt_pattern(want, MUCH, 0);
	EQ(OK(fo_send(fd, &p, want, MUCH)), FITS);
	peer_expect(&p, F_SYN);
	FAILS(send(fd, want + FITS, 100, 0), EAGAIN);
	FAILS(fo_send(fd, &p, want + FITS, 100), EALREADY);
	EQ(tt_poll(fd, POLLOUT, 0), 0);
	fo_answer(&p, NULL, MSS, 0);
	EQ(tt_poll(fd, POLLOUT, TT_DEADLINE), POLLOUT);
	OK(fcntl(fd, F_SETFL, 0));
	peer_expect(&p, F_ACK);
	tt_write_all(fd, want + FITS, 100);
	peer_expect_data(&p, 100);
}

/* Who finds no memory is served like any other, and no place is lost. */
static void no_memory_for_a_place(void)
{
	unsigned long start, end;
	struct fo_count fail, passive;
	struct fo_cookie c, given;
	struct peer p, q;
	struct seg s;
	int l, fd;

	faults_need();
	ksyms_read();
	ksym_range("ttp_fast_take", &start, &end);
	CHECK(start);
	l = fo_server(&p, 2, 1);
	c = fo_ask(&p);
	fail = fo_count("TtpFastOpenPassiveFail");
	passive = fo_count("TtpFastOpenPassive");
	faults_below(start, end);
	faults_arm(FAULT_SLAB, 100, 1);
	s = fo_dial(&p, &c, 100);
	EQ(faults_left(FAULT_SLAB), 0);
	faults_off();
	EQ(s.len, 0);
	fo_moved(&fail, 1);
	fo_moved(&passive, 0);
	/* it may try again with the same cookie */
	CHECK(fo_find(&s, &given) && fo_same(&given, &c));
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	fo_served(&p, fd);
	/* the only place is free */
	q = fo_another(&p);
	s = fo_dial(&q, &c, 100);
	EQ(s.len, 100);
	fo_moved(&passive, 1);
	fd = OK(accept(l, NULL, NULL));
	tt_read_all(fd, buf, 100);
	CHECK(tt_is_pattern(buf, 100, 0));
}

static const struct tt_test tests[] = {
	TEST_FLAGS(rest_waits_for_the_answer, TT_OWN_NET),
	TEST_FLAGS(refused_and_rest, TT_OWN_NET),
	TEST_FLAGS(rest_is_refused, TT_OWN_NET),
	TEST_FLAGS(second_write, TT_OWN_NET),
	TEST_FLAGS(no_memory_for_a_place, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
