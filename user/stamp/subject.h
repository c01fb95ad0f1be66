/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subject - a line that is searched for a date, with what is known about it.
 * Columns count characters, as people and Fail2ban do; offsets count bytes.
 * They are the same in all lines but those few with characters beyond ASCII.
 */
#pragma once
#include "base/util.h"

/* What a line must contain for a template to match at all. */
enum subject_need {
	NEED_NOTHING,
	NEED_CLOCK,	/* digit, ":", one or two digits, ":", digit */
	NEED_NUMBER,	/* eight digits in a row */
	NEED_TAI64N,	/* "@" and a hexadecimal number */
	N_NEEDS
};

struct subject {
	const char *line;
	size_t len;
	size_t plain;		/* so many bytes at the begin are known as ASCII */
	bool known_ascii, ascii;	/* all of them */
	bool known[N_NEEDS], has[N_NEEDS];
};

bool subject_is_ascii(struct subject *u);
bool subject_has(struct subject *u, enum subject_need need);

/* True when columns and offsets are the same up to @n, or the end of the line. */
bool subject_is_plain(struct subject *u, size_t n);
size_t subject_column(struct subject *u, size_t offset);
/* Behind the end of the line when it has no such column. */
size_t subject_offset(struct subject *u, size_t column);

/* The character at @column: a code of it that is only good for comparing. */
#define SUBJECT_NO_CHAR	(-1)
int32_t subject_char(struct subject *u, size_t column);
