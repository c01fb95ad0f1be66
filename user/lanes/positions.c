// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/positions.h"

#include <errno.h>
#include <stdlib.h>

struct entry {
	struct hmap_node node;
	struct source_position position;
	char *cursor;			/* owns; NULL: a file */
	char name[];
};

int positions_init(struct positions *all)
{
	*all = (struct positions){ 0 };
	return hmap_init(&all->by_name);
}

void positions_fini(struct positions *all)
{
	struct hmap_cursor c = { 0 };
	struct hmap_node *node;

	while (all->by_name.buckets && (node = hmap_each(&all->by_name, &c))) {
		struct entry *e = container_of(node, struct entry, node);

		free(e->cursor);
		free(e);
	}
	hmap_fini(&all->by_name);
}

static struct entry *find(const struct positions *all, const char *name)
{
	uint64_t hash = hmap_hash(&all->by_name, name, strlen(name));
	struct hmap_node *node = hmap_first(&all->by_name, hash);

	for (; node; node = hmap_next(node)) {
		struct entry *e = container_of(node, struct entry, node);

		if (streq(e->name, name))
			return e;
	}
	return NULL;
}

static struct entry *add(struct positions *all, const char *name)
{
	size_t len = strlen(name);
	struct entry *e;

	if (all->by_name.n >= POSITIONS_MAX) {
		all->refused++;
		return NULL;
	}
	e = calloc(1, sizeof(*e) + len + 1);
	if (!e)
		return NULL;
	memcpy(e->name, name, len + 1);
	hmap_insert(&all->by_name, &e->node, hmap_hash(&all->by_name, name, len));
	return e;
}

int positions_put(struct positions *all, const char *name,
		  const struct source_position *p)
{
	char *cursor = p->cursor ? strdup(p->cursor) : NULL;
	struct entry *e = find(all, name);

	if (!e)
		e = add(all, name);
	if (!e || (p->cursor && !cursor)) {
		free(cursor);
		return -ENOMEM;
	}
	free(e->cursor);
	e->cursor = cursor;
	e->position = *p;
	e->position.cursor = cursor;
	return 0;
}

const struct source_position *positions_get(const struct positions *all, const char *name)
{
	const struct entry *e = find(all, name);

	return e ? &e->position : NULL;
}
