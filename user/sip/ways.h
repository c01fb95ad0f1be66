/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of fixed size that forget: what belongs to a hash is in one set of WAYS
 * entries, and whatever comes new takes the place of the oldest there.
 */
#pragma once
#include "base/util.h"

enum { WAYS = 8 };

/* How many sets there are to be, a power of two, for about @max entries. */
static inline size_t ways_sets(size_t max)
{
	size_t sets = 1;

	/* Sets fill unevenly: half as many again. */
	while (sets * WAYS < max + max / 2)
		sets *= 2;
	return sets;
}
