// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the only program under user-mode Linux: it loads the unit
 * tests, which print to the console, and powers the machine off.
 *
 * No libc: that of the host may use vector registers, which user-mode Linux
 * up to 6.12 does not keep on CPUs with more of them than it has room for.
 */
#include <fcntl.h>
#include <linux/reboot.h>
#include <sys/syscall.h>

#define CONSOLE_LEVEL	8	/* the action of syslog(2), and all levels */

static long call(long number, long a, long b, long c)
{
	register long none asm("r10") = 0;
	long ret;

	asm volatile("syscall"
		     : "=a"(ret)
		     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(none)
		     : "rcx", "r11", "memory");
	return ret;
}

void _start(void)
{
	long fd;

	call(SYS_syslog, CONSOLE_LEVEL, 0, CONSOLE_LEVEL);
	fd = call(SYS_open, (long)"/ttp_kunit.ko", O_RDONLY, 0);
	call(SYS_finit_module, fd, (long)"", 0);
	call(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
	     LINUX_REBOOT_CMD_POWER_OFF);
	for (;;)
		;
}
