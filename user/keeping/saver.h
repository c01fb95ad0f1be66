/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * saver - what the database is told, and when.
 * Bans, counts and log positions of one moment go into one transaction, so
 * whatever happens, what is on disk is the state after some line of the logs:
 * the lines behind it are read again and give the same bans.
 */
#pragma once
#include "keeping/bans.h"
#include "keeping/neighbours.h"
#include "lanes/deferred.h"
#include "lanes/pipeline.h"
#include "lanes/positions.h"
#include "pbx/sip.h"

#define SAVER_DELAY_NS	NS_PER_S	/* from a change to its commit */

struct saver;

/* Borrows all; @pipeline is looked at when something is saved. */
struct saver_params {
	struct loop *loop;
	struct ban_db *db;
	struct bans *bans;
	struct neighbours *neighbours;
	struct sip *sip;	/* NULL: nothing of it is saved, as in tests */
	struct deferred *deferred;	/* the same */
	struct positions *positions;
	struct pipeline *const *pipeline;
};

/* 0 or -errno. */
int saver_new(struct saver **out, const struct saver_params *p);
void saver_free(struct saver *s);	/* NULL is fine; saves nothing */

/*
 * Read bans, past, counts and positions back, before any log is read, and have
 * the bans enforced.  A database that cannot be read now is tried again; its bans
 * stand in the kernel until then.  The error of the kernel's copy, or 0.
 */
int saver_load(struct saver *s);
/* Something changed: commit soon.  Cheap: called for each piece of a log. */
void saver_touch(struct saver *s);
/* The same, but at once: somebody did it by hand, and was told that it is done. */
void saver_hurry(struct saver *s);
/* The same, and tell @w when it is in the database.  Lives inside its owner. */
struct saver_wait {
	struct saver_wait *next, **link;	/* NULL: does not wait */
	uint64_t moment;
	void (*saved)(void *ctx);	/* from the loop; it waits no more then */
	void *ctx;
};
void saver_wait(struct saver *s, struct saver_wait *w);
void saver_wait_cancel(struct saver_wait *w);	/* fine if it does not wait */
/*
 * Be done with what is being saved in slices: before lanes or the configuration
 * go away.
 */
void saver_settle(struct saver *s);
/* Save and wait until it is written: at the end.  0, or -errno: it is not. */
int saver_flush(struct saver *s);
/* Forget everything a jail that is gone had counted. */
void saver_forget_jail(struct saver *s, const char *jail);
