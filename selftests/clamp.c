// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests TCP_WINDOW_CLAMP, and the attribute of a route that does the
 * same: no window is larger, and none that was offered is taken back.
 */
#include <unistd.h>
#include <sys/wait.h>
#include <netinet/tcp.h>

#include "options.h"

static char buf[1 << 16];

static int clamp_of(int fd)
{
	return tt_get(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP);
}

static void set_clamp(int fd, int bytes)
{
	tt_set(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, bytes);
}

static int try_clamp(int fd, int bytes)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &bytes,
			  sizeof(bytes));
}

static void range(void)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	int fd = tt_socket(0), c, s, l;
	unsigned int port;

	EQ(clamp_of(fd), 0);
	set_clamp(fd, 5000);
	EQ(clamp_of(fd), 5000);
	/* half of the smallest buffer is the least */
	tt_set(fd, SOL_SOCKET, SO_RCVBUF, 1);
	set_clamp(fd, 1);
	EQ(clamp_of(fd), tt_get(fd, SOL_SOCKET, SO_RCVBUF) / 2);
	set_clamp(fd, 0);
	EQ(clamp_of(fd), 0);
	l = tt_listener(1, &port);
	FAILS(try_clamp(l, 0), EINVAL);
	tt_pair(&c, &s);
	CHECK(clamp_of(c) > 10000);
	FAILS(try_clamp(c, 0), EINVAL);
	set_clamp(c, 7000);
	EQ(clamp_of(c), 7000);
	OK(connect(c, &unspec, sizeof(unspec)));
	EQ(clamp_of(c), 0);
}

static unsigned int scale_of(const struct seg *s)
{
	unsigned int len;
	const uint8_t *shift = opt_find(s, OPT_WSCALE, &len);

	CHECK(shift && len == 1);
	return shift[0];
}

/* The SYN's window, of a client with a clamp or a route that has one. */
static struct seg syn_of_client(struct peer *p, int clamp)
{
	struct tt_addr a = peer_addr(p->port);
	int fd = tt_socket(SOCK_NONBLOCK);

	if (clamp)
		set_clamp(fd, clamp);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	return peer_expect(p, F_SYN);
}

static struct seg synack_of_listener(struct peer *p, int *l, int clamp)
{
	struct seg s;

	*l = peer_listener(p);
	/* kernel TCP forgets the clamp when the buffer grows by itself */
	tt_set(*l, SOL_SOCKET, SO_RCVBUF, 60000);
	if (clamp)
		set_clamp(*l, clamp);
	s = peer_seg(p, F_SYN, 0);
	opt_add(&s, OPT_WSCALE, "\7", 1);
	peer_xmit(&s);
	p->snd_nxt++;
	return peer_expect(p, F_SYN | F_ACK);
}

static void first_window(void)
{
	struct peer p = peer_new();
	struct seg s;
	int l, fd;

	peer_open();
	s = syn_of_client(&p, 0);
	CHECK(s.win > 20000);
	p = peer_new();
	s = syn_of_client(&p, 8000);
	CHECK(s.win > 2000 && s.win <= 8000);
	/* a window that fits the field needs no shift */
	EQ(scale_of(&s), 0);
	p = peer_new();
	s = synack_of_listener(&p, &l, 8000);
	CHECK(s.win > 2000 && s.win <= 8000);
	EQ(scale_of(&s), 0);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(clamp_of(fd), 8000);
}

static void by_cookie(void)
{
	struct peer p = peer_new();
	struct seg s;
	int l, fd;

	peer_open();
	tt_sysctl_set("syncookies", 2);
	s = synack_of_listener(&p, &l, 8000);
	CHECK(s.win > 2000 && s.win <= 8000);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(clamp_of(fd), 8000);
	tt_sysctl_set("syncookies", 1);
}

static void by_route(void)
{
	struct peer p = peer_new();
	struct seg s;
	int l, fd;

	peer_open();
	tt_run("ip %s route replace %s dev peer0 window 8000",
	       tt.v6 ? "-6" : "-4", tt.v6 ? "fd00:254::2" : "10.254.0.2");
	s = syn_of_client(&p, 0);
	CHECK(s.win > 2000 && s.win <= 8000);
	/* the socket's own comes first */
	p = peer_new();
	s = syn_of_client(&p, 20000);
	CHECK(s.win > 8000 && s.win <= 20000);
	p = peer_new();
	s = synack_of_listener(&p, &l, 0);
	CHECK(s.win > 2000 && s.win <= 8000);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(clamp_of(fd), 8000);
}

/* Of data: whole units of a window, so that nothing is rounded. */
#define PIECE	1024

/* Send a segment, let it be read, and see the ACK of it. */
static struct seg one_more(struct peer *p, int fd)
{
	struct seg s;

	peer_send(p, F_ACK, PIECE);
	tt_read_all(fd, buf, PIECE);
	tt_set(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
	do
		CHECK(peer_poll(&s, TT_DEADLINE));
	while (s.ack != p->snd_nxt);
	return s;
}

static void window_does_not_grow(void)
{
	struct peer p = peer_new();
	struct seg s;
	int l, fd, i;

	peer_open();
	s = synack_of_listener(&p, &l, 8000);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	for (i = 0; i < 40; i++) {
		s = one_more(&p, fd);
		if (s.win > 8000)
			FAIL("after %d segments: %s", i + 1, peer_text(&s));
	}
	CHECK(s.win > 4000);
}

/* What was offered stays; a larger bound is grown into, as data comes. */
static void lowered_and_raised(void)
{
	struct peer p = peer_new();
	unsigned int shift;
	uint32_t edge;
	struct seg s;
	int l, fd, i;

	peer_open();
	s = synack_of_listener(&p, &l, 0);
	shift = scale_of(&s);
	edge = p.snd_nxt + s.win;
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	set_clamp(fd, 3000);
	CHECK(s.win > 20000);
	for (i = 0; (int32_t)(edge - p.snd_nxt) > 4000; i++) {
		s = one_more(&p, fd);
		/* where it was, but for what is rounded to the unit */
		CHECK(s.ack + (s.win << shift) - edge < 1U << shift);
	}
	for (i = 0; i < 8; i++)
		s = one_more(&p, fd);
	if (s.win << shift > 3000)
		FAIL("too much: %s", peer_text(&s));
	set_clamp(fd, 20000);
	EQ(clamp_of(fd), 20000);
	for (i = 0; s.win << shift < 15000; i++) {
		CHECK(i < 60);
		s = one_more(&p, fd);
	}
	while (i++ < 60) {
		s = one_more(&p, fd);
		CHECK(s.win << shift <= 20000);
	}
}

/* Move 4 MB to a listener's child; its receive buffer then. */
static int buffer_after(int clamp)
{
	unsigned int port;
	int l = tt_listener(1, &port), c, s, i;

	if (clamp)
		set_clamp(l, clamp);
	c = tt_dial(port);
	s = OK(accept(l, NULL, NULL));
	if (!OK(fork())) {
		for (i = 0; i < 64; i++)
			tt_write_all(c, buf, sizeof(buf));
		_exit(0);
	}
	for (i = 0; i < 64; i++)
		tt_read_all(s, buf, sizeof(buf));
	i = tt_get(s, SOL_SOCKET, SO_RCVBUF);
	OK(wait(NULL));
	close(c);
	close(s);
	close(l);
	return i;
}

/* Kernel TCP lets the buffer grow, and the clamp with it. */
static void buffer_does_not_grow(void)
{
	int normal = tt_get(tt_socket(0), SOL_SOCKET, SO_RCVBUF);

	CHECK(buffer_after(0) > normal);
	EQ(buffer_after(20000), normal);
}

static const struct tt_test tests[] = {
	TEST(range),
	TEST(first_window),
	TEST(by_cookie),
	TEST(by_route),
	TEST(window_does_not_grow),
	TEST(lowered_and_raised),
	TEST_FLAGS(buffer_does_not_grow, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
