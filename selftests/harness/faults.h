/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how allocations of the kernel are made to fail: those of
 * slab memory and those of whole pages, below a range of return addresses.
 */
#ifndef SELFTESTS_FAULTS_H
#define SELFTESTS_FAULTS_H

#include <stdbool.h>

enum fault { FAULT_SLAB, FAULT_PAGES };

void faults_need(void);		/* skips where the kernel cannot do it */
/* Only with such a return address on the stack, in any context. */
void faults_below(unsigned long start, unsigned long end);
/* But not with one of these. */
void faults_except(unsigned long start, unsigned long end);
/* From now on @percent of them fail, @times at most; -1: without end. */
void faults_arm(enum fault which, int percent, int times);
void faults_off(void);
int faults_left(enum fault which);	/* of @times */
/* Not meanwhile: what comes before the part that the faults are for. */
void faults_pause(void);
void faults_resume(void);

#endif
