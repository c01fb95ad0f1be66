/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_private - what the files of this room share: the registry of all sources
 * and the little that it must know about each kind.
 */
#pragma once
#include "base/hmap.h"
#include "source.h"
#include "paths/walk.h"
#include "paths/watch.h"

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
	struct source *next, **link;
	struct hmap_node by_name;
	struct sources *all;		/* borrows */
	const struct source_kind *kind;
	char *name, *encoding;		/* owns; encoding may be NULL */
	void *data;			/* the owner's */
	struct user *users;		/* owns */
	struct source *next_queued, *next_touched;
	bool queued, touched;		/* touched: to be settled */
	uint64_t found;			/* the last walk that came by */
	struct source_stats stats;	/* the counters that are kept as they happen */
};

struct user {
	struct source_user pub;		/* first: its next is a struct user too */
	struct source_follow *follow;	/* borrows */
};

/* A name, maybe a pattern, in a directory that a follow depends on. */
struct place {
	struct place *next;
	struct hmap_node node;
	struct source_follow *owner;
	struct watch watch;
	struct watch_name watch_name;	/* unless it is a pattern */
	struct walk_place at;		/* owns its dir and name */
	bool kept;			/* the last walk came by */
};

/* Something happened to one name that a pattern matches: only that is looked at. */
struct look {
	struct look *next;
	const struct place *at;		/* borrows; NULL: @name is a path */
	char name[];
};

struct source_follow {
	struct source_follow *next;
	struct sources *all;
	char *path, *encoding;		/* owns; path NULL: a journal */
	bool tail, pattern;
	void *user;
	struct place *places;		/* owns */
	struct look *looks, **looks_end;	/* owns; the oldest first */
	size_t n_looks;
	size_t links;			/* that looks have found since the last walk */
	bool stale;			/* something changed: walk again */
	bool polled;			/* a place could not be watched */
	bool begun;			/* files found from now on are new ones */
	bool said;			/* that there are too many files */
	uint64_t refused;		/* files that are left out */
	bool recount;			/* there may be others now */
	boot_t counted;			/* when they were */
	boot_t rests_until;		/* no walk before: the last one was a long one */
};

struct sources {
	struct loop *loop;		/* borrows */
	const struct source_sink *sink;	/* borrows */
	void *ctx;
	struct source_options opt;
	struct watches *watches;	/* owns; NULL: no inotify at all */
	char *buf;			/* MARK_MAX + read_size bytes for reading */
	struct source *first, **end;	/* owns */
	struct hmap by_name;		/* files by their paths; borrows, as all here */
	struct hmap by_inode;		/* the open readers of files */
	struct hmap places;		/* of all follows, by directory and name */
	struct source_follow *follows;	/* owns */
	struct source *queue, **queue_end;
	struct source *touched, **touched_end;
	bool dirty;			/* a follow is stale or a file was touched */
	bool unused;			/* a source may have lost its last user */
	uint64_t walks;
	struct loop_timer turn, poll, retry, recount, rest;
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
/* Called @name from now on: 0 or -ENOMEM. */
int source_rename(struct source *s, const char *name);
/* Add to the registry, and give it its first user; -errno frees it. */
int source_add(struct sources *all, struct source *s, struct source_follow *f);
/* @f's user joins, if it has not yet, and gets what is read from now on. */
int source_join(struct source *s, struct source_follow *f);
void source_leave(struct source *s, const struct source_follow *f);
void sources_close_unused(struct sources *all);

/* ---- source_file.c ------------------------------------------------------- */

extern const struct source_kind source_file_kind;

int file_new(struct source **out, struct sources *all, const char *path,
	     const char *encoding);
/* It is called @path from now on, whoever moved it there.  0 or -ENOMEM. */
int file_move(struct source *s, const char *path);
/* Open it for the first time and decide where to begin. */
void file_begin(struct source *s, bool tail);
/* Something happened to its name or directory: act on it in file_settle(). */
void file_touch(struct source *s);
void file_settle(struct source *s);
/* Whether anything is left to read from, also under another name. */
bool file_is_open(const struct source *s);
void file_look(struct source *s);	/* polled: there may be news */

/* ---- file_index.c -------------------------------------------------------- */

/* The first open file with that inode, then the next; whose it is. */
struct source *file_first_reading(const struct sources *all, uint64_t dev, uint64_t inode,
				  struct hmap_node **at);
struct source *file_next_reading(uint64_t dev, uint64_t inode, struct hmap_node **at);

/* ---- source_follow.c ----------------------------------------------------- */

/* All may be different: find the files again when events have been handed out. */
void follow_touch(struct source_follow *f);
/* The same for @path alone, which a pattern may have matched. */
void follow_touch_path(struct source_follow *f, const char *path);
/* Act on that: follow new files, let go of those that are no more. */
void follow_settle(struct source_follow *f);
/* There may be room for files that were left out, or there are others now. */
void follow_recount(struct source_follow *f);

/* ---- source_place.c ------------------------------------------------------ */

/* Depend on @at from now on; -errno: nobody tells us about it. */
int place_keep(struct source_follow *f, const struct walk_place *at);
/* Whether @f depends on @name in @dir. */
bool place_exists(const struct source_follow *f, const char *dir, const char *name);
/* Those that were not kept since the last time, or all. */
void place_drop(struct source_follow *f, bool all);
/* One look more at @name of @at, or at the path @name if that is NULL. */
void place_look_at(struct source_follow *f, const struct place *at, const char *name);
void place_forget_looks(struct source_follow *f);

/* ---- source_journal.c ---------------------------------------------------- */

extern const struct source_kind source_journal_kind;
