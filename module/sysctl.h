/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the limits that are not per network namespace.
 */
#ifndef TTP_SYSCTL_H
#define TTP_SYSCTL_H

/* net.ttp.mem: pages of all sockets together: low, pressure, high. */
extern long ttp_sysctl_mem[3];
/* What a socket may have even under pressure, bytes: struct proto wants them. */
extern int ttp_rmem_min;
extern int ttp_wmem_min;

/* Set ttp_sysctl_mem from the size of memory; before the first namespace. */
void ttp_mem_init(void);

#endif
