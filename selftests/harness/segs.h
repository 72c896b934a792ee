/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how a test lets the kernel send by full segments, and
 * looks at what its congestion control makes of the answers.
 *
 * It uses the kernel's struct tcp_info: do not include <netinet/tcp.h> too.
 */
#ifndef SELFTESTS_SEGS_H
#define SELFTESTS_SEGS_H

#include <linux/tcp.h>

#include "peer.h"

struct tcp_info info_of(int fd);
/* Write so many full segments, at most 40; and see all of them come. */
void write_segs(int fd, int segs);
void send_segs(struct peer *p, int fd, int segs);
/* Acknowledge all but the last @left segments of what came. */
void ack_but(struct peer *p, int fd, unsigned int left);
/* The next segment, repetitions too. */
struct seg next_segment(const struct peer *p);

#endif
