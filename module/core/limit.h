/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how often TTP answers segments that should not be there.
 */
#ifndef TTP_CORE_LIMIT_H
#define TTP_CORE_LIMIT_H

#include "base.h"
#include "seg.h"

/* A limit that means: none. */
#define TTP_LIMIT_NONE	0x7fffffffu

/*
 * Does it count as a reason for an ACK loop?  Data must be answered whenever it
 * comes, or its sender repeats it for nothing; two confused ends do not send
 * each other data for ever.
 */
static inline bool ttp_limit_applies(const struct ttp_seg *seg)
{
	return (seg->flags & TTP_SYN) || !ttp_seg_space(seg);
}

/**
 * ttp_limit_too_soon - has another answer left less than @gap ms ago?
 * @last: when the last one left, ms; 0: never
 */
bool ttp_limit_too_soon(u32 last, u32 now, u32 gap);

/* What a namespace may still spend in the second @second. */
struct ttp_budget {
	u32	second;
	u32	left;
};

/**
 * ttp_budget_take - may one more answer leave? (RFC 5961 7)
 * @limit: per second, on average
 * @rnd: a random number
 *
 * How many a second has is drawn from half to one and a half of @limit:
 * whoever could count exactly @limit answers would know of one that somebody
 * else has caused.
 */
bool ttp_budget_take(struct ttp_budget *b, u32 second, u32 limit, u32 rnd);

#endif
