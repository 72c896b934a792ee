// SPDX-License-Identifier: GPL-2.0
/*
 * This file drives one socket through every edge of the state diagram that a
 * peer or a program can cause, against the hand-driven peer: RST and abort in
 * every state, and the ways to open and to close.
 */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "reach.h"

static char buf[4096];

static void gone(const struct peer *p, int state)
{
	UNTIL(tt_count_state(state, p->kport) == 0);
}

/* A reset arrives: the socket is closed at once and says why. */
static void rst_in(int state, int error)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = reach(state, &p);
	if (state == TCP_SYN_SENT)
		peer_send(&p, F_RST | F_ACK, 0);
	else
		peer_send(&p, F_RST, 0);
	tt_until_state(fd, TCP_CLOSE);
	EQ(tt_poll(fd, POLLIN, TT_DEADLINE), POLLIN | POLLERR | POLLHUP);
	EQ(tt_so_error(fd), error);
	gone(&p, state);
	/* what comes now is for nobody */
	peer_send(&p, F_ACK, 0);
	peer_expect(&p, F_RST);
}

static void rst_in_syn_sent(void)    { rst_in(TCP_SYN_SENT, ECONNREFUSED); }
/* RFC 9293 3.10.7.4: an active open was refused; Linux TCP says reset. */
static void rst_in_syn_recv(void)
{
	rst_in(TCP_SYN_RECV, tt.ttp ? ECONNREFUSED : ECONNRESET);
}

static void rst_in_established(void) { rst_in(TCP_ESTABLISHED, ECONNRESET); }
static void rst_in_fin_wait1(void)   { rst_in(TCP_FIN_WAIT1, ECONNRESET); }
static void rst_in_fin_wait2(void)   { rst_in(TCP_FIN_WAIT2, ECONNRESET); }
static void rst_in_closing(void)     { rst_in(TCP_CLOSING, ECONNRESET); }
static void rst_in_close_wait(void)  { rst_in(TCP_CLOSE_WAIT, EPIPE); }
static void rst_in_last_ack(void)    { rst_in(TCP_LAST_ACK, ECONNRESET); }

/*
 * A half-open request is forgotten; the listener goes on. RFC 9293 3.10.7.4
 * wants no error: the program has never heard of it.
 */
static void rst_in_request(void)
{
	struct peer p = peer_new();
	int l;

	peer_open();
	l = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 1);
	peer_send(&p, F_RST, 0);
	gone(&p, TCP_SYN_RECV);
	EQ(tt_state(l), TCP_LISTEN);
	EQ(tt_poll(l, POLLIN, 0), 0);
}

/* With rfc1337 a RST does not shorten TIME_WAIT. */
static void rst_in_time_wait(void)
{
	struct peer p = peer_new();

	tt_sysctl_set("rfc1337", 1);
	peer_open();
	reach(TCP_TIME_WAIT, &p);
	peer_send(&p, F_RST, 0);
	peer_silent(&p, 50);
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 1);
}

/* SO_LINGER 0: the peer is told by RST where it knows of the connection. */
static void abort_in(int state, bool rst)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = reach(state, &p);
	tt_abort(fd);
	gone(&p, state);
	if (rst)
		peer_expect_reset(&p);
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 0);
}

static void abort_in_syn_sent(void)    { abort_in(TCP_SYN_SENT, false); }
static void abort_in_syn_recv(void)    { abort_in(TCP_SYN_RECV, true); }
static void abort_in_established(void) { abort_in(TCP_ESTABLISHED, true); }
static void abort_in_fin_wait1(void)   { abort_in(TCP_FIN_WAIT1, true); }
static void abort_in_fin_wait2(void)   { abort_in(TCP_FIN_WAIT2, true); }
static void abort_in_closing(void)     { abort_in(TCP_CLOSING, false); }
static void abort_in_close_wait(void)  { abort_in(TCP_CLOSE_WAIT, true); }
static void abort_in_last_ack(void)    { abort_in(TCP_LAST_ACK, false); }

static void abort_in_listen(void)
{
	struct peer p = peer_new();
	int l;

	peer_open();
	l = peer_listener(&p);
	tt_abort(l);
	gone(&p, TCP_LISTEN);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_RST | F_ACK);
}

/* close() before the handshake is over. */
static void close_in_syn_sent(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = peer_syn_sent(&p);
	close(fd);
	gone(&p, TCP_SYN_SENT);
	peer_send(&p, F_SYN | F_ACK, 0);
	peer_expect(&p, F_RST);
}

static void close_in_syn_recv(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = reach(TCP_SYN_RECV, &p);
	close(fd);
	gone(&p, TCP_SYN_RECV);
	UNTIL(tt_count_state(TCP_FIN_WAIT1, p.kport) == 1);
	peer_expect(&p, F_FIN | F_ACK);
	peer_send(&p, F_FIN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port) == 1);
}

/* ... when none of it has arrived: the SYN must be repeated before the FIN. */
static void close_in_syn_recv_unheard(void)
{
	struct peer p = peer_new();

	peer_open();
	close(reach(TCP_SYN_RECV, &p));
	peer_expect(&p, F_FIN | F_ACK);
	p.rcv_nxt -= 2;
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	peer_expect(&p, F_FIN | F_ACK);
	peer_send(&p, F_FIN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port) == 1);
}

/* Claim 9: three segments, and what each of them carries. */
static void three_way_open(void)
{
	struct peer p = peer_new();
	uint32_t iss;
	struct seg s;
	int fd;

	peer_open();
	fd = peer_syn_sent(&p);
	iss = p.rcv_nxt - 1;
	EQ(tt_state(fd), TCP_SYN_SENT);
	peer_send(&p, F_SYN | F_ACK, 0);
	s = peer_expect(&p, F_ACK);
	EQ(s.seq, iss + 1);
	EQ(s.ack, p.snd_nxt);
	EQ(s.len, 0);
	EQ(tt_state(fd), TCP_ESTABLISHED);
}

/* Claim 10: the third segment may carry data. */
static void third_segment_with_data(void)
{
	struct peer p = peer_new();
	int l, fd;

	peer_open();
	l = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK | F_PSH, 20);
	fd = OK(accept(l, NULL, NULL));
	tt_read_all(fd, buf, 20);
	CHECK(tt_is_pattern(buf, 20, 0));
}

/* ... and even a FIN: the child passes ESTABLISHED on to CLOSE_WAIT. */
static void third_segment_with_fin(void)
{
	struct peer p = peer_new();
	int l, fd;

	peer_open();
	l = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK | F_FIN, 5);
	fd = OK(accept(l, NULL, NULL));
	tt_read_all(fd, buf, 5);
	EQ(read(fd, buf, 1), 0);
	EQ(tt_state(fd), TCP_CLOSE_WAIT);
}

/* Claim 11: an old duplicate SYN opens nothing. */
static void old_duplicate_syn(void)
{
	struct peer p = peer_new(), old;
	int l, fd;

	peer_open();
	l = peer_listener(&p);
	old = p;
	old.snd_nxt -= 100000;
	peer_send(&old, F_SYN, 0);
	peer_expect(&old, F_SYN | F_ACK);
	peer_send(&old, F_RST, 0);
	gone(&p, TCP_SYN_RECV);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(tt_state(fd), TCP_ESTABLISHED);
}

/* ... and the client's half of it: an unexpected SYN+ACK is answered by RST. */
static void unexpected_synack(void)
{
	struct peer p = peer_new();
	struct seg s, answer;
	int fd;

	peer_open();
	fd = peer_syn_sent(&p);
	s = peer_seg(&p, F_SYN | F_ACK, 0);
	s.ack += 1000;
	peer_xmit(&s);
	answer = peer_expect(&p, F_RST);
	EQ(answer.seq, s.ack);
	EQ(tt_state(fd), TCP_SYN_SENT);
}

/* Claim 18, the closer's side. */
static void four_segment_close(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = reach(TCP_FIN_WAIT1, &p);
	peer_send(&p, F_ACK, 0);
	tt_until_state(fd, TCP_FIN_WAIT2);
	/* the other side may still send (claim 19) */
	peer_send(&p, F_ACK, 30);
	tt_read_all(fd, buf, 30);
	peer_send(&p, F_FIN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	EQ(read(fd, buf, 1), 0);
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port) == 1);
}

/* Claim 20: ACK and FIN together, FIN_WAIT1 to TIME_WAIT directly. */
static void three_segment_close(void)
{
	struct peer p = peer_new();

	peer_open();
	reach(TCP_FIN_WAIT1, &p);
	peer_send(&p, F_FIN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port) == 1);
}

static void passive_close(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = reach(TCP_CLOSE_WAIT, &p);
	EQ(tt_state(fd), TCP_CLOSE_WAIT);
	close(fd);
	peer_expect(&p, F_FIN | F_ACK);
	UNTIL(tt_count_state(TCP_LAST_ACK, p.kport) == 1);
	peer_send(&p, F_ACK, 0);
	gone(&p, TCP_LAST_ACK);
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 0);
}

/* Claim 21. */
static void simultaneous_close(void)
{
	struct peer p = peer_new();
	int fd;

	peer_open();
	fd = reach(TCP_CLOSING, &p);
	EQ(tt_state(fd), TCP_CLOSING);
	peer_send(&p, F_ACK, 0);
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port) == 1);
}

/* Claim 22, fourth: the last ACK is repeated as long as it is asked for. */
static void time_wait_repeats_ack(void)
{
	struct peer p = peer_new();
	struct seg s;
	int i;

	peer_open();
	reach(TCP_TIME_WAIT, &p);
	for (i = 0; i < 2; i++) {
		p.snd_nxt--;
		peer_send(&p, F_FIN | F_ACK, 0);
		s = peer_expect(&p, F_ACK);
		EQ(s.ack, p.snd_nxt);
	}
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 1);
}

/* RFC 1122 4.2.2.13: a new, later SYN may take the tuple over. */
static void time_wait_gives_way_to_syn(void)
{
	struct peer p = peer_new(), old;
	int l;

	peer_open();
	l = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	peer_time_wait(&p, OK(accept(l, NULL, NULL)));
	/* an old SYN gets the last ACK again */
	old = p;
	old.snd_nxt -= 70000;
	peer_send(&old, F_SYN, 0);
	peer_expect(&p, F_ACK);
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 1);
	/* a later one opens a connection */
	p.snd_nxt += 100000;
	p.synced = false;
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	EQ(tt_state(OK(accept(l, NULL, NULL))), TCP_ESTABLISHED);
	gone(&p, TCP_TIME_WAIT);
}

#define DIALS	4

/* Handshakes of several peers, all but their last segments. */
static int almost_open(struct peer *p)
{
	int l, i;

	peer_open();
	tt_sysctl_try("syncookies", 0);
	p[0] = peer_new();
	l = peer_listener(&p[0]);
	for (i = 0; i < DIALS; i++) {
		if (i) {
			p[i] = peer_new();
			p[i].kport = p[0].kport;
		}
		peer_send(&p[i], F_SYN, 0);
		peer_expect(&p[i], F_SYN | F_ACK);
	}
	/* now there is room for one, or as Linux counts, two */
	OK(listen(l, 1));
	return l;
}

/* Claim 15: the last ACK is ignored while the queue is full, and may come again. */
static void accept_queue_full(void)
{
	struct peer p[DIALS];
	int l = almost_open(p), i;

	for (i = 0; i < DIALS; i++)
		peer_send(&p[i], F_ACK, 0);
	peer_silent(&p[DIALS - 1], 100);
	CHECK(tt_count_state(TCP_ESTABLISHED, p[0].kport) <= 2);
	if (tt.ttp)
		CHECK(tt_counter("TtpListenOverflows") >= DIALS - 2);
	for (i = 0; i < 2; i++) {
		OK(accept(l, NULL, NULL));
		peer_send(&p[DIALS - 1], F_ACK, 0);
	}
	UNTIL(tt_count_state(TCP_ESTABLISHED, p[0].kport) >= 3);
}

static void accept_queue_full_aborts(void)
{
	struct peer p[DIALS];
	int i;

	tt_sysctl_set("abort_on_overflow", 1);
	almost_open(p);
	for (i = 0; i < DIALS; i++)
		peer_send(&p[i], F_ACK, 0);
	peer_expect_reset(&p[DIALS - 1]);
	tt_sysctl_set("abort_on_overflow", 0);
	CHECK(tt_count_state(TCP_ESTABLISHED, p[0].kport) <= 2);
}

static const struct tt_test tests[] = {
	TEST(accept_queue_full),
	TEST(accept_queue_full_aborts),
	TEST(three_way_open),
	TEST(third_segment_with_data),
	TEST(third_segment_with_fin),
	TEST(old_duplicate_syn),
	TEST(unexpected_synack),
	TEST(four_segment_close),
	TEST(three_segment_close),
	TEST(passive_close),
	TEST(simultaneous_close),
	TEST(time_wait_repeats_ack),
	TEST(time_wait_gives_way_to_syn),
	TEST(close_in_syn_sent),
	TEST(close_in_syn_recv),
	TEST(close_in_syn_recv_unheard),
	TEST(rst_in_request),
	TEST(rst_in_syn_sent),
	TEST(rst_in_syn_recv),
	TEST(rst_in_established),
	TEST(rst_in_fin_wait1),
	TEST(rst_in_fin_wait2),
	TEST(rst_in_closing),
	TEST(rst_in_close_wait),
	TEST(rst_in_last_ack),
	TEST(rst_in_time_wait),
	TEST(abort_in_listen),
	TEST(abort_in_syn_sent),
	TEST(abort_in_syn_recv),
	TEST(abort_in_established),
	TEST(abort_in_fin_wait1),
	TEST(abort_in_fin_wait2),
	TEST(abort_in_closing),
	TEST(abort_in_close_wait),
	TEST(abort_in_last_ack),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
