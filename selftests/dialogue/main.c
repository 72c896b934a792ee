// SPDX-License-Identifier: GPL-2.0
/*
 * This file is the segment-dialogue tester: it plays scripts against the
 * kernel, each as a case of its own for IPv4 and IPv6.
 *
 * usage: dlg [-c] [-F ttp|tcp] [-4|-6] SCRIPT...
 *
 * -c only reads the scripts.  Exit status: 0 all passed, 1 some failed,
 * 4 none could be played, 2 a script cannot be read.
 */
#include <stdlib.h>
#include <unistd.h>

#include "dlg.h"

static struct script *scripts;
static int nr_scripts;

/* The case's name is that of the script and "_v4" or "_v6". */
static void play_this(void)
{
	size_t len = strlen(tt.name) - 3;
	int i;

	for (i = 0; i < nr_scripts; i++)
		if (strlen(scripts[i].name) == len &&
		    !strncmp(scripts[i].name, tt.name, len))
			dlg_play(&scripts[i]);
}

/* Those that wait play together, behind the others. */
static int waits_last(const void *a, const void *b)
{
	const struct script *x = a, *y = b;

	if (x->alone != y->alone)
		return x->alone - y->alone;
	return strcmp(x->name, y->name);
}

int main(int argc, char **argv)
{
	struct tt_test *tests;
	char *options[8] = { argv[0] };
	int n = 1, i;

	for (i = 1; i < argc && argv[i][0] == '-' && n < 7; i++) {
		options[n++] = argv[i];
		if (!strcmp(argv[i], "-F") && i + 1 < argc)
			options[n++] = argv[++i];
	}
	scripts = calloc(argc, sizeof(*scripts));
	tests = calloc(argc, sizeof(*tests));
	if (!scripts || !tests || i == argc) {
		fprintf(stderr, "usage: %s [-c] [-F ttp|tcp] [-4|-6] SCRIPT...\n",
			argv[0]);
		return 2;
	}
	for (; i < argc; i++)
		dlg_parse(&scripts[nr_scripts++], argv[i]);
	if (n > 1 && !strcmp(options[1], "-c")) {
		printf("%d scripts can be read\n", nr_scripts);
		return 0;
	}
	qsort(scripts, nr_scripts, sizeof(*scripts), waits_last);
	for (i = 0; i < nr_scripts; i++)
		tests[i] = (struct tt_test){
			scripts[i].name, play_this,
			scripts[i].alone ? TT_PARALLEL : 0,
		};
	return tt_main(n, options, tests, nr_scripts);
}
