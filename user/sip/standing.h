/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * standing - who is known: addresses from which somebody has authenticated, and
 * until when that counts.
 * A plain set with an end for each, which the owner of the clock prolongs and lets
 * fade, and which a database keeps.  Only who has proven where he is comes in, so
 * a flood cannot; when it is full nevertheless, who would fade first goes.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

struct standing;

/* At most @max addresses.  NULL: no memory. */
struct standing *standing_new(size_t max);
void standing_free(struct standing *s);		/* NULL is fine */

/*
 * @who has authenticated at @now: known for another @age_us.  1: others (kernel,
 * database) should hear of it; 0: they know well enough, he is only a little longer
 * known than they think; -ENOMEM.
 */
int standing_note(struct standing *s, const struct ipaddr *who, wall_t now, int64_t age_us);
/* Until when; a time not after @now, or 0: he is not known. */
wall_t standing_until(const struct standing *s, const struct ipaddr *who);
/* Those whose time is over are gone; how many. */
size_t standing_fade(struct standing *s, wall_t now);

size_t standing_count(const struct standing *s);
uint64_t standing_evicted(const struct standing *s);
typedef void standing_fn(void *ctx, const struct ipaddr *who, wall_t until);
void standing_each(const struct standing *s, standing_fn *fn, void *ctx);

/*
 * State for a database, as in decide/window.h: what changed since the last export,
 * NULL as value for what is to be deleted.  standing_touch(): all of it again.
 */
typedef void standing_export_fn(void *ctx, const void *key, size_t key_len,
				const void *value, size_t value_len);
void standing_export(struct standing *s, standing_export_fn *fn, void *ctx);
void standing_touch(struct standing *s);
/* 0, -EINVAL (not ours: nothing done), -ENOMEM. */
int standing_import(struct standing *s, const void *key, size_t key_len,
		    const void *value, size_t value_len);
