/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fast - hand-written matchers for the dates that most lines of most logs have.
 * They take only the plain spelling (two digits, usual case, ASCII around it)
 * and then find exactly what the template's expression would find.  Whatever
 * looks different in the least is left to the expression: false is no answer.
 */
#pragma once
#include "base/util.h"
#include "stamp/moment.h"

enum fast_form { FAST_NONE, FAST_ISO, FAST_SYSLOG, FAST_APACHE, FAST_EPOCH };

struct fast {
	enum fast_form form;
	char last_decade;	/* years end at 20x9, x being this digit */
};

/* Which matcher serves pattern @text, whose years end with @last_year. */
struct fast fast_of(const char *text, int last_year);

/*
 * The date where the line begins, at most two non-word characters before it:
 * as `^(?:\W{0,2})?(DATE)(?=\b|\W|$)` finds it in @len bytes of @line.
 */
bool fast_at_begin(struct fast f, const char *line, size_t len, size_t *start,
		   size_t *end);
/*
 * True when `(?=^|\b|\W)(DATE)(?=\b|\W|$)`, searched from @start on and told
 * that the line ends at @end, finds the date there from end to end.
 */
bool fast_at(struct fast f, const char *line, size_t start, size_t end);

/* What was found there means: as template_compute(). */
int fast_compute(enum fast_form form, const char *line, size_t start, size_t end,
		 struct moment_zone *z, wall_t now, wall_t *when);
