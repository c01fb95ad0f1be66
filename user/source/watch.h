/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch - inotify inside the loop: who wants to know about which directory or
 * file.  Several may watch one inode.  The kernel's events are handed out as
 * they are, in their order; what to make of them is decided after the last.
 */
#pragma once
#include <sys/inotify.h>

#include "base/loop.h"
#include "base/util.h"

#define WATCH_DIR	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | \
			 IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | \
			 IN_EXCL_UNLINK)
#define WATCH_FILE	IN_MODIFY

struct watches;

/* Lives inside its owner; zeroed it is unset. */
struct watch {
	struct watch *next;	/* others on the same inode */
	int wd;			/* 0: unset, also after the inode went away */
	/* Takes notes only: must not add or delete a watch. */
	void (*fn)(void *ctx, const struct inotify_event *event);
	void *ctx;
};

struct watches_owner {
	/* All events that were waiting have been handed out: act on the notes. */
	void (*settle)(void *ctx);
	/* The kernel's queue ran over and events are lost: look at everything. */
	void (*overflow)(void *ctx);
	void *ctx;
};

int watches_new(struct watches **out, struct loop *loop, const struct watches_owner *owner);
void watches_free(struct watches *ws);		/* NULL is fine */

/* Moves @w if it is set.  0 or -errno; -ENOSPC: the user's watches are used up. */
int watch_path(struct watches *ws, struct watch *w, const char *path, uint32_t mask);
int watch_fd(struct watches *ws, struct watch *w, int fd, uint32_t mask);
void watch_del(struct watches *ws, struct watch *w);

/* Hand out what is waiting now.  True if there was anything. */
bool watches_drain(struct watches *ws);
