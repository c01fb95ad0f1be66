/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bans_private - what bans.c (the truth) and bans_kernel.c (its copy) share.
 */
#pragma once
#include "base/loop.h"
#include "keeping/bans.h"

/* Addresses that the kernel is still to be told about. */
enum { PENDING = 256 };

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
/* Have the kernel enforce all bans of the store, and take nothing out. */
int bans_enforce_all(struct bans *b);
/* A part of bans_resync(); true when the pass is complete. */
bool bans_resync_step(struct bans *b);
