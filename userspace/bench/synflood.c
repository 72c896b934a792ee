// SPDX-License-Identifier: GPL-2.0
/* This program floods a listener with SYNs from forged addresses, which nobody answers for. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
"usage: synflood [-n COUNT] [-r RATE] [-s SEED] PROTOCOL ADDRESS PORT\n"
"  PROTOCOL: tcp, ttp\n"
"  -n  stop after so many (default: when killed)\n"
"  -r  so many a second (default: as many as the machine can)\n"
"The sources are of 198.18.0.0/15 and 2001:db8::/32, which are nobody's. At the end\n"
"comes one line of key=value.\n";

#define BATCH	32
#define SYN_LEN	40	/* with the options that everybody sends */

static volatile sig_atomic_t stopped;
static uint64_t random_state;
static bool v6;
static uint8_t protocol;
static struct sockaddr_storage to;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static void fail(const char *what)
{
	fprintf(stderr, "synflood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint32_t random32(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 16;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + ts.tv_nsec;
}

static uint32_t sum_up(const uint8_t *p, int len)
{
	uint32_t sum = 0;

	for (; len > 0; len -= 2, p += 2)
		sum += p[0] << 8 | p[1];
	return sum;
}

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* The addresses in an IP header, without its checksum: the kernel adds it. */
static uint8_t *ip_header(uint8_t *p)
{
	if (!v6) {
		p[0] = 0x45;
		p[8] = 64;
		p[9] = protocol;
		put32(p + 12, 198u << 24 | 18 << 16 | (random32() & 0x1ffff));
		memcpy(p + 16, &((struct sockaddr_in *)&to)->sin_addr, 4);
		return p + 20;
	}
	p[0] = 0x60;
	put16(p + 4, SYN_LEN);
	p[6] = protocol;
	p[7] = 64;
	put32(p + 8, 0x20010db8);
	put32(p + 12, random32());
	put32(p + 20, random32());
	memcpy(p + 24, &((struct sockaddr_in6 *)&to)->sin6_addr, 16);
	return p + 40;
}

/* Returns the length of the packet. */
static size_t forge(uint8_t *packet, int port)
{
	static const uint8_t options[] = {
		2, 4, 1460 >> 8, 1460 & 0xff,	/* segment size */
		4, 2,				/* SACK */
		8, 10, 0, 0, 0, 1, 0, 0, 0, 0,	/* timestamps */
		1, 3, 3, 7,			/* window scale */
	};
	uint8_t *th = ip_header(packet);
	uint32_t sum;

	put16(th, 1024 + random32() % 60000);
	put16(th + 2, port);
	put32(th + 4, random32());
	th[12] = SYN_LEN / 4 << 4;
	th[13] = 0x02;
	put16(th + 14, 64240);
	memcpy(th + 20, options, sizeof(options));
	sum = sum_up(v6 ? packet + 8 : packet + 12, v6 ? 32 : 8) + protocol +
	      SYN_LEN + sum_up(th, SYN_LEN);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(th + 16, ~sum);
	return th + SYN_LEN - packet;
}

/* Returns how many were sent; a full queue is no error. */
static int send_some(int fd, int count, int port)
{
	static uint8_t packets[BATCH][100];
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec iov[BATCH];
	int i, n;

	memset(packets, 0, sizeof(packets));
	for (i = 0; i < count; i++) {
		iov[i].iov_base = packets[i];
		iov[i].iov_len = forge(packets[i], port);
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
		messages[i].msg_hdr.msg_name = &to;
		messages[i].msg_hdr.msg_namelen = v6 ?
			sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	}
	n = sendmmsg(fd, messages, count, 0);
	if (n < 0 && errno != ENOBUFS && errno != EINTR)
		fail("sendmmsg");
	return n > 0 ? n : 0;
}

static void wait_until(uint64_t ns)
{
	struct timespec ts = { ns / 1000000000, ns % 1000000000 };

	if (ns > now_ns())
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static void flood(int fd, uint64_t count, uint64_t rate, int port)
{
	uint64_t start = now_ns(), sent = 0, due;

	while (!stopped && sent < count) {
		due = count - sent;
		if (rate && due > (now_ns() - start) * rate / 1000000000 + 1 - sent)
			due = (now_ns() - start) * rate / 1000000000 + 1 - sent;
		sent += send_some(fd, due < BATCH ? due : BATCH, port);
		if (rate)
			wait_until(start + sent * 1000000000 / rate);
	}
	printf("sent=%llu ns=%llu\n", (unsigned long long)sent,
	       (unsigned long long)(now_ns() - start));
}

static void set_address(const char *text)
{
	struct sockaddr_in *a4 = (void *)&to;
	struct sockaddr_in6 *a6 = (void *)&to;

	if (inet_pton(AF_INET, text, &a4->sin_addr) == 1) {
		a4->sin_family = AF_INET;
	} else if (inet_pton(AF_INET6, text, &a6->sin6_addr) == 1) {
		a6->sin6_family = AF_INET6;
		v6 = true;
	} else {
		errno = EINVAL;
		fail(text);
	}
}

int main(int argc, char **argv)
{
	uint64_t count = UINT64_MAX, rate = 0, seed = 1;
	int opt, fd;

	while ((opt = getopt(argc, argv, "n:r:s:h")) != -1) {
		switch (opt) {
		case 'n': count = strtoull(optarg, NULL, 0); break;
		case 'r': rate = strtoull(optarg, NULL, 0); break;
		case 's': seed = strtoull(optarg, NULL, 0); break;
		default:
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : 2;
		}
	}
	argv += optind;
	if (argc - optind != 3 || (strcmp(argv[0], "tcp") && strcmp(argv[0], "ttp"))) {
		fputs(usage, stderr);
		return 2;
	}
	protocol = strcmp(argv[0], "tcp") ? 253 : IPPROTO_TCP;
	set_address(argv[1]);
	random_state = seed * 0x9e3779b97f4a7c15ull | 1;
	fd = socket(to.ss_family, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0)
		fail("socket");
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	flood(fd, count, rate, atoi(argv[2]));
	return 0;
}
