/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * civil - days of the Gregorian calendar, counted from 1970-01-01.
 */
#pragma once
#include "base/util.h"

struct civil {
	int year, month, day;	/* month and day from 1 */
};

#define DAY_S	86400

bool civil_valid(struct civil c);		/* years 1 to 9999 */
int civil_month_days(int year, int month);
/* @c need not be valid: day 0 is the one before day 1. */
int64_t civil_to_days(struct civil c);
struct civil civil_from_days(int64_t days);
/* 0 is Monday. */
int civil_weekday(int64_t days);
