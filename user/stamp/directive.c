// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/directive.h"

/*
 * Digits are ASCII ones: a date is a number that gets computed with.  The order
 * of alternatives matters where the text that follows allows several.
 */
#define DAY_NAMES	"mon|tue|wed|thu|fri|sat|sun"
#define MONTH_NAMES	"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
#define ZONE_NAME	"[A-Z](?:[A-Z]{2,4})?"
#define ZONE_OFFSET	"[+-][01][0-9](?::?[0-9]{2})?"
#define WEEK		"5[0-3]|[0-4][0-9]|[0-9]"
#define STRICT_MONTH	"1[0-2]|0[1-9]|[1-9]"
#define STRICT_DAY	"3[0-1]|[1-2][0-9]|0[1-9]|[1-9]| [1-9]"
#define STRICT_TIME	"(?P<H>2[0-3]|[0-1][0-9]|[0-9]):" \
			"(?P<M>[0-5][0-9]|[0-9]):" \
			"(?P<S>6[0-1]|[0-5][0-9]|[0-9])"

static const struct directive {
	const char *key, *name, *regex;
} directives[] = {
	{ "%", "%", "%" },
	/* Date. */
	{ "Y", "Year", "(?P<Y>[0-9]{4})" },
	{ "y", "Year2", "(?P<y>[0-9]{2})" },
	{ "G", "%G", "(?P<G>[0-9]{4})" },
	{ "m", "Month", "(?P<m>0?[1-9]|1[0-2])" },
	{ "d", "Day", "(?P<d>[1-2][0-9]|[0 ]?[1-9]|3[0-1])" },
	{ "j", "Yearday", "(?P<j>36[0-6]|3[0-5][0-9]|[1-2][0-9][0-9]"
			  "|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9])" },
	{ "b", "MON", "(?P<b>" MONTH_NAMES ")" },
	{ "B", "MONTH", "(?P<B>september|february|november|december|january"
			"|october|august|march|april|june|july|may)" },
	{ "a", "DAY", "(?P<a>" DAY_NAMES ")" },
	{ "A", "DAYNAME", "(?P<A>wednesday|thursday|saturday|tuesday|monday"
			  "|friday|sunday)" },
	{ "w", "Weekday", "(?P<w>[0-6])" },
	{ "u", "%u", "(?P<u>[1-7])" },
	{ "U", "Yearweek", "(?P<U>" WEEK ")" },
	{ "W", "Yearweek", "(?P<W>" WEEK ")" },
	{ "V", "%V", "(?P<V>5[0-3]|0[1-9]|[1-4][0-9]|[0-9])" },
	{ "Exy", "ExYear2", "(?P<y>[0-9]{2})" },
	{ "Exm", "ExMonth", "(?P<m>0[1-9]|1[0-2])" },
	{ "Exd", "ExDay", "(?P<d>[1-2][0-9]|0[1-9]|3[0-1])" },
	/* Time. */
	{ "H", "24hour", "(?P<H>[0-1]?[0-9]|2[0-3])" },
	{ "k", "%k", " ?(?P<H>[0-2]?[0-9])" },
	{ "I", "12hour", "(?P<I>1[0-2]|0[1-9]|[1-9])" },
	{ "l", "%l", " ?(?P<I>1?[0-9])" },
	{ "p", "AMPM", "(?P<p>am|pm)" },
	{ "M", "Minute", "(?P<M>[0-5]?[0-9])" },
	{ "S", "Second", "(?P<S>[0-5]?[0-9]|6[0-1])" },
	{ "f", "Microseconds", "(?P<f>[0-9]{1,6})" },
	{ "ExH", "Ex24hour", "(?P<H>[0-1][0-9]|2[0-3])" },
	{ "Exk", "%Exk", " ?(?P<H>[0-1]?[0-9]|2[0-3])" },
	{ "Exl", "%Exl", " ?(?P<I>1[0-2]|[0-9])" },
	{ "ExM", "ExMinute", "(?P<M>[0-5][0-9])" },
	{ "ExS", "ExSecond", "(?P<S>[0-5][0-9]|6[0-1])" },
	/* Zone. */
	{ "z", "Zone offset", "(?P<z>Z|UTC|GMT|" ZONE_OFFSET ")" },
	{ "Z", "Zone name", "(?P<Z>Z|[A-Z]{3,5})" },
	{ "Exz", "ExZone offset",
	  "(?P<z>(?:" ZONE_NAME ")?" ZONE_OFFSET "|" ZONE_NAME ")" },
	{ "ExZ", "ExZone name", "(?P<Z>" ZONE_NAME ")" },
	/* Date and time as the C locale writes them. */
	{ "c", "%c", "(?P<a>" DAY_NAMES ")\\s+(?P<b>" MONTH_NAMES ")\\s+"
		     "(?P<d>" STRICT_DAY ")\\s+" STRICT_TIME "\\s+(?P<Y>[0-9]{4})" },
	{ "x", "%x", "(?P<m>" STRICT_MONTH ")/(?P<d>" STRICT_DAY ")/(?P<y>[0-9]{2})" },
	{ "X", "%X", STRICT_TIME },
};

/* %ExY: no year that a log of our days cannot have, such as a port number. */
static void add_years(struct str *regex, int last_year)
{
	str_puts(regex, "(?P<Y>(?:200");
	for (int decade = 201; decade <= last_year / 10; decade++)
		str_printf(regex, "|%d", decade);
	str_puts(regex, ")[0-9])");
}

size_t directive_add(const char *text, int last_year, struct str *regex,
		     struct str *name)
{
	if (starts_with(text, "ExY")) {
		add_years(regex, last_year);
		str_puts(name, "ExYear");
		return strlen("ExY");
	}
	for (size_t i = 0; i < ARRAY_SIZE(directives); i++) {
		if (!starts_with(text, directives[i].key))
			continue;
		str_puts(regex, directives[i].regex);
		str_puts(name, directives[i].name);
		return strlen(directives[i].key);
	}
	return 0;
}

bool directive_is_alpha(char c)
{
	return c && strchr("aAbBpc", c);
}
