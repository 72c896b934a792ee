// SPDX-License-Identifier: GPL-2.0
/* This file is the smallest useful TTP server: it sends back what each client sends. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ttp.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void echo(int fd)
{
	char buf[4096];
	ssize_t len;

	/* read() returns 0 when the client has closed or shut down its half. */
	while ((len = read(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t done = 0, n; done < len; done += n) {
			n = send(fd, buf + done, len - done, MSG_NOSIGNAL);
			if (n < 0) {
				perror("send");
				return;
			}
		}
	}
	if (len < 0)
		perror("read");
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(argc > 1 ? atoi(argv[1]) : 7),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};
	int on = 1;
	int fd = socket(AF_TTP, SOCK_STREAM, 0);

	if (fd < 0)
		die("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		die("SO_REUSEADDR");
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		die("bind");
	if (listen(fd, 16) < 0)
		die("listen");

	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client < 0)
			die("accept");
		echo(client);
		close(client);
	}
}
