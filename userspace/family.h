/* SPDX-License-Identifier: GPL-2.0 */
/* This file tells the tools which address family number the loaded module uses. */
#ifndef TTP_TOOLS_FAMILY_H
#define TTP_TOOLS_FAMILY_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/ttp.h>

#define TTP_FAMILY_PARAM "/sys/module/ttp/parameters/family"

/* Returns the number in @text when it can be a family, 0 when it cannot. */
static inline int ttp_family_parse(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || (*end && *end != '\n') || n <= 0 || n > 255)
		return 0;
	return (int)n;
}

/*
 * The environment goes first: ttp_run sets it once, so that a program in a
 * chroot or under seccomp needs no file to find the answer.
 */
static inline int ttp_family(void)
{
	const char *env = getenv("TTP_FAMILY");
	char buf[16];
	int family = 0;
	ssize_t len;
	int fd;

	if (env)
		family = ttp_family_parse(env);
	if (family)
		return family;

	fd = open(TTP_FAMILY_PARAM, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, buf, sizeof(buf) - 1);
		close(fd);
		if (len > 0) {
			buf[len] = '\0';
			family = ttp_family_parse(buf);
		}
	}
	return family ? family : AF_TTP;
}

#endif
