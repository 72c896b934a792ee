/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file gives core/ its integer types, in the kernel and on the host.
 */
#ifndef TTP_CORE_BASE_H
#define TTP_CORE_BASE_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/string.h>
#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/math64.h>
#include <asm/byteorder.h>
#else
#include "host/shim.h"
#endif

/* Time in core/ is a u64 of microseconds on a clock that never steps back. */
#define TTP_USEC_PER_SEC	1000000ULL
#define TTP_USEC_PER_MSEC	1000ULL

#endif
