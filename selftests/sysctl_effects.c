// SPDX-License-Identifier: GPL-2.0
/*
 * This file shows what sysctls do that no other test has to do with; which
 * test is whose, sysctls.txt tells.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "options.h"
#include "peer.h"

static char buf[1 << 16];

static bool offers_scaling(int on)
{
	struct peer p = peer_new();
	struct tt_addr a = peer_addr(p.port);
	unsigned int len;
	struct seg s;
	int fd;

	tt_sysctl_set("window_scaling", on);
	fd = tt_socket(SOCK_NONBLOCK);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	close(fd);
	return opt_find(&s, OPT_WSCALE, &len);
}

static bool accepts_scaling(int on)
{
	struct peer p = peer_new();
	unsigned int len;
	uint8_t seven = 7;
	struct seg s;
	int l;

	tt_sysctl_set("window_scaling", on);
	l = peer_listener(&p);
	s = peer_seg(&p, F_SYN, 0);
	opt_add(&s, OPT_WSCALE, &seven, 1);
	peer_xmit(&s);
	s = peer_expect(&p, F_SYN | F_ACK);
	close(l);
	return opt_find(&s, OPT_WSCALE, &len);
}

static void window_scaling(void)
{
	peer_open();
	CHECK(offers_scaling(1));
	CHECK(!offers_scaling(0));
	CHECK(accepts_scaling(1));
	CHECK(!accepts_scaling(0));
}

/* The next segment to the peer: a probe, or the end. */
static struct seg next(const struct peer *p)
{
	struct seg s;

	do
		CHECK(peer_poll(&s, TT_DEADLINE));
	while (s.dport != p->port);
	return s;
}

/* With the defaults the first probe would come after two hours. */
static void keepalive(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd, n;

	peer_open();
	tt_sysctl_set("keepalive_time", 1);
	tt_sysctl_set("keepalive_intvl", 1);
	tt_sysctl_set("keepalive_probes", 3);
	fd = peer_answer(&p);
	tt_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	for (n = 0; !((s = next(&p)).flags & F_RST); n++)
		EQ(s.seq, p.rcv_nxt - 1);
	EQ(n, 3);
	EQ(tt_so_error(fd), ETIMEDOUT);
}

static void set_wmem(const char *text)
{
	tt_proc_write(tt.ttp ? "/proc/sys/net/ttp/wmem" :
			       "/proc/sys/net/ipv4/tcp_wmem", text);
}

/* What the send buffer has grown to after a few MB. */
static int grown(void)
{
	int c, s, i;

	tt_pair(&c, &s);
	if (!OK(fork())) {
		close(c);
		while (OK(read(s, buf, sizeof(buf))))
			;
		_exit(0);
	}
	close(s);
	for (i = 0; i < 40; i++)
		tt_write_all(c, buf, sizeof(buf));
	i = tt_get(c, SOL_SOCKET, SO_SNDBUF);
	close(c);
	OK(wait(NULL));
	return i;
}

static void wmem(void)
{
	set_wmem("4096 30000 4194304");
	EQ(tt_get(tt_socket(0), SOL_SOCKET, SO_SNDBUF), 30000);
	CHECK(grown() > 40000);
	set_wmem("4096 30000 40000");
	CHECK(grown() <= 40000);
	set_wmem("4096 16384 4194304");
}

#define LOOKUPS	"/sys/kernel/tracing/instances/knobs"

#define TOS_LOST	0x10	/* routes of IPv4 see no more of it */

/*
 * Routes that were looked for on behalf of a connection with this TOS, so far:
 * those of earlier cases still repeat their FIN, to a peer that is gone.
 */
static int lookups(void)
{
	FILE *f = fopen(LOOKUPS "/trace", "r");
	char line[512], tos[16];
	int n = 0;

	CHECK(f);
	snprintf(tos, sizeof(tos), " tos %d ", TOS_LOST);
	while (fgets(line, sizeof(line), f))
		n += !!strstr(line, tos);
	fclose(f);
	return n;
}

static void watch_lookups(void)
{
	tt_run("mountpoint -q /sys/kernel/tracing ||"
	       " mount -t tracefs tracefs /sys/kernel/tracing;"
	       " mkdir -p " LOOKUPS " && cd " LOOKUPS "/events/%s &&"
	       " echo 'proto == 253' >filter && echo 1 >enable",
	       tt.v6 ? "fib6/fib6_table_lookup" : "fib/fib_table_lookup");
}

static void forget_lookups(void)
{
	tt_run("rmdir " LOOKUPS);
}

/* Lost twice: is the way to the peer looked for again? */
static int lookups_while_lost(int retries1)
{
	struct peer p = peer_new();
	int fd, before;

	tt_sysctl_set("retries1", retries1);
	fd = peer_answer(&p);
	if (tt.v6)
		tt_set(fd, IPPROTO_IPV6, IPV6_TCLASS, TOS_LOST);
	else
		tt_set(fd, IPPROTO_IP, IP_TOS, TOS_LOST);
	tt_write_all(fd, "lost", 4);
	peer_expect_data(&p, 4);
	before = lookups();
	EQ(next(&p).len, 4);
	EQ(next(&p).len, 4);
	EQ(next(&p).len, 4);
	before = lookups() - before;
	tt_abort(fd);
	return before;
}

static void retries1(void)
{
	peer_open();
	watch_lookups();
	EQ(lookups_while_lost(100), 0);
	CHECK(lookups_while_lost(1) > 0);
	tt_sysctl_set("retries1", 3);
	forget_lookups();
}

#define TOS_LISTENER	0x28
#define TOS_SYN		0x48

static int tos_of(int fd)
{
	return tt.v6 ? tt_get(fd, IPPROTO_IPV6, IPV6_TCLASS) :
		       tt_get(fd, IPPROTO_IP, IP_TOS);
}

/* SYN+ACK, socket and data have @tos; the SYN's ECT is not part of it. */
static void accept_with_tos(unsigned int tos)
{
	struct peer p = peer_new();
	int l = peer_listener(&p), fd;
	struct seg s;

	if (tt.v6)
		tt_set(l, IPPROTO_IPV6, IPV6_TCLASS, TOS_LISTENER);
	else
		tt_set(l, IPPROTO_IP, IP_TOS, TOS_LISTENER);
	s = peer_seg(&p, F_SYN, 0);
	s.tos = TOS_SYN | IP_ECT0;
	peer_xmit(&s);
	p.snd_nxt++;
	EQ(peer_expect(&p, F_SYN | F_ACK).tos, tos);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(tos_of(fd), tos);
	tt_write_all(fd, "data", 4);
	s = next(&p);
	EQ(s.len, 4);
	EQ(s.tos, tos);
	tt_abort(fd);
	close(l);
}

static void reflect_tos(void)
{
	peer_open();
	accept_with_tos(TOS_LISTENER);
	tt_sysctl_set("reflect_tos", 1);
	accept_with_tos(TOS_SYN);
	tt_sysctl_set("reflect_tos", 0);
}

/* A connection that has had a packet knows the route of the next. */
static void early_demux(void)
{
	struct peer p;
	char buf[30];
	long long n;
	int fd;

	tt_sysctl_set("early_demux", 1);
	peer_open();
	p = peer_new();
	fd = peer_dial(&p);
	peer_send(&p, F_PSH | F_ACK, 10);
	n = tt_counter("TtpEarlyDemux");
	peer_send(&p, F_PSH | F_ACK, 10);
	UNTIL(tt_counter("TtpEarlyDemux") == n + 1);

	tt_sysctl_set("early_demux", 0);
	n = tt_counter("TtpEarlyDemux");
	peer_send(&p, F_PSH | F_ACK, 10);
	EQ(recv(fd, buf, 30, MSG_WAITALL), 30);
	EQ(tt_counter("TtpEarlyDemux"), n);

	/* From the next socket on. */
	tt_sysctl_set("early_demux", 1);
	close(tt_socket(0));
	peer_send(&p, F_PSH | F_ACK, 10);
	UNTIL(tt_counter("TtpEarlyDemux") == n + 1);
}

static const struct tt_test tests[] = {
	TEST(window_scaling),
	TEST(wmem),
	TEST(reflect_tos),
	TEST_FLAGS(early_demux, TT_TTP_ONLY | TT_OWN_NET),
	TEST_FLAGS(keepalive, TT_SLOW),
	TEST_FLAGS(retries1, TT_SLOW | TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
