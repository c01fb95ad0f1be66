/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bans_private - what bans.c (the truth) and bans_kernel.c (its copy) share.
 */
#pragma once
#include "base/loop.h"
#include "keeping/bans.h"

enum {
	PENDING = 256,		/* addresses that the kernel is still to be told about */
	LATER = 4096,		/* with bans that grew longer, which can wait */
};

struct pending {
	struct ipaddr who;
	bool anew;			/* as in struct enforce_ban */
};

struct bans {
	struct loop *loop;		/* borrows */
	struct enforcer *enforcer;	/* borrows */
	struct ban_db *db;		/* borrows */
	bool (*spares)(void *ctx, const char *jail, const struct ipaddr *who,
		       struct allow_match *why);
	void (*banned)(void *ctx, const struct ban *ban);
	void *ctx;
	struct ban_store *store;
	struct ban_history *history;
	struct loop_timer expiry, check;
	size_t max_bans;		/* that the kernel has room for */
	int64_t purge_age_us;
	bool restoring;			/* the kernel is told at the end, at once */
	bool complete;			/* the store has all that the database kept */
	bool settled;			/* the kernel was compared since the start */
	struct pending pending[PENDING];
	size_t n_pending;
	struct ipaddr later[LATER];	/* each has a marked ban, or had */
	size_t n_later;
	struct loop_timer tell_later;
	bool many;			/* bans_begin_many() */
	int many_err;			/* of the kernel's copy, since that */
	boot_t list, part;		/* when the latest began; its latest part */
	struct enforce_repairs pass;	/* of the comparison under way */
	struct bans_stats stats;
};

/* The kernel is to be told about @who: at the next bans_enforce_pending(), at the
 * latest.  This reads the store, so it may be called while a ban ends. */
void bans_enforce_later(struct bans *b, const struct ipaddr *who, bool anew);
/* Have the kernel do what the store says about all who wait.  0 or -errno. */
int bans_enforce_pending(struct bans *b);
/*
 * Who is banned and goes on attacking has his ban prolonged again and again, by the
 * lines that a burst had brought before.  That end is far away, so it is enough to
 * tell kernel and database of the latest, once a second.
 */
bool bans_can_wait(const struct bans *b, const struct ban *before, const struct ban *now);
void bans_put_off(struct bans *b, const struct ban *ban);
void bans_on_later(void *ctx);		/* the timer's */
/* Queue @ban for the database, with @past if it is a new one; else NULL. */
void bans_save(struct bans *b, const struct ban *ban, const struct ban_past *past);
/* Have the kernel enforce all bans of the store, and take nothing out. */
int bans_enforce_all(struct bans *b);
/* A part of bans_resync(); true when the pass is complete. */
bool bans_resync_step(struct bans *b);
