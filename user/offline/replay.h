/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay - logs through the jails with the logs' own time, for `replay`:
 * which bans would have followed.  Touches neither kernel nor database.
 */
#pragma once
#include "base/clock.h"
#include "base/diag.h"

struct replay_options {
	const char *config;	/* directory */
	const char *jail;	/* this one, enabled or not; NULL: all enabled ones */
	wall_t now;		/* pretended: for dates without a year */
	bool json;
	char *const *logs;	/* paths, "-" for standard input, read in order */
	int n_logs;
};

/* Print to standard output.  0, or -errno with the reasons in @d. */
int replay_run(const struct replay_options *o, struct diag *d);
