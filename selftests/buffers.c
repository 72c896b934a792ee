// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests how buffers follow a connection: the receive buffer its
 * reader, the send buffer its congestion window, and what a writer may queue.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>

#include "drops.h"

#define INITIAL	131072		/* net.ttp.rmem's middle number */
#define MSS	1440		/* fits a segment, IPv4 or IPv6 */

static char buf[1 << 20];

/* Sysctls, counters and devices that nobody else looks at. */
static void own_network(void)
{
	OK(unshare(CLONE_NEWNET));
	tt_run("ip link set lo up");
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len));
	return info;
}

static int rcvbuf(int fd)
{
	return tt_get(fd, SOL_SOCKET, SO_RCVBUF);
}

/* The peer sends @bytes as fast as the window allows; all of it is read. */
static void feed(struct peer *p, int fd, unsigned int bytes)
{
	unsigned int left = bytes, n, wnd = 0;
	uint32_t una = p->snd_nxt;
	struct seg s;

	while (left) {
		while (left && p->snd_nxt - una + MSS <= wnd) {
			n = left < MSS ? left : MSS;
			peer_send(p, F_ACK, n);
			left -= n;
		}
		while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
			;
		if (!left)
			break;
		if (!peer_poll(&s, 300)) {	/* an ACK may be delayed */
			peer_send(p, F_ACK, 1);
			left--;
			continue;
		}
		una = s.ack;
		wnd = s.win;
	}
}

/* A peer without timestamps. */
static int peer_dialled(struct peer *p)
{
	own_network();
	peer_open();
	*p = peer_new();
	return peer_dial(p);
}

/* A reader that keeps up: the buffer grows, and what it is told of it. */
static void receive_buffer_grows(void)
{
	struct tcp_info before, after;
	struct peer p;
	int fd = peer_dialled(&p);

	EQ(rcvbuf(fd), INITIAL);
	before = info_of(fd);
	CHECK(before.tcpi_rcv_ssthresh <= 65535);
	EQ(before.tcpi_rcv_rtt, 0);
	feed(&p, fd, 600000);
	after = info_of(fd);
	CHECK(rcvbuf(fd) > INITIAL);
	CHECK(after.tcpi_rcv_rtt > 0);
	CHECK(after.tcpi_rcv_space > 10 * MSS);
	if (tt.ttp)
		CHECK(after.tcpi_rcv_ssthresh > before.tcpi_rcv_ssthresh);
}

static void not_if_the_sysctl_says_no(void)
{
	struct peer p;
	int fd = peer_dialled(&p);

	tt_sysctl_set("moderate_rcvbuf", 0);
	feed(&p, fd, 600000);
	EQ(rcvbuf(fd), INITIAL);
}

static void not_if_the_program_has_set_it(void)
{
	struct peer p;
	int fd = peer_dialled(&p);

	tt_set(fd, SOL_SOCKET, SO_RCVBUF, INITIAL / 2);
	feed(&p, fd, 600000);
	EQ(rcvbuf(fd), INITIAL);
}

static void not_beyond_the_sysctl(void)
{
	struct peer p;
	int fd;

	own_network();
	tt_proc_write(tt.ttp ? "/proc/sys/net/ttp/rmem" :
		      "/proc/sys/net/ipv4/tcp_rmem", "4096 131072 150000");
	peer_open();
	p = peer_new();
	fd = peer_dial(&p);
	feed(&p, fd, 600000);
	EQ(rcvbuf(fd), 150000);
}

static const size_t long_way = 3 << 20;	/* bytes to send over it */

static void *write_long(void *arg)
{
	static char out[1 << 16];
	size_t n;

	for (n = 0; n < long_way; n += sizeof(out))
		tt_write_all(*(int *)arg, out, sizeof(out));
	return NULL;
}

/* 100 ms there and back; returns the largest receive buffer. */
static int over_a_long_way(bool moderate)
{
	struct tcp_info info;
	int c, s, most = 0;
	pthread_t writer;
	size_t got = 0;
	ssize_t n;

	own_network();
	tt_run("ip link set lo mtu 1500");
	if (system("tc qdisc add dev lo root netem limit 10000 delay 50ms 2>/dev/null"))
		tt_need("netem");
	tt_sysctl_set("moderate_rcvbuf", moderate);
	tt_pair(&c, &s);
	EQ(pthread_create(&writer, NULL, write_long, &c), 0);
	while (got < long_way) {
		n = OK(read(s, buf, sizeof(buf)));
		CHECK(n > 0);
		got += n;
		if (rcvbuf(s) > most)
			most = rcvbuf(s);
	}
	EQ(pthread_join(writer, NULL), 0);
	info = info_of(s);
	tt_note("rcvbuf %d rcv_rtt %u us rcv_space %u rcv_ssthresh %u", most,
		info.tcpi_rcv_rtt, info.tcpi_rcv_space, info.tcpi_rcv_ssthresh);
	CHECK(info.tcpi_rcv_rtt > 50000);
	return most;
}

/* What 131072 bytes of buffer allow is less than the way could take. */
static void long_way_needs_more(void)
{
	CHECK(over_a_long_way(true) > 4 * INITIAL);
}

static void long_way_without(void)
{
	EQ(over_a_long_way(false), INITIAL);
}

#define MEGA	(1 << 20)
#define PART	(1 << 17)

static char want[PART];

static void *write_part(void *arg)
{
	tt_write_all((long)arg, want, PART);
	return NULL;
}

/* Segments of 1000 bytes, each in a buffer of its own, and a slow reader. */
static void small_mss_costs_no_drops(void)
{
	struct drops before;
	pthread_t writer;
	struct tt_addr a;
	size_t got = 0;
	unsigned int port;
	int l, c, s;

	own_network();
	tt_run("ethtool -K lo gso off tso off gro off >/dev/null 2>&1");
	l = tt_listener(1, &port);
	a = tt_loopback(port);
	c = tt_socket(0);
	tt_set(c, SOL_TCP, TCP_MAXSEG, 1000);
	OK(tt_connect(c, &a));
	s = OK(accept(l, NULL, NULL));
	read_drops(&before);
	tt_pattern(want, PART, 0);
	while (got < MEGA) {
		EQ(pthread_create(&writer, NULL, write_part, (void *)(long)c), 0);
		/* the window closes, or all of it is there */
		poll(NULL, 0, 50);
		tt_read_all(s, buf, PART);
		CHECK(!memcmp(buf, want, PART));
		EQ(pthread_join(writer, NULL), 0);
		got += PART;
	}
	EQ(dropped(&before, "RcvBuffer"), 0);
}

static bool writable(int fd)
{
	return tt_poll(fd, POLLOUT, 0) & POLLOUT;
}

static int unsent(int fd)
{
	int n;

	OK(ioctl(fd, SIOCOUTQNSD, &n));
	return n;
}

/* The next data, in one segment; returns its length. */
static unsigned int take(struct peer *p)
{
	struct seg s;

	do
		s = peer_expect(p, F_ACK);
	while (!s.len);
	return s.len;
}

/* Two initial windows wait, whatever the sysctl begins with. */
static void send_buffer_grows(void)
{
	int first, fd;
	struct peer p;

	fd = peer_dialled(&p);
	first = tt_get(fd, SOL_SOCKET, SO_SNDBUF);
	CHECK(first >= 2 * 10 * MSS);
	while (send(fd, buf, 60000, MSG_DONTWAIT) > 0)
		;
	while (tt_get(fd, SOL_SOCKET, SO_SNDBUF) <= first) {
		take(&p);
		peer_send(&p, F_ACK, 0);
		send(fd, buf, 60000, MSG_DONTWAIT);
	}
}

static void send_buffer_stays_if_set(void)
{
	struct peer p;
	int fd, i;

	fd = peer_dialled(&p);
	tt_set(fd, SOL_SOCKET, SO_SNDBUF, 20000);
	while (send(fd, buf, 60000, MSG_DONTWAIT) > 0)
		;
	for (i = 0; i < 8; i++) {
		take(&p);
		peer_send(&p, F_ACK, 0);
		send(fd, buf, 60000, MSG_DONTWAIT);
	}
	EQ(tt_get(fd, SOL_SOCKET, SO_SNDBUF), 40000);
}

/* Payload of a full segment to the peer. */
static int full(void)
{
	return PEER_MTU - 20 - (tt.v6 ? 40 : 20);
}

/* Of six full segments the peer's window takes two: four wait. */
static int with_four_unsent(struct peer *p)
{
	int fd;

	own_network();
	peer_open();
	*p = peer_new();
	p->win = 2 * full();
	fd = peer_dial(p);
	EQ(send(fd, buf, 6 * full(), MSG_DONTWAIT), 6 * full());
	EQ(unsent(fd), 4 * full());
	return fd;
}

/* All that was sent is acknowledged, and so much more may come. */
static void open_the_window(struct peer *p, unsigned int win)
{
	struct seg s;

	while (peer_poll(&s, 10))
		if (s.len && s.seq == p->rcv_nxt)
			p->rcv_nxt += s.len;
	p->win = win;
	peer_send(p, F_ACK, 0);
}

/* TCP_NOTSENT_LOWAT: it is unsent data that keeps a writer waiting. */
static void notsent_lowat_option(void)
{
	struct peer p;
	int fd = with_four_unsent(&p);

	CHECK(writable(fd));
	EQ(tt_get(fd, SOL_TCP, TCP_NOTSENT_LOWAT), 0);
	tt_set(fd, SOL_TCP, TCP_NOTSENT_LOWAT, 5 * full());
	EQ(tt_get(fd, SOL_TCP, TCP_NOTSENT_LOWAT), 5 * full());
	/* to be woken it takes half */
	CHECK(!writable(fd));
	open_the_window(&p, full());
	EQ(unsent(fd), 3 * full());
	CHECK(!writable(fd));
	open_the_window(&p, full());
	EQ(unsent(fd), 2 * full());
	CHECK(writable(fd));
}

static void notsent_lowat_sysctl(void)
{
	struct peer p;
	int fd = with_four_unsent(&p);

	EQ(tt_sysctl("notsent_lowat"), 4294967295);
	tt_sysctl_set("notsent_lowat", 2000);
	CHECK(!writable(fd));
	tt_set(fd, SOL_TCP, TCP_NOTSENT_LOWAT, 10 * full());
	CHECK(writable(fd));
	tt_set(fd, SOL_TCP, TCP_NOTSENT_LOWAT, 0);
	CHECK(!writable(fd));
	open_the_window(&p, 4 * full());
	CHECK(tt_poll(fd, POLLOUT, TT_DEADLINE) & POLLOUT);
}

/* Memory that the send queue takes. */
static unsigned int queued(int fd)
{
	unsigned int mem[SK_MEMINFO_VARS];
	socklen_t len = sizeof(mem);

	OK(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len));
	return mem[SK_MEMINFO_WMEM_QUEUED];
}

/* A writer is told of room when a third of the buffer is free, not before. */
static void woken_by_a_third(void)
{
	unsigned int before = 0;
	struct peer p;
	int fd;

	fd = peer_dialled(&p);
	tt_set(fd, SOL_SOCKET, SO_SNDBUF, 20000);
	while (send(fd, buf, 500, MSG_DONTWAIT) > 0)
		;
	/* the buffer is what was set, but for the last segment */
	CHECK(queued(fd) >= 40000 && queued(fd) < 46000);
	while (!writable(fd)) {
		before = queued(fd);
		take(&p);
		peer_send(&p, F_ACK, 0);
	}
	CHECK(before / 2 > 40000 - before || before > 40000);
	CHECK(queued(fd) / 2 <= 40000 - queued(fd));
}

/*
 * No timer lets out what waits there. So large a congestion window is sent in
 * no time, however long the handshake took: the rate is no limit.
 */
static int dial_by_slow_device(struct peer *p, const char *rate)
{
	int fd;

	tt_run("ip %s route replace %s dev peer0 initcwnd 1000",
	       tt.v6 ? "-6" : "-4", tt.v6 ? "fd00:254::2" : "10.254.0.2");
	tt_sysctl_set("early_retrans", 0);
	tt_sysctl_set("rto_min_us", 100 * 1000000);
	*p = peer_new();
	fd = peer_dial(p);
	tt_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	tt_run("tc qdisc add dev peer0 root tbf rate %s burst 1600 limit 1mb", rate);
	return fd;
}

/* 8 segments for a slow device, and no ACK: that lets out nothing either. */
static int with_eight_for_a_slow_device(struct peer *p, long limit)
{
	int fd;

	own_network();
	peer_open();
	tt_run("ip link set peer0 gso_max_segs 1");
	tt_sysctl_set("limit_output_bytes", limit);
	fd = dial_by_slow_device(p, "32kbit");
	EQ(send(fd, buf, 8 * full(), MSG_DONTWAIT), 8 * full());
	return fd;
}

/* What has been let out leaves, and more follows by itself. */
static void queues_below_stay_short(void)
{
	struct peer p;
	int fd = with_eight_for_a_slow_device(&p, 0);

	CHECK(unsent(fd) >= 3 * full());
	UNTIL(!unsent(fd));
}

/* And if more may wait there, all of it does. */
static void queues_below_grow_with_the_sysctl(void)
{
	struct peer p;

	EQ(unsent(with_eight_for_a_slow_device(&p, 1 << 20)), 0);
}

/* Two segments, the second of which stays in the device, and two short writes. */
static int with_short_writes(struct peer *p, int autocorking)
{
	int fd, i;

	own_network();
	peer_open();
	tt_sysctl_set("autocorking", autocorking);
	fd = dial_by_slow_device(p, "4kbit");
	for (i = 0; i < 4; i++)
		OK(send(fd, buf, i < 2 ? full() : 100, 0));
	return fd;
}

/* Autocorking: they leave together, when the device has room again. */
static void short_writes_are_gathered(void)
{
	struct peer p;

	EQ(unsent(with_short_writes(&p, 1)), 200);
	EQ(tt_counter("TtpAutoCorking"), 1);
	EQ(take(&p), full());
	EQ(take(&p), full());
	EQ(take(&p), 200);
}

static void not_gathered_if_the_sysctl_says_no(void)
{
	struct peer p;

	EQ(unsent(with_short_writes(&p, 0)), 0);
	EQ(tt_counter("TtpAutoCorking"), 0);
}

static const struct tt_test tests[] = {
	TEST(receive_buffer_grows),
	TEST(not_if_the_sysctl_says_no),
	TEST(not_if_the_program_has_set_it),
	TEST(not_beyond_the_sysctl),
	TEST(long_way_needs_more),
	TEST(long_way_without),
	TEST(small_mss_costs_no_drops),
	TEST(send_buffer_grows),
	TEST(send_buffer_stays_if_set),
	TEST(notsent_lowat_option),
	TEST(notsent_lowat_sysctl),
	TEST(woken_by_a_third),
	TEST_FLAGS(queues_below_stay_short, TT_TTP_ONLY),
	TEST_FLAGS(queues_below_grow_with_the_sysctl, TT_TTP_ONLY),
	TEST_FLAGS(short_writes_are_gathered, TT_TTP_ONLY),
	TEST_FLAGS(not_gathered_if_the_sysctl_says_no, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
