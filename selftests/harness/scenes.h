/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what a connection, a namespace and the module can go
 * through while their allocations fail.
 */
#ifndef SELFTESTS_SCENES_H
#define SELFTESTS_SCENES_H

struct scene {
	const char *name;
	void (*play)(void);
};

extern const struct scene scenes[];
extern const int nr_scenes;	/* the last one loads the module anew */

/* Those about the pages of data, in a file of their own. */
void scene_newcomer(void);
void scene_piped(void);
void scene_pinned(void);
/* By a source route; by a new route. */
void scene_routed(void);
void scene_rerouted(void);

void scene_prepare(void);
/* With memory again: what the play could not put back. */
void scene_restore(void);

#endif
