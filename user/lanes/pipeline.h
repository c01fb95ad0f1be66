/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipeline - the jails at work, and the logs they read.
 * Builds a lane for each enabled jail, follows its sources, and gives every
 * line to all the lanes that want it: a file is read once, however many jails
 * look at it.  Bans nobody: verdicts go to struct lane_ops.
 */
#pragma once
#include "lanes/lane.h"
#include "source/source.h"

struct pipeline;

struct pipeline_params {
	struct loop *loop;		/* borrows, as everything here */
	const struct config *config;	/* outlives the pipeline */
	struct regex_env *env;
	struct lane_params lane;	/* what all lanes have in common */
	struct pipeline *old;		/* being replaced by a reload, or NULL */
	/* The stored position of a source by its name; false: none. */
	bool (*position)(void *ctx, const char *name, struct source_position *p);
	/* Something was read: positions and counts are no longer as saved. */
	void (*progress)(void *ctx);
	void *ctx;
};

/*
 * Build the lanes of all enabled jails; nothing is read yet.  A jail that is
 * broken is left out: the others protect.  0, or -ENOMEM.
 */
int pipeline_new(struct pipeline **out, const struct pipeline_params *p,
		 struct diag *d);
/*
 * Start reading.  What cannot be followed is a problem of its jail, in @d, not an
 * error; a log that is not there is waited for.  After a reload the counts of @old go
 * on in the new lanes.  0 or -errno (no memory).
 */
int pipeline_start(struct pipeline *pl, struct diag *d);
/*
 * False: after the reload the jail reads something else, a log in place of the
 * journal or the other way round, and counts anew what is there.
 */
bool pipeline_goes_on(const struct lane *old, const struct lane *lane);
void pipeline_free(struct pipeline *pl);	/* NULL is fine */

size_t pipeline_count(const struct pipeline *pl);
struct lane *pipeline_lane(const struct pipeline *pl, size_t i);
struct lane *pipeline_find(const struct pipeline *pl, const char *jail);	/* or NULL */

/* Every source, and whether a lane reads it: for status and positions. */
struct sources *pipeline_sources(const struct pipeline *pl);
bool pipeline_reads(const struct source *s, const struct lane *lane);
/* Lines handed out by, and dropped for their length from, a source; NULL: a journal. */
const struct framer_stats *pipeline_framer_stats(const struct source *s);
