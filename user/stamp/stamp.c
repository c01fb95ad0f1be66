// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/stamp.h"

#include "stamp/civil.h"
#include "stamp/set.h"
#include "stamp/subject.h"

#include <errno.h>
#include <stdlib.h>

/*
 * Which date of a line is the right one, and which template explains it, is
 * learnt from the lines before: 01-02-2024 alone is January or February.  The
 * rules are Fail2ban's, as their result can be seen.  One is left out, that a
 * template unused for five minutes by the clock gives way to any other: results
 * should follow from the log alone.
 */
struct slot {
	struct stamp_template *t;	/* borrows from the set */
	uint64_t hits;		/* lines that it gave the date of */
	uint64_t matched;	/* lines that it matched, chosen or not */
	size_t distance;	/* where it last began */
};

#define NOWHERE		SIZE_MAX
#define COMPUTED_MAX	40	/* bytes of a date that fast.c knows */

/* Columns of the last date, and the characters on both sides of its ends. */
struct place {
	size_t start, end;
	int32_t before, first, last, behind;	/* or SUBJECT_NO_CHAR */
};

/* The date that was computed last: in a flood the next one has the same text. */
struct computed {
	const struct stamp_template *t;	/* borrows; NULL: none */
	wall_t now, when;
	size_t len;
	char text[COMPUTED_MAX];
};

/* How the last line began, if its date ends in a bracket; .slot NULL: it does not. */
struct begin {
	const struct slot *slot;
	size_t len;
	char text[COMPUTED_MAX];
	struct stamp_date date;
};

struct stamp {
	struct template_set set;	/* in the order configured */
	struct slot *slots;		/* owns; likewise */
	size_t n;
	struct slot **order;		/* owns; in the order to try */
	size_t last;			/* in use, index in order; NOWHERE */
	struct slot *again;		/* the last, if fast_at_begin() knows it */
	size_t first_unused;		/* index in order */
	struct place place;
	bool slow;
	struct regex_env *env;		/* borrows */
	struct moment_zone zone;
	struct computed computed;
	struct begin begin;
};

/* A match; in bytes, but for the columns. */
struct candidate {
	size_t index;			/* in order; NOWHERE: none */
	size_t start, end;		/* columns of the whole match */
	struct regex_span cut;
	size_t from, limit;
	bool fast;
	bool placed;			/* the stamp's place is set for it */
};

/* ---- matching one template ---- */

static bool ready(struct stamp *s, struct slot *slot)
{
	struct regex_error err;

	return slot->t->re || (!slot->t->broken &&
			      !template_compile(slot->t, s->env, &err));
}

static bool anchored(const struct slot *slot)
{
	return slot->t->pattern.line_begin || slot->t->pattern.line_end;
}

static bool match_part(struct stamp *s, struct subject *u, struct slot *slot,
		       struct candidate *c)
{
	struct regex_span spans[2];

	if (!ready(s, slot) || !template_match(slot->t, u->line, c->from, c->limit,
					       subject_is_ascii(u), spans))
		return false;
	slot->matched++;
	c->start = subject_column(u, spans[0].start);
	c->end = subject_column(u, spans[0].end);
	c->cut = spans[1];
	/* A group that took no part: nothing to cut out. */
	if (c->cut.start == REGEX_UNSET)
		c->cut.start = c->cut.end = 0;
	c->fast = false;
	return true;
}

static bool match_fast(struct subject *u, struct slot *slot, struct candidate *c)
{
	if (!fast_at_begin(slot->t->fast, u->line, u->len, &c->cut.start, &c->cut.end))
		return false;
	slot->matched++;
	/* All of it is ASCII. */
	c->start = 0;
	c->end = c->limit = c->cut.end;
	c->fast = true;
	return true;
}

/*
 * A dozen default templates, each tried at every place of a line as long as a
 * line may be, would cost milliseconds: they look at its begin.  Patterns that a
 * filter brings look everywhere, a JSON line may have its time at the end.
 */
#define DEFAULT_WINDOW	8192

static size_t window(const struct slot *slot, size_t len)
{
	return slot->t->everywhere || len < DEFAULT_WINDOW ? len : DEFAULT_WINDOW;
}

/* Search all of the line for the template at @index of the order. */
static bool match_whole(struct stamp *s, struct subject *u, size_t index,
			struct candidate *c)
{
	struct slot *slot = s->order[index];

	if (!s->slow && !subject_has(u, slot->t->need))
		return false;
	*c = (struct candidate){ .index = index, .limit = window(slot, u->len) };
	if (!s->slow && slot->t->fast.form && slot->t->pattern.line_begin &&
	    match_fast(u, slot, c))
		return true;
	return match_part(s, u, slot, c);
}

/* ---- the template that was right last time ---- */

/* Neither letter nor digit; characters outside of ASCII count as letters. */
static bool is_mark(int32_t c)
{
	return c >= 0 && c < 0x80 && !(c >= '0' && c <= '9') &&
	       !((c | 32) >= 'a' && (c | 32) <= 'z');
}

static int32_t byte_at(const struct subject *u, size_t i)
{
	return i < u->len ? (unsigned char)u->line[i] : SUBJECT_NO_CHAR;
}

static struct place place_of(struct subject *u, size_t start, size_t end)
{
	struct place p = { start, end, SUBJECT_NO_CHAR, 0, SUBJECT_NO_CHAR, 0 };

	if (subject_is_plain(u, end + 1)) {
		p.before = start ? byte_at(u, start - 1) : SUBJECT_NO_CHAR;
		p.first = byte_at(u, start);
		p.last = end ? byte_at(u, end - 1) : SUBJECT_NO_CHAR;
		p.behind = byte_at(u, end);
		return p;
	}
	if (start)
		p.before = subject_char(u, start - 1);
	p.first = subject_char(u, start);
	if (end)
		p.last = subject_char(u, end - 1);
	p.behind = subject_char(u, end);
	return p;
}

/*
 * True when the ends of the last place look the same in this line: outside, or
 * else inside, with something there that is no letter or digit.
 */
static bool same_surroundings(const struct place *p, const struct place *q)
{
	if (p->before != q->before && (p->first != q->first || !is_mark(p->first)))
		return false;
	return p->behind == q->behind || (p->last == q->last && is_mark(p->last));
}

/* Search for the last template, which is not anchored, in its last place. */
static bool match_place(struct stamp *s, struct subject *u, struct candidate *c)
{
	struct slot *slot = s->order[s->last];
	size_t end = subject_offset(u, s->place.end);

	c->index = s->last;
	c->from = subject_offset(u, s->place.start);
	c->limit = end < u->len ? end : u->len;
	if (c->from > c->limit)
		return false;
	if (!slot->t->fast.form || s->slow || end > u->len ||
	    !fast_at(slot->t->fast, u->line, c->from, end))
		return match_part(s, u, slot, c);
	slot->matched++;
	c->start = s->place.start;
	c->end = s->place.end;
	c->cut = (struct regex_span){ c->from, end };
	c->fast = true;
	return true;
}

/*
 * True when the last template is not anchored, and the line looks as if its date
 * was where the last one was; *@here is that place.
 */
static bool in_place(struct stamp *s, struct subject *u, struct place *here)
{
	if (anchored(s->order[s->last]))
		return false;
	*here = place_of(u, s->place.start, s->place.end);
	return same_surroundings(&s->place, here);
}

/*
 * Try the last template.  True: @c is the answer.  Otherwise @c may hold a match
 * somewhere else, and *@tried is the index whose search of the whole line need
 * not be repeated.
 */
static bool try_last(struct stamp *s, struct subject *u, struct candidate *c,
		     size_t *tried)
{
	struct place here;
	bool found;

	if (in_place(s, u, &here)) {
		found = match_place(s, u, c);
	} else {
		found = match_whole(s, u, s->last, c);
		*tried = s->last;
	}
	if (!found) {
		c->index = NOWHERE;
		return false;
	}
	if (s->n == 1 || anchored(s->order[s->last]))
		return true;
	if (c->start != s->place.start || c->end != s->place.end)
		return false;
	if (*tried == NOWHERE) {
		s->place = here;
		c->placed = true;
	}
	return true;
}

/* ---- all templates ---- */

/* True when @c needs no comparison with what other templates find. */
static bool is_final(const struct stamp *s, const struct candidate *c)
{
	const struct slot *slot = s->order[c->index];
	size_t last_start = s->last == NOWHERE ? 1 : s->place.start;

	if (c->index + 1 == s->n || anchored(slot))
		return true;
	if (c->start == 0 && slot->hits && !s->order[c->index + 1]->matched)
		return true;
	/* Further right than before: maybe not the line's own date. */
	return c->start <= slot->distance && c->start <= last_start;
}

/* Search on, @best being what there is so far.  True: it is the answer. */
static bool try_all(struct stamp *s, struct subject *u, struct candidate *best,
		    size_t tried)
{
	struct candidate c;

	for (size_t i = 0; i < s->n; i++) {
		if (i == tried || !match_whole(s, u, i, &c))
			continue;
		if (is_final(s, &c)) {
			*best = c;
			return true;
		}
		if (best->index == NOWHERE || c.start < best->start)
			*best = c;
	}
	return best->index != NOWHERE;
}

/* ---- learning ---- */

static double rank(const struct slot *slot)
{
	return (double)slot->hits * slot->t->weight /
	       (double)(slot->distance ? slot->distance : 1);
}

static void move(struct stamp *s, size_t from, size_t to)
{
	struct slot *slot = s->order[from];

	memmove(s->order + to + 1, s->order + to, (from - to) * sizeof(*s->order));
	s->order[to] = slot;
	while (s->first_unused < s->n && s->order[s->first_unused]->hits)
		s->first_unused++;
}

/* Let a winner that was not the last one bubble towards the front. */
static size_t promote(struct stamp *s, size_t i)
{
	size_t to = s->first_unused < i ? s->first_unused : i / 2;
	double mine = rank(s->order[i]);

	if (mine <= rank(s->order[to])) {
		to = i - 1;
		if (mine <= rank(s->order[to]))
			return i;
	}
	move(s, i, to);
	return to;
}

static void learn(struct stamp *s, struct subject *u, const struct candidate *c)
{
	struct slot *slot = s->order[c->index];
	size_t i = c->index;

	slot->hits++;
	slot->distance = c->start;
	if (s->first_unused == i)
		s->first_unused++;
	if (anchored(slot))	/* nobody will ask what is around it */
		s->place = (struct place){ .start = c->start, .end = c->end };
	else if (!c->placed)
		s->place = place_of(u, c->start, c->end);
	if (i && i != s->last)
		i = promote(s, i);
	s->last = i;
	s->again = slot->t->fast.form && slot->t->pattern.line_begin && !s->slow
			   ? slot : NULL;
}

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

static bool find_by_search(struct stamp *s, const char *line, size_t len,
			   struct stamp_date *out)
{
	struct subject u = { .line = line, .len = len };
	struct candidate c = { .index = NOWHERE };
	const struct slot *slot;
	size_t tried = NOWHERE;

	regex_env_refill(s->env);
	if ((s->last == NOWHERE || !try_last(s, &u, &c, &tried)) &&
	    !try_all(s, &u, &c, tried))
		return false;
	slot = s->order[c.index];
	learn(s, &u, &c);
	*out = (struct stamp_date){
		c.cut.start, c.cut.end, slot->t, c.from, c.limit, c.fast
	};
	return true;
}

bool stamp_find(struct stamp *s, const char *line, size_t len,
		struct stamp_date *out)
{
	return find_again(s, line, len, out) || find_by_search(s, line, len, out);
}

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
