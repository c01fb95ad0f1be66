/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deferred - failures that cannot be counted yet, because somebody else has to
 * answer first: a name server (usedns) or the jail's ignorecommand.
 * What waits is copied and capped; when too much waits, a failure is dropped
 * and counted, because banning somebody whom the command would have spared is
 * worse than counting one failure less.
 */
#pragma once
#include "base/resolve.h"
#include "confine/runner.h"
#include "lanes/lane.h"

#define DEFERRED_MAX	4096u		/* failures waiting at a time */
#define DEFERRED_CHILDREN RUNNER_JOBS	/* ignorecommands running at a time */

struct deferred;

/* @runner runs the commands.  Borrows both.  0 or -errno. */
int deferred_new(struct deferred **out, struct loop *loop, struct runner *runner);
/* Everything that waits is forgotten.  NULL is fine. */
void deferred_free(struct deferred *d);
/* A lane goes away (reload): what waits goes to @heir, or away if there is none. */
void deferred_move(struct deferred *d, const struct lane *lane, struct lane *heir);

/* struct lane_ops: resolve and ask. */
void deferred_resolve(struct deferred *d, struct lane *lane, const struct lane_failure *f);
void deferred_ask(struct deferred *d, struct lane *lane, const struct lane_failure *f);

/*
 * The log is not read again for failures that wait: they are part of what is written
 * down, each for its jail under a key of its own, and asked about again after a
 * crash.  Of a failure's lines the first DEFERRED_TEXT bytes are kept.
 */
#define DEFERRED_TEXT	1024u
/* @value NULL: it waits no longer. */
typedef void deferred_export_fn(void *ctx, const char *jail, const void *key,
				size_t key_len, const void *value, size_t value_len);
/* What has changed since the last time; after deferred_touch(): everything. */
void deferred_export(struct deferred *d, deferred_export_fn *fn, void *ctx);
void deferred_touch(struct deferred *d);
/* Is @key one of these? */
bool deferred_is_key(const void *key, size_t key_len);
/*
 * Take one back, before any new one comes; it is asked about as soon as the loop
 * runs.  0, -EINVAL (it is none, or there is no room) or -ENOMEM.
 */
int deferred_import(struct deferred *d, struct lane *lane, const void *key,
		    size_t key_len, const void *value, size_t value_len);

/* The name server for others in the daemon: ignoreip has names too. */
struct resolver *deferred_resolver(struct deferred *d);

struct deferred_stats {
	uint64_t dropped;	/* failures for which there was no room, or that the
				 * resolver did not take */
	uint64_t ignored;	/* that an ignorecommand spared */
	uint64_t failed;	/* ignorecommands that did not run or answer */
};
const struct deferred_stats *deferred_stats(const struct deferred *d);
