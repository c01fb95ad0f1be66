/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * line_store - the log lines kept as evidence for the ids of one window.
 * Each id keeps its newest few; all together stay below a number of bytes, and
 * the line that has been kept longest goes first, whoever it belongs to.
 * Private to the window.
 */
#pragma once
#include "window.h"

struct kept_line;

/* The lines of one id, oldest first. */
struct line_list {
	struct line_list **slot;	/* the id's pointer to this */
	struct window_line *oldest, *newest;	/* owns */
	uint32_t n;
};

struct line_store {
	struct kept_line *oldest, *newest;	/* of all ids; borrows */
	size_t bytes, max;
	uint64_t dropped;
};

/* Keep the lines of @note, as far as there is room: at most @max_lines for an id. */
void line_store_add(struct line_store *s, struct line_list **slot,
		    const struct window_note *note, uint32_t max_lines);
/* The lines become the caller's; *@slot is NULL after that. */
struct window_line *line_store_take(struct line_store *s, struct line_list **slot);
