// SPDX-License-Identifier: GPL-2.0-or-later
#include "limits.h"

#include <stdlib.h>

#include "base/heap.h"
#include "base/hmap.h"

struct entry {
	struct hmap_node node;
	struct heap_node ending;
	struct limit limit;
};

struct limits {
	struct hmap by_addr;		/* owns */
	struct heap by_end;		/* borrows the same */
	size_t max;
	uint64_t evicted;
};

struct limits *limits_new(size_t max)
{
	struct limits *l = calloc(1, sizeof(*l));

	if (!l || hmap_init(&l->by_addr)) {
		free(l);
		return NULL;
	}
	l->max = max;
	return l;
}

static struct entry *entry_of(const struct heap_node *n)
{
	return container_of(n, struct entry, ending);
}

static void forget(struct limits *l, struct entry *e)
{
	hmap_remove(&l->by_addr, &e->node);
	heap_remove(&l->by_end, &e->ending);
	free(e);
}

void limits_free(struct limits *l)
{
	if (!l)
		return;
	while (heap_top(&l->by_end))
		forget(l, entry_of(heap_top(&l->by_end)));
	hmap_fini(&l->by_addr);
	heap_fini(&l->by_end);
	free(l);
}

static struct entry *find(const struct limits *l, const struct ipaddr *who)
{
	struct hmap_node *n = hmap_first(&l->by_addr, hmap_hash(&l->by_addr, who, sizeof(*who)));

	for (; n; n = hmap_next(n)) {
		struct entry *e = container_of(n, struct entry, node);

		if (ipaddr_equal(&e->limit.who, who))
			return e;
	}
	return NULL;
}

static struct entry *make(struct limits *l, const struct ipaddr *who)
{
	struct entry *e;

	if (l->by_end.n >= l->max) {
		l->evicted++;
		forget(l, entry_of(heap_top(&l->by_end)));
	}
	e = calloc(1, sizeof(*e));
	if (!e || heap_insert(&l->by_end, &e->ending, 0)) {
		free(e);
		return NULL;
	}
	e->limit.who = *who;
	hmap_insert(&l->by_addr, &e->node, hmap_hash(&l->by_addr, who, sizeof(*who)));
	return e;
}

static uint64_t length_of(const struct limits_length *length, uint32_t times)
{
	uint64_t ns = length->first_ns;

	while (--times && ns < length->most_ns)
		ns *= 2;
	return ns < length->most_ns ? ns : length->most_ns;
}

const struct limit *limits_add(struct limits *l, const struct limit *w,
			       const struct limits_length *length, boot_t now)
{
	struct entry *e = find(l, &w->who);
	uint32_t times;

	if (!e)
		e = make(l, &w->who);
	if (!e)
		return NULL;
	times = e->limit.until.ns + LIMITS_MEMORY_NS > now.ns ? e->limit.times : 0;
	/* Two jails may say the same at once: only who comes back is limited longer. */
	times += !times || e->limit.until.ns <= now.ns;
	e->limit = *w;
	e->limit.times = times;
	e->limit.until.ns = now.ns + length_of(length, e->limit.times);
	heap_move(&l->by_end, &e->ending, e->limit.until.ns);
	return &e->limit;
}

const struct limit *limits_find(const struct limits *l, const struct ipaddr *who, boot_t now)
{
	const struct entry *e = find(l, who);

	return e && e->limit.until.ns > now.ns ? &e->limit : NULL;
}

bool limits_lift(struct limits *l, const struct ipaddr *who, boot_t now)
{
	struct entry *e = find(l, who);
	bool in_force = e && e->limit.until.ns > now.ns;

	if (e)
		forget(l, e);
	return in_force;
}

bool limits_fade(struct limits *l, boot_t now, boot_t *next)
{
	struct heap_node *n;

	while ((n = heap_top(&l->by_end)) && n->key + LIMITS_MEMORY_NS <= now.ns)
		forget(l, entry_of(n));
	if (n)
		next->ns = n->key + LIMITS_MEMORY_NS;
	return n;
}

void limits_each(const struct limits *l, boot_t now, limits_fn *fn, void *ctx)
{
	for (size_t i = 0; i < l->by_end.n; i++)
		if (l->by_end.nodes[i]->key > now.ns)
			fn(ctx, &entry_of(l->by_end.nodes[i])->limit);
}

size_t limits_count(const struct limits *l, boot_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < l->by_end.n; i++)
		n += l->by_end.nodes[i]->key > now.ns;
	return n;
}

uint64_t limits_evicted(const struct limits *l)
{
	return l->evicted;
}
