// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests urgent data (RFC 9293 3.8.5, RFC 6093): what is on the wire,
 * the mark in the stream, the byte beside it, and who is told when.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>

#include "peer.h"
#include "reach.h"

static volatile sig_atomic_t sigurgs;

static void on_sigurg(int sig)
{
	(void)sig;
	sigurgs++;
}

static void want_sigurg(int fd)
{
	struct sigaction act = { .sa_handler = on_sigurg,
				 .sa_flags = SA_RESTART };

	OK(sigaction(SIGURG, &act, NULL));
	OK(fcntl(fd, F_SETOWN, getpid()));
}

static int at_mark(int fd)
{
	return OK(sockatmark(fd));
}

static int inq(int fd)
{
	int n;

	OK(ioctl(fd, SIOCINQ, &n));
	return n;
}

static bool is_urgent(int fd)
{
	return tt_poll(fd, POLLPRI, 0) & POLLPRI;
}

static void oob(int fd, const char *text)
{
	EQ(send(fd, text, strlen(text), MSG_OOB), strlen(text));
}

static void read_text(int fd, const char *want)
{
	char buf[64];
	ssize_t n = OK(read(fd, buf, sizeof(buf)));

	EQ(n, strlen(want));
	CHECK(!memcmp(buf, want, n));
}

static void read_oob(int fd, char want, int flags)
{
	char c = 0;

	EQ(OK(recv(fd, &c, 1, MSG_OOB | flags)), 1);
	EQ(c, want);
}

/* The life of one urgent byte between two programs. */
static void one_byte(void)
{
	char c;
	int a, b;

	tt_pair(&a, &b);
	want_sigurg(b);
	FAILS(recv(b, &c, 1, MSG_OOB), EINVAL);
	EQ(at_mark(b), 0);
	tt_write_all(a, "ab", 2);
	oob(a, "cU");
	tt_write_all(a, "de", 2);
	UNTIL(is_urgent(b));
	UNTIL(sigurgs == 1);
	/* it does not count before the mark */
	UNTIL(inq(b) == 3);
	EQ(at_mark(b), 0);
	read_oob(b, 'U', MSG_PEEK);
	read_oob(b, 'U', 0);
	CHECK(!is_urgent(b));
	FAILS(recv(b, &c, 1, MSG_OOB), EINVAL);
	/* a read stops at the mark, the next one passes over the byte */
	read_text(b, "abc");
	EQ(at_mark(b), 1);
	EQ(inq(b), 0);
	UNTIL(tt_poll(b, POLLIN, 0) & POLLIN);
	read_text(b, "de");
	EQ(at_mark(b), 0);
	FAILS(recv(b, &c, 1, MSG_OOB), EINVAL);
	EQ(sigurgs, 1);
}

/* The byte at the mark is nothing to read. */
static void mark_alone_is_not_readable(void)
{
	char c;
	int a, b;

	tt_pair(&a, &b);
	oob(a, "U");
	UNTIL(is_urgent(b));
	EQ(at_mark(b), 1);
	EQ(tt_poll(b, POLLIN, 20) & POLLIN, 0);
	EQ(inq(b), 0);
	OK(fcntl(b, F_SETFL, O_NONBLOCK));
	FAILS(read(b, &c, 1), EAGAIN);
	/* not read in time, it is lost (and the stream goes on) */
	tt_write_all(a, "x", 1);
	UNTIL(tt_poll(b, POLLIN, 0) & POLLIN);
	read_text(b, "x");
	CHECK(!is_urgent(b));
	FAILS(recv(b, &c, 1, MSG_OOB), EINVAL);
}

static void inline_byte(void)
{
	char c;
	int a, b;

	tt_pair(&a, &b);
	tt_set(b, SOL_SOCKET, SO_OOBINLINE, 1);
	tt_write_all(a, "ab", 2);
	oob(a, "U");
	tt_write_all(a, "cd", 2);
	UNTIL(is_urgent(b));
	UNTIL(inq(b) == 5);
	FAILS(recv(b, &c, 1, MSG_OOB), EINVAL);
	read_text(b, "ab");
	EQ(at_mark(b), 1);
	CHECK(is_urgent(b));
	read_text(b, "Ucd");
	EQ(at_mark(b), 0);
	CHECK(!is_urgent(b));
}

/* A peek passes over it as a read does, and leaves it where it is. */
static void peeks(void)
{
	char buf[8];
	int a, b;

	tt_pair(&a, &b);
	oob(a, "U");
	tt_write_all(a, "ab", 2);
	UNTIL(inq(b) == 0 && is_urgent(b));
	UNTIL(tt_poll(b, POLLIN, 0) & POLLIN);
	EQ(recv(b, buf, sizeof(buf), MSG_PEEK), 2);
	CHECK(!memcmp(buf, "ab", 2));
	EQ(at_mark(b), 1);
	read_oob(b, 'U', 0);
	read_text(b, "ab");
}

/* Two in a row: the first becomes an ordinary byte, or is lost with its mark. */
static void the_last_one_counts(void)
{
	int a, b;

	tt_pair(&a, &b);
	want_sigurg(b);
	tt_write_all(a, "a", 1);
	oob(a, "1");
	UNTIL(is_urgent(b));
	oob(a, "2");
	UNTIL(sigurgs == 2);
	UNTIL(is_urgent(b));
	read_oob(b, '2', 0);
	read_text(b, "a1");
	tt_write_all(a, "b", 1);
	UNTIL(tt_poll(b, POLLIN, 0) & POLLIN);
	read_text(b, "b");
	/* the reader waits at the mark, and a newer one comes */
	oob(a, "3");
	UNTIL(is_urgent(b));
	EQ(at_mark(b), 1);
	read_oob(b, '3', 0);
	oob(a, "4");
	UNTIL(is_urgent(b));
	EQ(at_mark(b), 1);
	read_oob(b, '4', 0);
	tt_write_all(a, "c", 1);
	UNTIL(tt_poll(b, POLLIN, 0) & POLLIN);
	read_text(b, "c");
}

static void end_of_file(void)
{
	char c;
	int a, b;

	tt_pair(&a, &b);
	tt_write_all(a, "x", 1);
	oob(a, "U");
	close(a);
	UNTIL(tt_poll(b, POLLRDHUP, 0) & POLLRDHUP);
	read_oob(b, 'U', 0);
	read_text(b, "x");
	EQ(read(b, &c, 1), 0);
	FAILS(recv(b, &c, 1, MSG_OOB), EINVAL);
}

/* Announced and not here: "later", and once nothing can come, "no more". */
static void announced(void)
{
	struct peer p = peer_new();
	struct seg s;
	char c;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	want_sigurg(fd);
	s = peer_seg(&p, F_ACK | F_URG, 4);
	s.urg = 10;
	peer_xmit(&s);
	p.snd_nxt += 4;
	UNTIL(sigurgs == 1);
	FAILS(recv(fd, &c, 1, MSG_OOB), EAGAIN);
	CHECK(!is_urgent(fd));
	UNTIL(inq(fd) == 4);
	/* the same pointer again is no news (MUST-31) */
	s = peer_seg(&p, F_ACK | F_URG, 0);
	s.urg = 6;
	peer_xmit(&s);
	peer_send(&p, F_FIN | F_ACK, 0);
	UNTIL(tt_poll(fd, POLLRDHUP, 0) & POLLRDHUP);
	EQ(sigurgs, 1);
	EQ(recv(fd, &c, 1, MSG_OOB), 0);
}

/* Which byte a pointer of 3 names. */
static void pointer_means(int std, char want)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	tt_sysctl_set("stdurg", std);
	fd = peer_dial(&p);
	s = peer_seg(&p, F_ACK | F_URG, 5);
	memcpy(s.data, "abcde", 5);
	s.urg = 3;
	peer_xmit(&s);
	UNTIL(is_urgent(fd));
	tt_sysctl_set("stdurg", 0);
	read_oob(fd, want, 0);
}

static void pointer_to_the_next(void) { pointer_means(0, 'c'); }
static void pointer_to_the_byte(void) { pointer_means(1, 'd'); }

/* Before its turn: the byte is known as soon as it is here. */
static void out_of_order(void)
{
	struct peer p = peer_new();
	struct seg s, first;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	first = peer_seg(&p, F_ACK, 3);
	memcpy(first.data, "abc", 3);
	s = peer_seg(&p, F_ACK | F_URG, 3);
	memcpy(s.data, "dUf", 3);
	s.seq += 3;
	s.urg = 2;
	peer_xmit(&s);
	UNTIL(is_urgent(fd));
	read_oob(fd, 'U', 0);
	EQ(inq(fd), 0);
	peer_xmit(&first);
	UNTIL(inq(fd) == 4);
	read_text(fd, "abcd");
	EQ(at_mark(fd), 1);
	read_text(fd, "f");
}

/* Old pointers, and pointers to what is read, change nothing. */
static void old_pointers(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	peer_open();
	fd = peer_dial(&p);
	want_sigurg(fd);
	s = peer_seg(&p, F_ACK, 5);
	memcpy(s.data, "abcde", 5);
	peer_xmit(&s);
	read_text(fd, "abcde");
	s.flags |= F_URG;
	s.urg = 2;
	peer_xmit(&s);
	p.snd_nxt += 5;
	s = peer_seg(&p, F_ACK | F_URG, 1);
	s.data[0] = 'x';
	s.seq -= 4;
	s.len = 5;
	memcpy(s.data, "bcdex", 5);
	s.urg = 4;
	peer_xmit(&s);
	read_text(fd, "x");
	EQ(sigurgs, 0);
	CHECK(!is_urgent(fd));
	EQ(at_mark(fd), 0);
}

/* After the peer's FIN there is no text, so nothing urgent (3.10.7.4). */
static void after_the_fin(void)
{
	static const int states[] = { TCP_CLOSE_WAIT, TCP_LAST_ACK,
				      TCP_CLOSING };
	size_t i;

	peer_open();
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		struct peer p = peer_new();
		int fd = reach(states[i], &p);
		struct seg s;

		want_sigurg(fd);
		s = peer_seg(&p, F_ACK | F_URG, 0);
		/* our own FIN stays unacknowledged */
		s.ack -= states[i] != TCP_CLOSE_WAIT;
		s.urg = 20;
		peer_xmit(&s);
		peer_silent(&p, 30);
		EQ(sigurgs, 0);
		EQ(tt_state(fd), states[i]);
		tt_abort(fd);
	}
}

/* What is on its way to the peer has nothing to do with it. */
static void repeats_nothing(void)
{
	struct peer p = peer_new();
	struct seg s;
	int fd;

	tt_sysctl_set("early_retrans", 0);
	tt_sysctl_set("rto_min_us", 100 * 1000000);
	peer_open();
	fd = peer_dial(&p);
	tt_write_all(fd, "abc", 3);
	peer_expect_data(&p, 3);
	s = peer_seg(&p, F_ACK | F_URG, 1);
	s.ack -= 3;
	s.urg = 1;
	peer_xmit(&s);
	UNTIL(is_urgent(fd));
	EQ(tt_counter("TtpRetransSegs"), 0);
}

static const struct tt_test tests[] = {
	TEST(one_byte),
	TEST(mark_alone_is_not_readable),
	TEST(inline_byte),
	TEST(peeks),
	TEST(the_last_one_counts),
	TEST(end_of_file),
	TEST(announced),
	TEST(pointer_to_the_next),
	TEST(pointer_to_the_byte),
	TEST(out_of_order),
	TEST(old_pointers),
	TEST_FLAGS(after_the_fin, TT_TTP_ONLY),
	TEST_FLAGS(repeats_nothing, TT_OWN_NET | TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
