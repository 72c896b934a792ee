/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a reader that keeps the socket locked: the page that its
 * byte goes to is missing until busy_end() provides it.
 */
#ifndef SELFTESTS_BUSY_H
#define SELFTESTS_BUSY_H

#include <pthread.h>

#include "peer.h"

struct busy {
	int fd, uffd;
	char *page;
	ssize_t got;
	pthread_t thread;
};

/* The peer sends the byte that the reader then waits to put somewhere. */
void busy_begin(struct busy *b, struct peer *p, int fd);
void busy_end(struct busy *b);

#endif
