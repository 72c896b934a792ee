// SPDX-License-Identifier: GPL-2.0
/*
 * This file sends TTP segments to this host without end, from a raw socket:
 * traffic that arrives while the module comes and goes. It counts on nothing.
 *
 * usage: flood [PROTOCOL]
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* Of both ends the loopback address, so the sum over them is a constant. */
static uint16_t checksum(const uint8_t *p, size_t len, int protocol)
{
	uint32_t sum = 2 * (0x7f00 + 0x0001) + protocol + len;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

int main(int argc, char **argv)
{
	int protocol = argc > 1 ? atoi(argv[1]) : 253;
	int fd = socket(AF_INET, SOCK_RAW, protocol);
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	uint8_t flags[] = { 0x02, 0x10, 0x12, 0x04, 0x11 };
	uint32_t n;

	for (n = 0; fd >= 0; n++) {
		uint8_t s[20] = { 0x20, n, 0, 7, n, n >> 8, n >> 16 };
		uint16_t csum;

		s[12] = 5 << 4;
		s[13] = flags[n % sizeof(flags)];
		s[14] = 255;
		csum = checksum(s, sizeof(s), protocol);
		memcpy(s + 16, &csum, 2);
		sendto(fd, s, sizeof(s), 0, (struct sockaddr *)&to, sizeof(to));
		usleep(500);
	}
	return 1;
}
