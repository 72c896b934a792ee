/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a watch over the machine: a test that is about timers
 * proves nothing when all of it stood still meanwhile.
 */
#ifndef SELFTESTS_STALL_H
#define SELFTESTS_STALL_H

#include <stdbool.h>

/* From now on, on each CPU. */
void stall_watch(void);
/* Did a CPU come late by more than @ms since @since (tt_now_ms())? */
bool stall_since(long long since, int ms);

#endif
