// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what happens when memory is short: data is squeezed, given
 * up behind holes, refused last; and a namespace has no more than it may have.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "drops.h"
#include "hear.h"

#define SMALL	100
#define LIMIT	"/proc/sys/net/ttp/netns_mem"
#define PAGES	"TtpMemoryPages"

static char buf[1 << 17], want[1 << 17];

static void own_network(void)
{
	OK(unshare(CLONE_NEWNET));
	tt_run("ip link set lo up");
}

static void read_from(int fd, uint32_t at, unsigned int len)
{
	tt_read_all(fd, buf, len);
	CHECK(tt_is_pattern(buf, len, at));
}

/*
 * Fill all of the window with segments of SMALL bytes and as many that overlap
 * by one, so that they cannot be joined.  Returns how many bytes.
 */
static unsigned int fill_window(struct peer *p, uint32_t first)
{
	uint32_t at = first;

	while ((int32_t)(heard.base + at + SMALL - heard.edge) <= 0) {
		CHECK(at < 100000);
		hear_send(p, at - (at > first), SMALL + (at > first));
		at += SMALL;
		/* in order it moves: what has been squeezed makes room */
		if (!first && heard.edge - heard.base - at < SMALL)
			UNTIL(hear_acked(p, heard.base + at));
	}
	return at;
}

/* A reader that does not read; overhead alone must not cost a byte. */
static void squeezed_in_order(void)
{
	struct drops before;
	unsigned int sent;
	struct peer p;
	int fd;

	own_network();
	fd = hear_dial(&p, 16384, -1);
	read_drops(&before);
	sent = fill_window(&p, 0);
	CHECK(sent >= 8000);
	CHECK(tt_counter("TtpPruneCalled") > 0);
	CHECK(tt_counter("TtpRcvCollapsed") > 10);
	EQ(tt_counter("TtpRcvPruned"), 0);
	EQ(tt_counter("TtpRcvQDrop"), 0);
	EQ(dropped(&before, "RcvBuffer"), 0);
	read_from(fd, 0, sent);
	p.snd_nxt += sent;
	peer_send(&p, F_ACK | F_FIN, 0);
	EQ(read(fd, buf, 1), 0);
}

/* The same behind a hole, with a FIN behind it all. */
static void squeezed_out_of_order(void)
{
	struct drops before;
	unsigned int sent;
	struct peer p;
	struct seg s;
	int fd;

	own_network();
	fd = hear_dial(&p, 16384, -1);
	read_drops(&before);
	sent = fill_window(&p, SMALL);
	CHECK(sent >= 8000);
	p.snd_nxt += sent;
	s = peer_seg(&p, F_ACK | F_FIN, 0);
	peer_xmit(&s);
	UNTIL(tt_counter("TtpRcvCollapsed") > 10);
	EQ(dropped(&before, "RcvBuffer"), 0);
	EQ(tt_counter("TtpOfoPruned"), 0);
	EQ(tt_poll(fd, POLLIN, 0), 0);
	hear_send(&p, 0, SMALL);
	read_from(fd, 0, sent);
	EQ(read(fd, buf, 1), 0);
	CHECK(hear_acked(&p, p.snd_nxt + 1));
}

static bool is_reported(uint32_t at)
{
	unsigned int i;

	for (i = 0; i < heard.blocks; i++)
		if (heard.base + at - heard.sack[2 * i] <
		    heard.sack[2 * i + 1] - heard.sack[2 * i])
			return true;
	return false;
}

/*
 * Islands cannot be squeezed. When they fill the buffer one more behind them
 * is refused; one before them takes the place of the last, and the sender is
 * told so.
 */
static void farthest_is_given_up(void)
{
	struct drops before;
	uint32_t at = SMALL * 4, last = at;
	struct peer p;
	int fd;

	own_network();
	fd = hear_dial(&p, 16384, -1);
	read_drops(&before);
	while (!dropped(&before, "RcvBuffer")) {
		CHECK(at < 8000);
		hear_send(&p, at, SMALL);
		hear(&p, 1000);
		last = at - 2 * SMALL;	/* the last that was taken */
		at += 2 * SMALL;
	}
	EQ(tt_counter("TtpOFODrop"), 1);
	EQ(tt_counter("TtpOfoPruned"), 0);
	CHECK(tt_counter("TtpRcvPruned") >= 1);
	CHECK(is_reported(last));
	hear_send(&p, SMALL, SMALL);
	hear(&p, 1000);
	EQ(tt_counter("TtpOfoPruned"), 1);
	EQ(tt_counter("TtpOFODrop"), 1);
	CHECK(is_reported(SMALL));
	CHECK(!is_reported(last));
	EQ(heard.ack, heard.base);
	/* what fills the hole is worth more than all of them */
	hear_send(&p, 0, SMALL);
	read_from(fd, 0, 2 * SMALL);
	for (last = 2 * SMALL; last < at; last += SMALL) {
		hear_send(&p, last, SMALL);
		read_from(fd, last, SMALL);
		if (hear_acked(&p, heard.base + at))
			break;
	}
}

static void set_limit(unsigned int min, unsigned int pressure, unsigned int max)
{
	char text[48];

	snprintf(text, sizeof(text), "%u %u %u", min, pressure, max);
	tt_proc_write(LIMIT, text);
}

/*
 * The namespace has no more: in order a segment is refused while the reader
 * has some to read, and the window stays; the next try finds room.
 */
static void limit_in_order(void)
{
	struct drops before;
	uint32_t at = 0;
	struct peer p;
	int fd;

	own_network();
	EQ(tt_counter(PAGES), 0);
	fd = hear_dial(&p, 0, -1);
	read_drops(&before);
	set_limit(2, 4, 8);
	while (!dropped(&before, "RcvBuffer")) {
		CHECK(at < 65535);
		hear_send(&p, at, 1000);
		at += 1000;
	}
	UNTIL(hear_acked(&p, heard.base + at - 1000));
	only_moved(&before, "RcvBuffer", 1);
	EQ(tt_counter("TtpRcvQDrop"), 1);
	CHECK(tt_counter("TtpRcvPruned") >= 1);
	CHECK(tt_counter("TtpNetnsMemoryRefused") > 0);
	EQ(tt_counter("TtpNetnsMemoryPressures"), 1);
	CHECK(tt_counter(PAGES) > 4 && tt_counter(PAGES) <= 8);
	EQ(heard.ack - heard.base, at - 1000);
	CHECK(heard.edge - heard.ack >= 1000);
	read_from(fd, 0, at - 1000);
	CHECK(tt_counter(PAGES) < 4);
	hear_send(&p, at - 1000, 1000);
	read_from(fd, at - 1000, 1000);
	only_moved(&before, "RcvBuffer", 1);
	close(fd);
	p.snd_nxt += at;
	peer_send(&p, F_RST | F_ACK, 0);
	UNTIL(!tt_counter(PAGES));
}

/* An empty queue takes a segment, whatever the limit says. */
static void limit_never_stops_a_reader(void)
{
	struct peer p;
	uint32_t at;
	int fd;

	own_network();
	fd = hear_dial(&p, 0, -1);
	set_limit(1, 1, 1);
	for (at = 0; at < 20000; at += 1400) {
		hear_send(&p, at, 1400);
		read_from(fd, at, 1400);
	}
	EQ(tt_counter("TtpRcvQDrop"), 0);
}

/* Under pressure no more is offered than a few segments. */
static void pressure_keeps_windows_small(void)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	struct peer p;
	uint32_t at = 0;
	int fd;

	own_network();
	fd = hear_dial(&p, 0, -1);
	set_limit(1, 2, 1000);
	while (!tt_counter("TtpNetnsMemoryPressures")) {
		hear_send(&p, at, 1400);
		at += 1400;
	}
	hear_send(&p, at, 1400);
	read_from(fd, 0, at + 1400);
	OK(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len));
	CHECK(info.tcpi_rcv_ssthresh <= 4 * 1460);
	hear(&p, 10);
	/* when it is over, the window grows again */
	set_limit(1000, 1000, 1000);
	at += 1400;
	hear_send(&p, at, 1400);
	hear_send(&p, at + 1400, 1400);
	read_from(fd, at, 2800);
	OK(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len));
	CHECK(info.tcpi_rcv_ssthresh > 4 * 1460);
}

/* A writer: an error at once, or waiting. */
static void limit_of_a_writer(void)
{
	size_t free = 0, short_of = 0;
	struct peer p;
	ssize_t n;
	int fd;

	own_network();
	fd = hear_dial(&p, 0, -1);
	tt_set(fd, SOL_SOCKET, SO_SNDBUF, 100000);
	set_limit(4, 8, 12);
	while ((n = send(fd, buf, 10000, MSG_DONTWAIT)) > 0)
		short_of += n;
	EQ(errno, EAGAIN);
	CHECK(short_of > 0);
	CHECK(tt_counter("TtpNetnsMemoryRefused") > 0);
	tt_proc_write(LIMIT, "10000 10000 10000");
	while ((n = send(fd, buf, 10000, MSG_DONTWAIT)) > 0)
		free += n;
	CHECK(free > 2 * short_of);
}

static void limit_range(void)
{
	int fd;

	own_network();
	fd = OK(open(LIMIT, O_WRONLY));
	FAILS(write(fd, "0 5 5", 5), EINVAL);
	FAILS(write(fd, "1 -1 5", 6), EINVAL);
	OK(write(fd, "1 2 3", 5));
	close(fd);
	/* each namespace has its own */
	own_network();
	fd = OK(open(LIMIT, O_RDONLY));
	CHECK(OK(read(fd, buf, 64)) > 0);
	CHECK(strtol(buf, NULL, 10) > 1000);
}

#define PAIRS	6
#define BYTES	(1 << 17)

static void *write_all(void *arg)
{
	tt_write_all((long)arg, want, BYTES);
	return NULL;
}

/* Many connections share next to nothing: slow, but all arrives. */
static void all_arrives(void)
{
	pthread_t writer[PAIRS];
	int c[PAIRS], s[PAIRS];
	size_t got[PAIRS] = { 0 }, sum = 0;
	ssize_t n;
	int i;

	own_network();
	tt_run("ip link set lo mtu 1500");
	tt_pattern(want, BYTES, 0);
	for (i = 0; i < PAIRS; i++)
		tt_pair(&c[i], &s[i]);
	set_limit(10, 20, 40);
	for (i = 0; i < PAIRS; i++)
		EQ(pthread_create(&writer[i], NULL, write_all,
				  (void *)(long)c[i]), 0);
	while (sum < PAIRS * BYTES) {
		for (i = 0; i < PAIRS; i++) {
			n = recv(s[i], buf, sizeof(buf), MSG_DONTWAIT);
			if (n < 0)
				continue;
			CHECK(!memcmp(buf, want + got[i], n));
			got[i] += n;
			sum += n;
		}
		tt_pause();
	}
	for (i = 0; i < PAIRS; i++) {
		EQ(pthread_join(writer[i], NULL), 0);
		EQ(got[i], BYTES);
		close(c[i]);
		close(s[i]);
	}
	CHECK(tt_counter("TtpNetnsMemoryRefused") > 0);
	UNTIL(!tt_counter(PAGES));
}

static const struct tt_test tests[] = {
	TEST_FLAGS(squeezed_in_order, TT_TTP_ONLY),
	TEST_FLAGS(squeezed_out_of_order, TT_TTP_ONLY),
	TEST_FLAGS(farthest_is_given_up, TT_TTP_ONLY),
	TEST_FLAGS(limit_in_order, TT_TTP_ONLY),
	TEST_FLAGS(limit_never_stops_a_reader, TT_TTP_ONLY),
	TEST_FLAGS(pressure_keeps_windows_small, TT_TTP_ONLY),
	TEST_FLAGS(limit_of_a_writer, TT_TTP_ONLY),
	TEST_FLAGS(limit_range, TT_TTP_ONLY | TT_ONCE),
	TEST_FLAGS(all_arrives, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
