// SPDX-License-Identifier: GPL-2.0
/*
 * This file helps to forge segments, and sees what they have done.
 */
#include <stdlib.h>
#include <strings.h>

#include "forge.h"

/* TcpExt of /proc/net/netstat: a line of names, then one of values. */
static long long tcp_counter(const char *name)
{
	char names[8192], values[8192], full[64], *n, *v, *ns, *vs;
	FILE *f = fopen("/proc/net/netstat", "r");

	CHECK(f && fgets(names, sizeof(names), f) &&
	      fgets(values, sizeof(values), f));
	fclose(f);
	snprintf(full, sizeof(full), "TCP%s", name);
	n = strtok_r(names, " \n", &ns);
	v = strtok_r(values, " \n", &vs);
	for (; n && v; n = strtok_r(NULL, " \n", &ns),
		       v = strtok_r(NULL, " \n", &vs))
		if (!strcasecmp(n, name) || !strcasecmp(n, full))
			return atoll(v);
	FAIL("TCP counts no %s", name);
}

long long count(const char *name)
{
	char full[64];

	if (!tt.ttp)
		return tcp_counter(name);
	snprintf(full, sizeof(full), "Ttp%s", name);
	return tt_counter(full);
}

void answers(struct peer *p, int n)
{
	struct seg s;

	while (n--) {
		s = peer_expect(p, F_ACK);
		EQ(s.len, 0);
		EQ(s.ack, p->snd_nxt);
	}
	peer_silent(p, 50);
}

struct seg forged(const struct peer *p, unsigned int flags, uint32_t off,
			 unsigned int len)
{
	struct seg s = peer_seg(p, flags, len);

	s.seq += off;
	s.opts_len = 0;
	return s;
}
