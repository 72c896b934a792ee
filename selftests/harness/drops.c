// SPDX-License-Identifier: GPL-2.0
/*
 * This file reads and compares the counters of dropped segments, and sees
 * whether a connection has outlived what was done to it.
 */
#include "drops.h"

void read_drops(struct drops *d)
{
	FILE *f;

	d->n = 0;
	if (!tt.ttp)
		return;
	f = fopen("/proc/net/ttp_snmp", "r");
	CHECK(f);
	while (d->n < MAX_DROPS && fscanf(f, "%47s %lld", d->c[d->n].name,
					  &d->c[d->n].value) == 2)
		if (!strncmp(d->c[d->n].name, "TtpDrop", 7))
			d->n++;
	fclose(f);
	CHECK(d->n > 0 && d->n < MAX_DROPS);
}

static long long drop_value(const struct drops *d, const char *name)
{
	int i;

	for (i = 0; i < d->n; i++)
		if (!strcmp(d->c[i].name + 7, name))
			return d->c[i].value;
	FAIL("there is no counter TtpDrop%s", name);
}

long long dropped(const struct drops *before, const char *name)
{
	struct drops now;

	if (!tt.ttp)
		return 0;
	read_drops(&now);
	return drop_value(&now, name) - drop_value(before, name);
}

void only_moved(const struct drops *before, const char *name, int by)
{
	struct drops now;
	int i;

	if (!tt.ttp)
		return;
	UNTIL(dropped(before, name) >= by);
	read_drops(&now);
	for (i = 0; i < now.n; i++) {
		long long moved = now.c[i].value - before->c[i].value;
		int want = strcmp(now.c[i].name + 7, name) ? 0 : by;

		if (moved != want)
			FAIL("%s moved by %lld, expected %d", now.c[i].name,
			     moved, want);
	}
}

void still_works(struct peer *p, int fd)
{
	char buf[8];
	uint32_t seq;

	peer_send(p, F_ACK | F_PSH, 8);
	tt_read_all(fd, buf, 8);
	CHECK(tt_is_pattern(buf, 8, 0));
	seq = p->snd_nxt;
	tt_write_all(fd, "alive", 5);
	peer_expect_data(p, 5);
	peer_send(p, F_ACK, 0);
	EQ(p->snd_nxt, seq);
}
