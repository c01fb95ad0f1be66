// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which files had the followed name, and in which order.
 * The directory's events are the only trace of a file that had the name between
 * two of our wake-ups, so they are applied one by one: a file that appears
 * under the name becomes a reader that is not open yet, and a renaming moves the
 * reader's own name.  When all events are in, the readers are opened where they
 * are now.  A look at the name itself comes last, and is all there is where
 * inotify does not work.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "family.h"
#include "file.h"

enum {
	GENERATIONS_MAX = 256,	/* files that had the name and are not finished */
	PASSES_MAX = 8,		/* renamed again while we opened it */
};

/* ---- the list of readers ------------------------------------------------- */

struct reader *file_newest(const struct file_source *f)
{
	struct reader *newest = NULL;

	for (struct reader *r = f->readers; r; r = r->next)
		if (r->fd >= 0)
			newest = r;
	return newest;
}

static struct reader *by_inode(const struct file_source *f, uint64_t dev, uint64_t inode)
{
	for (struct reader *r = f->readers; r; r = r->next)
		if (r->fd >= 0 && r->dev == dev && r->inode == inode)
			return r;
	return NULL;
}

static struct reader *by_name(const struct file_source *f, const char *name)
{
	for (struct reader *r = f->readers; r; r = r->next)
		if (r->name && streq(r->name, name))
			return r;
	return NULL;
}

/* What it is called, and who hears of that name; without one, of its cookie. */
static void set_name(struct file_source *f, struct reader *r, const char *name)
{
	struct watches *ws = f->base.all->watches;
	char *copy = name ? strdup(name) : NULL;

	if (ws)
		watch_name_set(ws, &r->watch_name, &f->watch, copy, r->cookie);
	free(r->name);
	r->name = copy;
}

static void unlink_reader(struct file_source *f, struct reader *r)
{
	struct reader **p = &f->readers;

	while (*p != r)
		p = &(*p)->next;
	*p = r->next;
	r->next = NULL;
}

static void link_before(struct file_source *f, struct reader *r, struct reader *next)
{
	struct reader **p = &f->readers;

	while (*p && *p != next)
		p = &(*p)->next;
	r->next = *p;
	*p = r;
}

bool file_is_overtaken(const struct reader *r)
{
	for (const struct reader *n = r->next; n; n = n->next)
		if (file_was_read(n))
			return true;
	return r->superseded;
}

void file_keep_end(struct file_source *f, const struct reader *r)
{
	if (!file_was_read(r) || file_is_overtaken(r))
		return;
	reader_position(r, &f->last);
	f->has_last = true;
	for (struct reader *old = f->readers; old != r; old = old->next)
		old->superseded = true;
}

/* It may be found under a name that was left alone, as it was read by us. */
static bool is_elsewhere(const struct reader *r)
{
	struct stat st;

	return r->fd < 0 || fstat(r->fd, &st) || st.st_nlink;
}

/* Nothing is left of a file that a pattern may have matched. */
static void may_be_let_go(struct file_source *f, bool elsewhere)
{
	for (struct user *u = f->base.users; u; u = (struct user *)u->pub.next) {
		if (elsewhere)
			follow_touch(u->follow);
		else
			follow_touch_path(u->follow, f->base.name);
	}
}

void file_drop(struct file_source *f, struct reader *r)
{
	bool elsewhere;

	if (f->current == r)
		f->current = NULL;
	if (f->rewound == r)
		f->rewound = NULL;
	elsewhere = is_elsewhere(r);
	file_keep_end(f, r);
	if (f->base.all->watches)
		watch_del(f->base.all->watches, &r->watch);
	r->cookie = 0;
	set_name(f, r, NULL);
	file_closes(r);
	unlink_reader(f, r);
	reader_free(r);
	if (!f->readers)
		may_be_let_go(f, elsewhere);
}

static void on_file_event(void *ctx, const struct inotify_event *event)
{
	struct reader *r = ctx;

	(void)event;
	file_wake(r->owner, r);
}

void file_wake(struct file_source *f, struct reader *r)
{
	r->ready = r->fd >= 0;
	source_enqueue(&f->base);
}

static void set_watch(struct file_source *f, struct reader *r)
{
	struct watches *ws = f->base.all->watches;
	int err = ws ? watch_fd(ws, &r->watch, r->fd, WATCH_FILE) : -ENOSYS;

	/* /proc may be missing or closed to us; the name is nearly as good. */
	if (err && err != -ENOSPC && ws && r->name)
		err = watch_path(ws, &r->watch, f->base.name, WATCH_FILE);
	if (err || reader_is_remote(f->base.name)) {
		f->base.stats.polled = true;
		sources_poll(f->base.all, err);
	}
}

static struct reader *add_reader(struct file_source *f, int fd, uint64_t dev, uint64_t inode,
				 const char *name, struct reader *next)
{
	struct reader *r = reader_new(fd, dev, inode);

	if (!r)
		return NULL;
	r->owner = f;
	r->watch = (struct watch){ .fn = on_file_event, .ctx = r };
	file_opened(r);
	set_name(f, r, name);
	link_before(f, r, next);
	return r;
}

struct reader *file_insert(struct file_source *f, int fd, uint64_t dev, uint64_t inode,
			   const char *name, struct reader *next)
{
	struct reader *r = add_reader(f, fd, dev, inode, name, next);

	if (!r) {
		close(fd);
		return NULL;
	}
	set_watch(f, r);
	source_enqueue(&f->base);
	return r;
}

/* ---- the directory's events ---------------------------------------------- */

/*
 * Where nobody can be asked who writes to an old file, it stays open for a while.
 * With very many of them, the one that was read to its end first goes early.
 */
static bool let_one_go(struct file_source *f)
{
	struct reader *first = NULL;

	for (struct reader *r = f->readers; r; r = r->next)
		if (r->quiet_ns && !file_has_name(f, r) &&
		    (!first || r->quiet_ns < first->quiet_ns))
			first = r;
	if (first)
		file_drop(f, first);
	return first;
}

/* Some file has our name now; which one is seen when all events are in. */
static void appeared(struct file_source *f)
{
	size_t n = 0;

	for (struct reader *r = f->readers; r; r = r->next)
		n++;
	if ((n >= GENERATIONS_MAX && !let_one_go(f)) || !add_reader(f, -1, 0, 0, f->leaf, NULL))
		f->base.stats.gaps++;
}

static void moved_to(struct file_source *f, const struct inotify_event *event)
{
	struct reader *r;

	for (r = f->readers; r && r->cookie != event->cookie; r = r->next)
		;
	if (r) {
		r->cookie = 0;
		set_name(f, r, event->name);
		file_touch(&f->base);
	} else if (streq(event->name, f->leaf)) {
		appeared(f);
	}
}

/* It may be a copy of any that was not read; those that were are safe. */
static void copied(struct file_source *f)
{
	for (struct reader *r = f->readers; r; r = r->next)
		r->copied = true;
}

static void on_dir_event(void *ctx, const struct inotify_event *event)
{
	struct file_source *f = ctx;
	struct reader *r;

	if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED))
		file_touch(&f->base);
	if (!event->len || event->mask & IN_ISDIR)
		return;
	r = by_name(f, event->name);
	if (r || streq(event->name, f->leaf))
		file_touch(&f->base);
	/* Whatever happens to a name, its old bearer has lost it. */
	if (r && !(event->mask & IN_ATTRIB)) {
		r->cookie = event->mask & IN_MOVED_FROM ? event->cookie : 0;
		set_name(f, r, NULL);
	}
	if (event->mask & IN_MOVED_TO)
		moved_to(f, event);
	else if (event->mask & IN_CREATE && streq(event->name, f->leaf))
		appeared(f);
	else if (event->mask & IN_CREATE && family_is_rotated(f->leaf, event->name))
		copied(f);
}

/* ---- opening what appeared ----------------------------------------------- */

/* A path in the directory of @f; false: too long. */
static bool path_in(const struct file_source *f, const char *name, char out[static PATH_MAX])
{
	return snprintf(out, PATH_MAX, "%s/%s", f->dir, name) < PATH_MAX;
}

/* An open file got our name (back): it is the newest, whatever was before. */
static void has_name(struct file_source *f, struct reader *r)
{
	struct reader *old = by_name(f, f->leaf);

	if (old && old != r)
		set_name(f, old, NULL);
	if (old != r)
		set_name(f, r, f->leaf);
	if (r->next) {
		unlink_reader(f, r);
		link_before(f, r, NULL);
	}
}

/*
 * A new file may begin with what we have read already: the old one under its
 * name again, or what an editor wrote in its place.  Short beginnings prove
 * nothing: every log of a service may start with the same line.
 */
static void skip_known(struct reader *r, const struct source_position *p)
{
	if (p->inode != r->inode && p->hash_len < MARK_MAX)
		return;
	if (reader_holds(r->fd, p))
		reader_seek(r, p->offset);
}

static void open_one(struct file_source *f, struct reader *r)
{
	char path[PATH_MAX];
	struct source_position p;
	struct reader *known;
	uint64_t dev, inode;
	bool seen;
	int fd;

	if (!r->name) {
		/* Deleted, or moved out of sight, before we ever saw it.  Half of
		 * a renaming gets one more chance. */
		if (!r->cookie || r->unverified) {
			f->base.stats.gaps++;
			file_drop(f, r);
			return;
		}
		r->unverified = true;
		return;
	}
	fd = path_in(f, r->name, path) ? reader_open(path, f->owner, &dev, &inode) : -ENAMETOOLONG;
	if (fd < 0) {
		if (fd != -ENOENT)
			source_failed(&f->base, "open", fd);
		return;
	}
	known = by_inode(f, dev, inode);
	if (known) {
		close(fd);
		if (streq(r->name, f->leaf))
			has_name(f, known);
		else
			set_name(f, known, r->name);
		file_drop(f, r);
		return;
	}
	seen = source_position(&f->base, &p);
	r->fd = fd;
	r->dev = dev;
	r->inode = inode;
	file_opened(r);
	r->unverified = true;
	if (seen)
		skip_known(r, &p);
	f->base.stats.rotations += f->readers != r || f->has_last;
}

static bool open_new(struct file_source *f)
{
	struct reader *r, *next;
	bool any = false;

	for (r = f->readers; r; r = next) {
		next = r->next;
		if (r->fd >= 0)
			continue;
		any = true;
		open_one(f, r);
	}
	return any;
}

/*
 * Events that came while files were opened: was it the renamed one that was
 * opened, or the one that took its name?  If in doubt, open it again.
 */
static void verify(struct file_source *f)
{
	char path[PATH_MAX];
	struct stat st;

	for (struct reader *r = f->readers; r; r = r->next) {
		if (r->fd < 0 || !r->unverified || !r->name)
			continue;
		if (path_in(f, r->name, path) && !stat(path, &st) &&
		    (st.st_ino != r->inode || st.st_dev != r->dev)) {
			file_closes(r);
			close(r->fd);
			r->fd = -1;
			r->unverified = false;
		}
	}
}

/* The name itself has the last word. */
static void check_name(struct file_source *f)
{
	struct reader *r = by_name(f, f->leaf);
	struct source *s = &f->base;
	struct source_position p;
	uint64_t dev, inode;
	struct stat st;
	bool known;
	int fd;

	if (stat(s->name, &st)) {
		int err = errno == ENOENT || errno == ENOTDIR ? 0 : -errno;

		if (r && !err)
			set_name(f, r, NULL);
		source_failed(s, "open", err);
		return;
	}
	r = by_inode(f, st.st_dev, st.st_ino);
	if (r) {
		has_name(f, r);
		source_failed(s, "open", 0);
		return;
	}
	fd = reader_open(s->name, TRAIL_ANYBODY, &dev, &inode);
	source_failed(s, "open", fd < 0 && fd != -ENOENT ? fd : 0);
	if (fd < 0)
		return;
	s->stats.rotations += f->readers || f->has_last;
	r = by_name(f, f->leaf);
	if (r)
		set_name(f, r, NULL);
	known = source_position(s, &p);
	r = file_insert(f, fd, dev, inode, f->leaf, NULL);
	if (r && known)
		skip_known(r, &p);
}

void file_init_watch(struct file_source *f)
{
	f->watch = (struct watch){ .fn = on_dir_event, .ctx = f, .by_name = true };
}

void file_touch(struct source *s)
{
	s->all->dirty = true;
	if (s->touched)
		return;
	s->touched = true;
	s->next_touched = NULL;
	*s->all->touched_end = s;
	s->all->touched_end = &s->next_touched;
}

void file_settle(struct source *s)
{
	struct file_source *f = file_of(s);

	file_locate(f);
	file_watch_dir(f);
	for (int i = 0; i < PASSES_MAX; i++) {
		if (!open_new(f) || !s->all->watches || !watches_drain(s->all->watches))
			break;
		verify(f);
	}
	for (struct reader *r = f->readers; r; r = r->next) {
		if (r->fd < 0 || !r->unverified)
			continue;
		r->unverified = false;
		set_watch(f, r);
		file_wake(f, r);
	}
	check_name(f);
	/* Who lost the name may be finished; who has it may have been cut. */
	for (struct reader *r = f->readers; r; r = r->next)
		file_wake(f, r);
}

void file_look(struct source *s)
{
	struct file_source *f = file_of(s);

	file_touch(s);
	for (struct reader *r = f->readers; r; r = r->next)
		r->ready = r->fd >= 0;
	source_enqueue(s);
}

bool file_is_open(const struct source *s)
{
	return file_of(s)->readers != NULL;
}

bool file_reads(const struct file_source *f, uint64_t dev, uint64_t inode)
{
	return by_inode(f, dev, inode) != NULL;
}
