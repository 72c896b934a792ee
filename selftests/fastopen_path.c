// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the client of Fast Open (RFC 7413) where its SYN does not
 * arrive, or the data in it is refused; and when it does not try for that.
 */
#include <fcntl.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "fastopen.h"

/* The peer takes the SYN alone: the data follows at once, and nobody slows. */
static void data_refused(void)
{
	struct tcp_info info;
	struct fo_count fail;
	struct peer p;
	int fd;

	peer_open();
	fo_teach();
	fail = fo_count("TtpFastOpenActiveFail");
	fd = fo_launch(&p, 300);
	fo_answer(&p, NULL, 1400, 300);
	peer_expect_data(&p, 300);
	fo_moved(&fail, 1);
	info = fo_info(fd);
	CHECK(info.tcpi_snd_cwnd >= 10);
	EQ(info.tcpi_options & TCPI_OPT_SYN_DATA, 0);
	EQ(fo_failure(fd), 2);
	fo_works(&p, fd);
}

/* Or a part of it. */
static void half_refused(void)
{
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	fo_teach();
	fd = fo_launch(&p, 300);
	fo_answer(&p, NULL, 1400, 100);
	s = peer_expect(&p, F_ACK);
	EQ(s.len, 100);
	fo_works(&p, fd);
}

/* Refused by a peer whose segments have become smaller: in several. */
static void refused_and_smaller(void)
{
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	fo_teach();
	fd = fo_launch(&p, 1000);
	fo_answer(&p, NULL, 400, 1000);
	s = peer_expect(&p, F_ACK);
	CHECK(s.len <= 400);
	peer_expect_data(&p, 1000 - s.len);
	fo_works(&p, fd);
}

/* Lost: the SYN again goes without data and without option. */
static void syn_lost(void)
{
	struct fo_count fail;
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	fo_teach();
	fail = fo_count("TtpFastOpenActiveFail");
	fd = fo_launch(&p, 200);
	CHECK(peer_poll(&s, TT_DEADLINE));
	EQ(s.flags, F_SYN);
	EQ(s.len, 0);
	CHECK(!fo_find(&s, &c));
	fo_answer(&p, NULL, 1400, 200);
	peer_expect_data(&p, 200);
	fo_moved(&fail, 1);
	EQ(fo_failure(fd), 3);
	fo_works(&p, fd);
}

/* Only the SYN+ACK was lost: the data had arrived. */
static void synack_lost(void)
{
	struct fo_count active;
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	fo_teach();
	active = fo_count("TtpFastOpenActive");
	fd = fo_launch(&p, 200);
	CHECK(peer_poll(&s, TT_DEADLINE));
	EQ(s.len, 0);
	fo_answer(&p, NULL, 1400, 0);
	s = peer_expect(&p, F_ACK);
	EQ(s.len, 0);
	fo_moved(&active, 1);
	fo_works(&p, fd);
}

static void refused_by_reset(void)
{
	struct peer p;
	struct seg s;
	int fd;

	peer_open();
	fo_teach();
	fd = fo_launch(&p, 200);
	s = peer_seg(&p, F_RST | F_ACK, 0);
	peer_xmit(&s);
	tt_until_state(fd, TCP_CLOSE);
	EQ(tt_so_error(fd), ECONNREFUSED);
}

/* Connect a client that loses its SYNs until it gives up. */
static void black_hole(void)
{
	struct peer p;
	int fd = fo_launch(&p, 10);

	OK(setsockopt(fd, SOL_TCP, TCP_SYNCNT, &(int){ 1 }, 4));
	tt_until_state(fd, TCP_CLOSE);
	EQ(tt_so_error(fd), ETIMEDOUT);
	close(fd);
}

static bool tries_again(void)
{
	struct peer p = peer_new();
	int fd = tt_socket(SOCK_NONBLOCK);
	long n = fo_send(fd, &p, "x", 1);
	struct fo_cookie c;
	struct seg s;

	if (n < 0)
		EQ(errno, EINPROGRESS);
	s = peer_expect(&p, F_SYN);
	EQ(s.len, n == 1);
	EQ(fo_find(&s, &c), n == 1);
	close(fd);
	return n == 1;
}

static void pause_after_a_black_hole(void)
{
	struct fo_count fail, hole;

	peer_open();
	fo_teach();
	tt_sysctl_set("fastopen_blackhole_timeout_sec", 1000);
	fail = fo_count("TtpFastOpenActiveFail");
	hole = fo_count("TtpFastOpenBlackhole");
	black_hole();
	fo_moved(&fail, 1);
	fo_moved(&hole, 1);
	CHECK(!tries_again());
	/* a new value is a new beginning */
	tt_sysctl_set("fastopen_blackhole_timeout_sec", 1001);
	CHECK(tries_again());
}

static void no_pause_by_default(void)
{
	struct fo_count fail, hole;

	peer_open();
	fo_teach();
	EQ(tt_sysctl("fastopen_blackhole_timeout_sec"), 0);
	fail = fo_count("TtpFastOpenActiveFail");
	hole = fo_count("TtpFastOpenBlackhole");
	black_hole();
	fo_moved(&fail, 1);
	fo_moved(&hole, 0);
	CHECK(tries_again());
}

/* All that comes is a FIN behind a hole: something eats the data. */
static void starve(struct peer *p, int fd)
{
	struct seg s;

	fo_answer(p, NULL, 1400, 0);
	peer_expect(p, F_ACK);
	s = peer_seg(p, F_FIN | F_ACK, 0);
	s.seq += 100;
	peer_xmit(&s);
	peer_expect(p, F_ACK);
	tt_abort(fd);
	peer_expect_reset(p);
}

/*
 * The pause is over when it is over; each is twice as long as the one before,
 * until data comes through.
 */
static void pause_ends(void)
{
	struct fo_count hole;
	struct peer p[4];
	int fd[4], i;
	long long at;
	char c;

	peer_open();
	fo_teach();
	tt_sysctl_set("fastopen_blackhole_timeout_sec", 1);
	hole = fo_count("TtpFastOpenBlackhole");
	for (i = 0; i < 4; i++)
		fd[i] = fo_launch(&p[i], 10);
	for (i = 0; i < 4; i++)
		starve(&p[i], fd[i]);
	fo_moved(&hole, 4);
	at = tt_now_ms();
	CHECK(!tries_again());
	UNTIL(tries_again());
	CHECK(tt_now_ms() - at > 4000);		/* of 8 */

	fd[0] = fo_launch(&p[0], 10);
	fo_answer(&p[0], NULL, 1400, 0);
	peer_expect(&p[0], F_ACK);
	peer_send(&p[0], F_ACK, 1);
	OK(fcntl(fd[0], F_SETFL, 0));
	tt_read_all(fd[0], &c, 1);
	tt_abort(fd[0]);
	peer_expect_reset(&p[0]);
	/* forgotten: not 16 s, but 1 again */
	fd[0] = fo_launch(&p[0], 10);
	starve(&p[0], fd[0]);
	at = tt_now_ms();
	UNTIL(tries_again());
	CHECK(tt_now_ms() - at < 8000 * tt_slowness());
}

/* Each in a namespace where no cookie is known. */
#define APART(fn)	TEST_FLAGS(fn, TT_PARALLEL)

static const struct tt_test tests[] = {
	APART(data_refused),
	APART(half_refused),
	APART(refused_and_smaller),
	APART(syn_lost),
	APART(synack_lost),
	APART(refused_by_reset),
	APART(pause_after_a_black_hole),
	APART(no_pause_by_default),
	APART(pause_ends),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
