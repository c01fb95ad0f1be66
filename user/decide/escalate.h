/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escalate - how much longer a repeat offender is banned, and how much faster
 * his failures count (bantime.increment and its options).
 * Pure arithmetic; who knows the past and who throws the dice is the caller.
 */
#pragma once
#include "base/util.h"

struct formula;

struct escalation {
	bool increment;			/* off: nothing below matters */
	bool overalljails;		/* for the caller: whose past counts */
	double factor;			/* bantime.factor, usually 1 */
	const struct formula *formula;	/* borrows; NULL: Time * 2^min(Count,20) * factor */
	const int *multipliers;		/* borrows; used instead of the formula */
	size_t n_multipliers;
	int64_t maxtime_us;		/* 0: no limit */
	int64_t rndtime_us;		/* up to so much is added after the limit */
};

/* A ban that never ends, in microseconds of ban time. */
#define BANTIME_FOREVER	(-1)

/*
 * Ban time after @earlier bans; @random lies in [0, 1).  The first ban and a
 * permanent one stay as they are.  A formula that fails or gives nonsense
 * (negative, not a number) counts as the plain ban time.
 */
int64_t escalate_bantime(const struct escalation *e, int64_t bantime_us,
			 uint32_t earlier, double random);
/* One failure after @earlier bans counts 1, 2, 3, 5, 9 ... up to @maxretry. */
uint32_t escalate_weight(const struct escalation *e, uint32_t earlier,
			 uint32_t maxretry);
