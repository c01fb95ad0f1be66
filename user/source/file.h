/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file - a followed path, as seen by the two halves that work on it:
 * source_file.c knows which files had that name, in which order;
 * file_read.c reads them, the oldest first, and lets go of what is finished.
 */
#pragma once
#include "delay.h"
#include "reader.h"
#include "source_private.h"

struct file_source {
	struct source base;
	char *dir, *leaf;		/* owns; where it is, links followed */
	uid_t owner;			/* whose links led there, as in trail.h */
	struct watch watch;		/* on dir, for the names that matter to us: */
	struct watch_name leaf_watch;	/* leaf, and those of the readers */
	struct reader *readers;		/* owns; the oldest first */
	struct reader *current;		/* the one the owner got the last bytes of */
	/*
	 * The end of what was read before the present file: by it the files are
	 * found that came between, as long as nothing of the present one is read.
	 */
	struct source_position last;
	bool has_last;
	struct reader *rewound;		/* users' `from` are offsets in this one */
	struct source_position top;	/* how far it had been read before */
	uint64_t done;			/* bytes read or left out, of all files */
	struct delay delay;		/* how long the rest has been waiting */
	struct loop_timer linger;	/* old files without news are closed */
};

static inline struct file_source *file_of(const struct source *s)
{
	return container_of(s, struct file_source, base);
}

/* True when @r has the followed name now. */
static inline bool file_has_name(const struct file_source *f, const struct reader *r)
{
	return r->name && streq(r->name, f->leaf);
}

/* Something of @r counts as read: its place tells it from other files. */
static inline bool file_was_read(const struct reader *r)
{
	return r->fd >= 0 && r->offset > r->pending;
}

/* Whether that file is one of those that had the name, and is open. */
bool file_reads(const struct file_source *f, uint64_t dev, uint64_t inode);
/* The file that has the name, or had it last; NULL: nothing is open. */
struct reader *file_newest(const struct file_source *f);
/* Put an open file in the list, before @next (NULL: as the newest). */
struct reader *file_insert(struct file_source *f, int fd, uint64_t dev, uint64_t inode,
			   const char *name, struct reader *next);
/* A younger file was read: what @r still gets is no part of the order. */
bool file_is_overtaken(const struct reader *r);
/*
 * @r will not be as it was any more.  Unless a younger file was read, its place
 * is where a restart goes on.
 */
void file_keep_end(struct file_source *f, const struct reader *r);
/* Close @r for good. */
void file_drop(struct file_source *f, struct reader *r);
/* Read @r again, if it has something for us. */
void file_wake(struct file_source *f, struct reader *r);

/* Prepare the directory's watch of a new @f. */
void file_init_watch(struct file_source *f);

/* ---- file_begin.c -------------------------------------------------------- */

/* Where the followed file stands now, links followed. */
void file_locate(struct file_source *f);
void file_watch_dir(struct file_source *f);
/*
 * Readers for what was not read of the generations since file_read_end(), before
 * @now, of which nothing was read (NULL: nobody has the name).  0, or -ENOENT:
 * the file in which reading ended is gone.
 */
int file_find_older(struct file_source *f, struct reader *now);

/* ---- file_index.c -------------------------------------------------------- */

/* @r is found by its inode, if it is open, from now on; and until it is closed. */
void file_opened(struct reader *r);
void file_closes(struct reader *r);

/* ---- file_read.c --------------------------------------------------------- */

/* Up to where all was read; false: nothing ever was. */
bool file_read_end(const struct file_source *f, struct source_position *p);
void file_linger_rang(void *ctx);
