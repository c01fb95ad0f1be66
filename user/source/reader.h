/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader - one open file and the place in it up to which it has been read.
 * Each read also reads again what stands before that place and compares: so it
 * never goes on in a file that was truncated and has grown past that place
 * since.  Knows nothing of names and rotation.
 */
#pragma once
#include "source.h"
#include "paths/trail.h"
#include "paths/watch.h"

#define MARK_MAX	256u	/* bytes before a place that tell it from others */

/* What stands before a place in a file. */
struct mark {
	uint32_t len;		/* 0: the beginning of the file */
	char bytes[MARK_MAX];
};

struct reader {
	struct reader *next;	/* the file that took over the name */
	int fd;			/* -1: not opened yet */
	uint64_t dev, inode;
	uint64_t offset;	/* behind the last byte read */
	size_t pending;		/* of these, bytes of an unfinished line */
	struct mark here, safe;	/* before offset, and before offset - pending */
	bool ready;		/* there may be something to read */
	bool skip_nul;		/* truncated: what begins with a hole is no text */

	/* Kept by source_file.c, which knows about names. */
	struct file_source *owner;
	char *name;		/* owns; in the directory; NULL: unknown, gone */
	uint32_t cookie;	/* of a renaming of which one half came; 0: none */
	struct watch_name watch_name;	/* for either of them */
	struct hmap_node by_inode;
	bool unverified;	/* opened, but its name may have moved before */
	bool copied;		/* maybe, before anything of it was read */
	bool superseded;	/* a younger file has been read to its end */
	bool last_look;		/* nobody writes any more: read to the end, close */
	uint64_t quiet_ns;	/* when its end was seen last */
	struct watch watch;
};

/* trail_open(), and which file it is. */
int reader_open(const char *path, uid_t owner, uint64_t *dev, uint64_t *inode);
/* On a network or FUSE file system, whose changes inotify does not tell. */
bool reader_is_remote(const char *path);
/* A reader for @fd, which becomes its own (-1: none yet); NULL: no memory. */
struct reader *reader_new(int fd, uint64_t dev, uint64_t inode);
void reader_free(struct reader *r);	/* NULL is fine; closes, unwatch it before */

/*
 * Read into @buf of MARK_MAX + @size bytes; *@data points to the new ones.
 * Their number (0: end of file), -ESTALE if the file is not what it was up to
 * here, or -errno.
 */
ssize_t reader_read(struct reader *r, char *buf, size_t size, const char **data);
/* The last read's first @len bytes were used, of all bytes @pending are unfinished. */
void reader_taken(struct reader *r, const char *buf, size_t len, size_t pending);
/* Go back to the beginning of the unfinished line. */
void reader_rewind(struct reader *r);
/* Go on at @offset, whatever stands there; 0 or -errno. */
int reader_seek(struct reader *r, uint64_t offset);
/* Begin again: the file was truncated and may have a hole at its beginning. */
void reader_restart(struct reader *r);
/* True when the place may be inside a line: what precedes it ends none. */
bool reader_inside(const struct reader *r);
/* Bytes not read yet. */
uint64_t reader_lag(const struct reader *r);

void reader_position(const struct reader *r, struct source_position *p);
/*
 * True when the file behind @fd is the one of @p, or a copy of it: it reaches as
 * far, and the same bytes stand before the place.  False for an empty place.
 */
bool reader_holds(int fd, const struct source_position *p);
/* True when @fd holds, as far as it reaches, the same as the file behind @of. */
bool reader_is_copy(int fd, int of);
/* 1: somebody has the file open for writing, 0: nobody, -errno: cannot tell. */
int reader_is_written(int fd);
