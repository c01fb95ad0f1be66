/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * moment - the fields of a date, as far as a line has them, and when that is.
 * What is missing is taken from today; a date without year that would lie in
 * the future is last year's.
 */
#pragma once
#include "base/clock.h"
#include "stamp/zone.h"

#define MOMENT_UNKNOWN	(-1)
/* The end of year 9999: no time is later, and no arithmetic overflows. */
#define MOMENT_LAST_S	253402300799ll

struct moment {
	int year, month, day;		/* MOMENT_UNKNOWN where not given */
	int year_day;			/* from 1 */
	int week, weekday;		/* of the year; 0 is Monday */
	bool week_from_sunday;
	int hour, minute, second;	/* 0 where not given */
	bool half_day, pm;		/* hour counts to 12; morning if not told */
	bool zoned;
	int32_t offset_s;		/* of the zone, if zoned */
};

/* Nothing known but midnight. */
#define MOMENT_INIT { \
	.year = MOMENT_UNKNOWN, .month = MOMENT_UNKNOWN, .day = MOMENT_UNKNOWN, \
	.year_day = MOMENT_UNKNOWN, .week = MOMENT_UNKNOWN, \
	.weekday = MOMENT_UNKNOWN }

/*
 * Set the field that directive @key (the letter behind %) stands for from its
 * text.  0, -EINVAL: not a value of it, -ENOENT: a zone that is not known.
 */
int moment_set(struct moment *m, char key, const char *text, size_t len);

/* How dates without a zone are meant, and what is remembered of that. */
struct moment_zone {
	bool fixed;		/* with offset_s; else local */
	int32_t offset_s;
	struct zone_local local;
	/* What today() last found for local time. */
	bool today_known;
	int64_t today_s, today_days;
};

/* 0, or -EINVAL when there is no such time. */
int moment_resolve(const struct moment *m, struct moment_zone *z, wall_t now,
		   wall_t *when);

/*
 * The moment that a decimal number means: seconds since 1970, with a fraction
 * or not.  With @is_long, 13 digits and more have milliseconds, 16 and more
 * without a point microseconds.  0 or -EINVAL.
 */
int moment_epoch(const char *text, size_t len, bool is_long, wall_t *when);
