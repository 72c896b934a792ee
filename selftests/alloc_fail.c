// SPDX-License-Identifier: GPL-2.0
/*
 * This file lets memory allocations of the module fail, one place after the
 * other, while a connection is opened, used and closed: each call then ends
 * in success or a clean error, and data is never wrong. Needs a kernel with
 * fault injection (selftests/config); leaks are kmemleak's and rmmod's to find.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ttptest.h"

#define DEBUGFS		"/sys/kernel/debug/"
#define BYTES		20000
#define MAX_FUNCTIONS	2048

static const char * const faults[] = { "failslab", "fail_page_alloc" };

static void set_fault(const char *name, const char *value)
{
	char path[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s/%s", faults[i], name);
		tt_proc_write(path, value);
	}
}

static void need_faults(void)
{
	if (access(DEBUGFS "failslab/require-start", F_OK) ||
	    access("/proc/self/fail-nth", F_OK))
		tt_skip("this kernel has no fault injection");
	set_fault("probability", "0");
	set_fault("interval", "1");
	set_fault("space", "0");
	set_fault("verbose", "0");
	set_fault("task-filter", "N");
	set_fault("ignore-gfp-wait", "N");
	set_fault("stacktrace-depth", "32");
	tt_proc_write(DEBUGFS "failslab/cache-filter", "N");
	tt_proc_write(DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N");
	tt_proc_write(DEBUGFS "fail_page_alloc/min-order", "0");
}

/* Errors that a lack of memory may show as, at this end or the other. */
static bool is_clean(int error)
{
	switch (error) {
	case ENOMEM:
	case ENOBUFS:
	case EAGAIN:
	case EINTR:
	case ECONNRESET:
	case ECONNREFUSED:
	case ECONNABORTED:
	case ETIMEDOUT:
	case EPIPE:
	case EINPROGRESS:
	case ENOTCONN:
	case EADDRINUSE:
	case EADDRNOTAVAIL:
	case ENFILE:
		return true;
	}
	return false;
}

static long clean(long result, const char *call)
{
	if (result < 0 && !is_clean(errno))
		FAIL("%s failed with %d (%s)", call, errno, strerror(errno));
	return result;
}

#define CLEAN(call)	clean(call, #call)

/* Send all, or as much as goes; true when all went. */
static bool send_all(int fd)
{
	static char data[BYTES];
	size_t at = 0;
	ssize_t n;

	tt_pattern(data, BYTES, 0);
	while (at < BYTES) {
		n = CLEAN(send(fd, data + at, BYTES - at,
			       MSG_NOSIGNAL | MSG_DONTWAIT));
		if (n < 0 && errno != EAGAIN)
			return false;
		if (n < 0 && !CLEAN(tt_poll(fd, POLLOUT, 5000)))
			return false;
		at += n > 0 ? n : 0;
	}
	return true;
}

/* What arrives is what was sent, in order; true at its proper end. */
static bool receive_all(int fd)
{
	static char data[BYTES];
	size_t got = 0;
	ssize_t n;

	/* Its pages exist: the kernel's copy shall not fault below the module. */
	memset(data, 1, sizeof(data));
	for (;;) {
		if (!tt_poll(fd, POLLIN, 5000))
			return false;
		n = CLEAN(recv(fd, data, sizeof(data), MSG_DONTWAIT));
		if (n < 0)
			return false;
		if (!n)
			break;
		if (got + n > BYTES || !tt_is_pattern(data, n, got))
			FAIL("wrong data after %zu bytes", got);
		got += n;
	}
	return got == BYTES;
}

/* The other end of the connection, in a process of its own. */
static void serve(int l)
{
	int fd, status = 0;

	if (tt_poll(l, POLLIN, 5000)) {
		fd = accept4(l, NULL, NULL, SOCK_NONBLOCK);
		if (fd >= 0)
			status = receive_all(fd) ? 0 : 7;
	}
	_exit(status);
}

static int dial(int fd, const struct tt_addr *a)
{
	if (!CLEAN(tt_connect(fd, a)))
		return 0;
	if (errno != EINPROGRESS || !(tt_poll(fd, POLLOUT, 5000) & POLLOUT))
		return -1;
	errno = tt_so_error(fd);
	return errno ? CLEAN(-1) : 0;
}

/*
 * One connection from socket() to close(). The FIN says that all was sent, so
 * the server must then have got all; without it, nothing was promised.
 */
static void one_connection(void)
{
	unsigned int port;
	int l, fd, status;
	struct tt_addr a;
	bool sent = false;
	pid_t pid;

	l = CLEAN(socket(tt.af, SOCK_STREAM, tt.v6));
	fd = CLEAN(socket(tt.af, SOCK_STREAM | SOCK_NONBLOCK, tt.v6));
	a = tt_loopback(0);
	if (l < 0 || fd < 0 || CLEAN(bind(l, &a.sa, a.len)) ||
	    CLEAN(listen(l, 4)))
		goto out;
	a = tt_local(l);
	port = tt_port(&a);
	CHECK(port);
	pid = CLEAN(fork());
	if (pid < 0)
		goto out;
	if (!pid)
		serve(l);
	if (!dial(fd, &a) && send_all(fd))
		sent = !CLEAN(shutdown(fd, SHUT_WR));
	/* until the server has seen the end */
	if (sent)
		tt_poll(fd, POLLIN, 10000);
	close(fd);
	fd = -1;
	close(l);
	l = -1;
	OK(waitpid(pid, &status, 0));
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 &&
				   WEXITSTATUS(status) != 7))
		FAIL("the server failed");
	if (sent && status && tt_counter("TtpAbortOnMemory") == 0 &&
	    tt_counter("TtpAbortOnTimeout") == 0)
		FAIL("sent and finished, but not received");
out:
	close(l);
	close(fd);
}

struct function {
	unsigned long start;
	char name[64];
};

static int by_address(const void *a, const void *b)
{
	const struct function *f = a, *g = b;

	return f->start < g->start ? -1 : f->start > g->start;
}

/* The module's functions, by address. */
static int read_functions(struct function *f, int max)
{
	FILE *in = fopen("/proc/kallsyms", "r");
	char line[256], type, module[64];
	int n = 0;

	CHECK(in);
	while (n < max && fgets(line, sizeof(line), in))
		if (sscanf(line, "%lx %c %63s %63s", &f[n].start, &type,
			   f[n].name, module) == 4 &&
		    !strcmp(module, "[ttp]") && (type == 't' || type == 'T'))
			n++;
	fclose(in);
	qsort(f, n, sizeof(*f), by_address);
	return n;
}

static bool has_failed(void)
{
	char text[16] = "";
	bool failed = false;
	char path[128];
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s/times", faults[i]);
		fd = OK(open(path, O_RDONLY));
		OK(read(fd, text, sizeof(text) - 1));
		close(fd);
		failed |= atoi(text) == 0;
	}
	return failed;
}

/* The first allocation below each function of the module fails, in any context. */
static void below_every_function(void)
{
	static struct function f[MAX_FUNCTIONS];
	char start[32], end[32];
	int n, i, hit = 0;

	need_faults();
	tt_sysctl_set("syn_retries", 1);
	tt_sysctl_set("orphan_retries", 1);
	n = read_functions(f, MAX_FUNCTIONS);
	CHECK(n > 100 && n < MAX_FUNCTIONS);
	for (i = 0; i + 1 < n; i++) {
		if (f[i].start == f[i + 1].start)
			continue;
		snprintf(start, sizeof(start), "%#lx", f[i].start);
		snprintf(end, sizeof(end), "%#lx", f[i + 1].start);
		set_fault("require-start", start);
		set_fault("require-end", end);
		set_fault("times", "1");
		set_fault("probability", "100");
		one_connection();
		set_fault("probability", "0");
		if (has_failed())
			hit++;
	}
	tt_note("%d of %d functions had an allocation that failed", hit, n);
	CHECK(hit >= 10);
}

/* From now on only allocations with the module on the stack can fail. */
static void aim_at_module(void)
{
	static struct function f[MAX_FUNCTIONS];
	char start[32], end[32];
	int n;

	n = read_functions(f, MAX_FUNCTIONS);
	CHECK(n > 100);
	snprintf(start, sizeof(start), "%#lx", f[0].start);
	snprintf(end, sizeof(end), "%#lx", f[n - 1].start + 4096);
	set_fault("require-start", start);
	set_fault("require-end", end);
}

/* Again and again, at random: what one failure leaves meets the next. */
static void at_random(void)
{
	int i;

	need_faults();
	tt_sysctl_set("syn_retries", 1);
	tt_sysctl_set("orphan_retries", 1);
	aim_at_module();
	set_fault("times", "-1");
	set_fault("probability", "5");
	for (i = 0; i < 30; i++)
		one_connection();
	set_fault("probability", "0");
}

/* After all that, memory is there again, and all is well. */
static void works_afterwards(void)
{
	char got[10];
	int c, s;

	need_faults();
	tt_pair(&c, &s);
	tt_write_all(c, "afterwards", 10);
	tt_read_all(s, got, 10);
	CHECK(!memcmp(got, "afterwards", 10));
}

static const struct tt_test tests[] = {
	TEST_FLAGS(below_every_function, TT_SLOW | TT_TTP_ONLY),
	TEST_FLAGS(at_random, TT_SLOW | TT_TTP_ONLY),
	TEST_FLAGS(works_afterwards, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
