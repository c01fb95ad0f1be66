/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trial - what a filter finds in a log, for `xdpban test`.
 * The lines go through the very stages that the daemon uses; nothing is
 * counted, nobody is banned.
 */
#pragma once
#include "base/clock.h"
#include "base/diag.h"

struct trial_options {
	const char *config;	/* directory */
	const char *what;	/* a filter with parameters, a file, a jail, a regex */
	const char *log;	/* path, or "-" for standard input */
	wall_t now;		/* pretended: for dates without a year */
	const char *explain;	/* this line instead of a log; NULL: no */
	bool json;		/* one object for each line that is a failure */
	bool journal;		/* lines have no time stamp of their own */
};

/* Print to standard output.  0, or -errno with the reasons in @d. */
int trial_run(const struct trial_options *o, struct diag *d);
