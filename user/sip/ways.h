/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of fixed size that forget: what belongs to a hash is in one set of WAYS
 * entries, and whatever comes new takes the place of the oldest there.
 */
#pragma once
#include <stdlib.h>

#include "base/hmap.h"
#include "base/util.h"

enum { WAYS = 8 };

/* What such a table begins with; its entries stand behind its other members. */
struct ways {
	uint64_t seed[2];	/* of whatever is hashed for it */
	size_t n_sets;		/* a power of two */
};

/*
 * A table for about @max entries of @entry bytes, behind @head bytes: all of it zero
 * but the struct ways that it begins with.  NULL: no memory; else to be freed.
 */
static inline void *ways_new(size_t max, size_t head, size_t entry)
{
	struct ways *w;
	size_t sets = 1;

	/* Sets fill unevenly: half as many again. */
	while (sets * WAYS < max + max / 2)
		sets *= 2;
	w = calloc(1, head + sets * WAYS * entry);
	if (!w)
		return NULL;
	w->n_sets = sets;
	hmap_draw_seed(w->seed);
	return w;
}

/* Which entry is the first of the set that @hash belongs to. */
static inline size_t ways_at(const struct ways *w, uint64_t hash)
{
	return (hash >> 32 & (w->n_sets - 1)) * WAYS;
}
