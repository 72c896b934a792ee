// SPDX-License-Identifier: GPL-2.0
/*
 * This file reads the hashes of sent packets from a ring of a packet socket,
 * whose third version tells them.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/mman.h>
#include <net/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "hashes.h"

#define BLOCK	(1 << 16)
#define BLOCKS	16

static struct {
	int fd;
	uint8_t *ring;
	unsigned int block;
	struct tpacket3_hdr *next;	/* in the block, NULL: not begun */
	unsigned int left;		/* packets there */
} hashes;

void hashes_open(void)
{
	struct tpacket_req3 req = {
		.tp_block_size = BLOCK, .tp_block_nr = BLOCKS,
		.tp_frame_size = 2048, .tp_frame_nr = BLOCK / 2048 * BLOCKS,
		.tp_retire_blk_tov = 1,
		.tp_feature_req_word = TP_FT_REQ_FILL_RXHASH,
	};
	struct sockaddr_ll a = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = OK(if_nametoindex("peer0")),
	};
	int version = TPACKET_V3;

	hashes.fd = OK(socket(AF_PACKET, SOCK_DGRAM, 0));
	OK(setsockopt(hashes.fd, SOL_PACKET, PACKET_VERSION, &version,
		      sizeof(version)));
	OK(setsockopt(hashes.fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)));
	hashes.ring = mmap(NULL, BLOCK * BLOCKS, PROT_READ | PROT_WRITE,
			   MAP_SHARED, hashes.fd, 0);
	CHECK(hashes.ring != MAP_FAILED);
	OK(bind(hashes.fd, (struct sockaddr *)&a, sizeof(a)));
}

/* The next packet, given back to the kernel when the one behind is asked for. */
static struct tpacket3_hdr *next_packet(void)
{
	struct tpacket_block_desc *b;
	struct pollfd p = { .fd = hashes.fd, .events = POLLIN };
	struct tpacket3_hdr *packet;
	uint32_t *status;

	b = (void *)(hashes.ring + hashes.block * BLOCK);
	status = &b->hdr.bh1.block_status;
	if (hashes.next && !hashes.left) {
		__atomic_store_n(status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		hashes.block = (hashes.block + 1) % BLOCKS;
		hashes.next = NULL;
		return next_packet();
	}
	if (!hashes.next) {
		while (!(__atomic_load_n(status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
			if (OK(poll(&p, 1, TT_DEADLINE)) != 1)
				FAIL("no packet was seen");
		hashes.left = b->hdr.bh1.num_pkts;
		hashes.next = (void *)((uint8_t *)b +
				       b->hdr.bh1.offset_to_first_pkt);
		if (!hashes.left)
			return next_packet();
	}
	packet = hashes.next;
	hashes.next = (void *)((uint8_t *)packet + packet->tp_next_offset);
	hashes.left--;
	return packet;
}

uint32_t hash_of(const struct seg *s)
{
	const struct tpacket3_hdr *packet;
	const struct sockaddr_ll *from;
	uint16_t ports[2];
	uint32_t numbers[2];
	uint8_t *ip;

	for (;;) {
		packet = next_packet();
		from = (void *)((uint8_t *)packet +
				TPACKET_ALIGN(sizeof(*packet)));
		if (from->sll_pkttype != PACKET_OUTGOING)
			continue;
		ip = (uint8_t *)packet + packet->tp_net;
		ip += tt.v6 ? 40 : (*ip & 15) * 4;
		memcpy(ports, ip, sizeof(ports));
		memcpy(numbers, ip + 4, sizeof(numbers));
		if (ntohs(ports[0]) == s->sport && ntohs(ports[1]) == s->dport &&
		    ntohl(numbers[0]) == s->seq &&
		    ntohl(numbers[1]) == s->ack && ip[13] == s->flags)
			return packet->hv1.tp_rxhash;
	}
}
