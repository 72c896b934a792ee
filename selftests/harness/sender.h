/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a dialogue in which the kernel sends and the hand-driven
 * peer acknowledges.  Data is spoken of in full segments, counted from 0.
 */
#ifndef SELFTESTS_SENDER_H
#define SELFTESTS_SENDER_H

#include <linux/tcp.h>

#include "options.h"
#include "peer.h"

#define SND_SACK	1	/* the peer offers SACK */
#define SND_TS		2	/* and timestamps */
#define SND_LARGE	4	/* segments as large as the device allows */

#define SND_SEGS	64

/*
 * The round trip of the handshake, ms: long beside what a slow machine adds,
 * short enough that the SYN-ACK is not repeated, after a second.
 */
#define SND_RTT		(tt_slowness() > 1 ? 800 : 400)

struct sender {
	struct peer p;
	int fd;
	unsigned int flags;
	unsigned int len;	/* payload of a full segment */
	uint32_t base;		/* sequence number of segment 0 */
	uint32_t val, ecr;	/* our clock; the echo, normally of the latest */
	uint32_t stamp[SND_SEGS];	/* the clock when it came first */
};

void snd_open(struct sender *s, unsigned int flags);
/* One round trip passes. */
void snd_rtt(void);
void snd_write(struct sender *s, unsigned int segs);

/* The next data must be segment @n, or @from up to @to - 1 in order. */
struct seg snd_expect(struct sender *s, unsigned int n);
void snd_run(struct sender *s, unsigned int from, unsigned int to);
/* The next data, whatever it is; false: none for so long. */
bool snd_comes(struct sender *s, struct seg *in, int ms);
/* No data for so long. */
void snd_none(struct sender *s, int ms);

/*
 * An ACK for segment @n, and SACK blocks, each from one segment up to another:
 * SACK(&s, 0, 1, 3) says that 0 is missing and 1 and 2 are here.
 */
void snd_say(struct sender *s, unsigned int n, unsigned int edges,
	     const int *edge);

#define ACK(s, n)	snd_say(s, n, 0, NULL)
#define SACK(s, n, ...) do {						\
	int e_[] = { __VA_ARGS__ };					\
	snd_say(s, n, ARRAY_SIZE(e_), e_);				\
} while (0)

/* What getsockopt() tells; numbers of struct tcp_info. */
struct tcp_info snd_info(struct sender *s);

/*
 * The window of 10 was reduced, and has grown no more since than CUBIC lets it
 * in a round trip, which depends on time: by half (RFC 9438 4.2).
 */
void snd_reduced(struct sender *s);

#define INFO(s, field)	((long long)snd_info(s).tcpi_##field)

/* TTP's counter, or TCP's of the same name; the case has a netns of its own. */
long long snd_count(const char *name);

#define COUNT(name, n)	EQ(snd_count(name), n)

#endif
