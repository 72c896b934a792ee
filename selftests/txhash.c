// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the hash by which a connection's packets are told from those
 * of others, and the flow label that IPv6 makes of it: what has the same one, and
 * when another is drawn (SO_TXREHASH).
 */
#include <fcntl.h>
#include <unistd.h>
#include <linux/ttp.h>

#include "hashes.h"
#include "options.h"
#include "segs.h"

#ifndef SO_TXREHASH
#define SO_TXREHASH	74
#endif

/* tcpi_rehash, which older headers do not have. */
#define INFO_REHASH	236

static void begin(void)
{
	peer_open();
	hashes_open();
	/* what is repeated is by the timer, and not to be doubled on 7 */
	tt_sysctl_set("early_retrans", 0);
	tt_sysctl_try("syn_linear_timeouts", 0);
}

/* The label is made of the hash: both change, or none. */
static uint32_t same_or_other(const struct seg *s, const struct seg *before,
			      uint32_t hash, bool same)
{
	uint32_t now = hash_of(s);

	if ((now == hash) != same)
		FAIL("hash %#x, before %#x: %s", now, hash, peer_text(s));
	if (tt.v6 && (s->label == before->label) != same)
		FAIL("label %#x, before %#x: %s", s->label, before->label,
		     peer_text(s));
	if (tt.v6 && !s->label)
		FAIL("no label: %s", peer_text(s));
	return now;
}

#define SAME(s, before, hash)	same_or_other(s, before, hash, true)
#define OTHER(s, before, hash)	same_or_other(s, before, hash, false)

static uint32_t rehashes(int fd)
{
	uint32_t info[64] = {};
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len));
	return info[INFO_REHASH / 4];
}

/* 7.x tells only what its own TCP has at SOL_SOCKET. */
static int level(int fd)
{
	socklen_t len = sizeof(int);
	int value;

	if (!getsockopt(fd, SOL_SOCKET, SO_TXREHASH, &value, &len))
		return SOL_SOCKET;
	EQ(errno, EOPNOTSUPP);
	return SOL_TTP;
}

/* From connect(): a socket in SYN_SENT and its SYN. */
static int opens(struct peer *p, struct seg *syn)
{
	struct tt_addr a;
	int fd = tt_socket(SOCK_NONBLOCK);

	*p = peer_new();
	a = peer_addr(p->port);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	OK(fcntl(fd, F_SETFL, 0));
	*syn = peer_expect(p, F_SYN);
	return fd;
}

/* The same, ESTABLISHED. */
static int connected(struct peer *p, struct seg *syn)
{
	int fd = opens(p, syn);

	peer_send(p, F_SYN | F_ACK, 0);
	peer_expect(p, F_ACK);
	return fd;
}

/* From SYN to FIN, data and bare ACKs alike. */
static void one_for_a_connection(void)
{
	struct seg syn, s;
	struct peer p;
	uint32_t hash;
	int fd;

	begin();
	fd = opens(&p, &syn);
	hash = hash_of(&syn);
	peer_send(&p, F_SYN | F_ACK, 0);
	s = peer_expect(&p, F_ACK);
	SAME(&s, &syn, hash);
	tt_write_all(fd, "ab", 2);
	s = peer_expect(&p, F_ACK);
	EQ(s.len, 2);
	SAME(&s, &syn, hash);
	peer_send(&p, F_ACK, 10);
	s = peer_expect(&p, F_ACK);
	SAME(&s, &syn, hash);
	OK(shutdown(fd, SHUT_WR));
	s = peer_expect(&p, F_FIN | F_ACK);
	SAME(&s, &syn, hash);
}

/* What has no socket any more; of TCP's, only IPv6's remember. */
static void time_wait(void)
{
	struct seg syn, s, fin;
	struct peer p;
	uint32_t hash;
	int fd;

	begin();
	fd = connected(&p, &syn);
	hash = hash_of(&syn);
	OK(shutdown(fd, SHUT_WR));
	peer_expect(&p, F_FIN | F_ACK);
	fin = peer_seg(&p, F_FIN | F_ACK, 0);
	peer_send(&p, F_FIN | F_ACK, 0);
	s = peer_expect(&p, F_ACK);
	SAME(&s, &syn, hash);
	peer_xmit(&fin);
	s = peer_expect(&p, F_ACK);
	SAME(&s, &syn, hash);
}

static void another_for_each(void)
{
	struct seg first, syn;
	uint32_t hash, other;
	struct peer p;
	int i;

	begin();
	opens(&p, &first);
	hash = hash_of(&first);
	for (i = 0; i < 8; i++) {
		opens(&p, &syn);
		other = OTHER(&syn, &first, hash);
		CHECK(other);
	}
}

/* A connect() of the same socket again. */
static void another_for_the_next(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct seg syn, again;
	struct tt_addr a;
	struct peer p;
	uint32_t hash;
	int fd;

	begin();
	fd = opens(&p, &syn);
	hash = hash_of(&syn);
	OK(connect(fd, &none, sizeof(none)));
	OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	p = peer_new();
	a = peer_addr(p.port);
	FAILS(tt_connect(fd, &a), EINPROGRESS);
	again = peer_expect(&p, F_SYN);
	OTHER(&again, &syn, hash);
}

/* A server's: the request's SYN+ACK and ACK, and the socket that it becomes. */
static void request_and_child(void)
{
	struct peer p = peer_new();
	struct seg synack, late, s;
	uint32_t hash;
	int l, fd;

	begin();
	l = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	synack = peer_expect(&p, F_SYN | F_ACK);
	hash = hash_of(&synack);
	late = peer_seg(&p, F_ACK, 0);
	late.seq += 1 << 20;
	peer_xmit(&late);
	s = peer_expect(&p, F_ACK);
	SAME(&s, &synack, hash);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	tt_write_all(fd, "x", 1);
	s = peer_expect(&p, F_ACK);
	EQ(s.len, 1);
	SAME(&s, &synack, hash);
}

static void cookies(void)
{
	struct peer p = peer_new();
	struct seg first, second, s;
	uint32_t hash;
	int l, fd;

	begin();
	tt_sysctl_set("syncookies", 2);
	l = peer_listener(&p);
	peer_send(&p, F_SYN, 0);
	first = peer_expect(&p, F_SYN | F_ACK);
	hash = hash_of(&first);
	CHECK(hash);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	/* nothing was kept, so it cannot be the same; but it stays */
	tt_write_all(fd, "x", 1);
	second = peer_expect(&p, F_ACK);
	hash = OTHER(&second, &first, hash);
	peer_send(&p, F_ACK, 0);
	tt_write_all(fd, "y", 1);
	s = peer_expect(&p, F_ACK);
	SAME(&s, &second, hash);
}

/* What answers a segment without a place is the connection's as well. */
static void reset_of_a_socket(void)
{
	struct seg syn, s;
	struct peer p;
	uint32_t hash;

	begin();
	opens(&p, &syn);
	hash = hash_of(&syn);
	s = peer_seg(&p, F_ACK, 0);
	s.ack += 100;
	peer_xmit(&s);
	do
		s = next_segment(&p);
	while (!(s.flags & F_RST));
	SAME(&s, &syn, hash);
}

/* Data that nobody acknowledges looks for another way, and stays there. */
static void timeout(void)
{
	struct seg syn, first, s;
	struct peer p;
	uint32_t hash;
	int fd;

	begin();
	fd = connected(&p, &syn);
	hash = hash_of(&syn);
	tt_write_all(fd, "abc", 3);
	first = peer_expect(&p, F_ACK);
	EQ(first.len, 3);
	SAME(&first, &syn, hash);
	s = next_segment(&p);
	EQ(s.seq, first.seq);
	hash = OTHER(&s, &first, hash);
	first = s;
	if (tt.ttp) {
		EQ(rehashes(fd), 1);
		EQ(tt_counter("TtpTimeoutRehash"), 1);
	}
	peer_send(&p, F_ACK, 0);
	tt_write_all(fd, "d", 1);
	s = peer_expect(&p, F_ACK);
	EQ(s.len, 1);
	SAME(&s, &first, hash);
}

static void syn_timeout(void)
{
	struct seg syn, s;
	struct peer p;
	uint32_t hash;

	begin();
	opens(&p, &syn);
	hash = hash_of(&syn);
	s = next_segment(&p);
	EQ(s.flags, F_SYN);
	OTHER(&s, &syn, hash);
}

/* Of a request, by its timer and when the SYN comes again; the child's is the last. */
static void synack_again(void)
{
	struct peer p = peer_new();
	struct seg syn, synack, s;
	uint32_t hash;
	int l, fd;

	begin();
	l = peer_listener(&p);
	syn = peer_seg(&p, F_SYN, 0);
	peer_send(&p, F_SYN, 0);
	synack = peer_expect(&p, F_SYN | F_ACK);
	hash = hash_of(&synack);
	s = next_segment(&p);
	EQ(s.flags, F_SYN | F_ACK);
	hash = OTHER(&s, &synack, hash);
	synack = s;
	peer_xmit(&syn);
	s = next_segment(&p);
	EQ(s.flags, F_SYN | F_ACK);
	hash = OTHER(&s, &synack, hash);
	synack = s;
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	tt_write_all(fd, "x", 1);
	s = peer_expect(&p, F_ACK);
	SAME(&s, &synack, hash);
}

/* After the option, or with the namespace's default, all stays as it is. */
static void stays(struct peer *p, int fd, const struct seg *syn)
{
	uint32_t hash = hash_of(syn);
	struct seg first, s;

	tt_write_all(fd, "abc", 3);
	first = peer_expect(p, F_ACK);
	s = next_segment(p);
	EQ(s.seq, first.seq);
	SAME(&s, syn, hash);
	if (tt.ttp)
		EQ(rehashes(fd), 0);
}

static void unless_forbidden(void)
{
	struct seg syn;
	struct peer p;
	int fd;

	begin();
	fd = connected(&p, &syn);
	EQ(tt_get(fd, level(fd), SO_TXREHASH), 1);
	tt_set(fd, level(fd), SO_TXREHASH, 0);
	stays(&p, fd, &syn);
}

static void option_values(void)
{
	int fd = tt_socket(0), none = 3;

	tt_proc_write("/proc/sys/net/core/txrehash", "1");
	EQ(tt_get(fd, level(fd), SO_TXREHASH), 1);
	tt_set(fd, level(fd), SO_TXREHASH, 0);
	EQ(tt_get(fd, level(fd), SO_TXREHASH), 0);
	tt_set(fd, level(fd), SO_TXREHASH, -1);
	EQ(tt_get(fd, level(fd), SO_TXREHASH), 1);
	FAILS(setsockopt(fd, level(fd), SO_TXREHASH, &none, sizeof(none)),
	      EINVAL);
	if (!tt.ttp)
		return;
	tt_set(fd, SOL_TTP, SO_TXREHASH, 0);
	EQ(tt_get(fd, SOL_TTP, SO_TXREHASH), 0);
	none = 1;
	tt_set(fd, SOL_SOCKET, SO_TXREHASH, 1);	/* 7.x: it can be set */
	EQ(tt_get(fd, SOL_TTP, SO_TXREHASH), 1);
	FAILS(setsockopt(fd, IPPROTO_TCP, SO_TXREHASH, &none, sizeof(none)),
	      ENOPROTOOPT);
}

static void unless_forbidden_to_all(void)
{
	struct seg syn;
	struct peer p;
	int fd;

	begin();
	tt_proc_write("/proc/sys/net/core/txrehash", "0");
	fd = connected(&p, &syn);
	EQ(tt_get(fd, level(fd), SO_TXREHASH), 0);
	stays(&p, fd, &syn);
}

/* A listener's option is its requests', and its children's. */
static void unless_the_listener_says(void)
{
	struct peer p = peer_new();
	struct seg synack, s;
	uint32_t hash;
	int l, fd;

	begin();
	l = peer_listener(&p);
	tt_set(l, level(l), SO_TXREHASH, 0);
	peer_send(&p, F_SYN, 0);
	synack = peer_expect(&p, F_SYN | F_ACK);
	hash = hash_of(&synack);
	s = next_segment(&p);
	EQ(s.flags, F_SYN | F_ACK);
	SAME(&s, &synack, hash);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(tt_get(fd, level(fd), SO_TXREHASH), 0);
}

/* A peer that repeats what we have acknowledged does not hear us. */
static void data_again(void)
{
	static const uint8_t sack_ok[4] = { 4, 2, 1, 1 };
	struct seg syn, s, data;
	struct peer p;
	uint32_t hash;
	int fd, i;

	begin();
	fd = opens(&p, &syn);
	hash = hash_of(&syn);
	s = peer_seg(&p, F_SYN | F_ACK, 0);
	memcpy(s.opts + s.opts_len, sack_ok, sizeof(sack_ok));
	s.opts_len += sizeof(sack_ok);
	peer_xmit(&s);
	p.snd_nxt++;
	peer_expect(&p, F_ACK);
	data = peer_seg(&p, F_ACK, 10);
	peer_send(&p, F_ACK, 10);
	s = peer_expect(&p, F_ACK);
	SAME(&s, &syn, hash);
	/* once may be bad luck */
	for (i = 0; i < 2; i++) {
		peer_xmit(&data);
		s = peer_expect(&p, F_ACK);
		same_or_other(&s, &syn, hash, !i);
	}
	EQ(rehashes(fd), 1);
	EQ(tt_counter("TtpDuplicateDataRehash"), 1);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(one_for_a_connection, TT_PARALLEL),
	TEST_FLAGS(time_wait, TT_PARALLEL | TT_TTP_ONLY),
	TEST_FLAGS(another_for_each, TT_PARALLEL),
	TEST_FLAGS(another_for_the_next, TT_PARALLEL),
	TEST_FLAGS(request_and_child, TT_PARALLEL),
	TEST_FLAGS(cookies, TT_PARALLEL),
	TEST_FLAGS(reset_of_a_socket, TT_PARALLEL),
	TEST_FLAGS(timeout, TT_PARALLEL),
	TEST_FLAGS(syn_timeout, TT_PARALLEL),
	TEST_FLAGS(synack_again, TT_PARALLEL),
	TEST_FLAGS(unless_forbidden, TT_PARALLEL),
	TEST_FLAGS(option_values, TT_PARALLEL),
	TEST_FLAGS(unless_forbidden_to_all, TT_PARALLEL),
	TEST_FLAGS(unless_the_listener_says, TT_PARALLEL),
	TEST_FLAGS(data_again, TT_PARALLEL | TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
