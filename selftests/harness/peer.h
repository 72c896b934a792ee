/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the hand-driven peer: a host behind a TUN device whose
 * every segment is written by the test, and who sees every segment that the
 * kernel sends it.
 */
#ifndef SELFTESTS_PEER_H
#define SELFTESTS_PEER_H

#include "ttptest.h"

#define F_FIN	0x01
#define F_SYN	0x02
#define F_RST	0x04
#define F_PSH	0x08
#define F_ACK	0x10
#define F_URG	0x20
#define F_ECE	0x40
#define F_CWR	0x80

/* ECN in the IP header: the two low bits of tos */
#define IP_ECT0	2
#define IP_CE	3

#define PEER_MTU	1500

struct seg {
	unsigned int sport, dport;
	uint32_t seq, ack;
	unsigned int flags, win;
	unsigned int urg, res;	/* urgent pointer, reserved bits (4) */
	unsigned int tos, ttl;	/* IP's; to send: 0 means 64 */
	uint32_t label;		/* received: IPv6's flow label, 0 of IPv4 */
	unsigned int opts_len, len;
	uint8_t opts[40];
	uint8_t data[PEER_MTU];
	/* only to send: what is to be wrong with it */
	bool bad_csum;
	unsigned int doff;	/* header length in words, unless 0 */
	unsigned int cut;	/* end the packet after so many bytes, unless 0 */
	const char *from, *to;	/* other addresses, unless NULL */
	bool ip_option;		/* IP has an option that nobody knows */
	/* IPv4's options, both ways; received: and where the packet went */
	uint8_t ip_opts[40];
	unsigned int ip_opts_len;	/* a multiple of 4 */
	uint32_t ip_to;			/* as it stands in the header */
};

/* One connection, seen from the peer. */
struct peer {
	unsigned int port, kport;	/* ours, the kernel's */
	uint32_t snd_nxt, rcv_nxt;
	unsigned int win;		/* what we offer, unscaled */
	bool synced;			/* rcv_nxt is known */
};

/* The device, in this netns; one per case. */
void peer_open(void);
void peer_close(void);		/* the device is gone, another may be opened */
struct tt_addr peer_addr(unsigned int port);	/* the peer's address */
struct tt_addr peer_kaddr(unsigned int port);	/* the kernel's address */

/* Segments as they are. peer_poll() is false when none came in time. */
bool peer_poll(struct seg *s, int timeout_ms);
void peer_xmit(const struct seg *s);
/*
 * An ICMP message (ICMPv6 with IPv6) about this segment of the kernel's; @info
 * is its second word.  And the one that says: no such host.
 */
void peer_icmp(const struct seg *s, unsigned int type, unsigned int code,
	       uint32_t info);
void peer_unreachable(const struct seg *s);
/* ICMP: it was larger than @mtu, and could not be cut. */
void peer_too_big(const struct seg *s, unsigned int mtu);
const char *peer_text(const struct seg *s);

/* Segments of a connection. */
struct peer peer_new(void);
struct seg peer_seg(const struct peer *p, unsigned int flags, unsigned int len);
void peer_send(struct peer *p, unsigned int flags, unsigned int len);
/*
 * The next segment must be this one; repetitions of what has been received,
 * and bare ACKs when something else is expected, are passed over.
 */
struct seg peer_expect(struct peer *p, unsigned int flags);
/* A reset, with or without an ACK. */
void peer_expect_reset(struct peer *p);
/* Data of this length, in as many segments as the kernel likes. */
void peer_expect_data(struct peer *p, unsigned int len);
/* Nothing may come but repetitions, for so long. */
void peer_silent(struct peer *p, int ms);

/* The kernel opens: a non-blocking socket in SYN_SENT, or ESTABLISHED. */
int peer_syn_sent(struct peer *p);
int peer_answer(struct peer *p);
/* The peer opens to a listener: the request stays, or becomes a socket. */
int peer_listener(struct peer *p);
int peer_dial(struct peer *p);
/* Closes @fd first: TIME_WAIT. Gives the sequence number of the last ACK. */
uint32_t peer_time_wait(struct peer *p, int fd);

#endif
