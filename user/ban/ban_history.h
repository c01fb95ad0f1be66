/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ban_history - how often each address was banned by each jail, and when last:
 * what escalation asks for each failure, so it is in memory.
 * The database keeps it over restarts.  Bounded: beyond the cap the entry that
 * was added to longest ago goes first.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

struct ban_history;

struct ban_past {
	uint32_t bans;
	wall_t last;		/* when the last one began */
	int64_t bantime_us;	/* how long it was; negative: for ever */
};

typedef void ban_history_fn(void *ctx, const char *jail, const struct ipaddr *who,
			    const struct ban_past *past);
/*
 * @gone (may be NULL) is told of every entry that goes, for whatever reason but
 * ban_history_free(), so that the database can forget it too; it must not call
 * back.  NULL: no memory.
 */
struct ban_history *ban_history_new(size_t max_entries, ban_history_fn *gone, void *ctx);
void ban_history_free(struct ban_history *h);		/* NULL is fine */

/* The past of @who in @jail; in all jails (NULL): the sum, and the last ban. */
struct ban_past ban_history_get(const struct ban_history *h, const char *jail,
				const struct ipaddr *who);
/* All of @who are about to be asked for or banned (hmap_expect()). */
void ban_history_expect(const struct ban_history *h, const struct ipaddr *who, size_t n);
/* One ban more.  Gives the new past; on -ENOMEM nothing changes. */
int ban_history_add(struct ban_history *h, const char *jail,
		    const struct ipaddr *who, wall_t since, int64_t bantime_us,
		    struct ban_past *now);
/*
 * Take back what the database kept, and add it to what has been counted since:
 * the database may be read late.  0 or -ENOMEM.
 */
int ban_history_restore(struct ban_history *h, const char *jail,
			const struct ipaddr *who, const struct ban_past *past);

/* An operator's pardon: @jail NULL is all jails.  Gives how many entries went. */
size_t ban_history_forget(struct ban_history *h, const char *jail,
			  const struct ipaddr *who);
/*
 * Forget offenders who have been good: @age_us after their last ban, and also
 * after three times its length; never those banned for ever.  One who is behind
 * somebody of late, because a log came out of order, goes a little later.
 */
size_t ban_history_purge(struct ban_history *h, wall_t now, int64_t age_us);
/*
 * All of them in pieces: rewind, then walk until it says false.  The history may
 * change in between: who stays as he is comes once.
 */
void ban_history_rewind(struct ban_history *h);
bool ban_history_walk(struct ban_history *h, size_t max, ban_history_fn *fn, void *ctx);
/* The pasts of @who in every jail. */
void ban_history_of(const struct ban_history *h, const struct ipaddr *who,
		    ban_history_fn *fn, void *ctx);
size_t ban_history_count(const struct ban_history *h);
/* How many the cap has cost so far. */
uint64_t ban_history_evicted(const struct ban_history *h);
