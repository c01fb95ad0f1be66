/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * freshness - which time a line counts with, given what the clock says.
 * A line may be old (a backlog), from the future (a wrong zone) or carry no
 * time at all.  The rules are Fail2ban's: while catching up, what is older than
 * findtime is dropped; once in operation, a time more than a minute off means a
 * wrong clock or zone, and the line counts as happening now.
 * Pure: one struct of state for each source of a jail, no clock, no I/O.
 */
#pragma once
#include "base/clock.h"
#include "base/util.h"

struct freshness {
	/*
	 * False while the source catches up with what was written before we
	 * came; the source's owner sets it at the first end of file.
	 */
	bool operating;
	bool seen;		/* @last is set */
	wall_t last;		/* time of the last line that had one */
	/* Lines, by what happened to them: for `status`, warned of once a day. */
	uint64_t dropped_old;	/* older than findtime while catching up */
	uint64_t dropped_dateless;	/* no time known while catching up */
	uint64_t dateless;	/* counted without a time of their own */
	uint64_t late;		/* up to 55 minutes behind, counted as now */
	uint64_t astray;	/* further off: a wrong time zone; likewise */
};

enum freshness_found {
	FRESHNESS_DATE,		/* the line has a time */
	FRESHNESS_OPTIONAL,	/* none, and the pattern expects none */
	FRESHNESS_NONE,		/* none, or one that cannot be computed */
};

/*
 * Decide about one line.  @found and @date (only read with FRESHNESS_DATE) are
 * what stamp says.  True: count it, with the time *@use, which is never later
 * than @now.  False: drop it.
 */
bool freshness_judge(struct freshness *f, enum freshness_found found,
		     wall_t date, wall_t now, int64_t findtime_us, wall_t *use);

/*
 * The same without any comparison of date and clock, for `xdpban test`: lines
 * of any age count.  False: no time is known for this line, count it without.
 */
bool freshness_unchecked(struct freshness *f, enum freshness_found found,
			 wall_t date, wall_t now, wall_t *use);
