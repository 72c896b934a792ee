// SPDX-License-Identifier: GPL-2.0
/*
 * This file is a program for shell scripts that does to one socket what its
 * arguments say, one after the other, and ends with 1 at the first that fails.
 *
 * usage: sockdo [-F ttp|tcp] [-6] OPERATION [ARGUMENT...] ...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "ttptest.h"

static struct {
	int fd;			/* the socket, or the connection accepted */
	int listener;
	uint64_t sent, got;
} me = { .fd = -1, .listener = -1 };

static char buf[1 << 16];

static void do_bind(char **arg)
{
	struct tt_addr a = tt_parse(arg[0], atoi(arg[1]));

	tt_set(me.fd, SOL_SOCKET, SO_REUSEADDR, 1);
	OK(bind(me.fd, &a.sa, a.len));
}

static void do_listen(char **arg)
{
	OK(listen(me.fd, atoi(arg[0])));
}

static void do_accept(char **arg)
{
	(void)arg;
	me.listener = me.fd;
	me.fd = OK(accept(me.listener, NULL, NULL));
}

static void do_unlisten(char **arg)
{
	(void)arg;
	OK(close(me.listener));
}

static void do_connect(char **arg)
{
	struct tt_addr a = tt_parse(arg[0], atoi(arg[1]));

	OK(tt_connect(me.fd, &a));
}

/* connect ADDRESS PORT, expecting failure ERRNO (a number) */
static void do_noconnect(char **arg)
{
	struct tt_addr a = tt_parse(arg[0], atoi(arg[1]));

	FAILS(tt_connect(me.fd, &a), atoi(arg[2]));
}

static void do_start(char **arg)
{
	struct tt_addr a = tt_parse(arg[0], atoi(arg[1]));

	OK(fcntl(me.fd, F_SETFL, O_NONBLOCK));
	FAILS(tt_connect(me.fd, &a), EINPROGRESS);
	OK(fcntl(me.fd, F_SETFL, 0));
}

static void do_finish(char **arg)
{
	(void)arg;
	CHECK(tt_poll(me.fd, POLLOUT, 6 * TT_DEADLINE) & POLLOUT);
	EQ(tt_so_error(me.fd), 0);
}

static void do_send(char **arg)
{
	size_t left = atol(arg[0]);

	while (left) {
		size_t n = left < sizeof(buf) ? left : sizeof(buf);

		tt_pattern(buf, n, me.sent);
		tt_write_all(me.fd, buf, n);
		me.sent += n;
		left -= n;
	}
}

static void do_recv(char **arg)
{
	size_t left = atol(arg[0]);

	while (left) {
		ssize_t n = OK(read(me.fd, buf, left < sizeof(buf) ?
				    left : sizeof(buf)));

		if (!n)
			FAIL("end of file, %zu bytes missing", left);
		if (!tt_is_pattern(buf, n, me.got))
			FAIL("wrong bytes after %llu",
			     (unsigned long long)me.got);
		me.got += n;
		left -= n;
	}
}

static void do_eof(char **arg)
{
	(void)arg;
	EQ(read(me.fd, buf, 1), 0);
}

/* read, expecting failure ERRNO (a number) */
static void do_noread(char **arg)
{
	FAILS(read(me.fd, buf, 1), atoi(arg[0]));
}

/* SO_ERROR becomes ERRNO (a number) */
static void do_error(char **arg)
{
	int error;

	UNTIL((error = tt_so_error(me.fd)) != 0);
	EQ(error, atoi(arg[0]));
}

static void do_shutdown(char **arg)
{
	OK(shutdown(me.fd, !strcmp(arg[0], "rd") ? SHUT_RD :
		    !strcmp(arg[0], "wr") ? SHUT_WR : SHUT_RDWR));
}

static void do_close(char **arg)
{
	(void)arg;
	OK(close(me.fd));
}

static void do_abort(char **arg)
{
	(void)arg;
	tt_abort(me.fd);
}

static void do_state(char **arg)
{
	int s;

	for (s = 1; strcmp(tt_state_name(s), arg[0]); s++)
		if (s > 11)
			FAIL("there is no state %s", arg[0]);
	tt_until_state(me.fd, s);
}

/* set LEVEL NAME VALUE, as numbers */
static void do_set(char **arg)
{
	tt_set(me.fd, atoi(arg[0]), atoi(arg[1]), atoi(arg[2]));
}

/* Tell other processes that one has come this far; wait until another has. */
static void do_mark(char **arg)
{
	close(OK(open(arg[0], O_CREAT | O_WRONLY, 0600)));
}

static void do_wait(char **arg)
{
	long long end = tt_now_ms() + 6 * TT_DEADLINE;

	while (access(arg[0], F_OK)) {
		if (tt_now_ms() > end)
			FAIL("%s never came", arg[0]);
		usleep(2000);
	}
}

static const struct {
	const char *name;
	int args;
	void (*fn)(char **arg);
} operations[] = {
	{ "bind", 2, do_bind },		{ "listen", 1, do_listen },
	{ "accept", 0, do_accept },	{ "unlisten", 0, do_unlisten },
	{ "connect", 2, do_connect },	{ "noconnect", 3, do_noconnect },
	{ "start", 2, do_start },	{ "finish", 0, do_finish },
	{ "send", 1, do_send },		{ "recv", 1, do_recv },
	{ "eof", 0, do_eof },		{ "noread", 1, do_noread },
	{ "error", 1, do_error },	{ "shutdown", 1, do_shutdown },
	{ "close", 0, do_close },
	{ "abort", 0, do_abort },	{ "state", 1, do_state },
	{ "set", 3, do_set },		{ "mark", 1, do_mark },
	{ "wait", 1, do_wait },
};

static int perform(char **argv)
{
	size_t i;
	int n;

	for (i = 0; i < ARRAY_SIZE(operations); i++)
		if (!strcmp(operations[i].name, argv[0]))
			break;
	if (i == ARRAY_SIZE(operations))
		FAIL("there is no operation %s", argv[0]);
	for (n = 1; n <= operations[i].args; n++)
		if (!argv[n])
			FAIL("%s wants %d arguments", argv[0],
			     operations[i].args);
	tt.name = argv[0];
	operations[i].fn(argv + 1);
	return 1 + operations[i].args;
}

int main(int argc, char **argv)
{
	const char *family = getenv("TTP_FAMILY"), *af = getenv("TTP_AF");
	int c;

	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt(argc, argv, "+F:6")) != -1) {
		if (c == 'F')
			family = optarg;
		else if (c == '6')
			tt.v6 = true;
		else
			return 2;
	}
	tt.ttp = !family || !strcmp(family, "ttp");
	tt.af = tt.ttp ? af ? atoi(af) : 18 : tt.v6 ? AF_INET6 : AF_INET;
	tt.name = "socket";
	me.fd = tt_socket(0);
	for (argv += optind; *argv; )
		argv += perform(argv);
	return 0;
}
