// SPDX-License-Identifier: GPL-2.0-or-later
#include "literals.h"

#include <errno.h>
#include <stdlib.h>

/*
 * A descent through the expression.  A part of it is exact when all the texts
 * are known that it can match; neighbours that are exact grow together.  What is
 * not exact ends such a text, and it is noted as needed.
 */
struct reader {
	const char *p, *end;
	bool any_case;			/* the flag i, here */
	struct literal_sets *out;
	bool failed;			/* no memory */
};

struct part {
	bool exact;
	struct literals texts;		/* if exact; "" may be one of them */
};

static const struct literals nothing = { .n = 1 };	/* matches "" only */

static bool read_branches(struct reader *r, struct part *out);

/* ---- sets of texts ---- */

static bool add_set(struct reader *r, const struct literals *set)
{
	struct literal_sets *out = r->out;
	size_t size = out->size ? out->size * 2 : 8;
	struct literals *p;

	if (out->n == out->size) {
		p = realloc(out->v, size * sizeof(*p));
		if (!p) {
			r->failed = true;
			return false;
		}
		out->v = p;
		out->size = size;
	}
	out->v[out->n++] = *set;
	return true;
}

/* A set in which a text is very short says nothing. */
static void need(struct reader *r, const struct literals *set)
{
	for (unsigned int i = 0; i < set->n; i++)
		if (set->v[i].len < LITERAL_MIN)
			return;
	add_set(r, set);
}

/* @a with @b behind it.  False: too long, the begin of it is gone. */
static bool join(struct literal *out, const struct literal *a, const struct literal *b)
{
	size_t gone = a->len + b->len > LITERAL_MAX ? a->len + b->len - LITERAL_MAX : 0;
	size_t kept = a->len - gone;

	memcpy(out->s, a->s + gone, kept);
	memcpy(out->s + kept, b->s, b->len);
	out->len = (uint8_t)(kept + b->len);
	out->any_case = a->any_case || b->any_case;
	return !gone;
}

static bool same_text(const struct literal *a, const struct literal *b)
{
	return a->len == b->len && a->any_case == b->any_case && !memcmp(a->s, b->s, a->len);
}

/* The last of @set was just added; what was cut may be there already. */
static void drop_double(struct literals *set)
{
	for (unsigned int i = 0; i + 1 < set->n; i++) {
		if (same_text(&set->v[i], &set->v[set->n - 1])) {
			set->n--;
			return;
		}
	}
}

enum product { PRODUCT_EXACT, PRODUCT_CUT, PRODUCT_NONE };

/*
 * Each text of @a with each of @b behind it.  Some may be cut at their begin;
 * none, and @a is as it was, if there are too many.
 */
static enum product multiply(struct literals *a, const struct literals *b)
{
	struct literals product = { 0 };
	enum product how = PRODUCT_EXACT;

	if (a->n * b->n > LITERALS_MAX)
		return PRODUCT_NONE;
	for (unsigned int i = 0; i < a->n; i++) {
		for (unsigned int k = 0; k < b->n; k++) {
			if (!join(&product.v[product.n++], &a->v[i], &b->v[k]))
				how = PRODUCT_CUT;
			drop_double(&product);
		}
	}
	*a = product;
	return how;
}

static bool unite(struct literals *a, const struct literals *b)
{
	if (a->n + b->n > LITERALS_MAX)
		return false;
	memcpy(a->v + a->n, b->v, b->n * sizeof(*b->v));
	a->n += b->n;
	return true;
}

/* The set that says most: few texts, and the shortest of them long. */
static int worth(const struct literals *set)
{
	int least = LITERAL_MAX;

	for (unsigned int i = 0; i < set->n; i++)
		if (set->v[i].len < least)
			least = set->v[i].len;
	return least * 4 - (int)set->n;
}

/* ---- single characters ---- */

static bool is_letter(unsigned char c)
{
	return (unsigned char)((c | 32) - 'a') < 26;
}

/*
 * What one character that stands for itself can match.  Beyond ASCII the subject
 * may differ from the line, and two letters of ASCII have relatives there.
 */
static void set_char(struct part *out, const struct reader *r, unsigned char c)
{
	bool folds = r->any_case && is_letter(c);

	*out = (struct part){ .texts = nothing };
	if (c >= 0x80 || c == '\n' || (folds && ((c | 32) == 'k' || (c | 32) == 's')))
		return;
	out->exact = true;
	out->texts.v[0] = (struct literal){ 1, folds, { (char)c } };
}

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/*
 * Behind a backslash: 1: a character, in @c; 0: a class or a place; both end up
 * behind it.
 */
static int read_escape(struct reader *r, unsigned char *c)
{
	char e = *r->p++;

	if (e == 'x') {
		*c = (unsigned char)(hex_value(r->p[0]) << 4 | hex_value(r->p[1]));
		r->p += 2;
		return 1;
	}
	*c = (unsigned char)e;
	return !is_letter((unsigned char)e);
}

#define SET_MAX	4	/* characters of a [set] that is exact */

/*
 * Behind the opening bracket.  pyregex.c escapes all that stands for itself, so
 * a bare "-" makes a range and a bare "]" is the end.
 */
static void read_set(struct reader *r, struct part *out)
{
	struct part one;
	bool exact = *r->p != '^';
	struct literals all = { 0 };
	unsigned char c;

	while (r->p < r->end && *r->p != ']') {
		c = (unsigned char)*r->p++;
		if (c == '\\')
			exact &= read_escape(r, &c);
		else if (c == '-')
			exact = false;
		set_char(&one, r, c);
		exact = exact && one.exact && all.n < SET_MAX;
		if (exact)
			all.v[all.n++] = one.texts.v[0];
	}
	r->p++;
	*out = (struct part){ exact, exact ? all : nothing };
}

/* ---- groups ---- */

/* Go behind the next @c, which is there. */
static void skip_past(struct reader *r, char c)
{
	while (*r->p++ != c)
		;
}

/* What is looked at from outside takes no text: exactly "". */
static void read_look(struct reader *r, struct part *out)
{
	size_t mark = r->out->n;

	read_branches(r, out);
	r->out->n = mark;
	*out = (struct part){ true, nothing };
}

/* "(?i-s:", from the letters on. */
static void read_flags(struct reader *r)
{
	for (bool on = true; *r->p != ':'; r->p++) {
		if (*r->p == '-')
			on = false;
		else if (*r->p == 'i')
			r->any_case = on;
	}
	r->p++;
}

/* "(?(7)yes|no)", from the number on; "no" may be missing, that is "". */
static void read_condition(struct reader *r, struct part *out)
{
	size_t mark = r->out->n;

	skip_past(r, ')');
	if (read_branches(r, out))
		return;
	r->out->n = mark;
	out->exact = out->exact && unite(&out->texts, &nothing);
}

/* Behind an opening bracket. */
static void read_group(struct reader *r, struct part *out)
{
	bool any_case = r->any_case;

	if (*r->p != '?') {
		read_branches(r, out);
	} else if (r->p[1] == '=' || r->p[1] == '!' ||
		   (r->p[1] == '<' && (r->p[2] == '=' || r->p[2] == '!'))) {
		r->p += r->p[1] == '<' ? 3 : 2;
		read_look(r, out);
	} else if (r->p[1] == '(') {
		r->p += 2;
		read_condition(r, out);
	} else if (r->p[1] == '>') {
		r->p += 2;
		read_branches(r, out);
	} else {
		r->p++;
		read_flags(r);
		read_branches(r, out);
	}
	r->p++;		/* its closing bracket */
	r->any_case = any_case;
}

/* ---- repetition ---- */

struct times {
	unsigned long least;
	bool fixed;		/* neither more nor less */
	bool once_at_most;
};

/* {2}, {2,} or {2,5}; @r->p is at the opening bracket. */
static struct times read_braces(struct reader *r)
{
	struct times t;
	char *end;

	t.least = strtoul(r->p + 1, &end, 10);
	t.fixed = *end == '}';
	t.once_at_most = starts_with(end, ",1}");
	skip_past(r, '}');
	return t;
}

static bool read_times(struct reader *r, struct times *t)
{
	if (r->p == r->end || !strchr("*+?{", *r->p))
		return false;
	switch (*r->p) {
	case '{':
		*t = read_braces(r);
		break;
	default:
		*t = (struct times){ *r->p == '+', false, *r->p == '?' };
		r->p++;
	}
	if (r->p < r->end && (*r->p == '?' || *r->p == '+'))
		r->p++;
	return true;
}

static void maybe(struct reader *r, struct part *part, struct times t, size_t mark)
{
	r->out->n = mark;
	if (t.fixed)
		*part = (struct part){ true, nothing };
	else
		part->exact = part->exact && t.once_at_most &&
			      unite(&part->texts, &nothing);
}

/* False: too many, or too long. */
static bool multiply_by(struct literals *texts, unsigned long times)
{
	struct literals product = *texts;

	for (unsigned long i = 1; i < times; i++)
		if (multiply(&product, texts) != PRODUCT_EXACT)
			return false;
	*texts = product;
	return true;
}

/* @mark: how many sets there were before what is repeated. */
static void repeat(struct reader *r, struct part *part, struct times t, size_t mark)
{
	if (!t.least) {
		maybe(r, part, t, mark);
		return;
	}
	if (!part->exact || (t.fixed && multiply_by(&part->texts, t.least)))
		return;
	need(r, &part->texts);
	part->exact = false;
}

/* ---- the whole ---- */

static void read_atom(struct reader *r, struct part *out)
{
	unsigned char c = (unsigned char)*r->p++;

	switch (c) {
	case '(':
		read_group(r, out);
		return;
	case '[':
		read_set(r, out);
		return;
	case '^':
	case '$':
		*out = (struct part){ true, nothing };
		return;
	case '.':
		*out = (struct part){ 0 };
		return;
	case '\\':
		if (read_escape(r, &c))
			break;
		if (c == 'g')
			skip_past(r, '}');
		*out = (struct part){ strchr("AbBz", c), nothing };
		return;
	}
	set_char(out, r, c);
}

/* @next is behind what @out has so far. */
static void append(struct reader *r, struct part *out, const struct part *next)
{
	enum product how = PRODUCT_NONE;

	if (next->exact)
		how = multiply(&out->texts, &next->texts);
	if (how == PRODUCT_EXACT)
		return;
	out->exact = false;
	if (how == PRODUCT_CUT)		/* the end of it is still one text */
		return;
	need(r, &out->texts);
	out->texts = next->exact ? next->texts : nothing;
}

/* Up to the next branch, or the end of the group. */
static void read_sequence(struct reader *r, struct part *out)
{
	struct part next;
	struct times t;

	*out = (struct part){ true, nothing };
	while (r->p < r->end && *r->p != '|' && *r->p != ')') {
		size_t mark = r->out->n;

		read_atom(r, &next);
		if (read_times(r, &t))
			repeat(r, &next, t, mark);
		append(r, out, &next);
	}
	if (!out->exact)
		need(r, &out->texts);
}

/* The best set that a branch left behind @mark; false: none. */
static bool take_best(struct reader *r, size_t mark, struct literals *best)
{
	bool found = false;

	for (size_t i = mark; i < r->out->n; i++) {
		if (found && worth(&r->out->v[i]) <= worth(best))
			continue;
		*best = r->out->v[i];
		found = true;
	}
	r->out->n = mark;
	return found;
}

/*
 * Of several branches one matches, so what the whole needs is what each branch
 * needs, all in one set.  False: there is only one.
 */
static bool read_branches(struct reader *r, struct part *out)
{
	size_t mark = r->out->n;
	struct literals needs, best;
	struct part branch;
	bool known;

	read_sequence(r, out);
	if (r->p == r->end || *r->p != '|')
		return false;
	needs = out->texts;
	known = out->exact || take_best(r, mark, &needs);
	while (r->p < r->end && *r->p == '|') {
		r->p++;
		read_sequence(r, &branch);
		best = branch.texts;
		known &= branch.exact || take_best(r, mark, &best);
		known = known && unite(&needs, &best);
		out->exact &= branch.exact;
		r->out->n = mark;
	}
	out->exact &= known;
	out->texts = out->exact ? needs : nothing;
	if (known && !out->exact)
		need(r, &needs);
	return true;
}

int literals_find(struct literal_sets *out, const char *text, size_t len,
		  bool any_case)
{
	struct reader r = {
		.p = text, .end = text + len, .any_case = any_case, .out = out,
	};
	struct part all;

	*out = (struct literal_sets){ 0 };
	read_branches(&r, &all);
	if (all.exact)
		need(&r, &all.texts);
	return r.failed ? -ENOMEM : 0;
}

void literals_fini(struct literal_sets *sets)
{
	free(sets->v);
	*sets = (struct literal_sets){ 0 };
}
