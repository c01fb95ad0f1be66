/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deferred_private - what deferred.c (who waits, and for whom) and deferred_kept.c
 * (what the database has of it) share.
 */
#pragma once
#include "base/loop.h"
#include "lanes/deferred.h"

/* One failure that waits.  In a list, in the order of arrival. */
struct waiting {
	struct waiting *next;
	struct deferred *all;		/* borrows */
	struct lane *lane;		/* borrows; NULL: it is gone */
	struct runner_job *job;		/* its ignorecommand, once it runs */
	bool asked;			/* waits for a command, not for a name */
	bool begun;			/* the name server was asked */
	bool saved;			/* it is in the database */
	uint64_t serial;
	const char *jail;		/* points into text */
	char *key;			/* of ignorecache; owns; NULL: no cache */
	struct lane_failure failure;	/* points into text */
	struct window_text line;	/* all lines in one */
	char text[];
};

struct deferred {
	struct loop *loop;		/* borrows */
	struct resolver *resolver;
	struct runner *runner;		/* borrows */
	struct waiting *list;		/* owns */
	struct waiting *gone;		/* owns; still in the database */
	size_t n;
	uint64_t serial;		/* of the latest */
	struct loop_timer begin;	/* for those that were taken back */
	struct waiting *running[DEFERRED_CHILDREN];	/* borrows; NULL: free */
	struct deferred_stats stats;
};

/* Copy @f, which waits from now on; NULL, and counted: there is no room. */
struct waiting *deferred_wait(struct deferred *d, struct lane *lane,
			      const struct lane_failure *f);
/* ... for the jail's ignorecommand, which is run when its turn comes. */
void deferred_wait_for_command(struct waiting *w);
