/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file is the only place that compares sequence numbers (RFC 9293 3.4):
 * they live on a circle of 2^32, so "less" means "less than half a turn ahead".
 */
#ifndef TTP_CORE_SEQ_H
#define TTP_CORE_SEQ_H

#include "base.h"

/* a comes before b. */
static inline bool ttp_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool ttp_after(u32 a, u32 b)
{
	return ttp_before(b, a);
}

static inline bool ttp_before_eq(u32 a, u32 b)
{
	return !ttp_before(b, a);
}

static inline bool ttp_after_eq(u32 a, u32 b)
{
	return !ttp_before(a, b);
}

/* lo <= x <= hi on the circle; an arc longer than half a turn works too. */
static inline bool ttp_between(u32 x, u32 lo, u32 hi)
{
	return x - lo <= hi - lo;
}

/* Bytes from a to b, negative when b comes before a. */
static inline s32 ttp_seq_diff(u32 a, u32 b)
{
	return (s32)(b - a);
}

static inline u32 ttp_seq_max(u32 a, u32 b)
{
	return ttp_before(a, b) ? b : a;
}

#endif
