// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/freshness.h"

#define MINUTE_US	(60 * US_PER_S)
#define LATE_US		(55 * MINUTE_US)	/* a slow writer, not a zone */

/* The time of the line itself, or what stands in for it. */
static bool known_time(struct freshness *f, enum freshness_found found,
		       wall_t date, wall_t now, wall_t *use)
{
	if (found == FRESHNESS_DATE) {
		f->last = date;
		f->seen = true;
		*use = date;
		return true;
	}
	if (f->seen && f->last.us > now.us - MINUTE_US) {
		*use = f->last;
		return true;
	}
	*use = now;
	return found == FRESHNESS_OPTIONAL;
}

static void judge_operating(struct freshness *f, wall_t now, wall_t *use)
{
	int64_t off = use->us - now.us;

	/* Whole seconds, so up to 60.999999 s pass for a minute. */
	if (off / US_PER_S >= -60 && off / US_PER_S <= 60)
		return;
	if (off < 0 && off / US_PER_S >= -(LATE_US / US_PER_S))
		f->late++;
	else
		f->astray++;
	*use = f->last = now;
	f->seen = true;
}

bool freshness_judge(struct freshness *f, enum freshness_found found,
		     wall_t date, wall_t now, int64_t findtime_us, wall_t *use)
{
	bool known = known_time(f, found, date, now, use);

	if (f->operating) {
		judge_operating(f, now, use);
	} else if (!known) {
		f->dropped_dateless++;
		return false;
	} else if (use->us < now.us - findtime_us) {
		f->dropped_old++;
		return false;
	}
	if (use->us > now.us)
		*use = now;
	if (found == FRESHNESS_NONE)
		f->dateless++;
	return true;
}

bool freshness_unchecked(struct freshness *f, enum freshness_found found,
			 wall_t date, wall_t now, wall_t *use)
{
	return known_time(f, found, date, now, use);
}
