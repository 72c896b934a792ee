// SPDX-License-Identifier: GPL-2.0
/*
 * This file plays both ends of a connection in one process, none of which may
 * sleep, and judges what the socket calls answer when memory is short.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdarg.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "ends.h"

char ends_context[256];

/*
 * Written to before anything fails: the kernel's copy to or from a page that
 * is not there yet would need one, below the module.
 */
static char out[END_BYTES], in[END_BYTES];

void ends_prepare(void)
{
	memset(out, 1, sizeof(out));
	memset(in, 1, sizeof(in));
}

void ends_about(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ends_context, sizeof(ends_context), fmt, ap);
	va_end(ap);
}

/* Errors that a lack of memory may show as, at this end or the other. */
static bool is_clean(int error)
{
	switch (error) {
	case ENOMEM:
	case ENOBUFS:
	case EAGAIN:
	case ECONNRESET:
	case ECONNREFUSED:
	case ECONNABORTED:
	case ETIMEDOUT:
	case EPIPE:
	case EINPROGRESS:
	case EADDRNOTAVAIL:
	case ENFILE:		/* no inode for a socket */
		return true;
	}
	return false;
}

long ends_clean(long result, const char *call)
{
	if (result < 0 && !is_clean(errno))
		BAD("%s failed with %d (%s)", call, errno, strerror(errno));
	return result;
}

void send_some(struct end *e)
{
	ssize_t n;

	while (e->sent < e->want) {
		tt_pattern(out, e->want - e->sent, e->sent);
		n = CLEAN(send(e->fd, out, e->want - e->sent,
			       MSG_NOSIGNAL | MSG_DONTWAIT));
		if (n < 0) {
			e->broken |= errno != EAGAIN;
			return;
		}
		if ((size_t)n > e->want - e->sent)
			BAD("sent more than there was");
		e->sent += n;
	}
	if (!e->shut)
		e->broken |= CLEAN(shutdown(e->fd, SHUT_WR)) < 0;
	e->shut = true;
}

void send_small(struct end *e, int segments, size_t bytes)
{
	tt_set(e->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	e->shut = true;		/* not yet */
	while (segments-- && !e->broken) {
		e->want = e->sent + bytes;
		send_some(e);
	}
	e->shut = false;
}

void receive_some(struct end *e)
{
	ssize_t n;

	for (;;) {
		n = CLEAN(recv(e->fd, in, sizeof(in), MSG_DONTWAIT));
		if (n <= 0)
			break;
		if (!tt_is_pattern(in, n, e->got))
			BAD("wrong data after %zu bytes", e->got);
		e->got += n;
	}
	if (!n)
		e->eof = true;
	else
		e->broken |= errno != EAGAIN;
}

/* Until both have seen the end of the other, or one of them an error. */
void exchange(struct end *a, struct end *b)
{
	struct pollfd p[2] = { { .fd = a->fd }, { .fd = b->fd } };
	long long deadline = tt_now_ms() + TT_DEADLINE;

	while (!a->broken && !b->broken && !(a->eof && b->eof)) {
		if (!a->shut)
			send_some(a);
		if (!b->shut)
			send_some(b);
		if (!a->eof)
			receive_some(a);
		if (!b->eof)
			receive_some(b);
		if (tt_now_ms() > deadline)
			BAD("neither data nor an error: %zu of %zu bytes, %zu of %zu",
			    b->got, a->want, a->got, b->want);
		p[0].events = (a->shut ? 0 : POLLOUT) | (a->eof ? 0 : POLLIN);
		p[1].events = (b->shut ? 0 : POLLOUT) | (b->eof ? 0 : POLLIN);
		if (!p[0].events)
			p[0].events = POLLERR;
		if (!a->eof || !b->eof)
			poll(p, 2, 1000);
	}
	/* Its FIN has come, so all before it must have. */
	if ((a->eof && a->got != b->want) || (b->eof && b->got != a->want))
		BAD("data is lost: %zu of %zu bytes, %zu of %zu", b->got,
		    a->want, a->got, b->want);
}

int listener(struct tt_addr *a, int rcvbuf)
{
	int l = CLEAN(socket(tt.af, SOCK_STREAM | SOCK_NONBLOCK, tt.v6));

	if (l < 0)
		return -1;
	if (rcvbuf)
		tt_set(l, SOL_SOCKET, SO_RCVBUF, rcvbuf);
	*a = tt_loopback(0);
	if (CLEAN(bind(l, &a->sa, a->len)) || CLEAN(listen(l, 4))) {
		close(l);
		return -1;
	}
	*a = tt_local(l);
	return l;
}

/* The client's end, or -1. */
int dial(const struct tt_addr *a, int mss)
{
	int fd = CLEAN(socket(tt.af, SOCK_STREAM | SOCK_NONBLOCK, tt.v6));

	if (fd < 0)
		return -1;
	if (mss)
		tt_set(fd, IPPROTO_TCP, TCP_MAXSEG, mss);
	if (CLEAN(tt_connect(fd, a)) && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The server's end; -1 when the client has been told of a failure. */
int await(int l, int client)
{
	struct pollfd p[2] = { { l, POLLIN, 0 }, { client, POLLOUT, 0 } };
	long long deadline = tt_now_ms() + TT_DEADLINE;
	int fd = -1;

	while (fd < 0 || !(p[1].revents & POLLOUT)) {
		if (tt_now_ms() > deadline)
			BAD("neither a connection nor an error");
		poll(p, 2, 1000);
		if (p[1].revents & (POLLERR | POLLHUP)) {
			errno = tt_so_error(client);
			CLEAN(errno ? -1 : 0);
			if (fd >= 0)
				close(fd);
			return -1;
		}
		if (fd < 0 && p[0].revents & POLLIN)
			fd = CLEAN(accept4(l, NULL, NULL, SOCK_NONBLOCK));
		if (fd >= 0)
			p[0].fd = -1;
	}
	return fd;
}

/* False when it has come to no connection. */
bool open_both(struct end *c, struct end *s, int mss, int rcvbuf)
{
	struct tt_addr a;
	int l = listener(&a, rcvbuf);

	*c = (struct end){ .fd = -1 };
	*s = (struct end){ .fd = -1 };
	if (l < 0)
		return false;
	c->fd = dial(&a, mss);
	if (c->fd >= 0)
		s->fd = await(l, c->fd);
	close(l);
	if (s->fd < 0 && c->fd >= 0)
		close(c->fd);
	return s->fd >= 0;
}

void close_both(struct end *c, struct end *s)
{
	close(c->fd);
	close(s->fd);
}

/* Try to send the rest while a condition has not come true. */
void keep_sending(struct end *e, long long deadline, const char *missing)
{
	if (tt_now_ms() > deadline)
		BAD("%s", missing);
	if (!e->shut)
		send_some(e);
	e->broken |= tt_poll(e->fd, 0, 0) & POLLERR;
	tt_pause();
}
