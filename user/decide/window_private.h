/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window_private - what window.c (counting) and window_state.c (the database's
 * form of it) share.
 */
#pragma once
#include "base/str.h"
#include "track.h"

struct window {
	struct window_limits limits;
	int64_t unit_us;	/* times are kept in multiples of this */
	int64_t findtime;	/* in units, like all below */
	int64_t keep;		/* failures older than this, counted from the
				 * newest of their id, cannot count any more */
	struct track_table tracks;
	struct line_store lines;
	size_t back_bytes;	/* memory of all track.back */
	uint64_t failures, evicted;
	struct window_pool *pool;	/* borrows; NULL: none */
	struct window *next_in_pool;
	/* Where the frozen tracks go, and the value being put together. */
	window_export_fn *export;
	void *export_ctx;
	struct str value;
};

/* Room for @n failures; what is there stays.  0 or -ENOMEM. */
int window_reserve(struct window *w, struct track *k, uint32_t n);
/* The track of @id, new if need be; makes room for it.  TRACK_NONE: no memory. */
uint32_t window_track(struct window *w, const struct window_id *id);
/* Forget others, until there is room for one more id. */
void window_make_room(struct window *w);
void window_pool_join(struct window *w, struct window_pool *pool);	/* NULL: leave */
void window_pool_leave(struct window *w);
/* Its failures and lines go; then track_end(). */
void window_end(struct window *w, uint32_t slot);
/* It is about to change: if it is frozen, export it as it is.  It may be gone then. */
void window_thaw(struct window *w, uint32_t slot);
/* How many failures lie within findtime before its newest one, itself included. */
uint32_t window_level(const struct window *w, const struct track *k);

static inline int64_t window_units(const struct window *w, wall_t t)
{
	int64_t u = t.us / w->unit_us;

	return u * w->unit_us > t.us ? u - 1 : u;	/* towards the past */
}
