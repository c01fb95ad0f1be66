// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The places that a followed path depends on, and what happens there.  Something that
 * a part of the path with wildcards matches is looked at alone; whatever else happens
 * may concern all of it.
 */
#include <errno.h>
#include <stdlib.h>

#include "reader.h"
#include "source_private.h"

/* More than that at a time, and everything is looked at. */
enum { LOOKS_MAX = 256 };

/* ---- one look more --------------------------------------------------------- */

void place_forget_looks(struct source_follow *f)
{
	struct look *look;

	while ((look = f->looks)) {
		f->looks = look->next;
		free(look);
	}
	f->looks_end = &f->looks;
	f->n_looks = 0;
}

static bool is_last_look(const struct source_follow *f, const struct place *at, const char *name)
{
	const struct look *last = f->looks ?
		container_of(f->looks_end, struct look, next) : NULL;

	return last && last->at == at && streq(last->name, name);
}

void place_look_at(struct source_follow *f, const struct place *at, const char *name)
{
	size_t len = strlen(name);
	struct look *look;

	/* Most events come in twos. */
	if (f->stale || is_last_look(f, at, name))
		return;
	look = f->n_looks < LOOKS_MAX ? malloc(sizeof(*look) + len + 1) : NULL;
	if (!look) {
		follow_touch(f);
		return;
	}
	look->next = NULL;
	look->at = at;
	memcpy(look->name, name, len + 1);
	*f->looks_end = look;
	f->looks_end = &look->next;
	f->n_looks++;
	f->all->dirty = true;
}

/* ---- events ---------------------------------------------------------------- */

static void on_event(void *ctx, const struct inotify_event *event)
{
	struct place *p = ctx;

	if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED))
		follow_touch(p->owner);
	else if (!event->len || !walk_matches(&p->at, event->name))
		return;
	else if (p->at.rest && walk_is_pattern(p->at.name))
		place_look_at(p->owner, p, event->name);
	else
		follow_touch(p->owner);
}

/* ---- the places of one follow ---------------------------------------------- */

static uint64_t hash_of(const struct source_follow *f, const char *dir, const char *name)
{
	const struct hmap *m = &f->all->places;

	return hmap_hash(m, dir, strlen(dir)) + 3 * hmap_hash(m, name, strlen(name)) +
	       (uintptr_t)f;
}

static struct place *find(const struct source_follow *f, const char *dir, const char *name)
{
	struct hmap_node *node = hmap_first(&f->all->places, hash_of(f, dir, name));

	for (; node; node = hmap_next(node)) {
		struct place *p = container_of(node, struct place, node);

		if (p->owner == f && streq(p->at.dir, dir) && streq(p->at.name, name))
			return p;
	}
	return NULL;
}

bool place_exists(const struct source_follow *f, const char *dir, const char *name)
{
	return find(f, dir, name) != NULL;
}

static void place_free(struct sources *all, struct place *p)
{
	if (all->watches) {
		watch_name_set(all->watches, &p->watch_name, &p->watch, NULL, 0);
		watch_del(all->watches, &p->watch);
	}
	free((char *)p->at.dir);
	free((char *)p->at.name);
	free(p);
}

static struct place *place_new(struct source_follow *f, const struct walk_place *at)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->owner = f;
	p->at = (struct walk_place){ strdup(at->dir), strdup(at->name), at->rest, at->depth };
	if (!p->at.dir || !p->at.name) {
		place_free(f->all, p);
		return NULL;
	}
	p->watch = (struct watch){
		.fn = on_event, .ctx = p, .by_name = !walk_is_pattern(at->name),
	};
	if (p->watch.by_name && f->all->watches)
		watch_name_set(f->all->watches, &p->watch_name, &p->watch, p->at.name, 0);
	hmap_insert(&f->all->places, &p->node, hash_of(f, at->dir, at->name));
	p->next = f->places;
	f->places = p;
	return p;
}

int place_keep(struct source_follow *f, const struct walk_place *at)
{
	struct place *p = find(f, at->dir, at->name);
	int err;

	if (!p)
		p = place_new(f, at);
	if (!p)
		return -ENOMEM;
	p->kept = true;
	/* Each time: another directory may have taken the name. */
	err = f->all->watches ? watch_path(f->all->watches, &p->watch, at->dir, WATCH_DIR) :
				-ENOSYS;
	return err ? err : reader_is_remote(at->dir) ? -EREMOTE : 0;
}

void place_drop(struct source_follow *f, bool all)
{
	struct place **p = &f->places, *gone;

	while ((gone = *p)) {
		if (gone->kept && !all) {
			p = &gone->next;
			continue;
		}
		*p = gone->next;
		hmap_remove(&f->all->places, &gone->node);
		place_free(f->all, gone);
	}
}
