// SPDX-License-Identifier: GPL-2.0
/* This file is the smallest useful TTP client: it sends one line and prints the answer. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ttp.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

int main(int argc, char **argv)
{
	const char *text = argc > 3 ? argv[3] : "hello, world";
	struct sockaddr_in addr = { .sin_family = AF_INET };
	char buf[4096];
	ssize_t len;
	int fd;

	if (argc < 3 || inet_pton(AF_INET, argv[1], &addr.sin_addr) != 1) {
		fprintf(stderr, "usage: echo_client IPV4-ADDRESS PORT [TEXT]\n");
		return 2;
	}
	addr.sin_port = htons(atoi(argv[2]));

	fd = socket(AF_TTP, SOCK_STREAM, 0);
	if (fd < 0)
		die("socket");
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		die("connect");

	for (size_t done = 0, size = strlen(text); done < size; done += len) {
		len = send(fd, text + done, size - done, MSG_NOSIGNAL);
		if (len < 0)
			die("send");
	}
	/* The server sees the end of our half; its half stays open for the answer. */
	if (shutdown(fd, SHUT_WR) < 0)
		die("shutdown");

	while ((len = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, len, stdout);
	if (len < 0)
		die("read");
	putchar('\n');
	close(fd);
	return 0;
}
