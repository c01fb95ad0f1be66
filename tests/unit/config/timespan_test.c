// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/timespan.h"

#include <errno.h>

#include "../t.h"

static const struct {
	const char *text;
	double seconds;
} good[] = {
	{ "600", 600 }, { "10m", 600 }, { "1h", 3600 }, { "1d12h", 129600 },
	{ "1d 12h", 129600 }, { "1mo", 2629800 }, { "1y", 31557600 },
	{ "1min 30", 90 }, { "1year-6mo", 15778800 }, { "-1", -1 }, { "1.5h", 5400 },
	{ ".5h", 1800 }, { "2*3", 6 }, { "1h-30m", 1800 }, { "1hour+30min", 5400 },
	{ "0d 1h 30m", 5400 }, { "6 months", 15778800 }, { " 5 ", 5 }, { "1H", 3600 },
	{ "1 Week", 604800 }, { "2 * 3h", 21600 }, { "(1h + 30) / 2", 1815 },
	{ "(1+2) h", 10800 }, { "1h30m * 2", 7200 }, { "-1h30m", -1800 },
	{ "--5", 5 }, { "+5", 5 }, { "10m/2", 300 }, { "1ss 1mm 1hh 1dd 1ww 1yy", 32252461 },
	{ "1sec 1mi 1hou 1da 1wee 1yea", 32252461 }, { "05m", 300 }, { "2 - 1 - 1", 0 },
	{ "1h/2m", 108000 }, { "6 / (1+1) m", 180 }, { "1 month 1 day", 2716200 }, { "((((1))))", 1 }, { "8/2/2", 2 },
};

/* The place of what is wrong, from the begin of the text. */
static const struct {
	const char *text;
	int at;
} bad[] = {
	{ "", 0 }, { "   ", 3 }, { "abc", 0 }, { "5 apples", 2 }, { "5secs", 1 },
	{ "1h,2m", 2 }, { "1 +", 3 }, { "(1", 2 }, { "1)", 1 }, { "5/0", 1 },
	{ "1..5", 1 }, { "5.", 1 }, { "0x10", 1 }, { "1**2", 2 }, { "__import__('os')", 0 },
	{ "1h_", 2 }, { "h", 0 }, { "1e5", 1 }, { "5; 6", 1 },
};

static void test_hostile(void)
{
	static char text[100000];
	double v;

	memset(text, '(', sizeof(text) - 1);
	t_is("a hundred thousand parentheses", timespan_parse(text, &v, NULL), -EINVAL);
	memset(text, '-', sizeof(text) - 1);
	t_is("a hundred thousand signs", timespan_parse(text, &v, NULL), -EINVAL);
	memset(text, '9', sizeof(text) - 1);
	t_is("a number beyond all numbers", timespan_parse(text, &v, NULL), -EINVAL);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = i % 2 ? '1' : ' ';
	t_is("fifty thousand ones", timespan_parse(text, &v, NULL), 0);
	t_is("are added", (int64_t)v, 49999);
}

int main(void)
{
	const char *where;
	double v;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		v = -1e9;
		t_is(good[i].text, timespan_parse(good[i].text, &v, &where), 0);
		t_ok(good[i].text, v - good[i].seconds < 1e-6 && good[i].seconds - v < 1e-6);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		where = NULL;
		t_is(bad[i].text, timespan_parse(bad[i].text, &v, &where), -EINVAL);
		t_is(bad[i].text, where ? where - bad[i].text : -1, bad[i].at);
	}
	test_hostile();
	return t_done();
}
