/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail - failures in, verdicts out: the policy of one jail.
 * Counts in an exact window, and says for how long to ban when it is full.
 * It does not know who is allowed (ask the allowlist first), who is banned
 * already, where lines come from or what a ban does.  A jail can be fed with
 * the bans of other jails instead of log lines, which is what recidive is.
 *
 * A failure is proven when nobody but the owner of its address can have caused it
 * (UDP lets everybody write any sender).  A jail that asks for proof counts those
 * that are not proven apart, and their verdict is no reason to ban: whoever can
 * forge one failure can forge all.
 */
#pragma once
#include "escalate.h"
#include "window.h"

struct jail;

/* What is known of somebody's earlier bans. */
struct jail_past {
	uint32_t bans;		/* how many; 0: none */
	wall_t last;		/* when the last one began */
};

struct jail_policy {
	const char *name;	/* copied */
	struct window_limits window;
	int64_t bantime_us;	/* BANTIME_FOREVER: no end */
	bool wants_proof;	/* count unproven failures apart */
	struct escalation escalation;	/* what it borrows outlives the jail */
	/* Count whole networks of this length instead of addresses; 0: addresses. */
	uint8_t count_prefix4, count_prefix6;
	/*
	 * Earlier bans of @who, in @jail or (NULL) in all of them.  Called for each
	 * failure when increment is on, else for each verdict: must be fast.  NULL:
	 * nobody has a past.
	 */
	struct jail_past (*past)(void *ctx, const char *jail, const struct ipaddr *who);
	/* A number in [0, 1) for rndtime; NULL: 0. */
	double (*random)(void *ctx);
	void *ctx;		/* borrows; for both */
};

struct failure {
	struct ipaddr addr;	/* family 0: the id is no address */
	const char *id;		/* borrows; the id's text */
	size_t id_len;
	uint32_t count;		/* failures that it stands for; 0 is 1.  A hit is
				 * one, however many lines led to it */
	wall_t when;		/* log time, not in the future (caller clamps) */
	const struct window_text *lines;	/* borrows; the evidence */
	size_t n_lines;
	int32_t regex;		/* -1: none */
	bool proven;		/* the sender is at that address */
};

/*
 * Ban @who (or, for an id that is no address, act on @id).  Everything pointed
 * to is valid until the jail is called again.
 */
struct verdict {
	struct ipaddr who;	/* the network, if the jail counts networks */
	const char *id;		/* NUL-terminated text of it */
	wall_t when;		/* the deciding failure */
	wall_t first;		/* the oldest one that counted */
	int64_t bantime_us;	/* BANTIME_FOREVER: no end */
	uint32_t failures;	/* counted within findtime, with their weights */
	uint32_t earlier;	/* bans before this one */
	bool unproven;		/* the jail wants proof and has none: not a ban */
	struct window_kept lines;	/* that led to it: window_kept_lines(), until the
					 * jail is told of anything else */
};

/* 0, -EINVAL or -ENOMEM. */
int jail_new(struct jail **out, const struct jail_policy *policy);
void jail_free(struct jail *j);		/* NULL is fine */
const char *jail_name(const struct jail *j);
const struct jail_policy *jail_policy(const struct jail *j);
/* A new policy for what follows (reload, `set`); the counts stay. */
int jail_set_policy(struct jail *j, const struct jail_policy *policy);

/* Up to WINDOW_BATCH addresses without proof that are noted next: only for speed. */
void jail_expect(const struct jail *j, const struct ipaddr *const *addrs, size_t n);
/*
 * 1: ban, see @v; 0: counted; -errno: not counted.  Failures up to the beginning
 * of somebody's last ban in this jail lead to no other one.
 */
int jail_note(struct jail *j, const struct failure *f, struct verdict *v);
/*
 * The same for a jail that counts bans (recidive): @who was banned by @by at
 * @when.  Its own bans are not counted: 0.
 */
int jail_note_ban(struct jail *j, const char *by, const struct ipaddr *who,
		  wall_t when, struct verdict *v);
/*
 * @who has shown that he belongs here: all his failures are forgotten.  True if
 * there were any.
 */
bool jail_succeeded(struct jail *j, const struct ipaddr *who);
/* The length of a ban by hand or by a network: what the past makes of it. */
int64_t jail_bantime(struct jail *j, const struct ipaddr *who, uint32_t *earlier);

/* What is counted for @addr: itself, or the network that it is in. */
struct ipaddr jail_counted(const struct jail *j, const struct ipaddr *addr);
/* The counts: status, purge, and export to the database. */
struct window *jail_window(struct jail *j);
/*
 * The same of the failures without proof, which no database keeps; NULL: the jail
 * never asked for proof.
 */
struct window *jail_unproven(struct jail *j);
