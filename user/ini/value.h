/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * value - what stands behind `option =`: lines of text, each with its place.
 * Values are put together from several files (references, tags, overrides);
 * keeping the place of each line through all of that is what lets an error in
 * the third regex of a list name that line, in the file where it was written.
 */
#pragma once
#include "base/str.h"
#include "pool.h"

struct place {
	const char *file;	/* borrows; NULL: not from a file */
	int line;		/* from 1; 0: unknown */
};

struct value {
	const char *s;			/* lines joined by '\n'; NULL: not set */
	size_t len;
	const struct place *at;		/* one for each line */
	size_t lines;
};

#define VALUE_MAX	(1u << 20)	/* bytes in one value, all replaced */

/* A value of text that has no file, or one place for all of it; 0 or -ENOMEM. */
int value_make(struct pool *p, struct value *v, const char *s, struct place at);

/* The place of the byte at @offset. */
struct place value_place(const struct value *v, size_t offset);

/* Collects a value piece by piece; start with a zeroed one, end with _take. */
struct value_builder {
	struct str text;
	struct place *at;		/* owns */
	size_t lines, size;
	bool failed;			/* no memory, or longer than VALUE_MAX */
};

void value_builder_fini(struct value_builder *b);
/* Begin a line here; what follows belongs to it. */
void value_add_line(struct value_builder *b, struct place at);
/*
 * Bytes [@from, @to) of @v; lines they begin keep their place.  @line is the
 * index of the line that @from is in, and afterwards of the one @to is in.
 */
void value_add(struct value_builder *b, const struct value *v, size_t from,
	       size_t to, size_t *line);
/*
 * All of @v in place of a reference.  When the reference stood alone (@alone:
 * nothing follows it on its line), or @v has several lines, its first line is
 * reported at its own place; as part of a longer line it belongs to that one.
 */
void value_insert(struct value_builder *b, const struct value *v, bool alone);
/* The value, in @p; 0, -ENOMEM, or -E2BIG; @b is empty afterwards. */
int value_take(struct value_builder *b, struct pool *p, struct value *out);
