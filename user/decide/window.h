/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window - how many failures each id had within findtime: an exact sliding
 * window on the log's own time, for one jail.
 * Times are kept to the millisecond (to the second when findtime is longer than
 * 20 days).  Lines may come out of order: a failure that is up to
 * WINDOW_SLACK_US (or findtime, if that is less) older than the newest one of
 * its id is counted as if it had come in its place.  Memory is bounded: beyond
 * max_ids (or what a pool of windows may hold) the least suspicious id is
 * forgotten, which is the one with the fewest failures in findtime at its last
 * failure, and among these the one that has been silent longest.  No clock, no policy, no bans.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

#define WINDOW_SLACK_US		(60 * US_PER_S)
#define WINDOW_MAX_RETRY	32767u
#define WINDOW_MAX_ID		1024u	/* bytes of a text id; the rest is cut */
#define WINDOW_MAX_LINE		4096u	/* bytes of a kept line; the rest is cut */

struct window;

/*
 * Several windows that together track so many ids: the least suspicious of all of
 * them goes first, and of several such ones that of the window with most ids.
 */
struct window_pool;
struct window_pool *window_pool_new(size_t max_ids);	/* NULL: no memory */
void window_pool_free(struct window_pool *p);	/* after its windows; NULL is fine */
void window_pool_set_max(struct window_pool *p, size_t max_ids);

struct window_limits {
	uint32_t maxretry;	/* 1 ... WINDOW_MAX_RETRY */
	int64_t findtime_us;	/* at least 1 ms */
	uint32_t maxmatches;	/* lines kept for each id; 0: none */
	size_t max_ids;		/* at least 1; not looked at in a pool */
	struct window_pool *pool;	/* borrows; NULL: this window alone */
	size_t max_text;	/* bytes for all kept lines; the oldest go first.  With
				 * another number all that were kept are forgotten */
};

struct window_stats {
	size_t ids;		/* tracked now */
	size_t bytes;		/* memory for ids and times, now */
	size_t text;		/* memory for kept lines, now; given back by the purge
				 * that leaves nobody */
	uint64_t failures;	/* noted since the start, weights not counted */
	uint64_t evicted;	/* ids forgotten early for lack of room */
	uint64_t cut;		/* who was caught and lacks lines, for max_text; and lines
				 * that found no room at all */
};

/* An id: an address or network, or, with family 0, any text. */
struct window_id {
	struct ipaddr addr;
	const char *text;	/* borrows; used when addr.family is 0 */
	size_t len;
};

/* A line that counted. */
struct window_line {
	const char *text;	/* borrows; not NUL-terminated, may hold anything */
	uint32_t len;
	int32_t regex;		/* index of the failregex; -1: none */
	wall_t when;
	bool proven;		/* it proves that the sender is at that address */
};

struct window_lines {
	const struct window_line *v;	/* borrows; the oldest first */
	size_t n;
};

struct window_text {
	const char *s;		/* any bytes */
	size_t len;
};

struct window_note {
	struct window_id id;
	wall_t when;
	uint32_t weight;	/* counts as so many failures at once; 0 is 1 */
	const struct window_text *lines;	/* borrows; to be kept, if any */
	size_t n_lines;
	int32_t regex;
	bool proven;		/* kept with the lines; counts no more and no less */
};

/* 0, -EINVAL (limits out of range) or -ENOMEM.  Copies @limits. */
int window_new(struct window **out, const struct window_limits *limits);
void window_free(struct window *w);	/* NULL is fine */

/* New limits for what follows; nothing that still counts is forgotten. */
int window_set_limits(struct window *w, const struct window_limits *limits);

/*
 * Count one failure.  Gives how many failures of the id lie in the fullest
 * stretch of findtime around this one, this one included; when that is maxretry
 * or more, the caller acts and calls window_forget().  -ENOMEM: not counted.
 */
int window_note(struct window *w, const struct window_note *note, wall_t *first);
/* Up to WINDOW_BATCH addresses that will be noted next: only makes that faster. */
#define WINDOW_BATCH	32
void window_expect(struct window *w, const struct window_id *ids, size_t n);
/* How many failures of @id lie within findtime before @now. */
uint32_t window_count(const struct window *w, const struct window_id *id, wall_t now);
/* The lines kept for @id; valid until the next call that changes @w, or the next of these. */
struct window_lines window_lines(struct window *w, const struct window_id *id);
/* What is kept of somebody who is caught: not looked at unless somebody asks. */
struct window_kept {
	struct window *window;	/* borrows; NULL: nothing */
	uint64_t newest;	/* its line, see line_store.h */
};
/* He is caught: start from nothing for @id. */
struct window_kept window_take(struct window *w, const struct window_id *id);
/* His lines.  Valid until the next call that changes the window, or the next of these. */
struct window_lines window_kept_lines(struct window_kept kept);

/* Start from nothing for @id; true if there was something. */
bool window_forget(struct window *w, const struct window_id *id);
/* Forget ids whose failures are all too old to count for a line of @now. */
void window_purge(struct window *w, wall_t now);
/* About when window_purge() will find something; false: nothing is tracked. */
bool window_due(const struct window *w, wall_t *when);
struct window_stats window_stats(const struct window *w);

/*
 * State for a database: one value of opaque bytes for each key of opaque bytes.
 * What changed since the last export is given, NULL as value for what is to be
 * deleted; after that it counts as saved.  The lines are not in it.
 * window_touch() makes everything count as changed, for a database that lost it.
 * It is the state of one moment without a long stop: that of window_freeze().
 * window_export_some() gives up to @max of it for each call, false after the last;
 * counting goes on meanwhile, and what changes is given before it does.  @fn and
 * @ctx are used until then; @fn must not call back.
 */
typedef void window_export_fn(void *ctx, const void *key, size_t key_len,
			      const void *value, size_t value_len);
void window_freeze(struct window *w, window_export_fn *fn, void *ctx);
bool window_export_some(struct window *w, uint32_t max);
void window_touch(struct window *w);
size_t window_dirty(const struct window *w);	/* how many would be exported */
/* Take back what was exported.  0, -EINVAL (not ours: nothing done), -ENOMEM. */
int window_import(struct window *w, const void *key, size_t key_len,
		  const void *value, size_t value_len);
