/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table - rows of text with columns as wide as what is in them.  The widths are
 * those of the first TABLE_LOOKS rows, which are kept until then, so that a
 * million rows neither wait nor take memory.
 * A row is a line, and all columns but the last are single words: for grep and awk.
 */
#pragma once
#include <stddef.h>

#define TABLE_COLUMNS	8	/* at most */
#define TABLE_LOOKS	1000

struct table;

/*
 * The last column is text, maybe of others: control characters are made harmless,
 * and what the line has no room for is cut (out_columns()).  Borrows the titles.
 * NULL: no memory.
 */
struct table *table_new(const char *const *titles, size_t n);
/* Columns from here to there are numbers: to the right.  Before the first row. */
void table_right(struct table *t, size_t first, size_t last);
void table_row(struct table *t, const char *const *cells);	/* copies */
/* Print what is left, with the titles if there was any row; and free. */
void table_finish(struct table *t);	/* NULL is fine */
