// SPDX-License-Identifier: GPL-2.0-or-later
#include "ignorecache.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/hmap.h"

struct answer {
	struct hmap_node node;
	TAILQ_ENTRY(answer) use;
	boot_t until;
	size_t len;
	bool ignore;
	char key[];
};

struct ignorecache {
	size_t max_count;
	uint64_t max_ns;
	struct hmap by_key;			/* owns the answers */
	TAILQ_HEAD(, answer) by_use;		/* the one used longest ago comes first */
};

struct ignorecache *ignorecache_new(size_t max_count, uint64_t max_ns)
{
	struct ignorecache *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	if (hmap_init(&c->by_key)) {
		free(c);
		return NULL;
	}
	c->max_count = max_count;
	c->max_ns = max_ns;
	TAILQ_INIT(&c->by_use);
	return c;
}

static void drop(struct ignorecache *c, struct answer *a)
{
	hmap_remove(&c->by_key, &a->node);
	TAILQ_REMOVE(&c->by_use, a, use);
	free(a);
}

void ignorecache_free(struct ignorecache *c)
{
	if (!c)
		return;
	while (!TAILQ_EMPTY(&c->by_use))
		drop(c, TAILQ_FIRST(&c->by_use));
	hmap_fini(&c->by_key);
	free(c);
}

static struct answer *find(const struct ignorecache *c, const char *key, size_t len)
{
	struct hmap_node *node = hmap_first(&c->by_key, hmap_hash(&c->by_key, key, len));

	for (; node; node = hmap_next(node)) {
		struct answer *a = container_of(node, struct answer, node);

		if (a->len == len && !memcmp(a->key, key, len))
			return a;
	}
	return NULL;
}

int ignorecache_get(struct ignorecache *c, const char *key, size_t len, boot_t now)
{
	struct answer *a = find(c, key, len);

	if (!a)
		return -ENOENT;
	if (now.ns >= a->until.ns) {
		drop(c, a);
		return -ENOENT;
	}
	TAILQ_REMOVE(&c->by_use, a, use);
	TAILQ_INSERT_TAIL(&c->by_use, a, use);
	return a->ignore;
}

int ignorecache_put(struct ignorecache *c, const char *key, size_t len,
		    bool ignore, boot_t now)
{
	struct answer *a = find(c, key, len);

	if (a)
		drop(c, a);
	if (!c->max_count)
		return 0;
	while (c->by_key.n >= c->max_count)
		drop(c, TAILQ_FIRST(&c->by_use));
	a = malloc(sizeof(*a) + len);
	if (!a)
		return -ENOMEM;
	a->until.ns = now.ns + c->max_ns;
	a->len = len;
	a->ignore = ignore;
	memcpy(a->key, key, len);
	hmap_insert(&c->by_key, &a->node, hmap_hash(&c->by_key, key, len));
	TAILQ_INSERT_TAIL(&c->by_use, a, use);
	return 0;
}
