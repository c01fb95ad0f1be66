// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "out.h"

struct kept {
	char *cells[TABLE_COLUMNS], *note;	/* owns */
};

struct table {
	const char *const *titles;	/* borrows */
	size_t n, n_kept;
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

static void print(const struct table *t, const char *const *cells, const char *note)
{
	for (size_t i = 0; i < t->n; i++) {
		int width = i + 1 < t->n || t->right[i] ? (int)t->width[i] : 0;

		printf("%s%*s", i ? " " : "", t->right[i] ? width : -width, cells[i]);
	}
	putchar('\n');
	if (!note)
		return;
	fputs("    ", stdout);
	out_text(note);
	putchar('\n');
}

static void settle(struct table *t)
{
	t->settled = true;
	print(t, t->titles, NULL);
	for (size_t i = 0; i < t->n_kept; i++) {
		struct kept *k = &t->kept[i];

		print(t, (const char *const *)k->cells, k->note);
		for (size_t c = 0; c < t->n; c++)
			free(k->cells[c]);
		free(k->note);
	}
	t->n_kept = 0;
}

static bool keep(struct table *t, const char *const *cells, const char *note)
{
	struct kept *k = &t->kept[t->n_kept];
	bool ok = true;

	*k = (struct kept){ .note = note ? strdup(note) : NULL };
	for (size_t i = 0; i < t->n; i++) {
		k->cells[i] = strdup(cells[i]);
		ok &= k->cells[i] != NULL;
	}
	if (ok && (k->note || !note)) {
		t->n_kept++;
		return true;
	}
	for (size_t i = 0; i < t->n; i++)
		free(k->cells[i]);
	free(k->note);
	return false;
}

static void widen(struct table *t, const char *const *cells)
{
	for (size_t i = 0; i < t->n; i++)
		if (strlen(cells[i]) > t->width[i])
			t->width[i] = strlen(cells[i]);
}

void table_row(struct table *t, const char *const *cells, const char *note)
{
	if (!t->settled && t->n_kept < TABLE_LOOKS && keep(t, cells, note)) {
		widen(t, cells);
		return;
	}
	if (!t->settled)
		settle(t);
	print(t, cells, note);
}

void table_finish(struct table *t)
{
	if (t && t->n_kept)
		settle(t);
	free(t);
}
