// SPDX-License-Identifier: GPL-2.0-or-later
/* The registry: who is followed, whose turn it is, what needs another look. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "family.h"
#include "reader.h"
#include "source_private.h"

enum {
	READ_SIZE = 256 << 10,
	BUDGET = 1 << 20,
	PASSES_MAX = 16,	/* rounds of acting on events before others have a turn */
};

#define POLL_NS		NS_PER_S
#define LINGER_NS	(60 * NS_PER_S)
#define RETRY_MIN_NS	NS_PER_S
#define RETRY_MAX_NS	(60 * NS_PER_S)

/* ---- whose turn it is ---------------------------------------------------- */

void source_enqueue(struct source *s)
{
	struct sources *all = s->all;

	if (s->queued)
		return;
	s->queued = true;
	s->next_queued = NULL;
	*all->queue_end = s;
	all->queue_end = &s->next_queued;
	if (!all->turn.armed)
		loop_timer_in(all->loop, &all->turn, 0);
}

static struct source *dequeue(struct sources *all)
{
	struct source *s = all->queue;

	if (!s)
		return NULL;
	all->queue = s->next_queued;
	if (!all->queue)
		all->queue_end = &all->queue;
	s->queued = false;
	return s;
}

void source_caught_up(struct source *s)
{
	bool news = false;

	for (struct user *u = s->users; u; u = (struct user *)u->pub.next) {
		news |= !u->pub.live;
		u->pub.live = true;
	}
	if (news && s->all->sink->caught_up)
		s->all->sink->caught_up(s->all->ctx, s);
}

/* ---- acting on what changed ---------------------------------------------- */

static void unqueue(struct source *s)
{
	struct source **p = &s->all->queue;

	if (!s->queued)
		return;
	while (*p != s)
		p = &(*p)->next_queued;
	*p = s->next_queued;
	if (!*p)
		s->all->queue_end = p;
	s->queued = false;
}

static void untouch(struct source *s)
{
	struct source **p = &s->all->touched;

	if (!s->touched)
		return;
	while (*p != s)
		p = &(*p)->next_touched;
	*p = s->next_touched;
	if (!*p)
		s->all->touched_end = p;
	s->touched = false;
}

static void unlist(struct source *s)
{
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	else
		s->all->end = s->link;
	if (s->kind == &source_file_kind)
		hmap_remove(&s->all->by_name, &s->by_name);
	s->all->stats.files -= s->kind == &source_file_kind;
	s->all->stats.journals -= s->kind == &source_journal_kind;
}

/* Not in any list any more. */
static void free_source(struct source *s)
{
	struct user *u, *next;

	for (u = s->users; u; u = next) {
		next = (struct user *)u->pub.next;
		free(u);
	}
	free(s->name);
	free(s->encoding);
	s->kind->free(s);
}

/* There is room for files that were left out. */
static void look_again(struct sources *all)
{
	for (struct source_follow *f = all->follows; f; f = f->next)
		if (f->refused)
			follow_recount(f);
}

void sources_close_unused(struct sources *all)
{
	struct source *s, *next;
	size_t before = all->stats.files;

	if (!all->unused)
		return;
	all->unused = false;
	for (s = all->first; s; s = next) {
		next = s->next;
		if (s->users)
			continue;
		unqueue(s);
		untouch(s);
		unlist(s);
		if (all->sink->close)
			all->sink->close(all->ctx, s);
		free_source(s);
	}
	if (all->stats.files < before)
		look_again(all);
}

/* Those that are touched meanwhile have their turn in the next round. */
static void settle_touched(struct sources *all)
{
	struct source *s = all->touched, *next;

	all->touched = NULL;
	all->touched_end = &all->touched;
	for (; s; s = next) {
		next = s->next_touched;
		s->touched = false;
		file_settle(s);
	}
}

static bool settle_once(struct sources *all)
{
	if (!all->dirty)
		return false;
	all->dirty = false;
	for (struct source_follow *f = all->follows; f; f = f->next)
		follow_settle(f);
	settle_touched(all);
	return true;
}

/* A piece from each in turn, so that one busy log does not hide the others. */
static void read_some(struct sources *all)
{
	struct source *s;
	size_t done = 0;

	while (done < all->opt.budget && (s = dequeue(all)))
		if (s->kind->step(s, &done))
			source_enqueue(s);
}

static void take_turn(void *ctx)
{
	struct sources *all = ctx;

	for (int i = 0; i < PASSES_MAX && settle_once(all); i++)
		;
	sources_close_unused(all);
	read_some(all);
	if (all->queue || all->dirty)
		loop_timer_in(all->loop, &all->turn, 0);
	else
		loop_timer_cancel(all->loop, &all->turn);
}

static void look_at_all(void *ctx)
{
	struct sources *all = ctx;

	for (struct source_follow *f = all->follows; f; f = f->next)
		follow_touch(f);
	for (struct source *s = all->first; s; s = s->next)
		if (s->kind == &source_file_kind)
			file_look(s);
}

static void recount_rang(void *ctx)
{
	struct sources *all = ctx;

	for (struct source_follow *f = all->follows; f; f = f->next)
		if (f->recount)
			follow_recount(f);
	take_turn(all);
}

static void rest_rang(void *ctx)
{
	struct sources *all = ctx;

	all->dirty = true;
	take_turn(all);
}

/* ---- where inotify does not help ----------------------------------------- */

static void poll_rang(void *ctx)
{
	struct sources *all = ctx;
	bool any = false;

	for (struct source_follow *f = all->follows; f; f = f->next)
		if (f->polled) {
			follow_touch(f);
			any = true;
		}
	for (struct source *s = all->first; s; s = s->next)
		if (s->stats.polled) {
			file_look(s);
			any = true;
		}
	if (!any)
		return;
	take_turn(all);
	loop_timer_in(all->loop, &all->poll, all->opt.poll_ns);
}

void sources_poll(struct sources *all, int why)
{
	if (why == -ENOSPC && !all->stats.watches_full) {
		all->stats.watches_full = true;
		log_warn("source: no inotify watches left: looking every %llu ms instead; "
			 "raise fs.inotify.max_user_watches",
			 (unsigned long long)(all->opt.poll_ns / 1000000));
	}
	if (!all->poll.armed)
		loop_timer_in(all->loop, &all->poll, all->opt.poll_ns);
}

static void retry_rang(void *ctx)
{
	struct sources *all = ctx;

	bool any = false;

	for (struct source *s = all->first; s; s = s->next) {
		if (!s->stats.error)
			continue;
		any = true;
		if (s->kind == &source_file_kind)
			file_look(s);
		else
			source_enqueue(s);
	}
	if (!any)
		all->retry_ns = RETRY_MIN_NS;
	take_turn(all);
}

const char *source_error_text(const struct source *s)
{
	bool file = s->kind == &source_file_kind;

	/* trail.h: nobody else refuses what may be read. */
	return file && s->stats.error == EPERM ?
		       "a link that is not root's leads to another user's file" :
	       file && s->stats.error == EINVAL ? "it is no regular file" :
	       strerror(s->stats.error);
}

void source_failed(struct source *s, const char *what, int err)
{
	struct sources *all = s->all;
	bool new;

	/* That one thing works again says nothing about another. */
	if (!err && (!s->stats.error || !streq(s->stats.error_what, what)))
		return;
	new = s->stats.error != -err;
	s->stats.error = -err;
	s->stats.error_what = err ? what : NULL;
	if (err && new)
		log_warn("source: %s: cannot %s: %s", s->name, what, source_error_text(s));
	else if (!err)
		log_notice("source: %s: works again", s->name);
	if (!err || all->retry.armed)
		return;
	loop_timer_in(all->loop, &all->retry, all->retry_ns);
	all->retry_ns = all->retry_ns * 2 < RETRY_MAX_NS ? all->retry_ns * 2 : RETRY_MAX_NS;
}

/* ---- coming and going ---------------------------------------------------- */

static size_t or_default(size_t value, size_t otherwise)
{
	return value ? value : otherwise;
}

static void set_options(struct sources *all, const struct source_options *o)
{
	static const struct source_options none;

	all->opt = o ? *o : none;
	all->opt.read_size = or_default(all->opt.read_size, READ_SIZE);
	all->opt.budget = or_default(all->opt.budget, BUDGET);
	all->opt.poll_ns = or_default(all->opt.poll_ns, POLL_NS);
	all->opt.linger_ns = or_default(all->opt.linger_ns, LINGER_NS);
	all->opt.max_files = or_default(all->opt.max_files, SOURCE_FILES_MAX);
}

int sources_new(struct sources **out, struct loop *loop, const struct source_sink *sink,
		void *ctx, const struct source_options *options)
{
	struct sources *all = calloc(1, sizeof(*all));
	struct watches_owner owner = { take_turn, look_at_all, family_leaves, all };
	int err;

	if (!all)
		return -ENOMEM;
	all->loop = loop;
	all->sink = sink;
	all->ctx = ctx;
	all->end = &all->first;
	all->queue_end = &all->queue;
	all->touched_end = &all->touched;
	all->turn = (struct loop_timer){ .fn = take_turn, .ctx = all };
	all->poll = (struct loop_timer){ .fn = poll_rang, .ctx = all };
	all->retry = (struct loop_timer){ .fn = retry_rang, .ctx = all };
	all->recount = (struct loop_timer){ .fn = recount_rang, .ctx = all };
	all->rest = (struct loop_timer){ .fn = rest_rang, .ctx = all };
	all->retry_ns = RETRY_MIN_NS;
	set_options(all, options);
	all->buf = malloc(MARK_MAX + all->opt.read_size);
	if (!all->buf || hmap_init(&all->by_name) || hmap_init(&all->by_inode) ||
	    hmap_init(&all->places)) {
		sources_free(all);
		return -ENOMEM;
	}
	err = all->opt.poll == SOURCE_POLL_ALWAYS ? 0 : watches_new(&all->watches, loop, &owner);
	if (err)
		log_warn("source: no inotify: %s: looking every %llu ms instead", strerror(-err),
			 (unsigned long long)(all->opt.poll_ns / 1000000));
	*out = all;
	return 0;
}

void sources_free(struct sources *all)
{
	if (!all)
		return;
	while (all->follows)
		sources_unfollow(all, all->follows);
	loop_timer_cancel(all->loop, &all->turn);
	loop_timer_cancel(all->loop, &all->poll);
	loop_timer_cancel(all->loop, &all->retry);
	loop_timer_cancel(all->loop, &all->recount);
	loop_timer_cancel(all->loop, &all->rest);
	watches_free(all->watches);
	hmap_fini(&all->by_name);
	hmap_fini(&all->by_inode);
	hmap_fini(&all->places);
	free(all->buf);
	free(all);
}

int source_join(struct source *s, struct source_follow *f)
{
	struct user **p = &s->users, *u;

	for (; *p; p = (struct user **)&(*p)->pub.next)
		if ((*p)->follow == f)
			return 0;
	u = calloc(1, sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->pub.ctx = f->user;
	u->follow = f;
	*p = u;
	source_enqueue(s);
	return 0;
}

void source_leave(struct source *s, const struct source_follow *f)
{
	struct user **p = &s->users, *u;

	while ((u = *p)) {
		if (u->follow == f) {
			*p = (struct user *)u->pub.next;
			free(u);
		} else {
			p = (struct user **)&u->pub.next;
		}
	}
	s->all->unused |= !s->users;
}

static void put_by_name(struct sources *all, struct source *s)
{
	hmap_insert(&all->by_name, &s->by_name,
		    hmap_hash(&all->by_name, s->name, strlen(s->name)));
}

int source_rename(struct source *s, const char *name)
{
	char *copy = strdup(name);

	if (!copy)
		return -ENOMEM;
	hmap_remove(&s->all->by_name, &s->by_name);
	free(s->name);
	s->name = copy;
	put_by_name(s->all, s);
	return 0;
}

int source_add(struct sources *all, struct source *s, struct source_follow *f)
{
	int err;

	s->all = all;
	err = all->sink->open ? all->sink->open(all->ctx, s) : 0;
	if (err) {
		free_source(s);
		return err;
	}
	s->link = all->end;
	*all->end = s;
	all->end = &s->next;
	if (s->kind == &source_file_kind)
		put_by_name(all, s);
	all->stats.files += s->kind == &source_file_kind;
	all->stats.journals += s->kind == &source_journal_kind;
	err = source_join(s, f);
	all->unused |= err != 0;
	return err;
}
