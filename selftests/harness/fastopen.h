/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what tests of Fast Open need beside the peer: cookies in
 * options, keys in sysctls, counters.
 */
#ifndef SELFTESTS_FASTOPEN_H
#define SELFTESTS_FASTOPEN_H

#include <poll.h>
#include <netinet/tcp.h>

#include "options.h"
#include "peer.h"

#define OPT_FO		34

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN	0x20000000
#endif

struct fo_cookie {
	unsigned int len;
	uint8_t val[16];
};

/* The peer's device; @bits for the sysctl fastopen. */
void fo_begin(int bits);

/* The cookie of a SYN or SYN+ACK, of length 0 if it asks for one. */
bool fo_find(const struct seg *s, struct fo_cookie *c);
bool fo_same(const struct fo_cookie *a, const struct fo_cookie *b);

/* sysctl fastopen_key; try is false when the kernel refuses. */
void fo_key_set(const char *text);
bool fo_key_try(const char *text);
void fo_key_get(char text[100]);

struct tcp_info fo_info(int fd);
/* tcpi_fastopen_client_fail, which the C library does not know. */
int fo_failure(int fd);

/* A counter and its value now; kernel TCP's are not looked at. */
struct fo_count {
	const char *name;
	long long was;
};

struct fo_count fo_count(const char *name);
void fo_moved(const struct fo_count *c, long long by);

/* A listener of the kernel with Fast Open, whose queue takes @most. */
int fo_server(struct peer *p, int bits, int most);
/*
 * The peer's SYN, with option and payload; the answer is a SYN+ACK, whose own
 * length, none, gives way to that of the data it acknowledges.
 */
struct seg fo_dial(struct peer *p, const struct fo_cookie *c,
		   unsigned int len);
/* A cookie from the kernel; the connection that asked for it is given up. */
struct fo_cookie fo_ask(const struct peer *server);
/* Another client, from the same address. */
struct peer fo_another(const struct peer *p);
/* Both directions, the peer first. */
void fo_served(struct peer *p, int fd);

/* What the peer gives as a server. */
extern const struct fo_cookie fo_known;

long fo_send(int fd, const struct peer *p, const void *buf, size_t len);
/* SYN+ACK, of all but the last @refuse bytes of the data. */
void fo_answer(struct peer *p, const struct fo_cookie *c, unsigned int mss,
	       unsigned int refuse);
/* The kernel learns that cookie, and that the peer's segments hold @mss. */
void fo_teach_mss(unsigned int mss);
void fo_teach(void);
/* A socket whose SYN has @len bytes on board, non-blocking. */
int fo_launch(struct peer *p, unsigned int len);
/* Both directions; first whatever is unacknowledged arrives. */
void fo_works(struct peer *p, int fd);

#endif
