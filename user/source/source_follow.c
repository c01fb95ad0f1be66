// SPDX-License-Identifier: GPL-2.0-or-later
/* A wish to follow a path or pattern: the places it depends on, what it finds. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "family.h"
#include "source_private.h"

/*
 * Whoever may write in a directory decides how many names it has, and how often all of
 * them must be looked at: some microseconds for each.  From so many on, a walk is
 * followed by a rest of twenty times its length; nobody else's log waits longer.
 */
enum { WALK_NAMES = 4096 };
#define REST_NS	100000ull	/* for each of them */

/* Places of links stay until the next walk: then there is one, so that they do not grow. */
enum { NEW_LINKS_MAX = 256 };

/* One walk, or one look. */
struct finding {
	struct source_follow *follow;
	uint64_t number;
	size_t n;		/* files found */
	size_t seen;		/* names looked at */
	bool all;		/* a walk */
};

void follow_touch(struct source_follow *f)
{
	if (!f->path)
		return;
	f->stale = true;
	f->all->dirty = true;
}

void follow_touch_path(struct source_follow *f, const char *path)
{
	if (f->pattern)
		place_look_at(f, NULL, path);
	else
		follow_touch(f);
}

/*
 * Whoever may write there can make and delete files as fast as he likes: those that
 * are left out are counted once in a while.
 */
void follow_recount(struct source_follow *f)
{
	struct sources *all = f->all;
	uint64_t since = loop_boot(all->loop).ns - f->counted.ns;

	f->recount = f->counted.ns && since < all->opt.poll_ns;
	if (!f->recount) {
		f->counted = loop_boot(all->loop);
		follow_touch(f);
	} else if (!all->recount.armed) {
		loop_timer_in(all->loop, &all->recount, all->opt.poll_ns - since);
	}
}

static const char *leaf_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void on_place(void *ctx, const struct walk_place *at)
{
	struct finding *found = ctx;
	struct source_follow *f = found->follow;
	int err = place_keep(f, at);

	f->links += !at->rest;
	if (!err)
		return;
	f->polled = true;
	sources_poll(f->all, err);
}

/* ---- what was found ------------------------------------------------------ */

static bool has_user(const struct source *s, const struct source_follow *f)
{
	for (struct user *u = s->users; u; u = (struct user *)u->pub.next)
		if (u->follow == f)
			return true;
	return false;
}

static struct source *find_source(const struct source_follow *f, const char *path)
{
	const struct hmap *m = &f->all->by_name;
	struct hmap_node *node = hmap_first(m, hmap_hash(m, path, strlen(path)));

	for (; node; node = hmap_next(node)) {
		struct source *s = container_of(node, struct source, by_name);

		if (!streq(s->name, path))
			continue;
		if (f->encoding ? s->encoding && streq(s->encoding, f->encoding) : !s->encoding)
			return s;
	}
	return NULL;
}

/* Is @path an older generation of a log that the pattern has found, or would? */
struct kinship {
	const struct source_follow *follow;
	const char *path, *pattern;	/* pattern: its last part */
	bool found;
};

static void on_leaf(void *ctx, const char *leaf, size_t len)
{
	struct kinship *k = ctx;
	char path[PATH_MAX];
	const struct source *s;
	struct stat st;

	if (k->found || snprintf(path, sizeof(path), "%.*s%.*s", (int)(leaf_of(k->path) - k->path),
				 k->path, (int)len, leaf) >= PATH_MAX)
		return;
	s = find_source(k->follow, path);
	k->found = (s && has_user(s, k->follow)) ||
		   (!fnmatch(k->pattern, leaf_of(path), FNM_PERIOD) &&
		    !family_is_compressed(path) && !stat(path, &st) && S_ISREG(st.st_mode));
}

static bool is_older_generation(const struct source_follow *f, const char *path)
{
	struct kinship k = { .follow = f, .path = path, .pattern = leaf_of(f->path) };

	family_leaves(leaf_of(path), on_leaf, &k);
	return k.found;
}

/* It has another name, under which @f reads it already. */
static bool is_read(const struct source_follow *f, const char *path)
{
	struct hmap_node *at;
	struct source *s;
	struct stat st;

	if (stat(path, &st))
		return false;
	s = file_first_reading(f->all, st.st_dev, st.st_ino, &at);
	for (; s; s = file_next_reading(st.st_dev, st.st_ino, &at))
		if (has_user(s, f) && !streq(s->name, path))
			return true;
	return false;
}

static bool has_other_users(const struct source *s, const struct source_follow *f)
{
	for (struct user *u = s->users; u; u = (struct user *)u->pub.next)
		if (u->follow != f)
			return true;
	return false;
}

static bool is_directory_gone(const char *path)
{
	char dir[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(dir, sizeof(dir), "%.*s.", (int)(leaf_of(path) - path),
			     path) >= sizeof(dir))
		return false;
	return stat(dir, &st) && (errno == ENOENT || errno == ENOTDIR);
}

/*
 * A directory on the way to a file has another name, which matches, too: what is read
 * goes on under that.  As a new file it would be read again when the old name is let go.
 */
static struct source *moved_to(struct source_follow *f, const char *path)
{
	struct hmap_node *at;
	struct source *s;
	struct stat st;

	if (stat(path, &st))
		return NULL;
	s = file_first_reading(f->all, st.st_dev, st.st_ino, &at);
	for (; s; s = file_next_reading(st.st_dev, st.st_ino, &at))
		if (has_user(s, f) && !has_other_users(s, f) && !streq(s->name, path) &&
		    streq(leaf_of(s->name), leaf_of(path)) && is_directory_gone(s->name))
			return file_move(s, path) ? NULL : s;
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

/*
 * A pattern such as "full*" also matches what rotation makes of "full".  The
 * reader of "full" sees to those: it reads a renamed file to its end, and a copy
 * must not be read again.  Nor is one file read twice under two names.
 */
static void on_file(void *ctx, const char *path)
{
	struct finding *found = ctx;
	struct source_follow *f = found->follow;
	struct source *s = find_source(f, path);
	bool followed;

	if (!f->pattern || family_is_compressed(path))
		return;
	found->n++;
	if (!s)
		s = moved_to(f, path);
	followed = s && has_user(s, f);
	if (s)
		s->found = found->number;
	/* Was it left out before, and counted? */
	if (!found->all && !followed && f->refused)
		follow_recount(f);
	else if (followed || (!is_older_generation(f, path) && !is_read(f, path)))
		follow_file(f, path);
}

/* A file that has lost its name is read to its end before it is let go. */
static void leave(struct source_follow *f, struct source *s)
{
	file_touch(s);
	if (!file_is_open(s))
		source_leave(s, f);
}

static void leave_gone(const struct finding *found)
{
	struct source_follow *f = found->follow;

	for (struct source *s = f->all->first; s; s = s->next)
		if (s->kind == &source_file_kind && s->found != found->number && has_user(s, f))
			leave(f, s);
}

/* Once until it changes: whoever may write there could have it said each second. */
static void say_refused(struct source_follow *f)
{
	if (f->refused && !f->said)
		log_warn("source: %s: %llu files are not read, as no more than %zu can be",
			 f->path, (unsigned long long)f->refused, f->all->opt.max_files);
	f->said = f->refused > 0;
}

static void follow_walk(struct source_follow *f)
{
	struct finding found = { .follow = f, .number = ++f->all->walks, .all = true };
	const struct walker w = { on_place, on_file, &found, &found.seen };
	int err;

	place_forget_looks(f);
	f->stale = f->polled = false;
	f->refused = f->links = 0;
	for (struct place *p = f->places; p; p = p->next)
		p->kept = false;
	err = walk(&w, f->path);
	if (err && !f->begun)
		log_warn("source: %s: not all of it can be followed: %s", f->path, strerror(-err));
	place_drop(f, false);
	/* A file that is named exists for us before it does for others. */
	if (!f->pattern)
		follow_file(f, f->path);
	else if (f->begun)
		leave_gone(&found);
	say_refused(f);
	f->begun = true;
	f->rests_until.ns = loop_boot(f->all->loop).ns +
			    (found.seen > WALK_NAMES ? found.seen * REST_NS : 0);
}

/* What is known already and is another one now concerns more than this name. */
static bool is_known_directory(const struct source_follow *f, const struct look *look)
{
	char path[PATH_MAX], part[NAME_MAX + 1];
	const struct walk_place *at = &look->at->at;

	snprintf(part, sizeof(part), "%.*s", (int)strcspn(at->rest, "/"), at->rest);
	return !walk_join(path, at->dir, look->name) || place_exists(f, path, part);
}

static void look_at_file(struct source_follow *f, const struct look *look)
{
	struct finding found = { .follow = f, .number = ++f->all->walks };
	const struct walker w = { on_place, on_file, &found };
	char path[PATH_MAX];
	struct source *s;

	if (!look->at)
		snprintf(path, sizeof(path), "%s", look->name);
	else if (!walk_join(path, look->at->at.dir, look->name))
		return;
	walk_file(&w, path);
	s = found.n ? NULL : find_source(f, path);
	if (s && has_user(s, f))
		leave(f, s);
	else if (!found.n && f->refused)
		follow_recount(f);
}

static void look_at_directory(struct source_follow *f, const struct look *look)
{
	struct finding found = { .follow = f, .number = ++f->all->walks };
	const struct walker w = { on_place, on_file, &found };

	if (is_known_directory(f, look))
		follow_touch(f);
	else
		walk_into(&w, &look->at->at, look->name);
}

static void look_once(struct source_follow *f)
{
	struct look *look = f->looks;

	f->looks = look->next;
	if (!f->looks)
		f->looks_end = &f->looks;
	f->n_looks--;
	if (look->at && *look->at->at.rest)
		look_at_directory(f, look);
	else
		look_at_file(f, look);
	free(look);
	if (f->links > NEW_LINKS_MAX)
		follow_touch(f);
}

void follow_settle(struct source_follow *f)
{
	/* Looking may bring more: they are for the next round. */
	for (size_t n = f->n_looks; n && f->looks && !f->stale; n--)
		look_once(f);
	if (!f->stale)
		say_refused(f);
	else if (f->rests_until.ns <= loop_boot(f->all->loop).ns)
		follow_walk(f);
	else if (!f->all->rest.armed)
		loop_timer_at(f->all->loop, &f->all->rest, f->rests_until);
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
	f->looks_end = &f->looks;
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
	place_forget_looks(f);
	place_drop(f, true);
	free(f->path);
	free(f->encoding);
	free(f);
}
