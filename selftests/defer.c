// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests TCP_DEFER_ACCEPT: a connection is there when its first data
 * is, or when the time for it has passed.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "drops.h"

static char buf[16];

/* Everything but the data; the kernel has seen the last ACK. */
static int half_dial(struct peer *p, int secs)
{
	struct drops before;
	int l;

	peer_open();
	l = peer_listener(p);
	tt_set(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, secs);
	read_drops(&before);
	peer_send(p, F_SYN, 0);
	peer_expect(p, F_SYN | F_ACK);
	peer_send(p, F_ACK, 0);
	if (tt.ttp)
		UNTIL(dropped(&before, "DeferAccept") == 1);
	return l;
}

static int accepted(int l)
{
	CHECK(tt_poll(l, POLLIN, TT_DEADLINE) & POLLIN);
	return OK(accept(l, NULL, NULL));
}

static void waits_for_data(void)
{
	struct peer p = peer_new();
	int l = half_dial(&p, 30), fd;

	EQ(tt_poll(l, POLLIN, 50), 0);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 1);
	EQ(tt_count_state(TCP_ESTABLISHED, p.kport), 0);
	peer_send(&p, F_ACK | F_PSH, 5);
	fd = accepted(l);
	EQ(tt_poll(fd, POLLIN, 0), POLLIN);
	tt_read_all(fd, buf, 5);
	still_works(&p, fd);
}

static void data_with_the_last_ack(void)
{
	struct peer p = peer_new();
	int l, fd;

	peer_open();
	l = peer_listener(&p);
	tt_set(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, 30);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK | F_PSH, 5);
	fd = accepted(l);
	tt_read_all(fd, buf, 5);
	still_works(&p, fd);
}

/* Nothing to say, and that is final: somebody should hear of it. */
static void end_counts_as_data(void)
{
	struct peer p = peer_new();
	int l = half_dial(&p, 30), fd;

	peer_send(&p, F_FIN | F_ACK, 0);
	fd = accepted(l);
	EQ(read(fd, buf, 1), 0);
}

/*
 * 3 s are two timeouts, after 1 and 3 s. After the first the peer hears
 * nothing, after the second the SYN+ACK again: its answer is enough.
 */
static void until_time_has_passed(void)
{
	struct peer p = peer_new(), again;
	int l = half_dial(&p, 3), fd;
	long long t0 = tt_now_ms();
	struct seg s;

	do
		CHECK(peer_poll(&s, TT_DEADLINE));
	while (s.dport != p.port);
	CHECK(tt_now_ms() - t0 >= 1500);
	EQ(s.flags, F_SYN | F_ACK);
	EQ(tt_poll(l, POLLIN, 0), 0);
	again = p;
	peer_send(&again, F_ACK, 0);
	fd = accepted(l);
	EQ(tt_poll(fd, POLLIN, 0), 0);
	still_works(&p, fd);
}

/* One repetition, nobody answers it: forgotten. */
static void given_up(void)
{
	struct peer p = peer_new();
	int l = half_dial(&p, 1);

	tt_sysctl_set("synack_retries", 1);
	UNTIL(tt_count_state(TCP_SYN_RECV, p.kport) == 0);
	EQ(tt_poll(l, POLLIN, 0), 0);
	peer_send(&p, F_ACK, 5);
	peer_expect(&p, F_RST);
}

/* With cookies nothing is kept that could wait. */
static void not_with_cookies(void)
{
	struct peer p = peer_new();
	int l;

	peer_open();
	tt_sysctl_set("syncookies", 2);
	l = peer_listener(&p);
	tt_set(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, 30);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	still_works(&p, accepted(l));
	tt_sysctl_set("syncookies", 1);
}

/* The round trip is the handshake's, not the time that the data took. */
static void round_trip(void)
{
	struct peer p = peer_new();
	struct tcp_info info;
	socklen_t len = sizeof(info);
	long long t0 = tt_now_ms(), most;
	int l = half_dial(&p, 30), fd;

	most = tt_now_ms() - t0 + 100;
	usleep(600000);
	peer_send(&p, F_ACK | F_PSH, 5);
	fd = accepted(l);
	OK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len));
	CHECK(info.tcpi_rtt > 0);
	if (info.tcpi_rtt > most * 1000)
		FAIL("round trip of %u us, the handshake took %lld ms",
		     info.tcpi_rtt, most - 100);
}

/* Seconds become a number of timeouts: 1, 2, 4 ... 120, 120 s. */
static void seconds_are_rounded_up(void)
{
	static const int secs[][2] = {
		{ -1, 0 }, { 0, 0 }, { 1, 1 }, { 2, 3 }, { 3, 3 }, { 4, 7 },
		{ 30, 31 }, { 127, 127 }, { 128, 247 }, { 1 << 30, 29887 },
	};
	int fd = tt_socket(0);
	size_t i;

	EQ(tt_get(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
	for (i = 0; i < ARRAY_SIZE(secs); i++) {
		tt_set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, secs[i][0]);
		EQ(tt_get(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), secs[i][1]);
	}
}

/* A client that sets it saves the bare ACK, if data comes soon. */
static void client_delays_its_ack(void)
{
	struct peer p = peer_new();
	struct tt_addr a;
	long long t0;
	int fd;

	peer_open();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	tt_set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	peer_expect(&p, F_SYN);
	t0 = tt_now_ms();
	peer_send(&p, F_SYN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	CHECK(tt_now_ms() - t0 >= 100);
	still_works(&p, fd);
}

/* TCP_SYNCNT of a listener is how often it repeats its SYN+ACKs. */
static void syncnt_of_a_listener(void)
{
	struct peer p = peer_new();
	int l;

	peer_open();
	l = peer_listener(&p);
	tt_set(l, IPPROTO_TCP, TCP_SYNCNT, 1);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	UNTIL(tt_count_state(TCP_SYN_RECV, p.kport) == 0);
}

#define TIMED(fn)	TEST_FLAGS(fn, TT_PARALLEL | TT_SLOW)

static const struct tt_test tests[] = {
	TEST(waits_for_data),
	TEST(data_with_the_last_ack),
	TEST(end_counts_as_data),
	TEST(not_with_cookies),
	TEST_FLAGS(round_trip, TT_TTP_ONLY),
	TEST(seconds_are_rounded_up),
	TEST(client_delays_its_ack),
	TIMED(until_time_has_passed),
	TIMED(given_up),
	TIMED(syncnt_of_a_listener),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
