/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits - who is limited for failures that nothing proves to be his, until when,
 * and why.
 * Each limit is twice as long as the one before, if that ended not long ago; one that
 * is in force goes on as long as it was from now.  Short, kept in memory only, and of
 * a fixed number: when it is full, the one that ends first goes.  What a limit does is
 * for others.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

struct limits;

#define LIMITS_MEMORY_NS (600 * NS_PER_S)	/* after its end, it is remembered */

struct limit {
	struct ipaddr who;
	boot_t until;
	wall_t since;
	uint32_t times;		/* limited so often, one soon after the other */
	uint32_t failures;
	char jail[64];
	char reason[160];	/* the last failure, as it was reported or logged */
};

struct limits *limits_new(size_t max);		/* NULL: no memory */
void limits_free(struct limits *l);		/* NULL is fine */

/* The length of the first one, and of the longest. */
struct limits_length { uint64_t first_ns, most_ns; };
/*
 * A limit of @w->who begins (its until and times are not looked at).  The limit that
 * it is now, valid until the next call that changes anything; NULL: no memory.
 */
const struct limit *limits_add(struct limits *l, const struct limit *w,
			       const struct limits_length *length, boot_t now);
/* In force at @now, or NULL. */
const struct limit *limits_find(const struct limits *l, const struct ipaddr *who, boot_t now);
/* He has shown that he belongs here: forgotten.  True if it was in force at @now. */
bool limits_lift(struct limits *l, const struct ipaddr *who, boot_t now);
/* Forget what is long over.  False: nothing is left; else @next is when to come back. */
bool limits_fade(struct limits *l, boot_t now, boot_t *next);

size_t limits_count(const struct limits *l, boot_t now);	/* in force; a walk */
uint64_t limits_evicted(const struct limits *l);
typedef void limits_fn(void *ctx, const struct limit *limit);
void limits_each(const struct limits *l, boot_t now, limits_fn *fn, void *ctx);
