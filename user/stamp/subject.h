/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subject - a line that is searched for a date, with what is known about it.
 * Columns count characters, as people and Fail2ban do; offsets count bytes.
 * They are the same in all lines but those few with characters beyond ASCII.
 */
#pragma once
#include "base/util.h"

/* What a line must have for a template to match at all; a set of them. */
enum subject_need {
	NEED_CLOCK	= 1 << 0,	/* digit, ":", one or two digits, ":", digit */
	NEED_NUMBER	= 1 << 1,	/* eight digits in a row */
	NEED_TAI64N	= 1 << 2,	/* "@" and a hexadecimal number */
	/*
	 * The first of its four first characters that can be part of a word is
	 * a digit, or a letter.  For templates that begin the line.
	 */
	NEED_DIGIT_FIRST = 1 << 3,
	NEED_LETTER_FIRST = 1 << 4,
};

struct subject {
	const char *line;
	size_t len;
	size_t plain;		/* so many bytes at the begin are known as ASCII */
	bool known_ascii, ascii;	/* all of them */
	unsigned int known, has;	/* needs */
};

bool subject_is_ascii(struct subject *u);
/* Find out about some of @needs, all of which are unknown. */
void subject_look(struct subject *u, unsigned int needs);

static inline bool subject_has(struct subject *u, unsigned int needs)
{
	/* Cheap ones come first: what is missing spares the others. */
	while (!(needs & u->known & ~u->has)) {
		if (!(needs & ~u->known))
			return true;
		subject_look(u, needs & ~u->known);
	}
	return false;
}

/* True when columns and offsets are the same up to @n, or the end of the line. */
bool subject_is_plain(struct subject *u, size_t n);
size_t subject_column(struct subject *u, size_t offset);
/* Behind the end of the line when it has no such column. */
size_t subject_offset(struct subject *u, size_t column);

/* The character at @column: a code of it that is only good for comparing. */
#define SUBJECT_NO_CHAR	(-1)
int32_t subject_char(struct subject *u, size_t column);
