// SPDX-License-Identifier: GPL-2.0
/*
 * This file provokes the drops that are nobody's fault: no room, no memory, no
 * way back, no reader any more. Each (TTP) moves exactly its counter, and the
 * connection, if it is one that goes on, goes on.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/filter.h>
#include <netinet/tcp.h>

#include "busy.h"
#include "drops.h"
#include "reach.h"

#ifndef SO_RCVBUFFORCE
#define SO_SNDBUFFORCE	32
#define SO_RCVBUFFORCE	33
#endif

static char buf[1 << 16];

#define MOST_ACKS	2000

/* What comes while a reader has the socket waits, up to a limit. */
static void backlog_full(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct busy b;
	int fd, i;

	peer_open();
	fd = peer_dial(&p);
	busy_begin(&b, &p, fd);
	read_drops(&before);
	for (i = 0; i < MOST_ACKS && !dropped(&before, "Backlog"); i++)
		peer_send(&p, F_ACK, 0);
	/* far more than a few were taken, and from now on none is */
	CHECK(i > 20 && (i < MOST_ACKS || !tt.ttp));
	for (i = 0; i < 4; i++)
		peer_send(&p, F_ACK, 0);
	only_moved(&before, "Backlog", 5);
	busy_end(&b);
	still_works(&p, fd);
	only_moved(&before, "Backlog", 5);
}

/* Two buffers of 2 GiB each allow for more, not for less (32-bit sum). */
static void backlog_of_huge_buffers(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct busy b;
	int fd, i;

	peer_open();
	fd = peer_dial(&p);
	tt_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 0x7fffffff);
	tt_set(fd, SOL_SOCKET, SO_SNDBUFFORCE, 0x7fffffff);
	busy_begin(&b, &p, fd);
	read_drops(&before);
	/* several times what 64 KiB would hold */
	for (i = 0; i < 400; i++)
		peer_send(&p, F_ACK, 0);
	EQ(dropped(&before, "Backlog"), 0);
	busy_end(&b);
	still_works(&p, fd);
	EQ(dropped(&before, "Backlog"), 0);
}

/* A reset and what came behind it were waiting together. */
static void closed_while_waiting(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct busy b;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	busy_begin(&b, &p, fd);
	read_drops(&before);
	peer_send(&p, F_RST, 0);
	peer_send(&p, F_ACK, 8);
	peer_send(&p, F_ACK, 0);
	EQ(dropped(&before, "Closed"), 0);
	EQ(tt_count_state(TCP_ESTABLISHED, p.kport), 1);
	busy_end(&b);
	only_moved(&before, "Closed", 2);
	EQ(tt_so_error(fd), ECONNRESET);
	EQ(read(fd, buf, 8), 0);
}

static void set_optmem(const char *value)
{
	const char *path = "/proc/sys/net/core/optmem_max";
	int status;

	/* before 6.8 there is one for all namespaces, to be seen in the first */
	if (!OK(fork())) {
		if (access(path, W_OK))
			OK(setns(OK(open("/proc/1/ns/net", O_RDONLY)),
				 CLONE_NEWNET));
		tt_proc_write(path, value);
		_exit(0);
	}
	OK(wait(&status));
	EQ(status, 0);
}

/*
 * A child inherits its listener's filter, and must pay for it. When that
 * memory is refused the final ACK was in vain; the next one is not.
 */
static void no_memory_for_a_child(void)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
	struct sock_fprog prog = { 1, &all };
	struct peer p = peer_new();
	struct drops before;
	int l, fd;

	peer_open();
	l = peer_listener(&p);
	OK(setsockopt(l, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	read_drops(&before);
	set_optmem("1");
	peer_send(&p, F_ACK, 0);
	set_optmem("131072");
	only_moved(&before, "NoMemory", 1);
	EQ(tt_poll(l, POLLIN, 0), 0);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 1);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	only_moved(&before, "NoMemory", 1);
	still_works(&p, fd);
}

/* A SYN from somewhere that there is no way back to. */
static void no_route_for_a_request(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;

	peer_open();
	peer_listener(&p);
	read_drops(&before);
	s = peer_seg(&p, F_SYN, 0);
	s.from = tt.v6 ? "fd00:99::9" : "192.0.2.9";
	peer_xmit(&s);
	only_moved(&before, "NoRoute", 1);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 0);
}

static void route_to_peer(const char *verb)
{
	tt_run("ip route %s %s dev peer0", verb,
	       tt.v6 ? "fd00:254::/64" : "10.254.0.0/24");
}

/* The way back is lost between SYN and final ACK, and found again. */
static void no_route_for_a_child(void)
{
	struct peer p = peer_new();
	struct drops before;
	int l;

	peer_open();
	l = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	read_drops(&before);
	route_to_peer("del");
	peer_send(&p, F_ACK, 0);
	route_to_peer("add");
	only_moved(&before, "NoRoute", 1);
	peer_send(&p, F_ACK, 0);
	still_works(&p, OK(accept(l, NULL, NULL)));
}

/* A connection with a receive buffer of 16 KiB: 8 KiB of window. */
static int dial_small(struct peer *p)
{
	int l, fd;

	peer_open();
	l = peer_listener(p);
	tt_set(l, SOL_SOCKET, SO_RCVBUF, 8192);
	peer_send(p, F_SYN, 0);
	peer_expect(p, F_SYN | F_ACK);
	peer_send(p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	close(l);
	return fd;
}

#define SMALL	100
#define WINDOW	8000

/* Small segments behind a hole, until their overhead has filled the buffer. */
static void buffer_full_of_islands(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	int fd, n;

	fd = dial_small(&p);
	read_drops(&before);
	for (n = 0; !dropped(&before, "RcvBuffer"); n++) {
		CHECK(2 * n * SMALL < WINDOW);
		s = peer_seg(&p, F_ACK, SMALL);
		s.seq += (2 * n + 1) * SMALL;
		peer_xmit(&s);
		s = peer_expect(&p, F_ACK);
		EQ(s.ack, p.snd_nxt);
	}
	CHECK(n > 5);
	only_moved(&before, "RcvBuffer", 1);
	EQ(tt_poll(fd, POLLIN, 0), 0);
	/* what fills the first hole is worth more than any of them */
	peer_send(&p, F_ACK, SMALL);
	p.snd_nxt += SMALL;
	tt_read_all(fd, buf, 2 * SMALL);
	only_moved(&before, "RcvBuffer", 1);
}

/* RFC 1122 4.2.2.13: data for a program that has closed ends it all. */
static void after_close_in(int state)
{
	struct peer p = peer_new();
	struct drops before;
	int fd;

	peer_open();
	fd = reach(state, &p);
	close(fd);
	read_drops(&before);
	peer_send(&p, F_ACK, 8);
	peer_expect_reset(&p);
	only_moved(&before, "AfterClose", 1);
	EQ(tt_count_state(state, p.kport), 0);
}

static void after_close_in_fin_wait1(void) { after_close_in(TCP_FIN_WAIT1); }
static void after_close_in_fin_wait2(void) { after_close_in(TCP_FIN_WAIT2); }

/*
 * A filter may cut a segment. What it leaves counts, the rest must come again,
 * and a FIN behind it has not come yet.
 */
static void cut_by_filter(void)
{
	struct sock_filter cut = BPF_STMT(BPF_RET | BPF_K, 20 + 15);
	struct sock_fprog prog = { 1, &cut };
	/* Linux TCP believes the FIN, and the hole is closed with it */
	unsigned int fin = tt.ttp ? F_FIN : 0;
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	OK(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	s = peer_seg(&p, F_ACK | fin, 40);
	peer_xmit(&s);
	p.snd_nxt += 15;
	do
		s = peer_expect(&p, F_ACK);
	while (s.ack != p.snd_nxt);
	EQ(recv(fd, buf, 40, MSG_DONTWAIT), 15);
	CHECK(tt_is_pattern(buf, 15, 0));
	EQ(tt_state(fd), TCP_ESTABLISHED);
	tt_set(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
	s = peer_seg(&p, F_ACK | F_FIN, 25);
	tt_pattern(s.data, 25, 15);
	peer_xmit(&s);
	p.snd_nxt += 26;
	tt_read_all(fd, buf, 25);
	CHECK(tt_is_pattern(buf, 25, 15));
	EQ(read(fd, buf, 1), 0);
	tt_until_state(fd, TCP_CLOSE_WAIT);
}

/* A FIN behind a hole is kept once, too. */
static void duplicate_fin_out_of_order(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	int fd, i;

	peer_open();
	fd = peer_dial(&p);
	read_drops(&before);
	s = peer_seg(&p, F_ACK | F_FIN, 8);
	s.seq += 8;
	for (i = 0; i < 3; i++) {
		peer_xmit(&s);
		peer_expect(&p, F_ACK);
	}
	only_moved(&before, "DuplicateData", 2);
	peer_send(&p, F_ACK, 8);
	tt_read_all(fd, buf, 16);
	EQ(read(fd, buf, 1), 0);
	tt_until_state(fd, TCP_CLOSE_WAIT);
}

static const struct tt_test tests[] = {
	TEST(backlog_full),
	TEST(backlog_of_huge_buffers),
	TEST(closed_while_waiting),
	TEST(no_memory_for_a_child),
	TEST(no_route_for_a_request),
	TEST(no_route_for_a_child),
	TEST_FLAGS(buffer_full_of_islands, TT_TTP_ONLY),
	TEST(after_close_in_fin_wait1),
	TEST(after_close_in_fin_wait2),
	TEST(cut_by_filter),
	TEST(duplicate_fin_out_of_order),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
