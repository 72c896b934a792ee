/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares when a connection without an owner costs too much.
 */
#ifndef TTP_CORE_ORPHAN_H
#define TTP_CORE_ORPHAN_H

#include "base.h"

/* An orphan that has sent nothing for so long counts twice, us. */
#define TTP_ORPHAN_IDLE		(240 * TTP_USEC_PER_SEC)

struct ttp_orphans {
	u32	count;		/* of the namespace, this one included */
	u32	most;		/* max_orphans */
	u64	idle;		/* us since this one has sent something */
	bool	suspect;	/* ICMP says that its peer cannot be reached */
	bool	memory;		/* it holds memory, and there is none left */
};

/* Is this one too many? An idle one, or a suspect one, counts twice. */
bool ttp_orphan_excess(const struct ttp_orphans *o);

#endif
