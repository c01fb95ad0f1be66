// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is forgotten when there is no room for another id. */
#include <stdlib.h>

#include "window_private.h"

/*
 * Ages may take so many bytes for each allowed id on average, and some more:
 * plenty for a usual maxretry, and a bound for one of thousands.
 */
enum { BACK_PER_ID = 64, BACK_FREE = 1 << 20 };

struct window_pool {
	size_t max_ids;
	struct window *first;	/* borrows; they leave when they are freed */
};

struct window_pool *window_pool_new(size_t max_ids)
{
	struct window_pool *p = calloc(1, sizeof(*p));

	if (p)
		window_pool_set_max(p, max_ids);
	return p;
}

void window_pool_free(struct window_pool *p)
{
	free(p);
}

void window_pool_set_max(struct window_pool *p, size_t max_ids)
{
	p->max_ids = max_ids ? max_ids : 1;
}

void window_pool_join(struct window *w, struct window_pool *p)
{
	window_pool_leave(w);
	w->pool = p;
	if (!p)
		return;
	w->next_in_pool = p->first;
	p->first = w;
}

void window_pool_leave(struct window *w)
{
	struct window **at = w->pool ? &w->pool->first : NULL;

	while (at && *at != w)
		at = &(*at)->next_in_pool;
	if (at)
		*at = w->next_in_pool;
	w->pool = NULL;
}

/* ---- making room --------------------------------------------------------- */

/* The windows that share what @w needs: those of its pool, or itself. */
static struct window *first_of(struct window *w)
{
	return w->pool ? w->pool->first : w;
}

static struct window *next_of(const struct window *w)
{
	return w->pool ? w->next_in_pool : NULL;
}

static uint32_t least_level(const struct window *w, uint32_t level)
{
	uint32_t slot = track_least(&w->tracks, level);

	return slot == TRACK_NONE ? TRACK_LEVELS : track_at(&w->tracks, slot)->level;
}

/*
 * End the least suspicious id of level @level and up; among several windows with
 * such a one, that of the largest: a flood of one jail's log pushes out its own.
 */
static bool evict(struct window *mine, uint32_t level)
{
	struct window *from = NULL;
	uint32_t best = TRACK_LEVELS;

	for (struct window *w = first_of(mine); w; w = next_of(w)) {
		uint32_t least = least_level(w, level);

		if (least > best || least == TRACK_LEVELS ||
		    (least == best && w->tracks.live <= from->tracks.live))
			continue;
		best = least;
		from = w;
	}
	if (!from)
		return false;
	window_end(from, track_least(&from->tracks, level));
	from->evicted++;
	return true;
}

static size_t live_ids(struct window *mine)
{
	size_t n = 0;

	for (struct window *w = first_of(mine); w; w = next_of(w))
		n += w->tracks.live;
	return n;
}

static size_t back_bytes(struct window *mine)
{
	size_t n = 0;

	for (struct window *w = first_of(mine); w; w = next_of(w))
		n += w->back_bytes;
	return n;
}

void window_make_room(struct window *w)
{
	size_t max = w->pool ? w->pool->max_ids : w->limits.max_ids;

	while (live_ids(w) >= max && evict(w, 1))
		;
	/* Only ids with ages free the memory of ages: those of level 2 and up. */
	while (back_bytes(w) > BACK_FREE + max * BACK_PER_ID && evict(w, 2))
		;
}
