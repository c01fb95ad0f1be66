/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * literals - texts without which an expression cannot match.
 * "^User \S+ from <HOST> not (allowed|welcome)" matches no line without "User ",
 * none without " from ", and none without "not allowed" or "not welcome": three
 * sets, of each of which every match holds at least one text.  Whoever looks for
 * one of the sets first need not try the expression on most lines.
 * Sets are never wrong, but may be missing: what is too complicated counts as
 * "may match anything".  Knows how pyregex.c writes, not how PCRE2 matches.
 */
#pragma once
#include "base/util.h"

#define LITERAL_MAX	24	/* bytes of a text; of longer ones, the last */
#define LITERAL_MIN	3	/* shorter ones are everywhere */
#define LITERALS_MAX	16	/* texts of a set */

struct literal {
	uint8_t len;
	bool any_case;		/* its ASCII letters, that is */
	char s[LITERAL_MAX];	/* ASCII but '\n' */
};

struct literals {
	unsigned int n;
	struct literal v[LITERALS_MAX];
};

/* All sets of an expression, in no particular order. */
struct literal_sets {
	struct literals *v;	/* owns */
	size_t n, size;
};

/*
 * Find the sets of @text, which pyregex_translate() has written; @any_case: the
 * flag of the whole.  0 or -ENOMEM; @out needs literals_fini() always.
 */
int literals_find(struct literal_sets *out, const char *text, size_t len,
		  bool any_case);
void literals_fini(struct literal_sets *sets);
