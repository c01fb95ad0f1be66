/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tags - Fail2ban's tags in an expression (<HOST>, <F-USER>...</F-USER>,
 * <SKIPLINES> ...) become groups with names.  What is no known tag stays.
 * Text in, text out: knows neither PCRE2 nor what the groups are for.
 */
#pragma once
#include "base/str.h"

struct tags_piece {
	size_t out, in;		/* offsets in the expanded, the configured text */
	bool tag;		/* all of it stands for the tag at @in */
};

struct tags {
	struct str text;		/* expanded */
	struct tags_piece *pieces;	/* owns; ascending */
	size_t n_pieces;
};

/*
 * @names: <HOST> takes host names too.  0 or -ENOMEM; @out needs tags_fini()
 * in both cases.
 */
int tags_expand(struct tags *out, const char *regex, bool names);
void tags_fini(struct tags *t);
/* The offset in the configured text that @at of the expanded one stands for. */
size_t tags_place(const struct tags *t, size_t at);
