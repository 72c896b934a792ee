/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares both ends of a connection, played by one process while
 * memory is short: each call ends in success or a clean error, what arrives is
 * what was sent, and an end of file comes after all of it; else the test fails.
 */
#ifndef SELFTESTS_ENDS_H
#define SELFTESTS_ENDS_H

#include "ttptest.h"

#define END_BYTES	40000	/* more than a process's page fragment has */

struct end {
	int fd;
	size_t want;		/* bytes to send, then FIN */
	size_t sent, got;
	bool shut;		/* FIN is on its way */
	bool eof;
	bool broken;		/* a call said so */
};

void ends_prepare(void);
/* What the test is about, should it fail. */
void ends_about(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern char ends_context[256];

#define BAD(fmt, ...)	FAIL("%s: " fmt, ends_context, ##__VA_ARGS__)

/* Passes on the result of a call that may fail for lack of memory. */
long ends_clean(long result, const char *call);

#define CLEAN(call)	ends_clean(call, #call)

/* These give -1 or false when that has happened. */
int listener(struct tt_addr *a, int rcvbuf);
int dial(const struct tt_addr *a, int mss);
int await(int l, int client);		/* the server's end */
bool open_both(struct end *c, struct end *s, int mss, int rcvbuf);
void close_both(struct end *c, struct end *s);

void send_some(struct end *e);
/* So many small segments, each on its own; the FIN can wait. */
void send_small(struct end *e, int segments, size_t bytes);
void receive_some(struct end *e);
/* Try to send the rest while a condition has not come true. */
void keep_sending(struct end *e, long long deadline, const char *missing);
/* Until both have seen the end of the other, or one of them an error. */
void exchange(struct end *a, struct end *b);

#endif
