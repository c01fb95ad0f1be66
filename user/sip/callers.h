/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * callers - whose calls are answered: a provider that nobody has named, and that
 * never logs in, is known by that.
 *
 * One answered call is cheap: whoever finds a number that picks up has one.  So it
 * takes several, each some time after the one before, and nothing refused meanwhile:
 * a business that goes on, not an attempt.  That a call was answered, and that the
 * caller is where he says, is for others to prove (exchange.h).
 *
 * Memory is fixed: who has not been heard of for longest goes first.  No clock.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

struct callers;

#define CALLERS_CALLS_MAX	8
/* Who has no further call answered for so long begins again. */
#define CALLERS_AGE_NS		(24 * 3600 * NS_PER_S)

struct callers_rule {
	unsigned int calls;	/* 0: nobody is known by his calls */
	uint64_t apart_ns;
};

/* Room for at least @max of them.  NULL: no memory. */
struct callers *callers_new(size_t max);
void callers_free(struct callers *c);		/* NULL is fine */

/*
 * The call @call (a number of its own) of @who was answered.  True: with this one it
 * is enough, or it was before.
 */
bool callers_answered(struct callers *c, const struct ipaddr *who, uint64_t call, boot_t now,
		      const struct callers_rule *rule);
/* He was refused something: he begins again. */
void callers_refused(struct callers *c, const struct ipaddr *who);
