// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests how congestion notification is agreed upon (RFC 3168 6.1.1):
 * who asks, who answers, and what is no answer.
 */
#include <fcntl.h>
#include <unistd.h>

#include "ecn.h"
#include "options.h"

/* A socket that connects; its SYN must have these flags. */
static int connecting(struct peer *p, unsigned int flags)
{
	struct tt_addr a = peer_addr(p->port);
	int fd = tt_socket(SOCK_NONBLOCK);
	struct seg s;

	FAILS(connect(fd, &a.sa, a.len), EINPROGRESS);
	OK(fcntl(fd, F_SETFL, 0));
	s = peer_expect(p, F_SYN | flags);
	EQ(s.tos, 0);
	return fd;
}

/* The same, answered by a SYN+ACK with these flags. */
static int connected(struct peer *p, unsigned int answer)
{
	int fd = connecting(p, F_BOTH);
	struct seg s;

	peer_send(p, F_SYN | F_ACK | answer, 0);
	s = peer_expect(p, F_ACK);
	EQ(s.tos, 0);
	return fd;
}

static void asks_only_with_1(void)
{
	struct peer p = ecn_begin(2);

	close(connecting(&p, 0));
	tt_sysctl_set("ecn", 0);
	p = peer_new();
	close(connecting(&p, 0));
	tt_sysctl_set("ecn", 1);
	p = peer_new();
	close(connecting(&p, F_BOTH));
}

static void new_data_is_ect(void)
{
	struct peer p = ecn_begin(1);
	int fd = connected(&p, F_ECE);
	struct seg s;

	CHECK(ecn_agreed(fd));
	EQ(ECN(ecn_data(&p, fd, 100, 0)), IP_ECT0);
	/* and nothing else: here an ACK, then a FIN */
	peer_send(&p, F_ACK, 10);
	EQ(peer_expect(&p, F_ACK).tos, 0);
	OK(shutdown(fd, SHUT_WR));
	s = peer_expect(&p, F_FIN | F_ACK);
	EQ(s.tos, 0);
}

static void nothing_agreed(struct peer *p, int fd)
{
	EQ(ecn_agreed(fd), 0);
	EQ(ecn_data(p, fd, 100, 0).tos, 0);
	ecn_send(p, 0, IP_CE, 10);
	peer_expect(p, F_ACK);
	ecn_send(p, F_ECE, 0, 10);
	peer_expect(p, F_ACK);
	EQ(info_of(fd).tcpi_ca_state, 0);
	EQ(ecn_data(p, fd, 100, 0).tos, 0);
}

static void peer_does_not_agree(void)
{
	struct peer p = ecn_begin(1);

	nothing_agreed(&p, connected(&p, 0));
}

/* 6.1.1: both flags in a SYN+ACK are what we sent, reflected. */
static void peer_reflects(void)
{
	struct peer p = ecn_begin(1);

	nothing_agreed(&p, connected(&p, F_BOTH));
}

static void nobody_asks(void)
{
	struct peer p = ecn_begin(2);

	nothing_agreed(&p, ecn_accepted(&p, 0, 0));
}

/* 6.1.1.1: it may be the flags that somebody throws away. */
static void syn_again_goes_without(void)
{
	struct peer p = ecn_begin(1);
	int fd = connecting(&p, F_BOTH);

	p.synced = false;
	peer_expect(&p, F_SYN);
	peer_send(&p, F_SYN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	EQ(ecn_agreed(fd), 0);
}

static void syn_again_asks_again(void)
{
	struct peer p = ecn_begin(1);
	int fd;

	tt_sysctl_set("ecn_fallback", 0);
	fd = connecting(&p, F_BOTH);
	p.synced = false;
	peer_expect(&p, F_SYN | F_BOTH);
	close(fd);
}

/* The answer to the first SYN, not to the second. */
static void late_answer(void)
{
	struct peer p = ecn_begin(1);
	int fd = connecting(&p, F_BOTH);

	p.synced = false;
	peer_expect(&p, F_SYN);
	peer_send(&p, F_SYN | F_ACK | F_ECE, 0);
	peer_expect(&p, F_ACK);
	CHECK(ecn_agreed(fd));
}

static void agrees_when_asked(void)
{
	struct peer p = ecn_begin(2);
	int fd = ecn_accepted(&p, F_BOTH, F_ECE);

	EQ(ECN(ecn_data(&p, fd, 100, 0)), IP_ECT0);
	p = peer_new();
	tt_sysctl_set("ecn", 1);
	ecn_accepted(&p, F_BOTH, F_ECE);
	p = peer_new();
	tt_sysctl_set("ecn", 0);
	ecn_accepted(&p, F_BOTH, 0);
}

static void half_asked(void)
{
	struct peer p = ecn_begin(1);

	ecn_accepted(&p, F_ECE, 0);
	p = peer_new();
	ecn_accepted(&p, F_CWR, 0);
}

/* A SYN is never ECT (6.1.1): this one is from something else. */
static void marked_syn(void)
{
	struct peer p = ecn_begin(1);
	struct seg s;
	int l = peer_listener(&p);

	s = peer_seg(&p, F_SYN | F_BOTH, 0);
	s.tos = IP_ECT0;
	peer_xmit(&s);
	p.snd_nxt++;
	peer_expect(&p, F_SYN | F_ACK);
	close(l);
}

static void synack_again(void)
{
	struct peer p = ecn_begin(2);
	struct seg s;
	int l = peer_listener(&p);

	s = peer_seg(&p, F_SYN | F_BOTH, 0);
	peer_xmit(&s);
	peer_expect(&p, F_SYN | F_ACK | F_ECE);
	p.synced = false;
	peer_xmit(&s);
	peer_expect(&p, F_SYN | F_ACK | F_ECE);
	close(l);
}

/* A cookie has room for it in the clock, and only there. */
static void cookie_remembers(bool ts)
{
	struct peer p = ecn_begin(2);
	struct seg s;
	int l, fd;
	uint32_t val = 0, ecr;

	tt_sysctl_set("syncookies", 2);
	l = peer_listener(&p);
	s = peer_seg(&p, F_SYN | F_BOTH, 0);
	if (ts)
		opt_add_ts(&s, 1000, 0);
	peer_xmit(&s);
	p.snd_nxt++;
	s = peer_expect(&p, F_SYN | F_ACK | (ts ? F_ECE : 0));
	EQ(opt_ts(&s, &val, &ecr), ts);
	EQ(tt_count_state(TCP_SYN_RECV, p.kport), 0);
	s = peer_seg(&p, F_ACK, 0);
	if (ts)
		opt_add_ts(&s, 1001, val);
	peer_xmit(&s);
	fd = OK(accept(l, NULL, NULL));
	EQ(ecn_agreed(fd), ts);
}

static void cookie_with_a_clock(void)
{
	cookie_remembers(true);
}

static void cookie_without_a_clock(void)
{
	cookie_remembers(false);
}

/* Who sent no ECN in its SYN gets none back from a cookie either. */
static void cookie_does_not_invent(void)
{
	struct peer p = ecn_begin(2);
	uint32_t val, ecr;
	struct seg s;
	int l, fd;

	tt_sysctl_set("syncookies", 2);
	l = peer_listener(&p);
	s = peer_seg(&p, F_SYN, 0);
	opt_add_ts(&s, 1000, 0);
	peer_xmit(&s);
	p.snd_nxt++;
	s = peer_expect(&p, F_SYN | F_ACK);
	CHECK(opt_ts(&s, &val, &ecr));
	s = peer_seg(&p, F_ACK, 0);
	opt_add_ts(&s, 1001, val);
	peer_xmit(&s);
	fd = OK(accept(l, NULL, NULL));
	EQ(ecn_agreed(fd), 0);
}

/* Both ends ask at once; each answers the other's SYN. */
static void crossing_syns(void)
{
	struct peer p = ecn_begin(1);
	int fd = connecting(&p, F_BOTH);

	peer_send(&p, F_SYN | F_BOTH, 0);
	p.synced = false;
	peer_expect(&p, F_SYN | F_ACK | F_ECE);
	peer_send(&p, F_ACK, 0);
	tt_until_state(fd, TCP_ESTABLISHED);
	CHECK(ecn_agreed(fd));
	EQ(ECN(ecn_data(&p, fd, 100, 0)), IP_ECT0);
}

static void crossing_plain_syn(void)
{
	struct peer p = ecn_begin(1);
	int fd = connecting(&p, F_BOTH);

	peer_send(&p, F_SYN, 0);
	p.synced = false;
	peer_expect(&p, F_SYN | F_ACK);
	peer_send(&p, F_ACK, 0);
	tt_until_state(fd, TCP_ESTABLISHED);
	nothing_agreed(&p, fd);
}

/* "features ecn" of a route overrules the sysctl, for both roles. */
static void route_says_so(void)
{
	struct peer p = ecn_begin(0);
	int fd;

	tt_run(tt.v6 ? "ip -6 route add fd00:254::2 dev peer0 features ecn" :
	       "ip route add 10.254.0.2 dev peer0 features ecn");
	fd = connected(&p, F_ECE);
	CHECK(ecn_agreed(fd));
	p = peer_new();
	ecn_accepted(&p, F_BOTH, F_ECE);
}

static const struct tt_test tests[] = {
	TEST(asks_only_with_1),
	TEST(new_data_is_ect),
	TEST(peer_does_not_agree),
	TEST(peer_reflects),
	TEST(nobody_asks),
	TEST_FLAGS(syn_again_goes_without, TT_PARALLEL),
	TEST_FLAGS(syn_again_asks_again, TT_PARALLEL),
	TEST_FLAGS(late_answer, TT_PARALLEL),
	TEST(agrees_when_asked),
	TEST(half_asked),
	TEST(marked_syn),
	TEST(synack_again),
	TEST(cookie_with_a_clock),
	TEST(cookie_without_a_clock),
	TEST(cookie_does_not_invent),
	TEST(crossing_syns),
	TEST(crossing_plain_syn),
	TEST(route_says_so),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
