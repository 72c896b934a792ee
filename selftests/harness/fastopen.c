// SPDX-License-Identifier: GPL-2.0
/*
 * This file reads and writes what Fast Open adds to segments and sysctls, and
 * plays its clients and servers.
 */
#include <fcntl.h>
#include <unistd.h>

#include "fastopen.h"

void fo_begin(int bits)
{
	peer_open();
	tt_sysctl_set("fastopen", bits);
}

bool fo_find(const struct seg *s, struct fo_cookie *c)
{
	const uint8_t *p = opt_find(s, OPT_FO, &c->len);

	if (!p)
		return false;
	CHECK(c->len <= sizeof(c->val));
	memcpy(c->val, p, c->len);
	return true;
}

bool fo_same(const struct fo_cookie *a, const struct fo_cookie *b)
{
	return a->len == b->len && !memcmp(a->val, b->val, a->len);
}

static int key_file(int flags)
{
	return open(tt.ttp ? "/proc/sys/net/ttp/fastopen_key" :
		    "/proc/sys/net/ipv4/tcp_fastopen_key", flags);
}

bool fo_key_try(const char *text)
{
	int fd = OK(key_file(O_WRONLY));
	ssize_t n = write(fd, text, strlen(text) ?: 1);

	if (n < 0)
		EQ(errno, EINVAL);
	close(fd);
	return n >= 0;
}

void fo_key_set(const char *text)
{
	CHECK(fo_key_try(text));
}

void fo_key_get(char text[100])
{
	int fd = OK(key_file(O_RDONLY));
	ssize_t n = OK(read(fd, text, 99));

	close(fd);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

struct tcp_info fo_info(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len));
	return info;
}

int fo_failure(int fd)
{
	struct tcp_info info = fo_info(fd);
	const uint8_t *byte = (const uint8_t *)&info +
			      offsetof(struct tcp_info, tcpi_rto) - 1;

	return *byte >> 1 & 3;
}

struct fo_count fo_count(const char *name)
{
	return (struct fo_count){ name, tt.ttp ? tt_counter(name) : 0 };
}

void fo_moved(const struct fo_count *c, long long by)
{
	if (!tt.ttp)
		return;
	if (tt_counter(c->name) - c->was != by)
		FAIL("%s moved by %lld, not by %lld", c->name,
		     tt_counter(c->name) - c->was, by);
}

int fo_server(struct peer *p, int bits, int most)
{
	int l;

	fo_begin(bits);
	*p = peer_new();
	l = peer_listener(p);
	tt_set(l, SOL_TCP, TCP_FASTOPEN, most);
	return l;
}

struct seg fo_dial(struct peer *p, const struct fo_cookie *c,
		   unsigned int len)
{
	struct seg s = peer_seg(p, F_SYN, len);
	uint32_t isn = p->snd_nxt;

	if (c)
		opt_add(&s, OPT_FO, c->val, c->len);
	peer_xmit(&s);
	s = peer_expect(p, F_SYN | F_ACK);
	p->snd_nxt = isn + 1;
	CHECK(s.ack == isn + 1 || s.ack == isn + 1 + len);
	s.len = s.ack - isn - 1;
	p->snd_nxt += s.len;
	return s;
}

struct fo_cookie fo_ask(const struct peer *server)
{
	static const struct fo_cookie none;
	struct peer p = peer_new();
	struct fo_cookie c;
	struct seg s;

	p.kport = server->kport;
	s = fo_dial(&p, &none, 0);
	CHECK(fo_find(&s, &c));
	peer_send(&p, F_RST, 0);
	return c;
}

struct peer fo_another(const struct peer *p)
{
	struct peer q = peer_new();

	q.kport = p->kport;
	return q;
}

void fo_served(struct peer *p, int fd)
{
	char buf[100];

	peer_send(p, F_ACK | F_PSH, 100);
	tt_read_all(fd, buf, 100);
	CHECK(tt_is_pattern(buf, 100, 0));
	tt_write_all(fd, buf, 100);
	peer_expect_data(p, 100);
	peer_send(p, F_ACK, 0);
}

const struct fo_cookie fo_known = { 8, { 1, 2, 3, 4, 5, 6, 7, 8 } };

long fo_send(int fd, const struct peer *p, const void *buf, size_t len)
{
	struct tt_addr a = peer_addr(p->port);

	return sendto(fd, buf, len, MSG_FASTOPEN, &a.sa, a.len);
}

void fo_answer(struct peer *p, const struct fo_cookie *c, unsigned int mss,
	       unsigned int refuse)
{
	struct seg s = peer_seg(p, F_SYN | F_ACK, 0);
	s.ack = p->rcv_nxt - refuse;
	s.opts[2] = mss >> 8;
	s.opts[3] = mss & 255;
	if (c)
		opt_add(&s, OPT_FO, c->val, c->len);
	peer_xmit(&s);
	p->snd_nxt++;
	p->rcv_nxt -= refuse;
}

void fo_teach_mss(unsigned int mss)
{
	struct peer p = peer_new();
	int fd = tt_socket(SOCK_NONBLOCK);

	FAILS(fo_send(fd, &p, "x", 1), EINPROGRESS);
	peer_expect(&p, F_SYN);
	fo_answer(&p, &fo_known, mss, 0);
	peer_expect(&p, F_ACK);
	tt_abort(fd);
	peer_expect_reset(&p);
}

void fo_teach(void)
{
	fo_teach_mss(1400);
}

int fo_launch(struct peer *p, unsigned int len)
{
	int fd = tt_socket(SOCK_NONBLOCK);
	char buf[PEER_MTU];
	struct seg s;

	*p = peer_new();
	tt_pattern(buf, len, 0);
	EQ(OK(fo_send(fd, p, buf, len)), len);
	s = peer_expect(p, F_SYN);
	EQ(s.len, len);
	CHECK(tt_is_pattern(s.data, len, 0));
	return fd;
}

void fo_works(struct peer *p, int fd)
{
	char buf[100];

	peer_send(p, F_ACK, 0);
	OK(fcntl(fd, F_SETFL, 0));
	tt_pattern(buf, 100, 0);
	tt_write_all(fd, buf, 100);
	peer_expect_data(p, 100);
	peer_send(p, F_ACK | F_PSH, 100);
	tt_read_all(fd, buf, 100);
	CHECK(tt_is_pattern(buf, 100, 0));
}
