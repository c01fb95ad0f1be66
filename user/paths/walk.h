/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk - find the files that a path or pattern stands for, and the directories
 * to watch so that no later change is missed: every one on the way, where a part
 * of the path may appear, move away or be a link to something else.
 * Wildcards are those of glob(7) (* ? [), in any part of the path.
 */
#pragma once
#include <limits.h>

#include "base/util.h"

/* A name in a directory that matters; one part of the path. */
struct walk_place {
	const char *dir, *name;		/* name: maybe a pattern */
	/*
	 * What follows that part in the path, which it points into; "" behind the
	 * last.  NULL: the path has no such part, but a link leads here.
	 */
	const char *rest;
	int depth;
};

struct walker {
	/*
	 * @at matters.  Called before the directory is looked at, so a watch set
	 * here misses nothing.
	 */
	void (*place)(void *ctx, const struct walk_place *at);
	/* A regular file, or something that cannot be looked at: @path. */
	void (*file)(void *ctx, const char *path);
	void *ctx;
	size_t *seen;		/* names in directories are counted here; may be NULL */
};

/* 0, -ENAMETOOLONG, or -ELOOP when links or directories nest too deep. */
int walk(const struct walker *w, const char *pattern);
/* The same for what is called @name at @at alone. */
int walk_into(const struct walker *w, const struct walk_place *at, const char *name);
/* And for the one file at @path. */
int walk_file(const struct walker *w, const char *path);
/* "/" and "a" are "/a", "." and "a" are "./a".  False: too long. */
bool walk_join(char out[static PATH_MAX], const char *dir, const char *name);
bool walk_is_pattern(const char *path);
/* Whether @name is one that @at stands for. */
bool walk_matches(const struct walk_place *at, const char *name);
