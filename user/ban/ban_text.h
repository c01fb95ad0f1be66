/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ban_text - the reasons and lines of bans: all together below a number of
 * bytes, and those kept longest go first.  Private to the store.
 */
#pragma once
#include <sys/queue.h>

#include "base/util.h"

struct ban_text {
	TAILQ_ENTRY(ban_text) age;
	struct ban_text **slot;		/* the ban's pointer to this */
	size_t size;
	const char *reason, *lines;	/* into @bytes; NULL: none */
	char bytes[];
};

struct ban_texts {
	TAILQ_HEAD(, ban_text) by_age;	/* the oldest first */
	size_t bytes, max;
	uint64_t dropped;
};

void ban_texts_init(struct ban_texts *t, size_t max);
/* Frees all of them; the slots are left alone. */
void ban_texts_fini(struct ban_texts *t);
/* Copy both (NULL: none) for the ban that owns @slot, in place of what is there. */
void ban_text_set(struct ban_texts *t, struct ban_text **slot, const char *reason,
		  const char *lines);
/* Out of the order and of the count, still to be freed by the caller. */
struct ban_text *ban_text_take(struct ban_texts *t, struct ban_text **slot);
