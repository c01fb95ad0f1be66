/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pyregex - Python's regular expression syntax rewritten for PCRE2.
 * Reads a pattern the way Python 3.11's `re` reads a str pattern, refuses what
 * that refuses, and writes an equivalent that PCRE2 10.42 and later take alike.
 * Names of groups stay here: PCRE2 only sees numbers, so its limits on names
 * do not exist.  Knows nothing about matching; only for regex.c.
 */
#pragma once
#include "base/str.h"
#include "regex.h"

#define PYREGEX_MAX	(64u << 10)	/* bytes of a pattern */
#define PYREGEX_DEPTH	200		/* groups within groups */

struct pyregex_group {
	char *name;		/* owns; NULL: only a number */
	bool open;		/* while its closing bracket is to come */
};

/* Where a piece of the result came from. */
struct pyregex_place {
	size_t out, in;
};

struct pyregex {
	struct str text;	/* for PCRE2 */
	unsigned int flags;	/* those asked for, and those in the pattern */
	bool ascii;		/* no character above 127 can be meant literally */
	struct str prefix;	/* ASCII that every match begins with, at ^ only */
	struct pyregex_group *groups;	/* owns; [0] is the whole match */
	unsigned int n_groups;		/* with [0] */
	struct pyregex_place *places;	/* owns; ascending */
	size_t n_places, size_places;
};

/* 0, -EINVAL with @err filled, or -ENOMEM; @out needs pyregex_fini() always. */
int pyregex_translate(struct pyregex *out, const char *pattern,
		      unsigned int flags, struct regex_error *err);
void pyregex_fini(struct pyregex *p);
/*
 * The text again, for subjects whose last byte is their only newline: faster there,
 * and with the same matches and groups.  0 or -ENOMEM; @out is the caller's.
 */
int pyregex_for_line(const struct pyregex *p, struct str *out);
/* The offset in the pattern that offset @at of the result stands for. */
size_t pyregex_place(const struct pyregex *p, size_t at);
