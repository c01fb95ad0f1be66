/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk - every entry of a map, thousands in one call where that is possible,
 * and in steps where nobody can wait for all of them.
 */
#pragma once
#include "base/util.h"

/* Give 0 to go on; the entry given may be deleted. */
typedef int map_walk_fn(void *ctx, const void *key, const void *value);
/*
 * Call @fn for each entry: 0, what @fn gave, or -errno.  Entries that come or
 * go meanwhile may be given or not.
 */
int map_walk(int fd, map_walk_fn *fn, void *ctx);

/* The same in steps. */
struct map_walk;
int map_walk_begin(struct map_walk **out, int fd);
/* Go on, for about @n entries; gives what map_walk() does. */
int map_walk_step(struct map_walk *w, uint32_t n, map_walk_fn *fn, void *ctx);
bool map_walk_done(const struct map_walk *w);
void map_walk_end(struct map_walk *w);		/* NULL is fine */
int map_count(int fd, uint32_t *n);
