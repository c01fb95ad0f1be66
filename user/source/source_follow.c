// SPDX-License-Identifier: GPL-2.0-or-later
/* A wish to follow a path or pattern: the places it depends on, what it finds. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "family.h"
#include "internal.h"
#include "reader.h"

/* What one walk has found so far. */
struct finding {
	struct source_follow *follow;
	struct found {
		char *path;	/* owns */
		uint64_t dev, inode;
	} *list;
	size_t n;
};

void follow_touch(struct source_follow *f)
{
	if (!f->path)
		return;
	f->stale = true;
	f->all->dirty = true;
}

static const char *leaf_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* ---- places -------------------------------------------------------------- */

static void place_event(void *ctx, const struct inotify_event *event)
{
	struct place *p = ctx;

	if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED))
		follow_touch(p->owner);
	else if (event->len && (streq(p->name, event->name) ||
				!fnmatch(p->name, event->name, FNM_PERIOD)))
		follow_touch(p->owner);
}

static struct place *place_get(struct source_follow *f, const char *dir, const char *name)
{
	struct place *p;

	for (p = f->places; p; p = p->next)
		if (streq(p->dir, dir) && streq(p->name, name))
			return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->owner = f;
	p->watch = (struct watch){ .fn = place_event, .ctx = p };
	p->dir = strdup(dir);
	p->name = strdup(name);
	if (!p->dir || !p->name) {
		free(p->dir);
		free(p->name);
		free(p);
		return NULL;
	}
	p->next = f->places;
	f->places = p;
	return p;
}

static void place_free(struct sources *all, struct place *p)
{
	if (all->watches)
		watch_del(all->watches, &p->watch);
	free(p->dir);
	free(p->name);
	free(p);
}

static void poll_for(struct source_follow *f, int why)
{
	f->polled = true;
	sources_poll(f->all, why);
}

static void on_place(void *ctx, const char *dir, const char *name)
{
	struct finding *found = ctx;
	struct source_follow *f = found->follow;
	struct place *p = place_get(f, dir, name);
	int err;

	if (!p) {
		poll_for(f, -ENOMEM);
		return;
	}
	p->kept = true;
	/* Each time: another directory may have taken the name. */
	err = f->all->watches ? watch_path(f->all->watches, &p->watch, dir, WATCH_DIR) : -ENOSYS;
	if (err || reader_is_remote(dir))
		poll_for(f, err);
}

static void drop_places(struct source_follow *f, bool all)
{
	struct place **p = &f->places, *gone;

	while ((gone = *p)) {
		if (gone->kept && !all) {
			p = &gone->next;
			continue;
		}
		*p = gone->next;
		place_free(f->all, gone);
	}
}

/* ---- what was found ------------------------------------------------------ */

static void on_file(void *ctx, const char *path)
{
	struct finding *found = ctx;
	struct found *list;
	struct stat st = { 0 };

	/* Old generations must not take the places of logs. */
	if (family_is_compressed(path))
		return;
	if (found->n >= found->follow->all->opt.max_files) {
		found->follow->refused++;
		return;
	}
	list = realloc(found->list, (found->n + 1) * sizeof(*list));
	if (!list)
		return;
	found->list = list;
	list += found->n;
	list->path = strdup(path);
	if (!list->path)
		return;
	/* 0, 0 when it cannot be looked at: then it is like no other. */
	if (!stat(path, &st))
		list->dev = st.st_dev;
	list->inode = st.st_ino;
	found->n++;
}

static bool is_older_generation(const char *of, const char *path)
{
	size_t dir = (size_t)(leaf_of(of) - of);

	return (size_t)(leaf_of(path) - path) == dir && !strncmp(of, path, dir) &&
	       family_is_rotated(leaf_of(of), leaf_of(path));
}

static bool has_user(const struct source *s, const struct source_follow *f)
{
	for (struct user *u = s->users; u; u = (struct user *)u->pub.next)
		if (u->follow == f)
			return true;
	return false;
}

/*
 * A pattern such as "full*" also matches what rotation makes of "full".  The
 * reader of "full" sees to those: it reads a renamed file to its end, and a copy
 * must not be read again.  Nor is one file read twice under two names.
 */
static bool is_wanted(const struct finding *found, size_t at)
{
	const struct source_follow *f = found->follow;
	const struct found *it = &found->list[at];

	for (size_t i = 0; i < found->n; i++) {
		const struct found *other = &found->list[i];

		if (i == at)
			continue;
		if (is_older_generation(other->path, it->path) ||
		    (i < at && it->inode && other->inode == it->inode && other->dev == it->dev))
			return false;
	}
	for (const struct source *s = f->all->first; s; s = s->next)
		if (s->kind == &source_file_kind && has_user(s, f) && !streq(s->name, it->path) &&
		    (is_older_generation(s->name, it->path) ||
		     (it->inode && file_reads(s, it->dev, it->inode))))
			return false;
	return true;
}

static struct source *find_source(struct source_follow *f, const char *path)
{
	for (struct source *s = f->all->first; s; s = s->next) {
		if (s->kind != &source_file_kind || !streq(s->name, path))
			continue;
		if (f->encoding ? s->encoding && streq(s->encoding, f->encoding) : !s->encoding)
			return s;
	}
	return NULL;
}

static int follow_file(struct source_follow *f, const char *path)
{
	struct source *s = find_source(f, path);
	int err;

	if (s) {
		file_touch(s);
		return source_join(s, f);
	}
	if (f->pattern && f->all->stats.files >= f->all->opt.max_files) {
		f->refused++;
		return -EMFILE;
	}
	err = file_new(&s, f->all, path, f->encoding);
	if (!err)
		err = source_add(f->all, s, f);
	if (!err)
		file_begin(s, f->tail && !f->begun);
	return err;
}

static bool was_found(const struct finding *found, const struct source *s)
{
	for (size_t i = 0; i < found->n; i++)
		if (streq(found->list[i].path, s->name))
			return true;
	return false;
}

/* A file that has lost its name is read to its end before it is let go. */
static void leave_gone(const struct finding *found)
{
	struct source_follow *f = found->follow;

	for (struct source *s = f->all->first; s; s = s->next) {
		if (s->kind != &source_file_kind || !has_user(s, f) || was_found(found, s))
			continue;
		file_touch(s);
		if (!file_is_open(s))
			source_leave(s, f);
	}
}

/* Once until it changes: whoever may write there could have it said each second. */
static void say_refused(struct source_follow *f)
{
	if (f->refused && !f->said)
		log_warn("source: %s: %llu files are not read, as no more than %zu can be",
			 f->path, (unsigned long long)f->refused, f->all->opt.max_files);
	f->said = f->refused > 0;
}

void follow_walk(struct source_follow *f)
{
	struct finding found = { .follow = f };
	const struct walker w = { on_place, on_file, &found };
	int err;

	f->stale = f->polled = false;
	f->refused = 0;
	for (struct place *p = f->places; p; p = p->next)
		p->kept = false;
	err = walk(&w, f->path);
	if (err && !f->begun)
		log_warn("source: %s: not all of it can be followed: %s", f->path, strerror(-err));
	drop_places(f, false);
	for (size_t i = 0; f->pattern && i < found.n; i++)
		if (is_wanted(&found, i))
			follow_file(f, found.list[i].path);
	/* A file that is named exists for us before it does for others. */
	if (!f->pattern)
		follow_file(f, f->path);
	else if (f->begun)
		leave_gone(&found);
	say_refused(f);
	f->begun = true;
	for (size_t i = 0; i < found.n; i++)
		free(found.list[i].path);
	free(found.list);
}

/* ---- following ----------------------------------------------------------- */

int sources_follow(struct sources *all, const struct source_spec *spec,
		   struct source_follow **out)
{
	struct source_follow *f;

	if (!spec->path || !*spec->path)
		return -EINVAL;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->all = all;
	f->tail = spec->tail;
	f->user = spec->user;
	f->pattern = walk_is_pattern(spec->path);
	f->path = strdup(spec->path);
	f->encoding = spec->encoding ? strdup(spec->encoding) : NULL;
	if (!f->path || (spec->encoding && !f->encoding)) {
		free(f->path);
		free(f->encoding);
		free(f);
		return -ENOMEM;
	}
	f->next = all->follows;
	all->follows = f;
	follow_walk(f);
	*out = f;
	return 0;
}

void sources_unfollow(struct sources *all, struct source_follow *f)
{
	struct source_follow **p = &all->follows;

	if (!f)
		return;
	while (*p != f)
		p = &(*p)->next;
	*p = f->next;
	for (struct source *s = all->first; s; s = s->next)
		source_leave(s, f);
	sources_close_unused(all);
	drop_places(f, true);
	free(f->path);
	free(f->encoding);
	free(f);
}
