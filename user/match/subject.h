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
	bool plain;
};

/* Nothing is left in it, and it is ASCII. */
void subject_reset(struct subject *s);
/* Add @line without its date, but no newline. */
void subject_add(struct subject *s, const struct filter_line *line);
