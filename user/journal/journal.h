/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal - the systemd journal, entry by entry: where it is kept, which entries are
 * wanted, where reading goes on.  The only room that knows libsystemd.
 * A place in it is a cursor: that of the entry read last.  Nothing here waits, has a
 * timer or knows who wants the lines: source/ does.
 * Functions give 0 or -errno.
 */
#pragma once
#include "base/clock.h"
#include "base/util.h"

struct journal;		/* opaque */

/* All borrowed; the parameters of `backend = systemd[...]`: NULL: not given. */
struct journal_wish {
	/*
	 * The lines of `journalmatch`, shell-quoted; lines and " + " mean or.
	 * NULL or empty: every entry of the journal.
	 */
	const char *match;
	/* What rotation made of the files is always read too, as far as it has not been. */
	const char *path, *files, *flags, *namespace;
	bool tail;		/* begin at the end if no position is known */
	/* Else begin there; { 0 }: at the oldest entry. */
	wall_t since;
};

/* Whether @wish can be fulfilled: 0; -EINVAL with the reason in @why; -ENOMEM. */
int journal_check(const struct journal_wish *wish, char *why, size_t why_size);
/* This machine has a journal: there are files that journald wrote. */
bool journal_exists(void);

/* ---- one journal ----------------------------------------------------------------- */

/* As journal_check(); it is not open yet. */
int journal_new(struct journal **out, const struct journal_wish *wish, char *why,
		size_t why_size);
void journal_free(struct journal *j);		/* NULL is fine */
/* "journal" and what tells it from other journals. */
const char *journal_name(const struct journal *j);
/* Begin where the one who wants most does, @j or @wish, unless that is over. */
void journal_share(struct journal *j, const struct journal_wish *wish);
/* Of the entry read last; NULL: none was. */
const char *journal_cursor(const struct journal *j);
/* Go on behind the entry of @cursor, which is copied. */
int journal_go_on(struct journal *j, const char *cursor);

/*
 * Open it, or open it again, and go on behind the cursor.  -EINVAL: it will never
 * work; on failure what was open before stays open.
 */
int journal_open(struct journal *j);
void journal_close(struct journal *j);
bool journal_is_open(const struct journal *j);
/* To wait for, while it is open; or -errno. */
int journal_fd(const struct journal *j);
/* Its descriptor tells of all that is written. */
bool journal_tells(const struct journal *j);

enum journal_news {
	JOURNAL_MORE,		/* entries may have come: read on */
	JOURNAL_MOVED,		/* its names are of other files now: open it again */
	JOURNAL_ROTATED,	/* files came or went: the same */
	JOURNAL_BROKEN,		/* the same; closed, since it would go on waking us */
};
/* What the descriptor became readable for. */
enum journal_news journal_process(struct journal *j);

struct journal_entry {
	int err;		/* 0; -E2BIG: too long a line; else: damaged */
	const char *text;	/* the line, without an end; until the next call */
	size_t len;
	wall_t when;
};
/*
 * The next entry: 1, 0: there is none yet; -ENOMEM: again later; -EIO: a file was cut
 * under our hands; -errno.  After an error the same entry comes again, when the journal
 * has been opened again.
 */
int journal_next(struct journal *j, struct journal_entry *out);
