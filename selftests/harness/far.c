// SPDX-License-Identifier: GPL-2.0
/*
 * This file makes a second network namespace for a case, behind a veth, and
 * writes what /sys and the sysctls of the first one say about devices.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "far.h"

#define A4	"10.253.9.1"
#define B4	"10.253.9.2"
#define A6	"fd00:253:9::1"
#define B6	"fd00:253:9::2"

static void enter(const char *ns)
{
	int fd = OK(open(ns, O_RDONLY));

	OK(setns(fd, CLONE_NEWNET));
	close(fd);
}

void own_sysfs(void)
{
	static bool alone;

	if (!alone) {
		OK(unshare(CLONE_NEWNS));
		OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		alone = true;
	}
	OK(mount("sysfs", "/sys", "sysfs", 0, NULL));
}

void device_set(const char *dev, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", dev, name);
	if (access(path, F_OK))
		tt_need(path);
	tt_proc_write(path, value);
}

void global_set(const char *path, const char *value)
{
	int here = OK(open("/proc/self/ns/net", O_RDONLY));

	enter("/proc/1/ns/net");
	if (access(path, F_OK))
		tt_need(path);
	tt_proc_write(path, value);
	OK(setns(here, CLONE_NEWNET));
	close(here);
}

/* Another namespace behind a veth. */
static struct {
	char ns[32];
	pid_t keeper;
	int here;
} far;

static void keep(int ready)
{
	OK(unshare(CLONE_NEWNET));
	OK(write(ready, "", 1));
	for (;;)
		pause();
}

void there(void)
{
	enter(far.ns);
}

void here(void)
{
	OK(setns(far.here, CLONE_NEWNET));
}

void far_open(void)
{
	int ready[2];
	char c;

	OK(pipe(ready));
	far.keeper = OK(fork());
	if (!far.keeper)
		keep(ready[1]);
	OK(read(ready[0], &c, 1));
	snprintf(far.ns, sizeof(far.ns), "/proc/%d/ns/net", far.keeper);
	far.here = OK(open("/proc/self/ns/net", O_RDONLY));
	tt_run("ip link add xa numtxqueues 2 numrxqueues 2 type veth "
	       "peer name xb numtxqueues 2 numrxqueues 2 netns %d", far.keeper);
	tt_run("ip addr add %s/24 dev xa && ip addr add %s/64 dev xa nodad && "
	       "ip link set xa up", A4, A6);
	there();
	tt_run("ip addr add %s/24 dev xb && ip addr add %s/64 dev xb nodad && "
	       "ip link set xb up", B4, B6);
	here();
}

static int far_listener(struct tt_addr *a)
{
	int fd;

	there();
	*a = tt_parse(tt.v6 ? B6 : B4, 7300);
	fd = tt_socket(0);
	/* a new address is not usable at once */
	UNTIL(!bind(fd, &a->sa, a->len));
	OK(listen(fd, 64));
	here();
	return fd;
}

void far_pairs(int *c, int *s, int n)
{
	struct tt_addr a;
	int l = far_listener(&a), i;

	for (i = 0; i < n; i++) {
		c[i] = tt_socket(0);
		OK(tt_connect(c[i], &a));
		s[i] = OK(accept(l, NULL, NULL));
	}
	close(l);
}
