/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stamp - the time in a log line: where it stands, and which moment it means.
 * Finding is for every line and cheap; computing is for the few lines that
 * count.  Speaks Fail2ban's `datepattern`: its default templates, its `%`
 * directives, its rules about which of two dates in a line is the one.
 * Reads no clock (it is told `now`) and knows neither jails nor policy: what to
 * do with old, future or missing times is freshness.h.
 */
#pragma once
#include "base/clock.h"
#include "base/diag.h"

struct stamp;
struct regex_env;

struct stamp_spec {
	/* `datepattern`, one pattern each; none: the default templates. */
	const struct text *patterns;	/* borrows, for the call only */
	size_t n;
	/* `logtimezone`, for dates without a zone; .s NULL: local time. */
	struct text timezone;		/* borrows, for the call only */
};

#define STAMP_TEMPLATES_MAX	200	/* more patterns than this are refused */

/*
 * Compile the patterns.  @now only widens the range of years that the default
 * templates accept.  0, -EINVAL with every problem in @d, or -ENOMEM.
 * Keeps @env (borrowed).
 */
int stamp_new(struct stamp **out, const struct stamp_spec *spec,
	      struct regex_env *env, wall_t now, struct diag *d);
void stamp_free(struct stamp *s);		/* NULL is fine */

struct stamp_template;

/* A date found in a line.  A plain value; valid as long as its stamp. */
struct stamp_date {
	/*
	 * The bytes to cut out of the line before filters see it.  Empty when
	 * the pattern says that there is nothing to find (`{NONE}`): then
	 * stamp_compute() must not be asked, the time is for freshness.h.
	 */
	size_t start, end;
	/* How it was found, for stamp_compute(). */
	const struct stamp_template *template;	/* borrows */
	size_t from;		/* where the search began */
	size_t limit;		/* so many bytes of the line are needed */
	bool fast;
};

/*
 * Find the date in @len bytes of @line (no newline at the end).  Learns which
 * template is in use, so the order of lines matters where a line contains
 * several dates, exactly as it does in Fail2ban.
 */
bool stamp_find(struct stamp *s, const char *line, size_t len,
		struct stamp_date *out);

/*
 * The moment that @d, found in @line, means at @now.
 * -EINVAL: no such moment (Feb 30, 25:00); treat the line as one without date.
 * -ENOENT: a zone nobody knows; the line is worthless, as in Fail2ban.
 */
int stamp_compute(struct stamp *s, const char *line,
		  const struct stamp_date *d, wall_t now, wall_t *when);

/* For `xdpban test`: the templates in the order of the configuration. */
size_t stamp_templates(const struct stamp *s);
/* Readable form, such as "{^LN-BEG}ExYear-Month-Day ..."; lives with @s. */
const char *stamp_template_name(const struct stamp *s, size_t i);
/* Lines whose date this template gave. */
uint64_t stamp_template_hits(const struct stamp *s, size_t i);

/* For tests: expressions only, no hand-written matcher.  Same results. */
void stamp_slow(struct stamp *s);
