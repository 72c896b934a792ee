// SPDX-License-Identifier: GPL-2.0
/*
 * This file has two CPUs take a segment each of the same connection at the same
 * time: the ACK that ends a handshake, and the data behind it.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "peer.h"

#define ROUNDS	300

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
	int round;

	(void)arg;
	pin(1);
	for (round = 1; round <= ROUNDS; round++) {
		while (atomic_load(&begun) < round)
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
static void one_round(int l, unsigned int kport, int round)
{
	struct peer p = peer_new();
	struct seg ack;
	char buf[100];
	int fd;

	p.kport = kport;
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	ack = peer_seg(&p, F_ACK, 0);
	second = peer_seg(&p, F_ACK | F_PSH, sizeof(buf));
	atomic_store(&begun, round);
	peer_xmit(&ack);
	UNTIL(atomic_load(&done) == round);
	fd = OK(accept(l, NULL, NULL));
	if (!tt_poll(fd, POLLIN, TT_DEADLINE))
		FAIL("the data is lost in round %d", round);
	tt_read_all(fd, buf, sizeof(buf));
	CHECK(tt_is_pattern(buf, sizeof(buf), 0));
	tt_abort(fd);
	drain();
}

static void ack_and_data_at_once(void)
{
	struct peer p = peer_new();
	pthread_t thread;
	int l, round;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		tt_skip("one CPU");
	peer_open();
	l = peer_listener(&p);
	pin(0);
	EQ(pthread_create(&thread, NULL, send_second, NULL), 0);
	for (round = 1; round <= ROUNDS; round++)
		one_round(l, p.kport, round);
	EQ(pthread_join(thread, NULL), 0);
}

static const struct tt_test tests[] = {
	TEST(ack_and_data_at_once),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
