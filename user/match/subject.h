/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subject - the text that expressions see: a line without its date, a newline
 * behind it, and valid UTF-8 throughout.
 * Bytes that are no UTF-8 become U+FFFD, as in Fail2ban: so they are characters
 * that a dot takes, and nobody evades a filter with them.  Private to this room.
 */
#pragma once
#include "base/str.h"
#include "filter.h"

struct subject {
	struct str text;	/* the memory is kept from line to line */
	bool plain;		/* ASCII, each line in it one of the log */
};

/* Nothing is left in it, and it is plain. */
void subject_reset(struct subject *s);
/*
 * What subject_set() would make of @line, with its newline, as it stands in the line
 * itself: 0 bytes if it does not.  Then it is plain.
 */
size_t subject_in_place(const struct filter_line *line, const char **text);
/* From now on it is @line without its date; no newline comes behind it. */
void subject_set(struct subject *s, const struct filter_line *line);
