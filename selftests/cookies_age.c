// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests how long a SYN cookie is good: into the next minute.  That it
 * is not any longer takes another one, and is for the unit tests of core/cookie.c.
 */
#include <time.h>
#include <unistd.h>

#include "drops.h"
#include "peer.h"

/* The keys change with each minute since boot; the cookie's highest bit tells. */
static unsigned int odd_minute(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec / 60 % 2;
}

static unsigned int cookie_of(struct peer *p)
{
	peer_send(p, F_SYN, 0);
	return peer_expect(p, F_SYN | F_ACK).seq >> 31;
}

static void of_the_last_minute(void)
{
	long long good = tt_counter("TtpSyncookiesRecv");
	unsigned int minute;
	struct peer p, q;
	int l;

	peer_open();
	tt_sysctl_set("syncookies", 2);
	p = peer_new();
	l = peer_listener(&p);
	minute = cookie_of(&p);
	while (odd_minute() == minute)
		usleep(100 * 1000);
	/* another key makes them now, and the last one is known as well */
	q = peer_new();
	q.kport = p.kport;
	EQ(cookie_of(&q), !minute);
	peer_send(&p, F_ACK, 0);
	still_works(&p, OK(accept(l, NULL, NULL)));
	peer_send(&q, F_ACK, 0);
	still_works(&q, OK(accept(l, NULL, NULL)));
	EQ(tt_counter("TtpSyncookiesRecv") - good, 2);
	EQ(tt_counter("TtpSyncookiesFailed"), 0);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(of_the_last_minute, TT_PARALLEL | TT_SLOW | TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
