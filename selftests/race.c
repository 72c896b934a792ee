// SPDX-License-Identifier: GPL-2.0
/*
 * This file has two CPUs take a segment each of the same connection at the same
 * time: the ACK that ends a handshake, and what is right behind it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "peer.h"

#define ROUNDS	600
#define BYTES	100

/* What the other thread is to send, in the round that has begun. */
static struct seg second;
static atomic_int begun, done;

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	OK(sched_setaffinity(0, sizeof(set), &set));
}

/* A write to a TUN device is a packet's way in, on the CPU of the writer. */
static void *send_second(void *arg)
{
	volatile int later;
	int round;

	(void)arg;
	pin(1);
	for (round = 1; round <= ROUNDS; round++) {
		while (atomic_load(&begun) < round)
			;
		/* each round a little later, to meet what is short */
		for (later = round % 150 * 200; later; later--)
			;
		peer_xmit(&second);
		atomic_store(&done, round);
	}
	return NULL;
}

static void drain(void)
{
	struct seg s;

	while (peer_poll(&s, 0))
		;
}

/* The peer sends nothing again, so what is lost stays lost. */
static void one_round(unsigned int kport, int round, unsigned int flags,
		      unsigned int len)
{
	struct peer p = peer_new();
	struct seg ack;

	p.kport = kport;
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	ack = peer_seg(&p, F_ACK, 0);
	second = peer_seg(&p, flags, len);
	atomic_store(&begun, round);
	peer_xmit(&ack);
	UNTIL(atomic_load(&done) == round);
	drain();
}

static void got_data(int fd, int round)
{
	char buf[BYTES];

	if (!tt_poll(fd, POLLIN, TT_DEADLINE))
		FAIL("the data is lost in round %d", round);
	tt_read_all(fd, buf, sizeof(buf));
	CHECK(tt_is_pattern(buf, sizeof(buf), 0));
}

static void at_once(unsigned int flags, unsigned int len)
{
	struct peer p = peer_new();
	pthread_t thread;
	int l, fd, round;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		tt_skip("one CPU");
	peer_open();
	l = peer_listener(&p);
	OK(fcntl(l, F_SETFL, O_NONBLOCK));
	pin(0);
	EQ(pthread_create(&thread, NULL, send_second, NULL), 0);
	for (round = 1; round <= ROUNDS; round++) {
		one_round(p.kport, round, flags, len);
		fd = accept(l, NULL, NULL);
		if (len)
			got_data(OK(fd), round);
		else if (fd >= 0 && tt_so_error(fd) != ECONNRESET)
			FAIL("the reset is lost in round %d", round);
		if (fd >= 0)
			tt_abort(fd);
		drain();
	}
	EQ(pthread_join(thread, NULL), 0);
}

static void ack_and_data(void)	{ at_once(F_ACK | F_PSH, BYTES); }
static void ack_and_reset(void)	{ at_once(F_RST, 0); }

static const struct tt_test tests[] = {
	TEST(ack_and_data),
	TEST(ack_and_reset),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
