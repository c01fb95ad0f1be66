/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trail - the way to a file over links, and whose they are.
 * We may read every file, and whoever may write into a directory of logs can put links
 * there.  So a link leads anywhere if root made it, or we did; a link that somebody
 * else made leads to his own files only.  Nothing is opened for reading before that
 * is known, and before it is known to be a regular file: a device could do anything.
 */
#pragma once
#include <sys/stat.h>

#include "base/util.h"

/* No link, or only such that lead anywhere. */
#define TRAIL_ANYBODY	((uid_t)-1)

struct trail {
	int fd;			/* O_PATH; of what the path leads to; the caller's */
	struct stat st;
	uid_t owner;		/* whose links led here, or TRAIL_ANYBODY */
};

/* 0, or -errno: -EPERM when the links are of different people, -ELOOP, -ENOENT ... */
int trail_follow(const char *path, struct trail *t);
/*
 * Open the regular file at @path for reading; never blocks.  Besides whose links say so
 * it must be @owner's.  A descriptor, or -errno: -EINVAL: it is no regular file; -EPERM:
 * it is another's.
 */
int trail_open(const char *path, uid_t owner, struct stat *st);
