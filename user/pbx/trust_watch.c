// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trust, its eyes: directories, not files.  Editors and PBXs replace files by
 * renaming, files that were missing appear, and a link's target changes in a
 * directory of its own.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "pbx/trust_private.h"

#define CHANGES	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | \
		 IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* Editors' swap files and the like come and go while somebody types. */
static bool matters(const struct inotify_event *event)
{
	const char *name = event->len ? event->name : "x";
	size_t len = strlen(name);

	return !(event->mask & IN_IGNORED) && *name != '.' && name[len - 1] != '~';
}

static void on_event(void *ctx, const struct inotify_event *event)
{
	struct trust *t = ctx;

	t->noted |= matters(event);
}

/* PBXs write many files one after the other: wait for the last one. */
static void schedule(struct trust *t)
{
	boot_t now = loop_boot(t->loop), at = { now.ns + TRUST_SETTLE_NS };

	if (!t->first_event.ns)
		t->first_event = now;
	if (at.ns > t->first_event.ns + TRUST_SETTLE_MAX_NS)
		at.ns = t->first_event.ns + TRUST_SETTLE_MAX_NS;
	if (at.ns < t->rested.ns)
		at = t->rested;
	loop_timer_at(t->loop, &t->settle, at);
}

static void on_settled_events(void *ctx)
{
	struct trust *t = ctx;

	if (t->noted)
		schedule(t);
	t->noted = false;
}

static void on_overflow(void *ctx)
{
	struct trust *t = ctx;

	t->noted = true;
}

static void on_settle(void *ctx)
{
	struct trust *t = ctx;

	t->first_event = (boot_t){ 0 };
	trust_reread(t);
}

int trust_watch_start(struct trust *t)
{
	const struct watches_owner owner = {
		.settle = on_settled_events, .overflow = on_overflow, .ctx = t,
	};
	int err = watches_new(&t->watches, t->loop, &owner);

	t->settle = (struct loop_timer){ .fn = on_settle, .ctx = t };
	if (err)
		log_warn("trust: cannot watch files (%s): they are read again every %llu s",
			 strerror(-err), TRUST_POLL_NS / NS_PER_S);
	t->polling = err;
	return 0;
}

static struct trust_watch *find(const struct trust *t, const char *path)
{
	for (struct trust_watch *w = t->dirs; w; w = w->next)
		if (streq(w->path, path))
			return w;
	return NULL;
}

/* True: it is a new one. */
static bool want(struct trust *t, const char *path)
{
	struct trust_watch *w = find(t, path);

	if (w) {
		w->wanted = true;
		return false;
	}
	w = calloc(1, sizeof(*w) + strlen(path) + 1);
	if (!w)
		return false;
	strcpy(w->path, path);
	w->wanted = true;
	w->watch.fn = on_event;
	w->watch.ctx = t;
	w->next = t->dirs;
	t->dirs = w;
	return true;
}

static void drop_unwanted(struct trust *t)
{
	struct trust_watch **p = &t->dirs, *w;

	while ((w = *p)) {
		if (w->wanted) {
			p = &w->next;
			continue;
		}
		*p = w->next;
		if (t->watches)
			watch_del(t->watches, &w->watch);
		free(w);
	}
}

/* Setting a watch that is set costs a system call, and finds a replaced inode. */
static void set_all(struct trust *t)
{
	bool failed = !t->watches;
	int err;

	for (struct trust_watch *w = t->dirs; w && t->watches; w = w->next) {
		err = watch_path(t->watches, &w->watch, w->path, CHANGES);
		/* One that went away meanwhile: its own parent tells. */
		if (!err || err == -ENOENT || err == -ENOTDIR)
			continue;
		failed = true;
		if (!t->polling)
			log_warn("trust: cannot watch %s: %s; files are read again every "
				 "%llu s", w->path, strerror(-err), TRUST_POLL_NS / NS_PER_S);
	}
	t->polling = failed;
}

void trust_watch_dirs(struct trust *t)
{
	bool new = false;

	for (struct trust_watch *w = t->dirs; w; w = w->next)
		w->wanted = false;
	for (size_t i = 0; i < trust_book_sources(t->book); i++) {
		const struct trust_reading *r = trust_book_reading(t->book, i);

		for (size_t k = 0; k < r->n_dirs; k++)
			new |= want(t, r->dirs[k]);
	}
	drop_unwanted(t);
	set_all(t);
	if (t->polling)
		loop_timer_in(t->loop, &t->settle, TRUST_POLL_NS);
	else if (new)
		schedule(t);	/* something may have changed before we watched */
}

void trust_watch_stop(struct trust *t)
{
	loop_timer_cancel(t->loop, &t->settle);
	for (struct trust_watch *w = t->dirs; w; w = w->next)
		w->wanted = false;
	drop_unwanted(t);
	watches_free(t->watches);
	t->watches = NULL;
}
