/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subject - a line that is searched for a date, with what is known about it.
 * Columns count characters, as people and Fail2ban do; offsets count bytes.
 * They are the same in all lines but those few with characters beyond ASCII.
 */
#pragma once
#include "base/util.h"

struct subject {
	const char *line;
	size_t len;
	enum { SUBJECT_UNKNOWN, SUBJECT_NO, SUBJECT_YES } ascii, clock;
};

bool subject_is_ascii(struct subject *u);
/* "digit:digit" is somewhere in the line. */
bool subject_has_clock(struct subject *u);

size_t subject_column(struct subject *u, size_t offset);
/* Behind the end of the line when it has no such column. */
size_t subject_offset(struct subject *u, size_t column);

/* The character at @column: a code of it that is only good for comparing. */
#define SUBJECT_NO_CHAR	(-1)
int32_t subject_char(struct subject *u, size_t column);
