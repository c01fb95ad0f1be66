/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch - inotify inside the loop: who wants to know about which directory or
 * file.  Several may watch one inode.  The kernel's events are handed out as
 * they are, in their order; what to make of them is decided after the last.
 * Who cares for a few names of a directory says which, and is found by them: a
 * thousand logs beside each other do not all hear of each event.
 */
#pragma once
#include <sys/inotify.h>

#include "base/hmap.h"
#include "base/loop.h"
#include "base/util.h"

#define WATCH_DIR	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | \
			 IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | \
			 IN_EXCL_UNLINK)
#define WATCH_FILE	IN_MODIFY

struct watches;
struct watch_name;

/* Lives inside its owner; zeroed it is unset. */
struct watch {
	struct watch *next, **link;	/* others on the same inode */
	int wd;			/* 0: unset, also after the inode went away */
	bool by_name;		/* of events with a name, only those of its names */
	struct watch_name *names;	/* borrows */
	uint64_t served;	/* the last event that it got, as numbered here */
	/* Takes notes only: must not add or delete a watch; names it may. */
	void (*fn)(void *ctx, const struct inotify_event *event);
	void *ctx;
};

/*
 * A name in the directory of a watch, or a file whose renaming has been half seen.
 * Lives inside its owner; zeroed it is unset.
 */
struct watch_name {
	struct hmap_node node;
	struct watch_name *next, **link;	/* of the same watch */
	struct watch *watch;	/* borrows; NULL: unset */
	const char *name;	/* borrows; NULL: the cookie */
	uint32_t cookie;
};

struct watches_owner {
	/* All events that were waiting have been handed out: act on the notes. */
	void (*settle)(void *ctx);
	/* The kernel's queue ran over and events are lost: look at everything. */
	void (*overflow)(void *ctx);
	/* Call @fn for the names whose watches are told when @name is made; may be NULL. */
	void (*related)(const char *name,
			void (*fn)(void *ctx, const char *name, size_t len), void *fn_ctx);
	void *ctx;
};

int watches_new(struct watches **out, struct loop *loop, const struct watches_owner *owner);
void watches_free(struct watches *ws);		/* NULL is fine */

/* Moves @w if it is set.  0 or -errno; -ENOSPC: the user's watches are used up. */
int watch_path(struct watches *ws, struct watch *w, const char *path, uint32_t mask);
int watch_fd(struct watches *ws, struct watch *w, int fd, uint32_t mask);
void watch_del(struct watches *ws, struct watch *w);
/*
 * @n stands for @name (borrowed) in the directory of @w, or for what a renaming with
 * @cookie makes there if @name is NULL; for nothing if that is 0, too.
 */
void watch_name_set(struct watches *ws, struct watch_name *n, struct watch *w,
		    const char *name, uint32_t cookie);

/* Hand out what is waiting now.  True if there was anything. */
bool watches_drain(struct watches *ws);
