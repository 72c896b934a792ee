/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares MSG_ZEROCOPY's side of a sender: the record of a call
 * whose memory is pinned, which ends as a message on the error queue.
 */
#ifndef TTP_ZEROCOPY_H
#define TTP_ZEROCOPY_H

#include <linux/skbuff.h>
#include <linux/sockptr.h>
#include "compat.h"

/* The record for a call with @len bytes; NULL: too many already.  Socket locked. */
struct ubuf_info *ttp_pin(struct sock *sk, size_t len);

/* The data has been, or will be, copied all the same: the user hears it. */
static inline void ttp_pin_copied(struct ubuf_info *pin)
{
	uarg_to_msgzc(pin)->zerocopy = 0;
}

static inline bool ttp_pin_used(struct ubuf_info *pin)
{
	return uarg_to_msgzc(pin)->zerocopy;
}

/* SO_ZEROCOPY. */
int ttp_set_zerocopy(struct sock *sk, sockptr_t optval, unsigned int optlen);

#endif
