/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal_private - one journal, as seen by what opens it and what reads it. */
#pragma once
#include <systemd/sd-journal.h>

#include "journal.h"
#include "journal_line.h"
#include "journal_match.h"
#include "journal_place.h"

struct journal {
	struct journal_place place;
	struct journal_match match;
	char *name;		/* owns */
	sd_journal *handle;	/* owns; NULL: not open */
	uint64_t layout;	/* of the place, when it was opened */

	char *cursor;		/* owns; of the last entry; NULL: none yet */
	bool seek;		/* go to the cursor, or where to begin */
	bool at_cursor;		/* the next entry may be that of the cursor */
	bool tail;		/* without a cursor, begin at the end */
	wall_t since;		/* or else here */
	bool begun;		/* somebody wanted an entry */
	struct journal_line line;
};
