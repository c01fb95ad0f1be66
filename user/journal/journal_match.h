/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal_match - what `journalmatch` asks for, as terms for libsystemd.
 * The lines are split as a shell would.  Terms side by side mean what journald
 * makes of them: one field with several values is or, different fields are and.
 * A "+" by itself and the end of a line mean or.
 */
#pragma once
#include "base/str.h"

#define JOURNAL_TERMS_MAX	1000

struct journal_match {
	char **terms;		/* owns; FIELD=value, NULL: or */
	size_t n;		/* 0: every entry matches */
};

/* 0; -EINVAL with the reason in @why; -ENOMEM.  @lines may be NULL. */
int journal_match_parse(struct journal_match *m, const char *lines, char *why,
			size_t why_size);
void journal_match_fini(struct journal_match *m);
/* Append the terms to @out: the same text for the same terms, and no other. */
void journal_match_print(const struct journal_match *m, struct str *out);
/* Append @word, in quotes if it holds anything that a shell would not take. */
void journal_match_quote(const char *word, struct str *out);
