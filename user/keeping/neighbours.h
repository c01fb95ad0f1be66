/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * neighbours - when many addresses of one network were banned lately, ban the
 * network (settings aggregate, aggregate-within ...; off by default).
 * decide/aggregate.h counts; here is what follows from it.
 */
#pragma once
#include "decide/aggregate.h"
#include "keeping/bans.h"

/* The pseudo jail of bans of networks, and the owner of the counts on disk. */
#define NEIGHBOURS_JAIL		"aggregate"
#define NEIGHBOURS_OWNER	"[aggregate]"	/* no jail can have this name */

struct neighbours;

/* Borrows @bans.  0 or -ENOMEM. */
int neighbours_new(struct neighbours **out, struct bans *bans,
		   const struct config_settings *settings);
void neighbours_free(struct neighbours *n);	/* NULL is fine */
/*
 * New settings (reload).  When other networks are counted from now on, what was
 * counted is forgotten.  0 or -ENOMEM; then the old ones stay.
 */
int neighbours_configure(struct neighbours *n, const struct config_settings *settings);

/* Somebody was banned by a jail: this may ban the network around him. */
void neighbours_note(struct neighbours *n, const struct ban *ban);
/* He was pardoned, and does not count any more. */
void neighbours_forget(struct neighbours *n, const struct ipaddr *who);
void neighbours_purge(struct neighbours *n, wall_t now);

/*
 * For the database, as in aggregate.h; while it is switched off there is nothing,
 * and nothing is taken (-EINVAL).
 */
void neighbours_export(struct neighbours *n, aggregate_export_fn *fn, void *ctx);
void neighbours_touch(struct neighbours *n);
int neighbours_import(struct neighbours *n, const void *key, size_t key_len,
		      const void *value, size_t value_len);

struct neighbours_stats {
	size_t nets;			/* watched now */
	uint64_t banned;		/* networks, since the start */
	uint64_t spared;		/* networks with somebody allowed in them */
	uint64_t evicted;		/* networks forgotten early, for lack of room */
};
struct neighbours_stats neighbours_stats(const struct neighbours *n);
