/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stamp_private - what a stamp knows of the lines before, for stamp.c (its life, and
 * the short way of a line that begins as the last one did) and choose.c (the long way).
 */
#pragma once
#include "stamp/set.h"
#include "stamp/stamp.h"

struct slot {
	struct stamp_template *t;	/* borrows from the set */
	uint64_t hits;		/* lines that it gave the date of */
	uint64_t matched;	/* lines that it matched, chosen or not */
	size_t distance;	/* where it last began */
};

#define NOWHERE		SIZE_MAX
#define COMPUTED_MAX	40	/* bytes of a date that fast.c knows */

/* Columns of the last date, and the characters on both sides of its ends. */
struct place {
	size_t start, end;
	int32_t before, first, last, behind;	/* or SUBJECT_NO_CHAR */
};

/* The date that was computed last: in a flood the next one has the same text. */
struct computed {
	const struct stamp_template *t;	/* borrows; NULL: none */
	wall_t now, when;
	size_t len;
	char text[COMPUTED_MAX];
};

/* How the last line began, if its date ends in a bracket; .slot NULL: it does not. */
struct begin {
	const struct slot *slot;
	size_t len;
	char text[COMPUTED_MAX];
	struct stamp_date date;
};

struct stamp {
	struct template_set set;	/* in the order configured */
	struct slot *slots;		/* owns; likewise */
	size_t n;
	struct slot **order;		/* owns; in the order to try */
	size_t last;			/* in use, index in order; NOWHERE */
	struct slot *again;		/* the last, if fast_at_begin() knows it */
	size_t first_unused;		/* index in order */
	struct place place;
	bool slow;
	struct regex_env *env;		/* borrows */
	struct moment_zone zone;
	struct computed computed;
	struct begin begin;
};

/*
 * choose.c: find the date with what was learnt from the lines before, and learn from
 * this one.  As stamp_find().
 */
bool stamp_choose(struct stamp *s, const char *line, size_t len, struct stamp_date *out);
