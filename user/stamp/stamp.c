// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/stamp_private.h"

#include "stamp/civil.h"

#include <errno.h>
#include <stdlib.h>

/* ---- finding ---- */

/*
 * True when this line and the last begin with the same date, and with a bracket
 * behind it: nothing further on has a part in what the date is.
 */
static bool begins_alike(const struct stamp *s, const struct slot *slot,
			 const char *line, size_t len)
{
	const struct begin *b = &s->begin;

	return b->slot == slot && len >= b->len && !memcmp(line, b->text, b->len);
}

static void remember_begin(struct stamp *s, const struct slot *slot, const char *line,
			   size_t len, const struct stamp_date *date)
{
	struct begin *b = &s->begin;

	b->slot = NULL;
	if (date->end >= len || date->end >= sizeof(b->text) || line[date->end] != ']')
		return;
	b->slot = slot;
	b->date = *date;
	b->len = date->end + 1;
	memcpy(b->text, line, b->len);
}

/*
 * The way of nearly every line: the last template begins the line, as before.
 * Does what try_last() and learn() would do.
 */
static bool find_again(struct stamp *s, const char *line, size_t len,
		       struct stamp_date *out)
{
	struct slot *slot = s->again;

	if (!slot)
		return false;
	if (begins_alike(s, slot, line, len)) {
		*out = s->begin.date;
	} else {
		if (!fast_at_begin(slot->t->fast, line, len, &out->start, &out->end))
			return false;
		out->template = slot->t;
		out->from = 0;
		out->limit = out->end;
		out->fast = true;
		remember_begin(s, slot, line, len, out);
	}
	slot->matched++;
	slot->hits++;
	s->place.end = out->end;
	return true;
}

bool stamp_find(struct stamp *s, const char *line, size_t len,
		struct stamp_date *out)
{
	return find_again(s, line, len, out) || stamp_choose(s, line, len, out);
}

/* ---- computing ---- */

static int compute_fast(struct stamp *s, const char *line, const struct stamp_date *d,
			wall_t now, wall_t *when)
{
	struct computed *c = &s->computed;
	size_t len = d->end - d->start;
	int err;

	if (c->t == d->template && c->len == len && c->now.us == now.us &&
	    !memcmp(c->text, line + d->start, len)) {
		*when = c->when;
		return 0;
	}
	err = fast_compute(d->template->fast.form, line, d->start, d->end, &s->zone,
			   now, when);
	if (err || len > sizeof(c->text))
		return err;
	*c = (struct computed){ .t = d->template, .now = now, .when = *when, .len = len };
	memcpy(c->text, line + d->start, len);
	return 0;
}

int stamp_compute(struct stamp *s, const char *line, const struct stamp_date *d,
		  wall_t now, wall_t *when)
{
	if (d->fast)
		return compute_fast(s, line, d, now, when);
	return template_compute(d->template, line, d->from, d->limit, &s->zone,
				now, when);
}

/* ---- making one ---- */

/* The years of a log end soon, but not before those that this was written in. */
#define YEAR_WRITTEN	2026
#define YEARS_AHEAD	3

static int last_year(wall_t now)
{
	int64_t s = zone_local_from_utc(now.us / US_PER_S);
	int year = civil_from_days(s / DAY_S).year;

	return (year > YEAR_WRITTEN ? year : YEAR_WRITTEN) + YEARS_AHEAD;
}

static int set_timezone(struct stamp *s, const struct text *timezone,
			struct diag *d)
{
	const char *name = timezone->s;

	if (!name)
		return 0;
	if (zone_parse(name, strlen(name), &s->zone.offset_s)) {
		diag_error(d, timezone, "logtimezone \"%s\" is neither an offset such as "
			   "UTC+0100 nor a known abbreviation", name);
		return -EINVAL;
	}
	s->zone.fixed = true;
	return 0;
}

static int make_slots(struct stamp *s)
{
	s->n = s->set.n;
	s->slots = calloc(s->n, sizeof(*s->slots));
	s->order = calloc(s->n, sizeof(*s->order));
	if (!s->slots || !s->order)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		s->slots[i].t = &s->set.items[i];
		s->slots[i].distance = NOWHERE;
		s->order[i] = &s->slots[i];
	}
	return 0;
}

int stamp_new(struct stamp **out, const struct stamp_spec *spec,
	      struct regex_env *env, wall_t now, struct diag *d)
{
	struct stamp *s = calloc(1, sizeof(*s));
	int ret, err;

	if (!s)
		return -ENOMEM;
	s->env = env;
	s->last = NOWHERE;
	ret = set_timezone(s, &spec->timezone, d);
	err = template_set_fill(&s->set, spec->patterns, spec->n, last_year(now),
				env, d);
	if (err)
		ret = err;
	if (!ret)
		ret = make_slots(s);
	if (ret)
		goto fail;
	*out = s;
	return 0;
fail:
	stamp_free(s);
	return ret;
}

void stamp_free(struct stamp *s)
{
	if (!s)
		return;
	template_set_fini(&s->set);
	free(s->slots);
	free(s->order);
	free(s);
}

size_t stamp_templates(const struct stamp *s)
{
	return s->n;
}

const char *stamp_template_name(const struct stamp *s, size_t i)
{
	return s->slots[i].t->pattern.name;
}

uint64_t stamp_template_hits(const struct stamp *s, size_t i)
{
	return s->slots[i].hits;
}

void stamp_slow(struct stamp *s)
{
	s->slow = true;
}
