// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what bounds a sender: the peer's window and what must not
 * change it, our own window and how it opens again, MSG_MORE.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>

#include "reach.h"

static char buf[1 << 16];

/* Payload of a full segment to the peer. */
static unsigned int full(void)
{
	return PEER_MTU - 20 - (tt.v6 ? 40 : 20);
}

/* The next new data must be one segment of this length. */
static void expect_segment(struct peer *p, unsigned int len)
{
	struct seg s;

	do
		s = peer_expect(p, F_ACK);
	while (!s.len);
	EQ(s.len, len);
}

/*
 * MSG_MORE holds back what may grow, the tail, but no full segment; the tail
 * waits for the next write.
 */
static void more_sends_full_segments(void)
{
	struct peer p = peer_new();
	unsigned int i;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	memset(buf, 'x', sizeof(buf));
	EQ(send(fd, buf, 3 * full() + 100, MSG_MORE), 3 * full() + 100);
	for (i = 0; i < 3; i++)
		expect_segment(&p, full());
	EQ(send(fd, buf, 10, 0), 10);
	expect_segment(&p, 110);
}

/* ... and on an otherwise quiet connection it does not wait for ever. */
static void more_without_more(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = peer_answer(&p);
	EQ(send(fd, buf, full() + 100, MSG_MORE), full() + 100);
	expect_segment(&p, full());
	peer_send(&p, F_ACK, 0);
	expect_segment(&p, 100);
}

#define FILE_SIZE	9000	/* less than a segment, and than the send buffer */

/* Many programs ask sendfile() for more than there is: all of it must go. */
static void sendfile_beyond_the_end(void)
{
	int file = OK(memfd_create("data", 0)), c, s;
	off_t at = 0;

	tt_pair(&c, &s);
	tt_pattern(buf, FILE_SIZE, 0);
	tt_write_all(file, buf, FILE_SIZE);
	EQ(sendfile(c, file, &at, 0x7ffff000), FILE_SIZE);
	memset(buf, 0, FILE_SIZE);
	tt_read_all(s, buf, FILE_SIZE);
	CHECK(tt_is_pattern(buf, FILE_SIZE, 0));
}

/* RFC 9293 3.10.7.4: an ACK from the past does not tell today's window. */
static void window_of_an_old_ack(void)
{
	struct peer p = peer_new();
	uint32_t now;
	int fd;

	peer_open();
	fd = peer_answer(&p);
	tt_write_all(fd, buf, 1000);
	peer_expect_data(&p, 1000);
	peer_send(&p, F_ACK, 0);
	now = p.rcv_nxt;
	peer_send(&p, F_ACK | F_PSH, 8);
	/* newer by its own number, but it has not seen those 1000 bytes */
	p.rcv_nxt -= 1000;
	p.win = 5;
	peer_send(&p, F_ACK | F_PSH, 8);
	p.rcv_nxt = now;
	tt_read_all(fd, buf, 16);
	tt_write_all(fd, buf, 1000);
	expect_segment(&p, 1000);
}

/* Send until the window is closed; how many bytes were taken. */
static unsigned int close_window(struct peer *p, struct seg *s, int scale)
{
	unsigned int sent = 0, n;

	while (s->win) {
		n = s->win << scale;
		n = n < 500 ? n : 500;
		CHECK(sent < 1000000);
		peer_send(p, F_ACK | F_PSH, n);
		sent += n;
		do
			*s = peer_expect(p, F_ACK);
		while (s->ack != p->snd_nxt && s->win);
	}
	return s->ack - (p->snd_nxt - sent);
}

/* Offer to scale, as peer_seg() does not. */
static void send_syn(struct peer *p)
{
	struct seg s = peer_seg(p, F_SYN, 0);

	memcpy(s.opts + s.opts_len, "\x01\x03\x03\x00", 4);
	s.opts_len += 4;
	peer_xmit(&s);
	p->snd_nxt++;
}

static int scale_of(const struct seg *s)
{
	unsigned int i = 0;

	while (i < s->opts_len && s->opts[i] != 3)
		i += s->opts[i] == 1 ? 1 : s->opts[i + 1];
	CHECK(i + 2 < s->opts_len);
	return s->opts[i + 2];
}

/*
 * The most that all buffers may grow to says nothing about one whose size was
 * set: a window that is counted in larger units than the buffer stays closed.
 */
static void small_buffer_large_sysctl(bool late)
{
	struct peer p = peer_new();
	unsigned int taken;
	struct seg s;
	int l, fd, scale;

	peer_open();
	tt_proc_write(tt.ttp ? "/proc/sys/net/ttp/rmem" :
		      "/proc/sys/net/ipv4/tcp_rmem", "4096 131072 2147483647");
	l = peer_listener(&p);
	if (!late)
		tt_set(l, SOL_SOCKET, SO_RCVBUF, 4096);
	send_syn(&p);
	s = peer_expect(&p, F_SYN | F_ACK);
	scale = scale_of(&s);
	if (late)
		EQ(scale, 14);
	s.win >>= scale;	/* that of a SYN is not scaled */
	s.win += !s.win;
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	if (late)
		tt_set(fd, SOL_SOCKET, SO_RCVBUF, 4096);
	taken = close_window(&p, &s, scale);
	CHECK(taken > 0);
	while (taken)
		taken -= OK(read(fd, buf, sizeof(buf)));
	do
		s = peer_expect(&p, F_ACK);
	while (!s.win);
}

static void small_buffer_opens_again(void)
{
	small_buffer_large_sysctl(false);
}

static void small_buffer_set_late(void)
{
	small_buffer_large_sysctl(true);
}

static const struct tt_test tests[] = {
	TEST(more_sends_full_segments),
	TEST(more_without_more),
	TEST(sendfile_beyond_the_end),
	TEST(window_of_an_old_ack),
	TEST(small_buffer_opens_again),
	TEST_FLAGS(small_buffer_set_late, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
