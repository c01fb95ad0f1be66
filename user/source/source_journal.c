// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The systemd journal, read through libsystemd.
 * A place in it is a cursor: that of the last entry handed out.  Whenever the
 * library says that files came or went (rotation, vacuum, a directory made
 * anew), everything is opened again and reading goes on behind the cursor, as it
 * does after a restart: one way, used often, for all that can happen.  A file that is
 * cut under our hands is such a case, too (journal_guard.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <systemd/sd-journal.h>

#include "base/log.h"
#include "journal.h"
#include "journal_guard.h"

enum {
	STEP_ENTRIES = 64,	/* in one go, before other sources have a turn */
	ENTRY_COST = 1024,	/* an entry takes the time of so many bytes of a file */
	OPEN_TRIES = 8,		/* for files that are renamed while we open them */
};

#define SOON_NS		(10000000ull)	/* 10 ms */
#define SOON_FOR_NS	NS_PER_S
#define AGAIN_NS	(NS_PER_S / 4)	/* after a file was cut */

/* ---- opening ---------------------------------------------------------------- */

static void disconnect(struct journal_source *h)
{
	if (h->fd >= 0)
		loop_del(h->base.all->loop, h->fd);
	h->fd = -1;
	sd_journal_close(h->journal);
	h->journal = NULL;
}

/* Something changed.  What, is seen by reading on. */
static void woken(void *ctx, int fd, uint32_t events)
{
	struct journal_source *h = ctx;
	int change;

	(void)fd, (void)events;
	journal_guard_begin();
	change = sd_journal_process(h->journal);
	if (journal_guard_end())
		change = -EBADMSG;
	if (change == SD_JOURNAL_INVALIDATE)
		h->base.stats.rotations++;
	if (change == SD_JOURNAL_INVALIDATE || change < 0 ||
	    journal_place_layout(&h->place) != h->layout)
		h->stale = true;
	/* Its descriptor would go on waking us. */
	if (change < 0)
		disconnect(h);
	source_enqueue(&h->base);
}

void journal_poll_rang(void *ctx)
{
	struct journal_source *h = ctx;

	h->stale = true;
	source_enqueue(&h->base);
}

static int open_files(const struct journal_place *p, int flags, sd_journal **out)
{
	glob_t files;
	int err = journal_place_files(p, &files);

	if (err)
		return err;
	err = sd_journal_open_files(out, (const char **)files.gl_pathv, flags);
	globfree(&files);
	return err;
}

static int open_place(const struct journal_place *p, sd_journal **out)
{
	int flags = p->flags < 0 ? 0 : p->flags;

	if (p->patterns)
		return open_files(p, flags, out);
	if (p->path)
		return sd_journal_open_directory(out, p->path, flags);
	/* All of it would be the journal of each user, too. */
	if (p->flags < 0)
		flags = SD_JOURNAL_SYSTEM;
	if (p->namespace)
		return sd_journal_open_namespace(out, p->namespace, flags);
	return sd_journal_open(out, flags);
}

/* The system's journal: without any file it would not tell of the first one. */
static bool is_missing(const struct journal_place *p, sd_journal *j)
{
	return !p->patterns && !p->path && sd_journal_has_runtime_files(j) <= 0 &&
	       sd_journal_has_persistent_files(j) <= 0;
}

bool source_journal_exists(void)
{
	static const struct journal_place here = { .flags = -1 };
	sd_journal *j = NULL;
	bool exists;

	journal_guard_begin();
	exists = open_place(&here, &j) >= 0 && !is_missing(&here, j);
	sd_journal_close(j);
	return !journal_guard_end() && exists;
}

static int add_matches(sd_journal *j, const struct journal_match *m)
{
	int err = 0;

	for (size_t i = 0; i < m->n && err >= 0; i++)
		err = m->terms[i] ? sd_journal_add_match(j, m->terms[i], 0) :
				    sd_journal_add_disjunction(j);
	return err < 0 ? err : 0;
}

static int open_handle(const struct journal_source *h, sd_journal **out)
{
	sd_journal *j = NULL;
	int err = open_place(&h->place, &j);

	if (err)
		return err;
	err = is_missing(&h->place, j) ? -ENOENT : add_matches(j, &h->match);
	/* A field that is cut there makes the line too long, and is dropped. */
	if (!err)
		err = sd_journal_set_data_threshold(j, JOURNAL_LINE_MAX + 64);
	if (err < 0) {
		sd_journal_close(j);
		return err;
	}
	*out = j;
	return 0;
}

/* Without a descriptor to wait for, or on a network: look from time to time. */
static void listen_to(struct journal_source *h)
{
	struct sources *all = h->base.all;
	int fd = sd_journal_get_fd(h->journal), err;

	err = fd < 0 ? fd : loop_add(all->loop, fd, EPOLLIN, woken, h);
	h->fd = err ? -1 : fd;
	h->polled = err || !sd_journal_reliable_fd(h->journal);
	if (h->polled)
		loop_timer_in(all->loop, &h->poll, all->opt.poll_ns);
	else
		loop_timer_cancel(all->loop, &h->poll);
}

static int open_once(struct journal_source *h)
{
	sd_journal *j;
	int err;

	h->layout = journal_place_layout(&h->place);
	err = open_handle(h, &j);
	if (err)
		return err;
	disconnect(h);
	h->journal = j;
	h->stale = false;
	h->seek = true;
	listen_to(h);
	return 0;
}

static int open_guarded(struct journal_source *h)
{
	int err;

	journal_guard_begin();
	err = open_once(h);
	if (!journal_guard_end())
		return err;
	h->stale = true;
	return -EBADMSG;
}

/*
 * On failure the old one, if any, goes on.  What changed between our look and
 * the first moment in which changes are told is seen by another look.
 */
int journal_open(struct journal_source *h)
{
	int err = open_guarded(h);

	for (int i = 0; !err && i < OPEN_TRIES; i++) {
		if (journal_place_layout(&h->place) == h->layout)
			break;
		err = open_guarded(h);
	}
	return err;
}

/* ---- where to go on ----------------------------------------------------------- */

static void set_cursor(struct journal_source *h, char *cursor)
{
	free(h->cursor);
	h->cursor = cursor;
}

static int keep_cursor(struct journal_source *h)
{
	char *cursor;
	int err = sd_journal_get_cursor(h->journal, &cursor);

	if (err < 0)
		return err;
	set_cursor(h, cursor);
	return 0;
}

/* Behind the last entry; if there is none, every entry is one that comes later. */
static int seek_tail(struct journal_source *h)
{
	int got = sd_journal_seek_tail(h->journal);

	if (got >= 0)
		got = sd_journal_previous(h->journal);
	if (got > 0)
		return keep_cursor(h);
	if (got < 0)
		return got;
	h->tail = false;
	h->since.us = 0;
	return sd_journal_seek_head(h->journal);
}

static int seek_beginning(struct journal_source *h)
{
	if (h->tail)
		return seek_tail(h);
	if (h->since.us > 0)
		return sd_journal_seek_realtime_usec(h->journal, (uint64_t)h->since.us);
	return sd_journal_seek_head(h->journal);
}

static int seek_place(struct journal_source *h)
{
	int err = h->cursor ? sd_journal_seek_cursor(h->journal, h->cursor) : 0;

	h->at_cursor = h->cursor && !err;
	if (err == -EINVAL) {
		log_warn("source: %s: this stored position is no cursor: %s",
			 h->base.name, h->cursor);
		set_cursor(h, NULL);
		err = 0;
	}
	if (!err && !h->at_cursor)
		err = seek_beginning(h);
	h->seek = err;
	return err;
}

static int seek(struct journal_source *h)
{
	bool knew = h->cursor;
	int err;

	journal_guard_begin();
	err = seek_place(h);
	if (!journal_guard_end())
		return err;
	if (!knew)
		set_cursor(h, NULL);
	h->seek = true;
	return -EIO;
}

/*
 * The entry at hand is the cursor's: it may be vacuumed away, and it may be a
 * copy of it.  journald copies what it wrote before it had /var into other files;
 * there the numbers in the cursor's beginning differ, but not what is behind.
 */
static bool is_known(const struct journal_source *h)
{
	const char *want = strstr(h->cursor, ";b="), *have;
	char *cursor = NULL;
	bool known = sd_journal_test_cursor(h->journal, h->cursor) > 0;

	if (known || !want || sd_journal_get_cursor(h->journal, &cursor) < 0)
		return known;
	have = strstr(cursor, ";b=");
	known = have && streq(have, want);
	free(cursor);
	return known;
}

/* 1: at the next entry, 0: there is none yet, or -errno. */
static int next_entry(struct journal_source *h)
{
	int got = sd_journal_next(h->journal);

	if (got > 0 && h->at_cursor) {
		h->at_cursor = false;
		if (is_known(h))
			got = sd_journal_next(h->journal);
	}
	return got;
}

static int advance(struct journal_source *h)
{
	bool at_cursor = h->at_cursor;
	int got;

	journal_guard_begin();
	got = next_entry(h);
	if (!journal_guard_end())
		return got;
	h->at_cursor = at_cursor;
	return -EIO;
}

/* ---- reading -------------------------------------------------------------------- */

static int read_entry(struct journal_source *h, wall_t *when)
{
	struct journal_stamp stamp = { 0 };
	sd_id128_t boot;
	const void *data;
	size_t len;
	int got;

	journal_line_begin(&h->line);
	sd_journal_restart_data(h->journal);
	while ((got = sd_journal_enumerate_available_data(h->journal, &data, &len)) > 0)
		journal_line_field(&h->line, data, len);
	if (!got)
		got = sd_journal_get_realtime_usec(h->journal, &stamp.realtime);
	if (got >= 0)
		got = sd_journal_get_monotonic_usec(h->journal, &stamp.monotonic, &boot);
	return got < 0 ? got : journal_line_finish(&h->line, &stamp, when);
}

/* The entry at hand into h->line, and the cursor to it; -EIO: the file was cut. */
static int take_entry(struct journal_source *h, wall_t *when, int *err)
{
	char *cursor = NULL;
	int got;

	journal_guard_begin();
	*err = read_entry(h, when);
	got = *err == -ENOMEM ? -ENOMEM : sd_journal_get_cursor(h->journal, &cursor);
	if (journal_guard_end()) {
		free(cursor);
		return -EIO;
	}
	if (got >= 0)
		set_cursor(h, cursor);
	return got == -ENOMEM ? -ENOMEM : 0;
}

/* The entry at hand: 0, or -ENOMEM, -EIO: it must be read again. */
static int give(struct journal_source *h, size_t *done)
{
	const struct sources *all = h->base.all;
	wall_t when;
	int err, again = take_entry(h, &when, &err);

	if (again)
		return again;
	*done += ENTRY_COST + h->line.text.len;
	if (err == -E2BIG) {
		h->base.stats.too_long++;
	} else if (err) {
		h->base.stats.gaps++;	/* damaged: reading it again would not help */
	} else {
		h->base.stats.entries++;
		h->base.stats.bytes += h->line.text.len;
		all->sink->entry(all->ctx, &h->base, h->line.text.s, h->line.text.len, when);
	}
	return 0;
}

/* 1: there may be more, 0: no more now, or -errno. */
static int read_some(struct journal_source *h, size_t *done)
{
	int got = h->seek ? seek(h) : 0;

	h->begun = true;
	for (struct user *u = h->base.users; u; u = (struct user *)u->pub.next)
		u->pub.reading = true;
	for (int i = 0; i < STEP_ENTRIES && got >= 0; i++) {
		got = advance(h);
		if (!got)
			return 0;
		if (got > 0)
			got = give(h, done);
	}
	return got < 0 ? got : 1;
}

void journal_soon_rang(void *ctx)
{
	struct journal_source *h = ctx;

	source_enqueue(&h->base);
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

static bool journal_step(struct source *s, size_t *done)
{
	struct journal_source *h = journal_of(s);
	size_t before = *done;
	int got;

	if (h->stale)
		source_failed(s, "open", journal_open(h));
	if (!h->journal)
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
	const struct journal_source *h = journal_of(s);

	*p = (struct source_position){ .cursor = h->cursor };
	return h->cursor;
}

static void journal_stats(const struct source *s, struct source_stats *out)
{
	out->polled = journal_of(s)->polled;
}

static void journal_free(struct source *s)
{
	struct journal_source *h = journal_of(s);

	disconnect(h);
	loop_timer_cancel(s->all->loop, &h->poll);
	loop_timer_cancel(s->all->loop, &h->soon);
	journal_match_fini(&h->match);
	journal_place_fini(&h->place);
	journal_line_fini(&h->line);
	free(h->cursor);
	free(h);
}

const struct source_kind source_journal_kind = {
	.step = journal_step,
	.position = journal_position,
	.stats = journal_stats,
	.free = journal_free,
};
