// SPDX-License-Identifier: GPL-2.0
/*
 * This file attacks connections from aside, as one would who can forge
 * segments and ICMP messages but sees none (RFC 5961, RFC 5927): nothing comes
 * to an end, and nothing is let in.
 */
#include <poll.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "drops.h"
#include "forge.h"
#include "reach.h"

static const int synced[] = {
	TCP_SYN_RECV, TCP_ESTABLISHED, TCP_FIN_WAIT1, TCP_FIN_WAIT2,
	TCP_CLOSE_WAIT, TCP_CLOSING, TCP_LAST_ACK,
};

/* RFC 5961 3.2: only the very next number resets, whatever the state. */
static void rst_must_be_exact(void)
{
	size_t i;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", 0);
	for (i = 0; i < ARRAY_SIZE(synced); i++) {
		long long before = count("ChallengeAck");
		struct peer p = peer_new();
		int fd = reach(synced[i], &p);
		struct seg s;

		s = forged(&p, F_RST, 1, 0);
		peer_xmit(&s);
		answers(&p, 1);
		s = forged(&p, F_RST, 1000, 0);
		peer_xmit(&s);
		answers(&p, 1);
		EQ(count("ChallengeAck") - before, 2);
		/* outside the window nobody even answers */
		s = forged(&p, F_RST, 1 << 28, 0);
		peer_xmit(&s);
		s = forged(&p, F_RST, -100, 0);
		peer_xmit(&s);
		peer_silent(&p, 30);
		EQ(tt_state(fd), synced[i]);
		EQ(count("ChallengeAck") - before, 2);
		s = forged(&p, F_RST, 0, 0);
		peer_xmit(&s);
		tt_until_state(fd, TCP_CLOSE);
		peer_silent(&p, 10);
		close(fd);
	}
	tt_sysctl_set("invalid_ratelimit", 500);
}

/* One before a FIN that came is outside: TCP makes an exception for it. */
static void rst_before_the_fin(void)
{
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	int fd;

	peer_open();
	fd = reach(TCP_CLOSE_WAIT, &p);
	read_drops(&before);
	s = forged(&p, F_RST, -1, 0);
	peer_xmit(&s);
	only_moved(&before, "RstSeq", 1);
	peer_silent(&p, 30);
	EQ(tt_state(fd), TCP_CLOSE_WAIT);
}

/* RFC 5961 4.2: a SYN never does more than to make us ask. */
static void syn_is_challenged(void)
{
	static const uint32_t at[] = { 0, 1000, 1 << 28, -1000 };
	size_t i, j;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", 0);
	for (i = 0; i < ARRAY_SIZE(synced); i++) {
		long long acks = count("ChallengeAck");
		long long syns = count("SYNChallenge");
		struct peer p = peer_new();
		int fd = reach(synced[i], &p);

		for (j = 0; j < ARRAY_SIZE(at); j++) {
			struct seg s = forged(&p, F_SYN, at[j], 0);

			peer_xmit(&s);
			answers(&p, 1);
		}
		EQ(tt_state(fd), synced[i]);
		EQ(count("ChallengeAck") - acks, ARRAY_SIZE(at));
		EQ(count("SYNChallenge") - syns, ARRAY_SIZE(at));
		tt_abort(fd);
	}
	tt_sysctl_set("invalid_ratelimit", 500);
}

/* RFC 5961 5.2: data with an ACK of what was never sent is a guess. */
static void ghost(struct peer *p, int fd, uint32_t ack_off)
{
	long long sent = count("ChallengeAck");
	struct seg s = forged(p, F_ACK, 0, 8);
	struct drops before;

	read_drops(&before);
	s.ack += ack_off;
	peer_xmit(&s);
	answers(p, 1);
	only_moved(&before, (int32_t)ack_off < 0 ? "AckOld" : "AckFuture", 1);
	EQ(count("ChallengeAck") - sent, 1);
	EQ(tt_poll(fd, 1, 0), 0);
}

static void ghost_acks(void)
{
	struct peer p = peer_new();
	char buf[100];
	struct seg s;
	int fd;

	peer_open();
	tt_sysctl_set("invalid_ratelimit", 0);
	fd = peer_dial(&p);
	/* right after the handshake there is nothing to acknowledge again */
	ghost(&p, fd, -1);
	ghost(&p, fd, -1000);
	ghost(&p, fd, -(1 << 28));
	if (tt.ttp)	/* which kernel's TCP answers this? */
		ghost(&p, fd, 1);
	tt_pattern(buf, 100, 0);
	tt_write_all(fd, buf, 100);
	peer_expect_data(&p, 100);
	peer_send(&p, F_ACK, 0);
	still_works(&p, fd);
	/* what was sent may be acknowledged again, not what came before */
	ghost(&p, fd, -106);
	s = forged(&p, F_ACK, 0, 8);
	s.ack -= 105;
	peer_xmit(&s);
	tt_read_all(fd, buf, 8);
	p.snd_nxt += 8;
	still_works(&p, fd);
	tt_sysctl_set("invalid_ratelimit", 500);
}

/* Our FIN counts: an ACK from before it is only late. */
static void late_ack_after_our_fin(void)
{
	struct peer p = peer_new();
	struct seg s;
	char c;
	int fd;

	peer_open();
	fd = reach(TCP_FIN_WAIT2, &p);
	s = forged(&p, F_ACK, 0, 1);
	s.ack--;
	peer_xmit(&s);
	OK(read(fd, &c, 1));
	p.snd_nxt++;
	peer_expect(&p, F_ACK);
}

/* What an ICMP message says of an open that has had no answer yet. */
struct report {
	unsigned int type, code;
	int error;
};

static const struct report reports4[] = {
	{ 3, 0, ENETUNREACH }, { 3, 1, EHOSTUNREACH }, { 3, 2, ENOPROTOOPT },
	{ 3, 3, ECONNREFUSED }, { 3, 5, EOPNOTSUPP }, { 3, 9, ENETUNREACH },
	{ 3, 13, EHOSTUNREACH }, { 11, 0, EHOSTUNREACH }, { 12, 0, EPROTO },
};

static const struct report reports6[] = {
	{ 1, 0, ENETUNREACH }, { 1, 1, EACCES }, { 1, 3, EHOSTUNREACH },
	{ 1, 4, ECONNREFUSED }, { 3, 0, EHOSTUNREACH }, { 4, 1, EPROTO },
};

static const struct report *reports(size_t *n)
{
	*n = tt.v6 ? ARRAY_SIZE(reports6) : ARRAY_SIZE(reports4);
	return tt.v6 ? reports6 : reports4;
}

/* A message about the kernel's byte @seq. */
static void icmp(const struct peer *p, const struct report *r, uint32_t seq)
{
	struct seg s = { .sport = p->kport, .dport = p->port, .seq = seq };

	peer_icmp(&s, r->type, r->code, 0);
}

/* RFC 9293 MUST-56, whatever the state and the message. */
static void icmp_ends_no_connection(void)
{
	const struct report *r;
	size_t i, j, n;

	peer_open();
	r = reports(&n);
	for (i = 1; i < ARRAY_SIZE(synced); i++) {
		long long told = tt.ttp ? count("IcmpErrs") : 0;
		struct peer p = peer_new();
		int fd = reach(synced[i], &p);

		for (j = 0; j < n; j++)
			icmp(&p, &r[j], p.rcv_nxt);
		if (tt.ttp)
			UNTIL(count("IcmpErrs") - told == (long long)n);
		else
			peer_silent(&p, 20);
		EQ(tt_state(fd), synced[i]);
		/* nobody is disturbed, but it is told, once (SHLD-25) */
		EQ(tt_poll(fd, 0, 0) & POLLERR, 0);
		EQ(tt_so_error(fd), r[n - 1].error);
		EQ(tt_so_error(fd), 0);
		if (synced[i] == TCP_ESTABLISHED)
			still_works(&p, fd);
		tt_abort(fd);
	}
}

/* RFC 5927 4.1: a message about nothing in flight is no news. */
static void icmp_out_of_window(void)
{
	long long before = count("OutOfWindowIcmps");
	struct peer p = peer_new();
	const struct report *r;
	size_t n, i;
	int fd;

	peer_open();
	r = reports(&n);
	fd = peer_syn_sent(&p);
	for (i = 0; i < n; i++) {
		icmp(&p, &r[i], p.rcv_nxt + 1);
		icmp(&p, &r[i], p.rcv_nxt - 2);
	}
	UNTIL(count("OutOfWindowIcmps") - before == 2 * (long long)n);
	EQ(tt_state(fd), TCP_SYN_SENT);
	peer_send(&p, F_SYN | F_ACK, 0);
	peer_expect(&p, F_ACK);
	still_works(&p, fd);
	/* not even about the size of packets */
	peer_icmp(&(struct seg){ .sport = p.kport, .dport = p.port,
				 .seq = p.rcv_nxt + 1 }, tt.v6 ? 2 : 3,
		  tt.v6 ? 0 : 4, 1280);
	UNTIL(count("OutOfWindowIcmps") - before == 2 * (long long)n + 1);
	CHECK(tt_get(fd, SOL_TCP, TCP_MAXSEG) > 1400);
}

/* RFC 5461: an open that is told so ends at once, and says why. */
static void icmp_ends_an_open(void)
{
	const struct report *r;
	size_t i, n;

	peer_open();
	r = reports(&n);
	for (i = 0; i < n; i++) {
		struct peer p = peer_new();
		int fd = peer_syn_sent(&p);

		icmp(&p, &r[i], p.rcv_nxt - 1);
		tt_until_state(fd, TCP_CLOSE);
		EQ(tt_so_error(fd), r[i].error);
		close(fd);
	}
}

/* SHLD-25: a program that wants to know is told, and goes on. */
static void icmp_for_who_asks(void)
{
	struct peer p = peer_new();
	const struct report *r;
	size_t n;
	int fd;

	peer_open();
	r = reports(&n);
	fd = peer_answer(&p);
	if (tt.v6)
		tt_set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
	else
		tt_set(fd, IPPROTO_IP, IP_RECVERR, 1);
	icmp(&p, &r[0], p.rcv_nxt);
	/* SO_ERROR alone would tell it to those who have not asked as well */
	UNTIL(tt_poll(fd, 0, 0) & POLLERR);
	EQ(tt_so_error(fd), r[0].error);
	EQ(tt_state(fd), TCP_ESTABLISHED);
	still_works(&p, fd);
}

static const struct tt_test tests[] = {
	TEST(rst_must_be_exact),
	TEST_FLAGS(rst_before_the_fin, TT_TTP_ONLY),
	TEST(syn_is_challenged),
	TEST(ghost_acks),
	TEST(late_ack_after_our_fin),
	TEST(icmp_ends_no_connection),
	TEST(icmp_out_of_window),
	TEST(icmp_ends_an_open),
	TEST(icmp_for_who_asks),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
