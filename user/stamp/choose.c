// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which date of a line is the right one, and which template explains it, is
 * learnt from the lines before: 01-02-2024 alone is January or February.  The
 * rules are Fail2ban's, as their result can be seen.  One is left out, that a
 * template unused for five minutes by the clock gives way to any other: results
 * should follow from the log alone.
 */
#include "stamp/stamp_private.h"
#include "stamp/subject.h"

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

bool stamp_choose(struct stamp *s, const char *line, size_t len, struct stamp_date *out)
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

