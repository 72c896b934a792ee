// SPDX-License-Identifier: GPL-2.0
/*
 * This file runs the cases of a C selftest, each in a child with a deadline,
 * inside a network namespace of its own, and prints KTAP.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <net/if.h>

#include "ttptest.h"

#define EXIT_SKIP	4

struct tt tt;

static struct {
	bool ttp;
	bool want[2];		/* IPv4, IPv6 */
	int af_ttp;
	int passed, failed, skipped;
	int why[2];		/* pipe: a child's reason to skip */
} run = { .ttp = true, .want = { true, true }, .af_ttp = 18 };

long long tt_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

void tt_pause(void)
{
	usleep(1000);
}

void tt_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("# ", stdout);
	vprintf(fmt, ap);
	putchar('\n');
	fflush(stdout);
	va_end(ap);
}

void tt_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# %s:%d: ", strrchr(file, '/') ? strrchr(file, '/') + 1 : file,
	       line);
	vprintf(fmt, ap);
	putchar('\n');
	fflush(stdout);
	va_end(ap);
	_exit(1);
}

void tt_skip(const char *why)
{
	if (write(run.why[1], why, strlen(why)) < 0)
		_exit(1);
	_exit(EXIT_SKIP);
}

/* Something that the machine should have is missing: on CI, a failure. */
void tt_need(const char *what)
{
	if (getenv("TTP_CI"))
		FAIL("needed here: %s", what);
	tt_skip(what);
}

void tt_run(const char *fmt, ...)
{
	char cmd[512];
	va_list ap;
	int rc;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	rc = system(cmd);
	if (rc)
		FAIL("exit status %d of: %s", rc, cmd);
}

/* A namespace of our own keeps sysctls, ports and counters to ourselves. */
static void own_netns(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;

	if (unshare(CLONE_NEWNET)) {
		printf("1..0 # SKIP no network namespace: %s\n",
		       strerror(errno));
		exit(EXIT_SKIP);
	}
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	strcpy(ifr.ifr_name, "lo");
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr)) {
		perror("# lo up");
		exit(1);
	}
	close(fd);
}

/* True when the child ended in time; else it has been killed. */
static bool wait_child(pid_t pid, int seconds, int *status)
{
	int fd = syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool in_time = poll(&p, 1, seconds * 1000) == 1;

	kill(-pid, SIGKILL);
	waitpid(pid, status, 0);
	close(fd);
	return in_time;
}

static void report(int number, const char *name, bool in_time, int status)
{
	char why[256] = "";
	ssize_t n;

	n = read(run.why[0], why, sizeof(why) - 1);
	why[n > 0 ? n : 0] = '\0';

	if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP) {
		run.skipped++;
		printf("ok %d %s # SKIP %s\n", number, name, why);
	} else if (in_time && WIFEXITED(status) && !WEXITSTATUS(status)) {
		run.passed++;
		printf("ok %d %s\n", number, name);
	} else {
		run.failed++;
		if (!in_time)
			printf("# did not end in time\n");
		else if (WIFSIGNALED(status))
			printf("# died of signal %d\n", WTERMSIG(status));
		printf("not ok %d %s\n", number, name);
	}
	fflush(stdout);
}

static void run_case(const struct tt_test *t, bool v6, int number)
{
	char name[128];
	int status = 0;
	bool in_time;
	pid_t pid;

	snprintf(name, sizeof(name), "%s%s", t->name,
		 t->flags & TT_ONCE ? "" : v6 ? "_v6" : "_v4");
	tt.ttp = run.ttp;
	tt.v6 = v6;
	tt.af = run.ttp ? run.af_ttp : v6 ? AF_INET6 : AF_INET;

	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!tt.ttp && (t->flags & TT_TTP_ONLY))
			tt_skip("only for TTP");
		if (v6 && access("/proc/net/if_inet6", F_OK))
			tt_need("IPv6");
		t->fn();
		_exit(0);
	}
	setpgid(pid, pid);
	in_time = wait_child(pid, t->flags & TT_SLOW ? 180 : 60, &status);
	report(number, name, in_time, status);
}

static bool chosen(const struct tt_test *t, char **patterns)
{
	if (!*patterns)
		return true;
	for (; *patterns; patterns++)
		if (strstr(t->name, *patterns))
			return true;
	return false;
}

static void parse_args(int argc, char **argv)
{
	const char *family = getenv("TTP_FAMILY"), *af = getenv("TTP_AF");
	int c;

	if (af)
		run.af_ttp = atoi(af);
	while ((c = getopt(argc, argv, "F:46")) != -1) {
		switch (c) {
		case 'F':
			family = optarg;
			break;
		case '4':
			run.want[1] = false;
			break;
		case '6':
			run.want[0] = false;
			break;
		default:
			fprintf(stderr, "usage: %s [-F ttp|tcp] [-4|-6] [PART_OF_NAME...]\n",
				argv[0]);
			exit(2);
		}
	}
	run.ttp = !family || !strcmp(family, "ttp");
}

int tt_main(int argc, char **argv, const struct tt_test *tests, size_t n)
{
	int total = 0, number = 0;
	size_t i;
	int v6;

	setvbuf(stdout, NULL, _IOLBF, 0);
	parse_args(argc, argv);
	for (i = 0; i < n; i++)
		if (chosen(&tests[i], argv + optind))
			total += tests[i].flags & TT_ONCE ? 1 :
				 run.want[0] + run.want[1];
	printf("TAP version 14\n");
	own_netns();
	if (pipe2(run.why, O_CLOEXEC | O_NONBLOCK))
		return 1;
	printf("1..%d\n", total);
	fflush(stdout);
	for (i = 0; i < n; i++) {
		if (!chosen(&tests[i], argv + optind))
			continue;
		for (v6 = 0; v6 < 2; v6++)
			if (tests[i].flags & TT_ONCE ? !v6 : run.want[v6])
				run_case(&tests[i], v6, ++number);
	}
	if (run.failed)
		return 1;
	return run.passed ? 0 : EXIT_SKIP;
}
