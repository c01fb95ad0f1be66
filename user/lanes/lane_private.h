/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lane_private - what lane_new.c (making a lane) and lane.c (its work) share.
 */
#pragma once
#include "lanes/lane.h"

enum { LANE_LAST_MAX = 512 };	/* bytes kept of the last dated line */

/* A failure that is not counted yet. */
struct lane_waiting {
	struct ipaddr addr;
	wall_t when;
	int regex;
	bool proven;
	struct window_text line;	/* borrows from the run at hand */
};

struct lane {
	const struct config_jail *conf;	/* borrows */
	struct stamp *stamp;
	struct filter *filter;
	struct jail *jail;
	struct allowlist *allow, *everyone;	/* owns, borrows */
	struct ignorecache *ignorecache;	/* NULL: none */
	struct lane_ops ops;
	bool as_logged;
	int scope;
	struct challenges *challenges;	/* borrows; or NULL */
	uint64_t deaf;			/* marks of what nobody wants to know */
	struct lane_stats stats;

	/* The line at hand. */
	const char *line;
	const char *run_end;		/* of the run that it is in; NULL: alone */
	const struct stamp_date *date;	/* NULL: none */
	const wall_t *given;		/* its time, if it came with it; or NULL */
	const struct now *now;
	/*
	 * The last dated line, as far as its date needs: a line without one may
	 * count with that time.  Kept as text, since computing every date would
	 * cost more than all the rest.
	 */
	struct {
		const char *line;	/* borrows from the run at hand, or @text */
		size_t len;
		struct stamp_date date;
		bool set;
		char text[LANE_LAST_MAX];
	} last;
	/* Failures of the run at hand, to be counted together, in their order. */
	struct {
		struct lane_waiting v[WINDOW_BATCH];
		size_t n;
		bool open;
	} waiting;
};
