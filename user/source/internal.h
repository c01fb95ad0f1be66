/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * internal - what the files of this room share: the registry of all sources
 * and the little that it must know about each kind.
 */
#pragma once
#include "source.h"
#include "walk.h"
#include "watch.h"

struct source;

struct source_kind {
	/*
	 * Hand out some of what there is, and add the bytes to *@done.  True:
	 * there is more, call again in this or the next turn.
	 */
	bool (*step)(struct source *s, size_t *done);
	bool (*position)(const struct source *s, struct source_position *p);
	void (*stats)(const struct source *s, struct source_stats *out);
	void (*free)(struct source *s);
};

struct source {
	struct source *next;
	struct sources *all;		/* borrows */
	const struct source_kind *kind;
	char *name, *encoding;		/* owns; encoding may be NULL */
	void *data;			/* the owner's */
	struct user *users;		/* owns */
	struct source *next_queued;
	bool queued;
	struct source_stats stats;	/* the counters that are kept as they happen */
};

struct user {
	struct source_user pub;		/* first: its next is a struct user too */
	struct source_follow *follow;	/* borrows */
};

/* A name in a directory that a follow depends on. */
struct place {
	struct place *next;
	struct source_follow *owner;
	struct watch watch;
	char *dir, *name;		/* owns */
	bool kept;			/* the last walk came by */
};

struct source_follow {
	struct source_follow *next;
	struct sources *all;
	char *path, *encoding;		/* owns; path NULL: a journal */
	bool tail, pattern;
	void *user;
	struct place *places;		/* owns */
	bool stale;			/* something changed: walk again */
	bool polled;			/* a place could not be watched */
	bool begun;			/* files found from now on are new ones */
	bool said;			/* that there are too many files */
	uint64_t refused;		/* files that the last walk left out */
};

struct sources {
	struct loop *loop;		/* borrows */
	const struct source_sink *sink;	/* borrows */
	void *ctx;
	struct source_options opt;
	struct watches *watches;	/* owns; NULL: no inotify at all */
	char *buf;			/* MARK_MAX + read_size bytes for reading */
	struct source *first;		/* owns */
	struct source_follow *follows;	/* owns */
	struct source *queue, **queue_end;
	bool dirty;			/* a follow is stale or a file was touched */
	struct loop_timer turn, poll, retry;
	uint64_t retry_ns;
	struct sources_stats stats;
};

/* Put @s behind the others that have something to do. */
void source_enqueue(struct source *s);
/* Tell the owner, once for each user, that there is nothing more to read. */
void source_caught_up(struct source *s);
/* Note a failure (@err < 0) and log it if it is another one; 0: it is over. */
void source_failed(struct source *s, const char *what, int err);
/* inotify cannot tell about this: look from time to time. */
void sources_poll(struct sources *all, int why);
/* Add to the registry, and give it its first user; -errno frees it. */
int source_add(struct sources *all, struct source *s, struct source_follow *f);
/* @f's user joins, if it has not yet, and gets what is read from now on. */
int source_join(struct source *s, struct source_follow *f);
void source_leave(struct source *s, const struct source_follow *f);
void sources_close_unused(struct sources *all);
void follow_touch(struct source_follow *f);

/* ---- source_file.c ------------------------------------------------------- */

extern const struct source_kind source_file_kind;

int file_new(struct source **out, struct sources *all, const char *path,
	     const char *encoding);
/* Open it for the first time and decide where to begin. */
void file_begin(struct source *s, bool tail);
/* Something happened to its name or directory: act on it in file_settle(). */
void file_touch(struct source *s);
void file_settle(struct source *s);
/* Whether anything is left to read from, also under another name. */
bool file_is_open(const struct source *s);
bool file_reads(const struct source *s, uint64_t dev, uint64_t inode);
void file_look(struct source *s);	/* polled: there may be news */

/* ---- source_follow.c ----------------------------------------------------- */

/* Find the files again; follow new ones, let go of those that are no more. */
void follow_walk(struct source_follow *f);
void follow_free(struct source_follow *f);

/* ---- source_journal.c ---------------------------------------------------- */

extern const struct source_kind source_journal_kind;
