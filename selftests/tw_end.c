// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests what ends TIME_WAIT before its time: a RST (RFC 1337).
 */
#include <unistd.h>
#include <netinet/tcp.h>

#include "drops.h"
#include "options.h"
#include "reach.h"

static long long counter(const char *name)
{
	return tt.ttp ? tt_counter(name) : 0;
}

/* RFC 9293 3.10.7.4, second: a RST at the next byte is the end of it all. */
static void rst_ends_it(void)
{
	long long before = counter("TtpTwKilled");
	struct peer p = peer_new();

	peer_open();
	EQ(tt_sysctl("rfc1337"), 0);
	reach(TCP_TIME_WAIT, &p);
	peer_send(&p, F_RST, 0);
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port) == 0);
	if (tt.ttp)
		EQ(counter("TtpTwKilled") - before, 1);
	/* and nobody remembers */
	peer_send(&p, F_ACK, 0);
	peer_expect(&p, F_RST);
}

/* RFC 5961 3.2, without the answer: it must be exactly there. */
static void rst_elsewhere_does_not(void)
{
	static const int off[] = { -1, 1, 1000, 1 << 28 };
	struct peer p = peer_new();
	struct drops before;
	struct seg s;
	size_t i;

	peer_open();
	reach(TCP_TIME_WAIT, &p);
	read_drops(&before);
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		s = peer_seg(&p, F_RST, 0);
		s.seq += off[i];
		peer_xmit(&s);
	}
	peer_silent(&p, 50);
	only_moved(&before, "RstSeq", ARRAY_SIZE(off));
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 1);
}

static void rst_with_rfc1337_does_not(void)
{
	long long before = counter("TtpTwKilled");
	struct peer p = peer_new();
	struct drops drops;

	peer_open();
	tt_sysctl_set("rfc1337", 1);
	reach(TCP_TIME_WAIT, &p);
	read_drops(&drops);
	peer_send(&p, F_RST, 0);
	peer_silent(&p, 50);
	only_moved(&drops, "State", 1);
	EQ(tt_count_conn(TCP_TIME_WAIT, p.kport, p.port), 1);
	EQ(counter("TtpTwKilled"), before);
	tt_sysctl_set("rfc1337", 0);
}

static const struct tt_test tests[] = {
	TEST(rst_ends_it),
	TEST(rst_elsewhere_does_not),
	TEST(rst_with_rfc1337_does_not),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
