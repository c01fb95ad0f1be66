// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A journal as a source: when it is opened and read, and who shares it.  What is in
 * it, and where reading goes on, is journal/journal.h's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal/journal.h"
#include "source_private.h"

enum {
	STEP_ENTRIES = 64,	/* in one go, before other sources have a turn */
	ENTRY_COST = 1024,	/* an entry takes the time of so many bytes of a file */
};

#define SOON_NS		(10000000ull)	/* 10 ms */
#define SOON_FOR_NS	NS_PER_S
#define AGAIN_NS	(NS_PER_S / 4)	/* after a file was cut */

struct journal_source {
	struct source base;
	struct journal *journal;	/* owns */
	int fd;			/* of the journal, in the loop; -1: none */
	bool stale;		/* open it again before the next read */
	bool polled;		/* nobody tells when something is written */
	struct loop_timer poll, soon;
	boot_t soon_until;	/* look again soon, up to then */
};

static struct journal_source *journal_of(const struct source *s)
{
	return container_of(s, struct journal_source, base);
}

/* ---- when to look --------------------------------------------------------------- */

static void unlisten(struct journal_source *h)
{
	if (h->fd >= 0)
		loop_del(h->base.all->loop, h->fd);
	h->fd = -1;
}

/* Something changed.  What, is seen by reading on. */
static void woken(void *ctx, int fd, uint32_t events)
{
	struct journal_source *h = ctx;
	enum journal_news news;

	(void)fd, (void)events;
	news = journal_process(h->journal);
	h->base.stats.rotations += news == JOURNAL_ROTATED;
	h->stale |= news != JOURNAL_MORE;
	if (news == JOURNAL_BROKEN)
		unlisten(h);
	source_enqueue(&h->base);
}

static void poll_rang(void *ctx)
{
	struct journal_source *h = ctx;

	h->stale = true;
	source_enqueue(&h->base);
}

static void soon_rang(void *ctx)
{
	struct journal_source *h = ctx;

	source_enqueue(&h->base);
}

/* Without a descriptor to wait for, or on a network: look from time to time. */
static void listen_to(struct journal_source *h)
{
	struct sources *all = h->base.all;
	int fd = journal_fd(h->journal), err;

	err = fd < 0 ? fd : loop_add(all->loop, fd, EPOLLIN, woken, h);
	h->fd = err ? -1 : fd;
	h->polled = err || !journal_tells(h->journal);
	if (h->polled)
		loop_timer_in(all->loop, &h->poll, all->opt.poll_ns);
	else
		loop_timer_cancel(all->loop, &h->poll);
}

static int open_again(struct journal_source *h)
{
	int err;

	/* Before its descriptor is closed; what stays open is listened to again. */
	unlisten(h);
	err = journal_open(h->journal);
	if (journal_is_open(h->journal))
		listen_to(h);
	h->stale = err;
	return err;
}

/*
 * journald says only now and then that it has written, up to half a second
 * late, but what it wrote can be read at once.  Where an entry was, others will
 * be: attackers try more than once.  So for a while after one we look ourselves.
 */
static void look_soon(struct journal_source *h, bool found)
{
	struct loop *loop = h->base.all->loop;

	if (found)
		h->soon_until.ns = loop_boot(loop).ns + SOON_FOR_NS;
	if (loop_boot(loop).ns < h->soon_until.ns)
		loop_timer_in(loop, &h->soon, SOON_NS);
}

/* ---- reading -------------------------------------------------------------------- */

static void give(struct source *s, const struct journal_entry *entry)
{
	const struct sources *all = s->all;

	if (entry->err == -E2BIG) {
		s->stats.too_long++;
	} else if (entry->err) {
		s->stats.gaps++;	/* damaged: reading it again would not help */
	} else {
		s->stats.entries++;
		s->stats.bytes += entry->len;
		all->sink->entry(all->ctx, s, entry->text, entry->len, entry->when);
	}
}

/* 1: there may be more, 0: no more now, or -errno. */
static int read_some(struct journal_source *h, size_t *done)
{
	for (struct user *u = h->base.users; u; u = (struct user *)u->pub.next)
		u->pub.reading = true;
	for (int i = 0; i < STEP_ENTRIES; i++) {
		struct journal_entry entry;
		int got = journal_next(h->journal, &entry);

		if (got <= 0)
			return got;
		*done += ENTRY_COST + entry.len;
		give(&h->base, &entry);
	}
	return 1;
}

static bool journal_step(struct source *s, size_t *done)
{
	struct journal_source *h = journal_of(s);
	size_t before = *done;
	int got;

	if (h->stale)
		source_failed(s, "open", open_again(h));
	if (!journal_is_open(h->journal))
		return false;
	got = read_some(h, done);
	source_failed(s, "read", got < 0 ? got : 0);
	h->stale |= got < 0;
	if (got == -EIO)	/* nobody need write for us to look again */
		loop_timer_in(s->all->loop, &h->soon, AGAIN_NS);
	if (!got) {
		source_caught_up(s);
		look_soon(h, *done > before);
	}
	return got > 0;
}

/* ---- what others may ask ---------------------------------------------------------- */

static bool journal_position(const struct source *s, struct source_position *p)
{
	const char *cursor = journal_cursor(journal_of(s)->journal);

	*p = (struct source_position){ .cursor = cursor };
	return cursor;
}

static void journal_stats(const struct source *s, struct source_stats *out)
{
	out->polled = journal_of(s)->polled;
}

static void free_source(struct source *s)
{
	struct journal_source *h = journal_of(s);

	unlisten(h);
	loop_timer_cancel(s->all->loop, &h->poll);
	loop_timer_cancel(s->all->loop, &h->soon);
	journal_free(h->journal);
	free(h);
}

const struct source_kind source_journal_kind = {
	.step = journal_step,
	.position = journal_position,
	.stats = journal_stats,
	.free = free_source,
};

/* ---- following --------------------------------------------------------------------- */

static void drop(struct journal_source *h)
{
	free(h->base.name);
	free_source(&h->base);
}

static int make(struct journal_source **out, struct sources *all,
		const struct journal_wish *wish, char *why, size_t why_size)
{
	struct journal_source *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	h->base.all = all;
	h->base.kind = &source_journal_kind;
	h->fd = -1;
	h->stale = true;
	h->poll = (struct loop_timer){ .fn = poll_rang, .ctx = h };
	h->soon = (struct loop_timer){ .fn = soon_rang, .ctx = h };
	err = journal_new(&h->journal, wish, why, why_size);
	if (!err && !(h->base.name = strdup(journal_name(h->journal))))
		err = -ENOMEM;
	if (err) {
		drop(h);
		return err;
	}
	*out = h;
	return 0;
}

static struct journal_source *find_same(const struct journal_source *h)
{
	for (struct source *s = h->base.all->first; s; s = s->next)
		if (s->kind == &source_journal_kind && streq(s->name, h->base.name))
			return journal_of(s);
	return NULL;
}

static void resume(struct journal_source *h)
{
	const struct sources *all = h->base.all;
	struct source_position p = { 0 };

	if (all->sink->resume && all->sink->resume(all->ctx, &h->base, &p) && p.cursor)
		journal_go_on(h->journal, p.cursor);
}

static int add(struct journal_source *h, const struct journal_wish *wish,
	       struct source_follow *f, char *why, size_t why_size)
{
	struct journal_source *same = find_same(h);
	int err;

	if (same) {
		journal_share(same->journal, wish);
		drop(h);
		return source_join(&same->base, f);
	}
	/* What the library will never take is for the operator to correct; what
	 * is not there yet is waited for. */
	if (open_again(h) == -EINVAL) {
		if (why)
			snprintf(why, why_size, "libsystemd refuses \"%s\"", h->base.name);
		drop(h);
		return -EINVAL;
	}
	err = source_add(f->all, &h->base, f);
	if (!err)
		resume(h);
	return err;
}

int sources_follow_journal(struct sources *all, const struct journal_wish *wish, void *user,
			   struct source_follow **out, char *why, size_t why_size)
{
	struct journal_source *h;
	struct source_follow *f;
	int err = make(&h, all, wish, why, why_size);

	if (err)
		return err;
	f = calloc(1, sizeof(*f));
	if (!f) {
		drop(h);
		return -ENOMEM;
	}
	f->all = all;
	f->user = user;
	err = add(h, wish, f, why, why_size);
	if (err) {
		free(f);
		return err;
	}
	f->next = all->follows;
	all->follows = f;
	*out = f;
	return 0;
}
