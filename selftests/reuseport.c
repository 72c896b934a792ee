// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests listeners that share a port (SO_REUSEPORT): who gets which
 * connection, by hash, by a BPF program or by CPU, and what changes when one of
 * them goes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/sockios.h>

#include "ttptest.h"

#ifndef SO_DETACH_REUSEPORT_BPF
#define SO_DETACH_REUSEPORT_BPF 68
#endif

#define FLAG_ACK	0x10
#define IP_HLEN		(tt.v6 ? 40 : 20)

/* A listener at @a, which gets a port if it has none. */
static int sharer(struct tt_addr *a)
{
	int fd = tt_socket(SOCK_NONBLOCK);

	tt_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	OK(bind(fd, &a->sa, a->len));
	OK(listen(fd, 64));
	*a = tt_local(fd);
	return fd;
}

/* @n of them. */
static unsigned int group(int *fds, int n)
{
	struct tt_addr a = tt_loopback(0);
	int i;

	for (i = 0; i < n; i++)
		fds[i] = sharer(&a);
	return tt_port(&a);
}

/* How many connections wait at @fd; the port of the last one's peer. */
static int take(int fd, unsigned int *peer)
{
	struct tt_addr a;
	int n = 0, s;

	while ((s = accept(fd, NULL, NULL)) >= 0) {
		a = tt_remote(s);
		if (peer)
			*peer = tt_port(&a);
		close(s);
		n++;
	}
	EQ(errno, EAGAIN);
	return n;
}

/* The classic BPF program @code chooses. */
static int choose(int fd, struct sock_filter *code, int len)
{
	struct sock_fprog prog = { .len = len, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
			  sizeof(prog));
}

static int choose_always(int fd, unsigned int index)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, index) };

	return choose(fd, code, ARRAY_SIZE(code));
}

static int detach(int fd)
{
	int none = 0;

	return setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &none,
			  sizeof(none));
}

/* A connection at both ends: the other one has taken a byte. */
static int dial(unsigned int port)
{
	int c = tt_dial(port), left;

	tt_write_all(c, "x", 1);
	UNTIL(!ioctl(c, SIOCOUTQ, &left) && !left);
	return c;
}

static void dial_all(unsigned int port, int n)
{
	while (n--)
		close(dial(port));
}

static void hash_spreads(void)
{
	int fds[4], i, n, sum = 0;
	unsigned int port = group(fds, 4);

	dial_all(port, 64);
	for (i = 0; i < 4; i++) {
		n = take(fds[i], NULL);
		sum += n;
		if (!n)
			FAIL("listener %d of 4 got none of 64", i);
	}
	EQ(sum, 64);
}

/* The program sees what follows the header, and by SKF_NET_OFF all of it. */
static void program_chooses(void)
{
	struct sock_filter by_port[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, SKF_NET_OFF + IP_HLEN),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct tt_addr a;
	unsigned int port, peer;
	int fds[2], i, c;

	port = group(fds, 2);
	OK(choose(fds[0], by_port, ARRAY_SIZE(by_port)));
	for (i = 0; i < 20; i++) {
		c = dial(port);
		a = tt_local(c);
		EQ(take(fds[!(tt_port(&a) & 1)], NULL), 0);
		EQ(take(fds[tt_port(&a) & 1], &peer), 1);
		EQ(peer, tt_port(&a));
		close(c);
	}
}

static void other_program(void)
{
	int fds[3];
	unsigned int port = group(fds, 3);

	OK(choose_always(fds[1], 2));
	dial_all(port, 20);
	EQ(take(fds[2], NULL), 20);
	/* Any member speaks for all. */
	OK(choose_always(fds[2], 0));
	dial_all(port, 20);
	EQ(take(fds[0], NULL), 20);
}

/* There is no such member: as without a program. */
static void index_out_of_range(void)
{
	int fds[2], n;
	unsigned int port = group(fds, 2);

	OK(choose_always(fds[0], 2));
	dial_all(port, 40);
	n = take(fds[0], NULL);
	CHECK(n > 0 && n < 40);
	EQ(take(fds[1], NULL), 40 - n);
}

static void detached(void)
{
	int fds[2], n;
	unsigned int port = group(fds, 2);

	FAILS(detach(fds[0]), ENOENT);
	OK(choose_always(fds[0], 1));
	OK(detach(fds[1]));
	FAILS(detach(fds[0]), ENOENT);
	dial_all(port, 40);
	n = take(fds[0], NULL);
	CHECK(n > 0 && n < 40);
}

/* The first may bring the program along. */
static void attached_before_listen(void)
{
	struct tt_addr a = tt_loopback(0);
	int first = tt_socket(SOCK_NONBLOCK), second;

	FAILS(choose_always(first, 0), EINVAL);
	FAILS(detach(first), EINVAL);
	tt_set(first, SOL_SOCKET, SO_REUSEPORT, 1);
	OK(choose_always(first, 1));
	OK(bind(first, &a.sa, a.len));
	OK(listen(first, 64));
	a = tt_local(first);
	second = sharer(&a);
	dial_all(tt_port(&a), 20);
	EQ(take(first, NULL), 0);
	EQ(take(second, NULL), 20);
}

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static void extended_program(void)
{
	struct bpf_insn one[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0,
		  .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)one,
		.insn_cnt = ARRAY_SIZE(one),
		.license = (uintptr_t)"GPL",
	};
	int fds[2], prog;
	unsigned int port;

	prog = bpf(BPF_PROG_LOAD, &attr);
	if (prog < 0)
		tt_skip("the kernel has no bpf()");
	port = group(fds, 2);
	tt_set(fds[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, prog);
	close(prog);
	dial_all(port, 20);
	EQ(take(fds[0], NULL), 0);
	EQ(take(fds[1], NULL), 20);
}

/* What waits at a listener goes with it; the rest get what comes from now on. */
static void one_closes(void)
{
	int fds[3], c;
	unsigned int port = group(fds, 3);
	struct tt_addr a;
	char byte;

	OK(choose_always(fds[0], 1));
	c = tt_dial(port);
	close(fds[1]);
	FAILS(read(c, &byte, 1), ECONNRESET);
	dial_all(port, 40);	/* the last has taken the place */
	EQ(take(fds[2], NULL), 40);
	close(fds[2]);
	dial_all(port, 40);	/* there is no number 1 any more */
	EQ(take(fds[0], NULL), 40);
	close(fds[0]);
	a = tt_loopback(port);
	c = tt_socket(0);
	FAILS(connect(c, &a.sa, a.len), ECONNREFUSED);
}

/* It may listen again: its port was not the kernel's choice, and stays. */
static void one_shuts_down(void)
{
	int fds[2], n;
	unsigned int port = group(fds, 2);

	OK(shutdown(fds[1], SHUT_RDWR));
	dial_all(port, 40);
	EQ(take(fds[0], NULL), 40);
	OK(listen(fds[1], 64));
	dial_all(port, 40);
	n = take(fds[0], NULL);
	CHECK(n > 0 && n < 40);
	EQ(take(fds[1], NULL), 40 - n);
}

/* A group for one address and one for all: the first comes first. */
static void other_address_other_group(void)
{
	struct tt_addr one = tt_loopback(0), any;
	int fds[2];

	fds[0] = sharer(&one);
	any = tt_any(tt_port(&one));
	fds[1] = sharer(&any);
	OK(choose_always(fds[1], 0));
	dial_all(tt_port(&one), 40);
	EQ(take(fds[0], NULL), 40);
	close(fds[0]);
	dial_all(tt_port(&one), 40);
	EQ(take(fds[1], NULL), 40);
}

static int sharer6(struct tt_addr *a, bool v6)
{
	int fd = tt_socket_of(v6, SOCK_NONBLOCK);

	tt_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	OK(bind(fd, &a->sa, a->len));
	OK(listen(fd, 64));
	return fd;
}

/* An IPv4 connection goes to the IPv4 listeners, if there are any. */
static void dual_stack(void)
{
	struct tt_addr any4 = tt_parse("0.0.0.0", 7031);
	struct tt_addr any6 = tt_parse("::", 7031);
	int four[2], six[2], i, n;

	for (i = 0; i < 2; i++)
		six[i] = sharer6(&any6, true);
	dial_all(7031, 40);
	n = take(six[0], NULL);
	CHECK(n > 0 && n < 40);
	EQ(take(six[1], NULL), 40 - n);
	for (i = 0; i < 2; i++)
		four[i] = sharer6(&any4, false);
	dial_all(7031, 40);
	n = take(tt.v6 ? six[0] : four[0], NULL);
	CHECK(n > 0 && n < 40);
	EQ(take(tt.v6 ? six[1] : four[1], NULL), 40 - n);
}

/* The SYN goes to one, which keeps nothing, and its cookie to the other. */
static void cookie_for_another(void)
{
	struct sock_filter by_ack[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_NET_OFF + IP_HLEN + 13),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FLAG_ACK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	int fds[2];
	unsigned int port = group(fds, 2);

	tt_sysctl_set("syncookies", 2);
	OK(choose(fds[0], by_ack, ARRAY_SIZE(by_ack)));
	dial_all(port, 10);
	UNTIL(tt_poll(fds[1], POLLIN, 0));
	EQ(take(fds[0], NULL), 0);
	EQ(take(fds[1], NULL), 10);
}

/* SO_INCOMING_CPU of listeners: each CPU has one of its own. */
static void by_cpu(void)
{
	int fds[2], cpu;
	unsigned int port = group(fds, 2);
	cpu_set_t set;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		tt_skip("one CPU");
	tt_set(fds[0], SOL_SOCKET, SO_INCOMING_CPU, 1);
	tt_set(fds[1], SOL_SOCKET, SO_INCOMING_CPU, 0);
	for (cpu = 0; cpu < 2; cpu++) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		OK(sched_setaffinity(0, sizeof(set), &set));
		dial_all(port, 20);
		EQ(take(fds[cpu], NULL), 0);
		EQ(take(fds[!cpu], NULL), 20);
	}
}

/* More than the kernel has room for at first. */
static void many_listeners(void)
{
	int fds[140], i;
	unsigned int port = group(fds, 140);

	OK(choose_always(fds[139], 139));
	dial_all(port, 3);
	for (i = 0; i < 139; i++)
		EQ(take(fds[i], NULL), 0);
	EQ(take(fds[139], NULL), 3);
}

static const struct tt_test tests[] = {
	TEST(hash_spreads),
	TEST(program_chooses),
	TEST(other_program),
	TEST(index_out_of_range),
	TEST(detached),
	TEST(attached_before_listen),
	TEST(extended_program),
	TEST(one_closes),
	TEST(one_shuts_down),
	TEST(other_address_other_group),
	TEST(dual_stack),
	TEST_FLAGS(cookie_for_another, TT_OWN_NET),
	TEST(by_cpu),
	TEST(many_listeners),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
