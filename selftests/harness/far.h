/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a second network namespace behind a veth, and ways to set
 * up devices.
 */
#ifndef SELFTESTS_FAR_H
#define SELFTESTS_FAR_H

#include "ttptest.h"

/* The devices of this namespace in /sys; the case has mounts of its own. */
void own_sysfs(void);
void device_set(const char *dev, const char *name, const char *value);
/* A sysctl that only the first namespace has. */
void global_set(const char *path, const char *value);

/*
 * xa here, xb there; each with two queues both ways, addresses, and up.  What
 * follows there() belongs to the other namespace, until here().
 */
void far_open(void);
void there(void);
void here(void);
/* Connections from here to there. */
void far_pairs(int *c, int *s, int n);

#endif
