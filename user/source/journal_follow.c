// SPDX-License-Identifier: GPL-2.0-or-later
/* A wish to follow a journal: understood, named, and shared with others. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal.h"

static char *name_of(const struct journal_source *h)
{
	struct str s = { 0 };

	str_puts(&s, "journal");
	journal_place_print(&h->place, &s);
	if (h->match.n)
		str_putc(&s, ' ');
	journal_match_print(&h->match, &s);
	return str_take(&s);
}

static void journal_drop(struct journal_source *h)
{
	free(h->base.name);
	h->base.kind->free(&h->base);
}

static int parse(struct journal_place *place, struct journal_match *match,
		 const struct source_journal_spec *spec, char *why, size_t why_size)
{
	int err = journal_place_parse(place, spec, why, why_size);

	return err ? err : journal_match_parse(match, spec->match, why, why_size);
}

int source_journal_check(const struct source_journal_spec *spec, char *why, size_t why_size)
{
	struct journal_place place = { 0 };
	struct journal_match match = { 0 };
	int err = parse(&place, &match, spec, why, why_size);

	journal_place_fini(&place);
	journal_match_fini(&match);
	return err;
}

static int journal_new(struct journal_source **out, struct sources *all,
		       const struct source_journal_spec *spec, char *why, size_t why_size)
{
	struct journal_source *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	h->base.all = all;
	h->base.kind = &source_journal_kind;
	h->fd = -1;
	h->stale = true;
	h->poll = (struct loop_timer){ .fn = journal_poll_rang, .ctx = h };
	h->soon = (struct loop_timer){ .fn = journal_soon_rang, .ctx = h };
	h->tail = spec->tail;
	h->since = spec->since;
	err = parse(&h->place, &h->match, spec, why, why_size);
	if (!err && !(h->base.name = name_of(h)))
		err = -ENOMEM;
	if (err) {
		journal_drop(h);
		return err;
	}
	*out = h;
	return 0;
}

static struct journal_source *find_same(const struct journal_source *h)
{
	for (struct source *s = h->base.all->first; s; s = s->next)
		if (s->kind == &source_journal_kind && streq(s->name, h->base.name))
			return journal_of(s);
	return NULL;
}

/* Begin where the one who wants most does, unless that is over. */
static void share(struct journal_source *h, const struct journal_source *wish)
{
	if (h->begun || wish->tail)
		return;
	if (h->tail || wish->since.us < h->since.us)
		h->since = wish->since;
	h->tail = false;
}

static void resume(struct journal_source *h)
{
	const struct sources *all = h->base.all;
	struct source_position p = { 0 };

	if (all->sink->resume && all->sink->resume(all->ctx, &h->base, &p) && p.cursor)
		h->cursor = strdup(p.cursor);
}

static int add(struct sources *all, struct journal_source *h, struct source_follow *f,
	       char *why, size_t why_size)
{
	struct journal_source *same = find_same(h);
	int err;

	if (same) {
		share(same, h);
		journal_drop(h);
		return source_join(&same->base, f);
	}
	/* What the library will never take is for the operator to correct; what
	 * is not there yet is waited for. */
	if (journal_open(h) == -EINVAL) {
		if (why)
			snprintf(why, why_size, "libsystemd refuses \"%s\"", h->base.name);
		journal_drop(h);
		return -EINVAL;
	}
	err = source_add(all, &h->base, f);
	if (!err)
		resume(h);
	return err;
}

int sources_follow_journal(struct sources *all, const struct source_journal_spec *spec,
			   struct source_follow **out, char *why, size_t why_size)
{
	struct journal_source *h;
	struct source_follow *f;
	int err = journal_new(&h, all, spec, why, why_size);

	if (err)
		return err;
	f = calloc(1, sizeof(*f));
	if (!f) {
		journal_drop(h);
		return -ENOMEM;
	}
	f->all = all;
	f->user = spec->user;
	err = add(all, h, f, why, why_size);
	if (err) {
		free(f);
		return err;
	}
	f->next = all->follows;
	all->follows = f;
	*out = f;
	return 0;
}
