// SPDX-License-Identifier: GPL-2.0
/*
 * This file makes the calls that a script makes of the socket, and checks
 * what they return.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/sockios.h>

#include "dlg.h"

#define MAX_BYTES	(1 << 20)

static const char *outcome_name(long r)
{
	return r < 0 ? dlg_errno_name(-r) : "success";
}

static void result_is(struct play *p, const struct line *l, long got)
{
	long want = l->has_result ? l->result : 0;

	if (got < 0 ? got != want : l->has_result && got != want)
		dlg_fail(p, "%s gave %ld (%s), expected %ld (%s)",
			 l->call->name, got, outcome_name(got), want,
			 outcome_name(want));
}

static long outcome(long r)
{
	return r < 0 ? -errno : r;
}

/* Made by the first call that needs it. */
static int the_socket(struct play *p)
{
	if (p->fd < 0)
		p->fd = tt_socket(SOCK_NONBLOCK);
	return p->fd;
}

static void do_connect(struct play *p, const struct line *l)
{
	struct tt_addr a = peer_addr(p->port);
	long r = outcome(connect(the_socket(p), &a.sa, a.len));
	struct tt_addr mine;

	if (l->has_result || r != -EINPROGRESS)
		result_is(p, l, r);
	mine = tt_local(p->fd);
	if (r == -EINPROGRESS)
		p->kport = tt_port(&mine);
}

static void do_listen(struct play *p, const struct line *l)
{
	struct tt_addr a = peer_kaddr(p->kport);

	p->listener = the_socket(p);
	p->fd = -1;
	tt_set(p->listener, SOL_SOCKET, SO_REUSEADDR, 1);
	OK(bind(p->listener, &a.sa, a.len));
	result_is(p, l, outcome(listen(p->listener,
				       l->nr_args ? l->args[0] : 8)));
}

static bool expects_eagain(const struct line *l)
{
	return l->has_result && l->result == -EAGAIN;
}

static void do_accept(struct play *p, const struct line *l)
{
	long r;

	if (p->listener < 0)
		dlg_fail(p, "accept without listen");
	if (!expects_eagain(l))
		tt_poll(p->listener, POLLIN, dlg_deadline());
	r = outcome(accept4(p->listener, NULL, NULL, SOCK_NONBLOCK));
	result_is(p, l, r >= 0 ? 0 : r);
	if (r >= 0)
		p->fd = r;
}

static int msg_flags(struct play *p, const struct line *l)
{
	if (!l->word)
		return 0;
	if (!strcmp(l->word, "OOB"))
		return MSG_OOB;
	if (!strcmp(l->word, "PEEK"))
		return MSG_PEEK;
	if (!strcmp(l->word, "MORE"))
		return MSG_MORE;
	dlg_fail(p, "\"%s\" is none of OOB, PEEK, MORE", l->word);
}

static void do_send(struct play *p, const struct line *l)
{
	static char buf[MAX_BYTES];
	size_t n = l->args[0];
	long r;

	if (n > sizeof(buf))
		dlg_fail(p, "more than %d bytes", MAX_BYTES);
	tt_pattern(buf, n, p->write_pos);
	r = outcome(send(the_socket(p), buf, n, msg_flags(p, l) | MSG_NOSIGNAL));
	if (!l->has_result && r >= 0 && (size_t)r != n)
		dlg_fail(p, "send took %ld of %zu bytes", r, n);
	result_is(p, l, r);
	if (r > 0)
		p->write_pos += r;
}

/* Until so many bytes can be read, or what is there will not become more. */
static void await_bytes(struct play *p, long n)
{
	long long end = tt_now_ms() + dlg_deadline();
	int there = 0;

	while (tt_now_ms() < end) {
		if (ioctl(p->fd, SIOCINQ, &there) || there >= n)
			return;
		if (tt_poll(p->fd, POLLIN | POLLRDHUP, 0) &
		    (POLLERR | POLLHUP | POLLRDHUP))
			return;
		tt_pause();
	}
}

static void do_recv(struct play *p, const struct line *l)
{
	static char buf[MAX_BYTES];
	long want = l->has_result ? l->result : l->args[0], r;
	int flags = msg_flags(p, l);

	if (l->args[0] > (long)sizeof(buf))
		dlg_fail(p, "more than %d bytes", MAX_BYTES);
	if (want > 0 && !(flags & MSG_OOB))
		await_bytes(p, want);
	else if (!expects_eagain(l))
		tt_poll(p->fd, flags & MSG_OOB ? POLLPRI : POLLIN, dlg_deadline());
	r = outcome(recv(p->fd, buf, l->args[0], flags));
	if (!l->has_result && r >= 0 && r != want)
		dlg_fail(p, "recv gave %ld bytes, expected %ld", r, want);
	result_is(p, l, r);
	if (r <= 0 || flags & MSG_OOB)
		return;
	if (!tt_is_pattern(buf, r, p->read_pos))
		dlg_fail(p, "not the bytes that the peer has sent");
	if (!(flags & MSG_PEEK))
		p->read_pos += r;
}

/* An urgent byte that is not part of the stream. */
static void do_skip(struct play *p, const struct line *l)
{
	p->read_pos += l->args[0];
}

static void do_shutdown(struct play *p, const struct line *l)
{
	result_is(p, l, outcome(shutdown(the_socket(p), l->args[0])));
}

static int *open_one(struct play *p)
{
	return p->fd >= 0 ? &p->fd : &p->listener;
}

static void do_close(struct play *p, const struct line *l)
{
	int *fd = open_one(p);

	result_is(p, l, outcome(close(*fd)));
	*fd = -1;
}

static void do_abort(struct play *p, const struct line *l)
{
	int *fd = open_one(p);

	(void)l;
	tt_abort(*fd);
	*fd = -1;
}

static void do_setsockopt(struct play *p, const struct line *l)
{
	const struct dlg_sockopt *o = dlg_sockopt(l->word);
	struct linger linger = { .l_onoff = l->args[1] >= 0,
				 .l_linger = l->args[1] };
	int value = l->args[1];
	long r;

	if (!strcmp(o->name, "LINGER"))
		r = setsockopt(the_socket(p), SOL_SOCKET, SO_LINGER, &linger,
			       sizeof(linger));
	else
		r = setsockopt(the_socket(p), o->level[tt.v6], o->opt[tt.v6],
			       &value, sizeof(value));
	result_is(p, l, outcome(r));
}

/* An option that holds an errno: the result is written as the error. */
static void do_getsockopt(struct play *p, const struct line *l)
{
	const struct dlg_sockopt *o = dlg_sockopt(l->word);
	socklen_t len = sizeof(int);
	int value = 0;
	long r;

	r = outcome(getsockopt(the_socket(p), o->level[tt.v6], o->opt[tt.v6],
			       &value, &len));
	if (!r)
		r = strcmp(o->name, "ERROR") ? value : -value;
	result_is(p, l, r);
}

static void do_poll(struct play *p, const struct line *l)
{
	int *fd = open_one(p), got = 0;
	long long end = tt_now_ms() + dlg_deadline();
	const int asked = POLLIN | POLLOUT | POLLPRI | POLLRDHUP;

	for (;;) {
		got = tt_poll(*fd, asked, 0);
		if (got == l->args[0])
			return;
		if (tt_now_ms() > end)
			break;
		tt_pause();
	}
	dlg_fail(p, "poll says %#x, expected %#lx (IN 1, PRI 2, OUT 4, ERR 8, HUP 0x10, RDHUP 0x2000)",
		 got, l->args[0]);
}

static void do_sysctl(struct play *p, const struct line *l)
{
	(void)p;
	tt_sysctl_set(l->word, l->args[1]);
}

/* One that not every kernel has. */
static void do_sysctl_if(struct play *p, const struct line *l)
{
	(void)p;
	tt_sysctl_try(l->word, l->args[1]);
}

/* A counter of TTP's, which is 0 at the start of a script that is alone. */
static void do_counter(struct play *p, const struct line *l)
{
	long long end = tt_now_ms() + dlg_deadline();

	while (tt_counter(l->word) != l->args[1]) {
		if (tt_now_ms() > end)
			dlg_fail(p, "%s is %lld, expected %ld", l->word,
				 tt_counter(l->word), l->args[1]);
		tt_pause();
	}
}

static void do_silence(struct play *p, const struct line *l)
{
	dlg_silence(p, l->args[0]);
}

static void do_window(struct play *p, const struct line *l)
{
	p->wnd = l->args[0];
}

/* The next connection has other numbers: both are free to be named again. */
static void do_renumber(struct play *p, const struct line *l)
{
	(void)l;
	p->bound_k = p->bound_p = p->synced = false;
	p->sent_to = p->acked_to = p->known_to = 0;
}

static const struct call calls[] = {
	{ "connect", "", true, do_connect },
	{ "listen", "?n", true, do_listen },
	{ "accept", "", true, do_accept },
	{ "send", "n?w", true, do_send },
	{ "recv", "n?w", true, do_recv },
	{ "skip", "n", false, do_skip },
	{ "shutdown", "d", true, do_shutdown },
	{ "close", "", true, do_close },
	{ "abort", "", false, do_abort },
	{ "setsockopt", "on", true, do_setsockopt },
	{ "getsockopt", "o", true, do_getsockopt },
	{ "poll", "e", false, do_poll },
	{ "sysctl", "wn", false, do_sysctl },
	{ "sysctl?", "wn", false, do_sysctl_if },
	{ "counter", "wn", false, do_counter },
	{ "silence", "t", false, do_silence },
	{ "window", "n", false, do_window },
	{ "renumber", "", false, do_renumber },
};

const struct call *dlg_call(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (!strcmp(calls[i].name, name))
			return &calls[i];
	return NULL;
}

long dlg_events(const char *text)
{
	static const struct {
		const char *name;
		int event;
	} events[] = {
		{ "IN", POLLIN }, { "OUT", POLLOUT }, { "PRI", POLLPRI },
		{ "ERR", POLLERR }, { "HUP", POLLHUP },
		{ "RDHUP", POLLRDHUP }, { "NONE", 0 },
	};
	long all = 0;
	size_t i, len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		for (i = 0; i < ARRAY_SIZE(events); i++)
			if (strlen(events[i].name) == len &&
			    !strncmp(events[i].name, text, len))
				break;
		if (i == ARRAY_SIZE(events))
			return -1;
		all |= events[i].event;
		if (!text[len])
			return all;
	}
}
