// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the attributes of a route that mean something to a
 * connection, for those who connect and those who accept.
 */
#include <fcntl.h>
#include <unistd.h>

#include "options.h"
#include "segs.h"

static long long counter(const char *name)
{
	return tt.ttp ? tt_counter(name) : 0;
}

/* The way to the peer, with these attributes. */
static void by_route(const char *attributes)
{
	tt_run("ip %s route replace %s dev peer0 %s", tt.v6 ? "-6" : "-4",
	       tt.v6 ? "fd00:254::2" : "10.254.0.2", attributes);
}

static void route_initcwnd(void)
{
	struct peer p;
	int fd;

	peer_open();
	by_route("initcwnd 3");
	p = peer_new();
	fd = peer_dial(&p);
	write_segs(fd, 6);
	EQ(info_of(fd).tcpi_unacked, 3);
	p = peer_new();
	fd = peer_answer(&p);
	write_segs(fd, 6);
	EQ(info_of(fd).tcpi_unacked, 3);
}

static unsigned int mss_of(const struct seg *s)
{
	unsigned int len;
	const uint8_t *mss = opt_find(s, OPT_MSS, &len);

	CHECK(mss && len == 2);
	return mss[0] << 8 | mss[1];
}

static void route_advmss(void)
{
	struct tt_addr a;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	by_route("advmss 1000");
	p = peer_new();
	a = peer_addr(p.port);
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(connect(fd, &a.sa, a.len), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	EQ(mss_of(&s), 1000);
	p = peer_new();
	peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	s = peer_expect(&p, F_SYN | F_ACK);
	EQ(mss_of(&s), 1000);
}

static void route_rto_min(void)
{
	struct peer p;
	int fd;

	peer_open();
	by_route("rto_min 3s");
	p = peer_new();
	fd = peer_dial(&p);
	send_segs(&p, fd, 1);
	ack_but(&p, fd, 0);
	CHECK(info_of(fd).tcpi_rto >= 3000000);
	p = peer_new();
	fd = peer_answer(&p);
	send_segs(&p, fd, 1);
	ack_but(&p, fd, 0);
	CHECK(info_of(fd).tcpi_rto >= 3000000);
}

static void route_mtu(void)
{
	struct peer p;
	int fd;

	peer_open();
	by_route("mtu lock 1300");
	p = peer_new();
	fd = peer_answer(&p);
	EQ(info_of(fd).tcpi_snd_mss, tt.v6 ? 1240 : 1260);
	EQ(info_of(fd).tcpi_advmss, tt.v6 ? 1240 : 1260);
}

static void route_quickack(void)
{
	int fd, off = 0;
	long long delayed;
	struct peer p;

	peer_open();
	by_route("quickack 1");
	p = peer_new();
	fd = peer_dial(&p);
	OK(setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off)));
	delayed = counter("TtpDelayedAcks");
	peer_send(&p, F_ACK, 10);
	peer_expect(&p, F_ACK);
	EQ(counter("TtpDelayedAcks"), delayed);
	by_route("quickack 0");
	p = peer_new();
	fd = peer_dial(&p);
	OK(setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off)));
	peer_send(&p, F_ACK, 10);
	peer_expect(&p, F_ACK);
	EQ(counter("TtpDelayedAcks") - delayed, tt.ttp);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(route_initcwnd, TT_PARALLEL),
	TEST_FLAGS(route_advmss, TT_PARALLEL),
	TEST_FLAGS(route_rto_min, TT_PARALLEL),
	TEST_FLAGS(route_mtu, TT_PARALLEL),
	TEST_FLAGS(route_quickack, TT_PARALLEL),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
