// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/moment.h"

#include "stamp/civil.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#define NUMBER_DIGITS	6	/* more than any field has; no overflow */
#define DAY_US		(DAY_S * US_PER_S)

/* ---- text to fields ---- */

static bool number(const char *p, size_t len, int *value)
{
	while (len && *p == ' ')
		p++, len--;
	if (!len || len > NUMBER_DIGITS)
		return false;
	for (*value = 0; len; p++, len--) {
		if (*p < '0' || *p > '9')
			return false;
		*value = *value * 10 + *p - '0';
	}
	return true;
}

/* Index in @names, words between blanks, of which the first @all letters do. */
static int name_index(const char *const *names, int n, size_t all,
		      const char *text, size_t len)
{
	for (int i = 0; i < n; i++) {
		size_t want = all ? all : strlen(names[i]);

		if (len == want && !strncasecmp(text, names[i], len))
			return i;
	}
	return -1;
}

static int month_named(const char *text, size_t len, size_t letters)
{
	static const char *const names[] = {
		"January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December",
	};
	int i = name_index(names, ARRAY_SIZE(names), letters, text, len);

	return i < 0 ? MOMENT_UNKNOWN : i + 1;
}

static int weekday_named(const char *text, size_t len, size_t letters)
{
	static const char *const names[] = {
		"Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
		"Saturday", "Sunday",
	};

	return name_index(names, ARRAY_SIZE(names), letters, text, len);
}

static int set_zone(struct moment *m, const char *text, size_t len)
{
	int ret = zone_parse(text, len, &m->offset_s);

	if (!ret)
		m->zoned = true;
	return ret;
}

static void set_number(struct moment *m, char key, int value)
{
	switch (key) {
	case 'Y': m->year = value; break;
	/* No log is older than 2000. */
	case 'y': m->year = value <= 2000 ? value + 2000 : value; break;
	case 'm': m->month = value; break;
	case 'd': m->day = value; break;
	case 'H':
	case 'I':
		m->hour = value;
		m->half_day = key == 'I';
		break;
	case 'M': m->minute = value; break;
	case 'S': m->second = value; break;
	case 'j': m->year_day = value; break;
	case 'w': m->weekday = (value + 6) % 7; break;	/* 0 was Sunday */
	case 'U':
	case 'W':
		m->week = value;
		m->week_from_sunday = key == 'U';
		break;
	}
}

int moment_set(struct moment *m, char key, const char *text, size_t len)
{
	int value;

	switch (key) {
	case 'b':
		m->month = month_named(text, len, 3);
		return m->month < 0 ? -EINVAL : 0;
	case 'B':
		m->month = month_named(text, len, 0);
		return m->month < 0 ? -EINVAL : 0;
	case 'a':
		m->weekday = weekday_named(text, len, 3);
		return m->weekday < 0 ? -EINVAL : 0;
	case 'A':
		m->weekday = weekday_named(text, len, 0);
		return m->weekday < 0 ? -EINVAL : 0;
	case 'p':
		m->pm = len == 2 && !strncasecmp(text, "pm", len);
		return 0;
	case 'z':
	case 'Z':
		return set_zone(m, text, len);
	default:
		if (!number(text, len, &value))
			return -EINVAL;
		set_number(m, key, value);
		return 0;
	}
}

/* ---- fields to time ---- */

static int64_t floor_s(int64_t us)
{
	return us / US_PER_S - (us % US_PER_S < 0);
}

static int64_t floor_days(int64_t s)
{
	return s / DAY_S - (s % DAY_S < 0);
}

/*
 * Day of the year on which @weekday is in week @week, as %U and %W count: week
 * 1 begins with the year's first Sunday or Monday.
 */
static int week_to_year_day(int year, int week, int weekday, bool from_sunday)
{
	int first = civil_weekday(civil_to_days((struct civil){ year, 1, 1 }));

	if (from_sunday) {
		first = (first + 1) % 7;
		weekday = (weekday + 1) % 7;
	}
	return 1 + (7 - first) % 7 + 7 * (week - 1) + weekday;
}

struct resolver {
	const struct moment *m;
	struct moment_zone *z;
	wall_t now;
};

static int64_t to_utc(struct resolver *r, int64_t civil_s)
{
	if (r->m->zoned)
		return civil_s - r->m->offset_s;
	if (r->z->fixed)
		return civil_s - r->z->offset_s;
	return zone_local_to_utc(&r->z->local, civil_s, floor_s(r->now.us));
}

static int64_t local_day(struct moment_zone *z, int64_t now_s)
{
	if (!z->today_known || z->today_s != now_s) {
		z->today_days = floor_days(zone_local_from_utc(now_s));
		z->today_s = now_s;
		z->today_known = true;
	}
	return z->today_days;
}

static struct civil today(struct resolver *r)
{
	int64_t s = floor_s(r->now.us);

	if (r->m->zoned)
		return civil_from_days(floor_days(s + r->m->offset_s));
	if (r->z->fixed)
		return civil_from_days(floor_days(s + r->z->offset_s));
	return civil_from_days(local_day(r->z, s));
}

/* Of a clock with twelve hours, 12 is the first. */
static int hour_of(const struct moment *m)
{
	return m->half_day ? (m->hour == 12 ? 0 : m->hour) + (m->pm ? 12 : 0)
			   : m->hour;
}

static bool valid_time(const struct moment *m)
{
	/* A leap second is taken by the expressions, yet is no time of day. */
	return hour_of(m) < 24 && m->minute < 60 && m->second < 60;
}

static int64_t at_day(struct resolver *r, int64_t days)
{
	const struct moment *m = r->m;

	return US_PER_S * to_utc(r, days * DAY_S + hour_of(m) * 3600 +
				 m->minute * 60 + m->second);
}

/* Month and day from the day of the year, where that is all there is. */
static void from_year_day(const struct moment *m, struct civil *c)
{
	int day = m->year_day;

	if (c->month != MOMENT_UNKNOWN && c->day != MOMENT_UNKNOWN)
		return;
	if (day == MOMENT_UNKNOWN && m->week != MOMENT_UNKNOWN &&
	    m->weekday != MOMENT_UNKNOWN)
		day = week_to_year_day(c->year, m->week, m->weekday,
				       m->week_from_sunday);
	else if (day == MOMENT_UNKNOWN)
		return;
	*c = civil_from_days(civil_to_days((struct civil){ c->year, 1, 1 }) + day - 1);
}

int moment_resolve(const struct moment *m, struct moment_zone *z, wall_t now,
		   wall_t *when)
{
	struct resolver r = { m, z, now };
	struct civil c = { m->year, m->month, m->day };
	bool no_year = c.year == MOMENT_UNKNOWN, no_day = false;

	if (no_year)
		c.year = today(&r).year;
	from_year_day(m, &c);
	if (c.month == MOMENT_UNKNOWN && c.day == MOMENT_UNKNOWN) {
		struct civil day = today(&r);

		c.month = day.month;
		c.day = day.day;
		no_day = true;
	}
	if (!civil_valid(c) || !valid_time(m))
		return -EINVAL;
	when->us = at_day(&r, civil_to_days(c));
	if (no_day && when->us > now.us)
		when->us = at_day(&r, civil_to_days(c) - 1);
	/* A day's grace, for clocks and zones that differ. */
	if (no_year && when->us > now.us + DAY_US) {
		c.year--;
		if (!civil_valid(c))
			return -EINVAL;
		when->us = at_day(&r, civil_to_days(c));
	}
	return 0;
}

/* ---- numbers ---- */

int moment_epoch(const char *text, size_t len, bool is_long, wall_t *when)
{
	int64_t unit = US_PER_S, whole = 0;
	size_t i;

	if (is_long && len >= 16 && !memchr(text, '.', len))
		unit = 1;
	else if (is_long && len >= 13)
		unit = 1000;
	for (i = 0; i < len && text[i] != '.'; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		whole = whole * 10 + text[i] - '0';
		if (whole > MOMENT_LAST_S * (US_PER_S / unit))
			return -EINVAL;
	}
	when->us = whole * unit;
	for (i++; i < len && unit > 1; i++) {
		unit /= 10;
		when->us += (text[i] - '0') * unit;
	}
	return 0;
}
