// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests which CPU receives a connection's packets, which queue of a
 * device sends them, and who fetches them from the device: RPS, RFS, XPS and busy
 * polling.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>

#include "far.h"

#define FLOWS	32	/* by chance all on one side: 1 of 2^31 */
#define ROUNDS	20
#define OWN	"fd00:253:8::1"

static void on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	OK(sched_setaffinity(0, sizeof(set), &set));
}

static void two_cpus(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		tt_skip("one CPU");
	on_cpu(0);
}

/* A connection over loopback; the first byte has come. */
static void pass(int from, int to)
{
	char c = 'x';

	tt_write_all(from, &c, 1);
	tt_read_all(to, &c, 1);
}

static int incoming_cpu(int fd)
{
	return tt_get(fd, SOL_SOCKET, SO_INCOMING_CPU);
}

static void cpu_is_told(void)
{
	int c, s, i;

	two_cpus();
	tt_pair(&c, &s);
	for (i = 0; i < 4; i++) {
		on_cpu(i & 1);
		pass(c, s);
		EQ(incoming_cpu(s), i & 1);
		pass(s, c);
		EQ(incoming_cpu(c), i & 1);
	}
	on_cpu(1);
	tt_pair(&c, &s);
	EQ(incoming_cpu(s), 1);
}

static void rps_spreads(void)
{
	int c, s, i, n = 0;

	two_cpus();
	own_sysfs();
	device_set("lo", "queues/rx-0/rps_cpus", "3");
	for (i = 0; i < FLOWS; i++) {
		tt_pair(&c, &s);
		pass(c, s);
		n += incoming_cpu(s);
	}
	if (!n || n == FLOWS)
		FAIL("all of %d connections on CPU %d", FLOWS, !!n);
}

static void by_read(int fd)
{
	char buf[256];

	recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
}

static void by_write(int fd)
{
	tt_write_all(fd, "y", 1);
}

static void by_splice(int fd)
{
	static int out[2] = { -1 };
	char buf[256];

	if (out[0] < 0)
		OK(pipe2(out, O_NONBLOCK));
	OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	splice(fd, NULL, out[1], NULL, sizeof(buf), SPLICE_F_NONBLOCK);
	while (read(out[0], buf, sizeof(buf)) > 0)
		;
}

/* What the hash would not choose: where a connection is used, and where it moves. */
static void rfs_follows(void (*use)(int))
{
	int c[8], s[8], i, cpu;

	two_cpus();
	own_sysfs();
	/* so many that no two flows have the same */
	global_set("/proc/sys/net/core/rps_sock_flow_entries", "65536");
	device_set("lo", "queues/rx-0/rps_cpus", "3");
	device_set("lo", "queues/rx-0/rps_flow_cnt", "65536");
	for (i = 0; i < 8; i++) {
		tt_pair(&c[i], &s[i]);
		tt_set(c[i], IPPROTO_TCP, TCP_NODELAY, 1);
	}
	for (cpu = 1; cpu >= 0; cpu--) {
		for (i = 0; i < 8; i++) {
			UNTIL(({
				on_cpu(cpu);
				use(s[i]);
				on_cpu(!cpu);
				tt_write_all(c[i], "x", 1);
				incoming_cpu(s[i]) == cpu;
			}));
		}
	}
	global_set("/proc/sys/net/core/rps_sock_flow_entries", "0");
}

static void rfs_follows_the_reader(void)
{
	rfs_follows(by_read);
}

static void rfs_follows_the_writer(void)
{
	rfs_follows(by_write);
}

static void rfs_follows_splice(void)
{
	rfs_follows(by_splice);
}

/* How many packets the queues of xa have sent. */
static void queues_sent(long *n)
{
	FILE *f = popen("tc -s qdisc show dev xa", "r");
	unsigned int queue = 0;
	char line[256];

	n[0] = n[1] = -1;
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		const char *parent = strstr(line, "parent 1:");

		if (parent)
			queue = strtoul(parent + 9, NULL, 16);
		if (queue >= 1 && queue <= 2)
			sscanf(line, " Sent %*u bytes %ld pkt", &n[queue - 1]);
	}
	pclose(f);
	if (n[0] < 0 || n[1] < 0)
		tt_need("a queueing discipline for each queue");
}

static void flows_spread_over_queues(void)
{
	int c[FLOWS], s[FLOWS];
	long n[2];

	far_open();
	tt_run("tc qdisc add dev xa root handle 1: mq");
	far_pairs(c, s, FLOWS);
	queues_sent(n);
	if (n[0] < 3 || n[1] < 3)
		FAIL("%ld and %ld packets", n[0], n[1]);
}

/* Each CPU has its queue: a connection moves when nothing of it is under way. */
static void xps_follows_the_sender(void)
{
	long before[2], after[2];
	int c, s, i, cpu;

	two_cpus();
	far_open();
	own_sysfs();
	tt_run("tc qdisc add dev xa root handle 1: mq");
	device_set("xa", "queues/tx-0/xps_cpus", "1");
	device_set("xa", "queues/tx-1/xps_cpus", "2");
	far_pairs(&c, &s, 1);
	for (cpu = 1; cpu >= 0; cpu--) {
		on_cpu(cpu);
		queues_sent(before);
		for (i = 0; i < ROUNDS; i++) {
			pass(c, s);
			pass(s, c);
		}
		queues_sent(after);
		if (after[cpu] - before[cpu] < ROUNDS * 3 / 4)
			FAIL("CPU %d: %ld packets by queue 0, %ld by queue 1",
			     cpu, after[0] - before[0], after[1] - before[1]);
	}
}

static long sent_by(const char *dev)
{
	FILE *f = fopen("/proc/net/dev", "r");
	long n, found = -1;
	char line[512], name[32];

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " %31[^:]: %*d %*d %*d %*d %*d %*d %*d %*d %*d %ld",
			   name, &n) == 2 && !strcmp(name, dev))
			found = n;
	fclose(f);
	CHECK(found >= 0);
	return found;
}

/* Do SYNs to a network behind two devices leave by both? */
static bool both_ways(int af, int protocol)
{
	struct tt_addr a = tt_parse("fd00:253:77::1", 9);
	long d0 = sent_by("d0"), d1 = sent_by("d1");
	int i;

	for (i = 0; i < FLOWS; i++)
		FAILS(connect(OK(socket(af, SOCK_STREAM | SOCK_NONBLOCK, protocol)),
			      &a.sa, a.len), EINPROGRESS);
	d0 = sent_by("d0") - d0;
	d1 = sent_by("d1") - d1;
	CHECK(d0 + d1 >= FLOWS);
	return d0 > 2 && d1 > 2;
}

/* IPv4 goes by addresses, and so does IPv6 until 6.12, with TCP as well. */
static void routes_of_one_cost(void)
{
	int i;

	if (!tt.v6)
		return;
	tt_run("ip addr add %s/64 dev lo nodad", OWN);
	for (i = 0; i < 2; i++)
		tt_run("ip link add d%d up type dummy && "
		       "ip addr add fd00:253:7%d::1/64 dev d%d nodad", i, i, i);
	tt_run("ip route add fd00:253:77::/64 src %s "
	       "nexthop via fd00:253:70::2 nexthop via fd00:253:71::2", OWN);
	if (!both_ways(AF_INET6, 0))
		tt_skip("this kernel goes by addresses");
	CHECK(both_ways(tt.af, tt.ttp));
}

/* veth does without NAPI unless there is something to merge. */
static void use_napi(const char *sender, const char *receiver)
{
	struct ethtool_value off = { ETHTOOL_STSO, 0 }, on = { ETHTOOL_SGRO, 1 };
	int fd = OK(socket(AF_INET, SOCK_DGRAM, 0));
	struct ifreq ifr = {};

	ifr.ifr_data = (void *)(sender ? &off : &on);
	strcpy(ifr.ifr_name, sender ? sender : receiver);
	OK(ioctl(fd, SIOCETHTOOL, &ifr));
	close(fd);
}

static void far_open_napi(void)
{
	far_open();
	use_napi("xa", NULL);
	use_napi(NULL, "xa");
	there();
	use_napi("xb", NULL);
	use_napi(NULL, "xb");
	here();
}

static int napi_id(int fd)
{
	return tt_get(fd, SOL_SOCKET, SO_INCOMING_NAPI_ID);
}

/* Of both ends, from the handshake on. */
static void napi_id_is_told(void)
{
	int c, s;

	far_open_napi();
	far_pairs(&c, &s, 1);
	CHECK(napi_id(c) > 0);
	CHECK(napi_id(s) > 0);
	CHECK(napi_id(c) != napi_id(s));
	tt_pair(&c, &s);
	EQ(napi_id(s), 0);
}

static long busy_polled(void)
{
	FILE *f = fopen("/proc/net/netstat", "r");
	char names[8192], values[8192], *name, *value, *n, *v;
	long found = -1;

	CHECK(f && fgets(names, sizeof(names), f) &&
	      fgets(values, sizeof(values), f));
	fclose(f);
	name = strtok_r(names, " \n", &n);
	value = strtok_r(values, " \n", &v);
	while (name && value) {
		if (!strcmp(name, "BusyPollRxPackets"))
			found = atol(value);
		name = strtok_r(NULL, " \n", &n);
		value = strtok_r(NULL, " \n", &v);
	}
	CHECK(found >= 0);
	return found;
}

/*
 * A connection whose packets stay in the device of the far end for minutes,
 * unless somebody asks for them.
 */
static void slow_device(int *c, int *s)
{
	far_open_napi();
	far_pairs(c, s, 1);
	pass(*c, *s);
	CHECK(napi_id(*s) > 0);
	there();
	own_sysfs();
	device_set("xb", "napi_defer_hard_irqs", "100");
	device_set("xb", "gro_flush_timeout", "300000000000");
	/* the last that comes by itself */
	pass(*c, *s);
}

static void busy_read(void)
{
	int c, s, i, us = 100000;
	long before;
	char byte;

	slow_device(&c, &s);
	/* the ACK of a byte shall not be what lets the next one go */
	tt_set(c, IPPROTO_TCP, TCP_NODELAY, 1);
	before = busy_polled();
	tt_write_all(c, "x", 1);
	CHECK(!tt_poll(s, POLLIN, 300));
	FAILS(recv(s, &byte, 1, MSG_DONTWAIT), EAGAIN);
	EQ(busy_polled(), before);
	OK(setsockopt(s, SOL_SOCKET, SO_BUSY_POLL, &us, sizeof(us)));
	EQ(recv(s, &byte, 1, MSG_DONTWAIT), 1);
	for (i = 0; i < ROUNDS; i++) {
		tt_write_all(c, "x", 1);
		EQ(recv(s, &byte, 1, i & 1 ? MSG_DONTWAIT : 0), 1);
	}
	CHECK(busy_polled() >= before + ROUNDS);
}

static void busy_poll(void)
{
	int c, s, us = 100000;
	long before;
	char byte;

	slow_device(&c, &s);
	OK(setsockopt(s, SOL_SOCKET, SO_BUSY_POLL, &us, sizeof(us)));
	before = busy_polled();
	tt_write_all(c, "x", 1);
	CHECK(!tt_poll(s, POLLIN, 300));
	global_set("/proc/sys/net/core/busy_poll", "100");
	EQ(tt_poll(s, POLLIN, 0), POLLIN);
	global_set("/proc/sys/net/core/busy_poll", "0");
	CHECK(busy_polled() > before);
	EQ(recv(s, &byte, 1, MSG_DONTWAIT), 1);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(cpu_is_told, TT_OWN_NET),
	TEST_FLAGS(rps_spreads, TT_OWN_NET),
	TEST_FLAGS(rfs_follows_the_reader, TT_OWN_NET),
	TEST_FLAGS(rfs_follows_the_writer, TT_OWN_NET),
	TEST_FLAGS(rfs_follows_splice, TT_OWN_NET),
	TEST_FLAGS(flows_spread_over_queues, TT_OWN_NET),
	TEST_FLAGS(xps_follows_the_sender, TT_OWN_NET),
	TEST_FLAGS(routes_of_one_cost, TT_OWN_NET),
	TEST_FLAGS(napi_id_is_told, TT_OWN_NET),
	TEST_FLAGS(busy_read, TT_OWN_NET),
	TEST_FLAGS(busy_poll, TT_OWN_NET),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
