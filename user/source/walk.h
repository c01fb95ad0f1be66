/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk - find the files that a path or pattern stands for, and the directories
 * to watch so that no later change is missed: every one on the way, where a part
 * of the path may appear, move away or be a link to something else.
 * Wildcards are those of glob(7) (* ? [), in any part of the path.
 */
#pragma once
#include "base/util.h"

struct walker {
	/*
	 * @name (maybe a pattern) in directory @dir matters.  Called before the
	 * directory is looked at, so a watch set here misses nothing.
	 */
	void (*place)(void *ctx, const char *dir, const char *name);
	/* A regular file, or something that cannot be looked at: @path. */
	void (*file)(void *ctx, const char *path);
	void *ctx;
};

/* 0, -ENAMETOOLONG, or -ELOOP when links or directories nest too deep. */
int walk(const struct walker *w, const char *pattern);
bool walk_is_pattern(const char *path);
