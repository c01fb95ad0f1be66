/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timespan - Fail2ban's way to write a length of time.
 * "10m", "1d 12h", "1year-6mo", "2 * 3h", "(1h + 30) / 2", "-1": numbers with
 * decimals and units, + - * / and parentheses; what stands side by side is
 * added.  A month is 1/12 of a year, a year 365.25 days; "m" is minutes.
 */
#pragma once
#include "base/util.h"

/*
 * 0 and the seconds in @out, or -EINVAL: @bad (may be NULL) points to what
 * could not be understood, inside @text.
 */
int timespan_parse(const char *text, double *out, const char **bad);
