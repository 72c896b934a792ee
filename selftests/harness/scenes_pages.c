// SPDX-License-Identifier: GPL-2.0
/*
 * This file plays what takes pages for a connection's data: a task's first
 * write, a splice of data that lies in none, and memory that the program lends.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>
#include <linux/ttp.h>
#include <sys/mman.h>

#include "ends.h"
#include "faults.h"
#include "peer.h"
#include "scenes.h"

/*
 * A task writes to a page that it keeps, which is used again as soon as all of
 * it has been acknowledged: only a new task is sure to need one.
 */
static void by_new_task(void *(*fn)(void *), void *arg)
{
	pthread_t task;

	EQ(pthread_create(&task, NULL, fn, arg), 0);
	EQ(pthread_join(task, NULL), 0);
}

static void *write_first(void *arg)
{
	send_some(arg);
	return NULL;
}

void scene_newcomer(void)
{
	struct end c, s;

	if (!open_both(&c, &s, 0, 0))
		return;
	c.want = 100;
	by_new_task(write_first, &c);
	exchange(&c, &s);
	close_both(&c, &s);
}

/* What is queued goes through a pipe, as far as it does. */
static void *read_by_pipe(void *arg)
{
	struct end *e = arg;
	char data[4096];
	int fds[2];
	ssize_t n;

	OK(pipe(fds));
	n = CLEAN(splice(e->fd, NULL, fds[1], NULL, sizeof(data),
			 SPLICE_F_NONBLOCK));
	if (!n)
		BAD("an end of file, with data unread");
	if (n > 0) {
		EQ(read(fds[0], data, n), n);
		if (!tt_is_pattern(data, n, e->got))
			BAD("wrong data from the pipe");
		e->got += n;
	}
	close(fds[0]);
	close(fds[1]);
	return NULL;
}

/* What a device has put into memory that is no page, as TUN does. */
void scene_piped(void)
{
	long long deadline = tt_now_ms() + TT_DEADLINE;
	struct peer p = peer_new();
	struct end s = { .shut = true };
	struct seg data;

	faults_pause();
	peer_open();
	s.fd = peer_dial(&p);
	faults_resume();
	data = peer_seg(&p, F_ACK | F_PSH, 100);
	while (!tt_poll(s.fd, POLLIN, 100)) {
		if (tt_now_ms() > deadline)
			BAD("a segment does not come through");
		peer_xmit(&data);
	}
	by_new_task(read_by_pipe, &s);
	receive_some(&s);
	if (s.got != data.len)
		BAD("data is lost");
	tt_abort(s.fd);
	peer_close();
}

static int may_lend(int fd)
{
	int one = 1;

	if (!setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		return 0;
	return setsockopt(fd, SOL_TTP, SO_ZEROCOPY, &one, sizeof(one));
}

/*
 * Of a file's memory, which is not there before somebody wants it.  It does not
 * leave: what loopback takes for its copy is not the module's.
 */
void scene_pinned(void)
{
	int file = OK(memfd_create("lent", 0));
	struct end c, s;
	ssize_t n;
	void *mem;

	OK(ftruncate(file, 4096));
	mem = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
	CHECK(mem != MAP_FAILED);
	if (open_both(&c, &s, 0, 0)) {
		OK(may_lend(c.fd));
		n = send(c.fd, mem, 4096,
			 MSG_ZEROCOPY | MSG_MORE | MSG_NOSIGNAL);
		/* no page to lend: the kernel's word for it */
		if (n >= 0 || errno != EFAULT)
			CLEAN(n);
		CHECK(n <= 4096);
		tt_abort(c.fd);
		close(s.fd);
	}
	munmap(mem, 4096);
	close(file);
}
