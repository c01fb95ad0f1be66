/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track - the table of ids that a window counts: 64 bytes for each.
 * Ids are found by hash, ordered by how suspicious they are (level, then how
 * long silent), and remembered when a database must be told about them.
 * A million of them must fit beside everything else in 200 MB, hence the
 * indexes instead of pointers.  Private to the window; no times are judged here.
 */
#pragma once
#include "line_store.h"

#define TRACK_LEVELS	256
#define TRACK_CHUNK	1024u
#define TRACK_NONE	0u		/* slot 0 is never used */

enum {
	TRACK_LIVE	= 1,	/* has failures, is in the list of its level */
	TRACK_DIRTY	= 2,	/* changed since the last export */
	TRACK_SAVED	= 4,	/* the database has it: its end must be told */
};

struct track {
	union {
		uint8_t bytes[16];	/* of the address */
		struct {
			char *text;	/* owns; family 0 */
			uint32_t len;
		};
	};
	int64_t last;		/* newest failure, in units of the window */
	uint32_t *back;		/* owns: ages of the other n - 1 failures, counted
				 * from @last, ascending */
	line_at lines;		/* its newest line, see line_store */
	uint32_t chain;		/* next with this hash, or next free slot */
	uint32_t older, newer;	/* in the list of its level */
	uint32_t dirty_at;	/* its place in the list of the changed ones */
	uint16_t n;		/* failures kept */
	uint8_t back_log2;	/* room in @back, if there is one */
	uint8_t family, prefix;	/* of the address; 0: text */
	uint8_t level;		/* failures in findtime, as far as levels go */
	uint8_t flags;
};

struct track_chunk;

/* What an address hashes to, which takes longer than to look it up. */
struct track_known {
	struct ipaddr addr;
	uint32_t hash;
};

#define TRACK_BATCH	32

struct track_table {
	struct track_chunk **chunks;	/* owns */
	uint32_t n_chunks, chunk_room;
	uint32_t free, used;		/* free list; slots ever handed out + 1 */
	uint32_t *buckets;		/* owns */
	uint32_t mask;
	uint32_t n, live, dirty;	/* all in the table, live ones, changed ones */
	uint32_t frozen;	/* so many of the changed ones, the first in the list */
	uint64_t seed[2];
	struct track_known known[TRACK_BATCH];	/* from @at on: those to come */
	uint32_t n_known, at;
	struct { uint32_t oldest, newest; } levels[TRACK_LEVELS];
};

int track_table_init(struct track_table *t);	/* 0 or -ENOMEM */
/* Frees the ids; what their @back points to goes through the caller first. */
void track_table_fini(struct track_table *t);

/* A track is known by its slot, which stays the same while it lives. */
struct track *track_at(const struct track_table *t, uint32_t slot);
struct window_id track_id(const struct track *k);	/* borrows from @k */
uint32_t track_find(const struct track_table *t, const struct window_id *id);
/*
 * Up to TRACK_BATCH addresses will be looked for next.  In a large table each would
 * wait for memory, several times; this has the memory fetched for all at once.
 */
void track_expect(struct track_table *t, const struct window_id *ids, size_t n);
/* What follows is about @id, over and over. */
void track_begin(struct track_table *t, const struct window_id *id);
/* A new one that is not live yet; @id must not be there.  TRACK_NONE: no memory. */
uint32_t track_add(struct track_table *t, const struct window_id *id);
/* Put it at the young end of @level; it is live from now on. */
void track_touch(struct track_table *t, uint32_t slot, uint32_t level);
/*
 * It has no failures any more.  Forgotten at once, unless the database has it:
 * then it stays as a note to delete it there, and may come to life again.
 */
void track_end(struct track_table *t, uint32_t slot);
/* It changed.  One that is frozen must be saved before that. */
void track_mark(struct track_table *t, uint32_t slot);
/* All changed ones are to be saved as they are now. */
void track_freeze(struct track_table *t);
bool track_is_frozen(const struct track_table *t, uint32_t slot);
/* Any frozen one; TRACK_NONE: all are saved. */
uint32_t track_next_frozen(const struct track_table *t);
/* The database knows it as it is: off the list; gone, if it is not live. */
void track_saved(struct track_table *t, uint32_t slot);
/* The least suspicious live one from @level up. */
uint32_t track_least(const struct track_table *t, uint32_t level);
/* The next live one after @slot; start with TRACK_NONE. */
uint32_t track_next(const struct track_table *t, uint32_t slot);
/* Give memory back when the table is empty. */
void track_trim(struct track_table *t);
size_t track_bytes(const struct track_table *t);
