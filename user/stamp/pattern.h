/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pattern - one date pattern of Fail2ban's language, as a regular expression.
 * `%` directives become named groups, whose names are the directives; word
 * boundaries and the group that is cut out are added where the author left
 * them out.  Text in, text out: nothing is compiled here.
 */
#pragma once
#include "base/util.h"

enum pattern_kind {
	PATTERN_FIELDS,		/* groups named after the directives */
	PATTERN_EPOCH,		/* seconds, in group `epoch` or 1 */
	PATTERN_LONG_EPOCH,	/* also milliseconds or microseconds */
	PATTERN_TAI64N,		/* in group 1 */
};

struct pattern {
	char *name;		/* owns; for people */
	char *regex;		/* owns; Python syntax */
	unsigned int flags;	/* enum regex_flags */
	enum pattern_kind kind;
	bool line_begin;	/* matches only where the line begins */
	bool line_end;		/* ... or only where it ends */
};

/* Name of the group that holds the number where {EPOCH} was embedded. */
#define PATTERN_EPOCH_GROUP	"_epoch"

/*
 * Translate @text, a complete pattern without {DEFAULT}, {DATE} and the like.
 * %ExY accepts the years 2000 to the end of @last_year's decade.  0, -ENOMEM,
 * or -EINVAL: a `%` that starts no directive, at *@bad in @text.
 */
int pattern_init(struct pattern *p, const char *text, int last_year,
		 const char **bad);
void pattern_fini(struct pattern *p);

/* True for what is matched without regard to case when written without `%`. */
bool pattern_is_word(const char *text, const char *word);

/* @text without the boundaries that it asks for, for use inside of another. */
const char *pattern_unbound(const char *text);
