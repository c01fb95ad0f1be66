/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zone - what a time of day means in a zone: a fixed offset, named or in
 * numbers, or the local zone (TZ) with its summer time.
 */
#pragma once
#include "base/clock.h"
#include "base/util.h"

/*
 * Offset of @text ("CET", "+0100", "UTC+01:00", "Z") in seconds east of UTC.
 * Names are those Fail2ban knows, each with one offset, summer or winter.
 * 0, -EINVAL: not the form of a zone, -ENOENT: a name that is not known.
 */
int zone_parse(const char *text, size_t len, int32_t *offset_s);

/* The local zone, with what was last asked; {0} to begin with. */
struct zone_local {
	bool cached;
	int64_t hour;		/* local hours since 1970 that @offset is for */
	int32_t offset_s;
};

/*
 * The moment, in seconds since 1970 UTC, when clocks here show @civil_s (local
 * time counted as if it were UTC).  An hour that summer time skips counts from
 * before the change.  One that it repeats is the second, unless that is later
 * than @now_s: then it can only be the first.
 */
int64_t zone_local_to_utc(struct zone_local *z, int64_t civil_s, int64_t now_s);
/* Seconds that clocks here show at @utc_s, as if they were UTC. */
int64_t zone_local_from_utc(int64_t utc_s);
