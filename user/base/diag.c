// SPDX-License-Identifier: GPL-2.0-or-later
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void diag_fini(struct diag *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->entries[i].file);
		free(d->entries[i].text);
	}
	free(d->entries);
	*d = (struct diag){ 0 };
}

static struct diag_entry *new_entry(struct diag *d)
{
	size_t size = d->size ? d->size * 2 : 16;
	struct diag_entry *p;

	if (d->n >= DIAG_MAX)
		return NULL;
	if (d->n == d->size) {
		p = realloc(d->entries, size * sizeof(*p));
		if (!p)
			return NULL;
		d->entries = p;
		d->size = size;
	}
	return &d->entries[d->n++];
}

void diag_add(struct diag *d, enum diag_level level, const char *file, int line,
	      const char *fmt, ...)
{
	struct diag_entry *e;
	va_list ap;

	if (!d)
		return;
	d->count[level]++;
	e = new_entry(d);
	if (!e)
		return;
	*e = (struct diag_entry){ .level = level, .line = line };
	e->file = file ? strdup(file) : NULL;
	va_start(ap, fmt);
	if (vasprintf(&e->text, fmt, ap) < 0)
		e->text = NULL;
	va_end(ap);
}

/* An entry and where it stood: qsort() alone keeps no order among equals. */
struct placed { struct diag_entry entry; size_t at; };

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	const char *fx = x->entry.file ? x->entry.file : "";
	const char *fy = y->entry.file ? y->entry.file : "";
	int order = strcmp(fx, fy);

	if (!order)
		order = (x->entry.line > y->entry.line) - (x->entry.line < y->entry.line);
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static bool same_place(const struct diag_entry *a, const struct diag_entry *b)
{
	return a->line == b->line && streq(a->file ? a->file : "", b->file ? b->file : "");
}

/* The entry among those from @from on that says the same as @e; NULL: none. */
static struct diag_entry *said_before(struct diag *d, size_t from, size_t n,
				      const struct diag_entry *e)
{
	for (size_t i = from; i < n; i++)
		if (e->text && d->entries[i].text && streq(d->entries[i].text, e->text))
			return &d->entries[i];
	return NULL;
}

/* What one line of [DEFAULT] means for every jail is said once, at its worst. */
static void drop_repeated(struct diag *d)
{
	size_t kept = 0, place = 0;	/* where the entries of this line begin */

	for (size_t i = 0; i < d->n; i++) {
		struct diag_entry e = d->entries[i], *before;

		if (kept && !same_place(&e, &d->entries[place]))
			place = kept;
		before = said_before(d, place, kept, &e);
		if (!before) {
			d->entries[kept++] = e;
			continue;
		}
		d->count[e.level < before->level ? before->level : e.level]--;
		before->level = e.level < before->level ? e.level : before->level;
		free(e.file);
		free(e.text);
	}
	d->n = kept;
}

void diag_sort(struct diag *d)
{
	struct placed *all = calloc(d->n + 1, sizeof(*all));

	if (!all)
		return;		/* unsorted is better than not told */
	for (size_t i = 0; i < d->n; i++)
		all[i] = (struct placed){ d->entries[i], i };
	qsort(all, d->n, sizeof(*all), by_place);
	for (size_t i = 0; i < d->n; i++)
		d->entries[i] = all[i].entry;
	free(all);
	drop_repeated(d);
}

const char *diag_format(const struct diag_entry *e, char *buf, size_t size)
{
	const char *text = e->text ? e->text : "out of memory";

	if (!e->file)
		snprintf(buf, size, "%s", text);
	else if (e->line <= 0)
		snprintf(buf, size, "%s: %s", e->file, text);
	else
		snprintf(buf, size, "%s:%d: %s", e->file, e->line, text);
	return buf;
}
