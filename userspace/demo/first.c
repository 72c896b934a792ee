// SPDX-License-Identifier: GPL-2.0
/*
 * This file is a first TTP program: it calls itself on the loopback device and
 * says hello. Only the two arguments of socket() differ from a TCP program.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ttp.h>

static int check(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

int main(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	char text[64];
	int listener, s;
	ssize_t n;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);	/* port 0: any */
	listener = check(socket(AF_TTP, SOCK_STREAM, 0), "socket");
	check(bind(listener, (struct sockaddr *)&addr, len), "bind");
	check(listen(listener, 1), "listen");
	check(getsockname(listener, (struct sockaddr *)&addr, &len), "getsockname");

	if (!check(fork(), "fork")) {		/* the client */
		s = check(socket(AF_TTP, SOCK_STREAM, 0), "socket");
		check(connect(s, (struct sockaddr *)&addr, len), "connect");
		check(write(s, "hello over TTP\n", 15), "write");
		return 0;			/* the kernel sends the FIN */
	}
	s = check(accept(listener, NULL, NULL), "accept");
	while ((n = check(read(s, text, sizeof(text)), "read")))
		check(write(STDOUT_FILENO, text, n), "write");
	return wait(NULL) < 0;
}
