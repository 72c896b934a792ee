// SPDX-License-Identifier: GPL-2.0
/*
 * This file keeps a socket locked for as long as a test likes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#include "busy.h"

static void *busy_read(void *arg)
{
	struct busy *b = arg;

	b->got = recv(b->fd, b->page, 1, 0);
	return NULL;
}

void busy_begin(struct busy *b, struct peer *p, int fd)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	b->fd = fd;
	b->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (b->uffd < 0)
		tt_need("userfaultfd");
	OK(ioctl(b->uffd, UFFDIO_API, &api));
	b->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(b->page != MAP_FAILED);
	reg.range.start = (unsigned long)b->page;
	reg.range.len = 4096;
	OK(ioctl(b->uffd, UFFDIO_REGISTER, &reg));
	peer_send(p, F_ACK | F_PSH, 1);
	CHECK(tt_poll(fd, POLLIN, TT_DEADLINE));
	EQ(pthread_create(&b->thread, NULL, busy_read, b), 0);
	/* the fault is the proof that the reader has come so far */
	EQ(tt_poll(b->uffd, POLLIN, TT_DEADLINE), POLLIN);
}

void busy_end(struct busy *b)
{
	struct uffdio_zeropage zero = {
		.range = { (unsigned long)b->page, 4096 },
	};

	OK(ioctl(b->uffd, UFFDIO_ZEROPAGE, &zero));
	EQ(pthread_join(b->thread, NULL), 0);
	EQ(b->got, 1);
}
