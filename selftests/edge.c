// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests that the right edge of the receive window never moves left,
 * whatever becomes of the buffer, and whatever the unit of the field is.
 */
#include <stdlib.h>
#include <unistd.h>

#include "hear.h"

#define LIMIT	"/proc/sys/net/ttp/netns_mem"

static char buf[1 << 17];

static void set_limit(unsigned int min, unsigned int pressure, unsigned int max)
{
	char text[48];

	if (!tt.ttp)
		return;
	snprintf(text, sizeof(text), "%u %u %u", min, pressure, max);
	tt_proc_write(LIMIT, text);
}

/* As much as there is; returns where the reader is then. */
static uint32_t read_some(int fd, uint32_t at, size_t most)
{
	ssize_t n = recv(fd, buf, most, MSG_DONTWAIT);

	if (n <= 0)
		return at;
	CHECK(tt_is_pattern(buf, n, at));
	return at + n;
}

/* All of it, up to what was last promised: no byte is lost. */
static void send_the_rest(struct peer *p, int fd, uint32_t reader)
{
	uint32_t sent = heard.edge - heard.base, at;

	while (reader < sent) {
		at = heard.ack - heard.base;
		if (at < sent)
			hear_send(p, at, sent - at < 1400 ? sent - at : 1400);
		hear(p, 2);
		reader = read_some(fd, reader, sizeof(buf) < sent - reader ?
				   sizeof(buf) : sent - reader);
	}
}

#define NR_OPS	600

static void anything(int wscale)
{
	uint32_t reader = 0, at;
	unsigned int seed = 4711, i;
	struct peer p;
	int fd;

	fd = hear_dial(&p, 0, wscale);
	srandom(seed);
	for (i = 0; i < NR_OPS; i++) {
		unsigned int len = 1 + random() % (random() % 4 ? 1400 : 20);

		at = heard.ack - heard.base;
		switch (random() % 12) {
		case 0 ... 4:			/* in order */
			break;
		case 5 ... 7:			/* behind a hole */
			at += random() % 20000;
			break;
		case 8 ... 9:
			reader = read_some(fd, reader, random() % 30000);
			continue;
		case 10:
			tt_set(fd, SOL_SOCKET, SO_RCVBUF,
			       2000 + random() % (i % 2 ? 3000 : 40000));
			continue;
		case 11:
			set_limit(4, 8, 4 + random() % 40);
			continue;
		}
		if ((int32_t)(heard.edge - heard.base - at - len) >= 0)
			hear_send(&p, at, len);
		hear(&p, 2);
	}
	set_limit(10000, 10000, 10000);
	send_the_rest(&p, fd, reader);
}

static void never_moves_left(void)
{
	anything(-1);
}

static void never_moves_left_scaled(void)
{
	anything(7);
	CHECK(heard.shift > 0);
}

#define BYTES	40	/* and as many delayed ACKs */

/*
 * The buffer holds more than it should, and ACKs come for less than a unit of
 * the field: each has to round, and none may round down.
 */
static void single_bytes_into_a_full_buffer(void)
{
	uint32_t at = 0, before, first;
	struct peer p;
	int fd, i;

	fd = hear_dial(&p, 0, 7);
	CHECK(heard.shift > 0);
	for (; at < 30000; at += 1000)
		hear_send(&p, at, 1000);
	UNTIL(hear_acked(&p, heard.base + at));
	tt_set(fd, SOL_SOCKET, SO_RCVBUF, 1);
	first = heard.edge;
	for (i = 0; i < BYTES; i++) {
		before = heard.edge;
		hear_send(&p, at++, 1);
		UNTIL(hear_acked(&p, heard.base + at));
		/* and no further than the field needs */
		CHECK(heard.edge - before < 1u << heard.shift);
	}
	CHECK(heard.edge - first < BYTES + (1u << heard.shift));
	send_the_rest(&p, fd, 0);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(never_moves_left, TT_OWN_NET),
	TEST_FLAGS(never_moves_left_scaled, TT_OWN_NET),
	TEST_FLAGS(single_bytes_into_a_full_buffer, TT_OWN_NET),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
