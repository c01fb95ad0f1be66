// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Templates, directives and what they mean, by table: a line, what is cut out
 * of it, and the moment in UTC.
 */
#include "stamp/stamp.h"

#include "regex/regex.h"
#include "../t.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* Fail2ban's own tests pretend this zone and this clock. */
#define ZONE	"CET-01CEST-02,M3.5.0,M10.5.0"
#define NOW	"2005-08-14 10:00:00"

#define NO_DATE		"none"		/* nothing found */
#define NO_MOMENT	"no moment"	/* -EINVAL */
#define NO_ZONE		"no zone"	/* -ENOENT */

static struct regex_env *env;

static wall_t utc(const char *text)
{
	double fraction = 0;
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);

	if (rest && *rest)
		fraction = strtod(rest, NULL);
	return (wall_t){ timegm(&tm) * US_PER_S + (int64_t)(fraction * 1e6 + 0.5) };
}

static struct stamp *make(const char *pattern, const char *zone, wall_t now)
{
	struct text text = { pattern, "jail.local", 7 };
	struct stamp_spec spec = {
		&text, pattern ? 1 : 0, { zone, "jail.local", 8 }
	};
	struct stamp *s = NULL;
	struct diag d = { 0 };

	t_is(pattern ? pattern : "defaults", stamp_new(&s, &spec, env, now, &d), 0);
	t_is("no complaint", (int64_t)d.n, 0);
	diag_fini(&d);
	return s;
}

/* One line, on a stamp that has seen nothing before. */
static void check(const char *name, const char *pattern, const char *zone,
		  const char *now, const char *line, const char *cut,
		  const char *want)
{
	struct stamp *s = make(pattern, zone, utc(now));
	struct stamp_date date;
	wall_t when = { 0 };
	char got[100] = "";
	int ret;

	if (!stamp_find(s, line, strlen(line), &date)) {
		t_str(name, NO_DATE, want);
		goto out;
	}
	snprintf(got, sizeof(got), "%.*s", (int)(date.end - date.start), line + date.start);
	t_str(name, got, cut);
	if (date.start == date.end)
		goto out;
	ret = stamp_compute(s, line, &date, utc(now), &when);
	if (ret)
		t_str(name, ret == -ENOENT ? NO_ZONE : NO_MOMENT, want);
	else
		t_is(name, when.us, utc(want).us);
out:
	stamp_free(s);
}

/* ---- the default templates, mostly from the comments in Fail2ban ---- */

static const struct {
	const char *line, *cut, *want;
} defaults[] = {
	{ "2005-01-23T21:59:59.981746+00:00 x", "2005-01-23T21:59:59.981746+00:00",
	  "2005-01-23 21:59:59" },
	{ "2005-01-23 21:59:59 x", "2005-01-23 21:59:59", "2005-01-23 20:59:59" },
	{ "2005-01-23  8:59:59 x", "2005-01-23  8:59:59", "2005-01-23 07:59:59" },
	{ "2005/01/23 21:59:59 x", "2005/01/23 21:59:59", "2005-01-23 20:59:59" },
	{ "2005.1.3 21:59:59 x", "2005.1.3 21:59:59", "2005-01-03 20:59:59" },
	{ "2005-01-23 21:59:59,099Z x", "2005-01-23 21:59:59,099Z", "2005-01-23 21:59:59" },
	{ "[2005-01-23 21:59:59] x", "2005-01-23 21:59:59", "2005-01-23 20:59:59" },
	{ "2005-01-23 21:59:59 -0530 x", "2005-01-23 21:59:59 -0530",
	  "2005-01-24 03:29:59" },
	{ "Sun Jan 23 21:59:59.011 2005 x", "Sun Jan 23 21:59:59.011 2005",
	  "2005-01-23 20:59:59" },
	{ "Jan  3 21:59:59 x", "Jan  3 21:59:59", "2005-01-03 20:59:59" },
	{ "JAN 3 1:59:59 x", "JAN 3 1:59:59", "2005-01-03 00:59:59" },
	{ "Sun Jan 23 2005 21:59:59.011 x", "Sun Jan 23 2005 21:59:59.011",
	  "2005-01-23 20:59:59" },
	{ "23/01/2005 21:59:59 x", "23/01/2005 21:59:59", "2005-01-23 20:59:59" },
	{ "23/01/05 21:59:59 x", "23/01/05 21:59:59", "2005-01-23 20:59:59" },
	{ "23-01-2005 1:59:59 x", "23-01-2005 1:59:59", "2005-01-23 00:59:59" },
	{ "[31/Oct/2006:09:22:55 -0000] x", "31/Oct/2006:09:22:55 -0000",
	  "2006-10-31 09:22:55" },
	{ "26-Jul-2007 15:20:52.252 x", "26-Jul-2007 15:20:52.252",
	  "2007-07-26 13:20:52" },
	{ "05/20/2008:01:57:39 x", "05/20/2008:01:57:39", "2008-05-19 23:57:39" },
	{ "01-27-2012 16:22:44.252 x", "01-27-2012 16:22:44.252",
	  "2012-01-27 15:22:44" },
	{ "1106513999.123 x", "1106513999.123", "2005-01-23 20:59:59.123" },
	{ "[1106513999] x", "1106513999", "2005-01-23 20:59:59" },
	{ "type=A msg=audit(1106513999.000:987): x", "1106513999.000",
	  "2005-01-23 20:59:59" },
	{ "11:59:59 x", "11:59:59", "2005-08-14 09:59:59" },
	{ "<09/16/08@05:03:30> x", "<09/16/08@05:03:30>", "2008-09-16 03:03:30" },
	{ "050123 21:59:59 x", "050123 21:59:59", "2005-01-23 20:59:59" },
	{ "Jan 23, 2005 9:59:59 PM x", "Jan 23, 2005 9:59:59 PM",
	  "2005-01-23 20:59:59" },
	{ "Jan-23-05 21:59:59 x", "Jan-23-05 21:59:59", "2005-01-23 20:59:59" },
	{ "20050123T215959 x", "20050123T215959", "2005-01-23 20:59:59" },
	{ "20050123 215959.5+0100 x", "20050123 215959.5+0100", "2005-01-23 20:59:59" },
	{ "PDT Apr 16 21:05:29 x", "PDT Apr 16 21:05:29", "2005-04-17 04:05:29" },
	{ "+03:00 Jan 23 21:59:59.011 2005 x", "+03:00 Jan 23 21:59:59.011 2005",
	  "2005-01-23 18:59:59" },
	{ "@4000000041f4104f00000000 x", "@4000000041f4104f00000000",
	  "2005-01-23 20:59:59" },
	/* In the middle of a line. */
	{ "host 2005-01-23 21:59:59 x", "2005-01-23 21:59:59", "2005-01-23 20:59:59" },
	{ "x y 20050123T215959 z", "20050123T215959", "2005-01-23 20:59:59" },
	{ "1.2.3.4 - - [31/Oct/2006:09:22:55 -0000] x", "31/Oct/2006:09:22:55 -0000",
	  "2006-10-31 09:22:55" },
	/* What is no date. */
	{ "no date at all", "", NO_DATE },
	{ "", "", NO_DATE },
	{ "x1999-01-23 21:59:59 x", "", NO_DATE },
	{ "x 10:00:00 x", "", NO_DATE },
	{ "1106513999123 x", "", NO_DATE },
	{ "x 1106513999 x", "", NO_DATE },
};

static void test_defaults(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		check(defaults[i].line, NULL, NULL, NOW, defaults[i].line,
		      defaults[i].cut, defaults[i].want);
}

/* ---- patterns ---- */

static const struct {
	const char *pattern, *line, *cut, *want;
} patterns[] = {
	{ "%Y-%m-%d", "x 1999-1-2 x", "1999-1-2", "1999-01-01 23:00:00" },
	{ "%ExY-%m-%d", "1999-1-2", "", NO_DATE },
	{ "%y%Exm%Exd", "050123", "050123", "2005-01-22 23:00:00" },
	{ "%Y %j", "2004 366", "2004 366", "2004-12-30 23:00:00" },
	{ "%Y %j", "2005 365", "2005 365", "2005-12-30 23:00:00" },
	{ "%Y W%W %a", "2005 W32 Fri", "2005 W32 Fri", "2005-08-11 22:00:00" },
	{ "%Y U%U %A", "2005 U32 Sunday", "2005 U32 Sunday", "2005-08-06 22:00:00" },
	{ "%Y U%U %w", "2005 U00 6", "2005 U00 6", "2004-12-31 23:00:00" },
	{ "%Y W%W", "2005 W32", "2005 W32", "2005-08-13 22:00:00" },
	{ "%B %d %Y", "August 12 2005", "August 12 2005", "2005-08-11 22:00:00" },
	{ "%d %b %Y %I:%M:%S %p", "12 Aug 2005 12:00:01 am", "12 Aug 2005 12:00:01 am",
	  "2005-08-11 22:00:01" },
	{ "%d %b %Y %I:%M:%S %p", "12 Aug 2005 12:00:01 PM", "12 Aug 2005 12:00:01 PM",
	  "2005-08-12 10:00:01" },
	{ "%d %b %Y %l:%M %p", "12 Aug 2005  3:04 PM", "12 Aug 2005  3:04 PM",
	  "2005-08-12 13:04:00" },
	{ "%d %b %Y %Exl:%M", "12 Aug 2005 12:04", "12 Aug 2005 12:04",
	  "2005-08-11 22:04:00" },
	{ "%d %b %Y %l:%M %p", "12 Aug 2005 19:04 PM", "12 Aug 2005 19:04 PM", NO_MOMENT },
	{ "%c", "Fri Aug 12 10:00:00 2005", "Fri Aug 12 10:00:00 2005",
	  "2005-08-12 08:00:00" },
	{ "%x %X", "08/12/05 10:00:00", "08/12/05 10:00:00", "2005-08-12 08:00:00" },
	{ "%d/%m/%Y", "31/02/2005", "31/02/2005", NO_MOMENT },
	{ "%Y-%m-%d %H:%M:%S", "2005-08-12 10:00:60", "2005-08-12 10:00:60", NO_MOMENT },
	{ "%Y-%m-%d %k:%M", "2005-08-12 24:00", "2005-08-12 24:00", NO_MOMENT },
	{ "%m %Y", "08 2005", "08 2005", NO_MOMENT },
	/* The author's own groups. */
	{ "^t=(%Y-%m-%d) ", "t=2005-08-12 x", "2005-08-12", "2005-08-11 22:00:00" },
	{ "^(\\S+) %Y-%m-%d", "host 2005-08-12 x", "host", "2005-08-11 22:00:00" },
	{ "^\\w+ (?P<Y>\\d+)_(?P<m>\\d+)_(?P<d>\\d+)", "x 2005_8_12 x", "x 2005_8_12",
	  "2005-08-11 22:00:00" },
	{ "(?P<d>\\S+) (?P<b>\\w+)", "12 Foo", "12 Foo", NO_MOMENT },
	{ "(?P<d>\\S+) %b", "1234567 Aug", "1234567 Aug", NO_MOMENT },
	{ "(?i)day%d", "DAY12", "DAY12", NO_MOMENT },
	{ "day%d", "DAY12", "", NO_DATE },
	/* Boundaries. */
	{ "%H:%M", "x10:00x", "", NO_DATE },
	{ "{UNB}%H:%M", "x10:00x", "10:00", "2005-08-14 08:00:00" },
	{ "**%H:%M", "x10:00 x", "10:00", "2005-08-14 08:00:00" },
	{ "%H:%M**", "10:000", "10:00", "2005-08-14 08:00:00" },
	{ "%H:%M$", "10:00", "10:00", "2005-08-14 08:00:00" },
	{ "%H:%M$", "10:00 x", "", NO_DATE },
	{ "^%H:%M", " 10:00", "", NO_DATE },
	{ "{^LN-BEG}%H:%M", "<[10:00", "10:00", "2005-08-14 08:00:00" },
	{ "{^LN-BEG}%H:%M", "<[[10:00", "", NO_DATE },
	{ "{^LN-BEG}%H:%M", "\xef\xbb\xbf[10:00", "10:00", "2005-08-14 08:00:00" },
	/* Words. */
	{ "{^LN-BEG}", "<Aug 12 10:00:00 x", "Aug 12 10:00:00", "2005-08-12 08:00:00" },
	{ "{^LN-BEG}", "x Aug 12 10:00:00 x", "", NO_DATE },
	{ "{default}", "y x Aug 12 10:00:00 x", "Aug 12 10:00:00", "2005-08-12 08:00:00" },
	{ "^[^\\[]*\\[({DATE})", "x [Aug 12 10:00:00 x", "Aug 12 10:00:00",
	  "2005-08-12 08:00:00" },
	{ "^[^\\[]*(\\[{DATE}\\])", "x [12/Aug/2005:10:00:00 +0200] x",
	  "[12/Aug/2005:10:00:00 +0200]", "2005-08-12 08:00:00" },
	{ "^<W>{DATE}", "<W>2005-08-12 10:00:00 x", "<W>2005-08-12 10:00:00",
	  "2005-08-12 08:00:00" },
	{ "^{DATE}", "1123840800 x", "1123840800", "2005-08-12 10:00:00" },
	{ "^{DATE}", "Aug 12 10:00:00 x", "Aug 12 10:00:00", "2005-08-12 08:00:00" },
	{ "{NONE}", "Aug 12 10:00:00 x", "", NULL },
	{ "^I\\(()**", "I(x Aug 12", "", NULL },
	{ "^(?:(%Y-%m-%d) )?", "x", "", NULL },
	{ "^(?:(%Y-%m-%d) )?", "2005-08-12 x", "2005-08-12", "2005-08-11 22:00:00" },
	/* Seconds since 1970. */
	{ "Epoch", "1123840800.5 x", "1123840800", "2005-08-12 10:00:00" },
	{ "^Epoch", "x1123840800", "", NO_DATE },
	{ "LEpoch", "1123840800 x", "1123840800", "2005-08-12 10:00:00" },
	{ "LEpoch", "1123840800123 x", "1123840800123", "2005-08-12 10:00:00.123" },
	{ "LEpoch", "1123840800123.4 x", "1123840800123.4", "2005-08-12 10:00:00.1234" },
	{ "LEpoch", "1123840800123456 x", "1123840800123456", "2005-08-12 10:00:00.123456" },
	{ "^t=(?:{EPOCH})\\s", "t=1123840800.125 x", "t=1123840800.125 ",
	  "2005-08-12 10:00:00.125" },
	{ "^\\S+ (t)={LEPOCH}", "x t=1123840800125 x", "x t=1123840800125",
	  "2005-08-12 10:00:00.125" },
	{ "^{^LN-BEG}TAI64N", "@4000000042fc7360", "", NO_DATE },
	{ "{^LN-BEG}TAI64N", "@4000000042fc73e012345678", "@4000000042fc73e012345678",
	  "2005-08-12 10:03:12" },
	{ "TAI64N", "x @4fffffffffffffff12345678", "@4fffffffffffffff12345678",
	  "9999-12-31 23:59:59" },
	{ "TAI64N", "x @4000000042FC73E012345678", "", NO_DATE },
	/* Zones. */
	{ "%H:%M %Z", "10:00 UTC", "10:00 UTC", "2005-08-14 10:00:00" },
	{ "%H:%M %Z", "10:00 CET", "10:00 CET", "2005-08-14 09:00:00" },
	{ "%H:%M %Z", "10:00 CEST", "10:00 CEST", "2005-08-14 08:00:00" },
	{ "%H:%M %Z", "10:00 IST", "10:00 IST", NO_ZONE },
	{ "%b %d %H:%M %Z", "Aug 14 10:00 cet", "Aug 14 10:00 cet", NO_MOMENT },
	{ "%Y-%m-%d %H:%M %Exz", "2005-08-12 10:00 MSK+0130", "2005-08-12 10:00 MSK+0130",
	  "2005-08-12 05:30:00" },
	{ "%Y-%m-%d %H:%M %Exz", "2005-08-12 10:00 NPT", "2005-08-12 10:00 NPT",
	  "2005-08-12 04:15:00" },
	{ "%Y-%m-%d %H:%M %Exz", "2005-08-12 10:00 -03:30", "2005-08-12 10:00 -03:30",
	  "2005-08-12 13:30:00" },
	{ "%Y-%m-%d %H:%M %ExZ", "2005-08-12 10:00 B", "2005-08-12 10:00 B",
	  "2005-08-12 08:00:00" },
	{ "%Y-%m-%d %H:%M %z", "2005-08-12 10:00 +02", "2005-08-12 10:00 +02",
	  "2005-08-12 08:00:00" },
};

static void test_patterns(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		check(patterns[i].pattern, patterns[i].pattern, NULL, NOW,
		      patterns[i].line, patterns[i].cut, patterns[i].want);
}

/* ---- what the clock says ---- */

static const struct {
	const char *name, *now, *zone, *pattern, *line, *want;
} clocks[] = {
	{ "no year: this one", NOW, NULL, NULL, "Aug 14 11:59:59", "2005-08-14 09:59:59" },
	{ "no year: a day ahead still is", NOW, NULL, NULL, "Aug 15 12:00:00",
	  "2005-08-15 10:00:00" },
	{ "no year: more is last year", NOW, NULL, NULL, "Aug 15 12:00:01",
	  "2004-08-15 10:00:01" },
	{ "no year: December seen in January", "2006-01-01 00:00:10", NULL, NULL,
	  "Dec 31 23:59:59", "2005-12-31 22:59:59" },
	{ "no year: it is January here before it is in UTC", "2005-12-31 23:30:00", NULL,
	  NULL, "Jan  1 00:29:59", "2005-12-31 23:29:59" },
	{ "no year: January, seen in the last hours of December",
	  "2005-12-31 22:00:00", NULL, NULL, "Jan  1 00:00:00", "2004-12-31 23:00:00" },
	{ "Feb 29 in a leap year", "2004-03-01 00:00:00", NULL, NULL, "Feb 29 12:00:00",
	  "2004-02-29 11:00:00" },
	{ "Feb 29 in another", NOW, NULL, NULL, "Feb 29 12:00:00", NO_MOMENT },
	{ "Feb 29 before it, in a leap year, was none", "2004-02-01 00:00:00", NULL, NULL,
	  "Feb 29 12:00:00", NO_MOMENT },
	{ "Feb 29 with a year", NOW, NULL, NULL, "2004-02-29 12:00:00",
	  "2004-02-29 11:00:00" },
	{ "no date: today", NOW, NULL, NULL, "12:00:00 x", "2005-08-14 10:00:00" },
	{ "no date: in the future, so yesterday", NOW, NULL, NULL, "12:00:01 x",
	  "2005-08-13 10:00:01" },
	{ "no date: yesterday over a change of the year", "2006-01-01 00:00:00", NULL, NULL,
	  "23:00:00 x", "2005-12-31 22:00:00" },
	{ "no date: today is the zone's", "2005-08-14 23:30:00", "UTC", NULL,
	  "23:29:00 x", "2005-08-14 23:29:00" },
	{ "no date: today is the line's own zone's", "2005-08-14 01:00:00", NULL,
	  "%H:%M %Z", "18:00 PDT", "2005-08-14 01:00:00" },
	{ "logtimezone: offset", NOW, "UTC+0130", NULL, "2005-08-14 10:00:00",
	  "2005-08-14 08:30:00" },
	{ "logtimezone: a name has no summer", NOW, "CET", NULL, "2005-08-14 10:00:00",
	  "2005-08-14 09:00:00" },
	{ "logtimezone: the line's own zone wins", NOW, "CET", NULL,
	  "2005-08-14 10:00:00 -0100", "2005-08-14 11:00:00" },
	{ "summer time: before it", NOW, NULL, NULL, "2005-03-27 01:59:59",
	  "2005-03-27 00:59:59" },
	{ "summer time: a time that never was", NOW, NULL, NULL, "2005-03-27 02:30:00",
	  "2005-03-27 01:30:00" },
	{ "summer time: after its begin", NOW, NULL, NULL, "2005-03-27 03:00:00",
	  "2005-03-27 01:00:00" },
	{ "summer time: before its end", NOW, NULL, NULL, "2004-10-31 00:59:59",
	  "2004-10-30 22:59:59" },
	{ "summer time: the repeated hour, long ago: the second", NOW, NULL, NULL,
	  "2004-10-31 01:30:00", "2004-10-31 00:30:00" },
	{ "summer time: the repeated hour, in its first round", "2004-10-30 23:30:00", NULL,
	  NULL, "2004-10-31 01:30:00", "2004-10-30 23:30:00" },
	{ "summer time: the repeated hour, in its second round", "2004-10-31 00:30:00",
	  NULL, NULL, "2004-10-31 01:30:00", "2004-10-31 00:30:00" },
	{ "summer time: after its end", NOW, NULL, NULL, "2004-10-31 02:00:00",
	  "2004-10-31 01:00:00" },
};

static void test_clocks(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		char cut[100];

		/* All of the line is date, but for a final " x". */
		snprintf(cut, sizeof(cut), "%s", clocks[i].line);
		if (strstr(cut, " x"))
			*strstr(cut, " x") = '\0';
		check(clocks[i].name, clocks[i].pattern, clocks[i].zone, clocks[i].now,
		      clocks[i].line, cut, clocks[i].want);
	}
}

/* The hour that was computed last is remembered: neighbours must not use it. */
static void test_hours_in_a_row(void)
{
	struct stamp *s = make(NULL, NULL, utc(NOW));
	time_t t = timegm(&(struct tm){ .tm_year = 104, .tm_mon = 9, .tm_mday = 30 });

	for (int i = 0; i < 24 * 60; i++, t += 97) {
		char line[64];
		struct stamp_date date;
		wall_t when = { 0 };
		struct tm tm;

		localtime_r(&t, &tm);
		strftime(line, sizeof(line), "%Y-%m-%d %H:%M:%S x", &tm);
		t_ok(line, stamp_find(s, line, strlen(line), &date));
		/* As if read when written, the repeated hour is told apart. */
		t_is(line, stamp_compute(s, line, &date, (wall_t){ t * US_PER_S }, &when), 0);
		t_is(line, when.us / US_PER_S, t);
	}
	stamp_free(s);
}

/* ---- refusals ---- */

static void refuse(const char *name, struct stamp_spec spec, size_t complaints,
		   const char *said)
{
	struct stamp *s = NULL;
	struct diag d = { 0 };
	char text[400];

	t_is(name, stamp_new(&s, &spec, env, utc(NOW), &d), -EINVAL);
	t_is(name, (int64_t)d.n, (int64_t)complaints);
	if (d.n) {
		diag_format(&d.entries[0], text, sizeof(text));
		t_ok(name, strstr(text, said));
	}
	diag_fini(&d);
}

static void test_refusals(void)
{
	const struct text bad[] = {
		{ "%H:%Q", "f.conf", 3 }, { "%b", "f.conf", 4 }, { "^(%H", "f.conf", 5 },
	};
	const struct text twice[] = { { "^{DATE} {DATE}", "f.conf", 9 } };
	const struct text good = { "%H", "f.conf", 1 };

	refuse("all that is wrong, with its place", (struct stamp_spec){ bad, 3, { 0 } },
	       2, "f.conf:3:");
	refuse("the text is shown", (struct stamp_spec){ bad, 1, { 0 } }, 1, "\"%Q\"");
	refuse("an expression that is none", (struct stamp_spec){ bad + 2, 1, { 0 } }, 1,
	       "f.conf:5:");
	refuse("a date cannot be there twice", (struct stamp_spec){ twice, 1, { 0 } }, 1,
	       "f.conf:9:");
	refuse("a zone nobody knows",
	       (struct stamp_spec){ &good, 1, { "Mars/Olympus", "jail.local", 2 } }, 1,
	       "jail.local:2:");
}

static void test_repeated_pattern(void)
{
	const struct text same[] = {
		{ "%H:%M", "f.conf", 1 }, { " ", "f.conf", 2 }, { " %H:%M ", "f.conf", 3 },
	};
	struct stamp_spec spec = { same, 3, { 0 } };
	struct stamp *s = NULL;
	struct diag d = { 0 };

	t_is("the same twice is taken once", stamp_new(&s, &spec, env, utc(NOW), &d), 0);
	t_is("with a warning", (int64_t)d.count[DIAG_WARNING], 1);
	t_is("and once", (int64_t)stamp_templates(s), 1);
	diag_fini(&d);
	stamp_free(s);
}

static void test_names(void)
{
	struct stamp *s = make(NULL, NULL, utc(NOW));
	struct stamp_date date;
	const char *line = "Jan  3 21:59:59 x";

	t_is("all templates: 14 of 17 twice", (int64_t)stamp_templates(s), 31);
	t_str("first those that begin the line", stamp_template_name(s, 1),
	      "{^LN-BEG}(?:DAY )?MON Day %k:Minute:Second(?:\\.Microseconds)?(?: ExYear)?");
	t_str("then all", stamp_template_name(s, 30), "TAI64N");
	for (int i = 0; i < 3; i++)
		stamp_find(s, line, strlen(line), &date);
	t_is("hits are counted", (int64_t)stamp_template_hits(s, 1), 3);
	t_is("where they belong", (int64_t)stamp_template_hits(s, 2), 0);
	stamp_free(s);
	s = make("{^LN-BEG}", NULL, utc(NOW));
	t_is("those that begin a line", (int64_t)stamp_templates(s), 17);
	stamp_free(s);
	s = make("^x{DATE}", NULL, utc(NOW));
	t_is("one for each date", (int64_t)stamp_templates(s), 17);
	stamp_free(s);
	stamp_free(NULL);
}

int main(void)
{
	setenv("TZ", ZONE, 1);
	tzset();
	env = regex_env_new();
	test_defaults();
	test_patterns();
	test_clocks();
	test_hours_in_a_row();
	test_refusals();
	test_repeated_pattern();
	test_names();
	regex_env_free(env);
	return t_done();
}
