/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain - what each expression of a filter makes of one line, for the
 * operator who asks why it did or did not match.  Slow; not for live logs.
 */
#pragma once
#include "filter.h"

struct explain_step {
	enum filter_part part;
	size_t index;
	const char *regex;		/* as configured */
	struct hit_text text;		/* what it looked at */
	bool matched;
	/*
	 * If it did not: the longest piece of the text that matched how @regex
	 * begins, and the byte of @regex that was tried behind it last.
	 */
	size_t start, reached, at;
};

typedef void explain_fn(void *ctx, const struct explain_step *step);

/*
 * Call @fn for each expression that would be asked, in that order, up to the
 * one that decides.  A line buffer gets the line; sessions are left alone.
 * 0, or -ENOMEM when some steps are missing.
 */
int filter_explain(struct filter *f, const struct filter_line *line,
		   explain_fn *fn, void *ctx);
