// SPDX-License-Identifier: GPL-2.0
/*
 * This file is a program for shell scripts that moves pseudo-random bytes
 * over one connection, one way or both at once, and prints what it sent and
 * received as "sent|received BYTES HASH".
 *
 * usage: stream [-F ttp|tcp] [-6] [-n BYTES] [-b BYTES] [-s SEED] [-m FILE] [-w FILE]
 *               [-o] listen|connect ADDRESS PORT send|recv|both
 *   -b: write so many at a time, when all before has arrived
 *   -m: create FILE when listening
 *   -w: do not read before FILE exists; -o: with a hop-by-hop option (IPv6)
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ttptest.h"

static struct {
	uint64_t bytes, block, seed;
	const char *mark, *wait;
	bool padded, patient;
	int fd;
} opt = { .bytes = 1 << 20, .block = 1 << 15, .seed = 1 };

struct flow {
	uint64_t bytes, hash;
};

static void hash_add(struct flow *f, const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		f->hash = (f->hash ^ data[i]) * 0x100000001b3ull;
	f->bytes += len;
}

static void fill(uint64_t *state, uint64_t *out, size_t words)
{
	size_t i;

	for (i = 0; i < words; i++) {
		*state ^= *state << 13;
		*state ^= *state >> 7;
		*state ^= *state << 17;
		out[i] = *state;
	}
}

static void report(const char *what, const struct flow *f)
{
	printf("%s %llu %016llx\n", what, (unsigned long long)f->bytes,
	       (unsigned long long)f->hash);
	fflush(stdout);
}

/* Nothing is on its way: what is written next leaves in one go. */
static void all_arrived(void)
{
	int left;

	while (OK(ioctl(opt.fd, SIOCOUTQ, &left)) >= 0 && left)
		usleep(5000);
}

static void *sender(void *unused)
{
	struct flow f = { .hash = 0xcbf29ce484222325ull };
	uint64_t state = opt.seed * 0x9e3779b97f4a7c15ull | 1;
	size_t words = (opt.block + 7) / 8;
	uint64_t *block = calloc(words, 8);

	OK(block ? 0 : -1);
	while (f.bytes < opt.bytes) {
		uint64_t n = opt.bytes - f.bytes;

		if (n > opt.block)
			n = opt.block;
		fill(&state, block, words);
		if (opt.patient)
			all_arrived();
		tt_write_all(opt.fd, block, n);
		hash_add(&f, (uint8_t *)block, n);
	}
	free(block);
	OK(shutdown(opt.fd, SHUT_WR));
	report("sent", &f);
	return unused;
}

static void *receiver(void *unused)
{
	struct flow f = { .hash = 0xcbf29ce484222325ull };
	static uint8_t block[1 << 16];
	ssize_t n;

	while (opt.wait && access(opt.wait, F_OK))
		usleep(5000);
	while ((n = OK(read(opt.fd, block, sizeof(block)))) > 0)
		hash_add(&f, block, n);
	report("received", &f);
	return unused;
}

static void open_connection(char **arg)
{
	static const uint8_t padding[8] = { 0, 0, 1, 4 };	/* PadN */
	struct tt_addr a = tt_parse(arg[1], atoi(arg[2]));
	int l;

	opt.fd = tt_socket(0);
	if (opt.padded)
		OK(setsockopt(opt.fd, IPPROTO_IPV6, IPV6_HOPOPTS, padding,
			      sizeof(padding)));
	if (strcmp(arg[0], "listen")) {
		OK(tt_connect(opt.fd, &a));
		return;
	}
	l = opt.fd;
	tt_set(l, SOL_SOCKET, SO_REUSEADDR, 1);
	OK(bind(l, &a.sa, a.len));
	OK(listen(l, 1));
	if (opt.mark)
		tt_run("touch '%s'", opt.mark);
	opt.fd = OK(accept(l, NULL, NULL));
	OK(close(l));
}

static void parse(int argc, char **argv)
{
	const char *family = getenv("TTP_FAMILY");
	int c;

	while ((c = getopt(argc, argv, "F:6n:b:s:m:w:o")) != -1) {
		switch (c) {
		case 'F':
			family = optarg;
			break;
		case '6':
			tt.v6 = true;
			break;
		case 'n':
			opt.bytes = strtoull(optarg, NULL, 0);
			break;
		case 'b':
			opt.block = strtoull(optarg, NULL, 0);
			opt.patient = true;
			break;
		case 's':
			opt.seed = strtoull(optarg, NULL, 0);
			break;
		case 'm':
			opt.mark = optarg;
			break;
		case 'w':
			opt.wait = optarg;
			break;
		case 'o':
			opt.padded = true;
			break;
		default:
			exit(2);
		}
	}
	if (argc - optind != 4)
		exit(2);
	tt.ttp = !family || !strcmp(family, "ttp");
	tt.af = tt.ttp ? 18 : tt.v6 ? AF_INET6 : AF_INET;
	tt.name = "stream";
}

int main(int argc, char **argv)
{
	pthread_t threads[2];
	const char *mode;
	int n = 0;

	signal(SIGPIPE, SIG_IGN);
	parse(argc, argv);
	open_connection(argv + optind);
	mode = argv[optind + 3];
	if (strcmp(mode, "recv"))
		pthread_create(&threads[n++], NULL, sender, NULL);
	if (strcmp(mode, "send"))
		pthread_create(&threads[n++], NULL, receiver, NULL);
	while (n)
		pthread_join(threads[--n], NULL);
	return 0;
}
