/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source - where log lines come from: files, followed through every kind of
 * rotation, and the systemd journal.
 * Each file is read once, however many jails want it; every byte is handed out
 * once and in order.  Nothing here blocks, and nothing wakes up while no log
 * changes.  Does not know what a line means, nor what time it is for.
 *
 * The owner of `struct sources` gets the bytes of all sources through one
 * `struct source_sink`, and finds the users (jails) of a source in a list.
 */
#pragma once
#include "base/clock.h"
#include "base/loop.h"
#include "base/util.h"

struct journal_wish;	/* journal/journal.h */
struct sources;		/* all that is followed */
struct source;		/* one file (by its path) or one journal */

/* ---- positions ----------------------------------------------------------- */

/*
 * Where reading must go on after a restart: behind the last line that was
 * handed out whole.  A file is known again by what stands before that place,
 * also under another name, and also when it is a copy.
 */
struct source_position {
	uint64_t dev, inode;	/* of the file; dev only informs: it may change */
	uint64_t offset;	/* bytes from the file's beginning */
	uint64_t hash;		/* of the hash_len bytes before offset */
	uint32_t hash_len;
	const char *cursor;	/* of a journal; NULL: a file.  Borrows. */
};

/* ---- users --------------------------------------------------------------- */

/* One user (jail) of a source.  Read it, do not write it. */
struct source_user {
	struct source_user *next;
	void *ctx;		/* what source_spec.user said */
	bool reading;		/* the bytes now given are for this one too */
	bool live;		/* the end of the file was seen once */
	uint64_t from;		/* after source_rewind(): the first offset for it */
};

const struct source_user *source_users(const struct source *s);

/* ---- the owner's side ---------------------------------------------------- */

/* All are called from inside the loop; none may follow or unfollow. */
struct source_sink {
	/*
	 * A source appears: make what is kept for it and put it there with
	 * source_set_data().  0 or -errno: it is not followed then.
	 */
	int (*open)(void *ctx, struct source *s);
	/* It goes away; its users are gone already.  Free what open() made. */
	void (*close)(void *ctx, struct source *s);
	/* A stored position of this source: fill *@p and say true.  May be NULL. */
	bool (*resume)(void *ctx, struct source *s, struct source_position *p);
	/*
	 * Where to begin in a file that is read from its head for the first time
	 * and holds @size bytes, e.g. found by source_pread(): any offset, also
	 * inside a line.  May be NULL: at 0.
	 */
	uint64_t (*start)(void *ctx, struct source *s, uint64_t size);
	/*
	 * The next bytes of a file, those behind the ones before.  Returns how
	 * many of all bytes so far belong to a line that has not ended
	 * (framer_push() says so).
	 */
	size_t (*bytes)(void *ctx, struct source *s, const char *data, size_t len);
	/* The next journal entry as one line without its end, and its time. */
	void (*entry)(void *ctx, struct source *s, const char *text, size_t len,
		      wall_t when);
	/*
	 * The next bytes do not follow the last ones (another file, a truncated
	 * one): forget an unfinished line.  @inside: they may begin in the middle
	 * of a line, whose rest is not for us (framer_restart() does both).
	 */
	void (*restart)(void *ctx, struct source *s, bool inside);
	/*
	 * All there was has been read, and at least one user had not seen that
	 * yet; their `live` is set.  May be NULL.
	 */
	void (*caught_up)(void *ctx, struct source *s);
};

/*
 * Files that patterns find, at one time.  Whoever may write into a directory can
 * make as many as he likes; a log that is named is read in any case.
 */
#define SOURCE_FILES_MAX	1024u

/* Zero means the default. */
struct source_options {
	size_t read_size;	/* bytes for one read(2): 256 kB */
	size_t budget;		/* bytes for one turn of the loop: 1 MB */
	uint64_t poll_ns;	/* between looks where inotify is blind: 1 s */
	uint64_t linger_ns;	/* an old file without news is kept open: 60 s */
	size_t max_files;	/* followed at a time: SOURCE_FILES_MAX */
	/*
	 * A log that grows faster than it is read is read up to this long after
	 * it was written; older parts are left out, and counted.  0: never.
	 */
	uint64_t max_delay_ns;
	enum source_poll {
		SOURCE_POLL_AUTO,	/* on network and FUSE file systems */
		SOURCE_POLL_ALWAYS,
	} poll;
};

/* @sink, @ctx, @loop: borrowed.  0 or -errno. */
int sources_new(struct sources **out, struct loop *loop, const struct source_sink *sink,
		void *ctx, const struct source_options *options);
void sources_free(struct sources *all);		/* NULL is fine; closes everything */

struct source_spec {
	const char *path;	/* a file or a pattern (* ? [), copied */
	const char *encoding;	/* users share a file if they agree; copied; may be NULL */
	bool tail;		/* a file never seen before is read from its end */
	void *user;		/* becomes source_user.ctx */
};

struct source_follow;		/* one such wish; may match many files */

/*
 * Follow a file that exists or will, or all that a pattern matches now and
 * later.  Somebody who joins a file that is followed already begins where it
 * is now; source_rewind() gives it more.  0 or -errno (-EINVAL: no path).
 */
int sources_follow(struct sources *all, const struct source_spec *spec,
		   struct source_follow **out);

/*
 * Follow a journal that exists or will.  One reader serves all who want the same.
 * @user becomes source_user.ctx.  0; -EINVAL with the reason in @why (may be NULL);
 * or -errno.
 */
int sources_follow_journal(struct sources *all, const struct journal_wish *wish, void *user,
			   struct source_follow **out, char *why, size_t why_size);

/* @f's user leaves its sources; those without a user are closed.  NULL is fine. */
void sources_unfollow(struct sources *all, struct source_follow *f);

struct source *sources_first(const struct sources *all);
struct source *source_next(const struct source *s);

/* ---- one source ---------------------------------------------------------- */

/* The path, or "journal" and what tells it from other journals. */
const char *source_name(const struct source *s);
const char *source_encoding(const struct source *s);	/* may be NULL */
bool source_is_journal(const struct source *s);
void source_set_data(struct source *s, void *data);
void *source_data(const struct source *s);

/* False while nothing has been read from anywhere.  Valid until the next turn. */
bool source_position(const struct source *s, struct source_position *p);

/* Bytes of the file now read; -errno or how many.  Only for files. */
ssize_t source_pread(const struct source *s, void *buf, size_t len, uint64_t offset);
/*
 * Read the current file again from @offset for @ctx's user alone: the others
 * get on where they were.  0, -ENOENT, or -EOPNOTSUPP for a journal.
 */
int source_rewind(struct source *s, const void *ctx, uint64_t offset);

enum source_state {
	SOURCE_WAITING,		/* there is no such file now */
	SOURCE_CATCHING_UP,	/* reading what has been written already */
	SOURCE_LIVE,
	SOURCE_FAILING,		/* see error; tried again */
};

struct source_stats {
	enum source_state state;
	int error;		/* errno of the last failure; 0: none */
	const char *error_what;	/* what failed, e.g. "open"; NULL: nothing */
	bool polled;		/* inotify cannot be used for it */
	uint64_t bytes;		/* handed out */
	uint64_t entries;	/* of a journal */
	uint64_t too_long;	/* entries left out because of their length */
	uint64_t rotations;	/* another file took the name */
	uint64_t truncations;
	uint64_t gaps;		/* rotated files that could not be read */
	uint64_t lag;		/* bytes written and not handed out yet */
	uint64_t delay_ns;	/* how long the oldest of these has waited, about */
	uint64_t skipped;	/* bytes left out because of max_delay_ns */
	unsigned int open_files;	/* more than one: the writer still holds an old one */
};
void source_stats(const struct source *s, struct source_stats *out);
/* What is meant by the error of @s, if there is one. */
const char *source_error_text(const struct source *s);

struct sources_stats {
	size_t files, journals;
	uint64_t refused;	/* files left out now, because of max_files */
	bool watches_full;	/* no more inotify watches: polling; see the man page */
};
void sources_stats(const struct sources *all, struct sources_stats *out);
