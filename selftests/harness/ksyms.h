/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what of the kernel's code lies where, from /proc/kallsyms.
 */
#ifndef SELFTESTS_KSYMS_H
#define SELFTESTS_KSYMS_H

#include <stdbool.h>

struct ksym {
	unsigned long start;
	char name[48];
	bool module;		/* of the module under test */
};

void ksyms_read(void);			/* once the module is loaded */
/* The function that this address is in, or NULL. */
const struct ksym *ksym_of(unsigned long address);
/* "function+0x12", in one of a few buffers that take turns. */
const char *ksym_text(unsigned long address);
/* The function of this name, from its start to that of the next one. */
void ksym_range(const char *name, unsigned long *start, unsigned long *end);
/* Where a section of the module was loaded to; 0: it has none of that name. */
unsigned long ksym_section(const char *name);
/* From the first to behind the last function of the module. */
void ksym_module(unsigned long *start, unsigned long *end);

#endif
