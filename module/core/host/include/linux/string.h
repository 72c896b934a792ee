/* SPDX-License-Identifier: GPL-2.0 */
/* This file stands in for the kernel's <linux/string.h> in unit tests. */
#ifndef TTP_HOST_LINUX_STRING_H
#define TTP_HOST_LINUX_STRING_H

#include "../../shim.h"

#include <stdio.h>

#define strscpy(dst, src, size)	((void)snprintf(dst, size, "%s", src))

#endif
