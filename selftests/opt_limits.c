// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the options that set a limit: TCP_MAXSEG to segments both
 * ways, TCP_SYNCNT to the SYNs of a client, TCP_LINGER2 to a life in FIN_WAIT2.
 */
#include <poll.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "options.h"

/* What a segment of the device's size has beside the payload, v4 and v6. */
#define HEAD	(tt.v6 ? 60 : 40)

static char buf[1 << 14];

static int try(int fd, int name, int value)
{
	return setsockopt(fd, IPPROTO_TCP, name, &value, sizeof(value));
}

static int maxseg(int fd)
{
	return tt_get(fd, IPPROTO_TCP, TCP_MAXSEG);
}

static void maxseg_range(void)
{
	int fd = tt_socket(0), usual = maxseg(fd);
	unsigned int port;

	EQ(usual, 536);
	FAILS(try(fd, TCP_MAXSEG, -1), EINVAL);
	FAILS(try(fd, TCP_MAXSEG, 87), EINVAL);
	FAILS(try(fd, TCP_MAXSEG, 32768), EINVAL);
	OK(try(fd, TCP_MAXSEG, 88));
	EQ(maxseg(fd), 88);
	OK(try(fd, TCP_MAXSEG, 32767));
	EQ(maxseg(fd), 32767);
	OK(try(fd, TCP_MAXSEG, 0));
	EQ(maxseg(fd), usual);
	fd = tt_listener(1, &port);
	OK(try(fd, TCP_MAXSEG, 1000));
	EQ(maxseg(fd), 1000);
}

static unsigned int told(const struct seg *s)
{
	unsigned int len;
	const uint8_t *mss = opt_find(s, OPT_MSS, &len);

	CHECK(mss && len == 2);
	return mss[0] << 8 | mss[1];
}

/* The peer's SYN or SYN+ACK, with another MSS, and timestamps if wanted. */
static void say_mss(struct peer *p, unsigned int flags, unsigned int mss,
		    bool ts)
{
	struct seg s = peer_seg(p, flags, 0);

	s.opts[2] = mss >> 8;
	s.opts[3] = mss & 255;
	if (ts)
		opt_add_ts(&s, 1, 0);
	peer_xmit(&s);
	p->snd_nxt++;
}

/* A client with this TCP_MAXSEG, 0: none; its SYN has told @tells. */
static int client(struct peer *p, int mss, unsigned int tells)
{
	struct tt_addr a;
	struct seg s;
	int fd;

	*p = peer_new();
	a = peer_addr(p->port);
	fd = tt_socket(SOCK_NONBLOCK);
	if (mss)
		tt_set(fd, IPPROTO_TCP, TCP_MAXSEG, mss);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(p, F_SYN);
	EQ(told(&s), tells);
	return fd;
}

/* Full segments have so much payload. */
static void sends(struct peer *p, int fd, unsigned int len)
{
	struct seg s;
	int i;

	tt_write_all(fd, buf, 4 * len);
	for (i = 0; i < 4; i++) {
		s = peer_expect(p, F_ACK);
		EQ(s.len, len);
		peer_send(p, F_ACK, 0);
	}
}

static void maxseg_of_a_client(void)
{
	struct peer p;
	int fd;

	peer_open();
	fd = client(&p, 1000, 1000);
	say_mss(&p, F_SYN | F_ACK, 1460, false);
	tt_until_state(fd, TCP_ESTABLISHED);
	peer_expect(&p, F_ACK);
	EQ(maxseg(fd), 1000);
	sends(&p, fd, 1000);
	/* the lower one counts */
	fd = client(&p, 1400, 1400);
	say_mss(&p, F_SYN | F_ACK, 600, false);
	tt_until_state(fd, TCP_ESTABLISHED);
	peer_expect(&p, F_ACK);
	EQ(maxseg(fd), 600);
	sends(&p, fd, 600);
	/* and what the device takes */
	fd = client(&p, 9000, PEER_MTU - HEAD);
	say_mss(&p, F_SYN | F_ACK, 9000, false);
	tt_until_state(fd, TCP_ESTABLISHED);
	peer_expect(&p, F_ACK);
	EQ(maxseg(fd), PEER_MTU - HEAD);
	sends(&p, fd, PEER_MTU - HEAD);
}

static void maxseg_of_a_listener(void)
{
	int l, fd, cookies;
	struct peer p;
	struct seg s;

	peer_open();
	/* kernel TCP's cookies round up to what IPv6 must carry */
	for (cookies = 1; cookies <= (tt.ttp ? 2 : 1); cookies++) {
		tt_sysctl_set("syncookies", cookies);
		p = peer_new();
		l = peer_listener(&p);
		/* a size that a cookie has room for */
		tt_set(l, IPPROTO_TCP, TCP_MAXSEG, 536);
		say_mss(&p, F_SYN, 1460, false);
		s = peer_expect(&p, F_SYN | F_ACK);
		EQ(told(&s), 536);
		peer_send(&p, F_ACK, 0);
		fd = OK(accept(l, NULL, NULL));
		EQ(maxseg(fd), 536);
		sends(&p, fd, 536);
	}
}

/* Timestamps are part of what is bounded (RFC 6691). */
static void maxseg_and_timestamps(void)
{
	struct peer p;
	int fd;

	peer_open();
	fd = client(&p, 1000, 1000);
	say_mss(&p, F_SYN | F_ACK, 1460, true);
	tt_until_state(fd, TCP_ESTABLISHED);
	EQ(maxseg(fd), 988);
}

/* Once connected, it says nothing any more; nor does it raise what fits. */
static void maxseg_later(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	EQ(maxseg(fd), PEER_MTU - HEAD);
	tt_set(fd, IPPROTO_TCP, TCP_MAXSEG, 500);
	EQ(maxseg(fd), PEER_MTU - HEAD);
	sends(&p, fd, PEER_MTU - HEAD);
	/* not even when the size is computed anew */
	tt_write_all(fd, buf, PEER_MTU - HEAD);
	s = peer_expect(&p, F_ACK);
	peer_too_big(&s, 1400);
	UNTIL(maxseg(fd) != PEER_MTU - HEAD);
	EQ(maxseg(fd), 1400 - HEAD);
}

/* The path's limit counts once it is the lower one. */
static void maxseg_and_path(void)
{
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	fd = client(&p, 1300, 1300);
	say_mss(&p, F_SYN | F_ACK, 1460, false);
	tt_until_state(fd, TCP_ESTABLISHED);
	peer_expect(&p, F_ACK);
	tt_write_all(fd, buf, 1300);
	s = peer_expect(&p, F_ACK);
	peer_too_big(&s, 1400);
	peer_send(&p, F_ACK, 0);
	sends(&p, fd, 1300);
	tt_write_all(fd, buf, 1300);
	s = peer_expect(&p, F_ACK);
	peer_too_big(&s, 1290);
	UNTIL(maxseg(fd) != 1300);
	EQ(maxseg(fd), 1290 - HEAD);
	peer_send(&p, F_ACK, 0);
	sends(&p, fd, 1290 - HEAD);
}

static void syncnt_range(void)
{
	int fd = tt_socket(0);

	EQ(tt_get(fd, IPPROTO_TCP, TCP_SYNCNT), tt_sysctl("syn_retries"));
	FAILS(try(fd, TCP_SYNCNT, -1), EINVAL);
	FAILS(try(fd, TCP_SYNCNT, 0), EINVAL);
	FAILS(try(fd, TCP_SYNCNT, 128), EINVAL);
	OK(try(fd, TCP_SYNCNT, 127));
	EQ(tt_get(fd, IPPROTO_TCP, TCP_SYNCNT), 127);
	OK(try(fd, TCP_SYNCNT, 1));
	EQ(tt_get(fd, IPPROTO_TCP, TCP_SYNCNT), 1);
}

/* One repetition, whatever the sysctl says. */
static void syncnt_counts(void)
{
	struct peer p = peer_new();
	struct tt_addr a;
	struct seg s;
	int fd, n = 0;

	peer_open();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	tt_set(fd, IPPROTO_TCP, TCP_SYNCNT, 1);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	UNTIL(tt_poll(fd, POLLERR, 0) & POLLERR);
	EQ(tt_so_error(fd), ETIMEDOUT);
	while (peer_poll(&s, 0))
		n += s.dport == p.port && s.flags == (s.flags | F_SYN);
	EQ(n, 2);
}

static void linger2_range(void)
{
	int fd = tt_socket(0);

	EQ(tt_get(fd, IPPROTO_TCP, TCP_LINGER2), tt_sysctl("fin_timeout"));
	OK(try(fd, TCP_LINGER2, 7));
	EQ(tt_get(fd, IPPROTO_TCP, TCP_LINGER2), 7);
	OK(try(fd, TCP_LINGER2, 120));
	EQ(tt_get(fd, IPPROTO_TCP, TCP_LINGER2), 120);
	OK(try(fd, TCP_LINGER2, 1000));
	EQ(tt_get(fd, IPPROTO_TCP, TCP_LINGER2), 120);
	OK(try(fd, TCP_LINGER2, -1000));
	EQ(tt_get(fd, IPPROTO_TCP, TCP_LINGER2), -1);
	OK(try(fd, TCP_LINGER2, 0));
	EQ(tt_get(fd, IPPROTO_TCP, TCP_LINGER2), tt_sysctl("fin_timeout"));
}

/* It lasts three and a half timeouts at least, so that a FIN may be lost. */
static void linger2_and_timeout(void)
{
	struct peer p = peer_new();
	long long start;
	int fd;

	peer_open();
	tt_run("ip %s route replace %s dev peer0 rto_min 2s",
	       tt.v6 ? "-6" : "-4", tt.v6 ? "fd00:254::2" : "10.254.0.2");
	fd = peer_answer(&p);
	tt_set(fd, IPPROTO_TCP, TCP_LINGER2, 1);
	OK(shutdown(fd, SHUT_WR));
	peer_expect(&p, F_FIN | F_ACK);
	peer_send(&p, F_ACK, 0);
	tt_until_state(fd, TCP_FIN_WAIT2);
	start = tt_now_ms();
	close(fd);
	UNTIL(tt_count_state(TCP_FIN_WAIT2, p.kport) == 0);
	CHECK(tt_now_ms() - start >= 3500);
}

static const struct tt_test tests[] = {
	TEST(maxseg_range),
	TEST(maxseg_of_a_client),
	TEST_FLAGS(maxseg_of_a_listener, TT_OWN_NET),
	TEST(maxseg_and_timestamps),
	TEST_FLAGS(maxseg_later, TT_OWN_NET),
	TEST_FLAGS(maxseg_and_path, TT_OWN_NET),
	TEST(syncnt_range),
	TEST_FLAGS(syncnt_counts, TT_PARALLEL),
	TEST(linger2_range),
	TEST_FLAGS(linger2_and_timeout, TT_PARALLEL),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
