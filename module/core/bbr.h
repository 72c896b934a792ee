/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what the congestion control "bbr" tells of its model.
 */
#ifndef TTP_CORE_BBR_H
#define TTP_CORE_BBR_H

#include "cc.h"

struct ttp_bbr_info {
	u64	bw;		/* bytes a second */
	u32	min_rtt;	/* us, ~0: none yet */
	u32	pacing_gain;	/* 256: as fast as the path delivers */
	u32	cwnd_gain;	/* 256: what the path holds */
};

/* False: another control is in use. */
bool ttp_bbr_info(const struct ttp_cc *cc, struct ttp_bbr_info *info);

#endif
