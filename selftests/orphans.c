// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what becomes of connections that no program holds: how many
 * there may be, how much memory they may keep, how long they wait.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "reach.h"

static char buf[1 << 16];

static int orphans(void)
{
	return tt_counter("TtpOrphans");
}

static int aborted(void)
{
	return tt_counter("TtpAbortOnMemory");
}

/* Closed, its FIN is not answered. */
static void leave_orphan(struct peer *p)
{
	*p = peer_new();
	close(peer_answer(p));
	peer_expect(p, F_FIN | F_ACK);
}

/* The others go on repeating their FINs. */
static void until_reset(const struct peer *p)
{
	struct seg s;

	do
		CHECK(peer_poll(&s, TT_DEADLINE));
	while (s.dport != p->port || !(s.flags & F_RST));
}

static void answer_orphan(struct peer *p)
{
	peer_send(p, F_FIN | F_ACK, 0);
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p->kport, p->port) == 1);
}

static void one_too_many(void)
{
	int before = aborted(), i, fd;
	struct peer p[3], last;

	peer_open();
	tt_sysctl_set("max_orphans", ARRAY_SIZE(p));
	for (i = 0; i < (int)ARRAY_SIZE(p); i++) {
		leave_orphan(&p[i]);
		EQ(orphans(), i + 1);
	}
	EQ(aborted(), before);
	last = peer_new();
	fd = peer_answer(&last);
	close(fd);
	EQ(orphans(), i);
	EQ(aborted(), before + 1);
	until_reset(&last);
	EQ(tt_count_state(TCP_FIN_WAIT1, last.kport), 0);
	/* TIME_WAIT is none */
	for (i--; i >= 0; i--)
		answer_orphan(&p[i]);
	UNTIL(orphans() == 0);
	EQ(aborted(), before + 1);
	/* then there is room again */
	leave_orphan(&p[0]);
	answer_orphan(&p[0]);
}

/* Also who has nothing left but to wait for the peer's FIN. */
static void none_at_all(void)
{
	struct peer p = peer_new();
	int before = aborted(), fd;

	peer_open();
	tt_sysctl_set("max_orphans", 0);
	fd = reach(TCP_FIN_WAIT2, &p);
	EQ(aborted(), before);
	close(fd);
	peer_expect_reset(&p);
	EQ(aborted(), before + 1);
	/* the RST leaves a moment earlier */
	UNTIL(!orphans());
}

/* Each time it sends something again, it is looked at again. */
static void later_at_a_repetition(void)
{
	int before = aborted();
	struct peer p;

	peer_open();
	leave_orphan(&p);
	tt_sysctl_set("max_orphans", 0);
	peer_expect_reset(&p);
	EQ(aborted(), before + 1);
	/* the RST leaves a moment earlier */
	UNTIL(!orphans());
}

static void later_at_a_probe(void)
{
	struct peer p = peer_new();
	int before = aborted(), fd;

	peer_open();
	fd = peer_answer(&p);
	p.win = 0;
	peer_send(&p, F_ACK, 0);
	tt_write_all(fd, "stuck", 5);
	close(fd);
	EQ(orphans(), 1);
	tt_sysctl_set("max_orphans", 0);
	peer_expect_reset(&p);
	EQ(aborted(), before + 1);
	/* the RST leaves a moment earlier */
	UNTIL(!orphans());
}

/* An ICMP message about its peer makes it count twice. */
static void suspects_count_twice(void)
{
	int before = aborted();
	struct peer p;
	struct seg s;

	peer_open();
	tt_sysctl_set("max_orphans", 1);
	leave_orphan(&p);
	do
		CHECK(peer_poll(&s, TT_DEADLINE));
	while (s.dport != p.port);
	EQ(s.flags, F_FIN | F_ACK);
	peer_unreachable(&s);
	peer_expect_reset(&p);
	EQ(aborted(), before + 1);
}

/* net.ttp.mem is the first namespace's. */
static void write_mem(const char *text)
{
	int status;

	if (!OK(fork())) {
		int fd = OK(open("/proc/1/ns/net", O_RDONLY));

		OK(setns(fd, CLONE_NEWNET));
		tt_proc_write("/proc/sys/net/ttp/mem", text);
		_exit(0);
	}
	OK(wait(&status));
	EQ(status, 0);
}

static void read_mem(char *text, size_t len)
{
	int ends[2];
	ssize_t n;

	OK(pipe(ends));
	if (!OK(fork())) {
		int fd = OK(open("/proc/1/ns/net", O_RDONLY));

		OK(setns(fd, CLONE_NEWNET));
		fd = OK(open("/proc/sys/net/ttp/mem", O_RDONLY));
		n = OK(read(fd, text, len));
		_exit(write(ends[1], text, n) != n);
	}
	n = OK(read(ends[0], text, len - 1));
	text[n] = '\0';
	OK(wait(NULL));
}

/* What CPUs keep in reserve does not count: hold more than that. */
static int hold_memory(void)
{
	const int most = 8 << 20;
	struct peer p = peer_new();
	int fd = peer_answer(&p), n;

	tt_set(fd, SOL_SOCKET, SO_SNDBUFFORCE, most);
	for (n = 0; n < most / 2; n += sizeof(buf))
		tt_write_all(fd, buf, sizeof(buf));
	return fd;
}

/* When no memory is left, an orphan may not keep what it has. */
static void no_memory(void)
{
	struct peer p = peer_new(), small;
	int before = aborted(), fd, hog;
	char mem[128];

	peer_open();
	read_mem(mem, sizeof(mem));
	leave_orphan(&small);
	hog = hold_memory();
	fd = peer_answer(&p);
	tt_write_all(fd, buf, 10000);
	peer_expect_data(&p, 10000);
	write_mem("0 0 0");
	close(fd);
	write_mem(mem);
	EQ(aborted(), before + 1);
	until_reset(&p);
	/* who holds next to nothing may stay */
	EQ(orphans(), 1);
	answer_orphan(&small);
	tt_abort(hog);
}

/* TCP_LINGER2 < 0: nobody waits for the peer's FIN, and it is told. */
static void linger2_none(bool late)
{
	struct peer p = peer_new();
	long long before = tt.ttp ? tt_counter("TtpAbortOnLinger") : 0;
	int fd;

	peer_open();
	fd = late ? peer_answer(&p) : reach(TCP_FIN_WAIT2, &p);
	tt_set(fd, IPPROTO_TCP, TCP_LINGER2, -1);
	EQ(tt_get(fd, IPPROTO_TCP, TCP_LINGER2), -1);
	close(fd);
	if (late) {
		peer_expect(&p, F_FIN | F_ACK);
		peer_send(&p, F_ACK, 0);
	}
	peer_expect_reset(&p);
	EQ(tt_count_state(TCP_FIN_WAIT2, p.kport), 0);
	if (tt.ttp)
		EQ(tt_counter("TtpAbortOnLinger") - before, 1);
}

static void linger2_none_at_close(void) { linger2_none(false); }
static void linger2_none_later(void)	{ linger2_none(true); }

/* ... > 0: so long, whatever fin_timeout says; then silence. */
static void linger2_is_kept(void)
{
	struct peer p = peer_new();
	long long t0;
	int fd;

	peer_open();
	tt_sysctl_set("fin_timeout", 3000);
	fd = reach(TCP_FIN_WAIT2, &p);
	tt_set(fd, IPPROTO_TCP, TCP_LINGER2, 2);
	t0 = tt_now_ms();
	close(fd);
	EQ(tt_count_state(TCP_FIN_WAIT2, p.kport), 1);
	UNTIL(tt_count_state(TCP_FIN_WAIT2, p.kport) == 0);
	CHECK(tt_now_ms() - t0 >= 1000);
	peer_silent(&p, 20);
	peer_send(&p, F_FIN | F_ACK, 0);
	peer_expect(&p, F_RST);
}

/* Each in a namespace of its own, for its sysctl. */
#define OURS(fn)	TEST_FLAGS(fn, TT_TTP_ONLY | TT_PARALLEL)

static const struct tt_test tests[] = {
	OURS(one_too_many),
	OURS(none_at_all),
	OURS(later_at_a_repetition),
	OURS(later_at_a_probe),
	OURS(suspects_count_twice),
	TEST_FLAGS(no_memory, TT_TTP_ONLY),
	TEST(linger2_none_at_close),
	TEST(linger2_none_later),
	TEST_FLAGS(linger2_is_kept, TT_PARALLEL | TT_SLOW),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
