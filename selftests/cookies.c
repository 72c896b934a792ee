// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests SYN cookies (RFC 4987 3.6): when they are sent, that nothing
 * is kept meanwhile, what survives in them, and what is not taken for one.
 */
#include <fcntl.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "options.h"
#include "peer.h"

static long long counter(const char *name)
{
	return tt.ttp ? tt_counter(name) : 0;
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len));
	return info;
}

/* The peer's SYN, with a segment size of its own and other options. */
static struct seg syn_of(const struct peer *p, unsigned int mss)
{
	struct seg s = peer_seg(p, F_SYN, 0);

	s.opts[2] = mss >> 8;
	s.opts[3] = mss & 255;
	return s;
}

/* Send @syn, which counts; the answer must be a SYN+ACK. */
static struct seg dial(struct peer *p, const struct seg *syn)
{
	peer_xmit(syn);
	p->snd_nxt++;
	return peer_expect(p, F_SYN | F_ACK);
}

static int always(struct peer *p)
{
	peer_open();
	tt_sysctl_set("syncookies", 2);
	*p = peer_new();
	return peer_listener(p);
}

static void works(struct peer *p, int fd)
{
	char buf[100];

	peer_send(p, F_ACK | F_PSH, 100);
	tt_read_all(fd, buf, 100);
	CHECK(tt_is_pattern(buf, 100, 0));
	peer_expect(p, F_ACK);
	tt_write_all(fd, buf, 100);
	peer_expect_data(p, 100);
}

/* Between SYN+ACK and ACK the kernel knows nothing. */
static void nothing_is_kept(void)
{
	long long sent = counter("TtpSyncookiesSent");
	long long good = counter("TtpSyncookiesRecv");
	struct peer p;
	int l = always(&p), fd;

	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 0);
	EQ(counter("TtpSyncookiesSent") - sent, tt.ttp);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(counter("TtpSyncookiesRecv") - good, tt.ttp);
	works(&p, fd);
}

static void data_with_the_ack(void)
{
	struct peer p;
	int l = always(&p), fd;
	char buf[50];

	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK | F_PSH, 50);
	fd = OK(accept(l, NULL, NULL));
	tt_read_all(fd, buf, 50);
	CHECK(tt_is_pattern(buf, 50, 0));
	works(&p, fd);
}

/* The ACK again finds the connection, not the listener. */
static void ack_twice(void)
{
	long long good = counter("TtpSyncookiesRecv");
	struct peer p;
	int l = always(&p), fd;

	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	works(&p, fd);
	EQ(counter("TtpSyncookiesRecv") - good, tt.ttp);
	OK(fcntl(l, F_SETFL, O_NONBLOCK));
	FAILS(accept(l, NULL, NULL), EAGAIN);
}

/* The segment size is one of a few, never above what the SYN said. */
static void segment_size_survives(void)
{
	static const unsigned int mss[] = { 536, 600, 1300, 1460, 9000 };
	unsigned int i, got, path = tt.v6 ? 1440 : 1460;

	tt_sysctl_set("timestamps", 0);
	for (i = 0; i < ARRAY_SIZE(mss); i++) {
		struct peer p;
		int l, fd;
		struct seg s;

		if (!i)
			l = always(&p);
		else
			p = peer_new(), l = peer_listener(&p);
		s = syn_of(&p, mss[i]);
		dial(&p, &s);
		peer_send(&p, F_ACK, 0);
		fd = OK(accept(l, NULL, NULL));
		got = tt_get(fd, SOL_TCP, TCP_MAXSEG);
		CHECK(got <= mss[i] && got <= path);
		CHECK(got >= (mss[i] < path ? mss[i] : path) - 240);
		close(fd);
		close(l);
	}
	tt_sysctl_set("timestamps", 1);
}

/* With timestamps the clock carries the window scale. */
static void scale_survives_in_the_clock(void)
{
	uint8_t shift = 9;
	uint32_t val, later, ecr;
	unsigned int len;
	struct seg s;
	struct peer p;
	int l = always(&p), fd;

	s = syn_of(&p, 1460);
	opt_add_ts(&s, 1000, 0);
	opt_add(&s, OPT_WSCALE, &shift, 1);
	s = dial(&p, &s);
	CHECK(opt_find(&s, OPT_WSCALE, &len));
	CHECK(opt_ts(&s, &val, &ecr));
	EQ(ecr, 1000);
	s = peer_seg(&p, F_ACK, 0);
	opt_add_ts(&s, 1001, val);
	peer_xmit(&s);
	fd = OK(accept(l, NULL, NULL));
	EQ(info_of(fd).tcpi_snd_wscale, 9);
	CHECK(info_of(fd).tcpi_options & TCPI_OPT_TIMESTAMPS);
	/* the next segment's clock is not before the cookie's */
	tt_write_all(fd, "x", 1);
	s = peer_expect(&p, F_ACK);
	CHECK(opt_ts(&s, &later, &ecr));
	CHECK((int32_t)(later - val) >= 0);
}

/* Without them it is lost, and the SYN+ACK says so by its absence. */
static void no_scale_without_a_clock(void)
{
	uint8_t shift = 9;
	unsigned int len;
	struct seg s;
	struct peer p;
	int l = always(&p), fd;

	s = syn_of(&p, 1460);
	opt_add(&s, OPT_WSCALE, &shift, 1);
	s = dial(&p, &s);
	CHECK(!opt_find(&s, OPT_WSCALE, &len));
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(info_of(fd).tcpi_options & TCPI_OPT_WSCALE, 0);
	works(&p, fd);
}

/* An ACK that no SYN+ACK of ours asked for is reset, as without cookies. */
static void refused(struct peer *p, int l, const struct seg *s)
{
	long long bad = counter("TtpSyncookiesFailed");

	peer_xmit(s);
	peer_expect_reset(p);
	EQ(counter("TtpSyncookiesFailed") - bad, tt.ttp);
	OK(fcntl(l, F_SETFL, O_NONBLOCK));
	FAILS(accept(l, NULL, NULL), EAGAIN);
}

static void forged_number(void)
{
	struct seg s;
	struct peer p;
	int l = always(&p);

	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	s = peer_seg(&p, F_ACK, 0);
	s.ack ^= 1;
	refused(&p, l, &s);
}

static void forged_isn(void)
{
	struct seg s;
	struct peer p;
	int l = always(&p);

	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	s = peer_seg(&p, F_ACK, 0);
	s.seq += 1000;
	refused(&p, l, &s);
}

static void from_another_port(void)
{
	struct seg s;
	struct peer p;
	int l = always(&p);

	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	p.port++;
	s = peer_seg(&p, F_ACK, 0);
	refused(&p, l, &s);
}

/* A listener that has sent none does not look for any. */
static void not_without_an_overflow(void)
{
	long long bad = counter("TtpSyncookiesFailed");
	struct peer p;
	struct seg s;
	int l;

	peer_open();
	p = peer_new();
	l = peer_listener(&p);
	s = peer_seg(&p, F_ACK, 0);
	peer_xmit(&s);
	peer_expect_reset(&p);
	EQ(counter("TtpSyncookiesFailed") - bad, 0);
	close(l);
}

/* Fill the SYN queue of a listener whose backlog is @n: it holds one more. */
static void fill_queue(const struct peer *p, int l, int n)
{
	int i;

	OK(listen(l, n));
	for (i = 0; i <= n; i++) {
		struct peer q = peer_new();

		q.kport = p->kport;
		peer_send(&q, F_SYN, 0);
		peer_expect(&q, F_SYN | F_ACK);
	}
	EQ(tt_count_state(TCP_SYN_RECV, p->kport), n + 1);
}

static int full_queue(struct peer *p, int n)
{
	int l;

	peer_open();
	*p = peer_new();
	l = peer_listener(p);
	fill_queue(p, l, n);
	return l;
}

/* syncookies 1, the default: what the queue has no room for gets a cookie. */
static void when_the_queue_is_full(void)
{
	long long sent = counter("TtpSyncookiesSent");
	struct peer p;
	int l, fd;

	tt_sysctl_set("syncookies", 1);
	l = full_queue(&p, 3);
	EQ(counter("TtpSyncookiesSent") - sent, 0);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	EQ(counter("TtpSyncookiesSent") - sent, tt.ttp);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 4);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	works(&p, fd);
}

/* syncookies 0: it gets nothing. */
static void never(void)
{
	struct peer p;
	int l;

	tt_sysctl_set("syncookies", 0);
	l = full_queue(&p, 3);
	peer_send(&p, F_SYN, 0);
	peer_silent(&p, 300);
	tt_sysctl_set("syncookies", 1);
	close(l);
}

/* A good cookie finds the accept queue full: it may come again. */
static void accept_queue_full(void)
{
	struct peer p, q;
	int l = always(&p), fd;

	OK(listen(l, 0));
	q = peer_new();
	q.kport = p.kport;
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&q, F_SYN, 0);
	peer_expect(&q, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	UNTIL(tt_poll(l, 1, 0) == 1);
	peer_send(&q, F_ACK, 0);
	peer_silent(&q, 100);
	fd = OK(accept(l, NULL, NULL));
	works(&p, fd);
	peer_send(&q, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	works(&q, fd);
}

static int accepted(struct peer *p, int l)
{
	peer_send(p, F_SYN, 0);
	peer_expect(p, F_SYN | F_ACK);
	peer_send(p, F_ACK, 0);
	return OK(accept(l, NULL, NULL));
}

/* A newer SYN over TIME_WAIT; the answer starts beyond the old numbers. */
static void syn_again(struct peer *p)
{
	uint32_t last = p->rcv_nxt;
	struct seg s;

	p->snd_nxt += 1000;
	p->synced = false;
	peer_send(p, F_SYN, 0);
	s = peer_expect(p, F_SYN | F_ACK);
	if ((int32_t)(s.seq - last) <= 0)
		FAIL("the ISN is %d from the old connection's end",
		     (int32_t)(s.seq - last));
	EQ(tt_count_conn(TCP_TIME_WAIT, p->kport, p->port), 0);
	EQ(tt_count_conn(TCP_SYN_RECV, p->kport, p->port), 1);
}

/*
 * A SYN over TIME_WAIT gets no cookie, whose number may lie anywhere.  Nor does
 * the old connection's, which was one: an ISN that heeds only the clock would
 * lie before it every other time.
 */
static void not_over_time_wait(void)
{
	struct peer first, p;
	int l = always(&first), i;
	long long sent;

	for (i = 0; i < 8; i++) {
		p = peer_new();
		p.kport = first.kport;
		peer_time_wait(&p, accepted(&p, l));
		sent = counter("TtpSyncookiesSent");
		syn_again(&p);
		EQ(counter("TtpSyncookiesSent"), sent);
	}
	peer_send(&p, F_ACK, 0);
	works(&p, OK(accept(l, NULL, NULL)));
}

/* Nor is it dropped for a full SYN queue. */
static void time_wait_needs_no_room(void)
{
	struct peer p;
	int l;

	tt_sysctl_set("syncookies", 0);
	peer_open();
	p = peer_new();
	l = peer_listener(&p);
	peer_time_wait(&p, accepted(&p, l));
	fill_queue(&p, l, 3);
	syn_again(&p);
	peer_send(&p, F_ACK, 0);
	works(&p, OK(accept(l, NULL, NULL)));
	tt_sysctl_set("syncookies", 1);
}

/*
 * It is for a full accept queue; then TIME_WAIT stays, or any newer SYN, forged
 * ones too, would end it for nothing.  Kernel TCP's is gone.
 */
static void dropped_syn_spares_time_wait(void)
{
	struct peer p, q;
	int l;

	peer_open();
	p = peer_new();
	l = peer_listener(&p);
	peer_time_wait(&p, accepted(&p, l));
	OK(listen(l, 0));
	q = peer_new();
	q.kport = p.kport;
	peer_send(&q, F_SYN, 0);
	peer_expect(&q, F_SYN | F_ACK);
	peer_send(&q, F_ACK, 0);
	UNTIL(tt_poll(l, 1, 0) == 1);
	p.snd_nxt += 1000;
	peer_send(&p, F_SYN, 0);
	peer_silent(&p, 100);
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 1);
	works(&q, OK(accept(l, NULL, NULL)));
	syn_again(&p);
}

static const struct tt_test tests[] = {
	TEST(nothing_is_kept),
	TEST(data_with_the_ack),
	TEST(ack_twice),
	TEST_FLAGS(segment_size_survives, TT_TTP_ONLY),
	TEST(scale_survives_in_the_clock),
	TEST(no_scale_without_a_clock),
	TEST_FLAGS(forged_number, TT_TTP_ONLY),
	TEST(forged_isn),
	TEST(from_another_port),
	TEST(not_without_an_overflow),
	TEST(when_the_queue_is_full),
	TEST(never),
	TEST(accept_queue_full),
	/* kernel TCP of 6.1 means to, and forgets on the way; 6.12's does */
	TEST_FLAGS(not_over_time_wait, TT_TTP_ONLY),
	TEST_FLAGS(time_wait_needs_no_room, TT_TTP_ONLY),
	TEST_FLAGS(dropped_syn_spares_time_wait, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
