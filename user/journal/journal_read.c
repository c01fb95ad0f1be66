// SPDX-License-Identifier: GPL-2.0-or-later
/* journal_read - where to go on, and the entries from there. */
#include "journal_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "journal_guard.h"

/* ---- where to go on ----------------------------------------------------------- */

static void set_cursor(struct journal *j, char *cursor)
{
	free(j->cursor);
	j->cursor = cursor;
}

static int keep_cursor(struct journal *j)
{
	char *cursor;
	int err = sd_journal_get_cursor(j->handle, &cursor);

	if (err < 0)
		return err;
	set_cursor(j, cursor);
	return 0;
}

const char *journal_cursor(const struct journal *j)
{
	return j->cursor;
}

int journal_go_on(struct journal *j, const char *cursor)
{
	char *copy = strdup(cursor);

	if (!copy)
		return -ENOMEM;
	set_cursor(j, copy);
	return 0;
}

/* Behind the last entry; if there is none, every entry is one that comes later. */
static int seek_tail(struct journal *j)
{
	int got = sd_journal_seek_tail(j->handle);

	if (got >= 0)
		got = sd_journal_previous(j->handle);
	if (got > 0)
		return keep_cursor(j);
	if (got < 0)
		return got;
	j->tail = false;
	j->since.us = 0;
	return sd_journal_seek_head(j->handle);
}

static int seek_beginning(struct journal *j)
{
	if (j->tail)
		return seek_tail(j);
	if (j->since.us > 0)
		return sd_journal_seek_realtime_usec(j->handle, (uint64_t)j->since.us);
	return sd_journal_seek_head(j->handle);
}

static int seek_place(struct journal *j)
{
	int err = j->cursor ? sd_journal_seek_cursor(j->handle, j->cursor) : 0;

	j->at_cursor = j->cursor && !err;
	if (err == -EINVAL) {
		log_warn("source: %s: this stored position is no cursor: %s",
			 j->name, j->cursor);
		set_cursor(j, NULL);
		err = 0;
	}
	if (!err && !j->at_cursor)
		err = seek_beginning(j);
	j->seek = err;
	return err;
}

static int seek(struct journal *j)
{
	bool knew = j->cursor;
	int err;

	journal_guard_begin();
	err = seek_place(j);
	if (!journal_guard_end())
		return err;
	if (!knew)
		set_cursor(j, NULL);
	j->seek = true;
	return -EIO;
}

/*
 * The entry at hand is the cursor's: it may be vacuumed away, and it may be a
 * copy of it.  journald copies what it wrote before it had /var into other files;
 * there the numbers in the cursor's beginning differ, but not what is behind.
 */
static bool is_known(const struct journal *j)
{
	const char *want = strstr(j->cursor, ";b="), *have;
	char *cursor = NULL;
	bool known = sd_journal_test_cursor(j->handle, j->cursor) > 0;

	if (known || !want || sd_journal_get_cursor(j->handle, &cursor) < 0)
		return known;
	have = strstr(cursor, ";b=");
	known = have && streq(have, want);
	free(cursor);
	return known;
}

/* 1: at the next entry, 0: there is none yet, or -errno. */
static int next_entry(struct journal *j)
{
	int got = sd_journal_next(j->handle);

	if (got > 0 && j->at_cursor) {
		j->at_cursor = false;
		if (is_known(j))
			got = sd_journal_next(j->handle);
	}
	return got;
}

static int advance(struct journal *j)
{
	bool at_cursor = j->at_cursor;
	int got;

	journal_guard_begin();
	got = next_entry(j);
	if (!journal_guard_end())
		return got;
	j->at_cursor = at_cursor;
	return -EIO;
}

/* ---- reading -------------------------------------------------------------------- */

static int read_entry(struct journal *j, wall_t *when)
{
	struct journal_stamp stamp = { 0 };
	sd_id128_t boot;
	const void *data;
	size_t len;
	int got;

	journal_line_begin(&j->line);
	sd_journal_restart_data(j->handle);
	while ((got = sd_journal_enumerate_available_data(j->handle, &data, &len)) > 0)
		journal_line_field(&j->line, data, len);
	if (!got)
		got = sd_journal_get_realtime_usec(j->handle, &stamp.realtime);
	if (got >= 0)
		got = sd_journal_get_monotonic_usec(j->handle, &stamp.monotonic, &boot);
	return got < 0 ? got : journal_line_finish(&j->line, &stamp, when);
}

/* The entry at hand, and the cursor to it: 1, or -errno: it must be read again. */
static int take_entry(struct journal *j, struct journal_entry *out)
{
	char *cursor = NULL;
	int got;

	journal_guard_begin();
	out->err = read_entry(j, &out->when);
	got = out->err == -ENOMEM ? -ENOMEM : sd_journal_get_cursor(j->handle, &cursor);
	if (journal_guard_end()) {
		free(cursor);
		return -EIO;
	}
	if (got >= 0)
		set_cursor(j, cursor);
	out->text = j->line.text.s;
	out->len = j->line.text.len;
	return got == -ENOMEM ? -ENOMEM : 1;
}

int journal_next(struct journal *j, struct journal_entry *out)
{
	int got = j->seek ? seek(j) : 0;

	j->begun = true;
	if (got >= 0)
		got = advance(j);
	if (got > 0)
		got = take_entry(j, out);
	return got;
}
