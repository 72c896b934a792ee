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

#include "stall.h"
#include "ttptest.h"

#define EXIT_SKIP	4
#define MAX_TOGETHER	16
#define TIMED_TRIES	5
#define STALL_MS	(40 * tt_slowness())	/* a tenth of SND_RTT */

struct tt tt;

static struct {
	bool ttp;
	bool want[2];		/* IPv4, IPv6 */
	int af_ttp;
	int number, passed, failed, skipped;
	int skip_fd;		/* in a child: where the reason to skip goes */
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

int tt_slowness(void)
{
	const char *kernel = getenv("TTP_KERNEL");

	return kernel && !strcmp(kernel, "debug") ? 3 : 1;
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
	printf("# %s, %s:%d: ", tt.name,
	       strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line);
	vprintf(fmt, ap);
	putchar('\n');
	fflush(stdout);
	va_end(ap);
	_exit(1);
}

void tt_skip(const char *why)
{
	if (write(run.skip_fd, why, strlen(why)) < 0)
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

static bool is_failure(bool in_time, int status)
{
	return !in_time || !WIFEXITED(status) ||
	       (WEXITSTATUS(status) && WEXITSTATUS(status) != EXIT_SKIP);
}

static void report_skip(const char *name, const char *why)
{
	run.skipped++;
	printf("ok %d %s # SKIP %s\n", ++run.number, name, why);
}

static void report(const char *name, bool in_time, int status, const char *why)
{
	if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP) {
		report_skip(name, why);
		return;
	}
	run.number++;
	if (in_time && WIFEXITED(status) && !WEXITSTATUS(status)) {
		run.passed++;
		printf("ok %d %s\n", run.number, name);
	} else {
		run.failed++;
		if (!in_time)
			printf("# did not end in time\n");
		else if (WIFSIGNALED(status))
			printf("# died of signal %d\n", WTERMSIG(status));
		printf("not ok %d %s\n", run.number, name);
	}
	fflush(stdout);
}

/* One case under way. */
struct job {
	const struct tt_test *test;
	bool v6;
	bool left_out;
	pid_t pid;
	int tries;
	long long since;	/* tt_now_ms() at the start */
	int why[2];		/* pipe: the child's reason to skip */
};

static const char *name_of(const struct job *j)
{
	static char name[128];

	snprintf(name, sizeof(name), "%s%s", j->test->name,
		 j->test->flags & TT_ONCE ? "" : j->v6 ? "_v6" : "_v4");
	return name;
}

static void child(const struct job *j)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (j->test->flags & (TT_PARALLEL | TT_OWN_NET))
		own_netns();
	run.skip_fd = j->why[1];
	tt.ttp = run.ttp;
	tt.v6 = j->v6;
	tt.name = name_of(j);
	tt.af = run.ttp ? run.af_ttp : j->v6 ? AF_INET6 : AF_INET;
	if (!tt.ttp && (j->test->flags & TT_TTP_ONLY))
		tt_skip("only for TTP");
	if (j->v6 && access("/proc/net/if_inet6", F_OK))
		tt_need("IPv6");
	j->test->fn();
	_exit(0);
}

static void start(struct job *j)
{
	if (j->left_out)
		return;
	if (pipe2(j->why, O_CLOEXEC | O_NONBLOCK))
		exit(1);
	fflush(stdout);
	j->since = tt_now_ms();
	j->tries++;
	j->pid = fork();
	if (!j->pid)
		child(j);
	setpgid(j->pid, j->pid);
}

/* Did it fail, and may the machine be the reason? */
static bool proves_nothing(const struct job *j, bool in_time, int status)
{
	return is_failure(in_time, status) && j->test->flags & TT_TIMED &&
	       j->tries < TIMED_TRIES && stall_since(j->since, STALL_MS);
}

static void finish(struct job *j)
{
	char why[256] = "";
	int status = 0;
	bool in_time;
	ssize_t n;

	if (j->left_out) {
		report_skip(name_of(j), "half of the cases: this one over the other IP");
		return;
	}
	in_time = wait_child(j->pid, (j->test->flags & TT_SLOW ? 600 : 60) *
			     tt_slowness(), &status);
	n = read(j->why[0], why, sizeof(why) - 1);
	why[n > 0 ? n : 0] = '\0';
	close(j->why[0]);
	close(j->why[1]);
	if (proves_nothing(j, in_time, status)) {
		printf("# %s: the machine stood still, once more\n", name_of(j));
		start(j);
		finish(j);
		return;
	}
	report(name_of(j), in_time, status, why);
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

/* Start and await a group: one case, or as many as may run together. */
static void run_group(struct job *jobs, int n)
{
	int i;

	for (i = 0; i < n; i++)
		start(&jobs[i]);
	for (i = 0; i < n; i++)
		finish(&jobs[i]);
}

static void run_all(struct job *jobs, int n)
{
	int i, first = 0;

	for (i = 0; i < n; i++) {
		if (i + 1 < n && i - first < MAX_TOGETHER - 1 &&
		    jobs[i].test->flags & jobs[i + 1].test->flags & TT_PARALLEL)
			continue;
		run_group(jobs + first, i + 1 - first);
		first = i + 1;
	}
}

/* TTP_HALF: by turns over IPv4 and IPv6; 2 is the half that 1 leaves out. */
static bool left_out(size_t test, bool v6)
{
	const char *half = getenv("TTP_HALF");

	return half && ((test + atoi(half)) & 1) == v6;
}

int tt_main(int argc, char **argv, const struct tt_test *tests, size_t n)
{
	struct job *jobs = calloc(2 * n, sizeof(*jobs));
	int total = 0;
	size_t i;
	int v6;

	setvbuf(stdout, NULL, _IOLBF, 0);
	parse_args(argc, argv);
	for (i = 0; i < n; i++)
		for (v6 = 0; v6 < 2; v6++)
			if (chosen(&tests[i], argv + optind) &&
			    (tests[i].flags & TT_ONCE ? !v6 : run.want[v6]))
				jobs[total++] = (struct job){
					.test = &tests[i], .v6 = v6,
					.left_out = !(tests[i].flags & TT_ONCE) &&
						    left_out(i, v6),
				};
	printf("TAP version 14\n");
	own_netns();
	printf("1..%d\n", total);
	for (i = 0; i < n; i++) {
		if (!(tests[i].flags & TT_TIMED))
			continue;
		stall_watch();
		break;
	}
	run_all(jobs, total);
	free(jobs);
	if (run.failed)
		return 1;
	return run.passed ? 0 : EXIT_SKIP;
}
