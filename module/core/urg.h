/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares urgent data (RFC 9293 3.8.5, RFC 6093): where the urgent
 * byte is, what a reader may take beside it, and what a header says of it.
 */
#ifndef TTP_CORE_URG_H
#define TTP_CORE_URG_H

#include "base.h"
#include "seg.h"

/* What has become of the urgent byte. */
enum ttp_urg_state {
	TTP_URG_NONE,		/* none, or the reader is past it */
	TTP_URG_AWAITED,	/* announced, not here yet */
	TTP_URG_HERE,
	TTP_URG_READ,		/* by recv(MSG_OOB); the stream is not there yet */
};

struct ttp_urg {
	u32	seq;		/* of the urgent byte, unless NONE */
	u8	state;		/* enum ttp_urg_state */
	u8	byte;		/* HERE */
};

/**
 * ttp_urg_at - the number of the byte that @seg, with URG, makes urgent
 * @std: the pointer names that byte, as RFC 1122 says; else the one after it,
 *	as everybody sends it (RFC 6093 3.1)
 */
u32 ttp_urg_at(const struct ttp_seg *seg, bool std);

/* Is a pointer to @at news?  Not of what was read or is known (MUST-31). */
bool ttp_urg_is_news(const struct ttp_urg *u, u32 at, u32 rcv_nxt,
		     u32 copied_seq);

/* Is @seq the mark, where the reader stops? */
static inline bool ttp_urg_at_mark(const struct ttp_urg *u, u32 seq)
{
	return u->state != TTP_URG_NONE && u->seq == seq;
}

/**
 * ttp_urg_run - how many of @n bytes at @seq the reader takes in one go
 * @oob_inline: the urgent byte is part of the stream (SO_OOBINLINE)
 * @skip: set when the first byte is to be passed over; not counted
 */
u32 ttp_urg_run(const struct ttp_urg *u, u32 seq, u32 n, bool oob_inline,
		bool *skip);

/* Bytes from @copied_seq to the mark, or all @n when it is not before them. */
u32 ttp_urg_readable(const struct ttp_urg *u, u32 copied_seq, u32 n,
		     bool oob_inline);

/**
 * ttp_urg_pointer - the urgent pointer of a segment at @seq
 * @up: past the last urgent byte
 *
 * False: the segment has none.  Too far away for the field, it says "further on
 * than you can see", but only when that does not name a byte that was sent
 * already and is not urgent.
 */
bool ttp_urg_pointer(u32 up, u32 seq, u32 snd_nxt, u16 *ptr);

#endif
