/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal - a followed journal, as seen by the two halves that work on it:
 * journal_follow.c understands what is wished for; source_journal.c reads it, and
 * is the only one that knows libsystemd.
 */
#pragma once
#include "journal_line.h"
#include "journal_match.h"
#include "journal_place.h"
#include "source_private.h"

struct sd_journal;

struct journal_source {
	struct source base;
	struct journal_place place;
	struct journal_match match;
	struct sd_journal *journal;	/* owns; NULL: not open */
	int fd;			/* of the journal, in the loop; -1: none */
	uint64_t layout;	/* of the place, when it was opened */
	bool stale;		/* open it again before the next read */
	bool polled;		/* nobody tells when something is written */
	struct loop_timer poll, soon;
	boot_t soon_until;	/* look again soon, up to then */

	char *cursor;		/* owns; of the last entry; NULL: none yet */
	bool seek;		/* go to the cursor, or where to begin */
	bool at_cursor;		/* the next entry may be that of the cursor */
	bool tail;		/* without a cursor, begin at the end */
	wall_t since;		/* or else here */
	bool begun;		/* somebody wanted an entry */
	struct journal_line line;
};

static inline struct journal_source *journal_of(const struct source *s)
{
	return container_of(s, struct journal_source, base);
}

/*
 * Open it, or open it again, and go on behind the cursor.  0 or -errno (-EINVAL:
 * it will never work); on failure what was open before goes on.
 */
int journal_open(struct journal_source *h);
void journal_poll_rang(void *ctx);
void journal_soon_rang(void *ctx);
