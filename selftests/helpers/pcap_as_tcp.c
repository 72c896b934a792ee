// SPDX-License-Identifier: GPL-2.0
/*
 * This file turns a capture of TTP into one of TCP: IP protocol 253 becomes 6,
 * and the IP header's and the segment's checksums are changed by just that
 * difference, so that they are right afterwards if they were right before.
 *
 * usage: pcap_as_tcp <IN >OUT      (pcap with Ethernet frames, this machine's byte order)
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#define FROM		253
#define TO		6
#define ETHERNET	14

struct pcap_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, snaplen, linktype;
};

struct packet_header {
	uint32_t sec, usec, caplen, len;
};

/* RFC 1624: a 16-bit word of the covered data changes from one to the other. */
static void adjust(uint8_t *csum, uint16_t from, uint16_t to)
{
	uint16_t old;
	uint32_t sum;

	memcpy(&old, csum, 2);
	sum = (uint16_t)~ntohs(old) + (uint16_t)~from + to;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	old = htons(~sum);
	memcpy(csum, &old, 2);
}

/* In the pseudo header the protocol is the low byte of a word. */
static void convert(uint8_t *frame, uint32_t len)
{
	uint8_t *ip = frame + ETHERNET;
	uint32_t header;

	if (len < ETHERNET + 20)
		return;
	if (ip[0] >> 4 == 4 && ip[9] == FROM) {
		header = (ip[0] & 15) * 4;
		adjust(ip + 10, ip[8] << 8 | FROM, ip[8] << 8 | TO);
		ip[9] = TO;
	} else if (ip[0] >> 4 == 6 && ip[6] == FROM) {
		header = 40;
		ip[6] = TO;
	} else {
		return;
	}
	if (len >= ETHERNET + header + 18)
		adjust(ip + header + 16, FROM, TO);
}

int main(void)
{
	static uint8_t frame[1 << 18];
	struct packet_header p;
	struct pcap_header h;

	if (fread(&h, sizeof(h), 1, stdin) != 1 ||
	    (h.magic != 0xa1b2c3d4 && h.magic != 0xa1b23c4d) ||
	    h.linktype != 1) {
		fprintf(stderr, "pcap_as_tcp: no such capture\n");
		return 1;
	}
	fwrite(&h, sizeof(h), 1, stdout);
	while (fread(&p, sizeof(p), 1, stdin) == 1) {
		if (p.caplen > sizeof(frame) ||
		    fread(frame, p.caplen, 1, stdin) != 1)
			return 1;
		convert(frame, p.caplen);
		fwrite(&p, sizeof(p), 1, stdout);
		fwrite(frame, p.caplen, 1, stdout);
	}
	return 0;
}
