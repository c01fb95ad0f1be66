// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * journal - what is wished for, and opening it.
 * Whenever the library says that files came or went (rotation, vacuum, a directory
 * made anew), everything is opened again and reading goes on behind the cursor, as it
 * does after a restart: one way, used often, for all that can happen.  A file that is
 * cut under our hands is such a case, too (journal_guard.h).
 */
#include "journal_private.h"

#include <errno.h>
#include <stdlib.h>

#include "journal_guard.h"

enum { OPEN_TRIES = 8 };	/* for files that are renamed while we open them */

/* ---- what is wished for ------------------------------------------------------- */

static int parse(struct journal_place *place, struct journal_match *match,
		 const struct journal_wish *wish, char *why, size_t why_size)
{
	int err = journal_place_parse(place, wish, why, why_size);

	return err ? err : journal_match_parse(match, wish->match, why, why_size);
}

int journal_check(const struct journal_wish *wish, char *why, size_t why_size)
{
	struct journal_place place = { 0 };
	struct journal_match match = { 0 };
	int err = parse(&place, &match, wish, why, why_size);

	journal_place_fini(&place);
	journal_match_fini(&match);
	return err;
}

static char *name_of(const struct journal *j)
{
	struct str s = { 0 };

	str_puts(&s, "journal");
	journal_place_print(&j->place, &s);
	if (j->match.n)
		str_putc(&s, ' ');
	journal_match_print(&j->match, &s);
	return str_take(&s);
}

int journal_new(struct journal **out, const struct journal_wish *wish, char *why,
		size_t why_size)
{
	struct journal *j = calloc(1, sizeof(*j));
	int err;

	if (!j)
		return -ENOMEM;
	j->tail = wish->tail;
	j->since = wish->since;
	err = parse(&j->place, &j->match, wish, why, why_size);
	if (!err && !(j->name = name_of(j)))
		err = -ENOMEM;
	if (err) {
		journal_free(j);
		return err;
	}
	*out = j;
	return 0;
}

void journal_free(struct journal *j)
{
	if (!j)
		return;
	journal_close(j);
	journal_match_fini(&j->match);
	journal_place_fini(&j->place);
	journal_line_fini(&j->line);
	free(j->name);
	free(j->cursor);
	free(j);
}

const char *journal_name(const struct journal *j)
{
	return j->name;
}

void journal_share(struct journal *j, const struct journal_wish *wish)
{
	if (j->begun || wish->tail)
		return;
	if (j->tail || wish->since.us < j->since.us)
		j->since = wish->since;
	j->tail = false;
}

/* ---- opening ------------------------------------------------------------------ */

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

bool journal_exists(void)
{
	static const struct journal_place here = { .flags = -1 };
	sd_journal *handle = NULL;
	bool exists;

	journal_guard_begin();
	exists = open_place(&here, &handle) >= 0 && !is_missing(&here, handle);
	sd_journal_close(handle);
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

static int open_handle(const struct journal *j, sd_journal **out)
{
	sd_journal *handle = NULL;
	int err = open_place(&j->place, &handle);

	if (err)
		return err;
	err = is_missing(&j->place, handle) ? -ENOENT : add_matches(handle, &j->match);
	/* A field that is cut there makes the line too long, and is dropped. */
	if (!err)
		err = sd_journal_set_data_threshold(handle, JOURNAL_LINE_MAX + 64);
	if (err < 0) {
		sd_journal_close(handle);
		return err;
	}
	*out = handle;
	return 0;
}

void journal_close(struct journal *j)
{
	sd_journal_close(j->handle);
	j->handle = NULL;
}

static int open_once(struct journal *j)
{
	sd_journal *handle;
	int err;

	j->layout = journal_place_layout(&j->place);
	err = open_handle(j, &handle);
	if (err)
		return err;
	journal_close(j);
	j->handle = handle;
	j->seek = true;
	return 0;
}

static int open_guarded(struct journal *j)
{
	int err;

	journal_guard_begin();
	err = open_once(j);
	return journal_guard_end() ? -EBADMSG : err;
}

/*
 * On failure the old one, if any, goes on.  What changed between our look and
 * the first moment in which changes are told is seen by another look.
 */
int journal_open(struct journal *j)
{
	int err = open_guarded(j);

	for (int i = 0; !err && i < OPEN_TRIES; i++) {
		if (journal_place_layout(&j->place) == j->layout)
			break;
		err = open_guarded(j);
	}
	return err;
}

bool journal_is_open(const struct journal *j)
{
	return j->handle;
}

/* ---- what is told about it ----------------------------------------------------- */

int journal_fd(const struct journal *j)
{
	return sd_journal_get_fd(j->handle);
}

bool journal_tells(const struct journal *j)
{
	return sd_journal_reliable_fd(j->handle) > 0;
}

enum journal_news journal_process(struct journal *j)
{
	int change;

	journal_guard_begin();
	change = sd_journal_process(j->handle);
	if (journal_guard_end() || change < 0) {
		journal_close(j);
		return JOURNAL_BROKEN;
	}
	if (change == SD_JOURNAL_INVALIDATE)
		return JOURNAL_ROTATED;
	return journal_place_layout(&j->place) == j->layout ? JOURNAL_MORE : JOURNAL_MOVED;
}
