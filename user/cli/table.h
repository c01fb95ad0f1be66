/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table - rows of text with columns as wide as what is in them.  The widths are
 * those of the first TABLE_LOOKS rows, which are kept until then, so that a
 * million rows neither wait nor take memory.
 */
#pragma once
#include <stddef.h>

#define TABLE_COLUMNS	8	/* at most */
#define TABLE_LOOKS	1000

struct table;

/* The last column is never padded; borrows the titles.  NULL: no memory. */
struct table *table_new(const char *const *titles, size_t n);
/* Columns from here to there are numbers: to the right.  Before the first row. */
void table_right(struct table *t, size_t first, size_t last);
/*
 * One row, and a line below it (@note, may be NULL), which may hold text of
 * others: control characters are made harmless.  Copies.
 */
void table_row(struct table *t, const char *const *cells, const char *note);
/* Print what is left, with the titles if there was any row; and free. */
void table_finish(struct table *t);	/* NULL is fine */
