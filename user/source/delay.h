/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delay - how long the oldest byte that was not read yet has been waiting.
 * The end of what is there is noted from time to time; once reading is past such
 * an end, what it stood for has been read.  Exact to the time between two notes,
 * however fast the log grows.  Offsets only grow; no clock is read here.
 */
#pragma once
#include "base/clock.h"
#include "base/util.h"

#define DELAY_MARKS	64u
#define DELAY_GAP_NS	NS_PER_S	/* between two notes, at most */

struct delay {
	struct delay_mark { uint64_t end; boot_t when; } marks[DELAY_MARKS];
	unsigned int n;		/* oldest first */
	boot_t noted;
};

/*
 * Everything up to @done is read, and there is something up to @end; both count
 * from some beginning.  Marks are at least @step_ns apart.  Whoever reads notes this
 * all the time: a gap means that the machine slept, or we did, and is no delay.
 */
void delay_note(struct delay *d, uint64_t done, uint64_t end, boot_t now, uint64_t step_ns);
/* All is read, or what was there is gone. */
void delay_clear(struct delay *d);
/* How long the oldest unread byte has waited, at least; 0: none waits. */
uint64_t delay_age_ns(const struct delay *d, boot_t now);
/* What had been there at @when already, as an end like those above; 0: unknown. */
uint64_t delay_end_at(const struct delay *d, boot_t when);
