/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lane - one jail at work: a line goes in, what it means comes out.
 * The only place that knows the order of the stages: stamp finds the date,
 * match decides whether the line is a failure, freshness what time it counts
 * with, the allowlists whether it may count, and the jail whether it is enough.
 * Serves the daemon, `replay` and `test` alike; it reads no clock and bans
 * nobody: its owner does, through struct lane_ops.
 */
#pragma once
#include "base/clock.h"
#include "config/config.h"
#include "decide/allowlist.h"
#include "decide/ignorecache.h"
#include "decide/jail.h"
#include "match/filter.h"
#include "stamp/freshness.h"
#include "stamp/stamp.h"

struct challenges;
struct lane;
struct regex_env;

/* The moment of a wake-up, on both clocks. */
struct now {
	boot_t boot;
	wall_t wall;
};

/* A failure on its way to the jail; everything it points to is borrowed. */
struct lane_failure {
	struct hit_text id;
	struct ipaddr addr;		/* family 0: not an address */
	const struct window_text *lines;	/* what was logged */
	size_t n_lines;
	wall_t when;
	int regex;
	bool proven;			/* decide/jail.h */
};

/*
 * What is known of somebody by other means than a line of a log: the SIP sensor,
 * an event of a PBX, a message of another program.
 */
struct report {
	struct ipaddr who;
	wall_t when;
	const char *text;		/* borrows; one readable line, for `why` */
	size_t len;
	bool proven;			/* nobody else can have sent it */
	enum report_what { REPORT_FAILURE, REPORT_SUCCESS } what;
};

struct lane_ops {
	/*
	 * For `test`: a hit as the filter saw it, and its time (NULL: not
	 * known).  When set, nothing is counted and nobody else is told.
	 */
	void (*hit)(void *ctx, struct lane *lane, const struct hit *hit,
		    const wall_t *when);
	/* The jail has had enough of somebody. */
	void (*verdict)(void *ctx, struct lane *lane, const struct verdict *v,
			const struct now *now);
	/*
	 * The id is a host name that must be resolved first: copy @f, and hand
	 * it to lane_count() once for each address.  NULL: names do not count.
	 */
	void (*resolve)(void *ctx, struct lane *lane, const struct lane_failure *f);
	/*
	 * The jail has an ignorecommand: copy @f, run it, and hand @f to
	 * lane_count_unasked() unless the command says so.  NULL: not asked.
	 */
	void (*ask)(void *ctx, struct lane *lane, const struct lane_failure *f);
	/*
	 * The log, or a report with proof, says that @who has logged in.  NULL:
	 * nobody wants to know.
	 */
	void (*success)(void *ctx, const struct ipaddr *who, const struct now *now);
	void *ctx;
};

struct lane_stats {
	uint64_t lines, bytes;
	uint64_t hits;		/* lines that are failures, before any allowlist */
	uint64_t found;		/* failures counted */
	uint64_t timeless;	/* hits dropped: too old, or of no known time */
	uint64_t allowed;	/* failures of those who may */
	uint64_t names;		/* failures of host names nobody resolves */
	uint64_t proven;	/* of those found */
	bool doubtful;		/* others can write whole lines of this log: since
				 * that was seen, nothing in it proves anything */
	uint64_t successes;	/* that cleared somebody's failures */
	uint64_t verdicts;	/* of them, .limits without proof */
	uint64_t limits;
	uint64_t lost;		/* failures not counted for lack of memory */
};

struct lane_params {
	const struct config_jail *conf;	/* borrows; outlives the lane */
	struct regex_env *env;		/* borrows */
	struct allowlist *everyone;	/* borrows; whom no jail bans; NULL: none */
	struct lane_ops ops;
	size_t max_ids;			/* tracked at once, if there is no pool */
	uint8_t ipv6_prefix;		/* count IPv6 as networks of this length;
					 * 0 or 128: each address by itself */
	struct window_pool *pool;	/* borrows; what all lanes share, or NULL */
	struct jail_past (*past)(void *ctx, const char *jail, const struct ipaddr *who);
	double (*random)(void *ctx);
	bool no_lines;			/* nobody asks what lines led to a verdict */
	bool graded;			/* what has no proof has consequences, too:
					 * `evidence` of SIP jails is proven if they
					 * do not say otherwise */
	struct challenges *challenges;	/* borrows; what the server sent whom, by its
					 * log or on the wire; NULL: nobody knows */
	bool as_logged;			/* replay: lines of any age count, with
					 * their own time */
};

/*
 * Build everything the jail needs.  0; -EINVAL with the problems in @d; -ENOMEM.
 */
int lane_new(struct lane **out, const struct lane_params *p, wall_t now,
	     struct diag *d);
void lane_free(struct lane *l);		/* NULL is fine */

/* One line (without its end) from the source that @fresh belongs to. */
void lane_line(struct lane *l, struct freshness *fresh, const char *line,
	       size_t len, const struct now *now);
/* The same for a line whose time is known and not in its text (a journal). */
void lane_timed_line(struct lane *l, struct freshness *fresh, const char *line,
		     size_t len, wall_t when, const struct now *now);
/* All lines of a run (line/framer.h). */
void lane_run(struct lane *l, struct freshness *fresh, const char *data,
	      size_t len, const struct now *now);

/* A failure that had to wait: through the allowlists, or straight to the jail. */
void lane_count(struct lane *l, const struct lane_failure *f, const struct now *now);
void lane_count_unasked(struct lane *l, const struct lane_failure *f,
			const struct now *now);

/*
 * For a jail that counts bans: @by has banned @who at @when.  Its own bans do not
 * count.
 */
void lane_note_ban(struct lane *l, const char *by, const struct ipaddr *who,
		   wall_t when, const struct now *now);

/*
 * A failure counts like one of a line: through the allowlists and ignorecommand,
 * with its own time (not later than now; older than findtime: not at all).  A
 * success clears what was counted.  1: somebody's failures were cleared, or the
 * jail had enough; 0; or -errno: not counted.
 */
int lane_report(struct lane *l, const struct report *r, const struct now *now);

const struct config_jail *lane_conf(const struct lane *l);
const struct lane_stats *lane_stats(const struct lane *l);
struct jail *lane_jail(struct lane *l);
struct allowlist *lane_allow(struct lane *l);
/* What the jail's ignorecommand said lately; NULL: not kept. */
struct ignorecache *lane_ignorecache(struct lane *l);
struct stamp *lane_stamp(struct lane *l);
struct filter *lane_filter(struct lane *l);
/*
 * What its bans shut, as the enforcer numbers it (0: everything), or
 * LANE_REPORTS: the jail has no firewall action, so it bans nobody.
 */
#define LANE_REPORTS	(-1)
void lane_set_scope(struct lane *l, int scope);
int lane_scope(const struct lane *l);
/*
 * After a reload: go on with the counts of @old, which the caller frees.  0, or -errno:
 * nothing was taken over.
 */
int lane_inherit(struct lane *l, struct lane *old);
