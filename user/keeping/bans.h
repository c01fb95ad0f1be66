/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bans - everything about who is banned now, kept in step: the store (the
 * truth), the history, the database and the kernel's copy.
 * Whoever wants somebody banned or pardoned says so here and nowhere else.
 */
#pragma once
#include "ban/ban_db.h"
#include "config/config.h"
#include "enforce/enforcer.h"
#include "lanes/lane.h"

struct bans;

struct bans_params {
	struct loop *loop;			/* borrows, as everything here */
	const struct config_settings *settings;	/* for the call only */
	struct enforcer *enforcer;
	struct ban_db *db;
	/* May @jail not ban @who?  @why may be NULL. */
	bool (*spares)(void *ctx, const char *jail, const struct ipaddr *who,
		       struct allow_match *why);
	/* A new ban stands, or would have stood (not a restored one); may ban others. */
	void (*banned)(void *ctx, const struct ban *ban);
	void *ctx;
};

/* 0 or -ENOMEM. */
int bans_new(struct bans **out, const struct bans_params *p);
void bans_free(struct bans *b);		/* NULL is fine; bans stay in force */
/* New settings (reload).  More bans than the kernel has room for need a restart. */
void bans_configure(struct bans *b, const struct config_settings *settings);

/*
 * Take back what the database kept (a ban_db_reader's functions).  0 or -ENOMEM; who
 * may not be banned any more, and for whom there is no room, is left out.
 */
int bans_restore(struct bans *b, const struct ban *ban, const char *scope);
int bans_restore_past(struct bans *b, const char *jail, const struct ipaddr *who,
		      const struct ban_past *past);
/*
 * Queue every ban and past for a database that lost them, about @max for each
 * call; false after the last.  Zeroed in the beginning; changes meanwhile are fine.
 */
struct bans_dump { struct ban_cursor cursor; bool bans_done; };
bool bans_save_some(struct bans *b, struct bans_dump *at, size_t max);
/*
 * Restoring is over, the kernel is told of everything.  What it has beside that is
 * taken out by the first comparison, a minute later: the last run may have died
 * before it wrote down its last bans, which the log will give again.  Not
 * @complete: the database cannot be read yet, and what is in the kernel may be its
 * bans; nothing is taken out before this is called again with @complete.
 */
int bans_begin(struct bans *b, bool complete);
/* Bring the kernel's copy in line with all bans, at once.  0, or what the backend said. */
int bans_resync(struct bans *b);
/*
 * How many of some bans, *@asked, are not in the kernel now.  The comparison that
 * puts them back comes once a minute; whoever asks for the status need not wait.
 */
size_t bans_gone(struct bans *b, size_t *asked);

struct ban_wish {
	struct ipaddr who;
	const char *jail;
	uint16_t scope;			/* bans_scope() */
	wall_t since;			/* log time of the deciding failure */
	int64_t bantime_us;		/* negative: for ever */
	uint32_t failures;		/* 0: by hand */
	uint32_t earlier;
	const char *reason, *lines;	/* may be NULL */
	bool restored;			/* it is an older one taken up again: not
					 * another ban in anybody's history */
};
/*
 * BAN_NEW, BAN_PROLONGED or BAN_SAME (ban_store.h); -EPERM: @who may not be
 * banned (@why says what saves it); -ETIME: it would have ended already, and only
 * counts as one of his bans if failures led to it;
 * -EINVAL, -ENOSPC, -ENOMEM (ban_store.h); or what the backend said, then the ban
 * stands in the store and is tried again by bans_resync().  @why may be NULL.
 */
int bans_add(struct bans *b, const struct ban_wish *w, struct allow_match *why);
/*
 * Kernel and database hear at once of every ban, but of one that only grew longer a
 * second later at most.  This is now; before a commit, which must have all of them.
 */
void bans_tell_all(struct bans *b);
/*
 * False: @who is banned, and waits for that already with the lines of another
 * failure, which will do.  Lines are dear while a flood is read.
 */
bool bans_wants_lines(const struct bans *b, const char *jail, const struct ipaddr *who);
/*
 * Many by hand, between these two: the kernel is told in batches, at the end of
 * the latest, and each of them is only logged for debugging, the caller says how
 * many there were.  bans_end_many() gives what the backend said.
 */
void bans_begin_many(struct bans *b);
/* Of those: these come next, BANS_AHEAD at most.  Only makes it faster. */
#define BANS_AHEAD	32
void bans_expect(struct bans *b, const struct ipaddr *who, size_t n);
int bans_end_many(struct bans *b);
/*
 * The number of a scope from the text that list and database have; NULL is
 * everything, and so is a scope that cannot be had any more: the banned stay so.
 */
uint16_t bans_scope_number(struct bans *b, const char *text);
/*
 * Lift the bans of exactly @who, and, for a network, of all inside it; @jail NULL: of
 * all jails.  Their past is forgotten, too.  Gives how many bans.
 */
size_t bans_lift(struct bans *b, const struct ipaddr *who, const char *jail);
size_t bans_lift_all(struct bans *b, const char *jail);

/*
 * The number of what @jail's bans shut: all that its firewall actions name
 * together.  LANE_REPORTS if it has none.  0; -E2BIG, -ENOSPC: too many ports or
 * scopes, or another -errno: *@id is everything then.
 */
int bans_scope(struct bans *b, const struct config_jail *jail, int *id);

/*
 * The same as a plain value.  1: these ports and protocols, 0: everything,
 * -ENOENT: the jail has no firewall action, -E2BIG.
 */
int bans_scope_of(const struct config_jail *jail, struct enforce_scope *out);

/* Forget offenders who have been good for long enough.  False: none is left. */
bool bans_purge(struct bans *b);
struct ban_past bans_past(struct bans *b, const char *jail, const struct ipaddr *who);
/* The pasts of @who in every jail. */
void bans_pasts(struct bans *b, const struct ipaddr *who, ban_history_fn *fn, void *ctx);
/* How many of them were forgotten early, as there were too many offenders. */
uint64_t bans_pasts_evicted(const struct bans *b);
struct ban_store *bans_store(struct bans *b);

struct bans_stats {
	uint64_t refused_allowed;	/* bans of somebody who may not be banned */
	uint64_t over;			/* bans that had ended before they began */
	uint64_t backend_errors;	/* changes the backend did not take */
	uint64_t repaired;		/* entries that had gone from the kernel */
	uint64_t foreign;		/* entries that were not ours */
	int last_error;			/* of the backend; 0: all is well */
};
const struct bans_stats *bans_stats(const struct bans *b);
