// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the hand-driven peer: it reads and writes whole IP packets on
 * a TUN device, and keeps just enough of a connection to write tests with.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>

#include "peer.h"

#define KERNEL4	"10.254.0.1"
#define PEER4	"10.254.0.2"
#define KERNEL6	"fd00:254::1"
#define PEER6	"fd00:254::2"

struct wire_header {
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t doff, flags;
	uint16_t win, csum, urg;
} __attribute__((packed));

static int tun = -1;

static int ip_proto(void)
{
	return tt.ttp ? 253 : IPPROTO_TCP;
}

static void set_address4(int fd, struct ifreq *ifr)
{
	struct tt_addr a = tt_parse(KERNEL4, 0);

	memcpy(&ifr->ifr_addr, &a.in, sizeof(a.in));
	OK(ioctl(fd, SIOCSIFADDR, ifr));
	a = tt_parse("255.255.255.0", 0);
	memcpy(&ifr->ifr_netmask, &a.in, sizeof(a.in));
	OK(ioctl(fd, SIOCSIFNETMASK, ifr));
}

/*
 * A worker makes a new address usable in two steps: first it can be bound to,
 * then packets are routed to it. It is ready when one has arrived.
 */
static bool address_works(int fd, struct tt_addr *a)
{
	char c = 0;

	if (!tt_port(a)) {
		if (bind(fd, &a->sa, a->len))
			return false;
		*a = tt_local(fd);
	}
	sendto(fd, &c, 1, MSG_DONTWAIT, &a->sa, a->len);
	tt_pause();
	return recv(fd, &c, 1, MSG_DONTWAIT) == 1;
}

static void set_address6(int index)
{
	struct tt_addr a = tt_parse(KERNEL6, 0);
	struct {
		struct in6_addr addr;
		uint32_t prefix;
		int index;
	} req = { a.in6.sin6_addr, 64, index };
	int fd = OK(socket(AF_INET6, SOCK_DGRAM, 0));

	OK(ioctl(fd, SIOCSIFADDR, &req));
	UNTIL(address_works(fd, &a));
	/* and then its route: until then what comes for it is not for us */
	OK(getsockname(fd, &a.sa, &a.len));
	OK(connect(fd, &a.sa, a.len));
	UNTIL(send(fd, "", 1, 0) == 1 && tt_poll(fd, POLLIN, 100) == POLLIN);
	close(fd);
}

void peer_open(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = OK(socket(AF_INET, SOCK_DGRAM, 0));

	strcpy(ifr.ifr_name, "peer0");
	tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (tun < 0)
		tt_need("/dev/net/tun");
	/* a child of the case before may hold the device a moment longer */
	UNTIL(!ioctl(tun, TUNSETIFF, &ifr));
	ifr.ifr_mtu = PEER_MTU;
	OK(ioctl(fd, SIOCSIFMTU, &ifr));
	set_address4(fd, &ifr);
	ifr.ifr_flags = IFF_UP | IFF_RUNNING | IFF_NOARP | IFF_POINTOPOINT;
	OK(ioctl(fd, SIOCSIFFLAGS, &ifr));
	if (tt.v6) {
		OK(ioctl(fd, SIOCGIFINDEX, &ifr));
		set_address6(ifr.ifr_ifindex);
	}
	close(fd);
}

void peer_close(void)
{
	OK(close(tun));
	tun = -1;
}

struct tt_addr peer_addr(unsigned int port)
{
	return tt_parse(tt.v6 ? PEER6 : PEER4, port);
}

struct tt_addr peer_kaddr(unsigned int port)
{
	return tt_parse(tt.v6 ? KERNEL6 : KERNEL4, port);
}

/* RFC 1071, over an even or odd number of bytes. */
static uint32_t sum(const void *data, size_t len, uint32_t acc)
{
	const uint8_t *p = data;

	for (; len > 1; p += 2, len -= 2)
		acc += p[0] << 8 | p[1];
	if (len)
		acc += p[0] << 8;
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return acc;
}

/* The checksum field that is right for the payload of IP, host order. */
static uint16_t checksum(const struct tt_addr *src, const struct tt_addr *dst,
			 int proto, const void *segment, size_t len)
{
	uint8_t tail[4] = { 0, proto, len >> 8, len };
	uint32_t acc;

	if (tt.v6) {
		acc = sum(&src->in6.sin6_addr, 16, 0);
		acc = sum(&dst->in6.sin6_addr, 16, acc);
	} else {
		acc = sum(&src->in.sin_addr, 4, 0);
		acc = sum(&dst->in.sin_addr, 4, acc);
	}
	acc = sum(tail, sizeof(tail), acc);
	return ~sum(segment, len, acc);
}

static size_t ip_header(uint8_t *out, const struct tt_addr *from,
			const struct tt_addr *to, int proto, size_t payload)
{
	struct ip6_hdr *h6 = (void *)out;
	struct iphdr *h4 = (void *)out;

	if (tt.v6) {
		memset(h6, 0, sizeof(*h6));
		h6->ip6_vfc = 0x60;
		h6->ip6_plen = htons(payload);
		h6->ip6_nxt = proto;
		h6->ip6_hlim = 64;
		h6->ip6_src = from->in6.sin6_addr;
		h6->ip6_dst = to->in6.sin6_addr;
		return sizeof(*h6);
	}
	memset(h4, 0, sizeof(*h4));
	h4->version = 4;
	h4->ihl = 5;
	h4->tot_len = htons(sizeof(*h4) + payload);
	h4->frag_off = htons(IP_DF);
	h4->ttl = 64;
	h4->protocol = proto;
	h4->saddr = from->in.sin_addr.s_addr;
	h4->daddr = to->in.sin_addr.s_addr;
	h4->check = htons(~sum(h4, sizeof(*h4), 0));
	return sizeof(*h4);
}

/* RFC 4727 3.3: for experiments; in IPv6 such as are to be passed over. */
static size_t add_ip_option(uint8_t *packet, size_t ip)
{
	static const uint8_t option4[4] = { 158, 4 };
	uint8_t option6[8] = { ip_proto(), 0, 0x1e, 4 };
	struct ip6_hdr *h6 = (void *)packet;
	struct iphdr *h4 = (void *)packet;

	if (tt.v6) {
		h6->ip6_nxt = IPPROTO_DSTOPTS;
		h6->ip6_plen = htons(ntohs(h6->ip6_plen) + sizeof(option6));
		memcpy(packet + ip, option6, sizeof(option6));
		return ip + sizeof(option6);
	}
	h4->ihl++;
	h4->tot_len = htons(ntohs(h4->tot_len) + sizeof(option4));
	memcpy(packet + ip, option4, sizeof(option4));
	return ip + sizeof(option4);
}

static size_t add_ip_options(uint8_t *packet, size_t ip, const struct seg *s)
{
	struct iphdr *h4 = (void *)packet;

	h4->ihl += s->ip_opts_len / 4;
	h4->tot_len = htons(ntohs(h4->tot_len) + s->ip_opts_len);
	memcpy(packet + ip, s->ip_opts, s->ip_opts_len);
	return ip + s->ip_opts_len;
}

static void set_tos_ttl(uint8_t *packet, const struct seg *s)
{
	struct iphdr *h4 = (void *)packet;

	if (tt.v6) {
		packet[0] |= s->tos >> 4;
		packet[1] |= s->tos << 4;
		packet[7] = s->ttl ? s->ttl : 64;
		return;
	}
	h4->tos = s->tos;
	h4->ttl = s->ttl ? s->ttl : 64;
	h4->check = 0;
	h4->check = htons(~sum(h4, h4->ihl * 4, 0));
}

void peer_xmit(const struct seg *s)
{
	struct tt_addr src = s->from ? tt_parse(s->from, 0) : peer_addr(0);
	struct tt_addr dst = s->to ? tt_parse(s->to, 0) : peer_kaddr(0);
	unsigned int header = sizeof(struct wire_header) + s->opts_len;
	unsigned int total = header + s->len;
	uint8_t segment[sizeof(struct wire_header) + 40 + PEER_MTU];
	uint8_t packet[sizeof(segment) + 40 + sizeof(s->ip_opts) + 8];
	struct wire_header h = {
		.sport = htons(s->sport), .dport = htons(s->dport),
		.seq = htonl(s->seq), .ack = htonl(s->ack),
		.doff = (s->doff ? s->doff : header / 4) << 4 | s->res,
		.flags = s->flags, .win = htons(s->win), .urg = htons(s->urg),
	};
	size_t ip;

	memcpy(segment, &h, sizeof(h));
	memcpy(segment + sizeof(h), s->opts, s->opts_len);
	memcpy(segment + header, s->data, s->len);
	if (s->cut)
		total = s->cut;
	h.csum = htons(checksum(&src, &dst, ip_proto(), segment, total) ^
		       (s->bad_csum ? 0x5555 : 0));
	memcpy(segment, &h, sizeof(h));
	ip = ip_header(packet, &src, &dst, ip_proto(), total);
	if (s->ip_option)
		ip = add_ip_option(packet, ip);
	if (s->ip_opts_len)
		ip = add_ip_options(packet, ip, s);
	set_tos_ttl(packet, s);
	memcpy(packet + ip, segment, total);
	EQ(write(tun, packet, ip + total), ip + total);
}

void peer_icmp(const struct seg *s, unsigned int type, unsigned int code,
	       uint32_t info)
{
	struct tt_addr src = peer_addr(0), dst = peer_kaddr(0);
	struct wire_header h = {
		.sport = htons(s->sport), .dport = htons(s->dport),
		.seq = htonl(s->seq),
	};
	uint8_t icmp[8 + 40 + sizeof(h)] = { type, code };
	int proto = tt.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	uint8_t packet[sizeof(icmp) + 40];
	size_t ip, len = 8;
	uint16_t csum;

	info = htonl(info);
	memcpy(icmp + 4, &info, sizeof(info));
	len += ip_header(icmp + len, &dst, &src, ip_proto(), sizeof(h));
	memcpy(icmp + len, &h, sizeof(h));
	len += sizeof(h);
	csum = htons(tt.v6 ? checksum(&src, &dst, proto, icmp, len) :
		     (uint16_t)~sum(icmp, len, 0));
	memcpy(icmp + 2, &csum, sizeof(csum));
	ip = ip_header(packet, &src, &dst, proto, len);
	memcpy(packet + ip, icmp, len);
	EQ(write(tun, packet, ip + len), ip + len);
}

void peer_unreachable(const struct seg *s)
{
	peer_icmp(s, tt.v6 ? 1 : 3, tt.v6 ? 3 : 1, 0);
}

void peer_too_big(const struct seg *s, unsigned int mtu)
{
	peer_icmp(s, tt.v6 ? 2 : 3, tt.v6 ? 0 : 4, mtu);
}

/* The segment inside a packet; false when it is none of ours. */
static bool parse(const uint8_t *packet, size_t n, struct seg *s)
{
	struct tt_addr src = peer_kaddr(0), dst = peer_addr(0);
	const struct iphdr *h4 = (void *)packet;
	const struct wire_header *h;
	size_t ip = tt.v6 ? sizeof(struct ip6_hdr) : h4->ihl * 4;

	if (n < ip + sizeof(*h) || packet[0] >> 4 != (tt.v6 ? 6 : 4) ||
	    packet[tt.v6 ? 6 : 9] != ip_proto())
		return false;
	if (!tt.v6 && (ntohs(h4->frag_off) & ~IP_DF))
		FAIL("the kernel sent a fragment");
	if (memcmp(packet + (tt.v6 ? 8 : 12), tt.v6 ?
		   (void *)&src.in6.sin6_addr : (void *)&src.in.sin_addr,
		   tt.v6 ? 16 : 4))
		FAIL("the kernel sent from another address");
	if (checksum(&src, &dst, ip_proto(), packet + ip, n - ip))
		FAIL("the kernel sent a segment with a wrong checksum");
	h = (void *)(packet + ip);
	memset(s, 0, sizeof(*s));
	s->sport = ntohs(h->sport);
	s->dport = ntohs(h->dport);
	s->seq = ntohl(h->seq);
	s->ack = ntohl(h->ack);
	s->flags = h->flags;
	s->win = ntohs(h->win);
	s->urg = ntohs(h->urg);
	s->res = h->doff & 15;
	s->tos = tt.v6 ? (packet[0] << 4 | packet[1] >> 4) & 255 : h4->tos;
	s->ttl = tt.v6 ? packet[7] : h4->ttl;
	if (tt.v6) {
		s->label = ntohl(*(uint32_t *)packet) & 0xfffff;
	} else {
		s->ip_to = h4->daddr;
		s->ip_opts_len = ip - sizeof(*h4);
		memcpy(s->ip_opts, h4 + 1, s->ip_opts_len);
	}
	s->opts_len = (h->doff >> 4) * 4 - sizeof(*h);
	CHECK(s->opts_len <= 40 && ip + sizeof(*h) + s->opts_len <= n);
	memcpy(s->opts, h + 1, s->opts_len);
	s->len = n - ip - sizeof(*h) - s->opts_len;
	memcpy(s->data, (uint8_t *)(h + 1) + s->opts_len, s->len);
	return true;
}

bool peer_poll(struct seg *s, int timeout_ms)
{
	long long end = tt_now_ms() + timeout_ms;
	uint8_t packet[PEER_MTU + 1];
	struct pollfd p = { .fd = tun, .events = POLLIN };
	ssize_t n;

	for (;;) {
		long long left = end - tt_now_ms();

		if (poll(&p, 1, left > 0 ? left : 0) != 1)
			return false;
		n = read(tun, packet, sizeof(packet));
		if (n > 0 && parse(packet, n, s))
			return true;
	}
}

const char *peer_text(const struct seg *s)
{
	static char text[160];
	char flags[9];
	int i, n = 0;

	for (i = 0; i < 8; i++)
		if (s->flags & 1 << i)
			flags[n++] = "FSRPAUEC"[i];
	flags[n] = '\0';
	snprintf(text, sizeof(text), "%u > %u [%s] seq %u ack %u win %u len %u",
		 s->sport, s->dport, flags, s->seq, s->ack, s->win, s->len);
	return text;
}

uint32_t peer_time_wait(struct peer *p, int fd)
{
	uint32_t last;

	close(fd);
	peer_expect(p, F_FIN | F_ACK);
	peer_send(p, F_FIN | F_ACK, 0);
	last = peer_expect(p, F_ACK).seq;
	UNTIL(tt_count_conn(TCP_TIME_WAIT, p->kport, p->port) == 1);
	return last;
}
