/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the harness of the C selftests: test cases that run in
 * a child of their own, for IPv4 and IPv6, over TTP or (-F tcp, to test the
 * tests) over the kernel's TCP, reported as KTAP.
 */
#ifndef SELFTESTS_TTPTEST_H
#define SELFTESTS_TTPTEST_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * How long a condition that must come true may take, ms. The other way round,
 * a wait counts as kept when half of it has passed: on an emulated CPU that
 * the host holds up, timers can fire early by as much.
 */
#define TT_DEADLINE	(20000 * tt_slowness())

int tt_slowness(void);	/* 1, or more on a kernel full of checks */

struct tt_test {
	const char *name;
	void (*fn)(void);
	unsigned int flags;
};

#define TT_ONCE		1	/* says nothing about an IP version */
#define TT_TTP_ONLY	2	/* kernel TCP has no such thing */
#define TT_SLOW		4	/* may take up to ten minutes */
#define TT_PARALLEL	8	/* waits most of its time: together with others */
#define TT_OWN_NET	16	/* its counters begin at 0, as those of a parallel one */
/* About timers: played again if it failed while the machine stood still. */
#define TT_TIMED	32

#define TEST(fn)		{ #fn, fn, 0 }
#define TEST_FLAGS(fn, flags)	{ #fn, fn, flags }

/* What the running case is about. */
struct tt {
	bool ttp;		/* else kernel TCP */
	bool v6;
	const char *name;
	int af;			/* AF_TTP, or AF_INET / AF_INET6 */
};

extern struct tt tt;

int tt_main(int argc, char **argv, const struct tt_test *tests, size_t n);

/* Verdicts of a case; none of them returns. */
void tt_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void tt_skip(const char *why) __attribute__((noreturn));
void tt_need(const char *what) __attribute__((noreturn));
void tt_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define FAIL(...)	tt_fail(__FILE__, __LINE__, __VA_ARGS__)

#define CHECK(cond) do {						\
	if (!(cond))							\
		FAIL("expected: %s (errno %d %s)", #cond, errno,	\
		     strerror(errno));					\
} while (0)

#define EQ(got, want) do {						\
	long long g_ = (long long)(got), w_ = (long long)(want);	\
	if (g_ != w_)							\
		FAIL("%s is %lld, expected %s (%lld)", #got, g_, #want, w_); \
} while (0)

/* The call must succeed; gives its value. */
#define OK(call) ({							\
	long r_ = (long)(call);						\
	if (r_ < 0)							\
		FAIL("%s failed: %s", #call, strerror(errno));		\
	r_; })

/* The call must fail with this errno. */
#define FAILS(call, err) do {						\
	long r_ = (long)(call);						\
	int e_ = errno;							\
	if (r_ >= 0)							\
		FAIL("%s gave %ld, expected failure with %s", #call, r_, #err); \
	if (e_ != (err))						\
		FAIL("%s failed with %d (%s), expected %s", #call, e_,	\
		     strerror(e_), #err);				\
} while (0)

/* The condition must come true before the deadline. */
#define UNTIL(cond) do {						\
	long long end_ = tt_now_ms() + TT_DEADLINE;			\
	while (!(cond)) {						\
		if (tt_now_ms() > end_)					\
			FAIL("never came true: %s", #cond);		\
		tt_pause();						\
	}								\
} while (0)

long long tt_now_ms(void);
void tt_pause(void);		/* one polling interval, 1 ms */
void tt_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Addresses: the loopback address of the case's IP version, or any. */
struct tt_addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_storage ss;
	};
	socklen_t len;
};

struct tt_addr tt_loopback(unsigned int port);
struct tt_addr tt_any(unsigned int port);
struct tt_addr tt_parse(const char *text, unsigned int port);
unsigned int tt_port(const struct tt_addr *a);
struct tt_addr tt_local(int fd);
struct tt_addr tt_remote(int fd);
bool tt_same_addr(const struct tt_addr *a, const struct tt_addr *b);

/* Sockets of the case's kind. */
int tt_socket_of(bool v6, int flags);
int tt_socket(int flags);
int tt_bound(unsigned int port);		/* to loopback */
int tt_listener(int backlog, unsigned int *port);
int tt_connect(int fd, const struct tt_addr *a);
int tt_dial(unsigned int port);
void tt_pair(int *client, int *server);
void tt_set(int fd, int level, int name, int value);
int tt_get(int fd, int level, int name);
int tt_so_error(int fd);
void tt_abort(int fd);				/* linger 0 and close */
int tt_poll(int fd, int events, int timeout_ms);

void tt_write_all(int fd, const void *buf, size_t len);
void tt_read_all(int fd, void *buf, size_t len);
/* A stream whose byte number n is known to both ends. */
void tt_pattern(void *buf, size_t len, uint64_t offset);
bool tt_is_pattern(const void *buf, size_t len, uint64_t offset);

/* States (the kernel's TCP_* numbers) and what the kernel tells of them. */
int tt_state(int fd);
void tt_until_state(int fd, int state);
/* Sockets of this netns and IP version in a state; on a local port unless 0. */
int tt_count_state(int state, unsigned int port);
/*
 * Between these two: a port of the kernel's choice may be that of an earlier
 * case, which lives on in TIME_WAIT.
 */
int tt_count_conn(int state, unsigned int port, unsigned int peer);
const char *tt_state_name(int state);

/* sysctl NAME of net.ttp, or tcp_NAME of net.ipv4. */
long tt_sysctl(const char *name);
void tt_sysctl_set(const char *name, long value);
void tt_sysctl_try(const char *name, long value);	/* if there is one */
void tt_proc_write(const char *path, const char *text);

/* A counter of /proc/net/ttp_snmp; -1 when there is none of that name. */
long long tt_counter(const char *name);

#endif
