// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests MSG_ZEROCOPY: that the kernel sends from the program's own
 * memory, and says when it no longer does.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>

#include <linux/ttp.h>

#include "peer.h"

#define PAGE	4096
#define LEN	600

static char buf[1 << 16];

/* What the error queue said: calls @lo to @hi are done with. */
struct notice {
	uint32_t lo, hi;
	bool copied;
};

static void allow(int fd)
{
	int one = 1;

	if (!setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		return;
	/* kernels that let no family but their own have it */
	EQ(errno, EOPNOTSUPP);
	CHECK(tt.ttp);
	tt_set(fd, SOL_TTP, SO_ZEROCOPY, 1);
}

static char *memory(size_t len)
{
	char *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(mem != MAP_FAILED);
	tt_pattern(mem, len, 0);
	return mem;
}

static bool notice_get(int fd, struct notice *n)
{
	char control[256];
	struct msghdr msg = {
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct sock_extended_err *e;
	struct cmsghdr *c;

	if (recvmsg(fd, &msg, MSG_ERRQUEUE) < 0) {
		EQ(errno, EAGAIN);
		return false;
	}
	c = CMSG_FIRSTHDR(&msg);
	CHECK(c);
	if (tt.v6)
		CHECK(c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR);
	else
		CHECK(c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR);
	e = (struct sock_extended_err *)CMSG_DATA(c);
	EQ(e->ee_errno, 0);
	EQ(e->ee_origin, SO_EE_ORIGIN_ZEROCOPY);
	*n = (struct notice){ e->ee_info, e->ee_data,
			      e->ee_code & SO_EE_CODE_ZEROCOPY_COPIED };
	return true;
}

static struct notice notice_wait(int fd)
{
	struct notice n;

	EQ(tt_poll(fd, 0, TT_DEADLINE), POLLERR);
	UNTIL(notice_get(fd, &n));
	return n;
}

static bool notice_none(int fd)
{
	struct notice n;

	return !notice_get(fd, &n);
}

#define CALLS	4096

/*
 * Calls @from to @to, each once, whatever is said at once.  In order as well, as
 * a rule; but the last piece of a call may be let go on another CPU than that of
 * the next one.
 */
static void notices(int fd, uint32_t from, uint32_t to)
{
	static bool seen[CALLS];
	uint32_t left = to - from + 1, i;
	struct notice n;

	CHECK(to < CALLS);
	while (left) {
		n = notice_wait(fd);
		CHECK(n.lo >= from && n.hi >= n.lo && n.hi <= to);
		for (i = n.lo; i <= n.hi; i++, left--) {
			CHECK(!seen[i]);
			seen[i] = true;
		}
	}
	CHECK(notice_none(fd));
}

static int unsent(int fd)
{
	int n;

	OK(ioctl(fd, SIOCOUTQ, &n));
	return n;
}

static void option(void)
{
	int level = tt.ttp ? SOL_TTP : SOL_SOCKET, two = 2, c, s;

	tt_pair(&c, &s);
	EQ(tt_get(c, SOL_SOCKET, SO_ZEROCOPY), 0);
	FAILS(setsockopt(c, level, SO_ZEROCOPY, &two, sizeof(two)), EINVAL);
	FAILS(setsockopt(c, level, SO_ZEROCOPY, &two, 1), EINVAL);
	allow(c);
	EQ(tt_get(c, SOL_SOCKET, SO_ZEROCOPY), 1);
	tt_set(c, level, SO_ZEROCOPY, 0);
	EQ(tt_get(c, SOL_SOCKET, SO_ZEROCOPY), 0);
	/* a child has it too, and its neighbours are as they were */
	allow(s);
	EQ(tt_get(s, SOL_SOCKET, SO_ZEROCOPY), 1);
	tt_set(s, SOL_SOCKET, SO_PRIORITY, 3);
	EQ(tt_get(s, SOL_SOCKET, SO_PRIORITY), 3);
	FAILS(setsockopt(s, SOL_SOCKET, 9999, &two, sizeof(two)), ENOPROTOOPT);
}

static void told_at_the_end(void)
{
	char *mem = memory(sizeof(buf));
	struct notice n;
	int c, s;

	tt_pair(&c, &s);
	allow(c);
	EQ(send(c, mem, sizeof(buf), MSG_ZEROCOPY), sizeof(buf));
	tt_read_all(s, buf, sizeof(buf));
	CHECK(tt_is_pattern(buf, sizeof(buf), 0));
	n = notice_wait(c);
	EQ(n.lo, 0);
	EQ(n.hi, 0);
	/* a receiver in the same machine must not read what may change */
	CHECK(n.copied);
	CHECK(notice_none(c));
	EQ(tt_poll(c, POLLOUT, 0), POLLOUT);
}

static void ignored_without_option(void)
{
	char *mem = memory(PAGE);
	int c, s;

	tt_pair(&c, &s);
	EQ(send(c, mem, PAGE, MSG_ZEROCOPY), PAGE);
	memset(mem, 0, PAGE);
	tt_read_all(s, buf, PAGE);
	CHECK(tt_is_pattern(buf, PAGE, 0));
	UNTIL(!unsent(c));
	CHECK(notice_none(c));
}

static void next_data(const struct peer *p, struct seg *s)
{
	do
		CHECK(peer_poll(s, TT_DEADLINE));
	while (!s->len || s->seq != p->rcv_nxt);
}

/* Data waits for a window, its memory is written to, and then it is sent. */
static void memory_is_not_copied(void)
{
	struct peer p = peer_new();
	char *mem = memory(PAGE);
	struct notice n;
	struct seg s;
	int fd;

	peer_open();
	p.win = 0;
	fd = peer_answer(&p);
	allow(fd);
	EQ(send(fd, mem, LEN, MSG_ZEROCOPY), LEN);
	memset(mem, 'b', PAGE);
	CHECK(notice_none(fd));
	p.win = 30000;
	peer_send(&p, F_ACK, 0);
	do
		next_data(&p, &s);
	while (s.len != LEN);
	EQ(s.data[LEN / 2], 'b');
	CHECK(notice_none(fd));
	p.rcv_nxt += LEN;
	peer_send(&p, F_ACK, 0);
	n = notice_wait(fd);
	EQ(n.lo, 0);
	EQ(n.hi, 0);
}

/* In flight, memory is the kernel's, cut and repeated as need be. */
static void repeated_and_cut(void)
{
	struct peer p = peer_new();
	char *mem = memory(PAGE);
	struct seg s;
	int fd, at;

	peer_open();
	fd = peer_answer(&p);
	allow(fd);
	EQ(send(fd, mem, 3000, MSG_ZEROCOPY), 3000);
	peer_expect_data(&p, 3000);
	p.rcv_nxt -= 2100;
	peer_send(&p, F_ACK, 0);
	for (at = 900; at < 3000; at += s.len) {
		CHECK(notice_none(fd));
		next_data(&p, &s);
		CHECK(tt_is_pattern(s.data, s.len, at));
		p.rcv_nxt += s.len;
		peer_send(&p, F_ACK, 0);
	}
	notices(fd, 0, 0);
}

/* What was never sent was never copied. */
static void reset_tells_as_well(void)
{
	struct peer p = peer_new();
	char *mem = memory(PAGE);
	struct notice n;
	int fd;

	peer_open();
	p.win = 0;
	fd = peer_answer(&p);
	allow(fd);
	EQ(send(fd, mem, LEN, MSG_ZEROCOPY), LEN);
	CHECK(notice_none(fd));
	peer_send(&p, F_RST, 0);
	EQ(tt_poll(fd, POLLIN, TT_DEADLINE) & POLLERR, POLLERR);
	UNTIL(notice_get(fd, &n));
	EQ(n.lo, 0);
	EQ(n.hi, 0);
	CHECK(!n.copied);
	EQ(tt_so_error(fd), ECONNRESET);
}

/* Small calls share a record, and several are told of at once. */
static void each_call_once(void)
{
	char *mem = memory(PAGE);
	int c, s, i;

	tt_pair(&c, &s);
	allow(c);
	for (i = 0; i < 20; i++)
		EQ(send(c, mem + 100 * i, 100, MSG_ZEROCOPY), 100);
	tt_read_all(s, buf, 2000);
	CHECK(tt_is_pattern(buf, 2000, 0));
	notices(c, 0, 19);
	EQ(send(c, mem, 100, MSG_ZEROCOPY), 100);
	tt_read_all(s, buf, 100);
	notices(c, 20, 20);
}

/* Copied, shared and pinned pieces, in one stream. */
static void mixture(void)
{
	static const size_t steps[] = { 100, 20000, 3, 4096, 70000, 1234, 9000 };
	const size_t total = 3000000;
	char *mem = memory(total);
	int c, s, file = OK(memfd_create("data", 0));
	size_t at, n, i = 0;
	uint32_t calls = 0;
	off_t off;

	tt_write_all(file, mem, total);
	tt_pair(&c, &s);
	allow(c);
	tt_set(c, SOL_SOCKET, SO_SNDBUF, 150000);
	if (!OK(fork())) {
		for (at = 0; at < total; at += n) {
			n = OK(read(s, buf, sizeof(buf)));
			if (!n || !tt_is_pattern(buf, n, at))
				_exit(1);
		}
		_exit(0);
	}
	for (at = 0; at < total; i++) {
		n = steps[i % ARRAY_SIZE(steps)];
		if (n > total - at)
			n = total - at;
		off = at;
		if (i % 5 == 1) {
			at += OK(send(c, mem + at, n, MSG_MORE));
		} else if (i % 5 == 3) {
			at += OK(sendfile(c, file, &off, n));
		} else {
			at += OK(send(c, mem + at, n, MSG_ZEROCOPY |
				      (i % 2 ? MSG_MORE : 0)));
			calls++;
		}
	}
	OK(wait((int *)buf));
	EQ(*(int *)buf, 0);
	notices(c, 0, calls - 1);
}

/* A call that fails pins nothing and is not told of. */
static void failures(void)
{
	char *mem = memory(PAGE);
	int c, s;

	OK(signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0);
	c = tt_socket(0);
	allow(c);
	FAILS(send(c, mem, PAGE, MSG_ZEROCOPY), EPIPE);
	tt_pair(&c, &s);
	allow(c);
	FAILS(send(c, (void *)16, PAGE, MSG_ZEROCOPY), EFAULT);
	CHECK(notice_none(c));
	EQ(send(c, mem, 0, MSG_ZEROCOPY), 0);
	EQ(send(c, mem, PAGE, MSG_ZEROCOPY), PAGE);
	tt_read_all(s, buf, PAGE);
	notices(c, 0, 0);
	OK(shutdown(c, SHUT_WR));
	FAILS(send(c, mem, PAGE, MSG_ZEROCOPY), EPIPE);
	CHECK(notice_none(c));
}

/* Pinned memory counts against the user's RLIMIT_MEMLOCK. */
static void locked_memory(void)
{
	struct rlimit none = { 0, 0 };
	char *mem = memory(PAGE);
	int c, s;

	tt_pair(&c, &s);
	allow(c);
	OK(setrlimit(RLIMIT_MEMLOCK, &none));
	OK(setresuid(65534, 65534, 65534));
	FAILS(send(c, mem, PAGE, MSG_ZEROCOPY), ENOBUFS);
	CHECK(notice_none(c));
	EQ(send(c, mem, 10, 0), 10);
	tt_read_all(s, buf, 10);
}

/* The reader gets all of it, though nobody is left to be told. */
static void closed_before_the_end(void)
{
	const size_t total = 60000;
	struct linger l = { 1, 5 };
	int c, s, i;
	char *mem;

	for (i = 0; i < 2; i++) {
		mem = memory(total);
		tt_pair(&c, &s);
		allow(c);
		EQ(send(c, mem, total, MSG_ZEROCOPY), total);
		if (i)
			OK(setsockopt(c, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
		OK(close(c));
		OK(munmap(mem, total));
		tt_read_all(s, buf, total);
		CHECK(tt_is_pattern(buf, total, 0));
		EQ(read(s, buf, 1), 0);
		close(s);
	}
}

static const struct tt_test tests[] = {
	TEST(option),
	TEST(told_at_the_end),
	TEST(ignored_without_option),
	TEST(memory_is_not_copied),
	TEST(repeated_and_cut),
	TEST(reset_tells_as_well),
	TEST(each_call_once),
	TEST(mixture),
	TEST(failures),
	TEST(locked_memory),
	TEST(closed_before_the_end),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
