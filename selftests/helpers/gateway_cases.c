// SPDX-License-Identifier: GPL-2.0
/*
 * This file shows packets to the gateway's classifiers and compares. Each is
 * built twice, as TTP's and as TCP's host would have sent it, and one must
 * become the other, byte by byte.
 *
 * usage: gateway_cases ID-OF-TO-TCP ID-OF-TO-TTP
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <sys/syscall.h>

#define TTP	253
#define TCP	6
#define ETH	14
#define MAX	2048
/* The kernel compares the sum that it keeps of a packet (since 6.17). */
#define COMPARE_SUM	(1U << 2)

struct buf {
	uint8_t b[MAX];
	unsigned int len;
};

/* What a packet looks like; 0 is the plain case. */
struct shape {
	const char *name;
	bool v6;
	unsigned int options;		/* bytes of IPv4 options */
	uint8_t before[9];		/* IPv6 extension headers */
	unsigned int payload;
	int want_sum;			/* checksum as TCP, if positive */
	unsigned int frag_at, frag_len;	/* this piece of it; 0: all */
	bool more;
	uint8_t icmp;			/* in an error of this type, */
	unsigned int quote;		/* as many bytes after IP's header */
	uint8_t outer[9];
	bool untouched;
};

static int fds[2];
static unsigned int run_flags = COMPARE_SUM;
static unsigned int tests, failed;
static uint64_t seed = 88172645463325252ull;

static uint8_t random_byte(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed >> 32;
}

static void put(struct buf *p, const void *data, unsigned int len)
{
	memcpy(p->b + p->len, data, len);
	p->len += len;
}

static void put16(uint8_t *at, unsigned int v)
{
	at[0] = v >> 8;
	at[1] = v;
}

static uint32_t sum_up(const uint8_t *b, unsigned int len)
{
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? b[i] : b[i] << 8;
	return sum;
}

static unsigned int fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static const uint8_t addrs[2][16] = {
	{ 10, 0, 0, 1, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 },
	{ 10, 0, 0, 2, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 },
};

static uint32_t pseudo(bool v6, uint8_t protocol, unsigned int len)
{
	unsigned int n = v6 ? 16 : 4;

	return sum_up(addrs[0], n) + sum_up(addrs[1], n) + protocol + len;
}

/* The segment, or @want where its checksum is to be, by way of the payload. */
static void segment(struct buf *p, const struct shape *s, uint8_t protocol,
		    uint64_t payload_seed)
{
	uint8_t th[20] = { 0x12, 0x34, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8,
			   5 << 4, 0x18, 0x12, 0x34 };
	unsigned int start = p->len, len = 20 + s->payload, i, sum;

	seed = payload_seed;
	put(p, th, 20);
	for (i = 0; i < s->payload; i++)
		p->b[p->len++] = random_byte();
	if (s->want_sum) {
		put16(p->b + start + 20, 0);
		sum = fold(pseudo(s->v6, TCP, len) + sum_up(p->b + start, len));
		put16(p->b + start + 20,
		      fold((0xffff & ~s->want_sum) + (0xffff & ~sum)));
	}
	sum = pseudo(s->v6, protocol, len) + sum_up(p->b + start, len);
	put16(p->b + start + 16, 0xffff & ~fold(sum));
}

static void header4(struct buf *p, const struct shape *s, uint8_t protocol,
		    unsigned int len, unsigned int options, unsigned int frag)
{
	uint8_t ip[60] = { 0x45 + options / 4, 0x10, 0, 0, 0xab, 0xcd, frag >> 8,
			   frag, 64, protocol };
	unsigned int hlen = 20 + options;

	(void)s;
	put16(ip + 2, hlen + len);
	memcpy(ip + 12, addrs[0], 4);
	memcpy(ip + 16, addrs[1], 4);
	memset(ip + 20, 1, options);	/* no operation */
	put16(ip + 10, 0xffff & ~fold(sum_up(ip, hlen)));
	put(p, ip, hlen);
}

static void header6(struct buf *p, uint8_t next, unsigned int len)
{
	uint8_t ip[40] = { 0x60, 0, 0, 9, 0, 0, next, 64 };

	put16(ip + 4, len);
	memcpy(ip + 8, addrs[0], 16);
	memcpy(ip + 24, addrs[1], 16);
	put(p, ip, 40);
}

/* Extension headers of 8, 16, 24... bytes, then @last. */
static void extensions(struct buf *p, const uint8_t *list, uint8_t last,
		       unsigned int frag)
{
	unsigned int i, len;

	for (i = 0; i < 9 && list[i] != 255; i++) {
		uint8_t e[128] = { i < 8 && list[i + 1] != 255 ? list[i + 1] : last };

		len = 8;
		if (list[i] == 44) {
			put16(e + 2, frag);
		} else {
			e[1] = i % 3;
			len = (e[1] + 1) * 8;
		}
		put(p, e, len);
	}
}

/* All of it, or one fragment. */
static void packet(struct buf *p, const struct shape *s, uint8_t protocol,
		   uint64_t payload_seed)
{
	unsigned int frag = (s->v6 ? s->frag_at : s->frag_at / 8) |
			    (s->more ? s->v6 ? 1 : 0x2000 : 0);
	struct buf whole = { .len = 0 }, ext = { .len = 0 };
	unsigned int len;

	segment(&whole, s, protocol, payload_seed);
	len = s->frag_len ?: whole.len;
	if (!s->v6) {
		header4(p, s, protocol, len, s->options, frag);
	} else {
		extensions(&ext, s->before, protocol, frag);
		header6(p, s->before[0] == 255 ? protocol : s->before[0],
			ext.len + len);
		put(p, ext.b, ext.len);
	}
	put(p, whole.b + s->frag_at, len);
}

/* An ICMP error with the beginning of the packet in it. */
static void message(struct buf *p, const struct shape *s, uint8_t protocol,
		    uint64_t payload_seed)
{
	uint8_t icmp[8] = { s->icmp, 4, 0, 0, 0, 0, 5, 0x14 };
	struct buf quote = { .len = 0 }, m = { .len = 0 }, ext = { .len = 0 };
	unsigned int before;
	uint32_t sum;

	packet(&quote, s, protocol, payload_seed);
	before = quote.len - (s->frag_len ?: 20 + s->payload);
	if (s->quote && before + s->quote < quote.len)
		quote.len = before + s->quote;
	put(&m, icmp, 8);
	put(&m, quote.b, quote.len);
	sum = sum_up(m.b, m.len);
	if (s->v6)
		sum += pseudo(true, 58, m.len);
	put16(m.b + 2, 0xffff & ~fold(sum));
	if (!s->v6) {
		header4(p, s, 1, m.len, 0, 0);
	} else {
		extensions(&ext, s->outer, 58, 0);
		header6(p, s->outer[0] == 255 ? 58 : s->outer[0],
			ext.len + m.len);
		put(p, ext.b, ext.len);
	}
	put(p, m.b, m.len);
}

static void frame(struct buf *p, const struct shape *s, uint8_t protocol,
		  uint64_t payload_seed)
{
	uint8_t eth[ETH] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2,
			     s->v6 ? 0x86 : 0x08, s->v6 ? 0xdd : 0 };

	p->len = 0;
	put(p, eth, ETH);
	if (s->icmp)
		message(p, s, protocol, payload_seed);
	else
		packet(p, s, protocol, payload_seed);
}

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

/* The classifier's verdict on @p, which it changes. */
static int classify(int fd, struct buf *p)
{
	union bpf_attr attr = { 0 };
	struct buf out;

	attr.test.prog_fd = fd;
	attr.test.data_in = (uintptr_t)p->b;
	attr.test.data_size_in = p->len;
	attr.test.data_out = (uintptr_t)out.b;
	attr.test.data_size_out = MAX;
	attr.test.flags = run_flags;
	if (bpf(BPF_PROG_TEST_RUN, &attr)) {
		if (errno == EINVAL && run_flags) {
			run_flags = 0;
			return classify(fd, p);
		}
		perror("BPF_PROG_TEST_RUN");
		exit(1);
	}
	memcpy(p->b, out.b, attr.test.data_size_out);
	p->len = attr.test.data_size_out;
	return attr.test.retval;
}

static void compare(const char *name, const char *what, int fd, struct buf *in,
		    const struct buf *want)
{
	int verdict = classify(fd, in);
	unsigned int i;

	tests++;
	if (verdict == TC_ACT_UNSPEC && in->len == want->len &&
	    !memcmp(in->b, want->b, in->len))
		return;
	failed++;
	printf("%s, %s: verdict %d, %u bytes, %u expected\n", name, what,
	       verdict, in->len, want->len);
	for (i = 0; i < in->len && i < want->len; i++) {
		if (in->b[i] != want->b[i])
			printf("  byte %u is %02x, not %02x\n", i, in->b[i],
			       want->b[i]);
	}
}

static void both_ways(const struct shape *s)
{
	uint64_t payload_seed = ++seed;
	struct buf ttp, tcp, p;

	frame(&ttp, s, TTP, payload_seed);
	frame(&tcp, s, TCP, payload_seed);
	p = ttp;
	compare(s->name, "to TCP", fds[0], &p, s->untouched ? &ttp : &tcp);
	p = tcp;
	compare(s->name, "to TTP", fds[1], &p, s->untouched ? &tcp : &ttp);
	p = tcp;
	compare(s->name, "TCP to TCP", fds[0], &p, &tcp);
	p = ttp;
	compare(s->name, "TTP to TTP", fds[1], &p, &ttp);
	frame(&tcp, s, 17, payload_seed);
	p = tcp;
	compare(s->name, "UDP", fds[0], &p, &tcp);
}

#define NONE	{ 255 }
#define V4	.before = NONE, .outer = NONE
#define V6	.v6 = true, .before = NONE, .outer = NONE
#define V6X(...) .v6 = true, .before = { __VA_ARGS__, 255 }, .outer = NONE

static const struct shape shapes[] = {
	{ "IPv4", V4, .payload = 100 },
	{ "IPv4, nothing in it", V4 },
	{ "IPv4, an odd length", V4, .payload = 1001 },
	{ "IPv4, options", V4, .payload = 100, .options = 40 },
	{ "IPv4, first fragment", V4, .payload = 100, .frag_len = 48, .more = true },
	{ "IPv4, first fragment before the checksum", V4, .payload = 100,
	  .frag_len = 16, .more = true },
	{ "IPv4, a fragment with the checksum in it", V4, .payload = 100,
	  .frag_at = 8, .frag_len = 16, .more = true },
	{ "IPv4, a fragment with the checksum first", V4, .payload = 100,
	  .frag_at = 16, .frag_len = 48, .more = true },
	{ "IPv4, a fragment after it", V4, .payload = 100, .frag_at = 24, .frag_len = 48,
	  .more = true },
	{ "IPv4, last fragment", V4, .payload = 100, .frag_at = 48, .frag_len = 72 },
	{ "IPv6", V6, .payload = 100 },
	{ "IPv6, nothing in it", V6 },
	{ "IPv6, an odd length", V6, .payload = 1001 },
	{ "IPv6, hop by hop", V6X(0), .payload = 100 },
	{ "IPv6, routing and options", V6X(0, 60, 43, 60), .payload = 100 },
	{ "IPv6, as many headers as are looked through", V6X(0, 60, 60, 60, 60, 60, 60),
	  .payload = 100 },
	{ "IPv6, more of them", V6X(0, 60, 60, 60, 60, 60, 60, 60), .payload = 100,
	  .untouched = true },
	{ "IPv6, a header that is not known", V6X(51), .payload = 100, .untouched = true },
	{ "IPv6, a fragment of everything", V6X(44), .payload = 100 },
	{ "IPv6, first fragment", V6X(0, 44, 60), .payload = 100, .frag_len = 48, .more = true },
	{ "IPv6, a fragment with the checksum in it", V6X(44), .payload = 100,
	  .frag_at = 8, .frag_len = 16, .more = true },
	{ "IPv6, a fragment with the checksum first", V6X(44), .payload = 100,
	  .frag_at = 16, .frag_len = 48, .more = true },
	{ "IPv6, last fragment", V6X(0, 44), .payload = 100, .frag_at = 48, .frag_len = 72 },
	{ "IPv6, no headers after a later fragment's", V6X(44, 60), .payload = 100,
	  .frag_at = 48, .frag_len = 72, .untouched = true },
	{ "ICMP, no quote in an echo", V4, .payload = 100, .icmp = 8, .untouched = true },
	{ "ICMP, options in the quote", V4, .payload = 100, .icmp = 3, .options = 40 },
	{ "ICMP, a fragment quoted", V4, .payload = 100, .icmp = 11, .frag_at = 24,
	  .frag_len = 48 },
	{ "ICMP, a fragment with the checksum quoted", V4, .payload = 100, .icmp = 11,
	  .frag_at = 16, .frag_len = 48 },
	{ "ICMPv6, no quote in an echo", V6, .payload = 100, .icmp = 128, .untouched = true },
	{ "ICMPv6, headers in the quote", V6X(0, 60, 43), .payload = 100, .icmp = 2 },
	{ "ICMPv6, headers before it", .v6 = true, .before = NONE,
	  .outer = { 0, 60, 255 }, .payload = 100, .icmp = 2 },
	{ "ICMPv6, a fragment quoted", V6X(44), .payload = 100, .icmp = 3, .frag_at = 24,
	  .frag_len = 48 },
	{ "ICMPv6, a first fragment quoted", V6X(44), .payload = 100, .icmp = 3,
	  .frag_len = 48, .more = true },
};

/* Errors of all types, quoting as much as routers do, old and new. */
static void quotes(void)
{
	static const uint8_t types4[] = { 3, 4, 5, 11, 12 };
	static const uint8_t types6[] = { 1, 2, 3, 4 };
	static const unsigned int lengths[] = { 8, 16, 18, 19, 20, 21, 28, 0 };
	struct shape s4 = { "ICMP", V4, .payload = 401 };
	struct shape s6 = { "ICMPv6", V6, .payload = 401 };
	unsigned int i, j;

	for (j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++) {
		s4.quote = s6.quote = lengths[j];
		for (i = 0; i < sizeof(types4); i++) {
			s4.icmp = types4[i];
			both_ways(&s4);
		}
		for (i = 0; i < sizeof(types6); i++) {
			s6.icmp = types6[i];
			both_ways(&s6);
		}
	}
}

/* Around the places where the sum of one of both wraps. */
static void sums(void)
{
	struct shape s = { "a checksum that wraps", V4, .payload = 100 };

	for (s.want_sum = 1; s.want_sum < 0x200; s.want_sum++)
		both_ways(&s);
	s.v6 = true;
	for (s.want_sum = 0xfe00; s.want_sum < 0xffff; s.want_sum++)
		both_ways(&s);
	s.icmp = 1;
	both_ways(&s);
}

/* What is no proper packet is none of the gateway's business. */
static void damaged(void)
{
	static const struct shape s4 = { "IPv4", V4, .payload = 30 };
	static const struct shape s6 = { "IPv6", V6X(0, 44, 60), .payload = 1 };
	static const uint8_t first[] = { 0x44, 0x55, 0x05, 0x75 };
	struct buf p, want;
	unsigned int i;

	for (i = 0; i < sizeof(first); i++) {
		frame(&want, &s4, TTP, 1);
		want.b[ETH] = first[i];
		p = want;
		compare("a bad first byte", "IPv4", fds[0], &p, &want);
		frame(&want, &s6, TTP, 1);
		want.b[ETH] = first[i];
		p = want;
		compare("a bad first byte", "IPv6", fds[0], &p, &want);
	}
	for (i = 40; i < 40 + 8 + 8 + 2; i++) {
		frame(&want, &s6, TTP, 1);
		want.len = ETH + i;
		p = want;
		compare("cut in the headers", "IPv6", fds[0], &p, &want);
	}
	frame(&want, &s4, TTP, 1);
	put16(want.b + 12, 0x8100);
	p = want;
	compare("another protocol", "a VLAN's tag", fds[0], &p, &want);
}

int main(int argc, char **argv)
{
	union bpf_attr attr;
	unsigned int i;

	if (argc != 3)
		return 2;
	for (i = 0; i < 2; i++) {
		memset(&attr, 0, sizeof(attr));
		attr.prog_id = atoi(argv[1 + i]);
		fds[i] = bpf(BPF_PROG_GET_FD_BY_ID, &attr);
		if (fds[i] < 0) {
			perror(argv[1 + i]);
			return 1;
		}
	}
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		both_ways(&shapes[i]);
	quotes();
	sums();
	damaged();
	printf("%u packets, %u wrong%s\n", tests, failed,
	       run_flags ? "; sums of devices compared" : "");
	return failed != 0;
}
