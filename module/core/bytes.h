/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file reads and writes the network's numbers byte by byte, because nothing
 * is known about their alignment; compilers make one access of it where the CPU
 * allows.
 */
#ifndef TTP_CORE_BYTES_H
#define TTP_CORE_BYTES_H

#include "base.h"

static inline u16 ttp_get16(const u8 *p)
{
	return (u16)p[0] << 8 | p[1];
}

static inline u32 ttp_get32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

/* These return what follows the number. */
static inline u8 *ttp_put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
	return p + 2;
}

static inline u8 *ttp_put32(u8 *p, u32 v)
{
	p[0] = v >> 24;
	p[1] = v >> 16;
	p[2] = v >> 8;
	p[3] = v;
	return p + 4;
}

#endif
