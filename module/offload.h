/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the cutting of big segments on their way out (GSO) and
 * the merging of small ones on their way in (GRO).
 */
#ifndef TTP_OFFLOAD_H
#define TTP_OFFLOAD_H

int ttp_offload_init(void);
void ttp_offload_exit(void);

#endif
