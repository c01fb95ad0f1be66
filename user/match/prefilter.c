// SPDX-License-Identifier: GPL-2.0-or-later
#include "prefilter.h"

#include "base/literals.h"
#include "base/regex.h"
#include "base/sieve.h"

#include <errno.h>
#include <stdlib.h>

_Static_assert(LITERAL_MAX <= SIEVE_TEXT_MAX, "the sieve takes every literal");

/* The texts that go into the sieve. */
struct basket {
	struct sieve_text *v;	/* owns; SIEVE_TEXTS_MAX */
	size_t n;
	uint64_t always;	/* marks of expressions that may match anything */
};

/* The sets of all expressions, to see which of them many have. */
struct needs {
	struct literal_sets *v;	/* owns */
	size_t n;
};

/* ---- choosing a set ------------------------------------------------------ */

static bool same_set(const struct literals *a, const struct literals *b)
{
	if (a->n != b->n)
		return false;
	for (unsigned int i = 0; i < a->n; i++)
		if (a->v[i].len != b->v[i].len ||
		    memcmp(a->v[i].s, b->v[i].s, a->v[i].len))
			return false;
	return true;
}

static bool has_set(const struct literal_sets *sets, const struct literals *set)
{
	for (size_t i = 0; i < sets->n; i++)
		if (same_set(&sets->v[i], set))
			return true;
	return false;
}

/*
 * The rarer in logs, the better.  Long texts are rare, but what many expressions
 * of a filter have in common is likely to be in the other lines of its log, too:
 * the name of the program, say.
 */
static int worth(const struct needs *all, const struct literals *set)
{
	int least = 12, sharers = 0;

	for (unsigned int i = 0; i < set->n; i++)
		if (set->v[i].len < least)
			least = set->v[i].len;
	for (size_t i = 0; i < all->n; i++)
		sharers += has_set(&all->v[i], set);
	return 4 * least - (int)set->n - 6 * (sharers > 8 ? 8 : sharers);
}

static const struct literals *choose(const struct needs *all,
				     const struct literal_sets *own)
{
	const struct literals *best = NULL;
	int most = 0;

	for (size_t i = 0; i < own->n; i++) {
		int w = worth(all, &own->v[i]);

		if (!best || w > most) {
			best = &own->v[i];
			most = w;
		}
	}
	return best;
}

/* ---- filling the basket -------------------------------------------------- */

static bool add_text(struct basket *b, const struct literal *l, uint64_t marks)
{
	struct sieve_text t = { .len = l->len, .any_case = l->any_case, .marks = marks };

	memcpy(t.s, l->s, l->len);
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].len == t.len && b->v[i].any_case == t.any_case &&
		    !memcmp(b->v[i].s, t.s, t.len)) {
			b->v[i].marks |= marks;
			return true;
		}
	}
	if (b->n == SIEVE_TEXTS_MAX)
		return false;
	b->v[b->n++] = t;
	return true;
}

/* @set NULL, or no room: the expressions of @marks have to look at every line. */
static void add_set(struct basket *b, const struct literals *set, uint64_t marks)
{
	for (unsigned int i = 0; set && i < set->n; i++)
		if (!add_text(b, &set->v[i], marks))
			set = NULL;
	if (!set)
		b->always |= marks;
}

static int find_needs(struct needs *out, const struct patterns *p)
{
	int err = 0;

	out->v = calloc(p->n ? p->n : 1, sizeof(*out->v));
	if (!out->v)
		return -ENOMEM;
	for (size_t i = 0; i < p->n && !err; i++)
		err = regex_literals(p->v[i].re, &out->v[out->n++]);
	return err;
}

static void needs_fini(struct needs *n)
{
	for (size_t i = 0; i < n->n; i++)
		literals_fini(&n->v[i]);
	free(n->v);
}

/* What the prefregex needs will do for an expression that needs nothing itself. */
static void add_failregexes(struct basket *b, const struct needs *fail,
			    const struct needs *pref)
{
	for (size_t i = 0; i < fail->n; i++) {
		const struct literals *set = choose(fail, &fail->v[i]);

		if (!set && pref->n)
			set = choose(pref, &pref->v[0]);
		add_set(b, set, filter_mark(i));
	}
}

static int fill(struct basket *b, const struct filter *f)
{
	struct needs pref = { 0 }, fail = { 0 }, ignore = { 0 };
	int err;

	err = find_needs(&pref, &f->pref);
	if (!err)
		err = find_needs(&fail, &f->fail);
	if (!err)
		err = find_needs(&ignore, &f->ignore);
	if (!err) {
		add_failregexes(b, &fail, &pref);
		/* They count their lines, those that would not have failed too. */
		for (size_t i = 0; filter_ignores_first(f) && i < ignore.n; i++)
			add_set(b, choose(&ignore, &ignore.v[i]), FILTER_MARK_IGNORE);
	}
	needs_fini(&pref);
	needs_fini(&fail);
	needs_fini(&ignore);
	return err;
}

/* ---- the whole ----------------------------------------------------------- */

static void note_texts(struct prefilter *p, const struct basket *b)
{
	for (size_t i = 0; i < b->n; i++) {
		unsigned char c = (unsigned char)b->v[i].s[0];

		if (b->v[i].len > p->longest)
			p->longest = b->v[i].len;
		p->begins[c] = true;
		if (b->v[i].any_case)
			p->begins[(unsigned char)(c ^ 32)] = true;
	}
}

int prefilter_init(struct prefilter *p, const struct filter *f)
{
	struct basket b = { 0 };
	int err = -ENOMEM;

	b.v = calloc(SIEVE_TEXTS_MAX, sizeof(*b.v));
	if (!b.v)
		return err;
	/* With a buffer, a line may be part of what a later one completes. */
	if (f->buf.max) {
		b.always = FILTER_MARKS_ALL;
		err = 0;
	} else {
		err = fill(&b, f);
	}
	note_texts(p, &b);
	if (!err)
		err = sieve_new(&p->sieve, b.v, b.n, b.always);
	free(b.v);
	return err;
}

void prefilter_fini(struct prefilter *p)
{
	sieve_free(p->sieve);
	*p = (struct prefilter){ 0 };
}

const struct sieve *filter_sieve(const struct filter *f)
{
	return f->prefilter.sieve;
}

uint64_t filter_joint_marks(const struct filter *f, const char *line, size_t len,
			    size_t start, size_t end)
{
	const struct prefilter *p = &f->prefilter;
	char joint[2 * SIEVE_TEXT_MAX];
	size_t reach = p->longest ? p->longest - 1 : 0;
	size_t before = start < reach ? start : reach, behind = len - end, i = 0;

	while (i < before && !p->begins[(unsigned char)line[start - before + i]])
		i++;
	if (i == before || start >= end || end > len)
		return 0;
	if (behind > reach)
		behind = reach;
	memcpy(joint, line + start - before, before);
	memcpy(joint + before, line + end, behind);
	return sieve_marks(p->sieve, joint, before + behind);
}
