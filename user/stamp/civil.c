// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/civil.h"

/*
 * Years that begin in March have their leap day at the end, so that the days
 * before a month do not depend on the year; 400 of them repeat exactly.
 */
#define ERA_YEARS	400
#define ERA_DAYS	146097
#define DAYS_TO_1970	719468		/* from 0000-03-01 */

static bool leap_year(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int civil_month_days(int year, int month)
{
	static const unsigned char days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	return days[month - 1] + (month == 2 && leap_year(year));
}

bool civil_valid(struct civil c)
{
	return c.year >= 1 && c.year <= 9999 && c.month >= 1 && c.month <= 12 &&
	       c.day >= 1 && c.day <= civil_month_days(c.year, c.month);
}

/* Days from March 1st to the first day of @month, counted from March = 0. */
static int days_before(int month)
{
	return (153 * month + 2) / 5;
}

int64_t civil_to_days(struct civil c)
{
	int64_t year = c.month > 2 ? c.year : c.year - 1;
	int month = c.month > 2 ? c.month - 3 : c.month + 9;
	int64_t era = (year >= 0 ? year : year - (ERA_YEARS - 1)) / ERA_YEARS;
	int64_t in_era = year - era * ERA_YEARS;

	return era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 +
	       days_before(month) + c.day - 1 - DAYS_TO_1970;
}

struct civil civil_from_days(int64_t days)
{
	int64_t era, day, year;
	int month;

	days += DAYS_TO_1970;
	era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS;
	day = days - era * ERA_DAYS;
	/* Take the leap days out, and it is a division by 365. */
	year = (day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
	day -= year * 365 + year / 4 - year / 100;
	month = (int)(5 * day + 2) / 153;
	return (struct civil){
		.year = (int)(era * ERA_YEARS + year + (month >= 10)),
		.month = month < 10 ? month + 3 : month - 9,
		.day = (int)day - days_before(month) + 1,
	};
}

int civil_weekday(int64_t days)
{
	/* 1970-01-01 was a Thursday. */
	return (int)(((days + 3) % 7 + 7) % 7);
}
