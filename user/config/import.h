/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import - take over the configuration of a Fail2ban that is installed: its
 * files, and what will mean something else here.  Nothing is changed where it
 * comes from, and nothing that was there before is lost.
 */
#pragma once
#include "config.h"

enum import_event {
	IMPORT_COPIED,
	IMPORT_REPLACED,	/* ours had another file there; kept beside it */
	IMPORT_KEPT,		/* ours stays: a filter or action written for xdpban */
	IMPORT_FAILED,
	IMPORT_NOTE,		/* something means something else here */
};

/* @path is relative to the configuration, or NULL; @text NULL: nothing to add. */
typedef void import_say(void *ctx, enum import_event event, const char *path,
			const char *text);

struct import_options {
	const char *from;		/* /etc/fail2ban */
	const char *to;			/* /etc/xdpban; made if it is not there */
	import_say *say;
	void *ctx;
};

#define IMPORT_BACKUP	".before-import"	/* ours, when theirs came instead */

/*
 * Copy every configuration file.  Files that are the same are not mentioned.
 * 0, or the first -errno; all is tried, and each failure told.
 */
int import_files(const struct import_options *o);

/*
 * Write a file of our own into @c, the configuration now in place, for what does
 * not work as it stands: recidive, which reads Fail2ban's log.  1: read the
 * configuration anew; 0: nothing to mend; -errno, which was said.
 */
int import_mend(const struct config *c, import_say *say, void *ctx);

/* What of @c will not be as it was there, each once with its jails. */
void import_notes(const struct config *c, import_say *say, void *ctx);

/* Where Fail2ban keeps its bans: heap memory; NULL: nowhere, or no memory. */
char *import_dbfile(const char *from);
