// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/positions.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

struct entry {
	struct hmap_node node;
	struct source_position position;
	char *cursor;			/* owns; NULL: a file */
	bool followed;			/* while we look for those that are gone */
	char name[];
};

int positions_init(struct positions *all)
{
	*all = (struct positions){ 0 };
	return hmap_init(&all->by_name);
}

static void entry_free(struct entry *e)
{
	free(e->cursor);
	free(e);
}

void positions_fini(struct positions *all)
{
	struct hmap_cursor c = { 0 };
	struct hmap_node *node;

	while (all->by_name.buckets && (node = hmap_each(&all->by_name, &c))) {
		entry_free(container_of(node, struct entry, node));
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
	struct entry *e = calloc(1, sizeof(*e) + len + 1);

	if (!e)
		return NULL;
	memcpy(e->name, name, len + 1);
	hmap_insert(&all->by_name, &e->node, hmap_hash(&all->by_name, name, len));
	return e;
}

int positions_put(struct positions *all, const char *name,
		  const struct source_position *p)
{
	struct entry *e = find(all, name);
	char *cursor;

	if (!e && all->by_name.n >= POSITIONS_MAX) {
		all->refused++;
		return -ENOSPC;
	}
	cursor = p->cursor ? strdup(p->cursor) : NULL;
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

/* ---- forgetting ------------------------------------------------------------------ */

/* Is the file system there that a file called @path was on, if it was on @dev? */
static bool is_mounted(const char *path, uint64_t dev)
{
	char dir[PATH_MAX], *slash;
	size_t len = strlen(path);
	struct stat st;

	if (len >= sizeof(dir))
		return false;
	memcpy(dir, path, len + 1);
	/* The directory may be gone with it: the nearest that is there knows. */
	while ((slash = strrchr(dir, '/')) && slash > dir) {
		*slash = '\0';
		if (!stat(dir, &st))
			return st.st_dev == dev;
		if (errno != ENOENT && errno != ENOTDIR)
			return false;
	}
	return false;
}

static bool is_gone(const struct entry *e)
{
	struct stat st;

	if (e->followed || e->cursor || !lstat(e->name, &st))
		return false;
	return (errno == ENOENT || errno == ENOTDIR) &&
	       is_mounted(e->name, e->position.dev);
}

static void mark_followed(struct positions *all, const struct sources *live)
{
	for (struct source *s = sources_first(live); s; s = source_next(s)) {
		struct entry *e = find(all, source_name(s));

		if (e)
			e->followed = true;
	}
}

void positions_forget_gone(struct positions *all, const struct sources *live,
			   positions_gone_fn *gone, void *ctx)
{
	struct hmap_cursor c = { 0 };
	struct hmap_node *node;

	mark_followed(all, live);
	while ((node = hmap_each(&all->by_name, &c))) {
		struct entry *e = container_of(node, struct entry, node);

		if (is_gone(e)) {
			gone(ctx, e->name);
			hmap_remove(&all->by_name, node);
			entry_free(e);
		} else {
			e->followed = false;
		}
	}
}
