// SPDX-License-Identifier: GPL-2.0-or-later
/* What the owner of sources, and whoever reports about them, may ask. */
#include "source_private.h"

struct source *sources_first(const struct sources *all)
{
	return all->first;
}

struct source *source_next(const struct source *s)
{
	return s->next;
}

const struct source_user *source_users(const struct source *s)
{
	return s->users ? &s->users->pub : NULL;
}

const char *source_name(const struct source *s)
{
	return s->name;
}

const char *source_encoding(const struct source *s)
{
	return s->encoding;
}

bool source_is_journal(const struct source *s)
{
	return s->kind == &source_journal_kind;
}

void source_set_data(struct source *s, void *data)
{
	s->data = data;
}

void *source_data(const struct source *s)
{
	return s->data;
}

bool source_position(const struct source *s, struct source_position *p)
{
	return s->kind->position(s, p);
}

static bool is_live(const struct source *s)
{
	for (struct user *u = s->users; u; u = (struct user *)u->pub.next)
		if (!u->pub.live)
			return false;
	return true;
}

void source_stats(const struct source *s, struct source_stats *out)
{
	*out = s->stats;
	out->state = is_live(s) ? SOURCE_LIVE : SOURCE_CATCHING_UP;
	s->kind->stats(s, out);
	if (s->stats.error)
		out->state = SOURCE_FAILING;
}

void sources_stats(const struct sources *all, struct sources_stats *out)
{
	*out = all->stats;
	for (const struct source_follow *f = all->follows; f; f = f->next)
		out->refused += f->refused;
}
