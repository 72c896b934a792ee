/* SPDX-License-Identifier: GPL-2.0 */
/* This file declares what the printers of the state table share. */
#ifndef TTP_CORE_HOST_STATES_H
#define TTP_CORE_HOST_STATES_H

#include <stdlib.h>

#include "../fsm.h"

/* Names of the work bits, or @none. */
void states_print_work(u32 todo, const char *none);

/* Does a picture show this pair?  Not what leads to CLOSE from everywhere. */
bool states_is_drawn(u32 state, u32 event);

void states_print_svg(void);

#endif
