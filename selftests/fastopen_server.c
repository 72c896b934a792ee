// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what a server of Fast Open (RFC 7413) can choose: keys, how
 * many it serves so at a time, and whether it wants cookies at all.
 */
#include <fcntl.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "fastopen.h"

/*
 * Keys are rotated (sysctl "fastopen_key"): the cookie of the old one opens,
 * and is replaced.
 */
static void old_key(void)
{
	struct fo_cookie c, old, new;
	struct fo_count alt, fail;
	struct peer p, q;
	struct seg s;
	char text[100];
	int l = fo_server(&p, 2, 5);

	fo_key_set("00000001-22222222-03333333-4");
	fo_key_get(text);
	CHECK(!strcmp(text, "00000001-22222222-03333333-00000004"));
	old = fo_ask(&p);
	fo_key_set("55555555-66666666-77777777-88888888,"
		   "00000001-22222222-03333333-00000004\n");
	fo_key_get(text);
	CHECK(!strcmp(text, "55555555-66666666-77777777-88888888,"
		      "00000001-22222222-03333333-00000004"));
	new = fo_ask(&p);
	CHECK(!fo_same(&old, &new));
	alt = fo_count("TtpFastOpenPassiveAltKey");
	s = fo_dial(&p, &old, 10);
	EQ(s.len, 10);
	CHECK(fo_find(&s, &c));
	CHECK(fo_same(&c, &new));
	fo_moved(&alt, 1);
	/* both gone */
	fo_key_set("9-a-B-c");
	fail = fo_count("TtpFastOpenPassiveFail");
	q = fo_another(&p);
	s = fo_dial(&q, &new, 10);
	EQ(s.len, 0);
	fo_moved(&fail, 1);
	close(l);
}

static void bad_keys(void)
{
	static const char *const bad[] = {
		"", "1-2-3", "1-2-3-x", "1-2-3-4,", "1-2-3-4,5", "1,2,3,4",
	};
	char before[100], after[100];
	struct peer p;
	unsigned int i;

	fo_server(&p, 2, 5);
	fo_key_get(before);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!fo_key_try(bad[i]));
	fo_key_get(after);
	CHECK(!strcmp(before, after));
}

/* A listener may have keys of its own. */
static void key_of_a_listener(void)
{
	static const uint8_t key[32] = "0123456789abcdefFEDCBA9876543210";
	struct fo_cookie all, own;
	struct peer p;
	uint8_t got[40];
	socklen_t len = sizeof(got);
	int l = fo_server(&p, 2, 5);

	fo_key_set("1-2-3-4");
	OK(getsockopt(l, SOL_TCP, TCP_FASTOPEN_KEY, got, &len));
	EQ(len, 0);
	all = fo_ask(&p);
	OK(setsockopt(l, SOL_TCP, TCP_FASTOPEN_KEY, key, 32));
	len = sizeof(got);
	OK(getsockopt(l, SOL_TCP, TCP_FASTOPEN_KEY, got, &len));
	EQ(len, 32);
	CHECK(!memcmp(got, key, 32));
	own = fo_ask(&p);
	CHECK(!fo_same(&all, &own));
	FAILS(setsockopt(l, SOL_TCP, TCP_FASTOPEN_KEY, key, 15), EINVAL);
	FAILS(setsockopt(l, SOL_TCP, TCP_FASTOPEN_KEY, key, 17), EINVAL);
}

/* 0x200: data counts without a cookie. */
static void no_cookie_by_sysctl(void)
{
	struct peer p, q;
	struct seg s;
	int l = fo_server(&p, 2, 5);

	s = fo_dial(&p, NULL, 10);
	EQ(s.len, 0);
	tt_sysctl_set("fastopen", 0x202);
	q = fo_another(&p);
	s = fo_dial(&q, NULL, 10);
	EQ(s.len, 10);
	q = fo_another(&p);
	s = fo_dial(&q, NULL, 0);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 3);
	close(l);
}

static void no_cookie_by_option(void)
{
	struct peer p;
	struct seg s;
	int l = fo_server(&p, 2, 5), fd;

	EQ(tt_get(l, SOL_TCP, TCP_FASTOPEN_NO_COOKIE), 0);
	tt_set(l, SOL_TCP, TCP_FASTOPEN_NO_COOKIE, 1);
	EQ(tt_get(l, SOL_TCP, TCP_FASTOPEN_NO_COOKIE), 1);
	FAILS(setsockopt(l, SOL_TCP, TCP_FASTOPEN_NO_COOKIE, &(int){ 2 }, 4),
	      EINVAL);
	s = fo_dial(&p, NULL, 10);
	EQ(s.len, 10);
	fd = OK(accept(l, NULL, NULL));
	EQ(tt_state(fd), TCP_SYN_RECV);
}

/* 0x400: every listener, also of programs that do not ask. */
static void all_listeners(void)
{
	struct fo_cookie c;
	struct peer p;
	struct seg s;
	int l;

	fo_begin(0x402);
	p = peer_new();
	l = peer_listener(&p);
	EQ(tt_get(l, SOL_TCP, TCP_FASTOPEN), 8);
	c = fo_ask(&p);
	s = fo_dial(&p, &c, 10);
	EQ(s.len, 10);
}

/* TCP_FASTOPEN on a listener that has stopped, and no more than somaxconn. */
static void queue_length(void)
{
	struct peer p;
	int l = fo_server(&p, 2, 7), fd;

	EQ(tt_get(l, SOL_TCP, TCP_FASTOPEN), 7);
	tt_set(l, SOL_TCP, TCP_FASTOPEN, 1000000);
	CHECK(tt_get(l, SOL_TCP, TCP_FASTOPEN) < 100000);
	FAILS(setsockopt(l, SOL_TCP, TCP_FASTOPEN, &(int){ -1 }, 4), EINVAL);
	peer_send(&p, F_SYN, 0);
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	FAILS(setsockopt(fd, SOL_TCP, TCP_FASTOPEN, &(int){ 1 }, 4), EINVAL);
	EQ(tt_get(fd, SOL_TCP, TCP_FASTOPEN), 0);
	fd = tt_socket(0);
	EQ(tt_get(fd, SOL_TCP, TCP_FASTOPEN), 0);
}

static void queue_is_full(void)
{
	struct fo_count over;
	struct fo_cookie c;
	struct peer p, q;
	struct seg s;
	int l = fo_server(&p, 2, 1), fd, other;

	c = fo_ask(&p);
	over = fo_count("TtpFastOpenListenOverflow");
	s = fo_dial(&p, &c, 10);
	EQ(s.len, 10);
	fd = OK(accept(l, NULL, NULL));
	q = fo_another(&p);
	s = fo_dial(&q, &c, 10);
	EQ(s.len, 0);
	fo_moved(&over, 1);
	peer_send(&q, F_ACK, 0);
	other = OK(accept(l, NULL, NULL));
	fo_served(&q, other);
	/* the final ACK makes room, and so does a close */
	peer_send(&p, F_ACK, 0);
	tt_until_state(fd, TCP_ESTABLISHED);
	q = fo_another(&p);
	s = fo_dial(&q, &c, 10);
	EQ(s.len, 10);
	tt_abort(OK(accept(l, NULL, NULL)));
	q = fo_another(&p);
	s = fo_dial(&q, &c, 10);
	EQ(s.len, 10);
}

/* A client that resets: the program hears of it, the queue remembers it. */
static void reset(void)
{
	struct fo_count over;
	struct fo_cookie c;
	struct peer p, q;
	struct seg s;
	int l = fo_server(&p, 2, 1), fd;
	char buf[10];

	c = fo_ask(&p);
	over = fo_count("TtpFastOpenListenOverflow");
	/* not the one that accept() has not had: it is in the other queue */
	q = fo_another(&p);
	s = fo_dial(&q, &c, 10);
	EQ(s.len, 10);
	peer_send(&q, F_RST, 0);
	UNTIL(tt_count_state(TCP_SYN_RECV, p.kport) == 0);
	fd = OK(accept(l, NULL, NULL));
	close(fd);
	q = fo_another(&p);
	s = fo_dial(&q, &c, 10);
	EQ(s.len, 10);
	fd = OK(accept(l, NULL, NULL));
	peer_send(&q, F_RST, 0);
	UNTIL(tt_state(fd) == TCP_CLOSE);
	FAILS(write(fd, "x", 1), ECONNRESET);
	EQ(read(fd, buf, sizeof(buf)), 10);
	fo_moved(&over, 0);
	q = fo_another(&p);
	s = fo_dial(&q, &c, 10);
	EQ(s.len, 0);
	CHECK(!fo_find(&s, &c));
	fo_moved(&over, 1);
}

/* A SYN with data and a cookie over TIME_WAIT: the child takes its place. */
static void over_time_wait(void)
{
	struct fo_cookie c;
	struct peer p, q;
	uint32_t last;
	struct seg s;
	int l = fo_server(&p, 2, 5), fd;

	c = fo_ask(&p);
	q = fo_another(&p);
	peer_send(&q, F_SYN, 0);
	peer_expect(&q, F_SYN | F_ACK);
	peer_send(&q, F_ACK, 0);
	last = peer_time_wait(&q, OK(accept(l, NULL, NULL)));

	q.snd_nxt += 1000;
	q.synced = false;
	s = fo_dial(&q, &c, 10);
	EQ(s.len, 10);
	CHECK((int32_t)(s.seq - last) >= 0);
	EQ(tt_count_conn(TCP_TIME_WAIT, q.kport, q.port), 0);
	fd = OK(accept(l, NULL, NULL));
	EQ(tt_state(fd), TCP_SYN_RECV);
	close(l);
}

/* Each in a namespace where no cookie and no key is known. */
#define APART(fn)	TEST_FLAGS(fn, TT_PARALLEL)

static const struct tt_test tests[] = {
	APART(old_key),
	APART(bad_keys),
	APART(key_of_a_listener),
	APART(no_cookie_by_sysctl),
	APART(no_cookie_by_option),
	APART(all_listeners),
	APART(queue_length),
	APART(queue_is_full),
	APART(reset),
	APART(over_time_wait),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
