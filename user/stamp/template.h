/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template - one date pattern, ready to match: its expression, what its groups
 * mean, and the hand-written matcher that does the same where there is one.
 */
#pragma once
#include "base/clock.h"
#include "base/diag.h"
#include "regex/regex.h"
#include "stamp/fast.h"
#include "stamp/moment.h"
#include "stamp/pattern.h"
#include "stamp/subject.h"

#define TEMPLATE_FIELDS	24	/* no pattern names more groups */
#define TEMPLATE_GROUPS	64	/* in all; more are refused */

struct stamp_template {
	struct pattern pattern;
	struct regex *re;	/* owns; NULL until template_compile() */
	struct fast fast;	/* does the same, for most lines */
	unsigned int need;	/* enum subject_need: without, it can't match */
	bool everywhere;	/* searched for in all of a line */
	bool broken;		/* did not compile */
	double weight;		/* what a hit counts, see choose.c */
	struct {
		uint8_t group;
		char key;	/* of the directive */
	} fields[TEMPLATE_FIELDS];
	size_t n_fields;
	unsigned int epoch_group;
};

/*
 * Prepare @text (see pattern_init() for @last_year and what it returns).  The
 * expression is compiled later, so that of the many default templates only
 * those that a log needs take memory.
 */
int template_init(struct stamp_template *t, const char *text, int last_year,
		  const char **bad);
void template_fini(struct stamp_template *t);

/* 0, -ENOMEM, or -EINVAL with @err filled.  Keeps @env.  Twice is fine. */
int template_compile(struct stamp_template *t, struct regex_env *env,
		     struct regex_error *err);

/* The whole match and group 1 in @spans. */
static inline bool template_match(const struct stamp_template *t,
				  const char *line, size_t from, size_t limit,
				  bool ascii, struct regex_span spans[2])
{
	return regex_match_known(t->re, line, limit, ascii, from, spans, 2);
}

/*
 * What the match found between @from and @limit means.  0, -EINVAL, -ENOENT as
 * stamp_compute().
 */
int template_compute(const struct stamp_template *t, const char *line,
		     size_t from, size_t limit, struct moment_zone *z,
		     wall_t now, wall_t *when);
