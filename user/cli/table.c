// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "out.h"

#define TEXT_MIN	20u	/* columns of the last one that are shown in any case */

struct kept {
	char *cells[TABLE_COLUMNS];	/* owns */
};

struct table {
	const char *const *titles;	/* borrows */
	size_t n, n_kept;
	size_t columns;			/* of the terminal; SIZE_MAX: no matter */
	bool right[TABLE_COLUMNS];
	size_t width[TABLE_COLUMNS];
	struct kept kept[TABLE_LOOKS];
	bool settled;			/* the widths are, and the kept rows are out */
};

struct table *table_new(const char *const *titles, size_t n)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->titles = titles;
	t->columns = out_columns();
	t->n = n < TABLE_COLUMNS ? n : TABLE_COLUMNS;
	for (size_t i = 0; i < t->n; i++)
		t->width[i] = strlen(titles[i]);
	return t;
}

void table_right(struct table *t, size_t first, size_t last)
{
	for (size_t i = first; i <= last && i < t->n; i++)
		t->right[i] = true;
}

/* The last column, behind @used columns. */
static void print_text(const struct table *t, const char *text, size_t used)
{
	size_t room = t->columns > used + TEXT_MIN ? t->columns - used : TEXT_MIN;

	if (t->columns == SIZE_MAX || utf8_columns(text, strlen(text)) <= room) {
		out_text(text);
		return;
	}
	utf8_print(stdout, text, utf8_cut(text, strlen(text), room - 3));
	fputs("...", stdout);
}

static void print(const struct table *t, const char *const *cells)
{
	const char *text = cells[t->n - 1];
	size_t words = t->n - 1, used = 0;

	for (size_t i = 0; i < words; i++) {
		/* No blanks at the end of a line. */
		int width = i + 1 < words || *text || t->right[i] ? (int)t->width[i] : 0;

		used += (size_t)printf("%s%*s", i ? " " : "", t->right[i] ? width : -width,
				       cells[i]);
	}
	if (*text) {
		putchar(' ');
		print_text(t, text, used + 1);
	}
	putchar('\n');
}

static void free_cells(struct table *t, struct kept *k)
{
	for (size_t i = 0; i < t->n; i++)
		free(k->cells[i]);
}

static void settle(struct table *t)
{
	t->settled = true;
	print(t, t->titles);
	for (size_t i = 0; i < t->n_kept; i++) {
		print(t, (const char *const *)t->kept[i].cells);
		free_cells(t, &t->kept[i]);
	}
	t->n_kept = 0;
}

static bool keep(struct table *t, const char *const *cells)
{
	struct kept *k = &t->kept[t->n_kept];
	bool ok = true;

	for (size_t i = 0; i < t->n; i++) {
		k->cells[i] = strdup(cells[i]);
		ok &= k->cells[i] != NULL;
	}
	if (ok)
		t->n_kept++;
	else
		free_cells(t, k);
	return ok;
}

static void widen(struct table *t, const char *const *cells)
{
	for (size_t i = 0; i < t->n; i++)
		if (strlen(cells[i]) > t->width[i])
			t->width[i] = strlen(cells[i]);
}

void table_row(struct table *t, const char *const *cells)
{
	if (!t->settled && t->n_kept < TABLE_LOOKS && keep(t, cells)) {
		widen(t, cells);
		return;
	}
	if (!t->settled)
		settle(t);
	print(t, cells);
}

void table_finish(struct table *t)
{
	if (t && t->n_kept)
		settle(t);
	free(t);
}
