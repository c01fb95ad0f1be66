/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * family - the older generations of a log beside it: PATH.1, PATH-20240131 ...
 * Needed when rotation happened while nobody looked: to find the file whose end
 * has not been read, and those that came after it.
 */
#pragma once
#include <sys/types.h>

#include "source.h"

struct relative {
	char *name;		/* owns; in the directory */
	uint64_t inode;
	int64_t mtime_ns;
};

struct family {
	struct relative *list;	/* owns; oldest first */
	size_t n;
	size_t compressed;	/* generations that cannot be read */
};

/* True when @name is how a rotated @leaf is called, compressed or not. */
bool family_is_rotated(const char *leaf, const char *name);
bool family_is_compressed(const char *name);
/*
 * The other way round: what a log may be called of which @name is a generation.  They
 * are few, and valid during the call.
 */
void family_leaves(const char *name, void (*fn)(void *ctx, const char *leaf, size_t len),
		   void *ctx);

/* All readable generations of @leaf in @dir, and the file with @inode (0: none). */
int family_load(struct family *fam, const char *dir, const char *leaf, uint64_t inode);
void family_fini(struct family *fam);
/*
 * Which one, @owner's if that is not TRAIL_ANYBODY, is the file of @p: a descriptor for
 * the caller to close, *@at being its index; or -ENOENT.
 */
int family_find(const struct family *fam, const char *dir, uid_t owner,
		const struct source_position *p, size_t *at);
