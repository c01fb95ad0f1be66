/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * positions - where reading of each source stopped, by its name: as the
 * database had it at the start, or an old pipeline at a reload.  A source may
 * ask much later: a glob may match its file only tomorrow.
 */
#pragma once
#include "base/hmap.h"
#include "source/source.h"

#define POSITIONS_MAX	10000	/* names; what comes after them is not kept */

struct positions {
	struct hmap by_name;		/* owns the entries */
	uint64_t refused;		/* by POSITIONS_MAX */
};

int positions_init(struct positions *all);	/* 0 or -ENOMEM */
void positions_fini(struct positions *all);
/*
 * Remember @p (copied) for @name, in place of an older one.  0; -ENOSPC: there are
 * POSITIONS_MAX others, and one more refused; -ENOMEM.
 */
int positions_put(struct positions *all, const char *name,
		  const struct source_position *p);
/* NULL if there is none; @p's cursor is valid until the next put. */
const struct source_position *positions_get(const struct positions *all, const char *name);
/*
 * Forget those of logs that are gone: @live does not follow them, and no file has
 * their name, though the file system it was on is there (a mount can be away for a
 * while).  @gone hears each name before.  Journals are no files, and stay.
 */
typedef void positions_gone_fn(void *ctx, const char *name);
void positions_forget_gone(struct positions *all, const struct sources *live,
			   positions_gone_fn *gone, void *ctx);
