// SPDX-License-Identifier: GPL-2.0
/*
 * This file runs the suites of module/kunit/ on the host and prints KTAP, one
 * line per case; rows of a table are named when they fail.
 */
#include <kunit/test.h>

#include "suites.h"

static struct kunit_suite * const suites[] = { TTP_KUNIT_SUITES };

static bool run_once(const struct kunit_case *c, const void *param)
{
	struct kunit test = { .param_value = param };
	size_t i;

	if (!setjmp(test.abort))
		c->run(&test);
	for (i = 0; i < test.nr_mem; i++)
		free(test.mem[i]);
	free(test.mem);
	return !test.failed;
}

/* Returns the number of rows, and adds to @failed those that failed. */
static unsigned int run_case(const struct kunit_case *c, unsigned int *failed)
{
	char desc[KUNIT_PARAM_DESC_SIZE];
	const void *param = NULL;
	unsigned int rows = 0;

	if (!c->generate) {
		*failed += !run_once(c, NULL);
		return 1;
	}
	while ((param = c->generate(param, desc))) {
		rows++;
		if (!run_once(c, param)) {
			++*failed;
			printf("    # row: %s\n", desc);
		}
	}
	return rows;
}

int main(void)
{
	unsigned int nr = 0, plan = 0, all_failed = 0;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		const struct kunit_case *c;

		for (c = suites[i]->test_cases; c->name; c++)
			plan++;
	}
	printf("TAP version 14\n1..%u\n", plan);
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		const struct kunit_case *c;

		for (c = suites[i]->test_cases; c->name; c++) {
			unsigned int failed = 0;
			unsigned int rows = run_case(c, &failed);

			printf("%sok %u %s.%s # %u of %u rows\n",
			       failed ? "not " : "", ++nr, suites[i]->name,
			       c->name, rows - failed, rows);
			all_failed += !!failed;
		}
	}
	return all_failed ? 1 : 0;
}
