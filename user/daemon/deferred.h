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
#include "daemon/lane.h"

#define DEFERRED_MAX	4096u		/* failures waiting at a time */
#define DEFERRED_CHILDREN 16u		/* ignorecommands running at a time */
#define DEFERRED_DEADLINE_NS (10 * NS_PER_S)	/* for one of them */

struct deferred;

int deferred_new(struct deferred **out, struct loop *loop);
/* Everything that waits is forgotten.  NULL is fine. */
void deferred_free(struct deferred *d);
/* A lane goes away (reload): so does what waits for it. */
void deferred_forget(struct deferred *d, const struct lane *lane);

/* struct lane_ops: resolve and ask. */
void deferred_resolve(struct deferred *d, struct lane *lane, const struct lane_failure *f);
void deferred_ask(struct deferred *d, struct lane *lane, const struct lane_failure *f);

/* The name server for others in the daemon: ignoreip has names too. */
struct resolver *deferred_resolver(struct deferred *d);

struct deferred_stats {
	uint64_t dropped;	/* failures for which there was no room */
	uint64_t ignored;	/* that an ignorecommand spared */
	uint64_t failed;	/* ignorecommands that did not run or answer */
};
const struct deferred_stats *deferred_stats(const struct deferred *d);
