// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests that a peer who SACKs every second of many small segments
 * cannot make the sender cut its queue into pieces without end.
 */
#include <unistd.h>
#include <linux/sock_diag.h>

#include "options.h"
#include "segs.h"

#define SNDBUF	40000
#define MSS	88
#define FLIGHT	600		/* segments */

static char buf[60000];

static unsigned int queued(int fd)
{
	unsigned int mem[SK_MEMINFO_VARS];
	socklen_t len = sizeof(mem);

	OK(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len));
	return mem[SK_MEMINFO_WMEM_QUEUED];
}

static int dial(struct peer *p)
{
	struct seg s;
	int l, fd;

	peer_open();
	*p = peer_new();
	l = peer_listener(p);
	tt_set(l, IPPROTO_TCP, TCP_MAXSEG, MSS);
	tt_set(l, SOL_SOCKET, SO_SNDBUF, SNDBUF);
	p->win = 65535;
	s = peer_seg(p, F_SYN, 0);
	opt_add(&s, OPT_SACK_OK, NULL, 0);
	peer_xmit(&s);
	p->snd_nxt++;
	peer_expect(p, F_SYN | F_ACK);
	peer_send(p, F_ACK, 0);
	fd = OK(accept(l, NULL, NULL));
	close(l);
	return fd;
}

/* Take what comes, whatever is lost; all before its end counts as received. */
static void take(struct peer *p)
{
	struct seg s;

	while (peer_poll(&s, 20))
		if (s.dport == p->port &&
		    (int32_t)(s.seq + s.len - p->rcv_nxt) > 0)
			p->rcv_nxt = s.seq + s.len;
}

static void every_second_is_sacked(void)
{
	struct peer p;
	int fd = dial(&p);
	unsigned int mss, most, i, b;
	uint32_t una;

	tt_sysctl_try("rto_min_us", 20000000);
	mss = info_of(fd).tcpi_snd_mss;
	do {
		peer_send(&p, F_ACK, 0);
		una = p.rcv_nxt;
		while (send(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
			;
		take(&p);
	} while (info_of(fd).tcpi_unacked < FLIGHT);
	for (i = 1; i + 8 < FLIGHT; i += 8) {
		struct seg s = peer_seg(&p, F_ACK, 0);
		uint32_t edges[8];

		for (b = 0; b < 4; b++) {
			edges[2 * b] = una + (i + 2 * b) * mss;
			edges[2 * b + 1] = edges[2 * b] + mss;
		}
		s.ack = una;
		opt_add_sack(&s, 4, edges);
		peer_xmit(&s);
		while (peer_poll(&s, 0))
			;
	}
	take(&p);
	most = 2 * (2 * SNDBUF + 2 * (65536 + 4096)) + 65536;
	tt_note("%u queued, at most %u; %lld refused", queued(fd), most,
		tt_counter("TtpSplitRefused"));
	CHECK(queued(fd) <= most);
	CHECK(tt_counter("TtpSplitRefused") > 0);
	/* and all of it arrives */
	for (i = 0; info_of(fd).tcpi_unacked || info_of(fd).tcpi_notsent_bytes; i++) {
		CHECK(i < 1000);
		take(&p);
		peer_send(&p, F_ACK, 0);
		tt_pause();
	}
	CHECK(queued(fd) < SNDBUF);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(every_second_is_sacked, TT_TTP_ONLY | TT_OWN_NET),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
