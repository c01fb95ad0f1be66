// SPDX-License-Identifier: GPL-2.0-or-later
#include "prefilter.h"

#include "regex/literals.h"
#include "regex/regex.h"
#include "regex/sieve.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

_Static_assert(LITERAL_MIN >= SIEVE_TEXT_MIN && LITERAL_MAX <= SIEVE_TEXT_MAX,
	       "the sieve takes every literal");

/* The texts that go into the sieve. */
struct basket {
	struct sieve_text *v;	/* owns; SIEVE_TEXTS_MAX */
	size_t n;
	uint64_t always;	/* marks of expressions that may match anything */
	uint64_t weak;		/* marks of those whose texts are everywhere */
};

#define GRAM	4		/* bytes in a row */

struct gram {
	uint32_t bytes;
	size_t owner;		/* an expression */
};

/* The sets of all expressions, and what is in them. */
struct needs {
	struct literal_sets *v;	/* owns */
	size_t n;
	struct gram *grams;	/* owns */
	size_t n_grams;
};

/* ---- choosing a set ------------------------------------------------------ */

static uint32_t gram_at(const char *s)
{
	uint32_t gram;

	memcpy(&gram, s, GRAM);
	return gram;
}

static int compare_grams(const void *a, const void *b)
{
	const struct gram *p = a, *q = b;

	if (p->bytes != q->bytes)
		return p->bytes < q->bytes ? -1 : 1;
	return p->owner < q->owner ? -1 : p->owner > q->owner;
}

static size_t count_texts(const struct needs *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->v[i].n; k++)
			n += all->v[i].v[k].n;
	return n;
}

static void list_grams(struct needs *all, size_t owner, const struct literals *set)
{
	for (unsigned int i = 0; i < set->n; i++)
		for (int at = 0; at + GRAM <= set->v[i].len; at++)
			all->grams[all->n_grams++] = (struct gram){
				gram_at(set->v[i].s + at), owner,
			};
}

/* All grams of all expressions, sorted, each but once for each expression. */
static int find_grams(struct needs *all)
{
	size_t n = 0;

	all->grams = calloc(count_texts(all) * LITERAL_MAX + 1, sizeof(*all->grams));
	if (!all->grams)
		return -ENOMEM;
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->v[i].n; k++)
			list_grams(all, i, &all->v[i].v[k]);
	qsort(all->grams, all->n_grams, sizeof(*all->grams), compare_grams);
	for (size_t i = 0; i < all->n_grams; i++)
		if (!n || compare_grams(&all->grams[i], &all->grams[n - 1]))
			all->grams[n++] = all->grams[i];
	all->n_grams = n;
	return 0;
}

/* How many expressions have it. */
static unsigned int owners(const struct needs *all, uint32_t bytes)
{
	size_t low = 0, high = all->n_grams;
	unsigned int n = 0;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (all->grams[mid].bytes < bytes)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < all->n_grams && all->grams[low].bytes == bytes; low++)
		n++;
	return n ? n : 1;
}

/*
 * The longer a text, the rarer in logs; but what many expressions of a filter
 * have in common is likely to be in the other lines of its log, too: the names
 * of a program and of its fields.
 */
static float worth(const struct needs *all, const struct literals *set)
{
	float least = LITERAL_MAX;

	for (unsigned int i = 0; i < set->n; i++) {
		float sum = 0;

		for (int at = 0; at + GRAM <= set->v[i].len; at++)
			sum += 1 / (float)owners(all, gram_at(set->v[i].s + at));
		least = sum < least ? sum : least;
	}
	return least - (float)set->n / 10;
}

/* Less, and other lines of a log will have it, too: " from ". */
#define WORTH_MUCH	3.5f

static const struct literals *choose(const struct needs *all, size_t i, float *most)
{
	const struct literals *best = NULL;

	*most = 0;
	for (size_t k = 0; k < all->v[i].n; k++) {
		float w = worth(all, &all->v[i].v[k]);

		if (!best || w > *most) {
			best = &all->v[i].v[k];
			*most = w;
		}
	}
	return best;
}

/* ---- filling the basket -------------------------------------------------- */

/* Where @l is like other expressions, other lines will be like @l. */
static uint32_t common_places(const struct needs *all, const struct literal *l)
{
	unsigned int n[LITERAL_MAX], least = UINT_MAX;
	uint32_t common = 0;

	for (int i = 0; i + GRAM <= l->len; i++) {
		n[i] = owners(all, gram_at(l->s + i));
		least = n[i] < least ? n[i] : least;
	}
	for (int i = 0; i + GRAM <= l->len; i++)
		common |= (uint32_t)(n[i] > least) << i;
	return common;
}

static bool add_text(struct basket *b, const struct needs *all, const struct literal *l,
		     uint64_t marks)
{
	struct sieve_text t = {
		.len = l->len, .any_case = l->any_case, .marks = marks,
		.common = common_places(all, l),
	};

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
static void add_set(struct basket *b, const struct needs *all,
		    const struct literals *set, uint64_t marks)
{
	for (unsigned int i = 0; set && i < set->n; i++)
		if (!add_text(b, all, &set->v[i], marks))
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
	return err ? err : find_grams(out);
}

static void needs_fini(struct needs *n)
{
	for (size_t i = 0; i < n->n; i++)
		literals_fini(&n->v[i]);
	free(n->v);
	free(n->grams);
}

/*
 * Where what an expression needs says little, what the prefregex needs is asked
 * for as well, if that says more.
 */
static void add_failregexes(struct basket *b, const struct needs *fail,
			    const struct needs *pref)
{
	const struct literals *set = NULL;
	float most, least = WORTH_MUCH;

	for (size_t i = 0; i < fail->n; i++) {
		add_set(b, fail, choose(fail, i, &most), filter_mark(i));
		if (most < WORTH_MUCH)
			b->weak |= filter_mark(i);
		least = most < least ? most : least;
	}
	if (b->weak && pref->n)
		set = choose(pref, 0, &most);
	add_set(b, pref, set && most > least ? set : NULL, FILTER_MARK_PREF);
}

static void add_ignoreregexes(struct basket *b, const struct needs *ignore)
{
	float most;

	for (size_t i = 0; i < ignore->n; i++)
		add_set(b, ignore, choose(ignore, i, &most), FILTER_MARK_IGNORE);
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
		if (filter_ignores_first(f))
			add_ignoreregexes(b, &ignore);
	}
	needs_fini(&pref);
	needs_fini(&fail);
	needs_fini(&ignore);
	return err;
}

/* ---- the whole ----------------------------------------------------------- */

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
	p->weak = b.weak;
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

int filter_leave_out(struct filter *f, uint64_t marks)
{
	return marks ? sieve_leave_out(&f->prefilter.sieve, marks) : 0;
}

uint64_t filter_marks(const struct filter *f, uint64_t sieved, const char *line,
		      size_t len, size_t start, size_t end)
{
	const struct prefilter *p = &f->prefilter;
	uint64_t marks = sieved;

	if (start && start < end && end <= len)
		marks |= sieve_marks_across(p->sieve, line, start, line + end, len - end);
	if (!(marks & FILTER_MARK_PREF))
		marks &= ~p->weak;
	return marks & ~FILTER_MARK_PREF;
}
