/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how allocations of the module are watched: who asks for
 * memory, through which of the module's calls, and whether he gets it.
 */
#ifndef SELFTESTS_ALLOCS_H
#define SELFTESTS_ALLOCS_H

#include <stdbool.h>

#define ALLOC_PATH	3

struct alloc {
	unsigned long caller;	/* of the allocator: the kernel, or the module */
	/*
	 * Return addresses in the module, the innermost first, as far as one
	 * function of it calls the other.
	 */
	unsigned long path[ALLOC_PATH];
	bool pages;		/* of whole pages; failures of these are not seen */
	bool failed;
};

void allocs_start(void);
/* Tell @seen of each since the last time. */
void allocs_read(void (*seen)(const struct alloc *a));
void allocs_stop(void);

#endif
