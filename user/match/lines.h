/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines - the log lines that led to a hit: the last few, and how many in all.
 * Private to this room.
 */
#pragma once
#include "filter.h"

#define LINES_MAX	20	/* kept; older ones are only counted */
#define LINES_BYTES	4096	/* kept of each */

struct lines {
	struct hit_text v[LINES_MAX];	/* owns the texts */
	unsigned int n, count;
};

int lines_add(struct lines *l, struct hit_text line);	/* copies; 0 or -ENOMEM */
/* Move all of @from behind @l; @from is empty then. */
void lines_move(struct lines *l, struct lines *from);
void lines_clear(struct lines *l);

/* At most @max bytes of it, not cut within a character. */
struct hit_text hit_text_cut(struct hit_text t, size_t max);
/* A copy of that; .s NULL: no memory. */
struct hit_text hit_text_copy(struct hit_text t, size_t max);
