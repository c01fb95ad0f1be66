/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * regex - Python's regular expressions on PCRE2, compiled with JIT.
 * Patterns come from Fail2ban's files, so the syntax taken here is Python's
 * `re` (str patterns: text is Unicode); what PCRE2 spells differently is
 * translated (pyregex.h), what it cannot express is refused with the place.
 * Subjects are hostile bytes: matching runs under a match limit, and a line
 * that hits it counts as no match.
 * The only files that know PCRE2 are regex.c, regex_env.c and regex_new.c.
 *
 * Each expression is compiled twice: for subjects of pure ASCII, where bytes
 * are characters and matching is up to twice as fast, and for all others as
 * UTF-8 with Unicode's classes.  Both give the same where both apply.  In a
 * subject that is not valid UTF-8 nothing matches the invalid bytes, not even
 * a dot; whoever wants them to count as characters replaces them first.
 */
#pragma once
#include "base/util.h"

struct regex;
struct literal_sets;
/* JIT stack, match context, match data and counters, shared; for one thread. */
struct regex_env;

struct regex_env *regex_env_new(void);		/* NULL: no memory */
void regex_env_free(struct regex_env *env);	/* after all its expressions */
/*
 * The limits are for one subject and all expressions that see it, so whoever
 * calls regex_match_known() says here that a new one begins.
 */
void regex_env_refill(struct regex_env *env);
/* How many matches the limit cut off so far: for `status`. */
uint64_t regex_env_limited(const struct regex_env *env);
/* False: no executable memory to be had, everything is interpreted. */
bool regex_env_jit(const struct regex_env *env);
/* The version of PCRE2; returns @buf. */
const char *regex_library(char *buf, size_t size);

/* As in Python; the same flags in the pattern, as in (?im), work as well. */
enum regex_flags {
	REGEX_MULTILINE	= 1 << 0,	/* ^ and $ at every line */
	REGEX_ICASE	= 1 << 1,
	REGEX_DOTALL	= 1 << 2,	/* . takes \n too */
	REGEX_VERBOSE	= 1 << 3,	/* blanks and # comments mean nothing */
	REGEX_ASCII	= 1 << 4,	/* \w \s \b know only ASCII */
	/* Not Python's: subjects are lines, each with its newline, as a rule. */
	REGEX_LINE	= 1 << 5,
};

struct regex_error {
	size_t at;		/* byte offset into the pattern as given */
	char text[200];
};

/*
 * Compile @pattern (Python syntax, NUL-terminated UTF-8).  0, -EINVAL with
 * @err filled, or -ENOMEM.  Keeps @env (borrowed), copies the pattern.
 */
int regex_new(struct regex **out, struct regex_env *env, const char *pattern,
	      unsigned int flags, struct regex_error *err);
void regex_free(struct regex *re);		/* NULL is fine */

unsigned int regex_groups(const struct regex *re);	/* highest group number */
/* Number of a named group, or -ENOENT; and back, NULL for an unnamed one. */
int regex_group(const struct regex *re, const char *name);
const char *regex_group_name(const struct regex *re, unsigned int number);

/*
 * The texts without which it cannot match (literals.h).  0 or -ENOMEM; @out needs
 * literals_fini() always.
 */
int regex_literals(const struct regex *re, struct literal_sets *out);

struct regex_span {
	size_t start, end;	/* bytes of the subject; REGEX_UNSET: took no part */
};
#define REGEX_UNSET	SIZE_MAX

/*
 * Search @len bytes of @subject from @start on.  1: found, the first @n groups
 * are in @spans (0 is the whole match); 0: not found, or cut off by the limit.
 */
int regex_match(const struct regex *re, const char *subject, size_t len,
		size_t start, struct regex_span *spans, unsigned int n);

/*
 * regex_match() for many expressions and one subject, looked at and paid for once:
 * @plain if all of it is ASCII, and if, for an expression with REGEX_LINE, there is
 * a newline at its end and nowhere else.
 */
int regex_match_known(const struct regex *re, const char *subject, size_t len,
		      bool plain, size_t start, struct regex_span *spans,
		      unsigned int n);

/*
 * The same from the begin on, without a copy of the spans: those of all its groups,
 * valid until the next match with any expression of the environment.  NULL: not found.
 */
const struct regex_span *regex_search(const struct regex *re, const char *subject,
				      size_t len, bool plain);

/*
 * How far a search gets that finds nothing, for people who ask why: the longest
 * piece of the subject that matched the pattern's beginning, and the place in
 * the pattern of the last thing tried behind it.  Slow.  0 or -ENOMEM.
 */
struct regex_reach {
	size_t start, end, pattern;
};
int regex_reach(const struct regex *re, const char *subject, size_t len,
		struct regex_reach *out);
