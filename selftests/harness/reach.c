// SPDX-License-Identifier: GPL-2.0
/*
 * This file brings a socket into any state by talking to it as its peer.
 */
#include <unistd.h>
#include <netinet/tcp.h>

#include "reach.h"

static int reach_syn_recv(struct peer *p)
{
	int fd = peer_syn_sent(p);

	/* our SYN crosses the kernel's, which is unacknowledged */
	peer_send(p, F_SYN, 0);
	p->synced = false;
	peer_expect(p, F_SYN | F_ACK);
	return fd;
}

static int reach_fin_wait1(struct peer *p)
{
	int fd = peer_answer(p);

	OK(shutdown(fd, SHUT_WR));
	peer_expect(p, F_FIN | F_ACK);
	return fd;
}

static int reach_fin_wait2(struct peer *p)
{
	int fd = reach_fin_wait1(p);

	peer_send(p, F_ACK, 0);
	tt_until_state(fd, TCP_FIN_WAIT2);
	return fd;
}

static int reach_closing(struct peer *p)
{
	int fd = reach_fin_wait1(p);

	/* our FIN, sent before the kernel's was seen */
	p->rcv_nxt--;
	peer_send(p, F_FIN | F_ACK, 0);
	p->rcv_nxt++;
	peer_expect(p, F_ACK);
	return fd;
}

static int reach_close_wait(struct peer *p)
{
	int fd = peer_answer(p);

	peer_send(p, F_FIN | F_ACK, 0);
	peer_expect(p, F_ACK);
	return fd;
}

static int reach_last_ack(struct peer *p)
{
	int fd = reach_close_wait(p);

	OK(shutdown(fd, SHUT_WR));
	peer_expect(p, F_FIN | F_ACK);
	return fd;
}

static int reach_time_wait(struct peer *p)
{
	int fd = reach_fin_wait2(p);

	peer_send(p, F_FIN | F_ACK, 0);
	peer_expect(p, F_ACK);
	close(fd);
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p->kport, p->port) == 1);
	return -1;
}

int reach(int state, struct peer *p)
{
	int fd;

	switch (state) {
	case TCP_SYN_SENT:
		fd = peer_syn_sent(p);
		break;
	case TCP_SYN_RECV:
		fd = reach_syn_recv(p);
		break;
	case TCP_ESTABLISHED:
		fd = peer_answer(p);
		break;
	case TCP_FIN_WAIT1:
		fd = reach_fin_wait1(p);
		break;
	case TCP_FIN_WAIT2:
		fd = reach_fin_wait2(p);
		break;
	case TCP_CLOSING:
		fd = reach_closing(p);
		break;
	case TCP_CLOSE_WAIT:
		fd = reach_close_wait(p);
		break;
	case TCP_LAST_ACK:
		fd = reach_last_ack(p);
		break;
	case TCP_TIME_WAIT:
		return reach_time_wait(p);
	default:
		FAIL("no way into state %d", state);
	}
	tt_until_state(fd, state);
	return fd;
}
