// SPDX-License-Identifier: GPL-2.0
/*
 * This file looks at the sysctls of net.ttp as a whole: each has a test that
 * shows what it does (sysctls.txt) and a range in Documentation/sysctl.rst that
 * is true; the defaults are TCP's; each namespace has its own.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "ttptest.h"

#define DIR_TTP	"/proc/sys/net/ttp/"
#define DIR_TCP	"/proc/sys/net/ipv4/tcp_"
#define MAX_SYSCTLS	100

static char doc[1 << 16], table[1 << 14], runner[1 << 14];

static void slurp(const char *name, char *text, size_t len)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s", __FILE__);
	snprintf(strrchr(path, '/') + 1, 200, "%s", name);
	f = fopen(path, "r");
	if (!f)
		FAIL("cannot read %s", path);
	text[fread(text, 1, len - 1, f)] = '\0';
	fclose(f);
}

/* Names, in *n. */
static char names[MAX_SYSCTLS][64];

static int list(void)
{
	DIR *d = opendir(DIR_TTP);
	struct dirent *e;
	int n = 0;

	CHECK(d);
	slurp("../Documentation/sysctl.rst", doc, sizeof(doc));
	slurp("sysctls.txt", table, sizeof(table));
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && n < MAX_SYSCTLS)
			snprintf(names[n++], 64, "%.63s", e->d_name);
	closedir(d);
	CHECK(n >= 20 && n < MAX_SYSCTLS);
	return n;
}

/* The line that begins with the word, or NULL. */
static const char *line_of(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *p;

	for (p = text; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (!strncmp(p, word, len) && isspace(p[len]))
			return p;
	return NULL;
}

/* "MIN - MAX" in the documentation. */
static bool range_of(const char *name, long *min, long *max)
{
	const char *line = line_of(doc, name), *p;

	if (!line)
		return false;
	for (p = line; (p = strstr(p, " - ")) && p < strchr(line, '\n'); p++) {
		const char *q = p;

		while (q > line && isdigit(q[-1]))
			q--;
		if (q < p && sscanf(q, "%ld - %ld", min, max) == 2)
			return true;
	}
	return false;
}

/* The value, one blank between its words. */
static void get(const char *path, char *text, size_t len)
{
	int fd = OK(open(path, O_RDONLY));
	ssize_t n = OK(read(fd, text, len - 1));
	char *p;

	close(fd);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	for (p = text; *p; p++)
		if (*p == '\t')
			*p = ' ';
}

static void get_ttp(const char *name, char *text, size_t len)
{
	char path[128];

	snprintf(path, sizeof(path), DIR_TTP "%.63s", name);
	get(path, text, len);
}

/* Gives 0 or the errno. */
static int put_at(const char *path, const char *text)
{
	int fd = OK(open(path, O_WRONLY));
	ssize_t n = write(fd, text, strlen(text));

	n = n < 0 ? errno : 0;
	close(fd);
	return n;
}

static int put(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), DIR_TTP "%.63s", name);
	return put_at(path, text);
}

/* The number as often as the sysctl has numbers. */
static const char *text_for(const char *name, long value)
{
	static char text[128];
	char was[128], *p;
	int n;

	get_ttp(name, was, sizeof(was));
	n = snprintf(text, sizeof(text), "%ld", value);
	for (p = was; (p = strchr(p, ' ')); p++)
		n += snprintf(text + n, sizeof(text) - n, " %ld", value);
	return text;
}

static void taken(const char *name, const char *text)
{
	int err = put(name, text);
	char now[128];

	if (err)
		FAIL("%s to %s: %s", text, name, strerror(err));
	get_ttp(name, now, sizeof(now));
	if (strcmp(now, text))
		FAIL("%s is %s after %s", name, now, text);
}

static void refused(const char *name, const char *text)
{
	char was[128], now[128];
	int err;

	get_ttp(name, was, sizeof(was));
	err = put(name, text);
	if (err != EINVAL)
		FAIL("%s to %s: %s", text, name, strerror(err));
	get_ttp(name, now, sizeof(now));
	if (strcmp(now, was))
		FAIL("%s was refused, but %s was %s and is %s", text, name,
		     was, now);
}

static void ranges_are_kept(void)
{
	int n = list(), i, ranged = 0;
	long min, max;

	OK(unshare(CLONE_NEWNET));
	for (i = 0; i < n; i++) {
		if (!range_of(names[i], &min, &max))
			continue;
		ranged++;
		taken(names[i], text_for(names[i], min));
		taken(names[i], text_for(names[i], max));
		refused(names[i], text_for(names[i], min - 1));
		refused(names[i], text_for(names[i], max + 1));
		refused(names[i], "99999999999999999999");
		refused(names[i], "many");
		refused(names[i], "1x");
	}
	tt_note("%d sysctls have a range", ranged);
	CHECK(ranged >= 20);
}

/* Does the program have this test, and does it name the sysctl? */
static void test_is_there(const char *name, const char *program,
			  const char *test)
{
	static char source[1 << 16];
	char text[160];
	const char *p;

	snprintf(text, sizeof(text), "%s.c", program);
	slurp(text, source, sizeof(source));
	snprintf(text, sizeof(text), "static void %s(void)", test);
	if (!strstr(source, text))
		FAIL("%s.c has no test %s, named for %s", program, test, name);
	snprintf(text, sizeof(text), "(%s", test);
	for (p = source; (p = strstr(p, text)); p++)
		if (p[strlen(text)] == ')' || p[strlen(text)] == ',')
			break;
	if (!p)
		FAIL("%s of %s.c is not run", test, program);
	p = source;
	while ((p = strstr(p, name)) &&
	       !(strchr("\"/", p[-1]) && strchr("\"/", p[strlen(name)])))
		p++;
	if (!p)
		FAIL("%s.c does not name %s", program, name);
	snprintf(text, sizeof(text), "%s", program);
	for (p = strstr(runner, "\nTESTS="); (p = strstr(p, text)); p++)
		if (strchr("\" \n", p[-1]) && strchr("\" \n", p[strlen(text)]))
			return;
	FAIL("%s is not in run_tests.sh", program);
}

static void each_has_a_test(void)
{
	char name[64], program[64], test[64], path[256], *line, *save;
	int n = list(), i;

	slurp("run_tests.sh", runner, sizeof(runner));
	for (i = 0; i < n; i++)
		if (!line_of(table, names[i]))
			FAIL("%s is not in sysctls.txt", names[i]);
	for (line = strtok_r(table, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (line[0] == '#')
			continue;
		EQ(sscanf(line, "%63s %63[^:]:%63s", name, program, test), 3);
		snprintf(path, sizeof(path), DIR_TTP "%.63s", name);
		if (strcmp(name, "mem") && access(path, F_OK))
			FAIL("there is no sysctl %s", name);
		test_is_there(name, program, test);
	}
}

/* In the table, or in the text below it. */
static void each_is_documented(void)
{
	char text[80];
	int n = list(), i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "``%.63s``", names[i]);
		if (!line_of(doc, names[i]) && !strstr(doc, text))
			FAIL("%s is not in sysctl.rst", names[i]);
	}
}

static void defaults_are_those_of_tcp(void)
{
	char ours[256], tcp[256], path[256];
	int n = list(), i, same = 0;

	OK(unshare(CLONE_NEWNET));
	for (i = 0; i < n; i++) {
		const char *line = line_of(table, names[i]);

		snprintf(path, sizeof(path), DIR_TCP "%.63s", names[i]);
		if (!line || access(path, F_OK) ||
		    memmem(line, strcspn(line, "\n"), "differs", 7))
			continue;
		get(path, tcp, sizeof(tcp));
		get_ttp(names[i], ours, sizeof(ours));
		if (strcmp(ours, tcp))
			FAIL("%s is %s, TCP's is %s", names[i], ours, tcp);
		same++;
	}
	tt_note("%d defaults are those of TCP", same);
	CHECK(same >= 15);
}

/* Values, no default among them, of those that have no range of numbers. */
static const struct {
	const char *name, *text;
} others[] = {
	{ "congestion_control", "reno" },
	{ "allowed_congestion_control", "bbr" },
	{ "fastopen_key", "00000001-00000002-00000003-00000004" },
	{ "fastopen_blackhole_timeout_sec", "3" },
	{ "netns_mem", "1 2 3" },
};

/* Another value than this, or NULL if the sysctl has one for all namespaces. */
static const char *other_than(const char *name, const char *was)
{
	long min, max;
	size_t i;

	if (range_of(name, &min, &max))
		return strcmp(text_for(name, min), was) ?
		       text_for(name, min) : text_for(name, max);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(name, others[i].name))
			return others[i].text;
	if (strcmp(name, "mem") && strcmp(name, "available_congestion_control"))
		FAIL("%s has neither a range nor a value to try", name);
	return NULL;
}

/* What is written in a new namespace does not change the old one. */
static void each_namespace_has_its_own(void)
{
	static char was[MAX_SYSCTLS][128];
	int n = list(), i, here = OK(open("/proc/self/ns/net", O_RDONLY));
	const char *other;
	char now[128];

	for (i = 0; i < n; i++)
		get_ttp(names[i], was[i], sizeof(was[i]));
	OK(unshare(CLONE_NEWNET));
	if (!access(DIR_TTP "mem", F_OK))
		FAIL("mem is in every namespace");
	for (i = 0; i < n; i++) {
		other = other_than(names[i], was[i]);
		if (other && !strcmp(other, was[i]))
			FAIL("%s is %s already", names[i], other);
		if (other)
			taken(names[i], other);
	}
	OK(setns(here, CLONE_NEWNET));
	for (i = 0; i < n; i++) {
		get_ttp(names[i], now, sizeof(now));
		if (strcmp(now, was[i]))
			FAIL("%s was %s and is %s, changed elsewhere", names[i],
			     was[i], now);
	}
}

/*
 * Set in the first namespace, ours and TCP's: what has a new one of it?  Some
 * as set, some their defaults, as with TCP.
 */
static void new_namespace_begins_as_with_tcp(void)
{
	static const char * const set[][2] = {
		{ "congestion_control", "reno" },
		{ "rmem", "5000 50000 500000" },
		{ "wmem", "6000 60000 600000" },
		{ "fin_timeout", "33" },
		{ "fastopen_key", "00000001-00000002-00000003-00000004" },
	};
	char was[2][ARRAY_SIZE(set)][128], now[2][ARRAY_SIZE(set)][128];
	char path[2][ARRAY_SIZE(set)][128];
	size_t i, k;
	int first = OK(open("/proc/1/ns/net", O_RDONLY));

	OK(setns(first, CLONE_NEWNET));
	for (i = 0; i < ARRAY_SIZE(set); i++) {
		snprintf(path[0][i], 128, DIR_TTP "%s", set[i][0]);
		snprintf(path[1][i], 128, DIR_TCP "%s", set[i][0]);
		for (k = 0; k < 2; k++) {
			get(path[k][i], was[k][i], sizeof(was[k][i]));
			EQ(put_at(path[k][i], set[i][1]), 0);
		}
	}
	OK(unshare(CLONE_NEWNET));
	for (i = 0; i < ARRAY_SIZE(set); i++)
		for (k = 0; k < 2; k++)
			get(path[k][i], now[k][i], sizeof(now[k][i]));
	OK(setns(first, CLONE_NEWNET));
	for (i = 0; i < ARRAY_SIZE(set); i++)
		for (k = 0; k < 2; k++)
			EQ(put_at(path[k][i], was[k][i]), 0);
	for (i = 0; i < ARRAY_SIZE(set); i++)
		if (strcmp(now[0][i], now[1][i]))
			FAIL("%s begins as %s, TCP's as %s", set[i][0],
			     now[0][i], now[1][i]);
}

#define OURS(fn)	TEST_FLAGS(fn, TT_ONCE | TT_TTP_ONLY)

static const struct tt_test tests[] = {
	OURS(each_has_a_test),
	OURS(each_is_documented),
	OURS(ranges_are_kept),
	OURS(defaults_are_those_of_tcp),
	OURS(each_namespace_has_its_own),
	OURS(new_namespace_begins_as_with_tcp),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
