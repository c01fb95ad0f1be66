/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * line_store - the log lines kept as evidence for the ids of one window.
 * A ring: each line is written behind the last one, over those that have been
 * kept longest, whoever they belong to, and says where the line before it of the
 * same id is.  So a flood costs a copy for each line, and nothing when it goes.
 * Private to the window.
 */
#pragma once
#include "window.h"

/* Where a line is: counted from the first line ever.  LINE_NONE: nowhere. */
typedef uint64_t line_at;
#define LINE_NONE	((line_at)0)

struct line_store {
	char *ring;		/* owns; grows up to @max, then goes round */
	size_t size, max;	/* bytes */
	line_at end;		/* where the next line goes; LINE_NONE: there was none */
	line_at lap;		/* what is at the ring's beginning */
	uint64_t cut;		/* how often lines were missing: see window_stats */
	struct window_line *found;	/* owns */
	size_t found_room;
};

void line_store_init(struct line_store *s, size_t max);
void line_store_fini(struct line_store *s);
/* Another size; if it differs, all lines go: those of all ids are to be forgotten. */
bool line_store_set_max(struct line_store *s, size_t max);
/* No id has lines any more: give the memory back. */
void line_store_clear(struct line_store *s);

/*
 * Keep the lines of @note, at most the last @max_lines of them, behind @*newest,
 * which then is the last of them.  What was there is not looked at: it is cold.
 */
void line_store_add(struct line_store *s, line_at *newest, const struct window_note *note,
		    uint32_t max_lines);
/*
 * The last @max_lines lines of the id whose newest is @newest, as far as they are
 * still there; @*cut, unless that is NULL: some of them are not.  Valid until lines
 * are added or looked for.
 */
struct window_lines line_store_find(struct line_store *s, line_at newest,
				    uint32_t max_lines, bool *cut);
