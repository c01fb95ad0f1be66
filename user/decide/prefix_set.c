// SPDX-License-Identifier: GPL-2.0-or-later
#include "prefix_set.h"

#include <stdlib.h>

/* Networks come before what they contain: that is the order of ipaddr_compare(). */
static int compare(const void *a, const void *b)
{
	const struct prefix_entry *x = a, *y = b;
	int order = ipaddr_compare(&x->net, &y->net);

	return order ? order : (x->tag > y->tag) - (x->tag < y->tag);
}

static size_t drop_equal(struct prefix_entry *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!kept || !ipaddr_equal(&v[kept - 1].net, &v[i].net))
			v[kept++] = v[i];
	return kept;
}

/* The network around @who, starting the search at index @i + 1, upwards. */
static uint32_t climb(const struct prefix_entry *v, uint32_t i, const struct ipaddr *who)
{
	while (i && !ipaddr_contains(&v[i - 1].net, who))
		i = v[i - 1].around;
	return i;
}

void prefix_set_build(struct prefix_set *s, struct prefix_entry *v, size_t n)
{
	free(s->v);
	if (n)
		qsort(v, n, sizeof(*v), compare);
	s->v = v;
	s->n = drop_equal(v, n);
	/* What contains an entry stands before it, and around that one. */
	for (uint32_t i = 0; i < s->n; i++)
		v[i].around = climb(v, i, &v[i].net);
}

void prefix_set_fini(struct prefix_set *s)
{
	free(s->v);
	*s = (struct prefix_set){ 0 };
}

/* How many entries stand before @who or are equal to it. */
static uint32_t rank(const struct prefix_set *s, const struct ipaddr *who)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (ipaddr_compare(&s->v[mid].net, who) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return (uint32_t)low;
}

const struct prefix_entry *prefix_set_around(const struct prefix_set *s,
					     const struct ipaddr *who)
{
	uint32_t i = climb(s->v, rank(s, who), who);

	return i ? &s->v[i - 1] : NULL;
}

const struct prefix_entry *prefix_set_touching(const struct prefix_set *s,
					       const struct ipaddr *who)
{
	uint32_t next = rank(s, who);
	uint32_t i = climb(s->v, next, who);

	if (i)
		return &s->v[i - 1];
	if (next < s->n && ipaddr_contains(who, &s->v[next].net))
		return &s->v[next];
	return NULL;
}
